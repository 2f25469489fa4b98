/* Microsoft.Authorization/permissions: what the caller may do on a resource. */
#include <string.h>

#include "hack/devcloud/azure/sim.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

#define SUFFIX "/providers/microsoft.authorization/permissions"

/* The application's own, then the resource's, then everyone's. */
static const json *find_permissions(const struct sim_call *c, const char *key)
{
    const json *own = json_get(c->caller, "permissions");
    const json *all = json_get(c->sim->state, "permissions");
    const json *scoped = json_get(own, key) ? json_get(own, key) : json_get(all, key);
    if (scoped)
        return scoped;
    return json_get(own, "default") ? json_get(own, "default") : json_get(all, "default");
}

/* Each entry shows all four lists. */
static json *give_entry(const json *entry)
{
    static const char *const lists[] = { "actions", "notActions", "dataActions", "notDataActions" };
    json *out = json_is_object(entry) ? json_give_copy(entry) : json_new_object();
    for (size_t i = 0; i < ARRAY_LEN(lists); i++)
        if (!json_is_array(json_get(out, lists[i])))
            json_put(out, lists[i], json_new_array());
    return out;
}

bool permissions_serve(struct sim_call *c)
{
    if (!str_ends_nocase(c->path, SUFFIX))
        return false;
    if (strcmp(c->method, "GET") != 0) {
        sim_reply_error(c, 405, "MethodNotAllowed", "The method %s is not supported for %s.",
                        c->method, c->path);
        return true;
    }
    cleanup_free char *key = str_give_lower(c->path);
    key[strlen(key) - strlen(SUFFIX)] = '\0';
    bool is_resource = strstr(key, "/providers/") != NULL;
    if (is_resource && !json_get(json_get(c->sim->state, "resources"), key)) {
        sim_reply_error(c, 404, "ResourceNotFound", "The Resource '%.*s' was not found.",
                        (int)strlen(key), c->path);
        return true;
    }
    const json *found = find_permissions(c, key);
    json *values = json_new_array();
    for (size_t i = 0; json_is_array(found) && i < json_len(found); i++)
        json_append(values, give_entry(json_at(found, i)));
    sim_reply_list(c, values);
    return true;
}
