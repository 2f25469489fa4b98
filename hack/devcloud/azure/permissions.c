/* Microsoft.Authorization/permissions: what the caller may do on a resource. */
#include <string.h>

#include "hack/devcloud/azure/rights.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

#define SUFFIX "/providers/microsoft.authorization/permissions"

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
    cleanup_free char *path = xstrndup(c->path, strlen(key));
    sim_reply_list(c, rights_give(c, path));
    return true;
}
