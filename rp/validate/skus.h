/* skus.h - whether the sizes of a cluster's machines can be had where it is to be. Threads: pure. */
#ifndef RP_VALIDATE_SKUS_H
#define RP_VALIDATE_SKUS_H

#include "pkg/base/json.h"

/* skus: the list of Microsoft.Compute/skus; cluster: internal. ERR_INVALID, InvalidParameter. */
int skus_check(const json *skus, const json *cluster, const char *location, struct error **err);
/* The size of virtual machines of that name, in any letter case; borrowed, NULL: there is none. */
const json *skus_find(const json *skus, const char *name);
/* Whether the subscription may not use it there; zone NULL: anywhere in the region. */
bool skus_is_restricted(const json *sku, const char *location, const char *zone);
/* The names of sizes that are not restricted there, sorted: an array, owned by the caller. */
json *skus_give_available(const json *skus, const char *location);
/* Whether any of the cluster's machines encrypts at the host. */
bool skus_need_encryption_at_host(const json *cluster);

#endif
