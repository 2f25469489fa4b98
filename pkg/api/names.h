/* names.h - the shapes of names that clients give: domains, URLs, IDs of Azure. Threads: pure. */
#ifndef PKG_API_NAMES_H
#define PKG_API_NAMES_H

#include <stdbool.h>

#include "pkg/api/resource_id.h"

/* Labels with dots between; strict, for new clusters: the first begins with a letter and has at
 * least two characters. Lower case. */
bool domain_is_valid(const char *text, bool strict);
/* What an URL parser takes: no control characters, whole escapes, a port of digits. */
bool url_is_valid(const char *text);

/* Each also parses; *ret is owned by the caller and written only for true. */
bool group_id_parse(const char *text, struct resource_id *ret);
bool subnet_id_parse(const char *text, struct resource_id *ret);
bool disk_encryption_set_id_parse(const char *text, struct resource_id *ret);

#endif
