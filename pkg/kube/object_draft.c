/*
 * Projection in one pass: keys are copied with their values as spans, what is not wanted is skipped.
 * The text grows by no more than it was given (plus apiVersion and kind), and is free of white space
 * because values of a text that has any are copied with their white space left out.
 */
#include <string.h>

#include "pkg/base/json.h"
#include "pkg/base/mem.h"
#include "pkg/kube/object_impl.h"

#define NAME_MAX_BYTES 1024
#define FIELD_MAX_BYTES 255
#define KEPT_BYTES \
    ((size_t)16 << 10) /* what a draft keeps between objects: there are many drafts */

void draft_init(struct draft *d)
{
    *d = (struct draft){ 0 };
    buf_init(&d->text, KUBE_OBJECT_MAX + 4096);
    struct buf *fields[] = {
        &d->name, &d->nspace, &d->version, &d->uid, &d->api_version, &d->kind
    };
    for (size_t i = 0; i < ARRAY_LEN(fields); i++)
        buf_init(fields[i], NAME_MAX_BYTES);
}

void draft_release(struct draft *d)
{
    struct buf *fields[] = { &d->text, &d->name,        &d->nspace, &d->version,
                             &d->uid,  &d->api_version, &d->kind };
    for (size_t i = 0; i < ARRAY_LEN(fields); i++)
        buf_release(fields[i]);
}

void draft_trim(struct draft *d)
{
    if (d->text.cap > KEPT_BYTES)
        buf_release(&d->text);
}

static bool is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

/* Appends checked JSON without the white space between its tokens. */
static void add_without_space(struct buf *out, const char *text, size_t len)
{
    const char *p = text, *end = text + len, *run = text;
    while (p < end) {
        if (*p == '"') {
            for (p++; *p != '"'; p++)
                p += *p == '\\';
            p++;
        } else if (is_space(*p)) {
            buf_add(out, run, (size_t)(p - run));
            while (p < end && is_space(*p))
                p++;
            run = p;
        } else {
            p++;
        }
    }
    buf_add(out, run, (size_t)(p - run));
}

static void add_value(struct draft *d, const char *text, size_t len)
{
    if (d->spaced_)
        add_without_space(&d->text, text, len);
    else
        buf_add(&d->text, text, len);
}

/* The key at which s stands, with what has to be before and behind it. */
static void add_key(struct draft *d, const struct json_scan *s)
{
    char last = d->text.data[d->text.len - 1];
    if (last != '{' && last != '[')
        buf_addc(&d->text, ',');
    buf_add(&d->text, s->text - 1, s->len + 2);
    buf_addc(&d->text, ':');
}

static int copy_value(struct draft *d, struct json_scan *s, struct error **err)
{
    const char *text;
    size_t len;
    if (json_scan_skip(s, &text, &len, err) < 0)
        return -1;
    add_value(d, text, len);
    return 0;
}

static int skip_value(struct json_scan *s, struct error **err)
{
    const char *text;
    size_t len;
    return json_scan_skip(s, &text, &len, err);
}

/* Notes a string value in a header field; any other type leaves the field empty. */
static void note_str(struct buf *field, const char *text, size_t len)
{
    buf_clear(field);
    if (len < 2 || *text != '"')
        return;
    text++;
    len -= 2;
    if (!memchr(text, '\\', len)) {
        buf_add(field, text, len);
        return;
    }
    struct json_scan s = { .text = text, .len = len, .escaped = true };
    cleanup_free char *decoded = json_scan_give_text(&s);
    buf_adds(field, decoded);
}

static int copy_str(struct draft *d, struct json_scan *s, struct buf *field, bool keep,
                    struct error **err)
{
    const char *text;
    size_t len;
    if (keep)
        add_key(d, s);
    if (json_scan_skip(s, &text, &len, err) < 0)
        return -1;
    note_str(field, text, len);
    if (keep)
        add_value(d, text, len);
    return 0;
}

static int64_t to_int(const char *text, size_t len)
{
    int64_t v = 0;
    for (size_t i = 0; i < len; i++) {
        if (text[i] < '0' || text[i] > '9' || __builtin_mul_overflow(v, 10, &v) ||
            __builtin_add_overflow(v, text[i] - '0', &v))
            return 0;
    }
    return v;
}

#define LAST_APPLIED "kubectl.kubernetes.io/last-applied-configuration"
#define INITIAL_EVENTS_END "k8s.io/initial-events-end"

static bool contains(const char *text, size_t len, const char *word)
{
    return memmem(text, len, word, strlen(word)) != NULL;
}

/* Annotations without the copy that kubectl keeps of the whole object. text was checked. */
static int add_filtered_annotations(struct draft *d, const char *text, size_t len,
                                    struct error **err)
{
    struct json_scan s;
    json_scan_init(&s, text, len);
    if (json_scan_next(&s, err) != SCAN_OBJECT_BEGIN)
        return -1; /* the caller saw the brace */
    buf_addc(&d->text, '{');
    while (json_scan_next(&s, err) == SCAN_KEY) {
        if (json_scan_key_is(&s, LAST_APPLIED)) {
            if (skip_value(&s, err) < 0)
                return -1;
            continue;
        }
        add_key(d, &s);
        if (copy_value(d, &s, err) < 0)
            return -1;
    }
    buf_addc(&d->text, '}');
    return 0;
}

/* The mark of the bookmark that ends a streaming list. */
static bool says_initial_events_end(const char *text, size_t len)
{
    struct json_scan s;
    if (!contains(text, len, INITIAL_EVENTS_END))
        return false;
    json_scan_init(&s, text, len);
    (void)json_scan_next(&s, NULL);
    while (json_scan_next(&s, NULL) == SCAN_KEY) {
        if (json_scan_key_is(&s, INITIAL_EVENTS_END))
            return json_scan_next(&s, NULL) == SCAN_STR && s.len == 4 &&
                   memcmp(s.text, "true", 4) == 0;
        if (skip_value(&s, NULL) < 0)
            return false;
    }
    return false;
}

static int copy_annotations(struct draft *d, struct json_scan *s, struct error **err)
{
    const char *text;
    size_t len;
    if (d->projection != PROJECT_KEY)
        add_key(d, s);
    if (json_scan_skip(s, &text, &len, err) < 0)
        return -1;

    bool object = *text == '{';
    d->initial_events_end = object && says_initial_events_end(text, len);
    if (d->projection == PROJECT_KEY)
        return 0;
    if (object && d->projection != PROJECT_RAW && contains(text, len, LAST_APPLIED))
        return add_filtered_annotations(d, text, len, err);
    add_value(d, text, len);
    return 0;
}

/* Copies a container and notes where it begins, unless it is empty or of another type. */
static int copy_part(struct draft *d, struct json_scan *s, char open, size_t *at,
                     struct error **err)
{
    *at = 0;
    if (d->projection == PROJECT_KEY)
        return skip_value(s, err);
    add_key(d, s);
    size_t begin = d->text.len;
    if (copy_value(d, s, err) < 0)
        return -1;
    if (!d->text.spoiled && d->text.len - begin > 2 && d->text.data[begin] == open)
        *at = begin;
    return 0;
}

static int note_number_or_flag(struct draft *d, struct json_scan *s, bool generation,
                               struct error **err)
{
    const char *text;
    size_t len;
    bool keep = d->projection != PROJECT_KEY;
    if (keep)
        add_key(d, s);
    if (json_scan_skip(s, &text, &len, err) < 0)
        return -1;
    if (generation)
        d->generation = to_int(text, len);
    else
        d->deleting = *text == '"';
    if (keep)
        add_value(d, text, len);
    return 0;
}

/* s stands at a key of metadata. */
static int scan_metadata_key(struct draft *d, struct json_scan *s, struct error **err)
{
    if (json_scan_key_is(s, "name"))
        return copy_str(d, s, &d->name, true, err);
    if (json_scan_key_is(s, "namespace"))
        return copy_str(d, s, &d->nspace, true, err);
    if (json_scan_key_is(s, "resourceVersion"))
        return copy_str(d, s, &d->version, true, err);
    if (json_scan_key_is(s, "uid"))
        return copy_str(d, s, &d->uid, true, err);
    if (json_scan_key_is(s, "generation"))
        return note_number_or_flag(d, s, true, err);
    if (json_scan_key_is(s, "deletionTimestamp"))
        return note_number_or_flag(d, s, false, err);
    if (json_scan_key_is(s, "labels"))
        return copy_part(d, s, '{', &d->labels_at, err);
    if (json_scan_key_is(s, "ownerReferences"))
        return copy_part(d, s, '[', &d->owners_at, err);
    if (json_scan_key_is(s, "annotations"))
        return copy_annotations(d, s, err);
    if (d->projection == PROJECT_KEY ||
        (d->projection != PROJECT_RAW && json_scan_key_is(s, "managedFields")))
        return skip_value(s, err);
    add_key(d, s);
    return copy_value(d, s, err);
}

static void forget_metadata(struct draft *d)
{
    buf_clear(&d->name);
    buf_clear(&d->nspace);
    buf_clear(&d->version);
    buf_clear(&d->uid);
    d->generation = 0;
    d->deleting = d->initial_events_end = d->has_metadata = false;
    d->labels_at = d->owners_at = 0;
}

static int scan_metadata(struct draft *d, struct json_scan *s, struct error **err)
{
    forget_metadata(d); /* the last one wins */
    add_key(d, s);
    struct json_scan before = *s;
    enum scan_token token = json_scan_next(s, err);
    if (token != SCAN_OBJECT_BEGIN) {
        *s = before;
        return token == SCAN_ERROR ? -1 : copy_value(d, s, err);
    }

    buf_addc(&d->text, '{');
    while ((token = json_scan_next(s, err)) == SCAN_KEY) {
        if (scan_metadata_key(d, s, err) < 0)
            return -1;
    }
    buf_addc(&d->text, '}');
    d->has_metadata = true;
    return token == SCAN_OBJECT_END ? 0 : -1;
}

static bool is_partial(const struct draft *d)
{
    return d->projection == PROJECT_METADATA || d->projection == PROJECT_KEY;
}

static int scan_key(struct draft *d, struct json_scan *s, bool keep_type, struct error **err)
{
    if (json_scan_key_is(s, "metadata"))
        return scan_metadata(d, s, err);
    if (json_scan_key_is(s, "apiVersion"))
        return copy_str(d, s, &d->api_version, keep_type, err);
    if (json_scan_key_is(s, "kind"))
        return copy_str(d, s, &d->kind, keep_type, err);
    if (is_partial(d))
        return skip_value(s, err);
    add_key(d, s);
    return copy_value(d, s, err);
}

/* Appends a key, given with what surrounds it, and its value, which needs no escapes. */
static void add_type_field(struct draft *d, const char *key, const char *value)
{
    if (d->text.data[d->text.len - 1] != '{')
        buf_addc(&d->text, ',');
    buf_adds(&d->text, key);
    buf_adds(&d->text, value);
    buf_addc(&d->text, '"');
}

int draft_scan(struct draft *d, struct json_scan *s, enum kube_projection projection,
               const struct object_type *type, struct error **err)
{
    forget_metadata(d);
    buf_clear(&d->text);
    buf_clear(&d->api_version);
    buf_clear(&d->kind);
    d->projection = projection;
    size_t depth = s->depth;
    s->deepest = depth;
    s->nul_key = false;

    enum scan_token token = json_scan_next(s, err);
    if (token != SCAN_OBJECT_BEGIN)
        return token == SCAN_ERROR ? -1 : error_set(err, ERR_INVALID, "not a JSON object");
    d->spaced_ = s->pos < s->end && is_space(*s->pos);
    buf_addc(&d->text, '{');
    bool keep_type = !type || !is_partial(d);
    while ((token = json_scan_next(s, err)) == SCAN_KEY) {
        d->spaced_ |= s->end - s->pos > 1 && (is_space(s->pos[0]) || is_space(s->pos[1]));
        if (scan_key(d, s, keep_type, err) < 0)
            return -1;
    }
    if (token != SCAN_OBJECT_END)
        return -1;
    if (type && (!keep_type || !d->api_version.len))
        add_type_field(d, "\"apiVersion\":\"", type->api_version);
    if (type && (!keep_type || !d->kind.len))
        add_type_field(d, "\"kind\":\"", type->kind);
    buf_addc(&d->text, '}');
    if (s->deepest - depth > JSON_DEPTH_MAX)
        return error_set(err, ERR_INVALID, "object nested more than %d levels deep",
                         JSON_DEPTH_MAX);
    if (s->nul_key)
        return error_set(err, ERR_INVALID, "object with NUL in a key");
    return buf_check(&d->text, err);
}

int draft_check(const struct draft *d, struct error **err)
{
    if (!d->has_metadata)
        return error_set(err, ERR_INVALID, "object without metadata");
    if (d->name.spoiled || d->nspace.spoiled || d->nspace.len > FIELD_MAX_BYTES ||
        d->version.spoiled || d->version.len > FIELD_MAX_BYTES || d->uid.spoiled ||
        d->uid.len > FIELD_MAX_BYTES)
        return error_set(err, ERR_INVALID, "object with an oversized metadata field");
    if (!d->name.len)
        return error_set(err, ERR_INVALID, "metadata.name: missing or not a string");
    if (!d->version.len)
        return error_set(err, ERR_INVALID, "metadata.resourceVersion: missing or not a string");
    return 0;
}
