/* The walk over a value by its shape. */
#include <inttypes.h>
#include <string.h>

#include "pkg/base/clock.h"
#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "pkg/base/secret.h"
#include "pkg/base/strv.h"
#include "rp/syncsets/types/names.h"
#include "rp/syncsets/types/types.h"

static char *give_child(const char *path, const char *key)
{
    return *path ? xasprintf("%s.%s", path, key) : xstrdup(key);
}

static char *give_entry(const char *path, const char *key)
{
    return xasprintf("%s[%s]", path, key);
}

/* ---- texts ---- */

static const char *form_flaw(enum api_form form, const char *s)
{
    switch (form) {
    case FORM_NAME:
        return name_flaw_subdomain(s);
    case FORM_LABEL:
        return name_flaw_label(s);
    case FORM_LABEL_KEY:
        return name_flaw_label_key(s);
    case FORM_IP:
        return *s == '\0' || name_is_ip(s) ? NULL : "must be an IPv4 or IPv6 address";
    default:
        return NULL;
    }
}

static bool is_one_of(const char *const *values, const char *s)
{
    for (; *values; values++)
        if (str_eq(*values, s))
            return true;
    return false;
}

static char *give_values(const char *const *values)
{
    struct buf b = BUF_INIT(BUF_UNBOUNDED);
    for (size_t i = 0; values[i]; i++)
        buf_addf(&b, "%s\"%s\"", i ? ", " : "", values[i]);
    return buf_give(&b);
}

/* What PostgreSQL's jsonb cannot hold. */
static bool has_nul(const json *text)
{
    return memchr(json_str(text), '\0', json_str_len(text)) != NULL;
}

static void check_text(const struct api_field *f, const json *value, const char *path,
                       struct api_causes *causes)
{
    const char *s = json_str(value);
    size_t len = json_str_len(value);
    if (has_nul(value)) {
        api_cause_add(causes, CAUSE_INVALID, path, "must not hold a NUL character");
        return;
    }
    if ((int64_t)len < f->min)
        api_cause_add(causes, CAUSE_REQUIRED, path, "must not be empty");
    else if (f->max && (int64_t)len > f->max)
        api_cause_add(causes, CAUSE_TOO_LONG, path, "must have at most %" PRId64 " bytes", f->max);
    else if (f->values && !is_one_of(f->values, s)) {
        cleanup_free char *values = give_values(f->values);
        api_cause_add(causes, CAUSE_UNSUPPORTED, path, "'%.80s' is none of %s", s, values);
    } else {
        const char *flaw = form_flaw(f->form, s);
        if (flaw)
            api_cause_add(causes, CAUSE_INVALID, path, "'%.300s' %s", s, flaw);
    }
}

static void check_time(const json *value, const char *path, struct api_causes *causes)
{
    int64_t ns;
    if (!time_parse_rfc3339(json_str(value), &ns))
        api_cause_add(causes, CAUSE_INVALID, path,
                      "must be a time like 2006-01-02T15:04:05Z (RFC 3339)");
}

/*
 * PostgreSQL's jsonb keeps no exponents: 1e131000 is stored, and told again, as 131,001 digits, and beyond about that it
 * is refused. Doubles end at 308 digits before the point, and with all of theirs behind it at some 340.
 */
#define NUMBER_MAX 400

static bool is_long(const json *number)
{
    return json_plain_len(number) > NUMBER_MAX;
}

static void add_long(const char *path, struct api_causes *causes)
{
    api_cause_add(causes, CAUSE_TOO_LONG, path,
                  "must have at most %d characters when it is written without an exponent",
                  NUMBER_MAX);
}

static void check_int(const struct api_field *f, const json *value, const char *path,
                      struct api_causes *causes)
{
    int64_t n;
    if (is_long(value)) { /* 0e999999 is a whole number, too */
        add_long(path, causes);
        return;
    }
    if (!json_int(value, &n) || (f->max && (n < f->min || n > f->max)))
        api_cause_add(causes, CAUSE_INVALID, path,
                      "must be a whole number from %" PRId64 " to %" PRId64, f->min, f->max);
}

/* ---- maps ---- */

static const char *entry_flaw(enum api_form form, const char *key, const json *value)
{
    const char *flaw = NULL;
    if (form != FORM_BASE64_MAP)
        flaw = name_flaw_label_key(key);
    if (!flaw && form == FORM_LABELS)
        flaw = name_flaw_label_value(json_str(value));
    if (!flaw && form == FORM_BASE64_MAP) {
        cleanup_free char *bytes = NULL;
        size_t len;
        if (base64_parse(json_str(value), json_str_len(value), &bytes, &len, NULL) < 0)
            flaw = "must be base64";
        else
            secret_wipe(bytes, len);
    }
    return flaw;
}

static void check_map(const struct api_field *f, const json *value, const char *path,
                      struct api_causes *causes)
{
    if (f->max && json_len(value) > (size_t)f->max)
        api_cause_add(causes, CAUSE_TOO_MANY, path, "must have at most %" PRId64 " entries",
                      f->max);
    for (struct json_iter it = json_each(value); json_next(&it);) {
        cleanup_free char *entry = give_entry(path, it.key);
        if (json_kind(it.value) != JSON_STR) {
            api_cause_add(causes, CAUSE_TYPE, entry, "must be a string");
            continue;
        }
        if (has_nul(it.value)) {
            api_cause_add(causes, CAUSE_INVALID, entry, "must not hold a NUL character");
            continue;
        }
        const char *flaw = entry_flaw(f->form, it.key, it.value);
        if (flaw)
            api_cause_add(causes, CAUSE_INVALID, entry, "%s", flaw);
    }
}

/* ---- values that are not looked into ---- */

/* Where a value stands, from the inside out: a text is made of it for what is refused only. */
struct place {
    const struct place *within; /* NULL: the field itself */
    const char *key;            /* NULL: an item of a list */
    size_t index;
};

static char *give_place(const struct place *p, const char *path)
{
    if (!p)
        return xstrdup(path);
    cleanup_free char *outer = give_place(p->within, path);
    return p->key ? give_child(outer, p->key) : xasprintf("%s[%zu]", outer, p->index);
}

/* Tells of the first flaw only: paths cost what their keys are long, and many values may stand behind the same keys. */
static bool find_flaw(const json *value, const char *path, const struct place *place,
                      struct api_causes *causes)
{
    enum json_kind kind = json_kind(value);
    bool has_flaw = kind == JSON_STR ? has_nul(value) : is_long(value);
    if (has_flaw) {
        cleanup_free char *at = give_place(place, path);
        if (kind == JSON_STR)
            api_cause_add(causes, CAUSE_INVALID, at, "must not hold a NUL character");
        else
            add_long(at, causes);
    }
    for (struct json_iter it = json_each(value); !has_flaw && json_next(&it);) {
        const struct place member = { place, it.key, 0 };
        has_flaw = find_flaw(it.value, path, &member, causes);
    }
    for (size_t i = 0; !has_flaw && kind == JSON_ARRAY && i < json_len(value); i++) {
        const struct place item = { place, NULL, i };
        has_flaw = find_flaw(json_at(value, i), path, &item, causes);
    }
    return has_flaw;
}

/* ---- the walk ---- */

static const struct {
    enum json_kind kind;
    const char *name;
} kinds[] = {
    [API_STR] = { JSON_STR, "a string" },
    [API_BOOL] = { JSON_BOOL, "true or false" },
    [API_INT] = { JSON_INT, "a number" },
    [API_TIME] = { JSON_STR, "a string" },
    [API_OBJECT] = { JSON_OBJECT, "an object" },
    [API_LIST] = { JSON_ARRAY, "an array" },
    [API_STR_MAP] = { JSON_OBJECT, "an object of strings" },
    [API_FREE] = { JSON_OBJECT, "an object" },
};

static void check_value(const struct api_field *f, enum api_value type, json *value,
                        const char *path, struct api_causes *causes);

static void check_list(const struct api_field *f, json *value, const char *path,
                       struct api_causes *causes)
{
    if (f->max && json_len(value) > (size_t)f->max) {
        api_cause_add(causes, CAUSE_TOO_MANY, path, "must have at most %" PRId64 " items", f->max);
        return;
    }
    for (size_t i = 0; i < json_len(value); i++) {
        cleanup_free char *item = xasprintf("%s[%zu]", path, i);
        check_value(f, f->of, json_at(value, i), item, causes);
    }
}

static void check_value(const struct api_field *f, enum api_value type, json *value,
                        const char *path, struct api_causes *causes)
{
    enum json_kind kind = json_kind(value);
    if (kind != kinds[type].kind && !(type == API_INT && kind == JSON_DECIMAL)) {
        api_cause_add(causes, CAUSE_TYPE, path, "must be %s, not %s", kinds[type].name,
                      json_kind_name(kind));
        return;
    }
    switch (type) {
    case API_STR:
        if (f->type == API_STR)
            check_text(f, value, path, causes);
        else if (has_nul(value))
            api_cause_add(causes, CAUSE_INVALID, path, "must not hold a NUL character");
        break;
    case API_TIME:
        check_time(value, path, causes);
        break;
    case API_INT:
        check_int(f, value, path, causes);
        break;
    case API_OBJECT:
        api_check_shape(f->shape, value, path, causes);
        break;
    case API_LIST:
        check_list(f, value, path, causes);
        break;
    case API_STR_MAP:
        check_map(f, value, path, causes);
        break;
    case API_FREE:
        (void)find_flaw(value, path, NULL, causes);
        break;
    case API_BOOL:
        break;
    }
}

static void check_field(const struct api_field *f, json *object, const char *path,
                        struct api_causes *causes)
{
    if (f->read_only) {
        (void)json_del(object, f->name);
        return;
    }
    cleanup_free char *at = give_child(path, f->name);
    json *value = json_get(object, f->name);
    if (value) {
        check_value(f, f->type, value, at, causes);
        return;
    }
    /* null is as good as absent */
    (void)json_del(object, f->name);
    if (f->required) {
        api_cause_add(causes, CAUSE_REQUIRED, at, "is required");
    } else if (f->dflt) {
        json *dflt = NULL;
        (void)json_parse(f->dflt, strlen(f->dflt), &dflt, NULL);
        json_put(object, f->name, dflt);
    }
}

void api_check_shape(const struct api_shape *shape, json *value, const char *path,
                     struct api_causes *causes)
{
    for (struct json_iter it = json_each(value); json_next(&it);) {
        if (api_shape_find(shape, it.key))
            continue;
        cleanup_free char *at = give_child(path, it.key);
        api_cause_add(causes, CAUSE_UNKNOWN, at, "there is no such field");
    }
    for (size_t i = 0; i < shape->len; i++)
        check_field(&shape->fields[i], value, path, causes);
}
