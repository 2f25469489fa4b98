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

static void keep(const struct sim_call *c, const struct arm_id *at,
                 const struct forward_reply *reply)
{
    static const char *const shown[] = { "location", "tags", "identity" };
    const json *old = json_get(resources(c->sim), at->key);
    const char *id = json_path_str(reply->body, "id"), *type = json_path_str(reply->body, "type");
    json *entry =
        json_make("{'id':%s,'name':%s,'type':%s,'apiVersion':%s,'properties':{},"
                  "'systemData':%j}",
                  id ? id : c->path, arm_id_name(at), type ? type : at->type, c->api_version,
                  give_system_data(json_get(old, "systemData"), reply->system_data));
    for (size_t i = 0; i < ARRAY_LEN(shown); i++)
        if (json_get(reply->body, shown[i]))
            json_put(entry, shown[i], json_give_copy(json_get(reply->body, shown[i])));
    if (json_get(old, "deletedBy")) /* still there, but on its way */
        json_put(entry, "deletedBy", json_give_copy(json_get(old, "deletedBy")));
    json_put(resources(c->sim), at->key, entry);
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

void forward_remember(const struct sim_call *c, const struct forward_reply *reply)
{
    cleanup_arm_id struct arm_id at = { 0 };
    if (!arm_id_init(c->path, &at) || !arm_id_name(&at))
        return;
    json *entry = json_get(resources(c->sim), at.key);
    bool get = sim_is(c, "GET"), del = sim_is(c, "DELETE");
    int status = reply->status;
    bool gone = (get && status == 404) || (del && (status == 204 || status == 200));
    if (!at.group) { /* operations lie below the subscription */
        if (get && str_eq(json_path_str(reply->body, "status"), "Succeeded"))
            forget_deleted(c->sim, arm_id_name(&at));
    } else if (gone) {
        json_del(resources(c->sim), at.key);
    } else if (del && status == 202 && entry) {
        cleanup_free char *operation = give_operation(reply->headers);
        json_put(entry, "deletedBy", json_new_str(operation ? operation : ""));
    } else if (status == 201 || (status == 200 && !del && !sim_is(c, "POST"))) {
        keep(c, &at, reply);
    }
}
