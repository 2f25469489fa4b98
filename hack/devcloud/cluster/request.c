#include "hack/devcloud/cluster/request.h"

#include <string.h>

#include "hack/devcloud/cluster/fail.h"
#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"

void api_user_release(struct api_user *u)
{
    free(u->name);
    free(u->uid);
    strv_release(&u->groups);
    json_free(u->extra);
    *u = (struct api_user){ 0 };
}

void api_request_release(struct api_request *rq)
{
    free(rq->path);
    free(rq->group);
    free(rq->version);
    free(rq->resource);
    free(rq->nspace);
    free(rq->name);
    free(rq->subresource);
    strv_release(&rq->keys);
    strv_release(&rq->values);
    api_user_release(&rq->user);
}

static char *give_decoded(const char *raw, bool plus)
{
    cleanup_free char *copy = xstrdup(raw);
    for (char *p = copy; plus && *p; p++)
        if (*p == '+')
            *p = ' ';
    char *out = NULL;
    return percent_parse(copy, &out) ? out : NULL;
}

static int parse_query(struct api_request *rq, const char *raw, struct error **err)
{
    cleanup_strv struct strv parts = STRV_INIT;
    strv_split(&parts, raw ? raw : "", "&", false);
    for (size_t i = 0; i < parts.len; i++) {
        char *sign = strchr(parts.v[i], '=');
        if (sign)
            *sign = '\0';
        char *key = give_decoded(parts.v[i], true);
        char *value = give_decoded(sign ? sign + 1 : "", true);
        if (!key || !value) {
            free(key);
            free(value);
            return fail_bad_request(err, "invalid URL escape in the query");
        }
        strv_take(&rq->keys, key);
        strv_take(&rq->values, value);
    }
    return 0;
}

const char *api_query(const struct api_request *rq, const char *key)
{
    for (size_t i = 0; i < rq->keys.len; i++)
        if (strcmp(rq->keys.v[i], key) == 0)
            return rq->values.v[i];
    return NULL;
}

bool api_query_true(const struct api_request *rq, const char *key)
{
    const char *value = api_query(rq, key);
    return value && !str_eq_nocase(value, "false") && !str_eq(value, "0");
}

int api_query_int(const struct api_request *rq, const char *key, int64_t dflt, int64_t *ret,
                  struct error **err)
{
    const char *value = api_query(rq, key);
    long long n;
    *ret = dflt;
    if (!value || !*value)
        return 0;
    if (!str_to_int(value, INT64_MIN, INT64_MAX, &n))
        return fail_bad_request(err, "strconv.ParseInt: parsing \"%s\": invalid syntax", value);
    *ret = n;
    return 0;
}

/* ---- the path ---- */

/* Segments behind the version: [namespaces/NS/]resource[/name[/subresource]]. */
static void read_target(struct api_request *rq, struct strv *s, size_t at)
{
    if (at + 2 < s->len && strcmp(s->v[at], "namespaces") == 0 && strcmp(s->v[at + 2], "status") &&
        strcmp(s->v[at + 2], "finalize")) {
        rq->nspace = xstrdup(s->v[at + 1]);
        at += 2;
    }
    if (at < s->len)
        rq->resource = xstrdup(s->v[at]);
    if (at + 1 < s->len)
        rq->name = xstrdup(s->v[at + 1]);
    if (at + 2 < s->len) {
        struct strv rest = STRV_INIT;
        for (size_t i = at + 2; i < s->len; i++)
            strv_add(&rest, s->v[i]);
        rq->subresource = strv_give_joined(&rest, "/");
        strv_release(&rest);
    }
    /* A namespace is inside itself, for authorization. */
    if (str_eq(rq->resource, "namespaces") && rq->name && !rq->nspace)
        rq->nspace = xstrdup(rq->name);
}

static int split_path(const char *raw, struct strv *out, struct error **err)
{
    cleanup_strv struct strv parts = STRV_INIT;
    strv_split(&parts, raw, "/", false);
    for (size_t i = 0; i < parts.len; i++) {
        char *decoded = give_decoded(parts.v[i], false);
        if (!decoded)
            return fail_bad_request(err, "invalid URL escape in the path");
        strv_take(out, decoded);
    }
    return 0;
}

static const char *verb_of(const struct api_request *rq)
{
    const char *const one[][2] = {
        { "GET", "get" },    { "HEAD", "get" },    { "POST", "create" },
        { "PUT", "update" }, { "PATCH", "patch" }, { "DELETE", "delete" }
    };
    const char *const plain[][2] = {
        { "GET", "get" }, { "HEAD", "head" },   { "POST", "post" },
        { "PUT", "put" }, { "PATCH", "patch" }, { "DELETE", "delete" }
    };
    const char *const(*table)[2] = rq->is_resource ? one : plain;
    for (size_t i = 0; i < ARRAY_LEN(one); i++) {
        if (strcmp(rq->method, table[i][0]) != 0)
            continue;
        if (!rq->is_resource || rq->name)
            return table[i][1];
        if (strcmp(table[i][1], "get") == 0)
            return api_query_true(rq, "watch") ? "watch" : "list";
        return strcmp(table[i][1], "delete") == 0 ? "deletecollection" : table[i][1];
    }
    return "";
}

int api_request_init(struct api_request *rq, const char *method, const char *raw_path,
                     const char *raw_query, struct error **err)
{
    cleanup_strv struct strv segments = STRV_INIT;
    *rq = (struct api_request){ .method = method };
    if (split_path(raw_path, &segments, err) < 0 || parse_query(rq, raw_query, err) < 0)
        return -1;
    cleanup_free char *joined = strv_give_joined(&segments, "/");
    size_t len = strlen(raw_path);
    rq->path =
        xasprintf("/%s%s", joined, segments.len && len && raw_path[len - 1] == '/' ? "/" : "");
    const char *root = segments.len ? segments.v[0] : "";
    size_t head = strcmp(root, "api") == 0 ? 2 : strcmp(root, "apis") == 0 ? 3 : 0;
    if (head && segments.len > head) {
        rq->is_resource = true;
        rq->group = xstrdup(head == 3 ? segments.v[1] : "");
        rq->version = xstrdup(segments.v[head - 1]);
        read_target(rq, &segments, head);
    }
    rq->verb = verb_of(rq);
    return 0;
}
