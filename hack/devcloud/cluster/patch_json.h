/* patch_json.h - JSON patches (RFC 6902). Threads: pure. */
#ifndef HACK_DEVCLOUD_CLUSTER_PATCH_JSON_H
#define HACK_DEVCLOUD_CLUSTER_PATCH_JSON_H

#include "pkg/base/json.h"

/*
 * doc (borrowed) with the operations applied. lenient: replacing an absent key adds it, as API servers
 * before 1.22 do. ERR_INVALID: the patch is no list of operations; ERR_UNPROCESSABLE: an operation does
 * not apply.
 */
int patch_json_give(const json *doc, const json *operations, bool lenient, json **ret,
                    struct error **err);

#endif
