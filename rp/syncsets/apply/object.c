/* What is done to objects before they are sent, and how they are called. */
#include <stdlib.h>
#include <string.h>

#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "pkg/base/secret.h"
#include "pkg/base/strv.h"
#include "rp/syncsets/apply/plan.h"

static const char *const servers_metadata[] = {
    "uid",      "resourceVersion", "generation",        "creationTimestamp",
    "selfLink", "managedFields",   "deletionTimestamp", "deletionGracePeriodSeconds",
};

void object_strip(json *object)
{
    json *metadata = json_get(object, "metadata");
    json_del(object, "status");
    for (size_t i = 0; json_is_object(metadata) && i < ARRAY_LEN(servers_metadata); i++)
        json_del(metadata, servers_metadata[i]);
}

void object_join_string_data(json *secret)
{
    json *texts = json_get(secret, "stringData");
    if (!json_is_object(texts))
        return;
    if (!json_is_object(json_get(secret, "data")))
        json_put(secret, "data", json_new_object());
    json *data = json_get(secret, "data");
    for (struct json_iter it = json_each(texts); json_next(&it);) {
        const char *text = json_str(it.value);
        if (!text)
            continue; /* left for the server to refuse */
        cleanup_secret_text char *encoded = base64_give(text, json_str_len(it.value));
        json_put(data, it.key, json_new_str(encoded));
        json_del(texts, it.key);
    }
    if (json_len(texts) == 0)
        json_del(secret, "stringData");
}

/* What is no object is null: the plan has seen to that. */
static json *member(json *object, const char *key)
{
    if (!json_is_object(json_get(object, key)))
        json_put(object, key, json_new_object());
    return json_get(object, key);
}

void object_mark(json *object, const char *by)
{
    json *metadata = member(object, "metadata");
    json *annotations = member(metadata, "annotations");
    json_put(member(metadata, "labels"), LABEL_MANAGED, json_new_str("true"));
    json_del(annotations, ANNOTATION_LAST_APPLIED);
    json_put(annotations, ANNOTATION_APPLIED_BY, json_new_str(by));
}

char *apply_give_mark(const char *kind, const char *nspace, const char *name)
{
    return xasprintf("%s/%s%s%s", kind, nspace, *nspace ? "/" : "", name);
}

void object_split_version(const char *api_version, char **ret_group, char **ret_version)
{
    const char *slash = strchr(api_version, '/');
    *ret_group = slash ? xstrndup(api_version, (size_t)(slash - api_version)) : xstrdup("");
    *ret_version = xstrdup(slash ? slash + 1 : api_version);
}

char *object_give_api_version(const struct apply_object *o)
{
    return *o->group ? xasprintf("%s/%s", o->group, o->version) : xstrdup(o->version);
}

char *object_give_title(const struct apply_object *o)
{
    return xasprintf("%s %s%s%s", o->kind, o->nspace, *o->nspace ? "/" : "", o->name);
}

bool apply_same_object(const struct apply_object *a, const struct apply_object *b, bool global)
{
    return strcmp(a->group, b->group) == 0 && strcmp(a->kind, b->kind) == 0 &&
           (global || strcmp(a->nspace, b->nspace) == 0) && strcmp(a->name, b->name) == 0;
}

void apply_object_release(struct apply_object *o)
{
    const char *const texts[] = { o->group, o->version, o->kind, o->nspace, o->name };
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        free((void *)(uintptr_t)texts[i]);
}

/* ---- references ---- */

static int compare(const void *a, const void *b)
{
    const struct apply_object *x = *(const struct apply_object *const *)a;
    const struct apply_object *y = *(const struct apply_object *const *)b;
    cleanup_free char *x_version = object_give_api_version(x);
    cleanup_free char *y_version = object_give_api_version(y);
    const char *const pairs[][2] = { { x_version, y_version },
                                     { x->kind, y->kind },
                                     { x->nspace, y->nspace },
                                     { x->name, y->name } };
    for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
        int order = strcmp(pairs[i][0], pairs[i][1]);
        if (order)
            return order;
    }
    return 0;
}

json *apply_give_references(const struct apply_object *objects, size_t len)
{
    cleanup_free const struct apply_object **sorted = xcalloc(len + 1, sizeof(*sorted));
    for (size_t i = 0; i < len; i++)
        sorted[i] = &objects[i];
    qsort(sorted, len, sizeof(*sorted), compare);
    json *list = json_new_array();
    for (size_t i = 0; i < len; i++) {
        cleanup_free char *api_version = object_give_api_version(sorted[i]);
        json *one = json_make("{'apiVersion':%s,'kind':%s,'name':%s}", api_version, sorted[i]->kind,
                              sorted[i]->name);
        if (*sorted[i]->nspace)
            json_put(one, "namespace", json_new_str(sorted[i]->nspace));
        json_append(list, one);
    }
    return list;
}
