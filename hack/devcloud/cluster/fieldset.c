#include "hack/devcloud/cluster/fieldset.h"

#include <string.h>

#include "pkg/base/mem.h"

struct fieldset *fieldset_new(void)
{
    return xnew(struct fieldset);
}

void fieldset_free(struct fieldset *set)
{
    if (!set)
        return;
    for (size_t i = 0; i < set->len; i++)
        fieldset_free(set->kids[i]);
    free(set->kids);
    free(set->element);
    free(set);
}

struct fieldset *fieldset_give_copy(const struct fieldset *set)
{
    struct fieldset *copy = fieldset_new();
    copy->element = xstrdup(set->element);
    fieldset_add(copy, set);
    return copy;
}

/* The place of an element among the kids; *ret_found tells whether it is there. */
static size_t locate(const struct fieldset *set, const char *element, bool *ret_found)
{
    size_t low = 0, high = set->len;
    *ret_found = false;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(set->kids[middle]->element, element);
        if (order == 0) {
            *ret_found = true;
            return middle;
        }
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct fieldset *fieldset_make(struct fieldset *set, const char *element)
{
    bool found;
    size_t at = locate(set, element, &found);
    if (found)
        return set->kids[at];
    struct fieldset *kid = fieldset_new();
    kid->element = xstrdup(element);
    set->kids = xreallocarray(set->kids, set->len + 1, sizeof(*set->kids));
    memmove(set->kids + at + 1, set->kids + at, (set->len - at) * sizeof(struct fieldset *));
    set->kids[at] = kid;
    set->len++;
    return kid;
}

const struct fieldset *fieldset_find(const struct fieldset *set, const char *element)
{
    bool found;
    size_t at = set ? locate(set, element, &found) : 0;
    return set && found ? set->kids[at] : NULL;
}

bool fieldset_is_empty(const struct fieldset *set)
{
    if (!set)
        return true;
    if (set->member)
        return false;
    for (size_t i = 0; i < set->len; i++)
        if (!fieldset_is_empty(set->kids[i]))
            return false;
    return true;
}

/* Drops kids without members below them. */
static void sweep(struct fieldset *set)
{
    size_t kept = 0;
    for (size_t i = 0; i < set->len; i++) {
        if (fieldset_is_empty(set->kids[i]))
            fieldset_free(set->kids[i]);
        else
            set->kids[kept++] = set->kids[i];
    }
    set->len = kept;
}

bool fieldset_equal(const struct fieldset *a, const struct fieldset *b)
{
    if (a->member != b->member || a->len != b->len)
        return false;
    for (size_t i = 0; i < a->len; i++)
        if (strcmp(a->kids[i]->element, b->kids[i]->element) != 0 ||
            !fieldset_equal(a->kids[i], b->kids[i]))
            return false;
    return true;
}

void fieldset_add(struct fieldset *set, const struct fieldset *other)
{
    if (!other)
        return;
    set->member |= other->member;
    for (size_t i = 0; i < other->len; i++)
        fieldset_add(fieldset_make(set, other->kids[i]->element), other->kids[i]);
}

static void subtract(struct fieldset *set, const struct fieldset *other)
{
    for (size_t i = 0; i < set->len; i++) {
        struct fieldset *kid = set->kids[i];
        const struct fieldset *gone = fieldset_find(other, kid->element);
        if (!gone)
            continue;
        subtract(kid, gone);
        kid->member &= !gone->member;
    }
    sweep(set);
}

void fieldset_subtract(struct fieldset *set, const struct fieldset *other)
{
    if (!other)
        return;
    set->member &= !other->member;
    subtract(set, other);
}

void fieldset_intersect(struct fieldset *set, const struct fieldset *other)
{
    static const struct fieldset nothing;
    set->member &= other && other->member;
    for (size_t i = 0; i < set->len; i++) {
        const struct fieldset *kid = fieldset_find(other, set->kids[i]->element);
        fieldset_intersect(set->kids[i], kid ? kid : &nothing);
    }
    sweep(set);
}

json *fieldset_give_json(const struct fieldset *set)
{
    json *out = json_new_object();
    if (set->member && set->len)
        json_put(out, ".", json_new_object());
    for (size_t i = 0; i < set->len; i++)
        json_put(out, set->kids[i]->element, fieldset_give_json(set->kids[i]));
    return out;
}

static int check_element(const char *element, struct error **err)
{
    json *parsed = NULL;
    if (str_starts(element, "f:"))
        return 0;
    if (str_starts(element, "i:")) {
        long long index;
        return str_to_int(element + 2, 0, INT32_MAX, &index)
                   ? 0
                   : error_set(err, ERR_INVALID, "fieldsV1: bad index '%s'", element);
    }
    if (!str_starts(element, "k:") && !str_starts(element, "v:"))
        return error_set(err, ERR_INVALID, "fieldsV1: unknown path element '%s'", element);
    if (json_parse(element + 2, strlen(element + 2), &parsed, err) < 0)
        return error_wrap(err, "fieldsV1: path element");
    bool fits = element[0] == 'v' || json_is_object(parsed);
    json_free(parsed);
    return fits ? 0 : error_set(err, ERR_INVALID, "fieldsV1: bad keys '%s'", element);
}

static int parse_into(const json *fields, struct fieldset *set, struct error **err)
{
    if (!json_is_object(fields))
        return error_set(err, ERR_INVALID, "fieldsV1: not an object");
    for (struct json_iter it = json_each(fields); json_next(&it);) {
        if (strcmp(it.key, ".") == 0) {
            set->member = true;
            continue;
        }
        if (check_element(it.key, err) < 0)
            return -1;
        struct fieldset *kid = fieldset_make(set, it.key);
        if (json_is_object(it.value) && json_len(it.value) == 0)
            kid->member = true;
        else if (parse_into(it.value, kid, err) < 0)
            return -1;
    }
    return 0;
}

int fieldset_parse(const json *fields, struct fieldset **ret, struct error **err)
{
    cleanup_fieldset struct fieldset *set = fieldset_new();
    if (parse_into(fields, set, err) < 0)
        return -1;
    *ret = take(set);
    return 0;
}

static char *give_keys_text(const char *element)
{
    cleanup_json json *keys = NULL;
    cleanup_buf struct buf b = BUF_INIT(BUF_UNBOUNDED);
    (void)json_parse(element + 2, strlen(element + 2), &keys, NULL);
    for (struct json_iter it = json_each(keys); json_next(&it);) {
        cleanup_free char *value = json_give_text(it.value);
        buf_addf(&b, "%s%s=%s", b.len ? "," : "", it.key, value);
    }
    return buf_give(&b);
}

static void list_below(const struct fieldset *set, const char *prefix, struct strv *out)
{
    if (set->member)
        strv_add(out, prefix);
    for (size_t i = 0; i < set->len; i++) {
        const char *element = set->kids[i]->element;
        cleanup_free char *keys = element[0] == 'k' ? give_keys_text(element) : NULL;
        cleanup_free char *path = element[0] == 'f'   ? xasprintf("%s.%s", prefix, element + 2)
                                  : element[0] == 'k' ? xasprintf("%s[%s]", prefix, keys)
                                  : element[0] == 'v' ? xasprintf("%s[=%s]", prefix, element + 2)
                                                      : xasprintf("%s[%s]", prefix, element + 2);
        list_below(set->kids[i], path, out);
    }
}

void fieldset_list(const struct fieldset *set, struct strv *out)
{
    list_below(set, "", out);
}
