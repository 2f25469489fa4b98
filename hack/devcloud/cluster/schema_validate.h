/*
 * schema_validate.h - whether a value is what its schema asks for. Threads: pure.
 * Source: go-openapi/validate as the API server uses it, its words included.
 */
#ifndef HACK_DEVCLOUD_CLUSTER_SCHEMA_VALIDATE_H
#define HACK_DEVCLOUD_CLUSTER_SCHEMA_VALIDATE_H

#include "hack/devcloud/cluster/fail.h"
#include "hack/devcloud/cluster/schema.h"

/* Custom resources: every fault with its path. */
void schema_validate(const struct schema *schema, const json *value, struct invalid *out);
/* Built-in kinds, where a value of the wrong type cannot be decoded at all: -1 and the path of the
 * first one. */
int schema_check_types(const struct schema *schema, const json *value, struct error **err);

#endif
