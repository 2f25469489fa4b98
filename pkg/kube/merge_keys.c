#include "pkg/kube/merge_keys.h"

#include <stdlib.h>
#include <string.h>

#include "pkg/base/map.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/kube/merge_keys_impl.h"

#define MEDIA_TYPE "application/strategic-merge-patch+json"
#define REF_PREFIX "#/components/schemas/"
#define GVK "x-kubernetes-group-version-kind"

/* ---- looking up ---- */

static int compare(const void *a, const void *b)
{
    const struct merge_row *x = a, *y = b;
    int order = strcmp(x->type, y->type);
    return order ? order : strcmp(x->field, y->field);
}

/* Asked for each field of each object that is patched. */
static const struct merge_row *find_row(const struct merge_keys *k, const char *type,
                                        const char *field)
{
    const struct merge_row wanted = { .type = type, .field = field };
    return k->len ? bsearch(&wanted, k->rows, k->len, sizeof(wanted), compare) : NULL;
}

const void *merge_keys_at_key(const struct strategic_schema *s, const void *node, const char *key)
{
    const struct merge_row *row = node;
    const struct merge_keys *k = ((const struct merge_keys *)(const void *)s);
    return row && *row->of ? find_row(k, row->of, key) : NULL;
}

/* An item's fields are those of its list's row. */
const void *merge_keys_item_of(const struct strategic_schema *s, const void *list)
{
    (void)s;
    return list;
}

struct strategic_way merge_keys_way_of(const struct strategic_schema *s, const void *node)
{
    (void)s;
    return node ? ((const struct merge_row *)node)->way : (struct strategic_way){ 0 };
}

const struct merge_row *merge_keys_find(const struct merge_keys *k, const char *group,
                                        const char *kind)
{
    cleanup_free char *field = xasprintf("%s/%s", group, kind);
    return find_row(k, "", field);
}

const struct strategic_schema *merge_keys_schema(const struct merge_keys *k)
{
    return &k->schema;
}

/* ---- reading ---- */

/* A row owns its texts here. */
static void add_row(struct merge_keys *k, const char *type, const char *field, const char *of,
                    const struct strategic_way *way)
{
    struct merge_row row = { xstrdup(type), xstrdup(field), xstrdup(of), *way };
    row.way.merge_key = xstrdup(way->merge_key);
    k->owned = xreallocarray(k->owned, k->len + 1, sizeof(row));
    k->owned[k->len++] = row;
    k->rows = k->owned;
}

static void row_release(struct merge_row *row)
{
    const char *const texts[] = { row->type, row->field, row->of, row->way.merge_key };
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        free((void *)(uintptr_t)texts[i]);
}

/* The type that a schema refers to, plainly or as its only alternative; "" when it does not. */
static const char *ref_of(const json *schema)
{
    const char *ref = json_path_str(schema, "[\"$ref\"]");
    if (!ref)
        ref = json_path_str(schema, "allOf[0][\"$ref\"]");
    return ref && str_starts(ref, REF_PREFIX) ? ref + strlen(REF_PREFIX) : "";
}

static void read_property(struct merge_keys *k, const char *type, const char *field,
                          const json *schema)
{
    const char *strategy = json_path_str(schema, "[\"x-kubernetes-patch-strategy\"]");
    const json *items = json_get(schema, "items");
    cleanup_strv struct strv words = STRV_INIT;
    strv_split(&words, strategy ? strategy : "", ",", false);
    struct strategic_way way = {
        .merges = strv_has(&words, "merge"),
        .retains_keys = strv_has(&words, "retainKeys"),
        .merge_key = json_path_str(schema, "[\"x-kubernetes-patch-merge-key\"]"),
    };
    const char *of = ref_of(items ? items : schema);
    way.merges = way.merges && items;
    if (way.merges || way.retains_keys || *of)
        add_row(k, type, field, of, &way);
}

/* The kinds that take such patches, by the operations of the document. */
static void read_kinds(struct merge_keys *k, const json *openapi, const struct map *type_of_kind)
{
    cleanup_map struct map *seen = map_new(NULL);
    for (struct json_iter it = json_each(json_get(openapi, "paths")); json_next(&it);) {
        const json *patch = json_get(it.value, "patch");
        const char *group = json_path_str(json_get(patch, GVK), "group");
        const char *kind = json_path_str(json_get(patch, GVK), "kind");
        const json *content = json_path(patch, "requestBody.content");
        if (!group || !kind || !json_has(content, MEDIA_TYPE))
            continue;
        cleanup_free char *name = xasprintf("%s/%s", group, kind);
        const char *type = map_get(type_of_kind, name);
        if (!type || map_has(seen, name))
            continue;
        map_set(seen, name, seen);
        add_row(k, "", name, type, &(struct strategic_way){ 0 });
    }
}

static void read_schemas(struct merge_keys *k, const json *schemas, struct map *type_of_kind)
{
    for (struct json_iter it = json_each(schemas); json_next(&it);) {
        const json *kinds = json_get(it.value, GVK);
        for (size_t i = 0; json_is_array(kinds) && i < json_len(kinds); i++) {
            const char *group = json_path_str(json_at(kinds, i), "group");
            const char *kind = json_path_str(json_at(kinds, i), "kind");
            if (!group || !kind)
                continue;
            cleanup_free char *name = xasprintf("%s/%s", group, kind);
            map_set(type_of_kind, name, xstrdup(it.key));
        }
        for (struct json_iter f = json_each(json_get(it.value, "properties")); json_next(&f);)
            read_property(k, it.key, f.key, f.value);
    }
}

/* Drops rows from whose type nothing that merges can be reached. */
static void drop_dead_ends(struct merge_keys *k)
{
    cleanup_map struct map *alive = map_new(NULL);
    for (bool grows = true; grows;) {
        grows = false;
        for (size_t i = 0; i < k->len; i++) {
            const struct merge_row *r = &k->owned[i];
            bool leads = r->way.merges || r->way.retains_keys || map_has(alive, r->of);
            if (!leads || !*r->type || map_has(alive, r->type))
                continue;
            map_set(alive, r->type, alive);
            grows = true;
        }
    }
    size_t kept = 0;
    for (size_t i = 0; i < k->len; i++) {
        struct merge_row *r = &k->owned[i];
        if (!*r->type || r->way.merges || r->way.retains_keys || map_has(alive, r->of))
            k->owned[kept++] = *r;
        else
            row_release(r);
    }
    k->len = kept;
}

struct merge_keys *merge_keys_read(const json *openapi)
{
    struct merge_keys *k = xnew(struct merge_keys);
    cleanup_map struct map *type_of_kind = map_new(free);
    k->schema =
        (struct strategic_schema){ merge_keys_at_key, merge_keys_item_of, merge_keys_way_of };
    read_schemas(k, json_path(openapi, "components.schemas"), type_of_kind);
    read_kinds(k, openapi, type_of_kind);
    drop_dead_ends(k);
    if (k->len)
        qsort(k->owned, k->len, sizeof(*k->owned), compare);
    return k;
}

void merge_keys_free(struct merge_keys *k)
{
    if (!k)
        return;
    for (size_t i = 0; i < k->len; i++)
        row_release(&k->owned[i]);
    free(k->owned);
    free(k);
}

size_t merge_keys_footprint(const struct merge_keys *k)
{
    size_t bytes = sizeof(*k);
    for (size_t i = 0; i < k->len; i++) {
        const struct merge_row *r = &k->rows[i];
        bytes += sizeof(*r) + strlen(r->type) + strlen(r->field) + strlen(r->of) + 4 * 16;
    }
    return bytes;
}
