#include "hack/devcloud/cluster/catalog.h"

#include <string.h>

#include "hack/devcloud/cluster/builtin.h"
#include "pkg/base/map.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

/* A named type with options of the field that uses it: filled in when every type is there. */
struct proxy {
    struct proxy *next;
    struct schema *schema;
    const char *type;
    bool atomic, retains_keys;
};

struct catalog {
    struct schemas *set;
    struct map *types;
    struct proxy *proxies;
};

/* Strings that are pointers in the server's types, where "" differs from absent. */
static const char *const kept_empty[] = { "storageClassName", "ingressClassName" };

static const struct {
    const char *word;
    enum schema_type type;
} plain_types[] = {
    { "string", SCHEMA_STRING }, { "int", SCHEMA_INT },
    { "number", SCHEMA_NUMBER }, { "bool", SCHEMA_BOOL },
    { "time", SCHEMA_TIME },     { "bytes", SCHEMA_BYTES },
    { "any", SCHEMA_ANY },       { "quantity", SCHEMA_QUANTITY },
    { "empty", SCHEMA_OBJECT },  { "int-or-string", SCHEMA_INT_OR_STRING },
};

/* The value of a word KEY=VALUE among the options, or "" for a word KEY; NULL when absent. */
static char *give_option(const char *options, const char *key)
{
    cleanup_strv struct strv words = STRV_INIT;
    strv_split(&words, options ? options : "", " ", false);
    size_t len = strlen(key);
    for (size_t i = 0; i < words.len; i++) {
        if (strncmp(words.v[i], key, len) != 0)
            continue;
        if (words.v[i][len] == '=')
            return xstrdup(words.v[i] + len + 1);
        if (!words.v[i][len])
            return xstrdup("");
    }
    return NULL;
}

static void add_list_keys(struct catalog *c, struct schema *list, const char *keys)
{
    cleanup_strv struct strv words = STRV_INIT;
    strv_split(&words, keys, ",", false);
    list->keys = schemas_alloc(c->set, (words.len + 1) * sizeof(*list->keys));
    for (size_t i = 0; i < words.len; i++)
        list->keys[list->keys_len++] = schemas_text(c->set, words.v[i]);
}

/* What the server makes of a list for field ownership: its list type, else its merge strategy. */
static void set_list_options(struct catalog *c, struct schema *list, const char *options)
{
    cleanup_free char *merge = give_option(options, "merge");
    cleanup_free char *strategy = give_option(options, "strategy");
    cleanup_free char *kind = give_option(options, "list");
    cleanup_free char *keys = give_option(options, "keys");

    list->merges = strategy && str_starts(strategy, "merge");
    list->retains_keys = strategy && strstr(strategy, "retainKeys");
    list->merge_key = schemas_text(c->set, merge);
    if (kind ? str_eq(kind, "map") : list->merges && merge)
        list->list = LIST_MAP;
    else if (kind ? str_eq(kind, "set") : list->merges)
        list->list = LIST_SET;
    if (list->list == LIST_MAP)
        add_list_keys(c, list, keys ? keys : merge);
}

static struct schema *give_named(struct catalog *c, const char *type, const char *options)
{
    cleanup_free char *atomic = give_option(options, "atomic");
    cleanup_free char *strategy = give_option(options, "strategy");
    struct schema *known = map_get(c->types, type);
    if (known && !atomic && !strategy)
        return known;
    struct proxy *p = xnew(struct proxy);
    p->schema = schemas_add(c->set, SCHEMA_OBJECT);
    p->type = type;
    p->atomic = atomic;
    p->retains_keys = strategy && strstr(strategy, "retainKeys");
    p->next = c->proxies;
    c->proxies = p;
    return p->schema;
}

static struct schema *give_of(struct catalog *c, const char *of, const char *options)
{
    if (str_starts(of, "[]")) {
        struct schema *list = schemas_add(c->set, SCHEMA_ARRAY);
        list->items = give_of(c, of + 2, NULL);
        set_list_options(c, list, options);
        return list;
    }
    if (str_starts(of, "{}")) {
        struct schema *map = schemas_add(c->set, SCHEMA_OBJECT);
        map->values = give_of(c, of + 2, NULL);
        return map;
    }
    for (size_t i = 0; i < ARRAY_LEN(plain_types); i++)
        if (str_eq(of, plain_types[i].word)) {
            struct schema *plain = schemas_add(c->set, plain_types[i].type);
            plain->preserve = plain->type == SCHEMA_ANY;
            return plain;
        }
    return give_named(c, of, options);
}

static bool is_among(const char *const *words, size_t n, const char *word)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(words[i], word))
            return true;
    return false;
}

static void fill_field(struct catalog *c, const struct builtin_row *row, struct schema_field *field)
{
    cleanup_free char *required = give_option(row->options, "required");
    field->name = row->name;
    field->schema = give_of(c, row->of, row->options);
    field->required = required;
    field->omit_empty = !required && !is_among(kept_empty, ARRAY_LEN(kept_empty), row->name);
    field->omit_zero = is_among(builtin_omitted, builtin_omitted_len, row->name);
}

static void add_types(struct catalog *c, const struct builtin_row *rows, size_t len)
{
    for (size_t i = 0; i < len; i++) { /* names first: most fields then find their type at once */
        struct schema *type = rows[i].type ? schemas_add(c->set, SCHEMA_OBJECT) : NULL;
        if (!type)
            continue;
        type->name = rows[i].type;
        map_set(c->types, type->name, type);
    }
    for (size_t i = 0; i < len;) {
        struct schema *type = map_get(c->types, rows[i++].type);
        size_t n = 0;
        while (i + n < len && !rows[i + n].type)
            n++;
        type->fields = schemas_alloc(c->set, n * sizeof(*type->fields));
        type->fields_len = n;
        for (size_t k = 0; k < n; k++)
            fill_field(c, &rows[i + k], &type->fields[k]);
        schema_sort_fields(type);
        i += n;
    }
}

static char *give_json_text(const char *loose)
{
    char *text = xstrdup(loose);
    for (char *p = text; *p; p++)
        if (*p == '\'')
            *p = '"';
    return text;
}

static void add_defaults(struct catalog *c)
{
    for (size_t i = 0; i < builtin_defaults_len; i++) {
        const struct builtin_default *d = &builtin_defaults[i];
        struct schema *type = map_get(c->types, d->type);
        struct schema_field key = { .name = d->field };
        const struct schema_field *found = type ? schema_field(type, key.name) : NULL;
        if (!found)
            continue;
        struct schema_field *field = &type->fields[found - type->fields];
        cleanup_free char *text = give_json_text(d->value);
        field->dflt = schemas_text(c->set, text);
        field->always = d->always;
        field->omit_empty = false;
    }
}

static void fill_proxies(struct catalog *c)
{
    while (c->proxies) {
        struct proxy *p = c->proxies;
        c->proxies = p->next;
        const struct schema *target = map_get(c->types, p->type);
        if (target)
            *p->schema = *target;
        p->schema->atomic = p->atomic;
        p->schema->retains_keys = p->retains_keys;
        free(p);
    }
}

struct catalog *catalog_new(void)
{
    struct catalog *c = xnew(struct catalog);
    c->set = schemas_new();
    c->types = map_new(NULL);
    add_types(c, builtin_rows, builtin_rows_len);
    add_types(c, builtin_newer_rows, builtin_newer_rows_len);
    add_defaults(c);
    fill_proxies(c);
    return c;
}

void catalog_free(struct catalog *c)
{
    if (!c)
        return;
    map_free(c->types);
    schemas_free(c->set);
    free(c);
}

const struct schema *catalog_type(const struct catalog *c, const char *name)
{
    return map_get(c->types, name);
}
