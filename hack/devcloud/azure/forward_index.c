/*
 * What ARM remembers of resources that a provider keeps: enough to list them, to say who made them, and to know that they
 * are gone. It learns from the replies that pass.
 */
#include <string.h>

#include "hack/devcloud/azure/arm_id.h"
#include "hack/devcloud/azure/forward.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

static json *resources(const struct azure_sim *sim)
{
    return json_get(sim->state, "resources");
}

/* ---- who wrote ---- */

char *forward_give_system_data(struct sim_call *c)
{
    cleanup_arm_id struct arm_id at = { 0 };
    bool write = sim_is(c, "PUT") || sim_is(c, "PATCH");
    if (!write || !arm_id_init(c->path, &at) || !at.group || !arm_id_name(&at))
        return NULL;
    char now[TIME_TEXT_MAX];
    time_rfc3339(clock_wall_ns(c->sim->cfg.clock), now);
    const char *who = c->caller_id ? c->caller_id : "";
    const json *old = json_get(json_get(resources(c->sim), at.key), "systemData");
    cleanup_json json *data = json_make("{'lastModifiedBy':%s,'lastModifiedByType':'Application',"
                                        "'lastModifiedAt':%s}",
                                        who, now);
    if (!old) { /* only of a new resource */
        json_put(data, "createdBy", json_new_str(who));
        json_put(data, "createdByType", json_new_str("Application"));
        json_put(data, "createdAt", json_new_str(now));
    }
    return json_give_text(data);
}

/* ---- what there is ---- */

static json *give_system_data(const json *old, const char *text)
{
    cleanup_json json *fresh = NULL;
    if (!text || json_parse_object(text, strlen(text), &fresh, NULL) < 0)
        return old ? json_give_copy(old) : json_new_object();
    return json_give_merged(old ? json_give_copy(old) : NULL, fresh);
}

static void keep(struct azure_sim *sim, const struct arm_id *at, const char *path, const json *body,
                 const char *system_data)
{
    static const char *const shown[] = { "location", "tags", "identity" };
    const json *old = json_get(resources(sim), at->key);
    const char *id = json_path_str(body, "id"), *type = json_path_str(body, "type");
    json *entry = json_make("{'id':%s,'name':%s,'type':%s,'properties':{},'systemData':%j}",
                            id ? id : path, arm_id_name(at), type ? type : at->type,
                            give_system_data(json_get(old, "systemData"), system_data));
    for (size_t i = 0; i < ARRAY_LEN(shown); i++)
        if (json_get(body, shown[i]))
            json_put(entry, shown[i], json_give_copy(json_get(body, shown[i])));
    json_put(resources(sim), at->key, entry);
}

/* The last segment of an operation's URL, without its query. */
static char *give_operation(const struct http_headers *headers)
{
    const char *url = http_headers_get(headers, "Azure-AsyncOperation");
    if (!url)
        url = http_headers_get(headers, "Location");
    cleanup_free char *path = url ? xstrndup(url, strcspn(url, "?")) : NULL;
    const char *slash = path ? strrchr(path, '/') : NULL;
    return slash ? xstrdup(slash + 1) : NULL;
}

/* A deletion is over when its operation says so. */
static void forget_deleted(struct azure_sim *sim, const char *operation)
{
    for (struct json_iter it = json_each(resources(sim)); json_next(&it);)
        if (str_eq_nocase(json_path_str(it.value, "deletedBy"), operation))
            json_del(resources(sim), it.key);
}

void forward_remember(struct azure_sim *sim, const char *method, const char *path, int status,
                      const struct http_headers *headers, const json *body, const char *system_data)
{
    cleanup_arm_id struct arm_id at = { 0 };
    if (!arm_id_init(path, &at) || !arm_id_name(&at))
        return;
    json *entry = json_get(resources(sim), at.key);
    bool get = strcmp(method, "GET") == 0, del = strcmp(method, "DELETE") == 0;
    bool gone = (get && status == 404) || (del && (status == 204 || status == 200));
    if (!at.group) { /* operations lie below the subscription */
        if (get && str_eq(json_path_str(body, "status"), "Succeeded"))
            forget_deleted(sim, arm_id_name(&at));
    } else if (gone) {
        json_del(resources(sim), at.key);
    } else if (del && status == 202 && entry) {
        cleanup_free char *operation = give_operation(headers);
        json_put(entry, "deletedBy", json_new_str(operation ? operation : ""));
    } else if (status == 201 || (status == 200 && !del && strcmp(method, "POST") != 0)) {
        keep(sim, &at, path, body, system_data);
    }
}
