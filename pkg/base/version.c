#include "pkg/base/version.h"

#ifndef VERSION
#error "VERSION is defined by the Makefile for this file alone"
#endif

const char *version_commit(void)
{
    return VERSION;
}
