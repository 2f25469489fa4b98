/*
 * syncsets_client.h - the generated half of the client of SyncSets, pkg/syncsets/operations.[ch], from the server's tables of
 * types and operations. Threads: pure.
 */
#ifndef HACK_GENERATE_SYNCSETS_CLIENT_H
#define HACK_GENERATE_SYNCSETS_CLIENT_H

#include "pkg/base/error.h"

/* As struct generated_file wants them. */
int syncsets_make_header(const char *old, char **ret, struct error **err);
int syncsets_make_source(const char *old, char **ret, struct error **err);

#endif
