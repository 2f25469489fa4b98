/* Microsoft.Authorization/permissions: what the caller may do on a resource. */
#include <string.h>

#include "hack/devcloud/azure/sim.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

#define SUFFIX "/providers/microsoft.authorization/permissions"

bool permissions_serve(struct sim_call *c)
{
    if (!str_ends_nocase(c->path, SUFFIX) || strcmp(c->method, "GET") != 0)
        return false;
    cleanup_free char *lower = str_give_lower(c->path);
    lower[strlen(lower) - strlen(SUFFIX)] = '\0';
    bool is_resource = strstr(lower, "/providers/") != NULL;
    if (is_resource && !json_get(json_get(c->sim->state, "resources"), lower)) {
        sim_reply_error(c, 404, "ResourceNotFound", "The Resource '%s' was not found.", lower);
        return true;
    }
    json *all = json_get(c->sim->state, "permissions");
    json *own = json_get(all, lower);
    cleanup_json json *body =
        json_make("{'value':%j}", json_give_copy(own ? own : json_get(all, "default")));
    sim_reply(c, 200, body);
    return true;
}
