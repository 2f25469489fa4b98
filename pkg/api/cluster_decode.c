/*
 * Request bodies over existing objects. The rules are those that clients have known since the first
 * version: a body adds to what there is. 2025-07-25 differs in what null and letter case mean.
 */
#include <string.h>

#include "pkg/api/api.h"
#include "pkg/api/decode.h"
#include "pkg/api/model.h"
#include "pkg/api/object.h"
#include "pkg/api/operatorflags.h"
#include "pkg/api/refuse.h"
#include "pkg/base/clock.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

struct merge {
    uint32_t version;
    struct error **err;
};

static int merge_object(const struct merge *m, const struct api_type *t, const char *path,
                        const json *body, json *onto);

static const char *const kind_words[] = {
    [KIND_STR] = "a string",       [KIND_INT] = "an integer",    [KIND_BOOL] = "a boolean",
    [KIND_TIME] = "a time",        [KIND_NUMBERED] = "a string", [KIND_VALUE] = "an object",
    [KIND_OPTIONAL] = "an object", [KIND_LIST] = "an array",     [KIND_STR_MAP] = "an object",
    [KIND_MAP] = "an object",      [KIND_STR_LIST] = "an array",
};

/* Databases cannot store every text that JSON can say, and C would read it in halves. */
static bool has_nul(const json *value)
{
    return json_kind(value) == JSON_STR && strlen(json_str(value)) != json_str_len(value);
}

static int refuse_kind(const struct merge *m, const char *path, enum api_kind want, const json *got)
{
    if (has_nul(got))
        return error_set(m->err, ERR_INVALID, "%s: a NUL character", path);
    return error_set(m->err, ERR_INVALID, "%s: expected %s, not %s", path, kind_words[want],
                     json_kind(got) == JSON_INT ? "such a number" : json_kind_name(json_kind(got)));
}

static bool is_kind(const struct api_field *f, const json *value)
{
    int64_t ignored;
    switch (f->kind) {
    case KIND_STR:
    case KIND_NUMBERED:
        return json_kind(value) == JSON_STR && !has_nul(value);
    case KIND_TIME:
        return json_kind(value) == JSON_STR && !has_nul(value) &&
               (!json_str_len(value) || time_parse_rfc3339(json_str(value), &ignored));
    case KIND_INT:
        return json_kind(value) == JSON_INT && json_int(value, &ignored);
    case KIND_BOOL:
        return json_kind(value) == JSON_BOOL;
    case KIND_LIST:
    case KIND_STR_LIST:
        return json_is_array(value);
    default:
        return json_is_object(value);
    }
}

/* null clears what has a state of its own for "none"; in the newest version only tags. */
static void merge_null(const struct merge *m, const struct api_field *f, json *onto)
{
    bool clears = f->kind > KIND_VALUE;
    if (m->version == V_K)
        clears = f->flags & FIELD_REPLACED;
    if (clears && !(f->flags & FIELD_NULL_STAYS))
        (void)json_del(onto, f->name);
}

/* Entry i lies over entry i that was; what the body does not name is gone. */
static int merge_list(const struct merge *m, const struct api_field *f, const char *path,
                      const json *body, json *onto)
{
    const json *old = json_get(onto, f->name);
    cleanup_json json *list = json_new_array();
    for (size_t i = 0; i < json_len(body); i++) {
        cleanup_free char *entry_path = xasprintf("%s[%zu]", path, i);
        const json *before = i < json_len(old) ? json_at(old, i) : NULL;
        const json *entry = json_at(body, i);
        if (!entry && !before && m->version == V_K) {
            json_append(list, NULL); /* validation tells what is missing */
            continue;
        }
        if (entry && !json_is_object(entry))
            return refuse_kind(m, entry_path, KIND_VALUE, entry);
        json *made = before ? json_give_copy(before) : json_new_object();
        json_append(list, made);
        if (merge_object(m, f->type, entry_path, entry, made) < 0)
            return -1;
    }
    json_put(onto, f->name, take(list));
    return 0;
}

/* What was there is gone. */
static int merge_texts(const struct merge *m, const struct api_field *f, const char *path,
                       const json *body, json *onto)
{
    for (size_t i = 0; i < json_len(body); i++) {
        const json *entry = json_at(body, i);
        cleanup_free char *entry_path = xasprintf("%s[%zu]", path, i);
        if (json_kind(entry) != JSON_STR || has_nul(entry))
            return refuse_kind(m, entry_path, KIND_STR, entry);
    }
    json_put(onto, f->name, json_give_copy(body));
    return 0;
}

static json *need_map(json *onto, const char *name, bool empty)
{
    json *map = json_get(onto, name);
    if (!json_is_object(map) || empty) {
        map = json_new_object();
        json_put(onto, name, map);
    }
    return map;
}

/* Keys are added to those there are, values replaced; some maps are replaced as a whole. */
static int merge_map(const struct merge *m, const struct api_field *f, const char *path,
                     const json *body, json *onto)
{
    bool whole = (f->flags & FIELD_REPLACED) || ((f->flags & FIELD_EXCHANGED) && json_len(body));
    json *map = need_map(onto, f->name, whole);
    for (struct json_iter it = json_each(body); json_next(&it);) {
        cleanup_free char *entry_path = xasprintf("%s[\"%s\"]", path, it.key);
        bool text = f->kind == KIND_STR_MAP;
        if (it.value && (text ? json_kind(it.value) != JSON_STR || has_nul(it.value)
                              : !json_is_object(it.value)))
            return refuse_kind(m, entry_path, text ? KIND_STR : KIND_MAP, it.value);
        json *made = !text      ? json_new_object()
                     : it.value ? json_give_copy(it.value)
                                : json_new_str("");
        json_put(map, it.key, made);
        if (!text && merge_object(m, f->type, entry_path, it.value, made) < 0)
            return -1;
    }
    return 0;
}

static int merge_field(const struct merge *m, const struct api_field *f, const char *path,
                       const json *value, json *onto)
{
    if (!value) {
        merge_null(m, f, onto);
        return 0;
    }
    if (!is_kind(f, value))
        return refuse_kind(m, path, f->kind, value);
    switch (f->kind) {
    case KIND_VALUE:
    case KIND_OPTIONAL:
        return merge_object(m, f->type, path, value, need_map(onto, f->name, false));
    case KIND_LIST:
        return merge_list(m, f, path, value, onto);
    case KIND_STR_LIST:
        return merge_texts(m, f, path, value, onto);
    case KIND_STR_MAP:
    case KIND_MAP:
        return merge_map(m, f, path, value, onto);
    default:
        json_put(onto, f->name, json_give_copy(value));
        return 0;
    }
}

static int merge_object(const struct merge *m, const struct api_type *t, const char *path,
                        const json *body, json *onto)
{
    for (struct json_iter it = json_each(body); json_next(&it);) {
        const struct api_field *f = api_field_find(t, m->version, it.key);
        if (!f)
            continue;
        cleanup_free char *field_path = xasprintf("%s%s%s", path, *path ? "." : "", f->name);
        if (merge_field(m, f, field_path, it.value, onto) < 0)
            return -1;
    }
    return 0;
}

/* The member of an object in a version's own spelling of names; NULL when absent. */
static const json *find_member(uint32_t version, const json *body, const char *name)
{
    const json *loose = NULL;
    for (struct json_iter it = json_each(body); json_next(&it);) {
        if (str_eq(it.key, name))
            return it.value;
        if (version != V_K && str_eq_nocase(it.key, name))
            loose = it.value;
    }
    return loose;
}

/* Before the flags of the body are laid over those of the cluster. */
static int obey_strategy(uint32_t version, const json *body, json *onto, struct error **err)
{
    const char *strategy = json_str(find_member(version, body, "operatorFlagsMergeStrategy"));
    if (version != V_ADMIN || !strategy || !*strategy || str_eq(strategy, "merge"))
        return 0;
    if (!str_eq(strategy, "reset"))
        return api_refuse_value(err, "operatorFlagsMergeStrategy",
                                "invalid operatorFlagsMergeStrategy '%s', can only be 'merge' or "
                                "'reset'",
                                strategy);
    json_put(need_map(onto, "properties", false), "operatorFlags", operatorflags_give_defaults());
    return 0;
}

/* A body that is not JSON, or no object; `null` says nothing. */
static int parse_body(const char *body, size_t len, json **ret, struct error **err)
{
    cleanup_json_wiped json *tree = NULL;
    const struct merge m = { .err = err };
    if (!len)
        return error_set(err, ERR_INVALID, "unexpected end of JSON input");
    if (json_parse(body, len, &tree, err) < 0)
        return -1;
    if (tree && !json_is_object(tree))
        return refuse_kind(&m, "the body", KIND_VALUE, tree);
    *ret = take(tree);
    return 0;
}

int api_refuse_content(struct error **err, const struct error *why)
{
    return api_refuse(err, CODE_INVALID_REQUEST_CONTENT, NULL,
                      "The request content was invalid and could not be deserialized: \"%s\".",
                      error_text(why));
}

int api_cluster_decode_tree(const struct api_version *v, const json *body, json *onto,
                            struct error **err)
{
    cleanup_error struct error *why = NULL;
    const struct merge m = { .version = v->bit, .err = &why };
    if (obey_strategy(v->bit, body, onto, err) < 0)
        return -1;
    return merge_object(&m, &cluster_type, "", body, onto) < 0 ? api_refuse_content(err, why) : 0;
}

int api_cluster_decode(const struct api_version *v, const char *body, size_t len, json *onto,
                       struct error **err)
{
    cleanup_error struct error *why = NULL;
    cleanup_json_wiped json *tree = NULL;
    if (parse_body(body, len, &tree, &why) < 0)
        return api_refuse_content(err, why);
    return api_cluster_decode_tree(v, tree, onto, err);
}

int api_object_decode(const struct api_type *t, const struct api_version *v, const char *body,
                      size_t len, json *onto, struct error **err)
{
    cleanup_error struct error *why = NULL;
    cleanup_json json *tree = NULL;
    const struct merge m = { .version = v->bit, .err = &why };
    if (parse_body(body, len, &tree, &why) < 0 || merge_object(&m, t, "", tree, onto) < 0)
        return api_refuse_content(err, why);
    return 0;
}
