#include "hack/devcloud/cluster/patch_json.h"

#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

#define OPERATIONS_MAX 10000

/* Where a pointer leads: the container and the last token. */
struct target {
    json *container;
    char *token;
};

static void target_release(struct target *t)
{
    free(t->token);
}
#define cleanup_target CLEANUP_WITH(target_release)

static char *give_token(const char *raw)
{
    char *out = xstrdup(raw), *to = out;
    for (const char *p = raw; *p; p++) {
        if (p[0] == '~' && (p[1] == '0' || p[1] == '1'))
            *to++ = *++p == '1' ? '/' : '~';
        else
            *to++ = *p;
    }
    *to = '\0';
    return out;
}

/* "-" and the length itself are the end, where that is allowed. */
static bool parse_index(const json *array, const char *token, bool end, size_t *ret)
{
    long long n, len = (long long)json_len(array);
    if (end && strcmp(token, "-") == 0)
        n = len;
    else if (!str_to_int(token, 0, end ? len : len - 1, &n))
        return false;
    *ret = (size_t)n;
    return true;
}

static json *descend(json *container, const char *token)
{
    size_t i;
    if (json_is_object(container))
        return json_get(container, token);
    if (json_is_array(container) && parse_index(container, token, false, &i))
        return json_at(container, i);
    return NULL;
}

static int locate(json *doc, const char *pointer, struct target *ret, struct error **err)
{
    cleanup_strv struct strv parts = STRV_INIT;
    if (!pointer || *pointer != '/')
        return error_set(err, ERR_UNPROCESSABLE, "bad pointer '%s'", pointer ? pointer : "");
    strv_split(&parts, pointer + 1, "/", true);
    if (!parts.len)
        strv_add(&parts, "");
    for (size_t i = 0; i + 1 < parts.len && doc; i++) {
        cleanup_free char *token = give_token(parts.v[i]);
        doc = descend(doc, token);
    }
    if (!json_is_object(doc) && !json_is_array(doc))
        return error_set(err, ERR_UNPROCESSABLE, "path '%s' does not exist", pointer);
    ret->container = doc;
    ret->token = give_token(parts.v[parts.len - 1]);
    return 0;
}

static bool has(const struct target *t)
{
    size_t i;
    return json_is_object(t->container) ? json_has(t->container, t->token)
                                        : parse_index(t->container, t->token, false, &i);
}

/* value is consumed. */
static int put(const struct target *t, json *value, bool insert, struct error **err)
{
    size_t i;
    if (json_is_object(t->container)) {
        json_put(t->container, t->token, value);
        return 0;
    }
    if (!parse_index(t->container, t->token, insert, &i)) {
        json_free(value);
        return error_set(err, ERR_UNPROCESSABLE, "bad index '%s'", t->token);
    }
    if (insert)
        json_insert_at(t->container, i, value);
    else
        json_replace_at(t->container, i, value);
    return 0;
}

static void drop(const struct target *t)
{
    size_t i;
    if (json_is_object(t->container))
        (void)json_del(t->container, t->token);
    else if (parse_index(t->container, t->token, false, &i))
        json_remove_at(t->container, i);
}

static int need(const struct target *t, const char *pointer, struct error **err)
{
    return has(t) ? 0 : error_set(err, ERR_UNPROCESSABLE, "'%s' does not exist", pointer);
}

static int move_or_copy(json *doc, const char *from, const struct target *to, bool move,
                        struct error **err)
{
    cleanup_target struct target source = { 0 };
    if (locate(doc, from, &source, err) < 0 || need(&source, from, err) < 0)
        return -1;
    json *value = json_give_copy(descend(source.container, source.token));
    if (move)
        drop(&source);
    return put(to, value, true, err);
}

static int apply(json *doc, const json *op, bool lenient, struct error **err)
{
    const char *what = json_path_str(op, "op"), *path = json_path_str(op, "path");
    const json *value = json_get(op, "value");
    cleanup_target struct target at = { 0 };
    if (!what || locate(doc, path, &at, err) < 0)
        return what ? -1 : error_set(err, ERR_UNPROCESSABLE, "an operation without 'op'");
    bool move = strcmp(what, "move") == 0;
    if (strcmp(what, "add") == 0 || strcmp(what, "replace") == 0) {
        bool add = *what == 'a';
        if (!json_has(op, "value"))
            return error_set(err, ERR_UNPROCESSABLE, "%s '%s' without a value", what, path);
        if (!add && !(lenient && json_is_object(at.container)) && need(&at, path, err) < 0)
            return -1;
        return put(&at, json_give_copy(value), add, err);
    }
    if (strcmp(what, "remove") == 0) {
        if (need(&at, path, err) < 0)
            return -1;
        drop(&at);
        return 0;
    }
    if (strcmp(what, "test") == 0) {
        if (json_equal(has(&at) ? descend(at.container, at.token) : NULL, value))
            return 0;
        return error_set(err, ERR_UNPROCESSABLE, "testing path '%s' failed", path);
    }
    if (move || strcmp(what, "copy") == 0)
        return move_or_copy(doc, json_path_str(op, "from"), &at, move, err);
    return error_set(err, ERR_UNPROCESSABLE, "unexpected kind '%s'", what);
}

int patch_json_give(const json *doc, const json *operations, bool lenient, json **ret,
                    struct error **err)
{
    if (!json_is_array(operations))
        return error_set(err, ERR_INVALID,
                         "json: cannot unmarshal object into Go value of type jsonpatch.Patch");
    if (json_len(operations) > OPERATIONS_MAX)
        return error_set(err, ERR_TOO_LARGE,
                         "The allowed maximum operations in a JSON patch is %d, got %zu",
                         OPERATIONS_MAX, json_len(operations));
    cleanup_json json *out = json_give_copy(doc);
    for (size_t i = 0; i < json_len(operations); i++)
        if (apply(out, json_at(operations, i), lenient, err) < 0)
            return -1;
    *ret = take(out);
    return 0;
}
