/*
 * schema_fill.h - what a server adds to an object and takes away from it. Threads: pure.
 */
#ifndef HACK_DEVCLOUD_CLUSTER_SCHEMA_FILL_H
#define HACK_DEVCLOUD_CLUSTER_SCHEMA_FILL_H

#include "hack/devcloud/cluster/schema.h"
#include "pkg/base/strv.h"

/* Defaults and always-written fields, in place. value may be anything. */
void schema_fill(const struct schema *schema, json *value);
/* As schema_fill for custom resources: metadata and other built-in types are left alone. */
void schema_fill_custom(const struct schema *schema, json *value);
/* Always-written fields only: what an empty object of a built-in kind looks like. */
void schema_fill_blank(const struct schema *schema, json *value);
/*
 * Built-in kinds: nulls among the items of lists and the values of maps become what the server's types hold for nothing,
 * "" or 0 or an empty object. Nulls of fields are none of its business.
 */
void schema_zero_nulls(const struct schema *schema, json *value);
/* A new value of a field that is absent: its default, or NULL. */
json *schema_give_default(const struct schema_field *field);

/*
 * Drops fields that the schema does not know, in place; with dropped (may be NULL) the path of each,
 * "spec.foo[0].bar", is added there. Also drops nulls that the schema does not allow.
 */
void schema_prune(const struct schema *schema, json *value, struct strv *dropped);
/* Built-in kinds: drops nulls, empty texts, lists and maps, zeros where the server's types do. */
void schema_tidy(const struct schema *schema, json *value);

#endif
