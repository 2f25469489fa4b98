#include "hack/devcloud/controllers/garbage.h"

#include "pkg/base/strv.h"

bool garbage_has_finalizer(const json *object, const char *finalizer)
{
    const json *list = json_path(object, "metadata.finalizers");
    for (size_t i = 0; i < json_len(list); i++)
        if (str_eq(json_str(json_at(list, i)), finalizer))
            return true;
    return false;
}

enum verdict garbage_judge(const enum owner_state *owners, size_t len, bool has_dependents)
{
    size_t solid = 0, waiting = 0;
    for (size_t i = 0; i < len; i++) {
        solid += owners[i] == OWNER_SOLID;
        waiting += owners[i] == OWNER_WAITING;
    }
    if (solid)
        return solid < len ? VERDICT_TRIM : VERDICT_KEEP;
    if (!len)
        return VERDICT_KEEP;
    return waiting && has_dependents ? VERDICT_FOREGROUND : VERDICT_DELETE;
}

const char *garbage_policy(const json *object)
{
    if (garbage_has_finalizer(object, FINALIZER_ORPHAN))
        return "Orphan";
    return garbage_has_finalizer(object, FINALIZER_FOREGROUND) ? "Foreground" : "Background";
}

json *garbage_give_references(const json *object, const bool *keep)
{
    json *kept = json_new_array();
    const json *list = json_path(object, "metadata.ownerReferences");
    for (size_t i = 0; i < json_len(list); i++)
        if (keep[i])
            json_append(kept, json_give_copy(json_at(list, i)));
    return kept;
}

json *garbage_give_finalizers(const json *object, const char *without)
{
    json *kept = json_new_array();
    const json *list = json_path(object, "metadata.finalizers");
    for (size_t i = 0; i < json_len(list); i++)
        if (!str_eq(json_str(json_at(list, i)), without))
            json_append(kept, json_give_copy(json_at(list, i)));
    return kept;
}
