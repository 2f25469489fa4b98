#include <stdint.h>
#include <string.h>

#include "pkg/base/json.h"
#include "pkg/base/mem.h"

/* A walk over the steps of a path. The key of the current step lies in `key`, which is reused. */
struct walk {
    const char *path, *p; /* p: the steps not yet read */
    bool is_index;
    size_t index;
    char *key; /* room for the whole path */
    char small[200];
};

static void walk_init(struct walk *w, const char *path)
{
    size_t room = strlen(path) + 1;
    w->path = w->p = path;
    w->key = room <= sizeof(w->small) ? w->small : xmalloc(room);
}

static void walk_release(struct walk *w)
{
    if (w->key != w->small)
        free(w->key);
}
#define cleanup_walk CLEANUP_WITH(walk_release)

/* Digits up to the bracket: no sign, no space. */
static int read_index(struct walk *w)
{
    const char *p = w->p + 1;
    size_t v = 0;
    for (; *p >= '0' && *p <= '9'; p++) {
        if (v > SIZE_MAX / 10 - 1)
            return -1;
        v = v * 10 + (size_t)(*p - '0');
    }
    if (*p != ']' || p == w->p + 1)
        return -1;
    w->index = v;
    w->is_index = true;
    w->p = p + 1;
    return 1;
}

/* ["..."]; a backslash takes the next character as it is. */
static int read_quoted(struct walk *w)
{
    const char *p = w->p + 2;
    char *out = w->key;
    for (; *p != '"'; p++) {
        if (*p == '\\')
            p++;
        if (!*p)
            return -1;
        *out++ = *p;
    }
    if (p[1] != ']')
        return -1;
    *out = '\0';
    w->p = p + 2;
    return 1;
}

/* 1: a step was read; 0: the path is at its end; -1: it is malformed. */
static int walk_next(struct walk *w)
{
    w->is_index = false;
    if (!*w->p)
        return 0;
    if (*w->p == '[')
        return w->p[1] == '"' ? read_quoted(w) : read_index(w);

    if (w->p != w->path && *w->p++ != '.')
        return -1;
    size_t n = strcspn(w->p, ".[]\"");
    if (n == 0)
        return -1;
    memcpy(w->key, w->p, n);
    w->key[n] = '\0';
    w->p += n;
    return 1;
}

static bool step_exists(const struct walk *w, const json *j)
{
    if (w->is_index)
        return json_is_array(j) && w->index < json_len(j);
    return json_has(j, w->key);
}

static json *step_value(const struct walk *w, const json *j)
{
    return w->is_index ? json_at(j, w->index) : json_get(j, w->key);
}

static bool find(const json *j, const char *path, const json **ret)
{
    cleanup_walk struct walk w;
    walk_init(&w, path);
    int more;
    while ((more = walk_next(&w)) > 0) {
        if (!step_exists(&w, j))
            return false;
        j = step_value(&w, j);
    }
    *ret = j;
    return more == 0;
}

/* ---- reading ---- */

json *json_path(const json *j, const char *path)
{
    const json *found;
    return find(j, path, &found) ? (json *)(uintptr_t)found : NULL;
}

bool json_path_has(const json *j, const char *path)
{
    const json *found;
    return find(j, path, &found);
}

const char *json_path_str(const json *j, const char *path)
{
    return json_str(json_path(j, path));
}

int64_t json_path_int(const json *j, const char *path, int64_t dflt)
{
    int64_t v;
    return json_int(json_path(j, path), &v) ? v : dflt;
}

bool json_path_bool(const json *j, const char *path, bool dflt)
{
    return json_bool(json_path(j, path), dflt);
}

int json_need_str(const json *j, const char *path, const char **ret, struct error **err)
{
    const char *s = json_path_str(j, path);
    if (!s)
        return error_set(err, ERR_INVALID, "%s: missing or not a string", path);
    *ret = s;
    return 0;
}

int json_need_int(const json *j, const char *path, int64_t *ret, struct error **err)
{
    if (!json_int(json_path(j, path), ret))
        return error_set(err, ERR_INVALID, "%s: missing or not an integer", path);
    return 0;
}

/* ---- editing ---- */

/* Whether a value can be put there. Nothing may change when a later step fails, so all of them are
 * looked at first. */
static int check_put(const json *j, const char *path, struct error **err)
{
    cleanup_walk struct walk w;
    walk_init(&w, path);
    bool made = false;    /* the container of this step does not exist yet, it will fit */
    int more, length = 0; /* of the path to that container */
    while ((more = walk_next(&w)) > 0) {
        if (!made && (w.is_index ? !json_is_array(j) : !json_is_object(j)))
            return error_set(err, ERR_INVALID, "%s: \"%.*s\" is not an %s", path, length, path,
                             w.is_index ? "array" : "object");
        if (w.is_index && w.index > (made ? 0 : json_len(j)))
            return error_set(err, ERR_INVALID, "%s: index %zu is beyond the end", path, w.index);
        if (!made)
            j = step_value(&w, j);
        made = !j;
        length = (int)(w.p - path);
    }
    if (more < 0 || !*path)
        return error_set(err, ERR_INVALID, "malformed path \"%s\"", path);
    return 0;
}

static void put_step(const struct walk *w, json *j, json *value)
{
    if (!w->is_index)
        json_put(j, w->key, value);
    else if (w->index < json_len(j))
        json_replace_at(j, w->index, value);
    else
        json_append(j, value);
}

/* The container that the next step needs. */
static json *new_container(const struct walk *w)
{
    return w->p[0] == '[' && w->p[1] != '"' ? json_new_array() : json_new_object();
}

int json_path_put(json *j, const char *path, json *value, struct error **err)
{
    cleanup_json json *owned = value;
    if (check_put(j, path, err) < 0)
        return -1;

    cleanup_walk struct walk w;
    walk_init(&w, path);
    while (walk_next(&w) > 0 && *w.p) {
        json *child = step_value(&w, j);
        if (!child) {
            child = new_container(&w);
            put_step(&w, j, child);
        }
        j = child;
    }
    put_step(&w, j, take(owned));
    return 0;
}

int json_set_str(json *j, const char *path, const char *value, struct error **err)
{
    return json_path_put(j, path, json_new_str(value), err);
}

bool json_path_del(json *j, const char *path)
{
    cleanup_walk struct walk w;
    walk_init(&w, path);
    int more;
    while ((more = walk_next(&w)) > 0 && *w.p)
        j = step_value(&w, j);
    if (more <= 0 || !step_exists(&w, j))
        return false;
    if (!w.is_index)
        return json_del(j, w.key);
    json_remove_at(j, w.index);
    return true;
}
