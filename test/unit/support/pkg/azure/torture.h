/*
 * torture.h - a scenario again and again, each time with one exchange that first goes wrong in one of the ways that pass by
 * themselves: broken connections before and within the answer, servers in trouble, throttling.
 */
#ifndef TEST_UNIT_SUPPORT_PKG_AZURE_TORTURE_H
#define TEST_UNIT_SUPPORT_PKG_AZURE_TORTURE_H

#include "test/unit/support/pkg/azure/azure_fixture.h"

/* run asserts that all went well; the same request is expected again behind each fault. */
void torture(const struct script_step *steps, size_t len, void (*run)(struct azure_fixture *f));

#endif
