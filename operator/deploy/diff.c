/* What an update changes, in a line that an administrator can read in the log. */
#include <string.h>

#include "operator/deploy/ensure.h"
#include "pkg/base/buf.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

#define VALUE_MAX 60 /* characters shown of each value */
#define DIFFERENCES_MAX 12

struct diff {
    struct buf text;
    size_t found;
    bool is_secret;
};

static void add_value(struct diff *d, const json *value)
{
    if (d->is_secret) {
        buf_adds(&d->text, "<scrubbed>");
        return;
    }
    cleanup_free char *text = json_give_text(value);
    size_t len = strlen(text), shown = len;
    if (len > VALUE_MAX)
        for (shown = VALUE_MAX; shown > 0 && ((unsigned char)text[shown] & 0xc0) == 0x80;)
            shown--; /* never half a character */
    buf_add(&d->text, text, shown);
    if (shown < len)
        buf_adds(&d->text, "...");
}

static void add_difference(struct diff *d, const char *path, const json *from, bool had,
                           const json *to, bool has)
{
    if (d->found++ >= DIFFERENCES_MAX)
        return;
    buf_addf(&d->text, "%s%s: ", d->text.len ? "; " : "", path);
    if (had)
        add_value(d, from);
    else
        buf_adds(&d->text, "none");
    buf_adds(&d->text, " -> ");
    if (has)
        add_value(d, to);
    else
        buf_adds(&d->text, "none");
}

static void compare(struct diff *d, const char *path, const json *from, const json *to);

static void compare_member(struct diff *d, const char *path, const char *key, const json *from,
                           const json *to)
{
    /* A key with dots or slashes is written as paths are read here. */
    bool plain = !strpbrk(key, "./\"[]");
    cleanup_free char *name = plain ? xasprintf("%s%s%s", path, *path ? "." : "", key)
                                    : xasprintf("%s[\"%s\"]", path, key);
    bool had = json_has(from, key), has = json_has(to, key);
    if (had && has)
        compare(d, name, json_get(from, key), json_get(to, key));
    else
        add_difference(d, name, json_get(from, key), had, json_get(to, key), has);
}

static void compare_objects(struct diff *d, const char *path, const json *from, const json *to)
{
    for (struct json_iter it = json_each(from); json_next(&it);)
        compare_member(d, path, it.key, from, to);
    for (struct json_iter it = json_each(to); json_next(&it);)
        if (!json_has(from, it.key))
            compare_member(d, path, it.key, from, to);
}

static void compare(struct diff *d, const char *path, const json *from, const json *to)
{
    if (json_equal(from, to))
        return;
    if (json_is_object(from) && json_is_object(to)) {
        compare_objects(d, path, from, to);
    } else if (json_is_array(from) && json_is_array(to) && json_len(from) == json_len(to)) {
        for (size_t i = 0; i < json_len(from); i++) {
            cleanup_free char *name = xasprintf("%s[%zu]", path, i);
            compare(d, name, json_at(from, i), json_at(to, i));
        }
    } else {
        add_difference(d, path, from, true, to, true);
    }
}

char *ensure_give_diff(const json *live, const json *result)
{
    cleanup_json json *from = ensure_give_comparable(live);
    cleanup_json json *to = ensure_give_comparable(result);
    struct diff d = { .text = BUF_INIT(BUF_UNBOUNDED),
                      .is_secret = str_eq(json_path_str(result, "kind"), "Secret") };
    compare(&d, "", from, to);
    if (d.found > DIFFERENCES_MAX)
        buf_addf(&d.text, "; and %zu more", d.found - DIFFERENCES_MAX);
    return buf_give(&d.text);
}
