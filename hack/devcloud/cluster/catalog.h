/*
 * catalog.h - the schemas of the built-in types, made from builtin.h's rows. Threads: any, once made.
 */
#ifndef HACK_DEVCLOUD_CLUSTER_CATALOG_H
#define HACK_DEVCLOUD_CLUSTER_CATALOG_H

#include "hack/devcloud/cluster/schema.h"

struct catalog;
struct catalog *catalog_new(void);
void catalog_free(struct catalog *c);
DEFINE_RELEASE(struct catalog *, catalog_free)
#define cleanup_catalog CLEANUP_WITH(catalog_free_slot)

/* "apps.v1.Deployment"; NULL when there is no such type. */
const struct schema *catalog_type(const struct catalog *c, const char *name);

#endif
