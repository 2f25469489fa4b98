#include <string.h>

#include "pkg/base/json.h"
#include "pkg/base/json_chars.h"
#include "pkg/base/json_impl.h"
#include "pkg/base/json_scan.h"
#include "pkg/base/mem.h"

/* ---- reading ---- */

struct builder {
    struct json_scan scan;
    json *root, *open[JSON_DEPTH_MAX]; /* open: borrowed from root */
    size_t depth;
    char *key; /* decoded, its value is awaited; reused */
    size_t key_cap;
    bool unique; /* refuse duplicate keys */
};

static void builder_release(struct builder *b)
{
    json_free(b->root);
    free(b->key);
}
#define cleanup_builder CLEANUP_WITH(builder_release)

/* Attaches to the innermost open container at once, so that the root owns everything at any time.
 */
static void attach(struct builder *b, json *value)
{
    if (b->depth == 0)
        b->root = value;
    else if (json_is_array(b->open[b->depth - 1]))
        json_append(b->open[b->depth - 1], value);
    else
        json_put(b->open[b->depth - 1], b->key, value);
}

static int open_container(struct builder *b, json *value, struct error **err)
{
    attach(b, value);
    if (b->depth == JSON_DEPTH_MAX)
        return error_set(err, ERR_INVALID, "JSON text: nested deeper than %d at byte %zu",
                         JSON_DEPTH_MAX, (size_t)(b->scan.text - b->scan.begin));
    b->open[b->depth++] = value;
    return 0;
}

static int set_key(struct builder *b, struct error **err)
{
    const struct json_scan *s = &b->scan;
    if (s->len >= b->key_cap) {
        b->key_cap = s->len + 64;
        b->key = xrealloc(b->key, b->key_cap);
    }
    size_t n = s->len;
    if (s->escaped)
        n = chars_unescape(b->key, s->text, s->len);
    else
        memcpy(b->key, s->text, n);
    b->key[n] = '\0';
    if (memchr(b->key, '\0', n)) /* keys are C strings: two of them must not become one */
        return error_set(err, ERR_INVALID, "JSON text: NUL in a key at byte %zu",
                         (size_t)(s->text - s->begin));
    if (b->unique && json_has(b->open[b->depth - 1], b->key))
        return error_set(err, ERR_INVALID, "JSON text: duplicate key at byte %zu",
                         (size_t)(s->text - s->begin));
    return 0;
}

static json *string_new(const struct json_scan *s)
{
    if (!s->escaped)
        return json_new_str_n(s->text, s->len);
    cleanup_free char *text = xmalloc(s->len);
    return json_new_str_n(text, chars_unescape(text, s->text, s->len));
}

/* One token; 1 when the text is complete. */
static int build(struct builder *b, struct error **err)
{
    switch (json_scan_next(&b->scan, err)) {
    case SCAN_END:
        return 1;
    case SCAN_OBJECT_BEGIN:
        return open_container(b, json_new_object(), err);
    case SCAN_ARRAY_BEGIN:
        return open_container(b, json_new_array(), err);
    case SCAN_OBJECT_END:
    case SCAN_ARRAY_END:
        b->depth--;
        return 0;
    case SCAN_KEY:
        return set_key(b, err);
    case SCAN_STR:
        attach(b, string_new(&b->scan));
        return 0;
    case SCAN_NUMBER:
        attach(b, json_number_new(b->scan.text, b->scan.len));
        return 0;
    case SCAN_TRUE:
        attach(b, json_new_bool(true));
        return 0;
    case SCAN_FALSE:
        attach(b, json_new_bool(false));
        return 0;
    case SCAN_NULL:
        attach(b, NULL);
        return 0;
    case SCAN_ERROR:
        break;
    }
    return -1;
}

static int parse(const char *text, size_t len, bool unique, json **ret, struct error **err)
{
    cleanup_builder struct builder b = { .unique = unique };
    int done = 0;
    if (len >= INT32_MAX)
        return error_set(err, ERR_TOO_LARGE, "JSON text: %zu bytes", len);

    json_scan_init(&b.scan, text, len);
    while (done == 0)
        done = build(&b, err);
    if (done < 0)
        return -1;
    *ret = take(b.root);
    return 0;
}

int json_parse(const char *text, size_t len, json **ret, struct error **err)
{
    return parse(text, len, false, ret, err);
}

int json_parse_unique(const char *text, size_t len, json **ret, struct error **err)
{
    return parse(text, len, true, ret, err);
}

int json_parse_object(const char *text, size_t len, json **ret, struct error **err)
{
    cleanup_json json *j = NULL;
    if (json_parse(text, len, &j, err) < 0)
        return -1;
    if (!json_is_object(j))
        return error_set(err, ERR_INVALID, "JSON text: an object is expected, not %s",
                         json_kind_name(json_kind(j)));
    *ret = take(j);
    return 0;
}

/* ---- writing ---- */

/* indent < 0: compact. */
struct writer {
    struct buf *b;
    int indent, level;
    bool sorted;
};

static void write_control(struct buf *b, unsigned char c)
{
    static const char shorts[0x20] = {
        ['\b'] = 'b', ['\f'] = 'f', ['\n'] = 'n', ['\r'] = 'r', ['\t'] = 't',
    };
    if (shorts[c])
        buf_addf(b, "\\%c", shorts[c]);
    else
        buf_addf(b, "\\u%04x", c);
}

void json_write_str(struct buf *b, const char *s, size_t len)
{
    const char *p = s, *end = s + len;
    buf_addc(b, '"');
    while (p < end) {
        const char *stop = chars_skip_plain(p, end);
        size_t n;
        while (stop < end && (unsigned char)*stop >= 0x80 && (n = chars_utf8_len(stop, end)) > 0)
            stop = chars_skip_plain(stop + n, end);
        buf_add(b, p, (size_t)(stop - p));
        p = stop;
        if (p == end)
            break;
        if (*p == '"' || *p == '\\') {
            buf_addc(b, '\\');
            buf_addc(b, *p);
        } else if ((unsigned char)*p < 0x20) {
            write_control(b, (unsigned char)*p);
        } else {
            buf_adds(b, "\xEF\xBF\xBD"); /* U+FFFD */
        }
        p++;
    }
    buf_addc(b, '"');
}

static void write_value(struct writer *w, const json *j);

static void new_line(struct writer *w)
{
    static const char spaces[] = "                                                                ";
    if (w->indent < 0)
        return;
    buf_addc(w->b, '\n');
    for (size_t n = (size_t)w->indent * (size_t)w->level; n;) {
        size_t part = n < sizeof(spaces) - 1 ? n : sizeof(spaces) - 1;
        buf_add(w->b, spaces, part);
        n -= part;
    }
}

static void write_array(struct writer *w, const json *j)
{
    size_t n = json_len(j);
    buf_addc(w->b, '[');
    w->level++;
    for (size_t i = 0; i < n; i++) {
        if (i)
            buf_addc(w->b, ',');
        new_line(w);
        write_value(w, json_at(j, i));
    }
    w->level--;
    if (n)
        new_line(w);
    buf_addc(w->b, ']');
}

static void write_member(struct writer *w, bool first, const char *key, const json *value)
{
    if (!first)
        buf_addc(w->b, ',');
    new_line(w);
    json_write_str(w->b, key, strlen(key));
    buf_addc(w->b, ':');
    if (w->indent >= 0)
        buf_addc(w->b, ' ');
    write_value(w, value);
}

static int compare_iters(const void *a, const void *b)
{
    const struct json_iter *x = a, *y = b;
    return strcmp(x->key, y->key);
}

static void write_members_sorted(struct writer *w, const json *j)
{
    cleanup_free struct json_iter *members = xcalloc(json_len(j), sizeof(*members));
    size_t n = 0;
    for (struct json_iter it = json_each(j); json_next(&it);)
        members[n++] = it;
    if (n)
        qsort(members, n, sizeof(*members), compare_iters);
    for (size_t i = 0; i < n; i++)
        write_member(w, i == 0, members[i].key, members[i].value);
}

static void write_object(struct writer *w, const json *j)
{
    buf_addc(w->b, '{');
    w->level++;
    if (w->sorted) {
        write_members_sorted(w, j);
    } else {
        bool first = true;
        for (struct json_iter it = json_each(j); json_next(&it); first = false)
            write_member(w, first, it.key, it.value);
    }
    w->level--;
    if (json_len(j))
        new_line(w);
    buf_addc(w->b, '}');
}

/* Keeps json-c from caching the text of integers inside the tree, as json_spelling would. */
static void write_number(struct buf *b, const json *j)
{
    if (json_object_is_type(j, json_type_int))
        buf_addf(b, "%lld", (long long)json_object_get_int64(j));
    else
        buf_adds(b, json_spelling(j));
}

static void write_value(struct writer *w, const json *j)
{
    switch (json_kind(j)) {
    case JSON_NULL:
        buf_add(w->b, "null", 4);
        break;
    case JSON_BOOL:
        buf_adds(w->b, json_bool(j, false) ? "true" : "false");
        break;
    case JSON_INT:
    case JSON_DECIMAL:
        write_number(w->b, j);
        break;
    case JSON_STR:
        json_write_str(w->b, json_str(j), json_str_len(j));
        break;
    case JSON_ARRAY:
        write_array(w, j);
        break;
    case JSON_OBJECT:
        write_object(w, j);
        break;
    }
}

void json_write(struct buf *b, const json *j)
{
    struct writer w = { .b = b, .indent = -1 };
    write_value(&w, j);
}

void json_write_indented(struct buf *b, const json *j, int indent)
{
    struct writer w = { .b = b, .indent = indent };
    write_value(&w, j);
}

char *json_give_text(const json *j)
{
    cleanup_buf struct buf b = BUF_INIT(BUF_UNBOUNDED);
    json_write(&b, j);
    return buf_give(&b);
}

char *json_give_sorted(const json *j)
{
    cleanup_buf struct buf b = BUF_INIT(BUF_UNBOUNDED);
    struct writer w = { .b = &b, .indent = -1, .sorted = true };
    write_value(&w, j);
    return buf_give(&b);
}
