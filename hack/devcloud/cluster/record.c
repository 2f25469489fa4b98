#include "hack/devcloud/cluster/record.h"

#include <string.h>

#include "pkg/base/mem.h"

static int compare_labels(const void *a, const void *b)
{
    return strcmp(((const struct label *)a)->key, ((const struct label *)b)->key);
}

static void read_labels(struct record *r, const json *labels)
{
    r->labels = xcalloc(json_len(labels) + 1, sizeof(*r->labels));
    for (struct json_iter it = json_each(labels); json_next(&it);) {
        const char *value = json_str(it.value);
        r->labels[r->labels_len++] = (struct label){ xstrdup(it.key), xstrdup(value ? value : "") };
    }
    if (r->labels_len)
        qsort(r->labels, r->labels_len, sizeof(*r->labels), compare_labels);
}

struct record *record_new(const char *collection, json *obj, int64_t revision, int64_t created)
{
    json *metadata = json_get(obj, "metadata");
    const char *nspace = json_path_str(metadata, "namespace");
    const char *uid = json_path_str(metadata, "uid");
    cleanup_free char *version = xasprintf("%lld", (long long)revision);
    json_put(metadata, "resourceVersion", json_new_str(version));
    json_del(obj, "apiVersion");
    json_del(obj, "kind");

    struct record *r = xnew(struct record);
    atomic_init(&r->refs, 1);
    r->revision = revision;
    r->created = created;
    r->collection = xstrdup(collection);
    r->nspace = xstrdup(nspace ? nspace : "");
    r->name = xstrdup(json_path_str(metadata, "name"));
    r->uid = xstrdup(uid ? uid : "");
    read_labels(r, json_get(metadata, "labels"));
    cleanup_free char *text = json_give_text(obj);
    r->text = bytes_new(text, strlen(text));
    return r;
}

struct record *record_ref(struct record *r)
{
    if (r)
        (void)atomic_fetch_add_explicit(&r->refs, 1, memory_order_relaxed);
    return r;
}

void record_unref(struct record *r)
{
    if (!r || atomic_fetch_sub_explicit(&r->refs, 1, memory_order_acq_rel) != 1)
        return;
    for (size_t i = 0; i < r->labels_len; i++) {
        free(r->labels[i].key);
        free(r->labels[i].value);
    }
    free(r->labels);
    free(r->collection);
    free(r->nspace);
    free(r->name);
    free(r->uid);
    bytes_unref(r->text);
    free(r);
}

json *record_give_tree(const struct record *r)
{
    json *tree = NULL;
    (void)json_parse(r->text->data, r->text->len, &tree, NULL);
    return tree;
}
