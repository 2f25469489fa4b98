#include "rp/syncsets/types/shipped.h"

#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/syncsets/types/names.h"
#include "rp/syncsets/types/patch_operation.h"
#include "rp/syncsets/types/template.h"

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

static void check_metadata(const json *resource, const char *path, struct api_causes *causes)
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

/* Kinds of lists end so, and have items; a kind of somebody's own may be named that way without being one. */
static void check_kind(const json *resource, const char *path, struct api_causes *causes)
{
    const char *kind = json_path_str(resource, "kind");
    bool is_list = str_eq(kind, "List") ||
                   (kind && str_ends(kind, "List") && json_is_array(json_get(resource, "items")));
    if (!is_list)
        return;
    cleanup_free char *at = give_place(path, "kind");
    api_cause_add(causes, CAUSE_INVALID, at,
                  "'%.80s' is a list of objects: ship each of its items as a resource", kind);
}

void shipped_check_place(const json *object, const char *member, const char *path,
                         const char *(*flaw)(const char *), bool templated,
                         struct api_causes *causes)
{
    const json *value = json_path(object, member);
    if (!value)
        return;
    cleanup_free char *at = give_place(path, member);
    if (json_kind(value) != JSON_STR) {
        api_cause_add(causes, CAUSE_TYPE, at, "must be a string");
        return;
    }
    const char *text = json_str(value);
    if (!*text) /* where that matters, others tell it */
        return;
    if (templated && template_has_actions(text))
        return;
    if (flaw(text))
        api_cause_add(causes, CAUSE_INVALID, at, "'%s' %s", text, flaw(text));
}

void shipped_check_resource(const json *resource, const char *path, bool templated,
                            struct api_causes *causes)
{
    static const struct {
        const char *member;
        const char *(*flaw)(const char *);
    } places[] = {
        { "apiVersion", name_flaw_version },
        { "kind", name_flaw_kind },
        { "metadata.name", name_flaw_segment },
        { "metadata.namespace", name_flaw_segment },
    };
    for (size_t i = 0; i < ARRAY_LEN(places); i++)
        shipped_check_place(resource, places[i].member, path, places[i].flaw, templated, causes);
    check_kind(resource, path, causes);
    check_metadata(resource, path, causes);
}

void shipped_check_operations(const json *patch, const char *path, struct api_causes *causes)
{
    for (size_t i = 0; i < json_len(patch); i++) {
        const char *member, *flaw = patch_operation_flaw(json_at(patch, i), &member);
        if (!flaw)
            continue;
        cleanup_free char *at = xasprintf("%s[%zu]%s%s", path, i, *member ? "." : "", member);
        api_cause_add(causes, CAUSE_INVALID, at, "%s", flaw);
    }
}
