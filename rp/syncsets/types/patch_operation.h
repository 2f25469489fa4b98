/* patch_operation.h - one operation of a JSON patch, as far as it can be judged without the object. Threads: pure.
 * Source: RFC 6902; RFC 6901 for pointers, by which "" is the whole document. */
#ifndef RP_SYNCSETS_TYPES_PATCH_OPERATION_H
#define RP_SYNCSETS_TYPES_PATCH_OPERATION_H

#include "pkg/base/json.h"

/* NULL: it may work; otherwise what is wrong, a constant ("must be ..."), and *ret_member is where: a constant, too. "" is the
 * operation itself. */
const char *patch_operation_flaw(const json *operation, const char **ret_member);

#endif
