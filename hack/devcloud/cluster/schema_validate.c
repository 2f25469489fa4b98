#include "hack/devcloud/cluster/schema_validate.h"

#include <math.h>
#include <regex.h>
#include <string.h>

#include "hack/devcloud/cluster/typed.h"
#include "pkg/base/clock.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

static void validate(const struct schema *s, const json *v, const char *path, struct invalid *out);

/* ---- types ---- */

static bool is_integer(const json *v)
{
    int64_t n;
    return json_kind(v) == JSON_INT || (json_kind(v) == JSON_DECIMAL && json_int(v, &n));
}

static bool has_type(enum schema_type type, const json *v)
{
    enum json_kind kind = json_kind(v);
    switch (type) {
    case SCHEMA_OBJECT:
        return kind == JSON_OBJECT;
    case SCHEMA_ARRAY:
        return kind == JSON_ARRAY;
    case SCHEMA_STRING:
    case SCHEMA_TIME:
    case SCHEMA_BYTES:
        return kind == JSON_STR;
    case SCHEMA_INT:
        return is_integer(v);
    case SCHEMA_NUMBER:
        return kind == JSON_INT || kind == JSON_DECIMAL;
    case SCHEMA_BOOL:
        return kind == JSON_BOOL;
    case SCHEMA_INT_OR_STRING:
        return kind == JSON_STR || is_integer(v);
    case SCHEMA_QUANTITY:
        return kind == JSON_STR || kind == JSON_INT || kind == JSON_DECIMAL;
    default:
        return true;
    }
}

static const char *type_word(enum schema_type type)
{
    static const char *const words[] = {
        [SCHEMA_ANY] = "any",         [SCHEMA_OBJECT] = "object",
        [SCHEMA_ARRAY] = "array",     [SCHEMA_STRING] = "string",
        [SCHEMA_INT] = "integer",     [SCHEMA_NUMBER] = "number",
        [SCHEMA_BOOL] = "boolean",    [SCHEMA_INT_OR_STRING] = "integer,string",
        [SCHEMA_QUANTITY] = "string", [SCHEMA_TIME] = "string",
        [SCHEMA_BYTES] = "string",
    };
    return words[type];
}

static const char *kind_word(const json *v)
{
    switch (json_kind(v)) {
    case JSON_INT:
        return "integer";
    case JSON_DECIMAL:
        return is_integer(v) ? "integer" : "number";
    case JSON_BOOL:
        return "boolean";
    default:
        return json_kind_name(json_kind(v));
    }
}

/* ---- texts and numbers ---- */

/* Go's \d and (?: in the words of POSIX. */
static char *give_posix_pattern(const char *pattern)
{
    cleanup_buf struct buf b = BUF_INIT(BUF_UNBOUNDED);
    bool in_set = false;
    for (const char *p = pattern; *p; p++) {
        if (p[0] == '\\' && p[1] == 'd') {
            buf_adds(&b, in_set ? "0-9" : "[0-9]");
            p++;
        } else if (p[0] == '\\' && p[1] && in_set) {
            buf_addc(&b, *++p);
        } else if (p[0] == '\\' && p[1]) {
            buf_add(&b, p++, 2);
        } else if (str_starts(p, "(?:")) {
            buf_addc(&b, '(');
            p += 2;
        } else {
            in_set = in_set ? *p != ']' : *p == '[';
            buf_addc(&b, *p);
        }
    }
    return buf_give(&b);
}

static bool matches_pattern(const char *pattern, const char *text)
{
    cleanup_free char *posix = give_posix_pattern(pattern);
    regex_t re;
    if (regcomp(&re, posix, REG_EXTENDED | REG_NOSUB) != 0)
        return true; /* beyond POSIX: not judged */
    bool matches = regexec(&re, text, 0, NULL, 0) == 0;
    regfree(&re);
    return matches;
}

static int64_t count_chars(const char *text)
{
    int64_t n = 0;
    for (; *text; text++)
        n += ((unsigned char)*text & 0xc0) != 0x80;
    return n;
}

static void check_text(const struct schema_rules *r, const json *v, const char *path,
                       struct invalid *out)
{
    const char *text = json_str(v);
    int64_t n = count_chars(text), ns;
    if (r->max_length >= 0 && n > r->max_length)
        invalid_value(out, path, v, "%s in body should be at most %lld chars long", path,
                      (long long)r->max_length);
    if (r->min_length >= 0 && n < r->min_length)
        invalid_value(out, path, v, "%s in body should be at least %lld chars long", path,
                      (long long)r->min_length);
    if (r->pattern && !matches_pattern(r->pattern, text))
        invalid_value(out, path, v, "%s in body should match '%s'", path, r->pattern);
    if (str_eq(r->format, "date-time") && !time_parse_rfc3339(text, &ns)) {
        cleanup_free char *shown = json_give_text(v);
        invalid_value(out, path, v, "%s in body must be of type date-time: %s", path, shown);
    }
}

static void check_number(const struct schema_rules *r, const json *v, const char *path,
                         struct invalid *out)
{
    double n = json_number(v, 0);
    if (r->has_minimum && (n < r->minimum || (r->exclusive_minimum && n == r->minimum)))
        invalid_value(out, path, v, "%s in body should be greater than%s %g", path,
                      r->exclusive_minimum ? "" : " or equal to", r->minimum);
    if (r->has_maximum && (n > r->maximum || (r->exclusive_maximum && n == r->maximum)))
        invalid_value(out, path, v, "%s in body should be less than%s %g", path,
                      r->exclusive_maximum ? "" : " or equal to", r->maximum);
    if (r->multiple_of > 0 && fmod(n, r->multiple_of) != 0)
        invalid_value(out, path, v, "%s in body should be a multiple of %g", path, r->multiple_of);
}

static void check_enum(const struct schema_rules *r, const json *v, const char *path,
                       struct invalid *out)
{
    if (!r->enum_len)
        return;
    cleanup_free char *text = json_give_sorted(v);
    cleanup_buf struct buf all = BUF_INIT(BUF_UNBOUNDED);
    for (size_t i = 0; i < r->enum_len; i++) {
        if (strcmp(r->enum_texts[i], text) == 0)
            return;
        buf_addf(&all, "%s%s", i ? ", " : "", r->enum_texts[i]);
    }
    invalid_unsupported(out, path, v, buf_str(&all));
}

/* ---- containers ---- */

static void check_size(int64_t min, int64_t max, size_t n, const char *what, const char *path,
                       struct invalid *out)
{
    cleanup_json json *len = json_new_int((int64_t)n);
    if (max >= 0 && (int64_t)n > max)
        invalid_value(out, path, len, "%s in body should have at most %lld %s", path,
                      (long long)max, what);
    if (min >= 0 && (int64_t)n < min)
        invalid_value(out, path, len, "%s in body should have at least %lld %s", path,
                      (long long)min, what);
}

static void check_duplicates(const struct schema *s, const json *v, const char *path,
                             struct invalid *out)
{
    cleanup_strv struct strv seen = STRV_INIT;
    for (size_t i = 0; s->list != LIST_ATOMIC && i < json_len(v); i++) {
        cleanup_free char *element = typed_give_element(s, json_at(v, i));
        if (element && strv_has(&seen, element)) {
            cleanup_free char *at = xasprintf("%s[%zu]", path, i);
            cleanup_json json *key = NULL;
            (void)json_parse(element + 2, strlen(element + 2), &key, NULL);
            invalid_duplicate(out, at, key);
        }
        strv_add(&seen, element ? element : "");
    }
}

static char *give_below(const char *path, const char *key)
{
    return *path ? xasprintf("%s.%s", path, key) : xstrdup(key);
}

static void check_embedded(const json *v, const char *path, struct invalid *out)
{
    const char *const keys[] = { "apiVersion", "kind" };
    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        cleanup_free char *at = give_below(path, keys[i]);
        const char *text = json_str(json_get(v, keys[i]));
        if (!text || !*text)
            invalid_required(out, at, "must not be empty");
    }
}

static void check_object(const struct schema *s, const json *v, const char *path,
                         struct invalid *out)
{
    const struct schema_rules *r = s->rules;
    for (size_t i = 0; r && i < r->required_len; i++)
        if (!json_has(v, r->required[i])) {
            cleanup_free char *at = give_below(path, r->required[i]);
            invalid_required(out, at, NULL);
        }
    if (r)
        check_size(r->min_properties, r->max_properties, json_len(v), "properties", path, out);
    for (struct json_iter it = json_each(v); json_next(&it);) {
        const struct schema *at = schema_at_key(s, it.key);
        cleanup_free char *below = give_below(path, it.key);
        if (at && !at->name &&
            (at->type != SCHEMA_ANY || at->rules)) /* metadata is not judged here */
            validate(at, it.value, below, out);
    }
    if (s->embedded)
        check_embedded(v, path, out);
}

static void check_array(const struct schema *s, const json *v, const char *path,
                        struct invalid *out)
{
    if (s->rules)
        check_size(s->rules->min_items, s->rules->max_items, json_len(v), "items", path, out);
    for (size_t i = 0; s->items && i < json_len(v); i++)
        validate(s->items, json_at(v, i), path, out);
    check_duplicates(s, v, path, out);
}

/* ---- combinations ---- */

static size_t count_valid(const struct schema **all, size_t len, const json *v, const char *path)
{
    size_t n = 0;
    for (size_t i = 0; i < len; i++) {
        struct invalid faults = { NULL };
        validate(all[i], v, path, &faults);
        n += !faults.causes;
        invalid_release(&faults);
    }
    return n;
}

static void check_combinations(const struct schema_rules *r, const json *v, const char *path,
                               struct invalid *out)
{
    cleanup_json json *empty = json_new_str("");
    for (size_t i = 0; i < r->all_of_len; i++)
        validate(r->all_of[i], v, path, out);
    if (r->any_of_len && !count_valid(r->any_of, r->any_of_len, v, path))
        invalid_value(out, "<nil>", empty, "\"%s\" must validate at least one schema (anyOf)",
                      path);
    size_t one = count_valid(r->one_of, r->one_of_len, v, path);
    if (r->one_of_len && one == 0)
        invalid_value(out, "<nil>", empty,
                      "\"%s\" must validate one and only one schema (oneOf). Found none valid",
                      path);
    if (one > 1)
        invalid_value(out, "<nil>", empty,
                      "\"%s\" must validate one and only one schema (oneOf). Found %zu valid "
                      "alternatives",
                      path, one);
    if (r->not_ && count_valid((const struct schema *[]){ r->not_ }, 1, v, path))
        invalid_value(out, "<nil>", empty, "\"%s\" must not validate the schema (not)", path);
}

static void validate(const struct schema *s, const json *v, const char *path, struct invalid *out)
{
    if (!v && s->nullable)
        return;
    if (!has_type(s->type, v)) {
        cleanup_json json *word = json_new_str(kind_word(v));
        invalid_value(out, path, word, "%s in body must be of type %s: \"%s\"", path,
                      type_word(s->type), kind_word(v));
        return;
    }
    const struct schema_rules *r = s->rules;
    if (json_is_object(v))
        check_object(s, v, path, out);
    else if (json_is_array(v))
        check_array(s, v, path, out);
    else if (r && json_kind(v) == JSON_STR)
        check_text(r, v, path, out);
    else if (r && (json_kind(v) == JSON_INT || json_kind(v) == JSON_DECIMAL))
        check_number(r, v, path, out);
    if (r) {
        check_enum(r, v, path, out);
        check_combinations(r, v, path, out);
    }
}

void schema_validate(const struct schema *schema, const json *value, struct invalid *out)
{
    validate(schema, value, "", out);
}

/* ---- built-in kinds ---- */

static int check_types(const struct schema *s, const json *v, const char *path, struct error **err)
{
    if (!s || !v || s->type == SCHEMA_ANY)
        return 0;
    if (!has_type(s->type, v))
        return error_set(err, ERR_INVALID, "%s: expected %s, but found %s", path,
                         type_word(s->type), kind_word(v));
    if (json_is_array(v)) {
        for (size_t i = 0; s->items && i < json_len(v); i++) {
            cleanup_free char *below = xasprintf("%s[%zu]", path, i);
            if (check_types(s->items, json_at(v, i), below, err) < 0)
                return -1;
        }
        return 0;
    }
    for (struct json_iter it = json_each(v); json_next(&it);) {
        cleanup_free char *below = give_below(path, it.key);
        if (check_types(schema_at_key(s, it.key), it.value, below, err) < 0)
            return -1;
    }
    return 0;
}

int schema_check_types(const struct schema *schema, const json *value, struct error **err)
{
    return check_types(schema, value, "", err);
}
