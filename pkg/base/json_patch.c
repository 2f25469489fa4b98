#include "pkg/base/json.h"

/* ---- RFC 7396 ---- */

json *json_give_merged(json *target, const json *patch)
{
    if (!json_is_object(patch)) {
        json_free(target);
        return json_give_copy(patch);
    }
    if (!json_is_object(target)) {
        json_free(target);
        target = json_new_object();
    }
    for (struct json_iter it = json_each(patch); json_next(&it);) {
        if (!it.value) {
            (void)json_del(target, it.key);
            continue;
        }
        /* The extra reference keeps the old value alive while json_put replaces it with itself,
         * merged. */
        json *old = json_ref(json_get(target, it.key));
        json_put(target, it.key, json_give_merged(old, it.value));
    }
    return target;
}

static void diff_key(json *patch, const json *from, const char *key, json *want)
{
    json *have = json_get(from, key);
    if (json_is_object(have) && json_is_object(want)) {
        json *inner = json_give_merge_patch(have, want);
        if (inner)
            json_put(patch, key, inner);
    } else if (!json_has(from, key) || !json_equal(have, want)) {
        json_put(patch, key, json_give_copy(want));
    }
}

json *json_give_merge_patch(const json *from, const json *to)
{
    if (!json_is_object(from) || !json_is_object(to))
        return json_equal(from, to) ? NULL : json_give_copy(to);

    /* A merge patch cannot store null: a null in `to` is the same as absent. */
    cleanup_json json *patch = json_new_object();
    for (struct json_iter it = json_each(from); json_next(&it);)
        if (!json_get(to, it.key) && (it.value || !json_has(to, it.key)))
            json_put(patch, it.key, NULL);
    for (struct json_iter it = json_each(to); json_next(&it);)
        if (it.value)
            diff_key(patch, from, it.key, it.value);
    return json_len(patch) ? take(patch) : NULL;
}
