#include "hack/devcloud/cluster/schema.h"

#include <string.h>

#include "pkg/base/mem.h"

struct block {
    struct block *next;
    max_align_t data[];
};

struct schemas {
    struct block *blocks;
};

struct schemas *schemas_new(void)
{
    return xnew(struct schemas);
}

void schemas_free(struct schemas *s)
{
    if (!s)
        return;
    while (s->blocks) {
        struct block *b = s->blocks;
        s->blocks = b->next;
        free(b);
    }
    free(s);
}

void *schemas_alloc(struct schemas *s, size_t size)
{
    struct block *b = xcalloc(1, sizeof(*b) + size);
    b->next = s->blocks;
    s->blocks = b;
    return b->data;
}

char *schemas_text(struct schemas *s, const char *text)
{
    if (!text)
        return NULL;
    size_t len = strlen(text) + 1;
    return memcpy(schemas_alloc(s, len), text, len);
}

struct schema *schemas_add(struct schemas *s, enum schema_type type)
{
    struct schema *schema = schemas_alloc(s, sizeof(*schema));
    schema->type = type;
    return schema;
}

static int compare_fields(const void *a, const void *b)
{
    return strcmp(((const struct schema_field *)a)->name, ((const struct schema_field *)b)->name);
}

void schema_sort_fields(struct schema *schema)
{
    if (schema->fields_len)
        qsort(schema->fields, schema->fields_len, sizeof(*schema->fields), compare_fields);
}

const struct schema_field *schema_field(const struct schema *schema, const char *name)
{
    if (!schema || !schema->fields_len)
        return NULL;
    struct schema_field key = { .name = name };
    return bsearch(&key, schema->fields, schema->fields_len, sizeof(key), compare_fields);
}

const struct schema *schema_any(void)
{
    static const struct schema any = { .type = SCHEMA_ANY, .preserve = true };
    return &any;
}

const struct schema *schema_at_key(const struct schema *schema, const char *key)
{
    if (!schema || schema->type == SCHEMA_ANY)
        return schema_any();
    const struct schema_field *f = schema_field(schema, key);
    if (f)
        return f->schema;
    if (schema->values)
        return schema->values;
    return schema->preserve ? schema_any() : NULL;
}

bool schema_is_map(const struct schema *schema)
{
    return schema && schema->type == SCHEMA_OBJECT && schema->values && !schema->fields_len;
}
