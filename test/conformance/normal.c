#include "test/conformance/normal.h"

#include <ctype.h>
#include <string.h>

#include "pkg/base/clock.h"
#include "pkg/base/mem.h"

void normal_release(struct normal *n)
{
    strv_release(&n->raw);
    strv_release(&n->marks);
}

/* The mark of a raw value; made at its first occurrence. */
static const char *mark_of(struct normal *n, const char *raw, const char *word, size_t *count)
{
    for (size_t i = 0; i < n->raw.len; i++)
        if (strcmp(n->raw.v[i], raw) == 0 && strncmp(n->marks.v[i] + 1, word, strlen(word)) == 0)
            return n->marks.v[i];
    strv_add(&n->raw, raw);
    strv_addf(&n->marks, "<%s %zu>", word, ++*count);
    return n->marks.v[n->marks.len - 1];
}

static bool is_uid(const char *text)
{
    size_t n = 0;
    for (const char *p = text; *p; p++, n++) {
        bool dash = n == 8 || n == 13 || n == 18 || n == 23;
        if (dash ? *p != '-' : !isxdigit((unsigned char)*p))
            return false;
    }
    return n == UUID_LEN;
}

static bool is_time(const char *text)
{
    int64_t ns;
    return isdigit((unsigned char)*text) && strlen(text) >= 20 && time_parse_rfc3339(text, &ns);
}

static bool is_number(const char *text)
{
    return *text && strspn(text, "0123456789") == strlen(text);
}

static void replace_all(struct buf *b, const char *text, const char *what, const char *by)
{
    size_t len = strlen(what);
    for (const char *hit; (hit = strstr(text, what)); text = hit + len) {
        buf_add(b, text, (size_t)(hit - text));
        buf_adds(b, by);
    }
    buf_adds(b, text);
}

/* Values that were seen before, inside longer texts. */
char *normal_give_text(struct normal *n, const char *text)
{
    cleanup_buf struct buf first = BUF_INIT(BUF_UNBOUNDED);
    replace_all(&first, text, n->nspace, "<ns>");
    char *out = buf_give(&first);
    for (size_t i = 0; i < n->raw.len; i++) {
        if (is_number(n->raw.v[i]))
            continue; /* versions are too short to be told from other numbers */
        cleanup_buf struct buf b = BUF_INIT(BUF_UNBOUNDED);
        replace_all(&b, out, n->raw.v[i], n->marks.v[i]);
        free(out);
        out = buf_give(&b);
    }
    return out;
}

static json *give(struct normal *n, const json *v, const char *key, const json *parent,
                  const struct strv *ignored);

static bool ignores(const struct strv *ignored, const char *key)
{
    for (size_t i = 0; key && i < ignored->len; i++)
        if (str_starts(ignored->v[i], "**.") && strcmp(ignored->v[i] + 3, key) == 0)
            return true;
    return false;
}

static json *give_object(struct normal *n, const json *v, const struct strv *ignored)
{
    json *out = json_new_object();
    for (struct json_iter it = json_each(v); json_next(&it);)
        if (!ignores(ignored, it.key))
            json_put(out, it.key, give(n, it.value, it.key, v, ignored));
    return out;
}

static json *give_string(struct normal *n, const char *text, const char *key, const json *parent)
{
    const char *base = json_path_str(parent, "generateName");
    if (is_uid(text))
        return json_new_str(mark_of(n, text, "uid", &n->uids));
    if (is_time(text))
        return json_new_str("<time>");
    if (str_eq(key, "resourceVersion") && is_number(text) && strcmp(text, "0") != 0) {
        /* That of a list is merely not older than its items. */
        bool of_object = json_has(parent, "name");
        return json_new_str(of_object ? mark_of(n, text, "rv", &n->versions) : "<rv>");
    }
    if (str_eq(key, "continue") && *text)
        return json_new_str("<continue>");
    if (str_eq(key, "name") && base && str_starts(text, base) && strlen(text) == strlen(base) + 5)
        return json_new_str(mark_of(n, text, "name", &n->names));
    if ((str_eq(key, "clusterIP") || str_eq(key, "clusterIPs")) && str_starts(text, "10.96."))
        return json_new_str("<ip>");
    cleanup_free char *plain = normal_give_text(n, text);
    return json_new_str(plain);
}

static json *give(struct normal *n, const json *v, const char *key, const json *parent,
                  const struct strv *ignored)
{
    if (json_is_object(v))
        return give_object(n, v, ignored);
    if (json_is_array(v)) {
        json *out = json_new_array();
        for (size_t i = 0; i < json_len(v); i++)
            json_append(out, give(n, json_at(v, i), key, v, ignored));
        return out;
    }
    if (json_str(v))
        return give_string(n, json_str(v), key, parent);
    if (str_eq(key, "nodePort") && json_path_int(parent, "nodePort", 0))
        return json_new_str("<port>");
    return json_give_copy(v);
}

static int compare_names(const void *a, const void *b)
{
    const char *x = json_path_str(*(json *const *)a, "metadata.name");
    const char *y = json_path_str(*(json *const *)b, "metadata.name");
    return strcmp(x ? x : "", y ? y : "");
}

/* A copy whose items are in the order of their names. */
static json *give_sorted(const json *doc)
{
    json *copy = json_give_copy(doc), *items = json_get(copy, "items");
    size_t len = json_len(items);
    json **v = xcalloc(len + 1, sizeof(*v));
    for (size_t i = 0; i < len; i++)
        v[i] = json_ref(json_at(items, i));
    qsort(v, len, sizeof(*v), compare_names);
    for (size_t i = 0; i < len; i++)
        json_replace_at(items, i, v[i]);
    free(v);
    return copy;
}

json *normal_give(struct normal *n, const json *doc, const struct strv *ignored)
{
    cleanup_json json *sorted = strv_has(ignored, "sort") ? give_sorted(doc) : NULL;
    json *out = give(n, sorted ? sorted : doc, NULL, NULL, ignored);
    for (size_t i = 0; i < ignored->len; i++)
        if (!str_starts(ignored->v[i], "**."))
            (void)json_path_del(out, ignored->v[i]);
    return out;
}
