/*
 * schema.h - the structure of a kind, whether built in or from a CustomResourceDefinition: what
 * pruning, defaults, validation, strategic patches and field ownership work by.
 *
 * Schemas are made once and immutable afterwards; a set of schemas owns everything that its schemas
 * point to (they may be recursive). Threads: any, once made.
 */
#ifndef HACK_DEVCLOUD_CLUSTER_SCHEMA_H
#define HACK_DEVCLOUD_CLUSTER_SCHEMA_H

#include "pkg/base/json.h"

enum schema_type {
    SCHEMA_ANY, /* no type given */
    SCHEMA_OBJECT,
    SCHEMA_ARRAY,
    SCHEMA_STRING,
    SCHEMA_INT,
    SCHEMA_NUMBER,
    SCHEMA_BOOL,
    SCHEMA_INT_OR_STRING,
    SCHEMA_QUANTITY, /* written as a string; a number is accepted */
    SCHEMA_TIME,     /* null is accepted and kept */
    SCHEMA_BYTES
};

enum schema_list { LIST_ATOMIC, LIST_SET, LIST_MAP };

struct schema_field {
    const char *name;
    const struct schema *schema;
    bool required;
    bool always;      /* the server writes it even when empty */
    bool omit_empty;  /* "", [], {} of a map are not written */
    bool omit_zero;   /* 0 and false are not written */
    const char *dflt; /* JSON text; NULL: none */
};

/* Limits of a CustomResourceDefinition's schema; absent ones are NULL or -1. */
struct schema_rules {
    char **enum_texts; /* canonical JSON texts */
    size_t enum_len;
    char **required;
    size_t required_len;
    char *pattern, *format;
    bool has_minimum, has_maximum, exclusive_minimum, exclusive_maximum;
    double minimum, maximum, multiple_of; /* multiple_of 0: none */
    int64_t min_length, max_length, min_items, max_items, min_properties, max_properties;
    bool unique_items;
    /* Value validations without structure of their own. */
    const struct schema **all_of, **any_of, **one_of;
    size_t all_of_len, any_of_len, one_of_len;
    const struct schema *not_;
};

struct schema {
    enum schema_type type;
    const char *name; /* of a built-in type, else NULL */
    struct schema_field *fields;
    size_t fields_len;           /* sorted by name */
    const struct schema *items;  /* of arrays; NULL: anything */
    const struct schema *values; /* of maps (additionalProperties); NULL: none */
    bool preserve;               /* unknown fields are kept */
    bool embedded;               /* x-kubernetes-embedded-resource */
    bool nullable;
    bool
        forbids; /* CRD: the fields are all that value validation allows (no structure otherwise) */
    bool atomic; /* an object that is owned as a whole */
    enum schema_list list;
    const char **keys; /* LIST_MAP */
    size_t keys_len;
    bool merges;                      /* strategic merge patch: merged instead of replaced */
    bool retains_keys;                /* strategic merge patch: retainKeys */
    const char *merge_key;            /* NULL: a list of plain values */
    const struct schema_rules *rules; /* NULL: none */
};

struct schemas; /* owns */
struct schemas *schemas_new(void);
void schemas_free(struct schemas *s);
DEFINE_RELEASE(struct schemas *, schemas_free)
#define cleanup_schemas CLEANUP_WITH(schemas_free_slot)

/* Memory that lives as long as the set. */
void *schemas_alloc(struct schemas *s, size_t size); /* zeroed */
char *schemas_text(struct schemas *s, const char *text);
struct schema *schemas_add(struct schemas *s, enum schema_type type);
void schema_sort_fields(struct schema *schema);

/* NULL when absent. */
const struct schema_field *schema_field(const struct schema *schema, const char *name);
/* What stands behind the key of an object: field, map value, or the schema of anything; NULL when the
 * schema knows no such key. */
const struct schema *schema_at_key(const struct schema *schema, const char *key);
/* The schema of a value that nothing is known about. */
const struct schema *schema_any(void);
bool schema_is_map(const struct schema *schema); /* an object of free keys */

#endif
