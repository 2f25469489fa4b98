/*
 * patch_strategic.h - strategic merge patches of built-in kinds: lists merged by their keys, with the
 * directives $patch, $retainKeys, $setElementOrder and $deleteFromPrimitiveList. Threads: pure.
 * Source: k8s.io/apimachinery, util/strategicpatch.
 */
#ifndef HACK_DEVCLOUD_CLUSTER_PATCH_STRATEGIC_H
#define HACK_DEVCLOUD_CLUSTER_PATCH_STRATEGIC_H

#include "hack/devcloud/cluster/schema.h"

/* live and patch are borrowed. Errors: ERR_INVALID for bad directives, ERR_INTERNAL for an item without
 * its merge key (as the server answers 500). */
int patch_strategic_give(const struct schema *schema, const json *live, const json *patch,
                         json **ret, struct error **err);

#endif
