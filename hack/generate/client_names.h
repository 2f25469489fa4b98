/* client_names.h - names in generated C, and text with holes. Threads: pure. */
#ifndef HACK_GENERATE_CLIENT_NAMES_H
#define HACK_GENERATE_CLIENT_NAMES_H

#include "pkg/base/buf.h"

/* Adds text in which @ and $ stand for these. */
void client_fill(struct buf *out, const char *text, const char *at, const char *dollar);
/* Results are owned by the caller. */
char *client_give_snake(const char *name); /* "diskSizeGB" -> "disk_size_gb" */
char *client_give_upper(const char *name); /* -> "DISK_SIZE_GB" */

#endif
