/* modify.h - the verbs create, update and patch on objects and on their status. Threads: any. */
#ifndef HACK_DEVCLOUD_CLUSTER_MODIFY_H
#define HACK_DEVCLOUD_CLUSTER_MODIFY_H

#include "hack/devcloud/cluster/cluster_impl.h"

int modify_create(const struct op *op, struct error **err);
int modify_update(const struct op *op, struct error **err);
int modify_patch(const struct op *op, struct error **err);

/* dryRun, fieldManager, force of a write: Invalid when one is not what it must be. */
int modify_check_options(const struct op *op, const char *kind, struct error **err);

enum patch_type { PATCH_JSON, PATCH_MERGE, PATCH_STRATEGIC, PATCH_APPLY };
/* By the content type; UnsupportedMediaType for any other, and for strategic ones of custom kinds. */
int modify_patch_type(const struct op *op, enum patch_type *ret, struct error **err);
/* live with the request's patch of one of the first three types. */
int modify_give_patched(const struct op *op, enum patch_type type, const struct schema *schema,
                        const json *live, json **ret, struct error **err);

#endif
