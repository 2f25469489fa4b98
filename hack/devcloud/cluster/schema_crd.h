/*
 * schema_crd.h - schemas from the openAPIV3Schema of a CustomResourceDefinition. Threads: pure.
 * Source: apiextensions.k8s.io/v1 JSONSchemaProps, structural schemas.
 */
#ifndef HACK_DEVCLOUD_CLUSTER_SCHEMA_CRD_H
#define HACK_DEVCLOUD_CLUSTER_SCHEMA_CRD_H

#include "hack/devcloud/cluster/fail.h"
#include "hack/devcloud/cluster/schema.h"

/* The schema of a whole object: apiVersion, kind and metadata are added. props NULL: anything goes. */
const struct schema *schema_from_crd(struct schemas *set, const json *props,
                                     const struct schema *object_meta);

/* What makes a schema not structural; path is that of props in the definition. */
void schema_check_structural(const json *props, const char *path, struct invalid *out);

#endif
