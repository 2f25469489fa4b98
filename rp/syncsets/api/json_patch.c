#include "rp/syncsets/api/json_patch.h"

#include <stdlib.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/syncsets/types/patch_operation.h"

/* ---- pointers (RFC 6901) ---- */

static char *give_unescaped(const char *s, size_t len)
{
    struct buf b = BUF_INIT(BUF_UNBOUNDED);
    for (size_t i = 0; i < len; i++) {
        if (s[i] == '~' && i + 1 < len && (s[i + 1] == '0' || s[i + 1] == '1'))
            buf_addc(&b, s[++i] == '0' ? '~' : '/');
        else
            buf_addc(&b, s[i]);
    }
    buf_adds(&b, "");
    return buf_give(&b);
}

static bool array_index(const char *token, size_t max, size_t *ret)
{
    long long n;
    if ((token[0] == '0' && token[1]) || token[0] == '-' || token[0] == '+' ||
        !str_to_int(token, 0, (long long)max, &n))
        return false;
    *ret = (size_t)n;
    return true;
}

static json *step(json *at, const char *token)
{
    size_t i;
    if (json_is_array(at))
        return json_len(at) && array_index(token, json_len(at) - 1, &i) ? json_at(at, i) : NULL;
    return json_get(at, token);
}

static int missing(const char *pointer, struct error **err)
{
    return error_set(err, ERR_UNPROCESSABLE, "JSON patch: there is nothing at '%.300s'", pointer);
}

/* The container of the last token. */
static int walk(json *doc, const char *pointer, json **ret_parent, char **ret_token,
                struct error **err)
{
    json *at = doc;
    if (!*pointer)
        return error_set(err, ERR_UNPROCESSABLE, "JSON patch: the whole object cannot be removed");
    for (const char *p = pointer + 1;;) {
        const char *slash = strchr(p, '/');
        char *token = give_unescaped(p, slash ? (size_t)(slash - p) : strlen(p));
        if (!slash) {
            *ret_parent = at;
            *ret_token = token;
            return json_is_object(at) || json_is_array(at) ? 0 : missing(pointer, err);
        }
        at = step(at, token);
        free(token);
        if (!at)
            return missing(pointer, err);
        p = slash + 1;
    }
}

static bool has(json *parent, const char *token)
{
    size_t i;
    if (json_is_array(parent))
        return json_len(parent) && array_index(token, json_len(parent) - 1, &i);
    return json_has(parent, token);
}

/* ---- operations ---- */

/* Operations build upon one another: what no text may have, they must not make either. Whoever walks such a tree calls itself
 * for each level. */
static int check_depth(const char *pointer, const json *value, struct error **err)
{
    int depth = json_depth(value, JSON_DEPTH_MAX);
    for (const char *p = pointer; (p = strchr(p, '/')); p++)
        depth++;
    return depth <= JSON_DEPTH_MAX
               ? 0
               : error_set(err, ERR_TOO_LARGE,
                           "JSON patch: '%.300s' would be nested deeper than %d", pointer,
                           JSON_DEPTH_MAX);
}

/* value is consumed. */
static int put(json *parent, const char *token, json *value, bool replaces, const char *pointer,
               struct error **err)
{
    size_t i = 0;
    if (check_depth(pointer, value, err) < 0) {
        json_free(value);
        return -1;
    }
    if (json_is_object(parent) && (!replaces || json_has(parent, token))) {
        json_put(parent, token, value);
        return 0;
    }
    if (json_is_array(parent) && !replaces && str_eq(token, "-")) {
        json_append(parent, value);
        return 0;
    }
    if (json_is_array(parent) && array_index(token, json_len(parent), &i) &&
        (!replaces || i < json_len(parent))) {
        if (replaces)
            json_replace_at(parent, i, value);
        else
            json_insert_at(parent, i, value);
        return 0;
    }
    json_free(value);
    return missing(pointer, err);
}

/* Where path leads to, which may be the whole. value is consumed. */
static int put_at(json **doc, const char *path, json *value, bool replaces, struct error **err)
{
    json *parent;
    cleanup_json json *owned = value;
    cleanup_free char *token = NULL;
    if (*path) {
        if (walk(*doc, path, &parent, &token, err) < 0)
            return -1;
        return put(parent, token, take(owned), replaces, path, err);
    }
    json_free(*doc);
    *doc = take(owned);
    return 0;
}

static int remove_at(json *parent, const char *token, const char *pointer, struct error **err)
{
    size_t i;
    if (!has(parent, token))
        return missing(pointer, err);
    if (json_is_array(parent) && array_index(token, json_len(parent) - 1, &i))
        json_remove_at(parent, i);
    else
        (void)json_del(parent, token);
    return 0;
}

/* Borrowed. */
static int find(json *doc, const char *pointer, json **ret, struct error **err)
{
    json *parent;
    cleanup_free char *token = NULL;
    if (*pointer == '\0') {
        *ret = doc;
        return 0;
    }
    if (walk(doc, pointer, &parent, &token, err) < 0)
        return -1;
    if (!has(parent, token))
        return missing(pointer, err);
    *ret = step(parent, token);
    return 0;
}

/*
 * What a value takes as a tree, in bytes: as measured with json-c on 64 bits, where an object begins with a table for 16
 * members, and an array with one for 32 elements. So small objects take a hundred times their text, which is no measure of them.
 */
#define OBJECT_BYTES 800
#define ARRAY_BYTES 400
#define SCALAR_BYTES 80
#define MEMBER_BYTES 120 /* its place in a table that has grown, without the name's text */
/* What is moved is not copied, but looked through. */
#define MOVE_SHARE 8

static bool spend(size_t *room, size_t bytes)
{
    if (bytes > *room)
        return false;
    *room -= bytes;
    return true;
}

/* Looks no further than the room goes. */
static bool spend_tree(size_t *room, const json *value)
{
    if (!json_is_object(value) && !json_is_array(value)) {
        const char *number = json_spelling(value);
        return spend(room, SCALAR_BYTES + json_str_len(value) + (number ? strlen(number) : 0));
    }
    if (!spend(room, json_is_object(value) ? OBJECT_BYTES : ARRAY_BYTES))
        return false;
    for (struct json_iter it = json_each(value); json_next(&it);)
        if (!spend(room, MEMBER_BYTES + strlen(it.key)) || !spend_tree(room, it.value))
            return false;
    for (size_t i = 0; json_is_array(value) && i < json_len(value); i++)
        if (!spend_tree(room, json_at(value, i)))
            return false;
    return true;
}

/* A copy of a copy doubles what is there: without a limit a few operations fill the memory. */
static int count_copy(const json *value, const char *from, bool moves, size_t *room,
                      struct error **err)
{
    size_t share = moves ? MOVE_SHARE : 1, left = *room * share;
    if (!spend_tree(&left, value))
        return error_set(
            err, ERR_TOO_LARGE,
            "JSON patch: what it copies and moves is too large with '%.300s': send fewer "
            "of these operations in one patch, or replace the object by PUT",
            from);
    *room = left / share;
    return 0;
}

static int move_or_copy(json **doc, const json *op, const char *path, bool moves, size_t *room,
                        struct error **err)
{
    json *found, *parent;
    const char *from = json_path_str(op, "from");
    cleanup_json json *value = NULL;
    cleanup_free char *old = NULL;
    if (find(*doc, from, &found, err) < 0 || count_copy(found, from, moves, room, err) < 0)
        return -1;
    if (moves && !*from) /* the whole to its own place */
        return 0;
    value = moves ? json_ref(found) : json_give_copy(found);
    if (moves &&
        (walk(*doc, from, &parent, &old, err) < 0 || remove_at(parent, old, from, err) < 0))
        return -1;
    return put_at(doc, path, take(value), false, err);
}

static int test(json *doc, const json *op, const char *path, struct error **err)
{
    json *have;
    if (find(doc, path, &have, err) < 0)
        return -1;
    if (json_equal(have, json_get(op, "value")))
        return 0;
    return error_set(err, ERR_UNPROCESSABLE, "JSON patch: the test of '%.300s' fails", path);
}

static int apply_one(json **doc, const json *op, size_t *room, struct error **err)
{
    const char *member, *flaw = patch_operation_flaw(op, &member);
    if (flaw)
        return error_set(err, ERR_INVALID, "JSON patch: %s %s", *member ? member : "it", flaw);
    const char *verb = json_path_str(op, "op"), *path = json_path_str(op, "path");
    bool adds = str_eq(verb, "add"), replaces = str_eq(verb, "replace");
    if (str_eq(verb, "test"))
        return test(*doc, op, path, err);
    if (str_eq(verb, "move") || str_eq(verb, "copy"))
        return move_or_copy(doc, op, path, str_eq(verb, "move"), room, err);
    if (adds || replaces)
        return put_at(doc, path, json_give_copy(json_get(op, "value")), replaces, err);
    json *parent;
    cleanup_free char *token = NULL;
    if (walk(*doc, path, &parent, &token, err) < 0)
        return -1;
    return remove_at(parent, token, path, err);
}

int json_patch_apply(const json *doc, const json *patch, size_t room, json **ret,
                     struct error **err)
{
    if (!json_is_array(patch) || json_len(patch) > JSON_PATCH_MAX)
        return error_set(err, ERR_INVALID,
                         "JSON patch: it must be an array of at most %d operations",
                         JSON_PATCH_MAX);
    cleanup_json json *made = json_give_copy(doc);
    for (size_t i = 0; i < json_len(patch); i++)
        if (apply_one(&made, json_at(patch, i), &room, err) < 0)
            return error_wrap(err, "operation %zu", i);
    *ret = take(made);
    return 0;
}
