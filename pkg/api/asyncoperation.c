#include "pkg/api/api.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

/* Members that are there and not empty. */
static void copy_members(json *to, const json *from, const char *const *names, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        const json *value = json_get(from, names[i]);
        if (value && !(json_kind(value) == JSON_STR && !json_str_len(value)))
            json_put(to, names[i], json_give_copy(value));
    }
}

json *api_async_operation_to_external(const json *internal, bool is_running)
{
    static const char *const running[] = { "id", "name", "startTime" };
    static const char *const ended[] = { "id", "name", "status", "startTime", "endTime" };
    static const char *const failure[] = { "code", "message", "target", "details" };
    json *ext = json_new_object();
    if (is_running) {
        /* The last status is not shown before the cluster itself has it. */
        copy_members(ext, internal, running, ARRAY_LEN(running));
        json_put(ext, "status", json_new_str(json_path_str(internal, "initialStatus")));
        return ext;
    }
    copy_members(ext, internal, ended, ARRAY_LEN(ended));
    if (json_is_object(json_get(internal, "error"))) {
        json *error = json_new_object();
        copy_members(error, json_get(internal, "error"), failure, ARRAY_LEN(failure));
        json_put(ext, "error", error);
    }
    return ext;
}

char *api_async_operation_give_path(const char *subscription_id, const char *location,
                                    const char *kind, const char *id)
{
    cleanup_free char *lower = str_give_lower(location);
    cleanup_free char *provider = str_give_lower(API_NAMESPACE);
    return xasprintf("/subscriptions/%s/providers/%s/locations/%s/%s/%s", subscription_id, provider,
                     lower, kind, id);
}
