#include "rp/syncsets/types/shipped.h"

#include "pkg/base/mem.h"

static char *give_place(const char *path, const char *field)
{
    return xasprintf("%s%s%s", path, *path ? "." : "", field);
}

/* Absent, null or an object. */
static bool is_object_or_none(const json *value, const char *at, const char *what,
                              struct api_causes *causes)
{
    enum json_kind kind = json_kind(value);
    if (kind == JSON_NULL || kind == JSON_OBJECT)
        return true;
    api_cause_add(causes, CAUSE_TYPE, at, "must be %s, not %s", what, json_kind_name(kind));
    return false;
}

static void check_strings(const json *map, const char *at, struct api_causes *causes)
{
    if (!is_object_or_none(map, at, "an object of strings", causes))
        return;
    for (struct json_iter it = json_each(map); json_next(&it);) {
        if (json_kind(it.value) == JSON_STR)
            continue;
        cleanup_free char *entry = xasprintf("%s[%s]", at, it.key);
        api_cause_add(causes, CAUSE_TYPE, entry, "must be a string, not %s",
                      json_kind_name(json_kind(it.value)));
    }
}

void shipped_check_metadata(const json *resource, const char *path, struct api_causes *causes)
{
    static const char *const maps[] = { "labels", "annotations" };
    const json *metadata = json_get(resource, "metadata");
    cleanup_free char *at = give_place(path, "metadata");
    if (!is_object_or_none(metadata, at, "an object", causes))
        return;
    for (size_t i = 0; i < ARRAY_LEN(maps); i++) {
        cleanup_free char *place = give_place(at, maps[i]);
        check_strings(json_get(metadata, maps[i]), place, causes);
    }
}
