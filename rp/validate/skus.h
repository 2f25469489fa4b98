/* skus.h - whether the sizes of a cluster's machines can be had where it is to be. Threads: pure. */
#ifndef RP_VALIDATE_SKUS_H
#define RP_VALIDATE_SKUS_H

#include "pkg/base/json.h"
#include "pkg/base/strv.h"

/* skus: of the list of Microsoft.Compute/skus as many as the cluster's machines need; cluster: internal. ERR_INVALID, InvalidParameter. */
int skus_check(const json *skus, const json *cluster, const char *location, struct error **err);
/* The size of virtual machines of that name, in any letter case; borrowed, NULL: there is none. */
const json *skus_find(const json *skus, const char *name);
/* Whether the subscription may not use it there; zone NULL: anywhere in the region. */
bool skus_is_restricted(const json *sku, const char *location, const char *zone);
/* Whether it is a size of virtual machines that the subscription may use there. */
bool skus_is_available(const json *sku, const char *location);
/* Whether it is a size of virtual machines with one of these names, in any letter case. */
bool skus_is_named(const json *sku, const struct strv *names);
/* The sizes of the cluster's machines, each once. */
void skus_list_sizes(const json *cluster, struct strv *ret);
/* Whether any of the cluster's machines encrypts at the host. */
bool skus_need_encryption_at_host(const json *cluster);

#endif
