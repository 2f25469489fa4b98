/* json_patch.h - RFC 6902: add, remove, replace, move, copy, test. Threads: one at a time. */
#ifndef RP_SYNCSETS_API_JSON_PATCH_H
#define RP_SYNCSETS_API_JSON_PATCH_H

#include "pkg/base/json.h"

#define JSON_PATCH_MAX 1000

/* *ret is a new tree; doc stays as it is. ERR_INVALID: no patch; ERR_UNPROCESSABLE: a path is not there, or a test
 * fails; ERR_TOO_LARGE: what it copies takes more than room, or what it makes has more than JSON_DEPTH_MAX levels.
 * room: bytes of memory, estimated, before anything is copied; what is moved takes an eighth of that. What `add` and `replace`
 * bring is in no room: it is as large as the patch. */
int json_patch_apply(const json *doc, const json *patch, size_t room, json **ret,
                     struct error **err);

#endif
