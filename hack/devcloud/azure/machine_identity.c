/*
 * What the instance metadata service tells machines: tokens of the identities that they have. A machine is whoever comes; its
 * identities are the applications that the state marks with "of_machine".
 * Source: Microsoft's "How to use managed identities for Azure resources on an Azure VM to acquire an access token".
 */
#include "hack/devcloud/azure/directory.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/net/url.h"

#define LIFE_S 86399

static void refuse(struct sim_call *c, const char *text)
{
    cleanup_json json *body = json_make("{'error':'invalid_request','error_description':%s}", text);
    sim_reply(c, 400, body);
}

/* The identity of the request; NULL after answering. */
static json *find_identity(struct sim_call *c, const char *client_id, const char **ret_id)
{
    json *found = NULL;
    size_t count = 0;
    for (struct json_iter it = json_each(json_get(c->sim->state, "applications"));
         json_next(&it);) {
        if (!json_path_bool(it.value, "of_machine", false) ||
            (client_id && !str_eq_nocase(it.key, client_id)))
            continue;
        count++;
        *ret_id = it.key;
        found = it.value;
    }
    if (count == 0)
        refuse(c, "Identity not found");
    else if (count > 1)
        refuse(c, "Multiple user assigned identities exist, please specify the clientId / "
                  "resourceId of the identity in the token request");
    return count == 1 ? found : NULL;
}

static void reply_token(struct sim_call *c, const char *resource, const char *client_id,
                        json *identity)
{
    int64_t now_s = clock_wall_ns(c->sim->cfg.clock) / NS_PER_S;
    cleanup_free char *id = xstrdup(client_id);
    const struct grant g = { .call = c, .client_id = id, .application = identity };
    cleanup_free char *token = directory_give_token(&g, resource, LIFE_S);
    cleanup_free char *life = xasprintf("%d", LIFE_S);
    cleanup_free char *from = xasprintf("%lld", (long long)now_s);
    cleanup_free char *until = xasprintf("%lld", (long long)now_s + LIFE_S);
    cleanup_json json *body =
        json_make("{'access_token':%s,'client_id':%s,'expires_in':%s,'expires_on':%s,"
                  "'ext_expires_in':%s,'not_before':%s,'resource':%s,'token_type':'Bearer'}",
                  token, client_id, life, until, life, from, resource);
    sim_reply(c, 200, body);
}

bool machine_identity_serve(struct sim_call *c)
{
    if (!str_eq(c->path, "/metadata/identity/oauth2/token"))
        return false;
    cleanup_free char *version = query_give(sim_query(c), "api-version");
    cleanup_free char *resource = query_give(sim_query(c), "resource");
    cleanup_free char *client_id = query_give(sim_query(c), "client_id");
    const char *id = NULL;
    json *identity = NULL;
    if (!str_eq_nocase(sim_header(c, "Metadata"), "true") || sim_header(c, "X-Forwarded-For"))
        refuse(c, "Required metadata header not specified");
    else if (!version || !*version)
        refuse(c, "Required query variable 'api-version' is missing");
    else if (!resource || !*resource)
        refuse(c, "Required audience parameter not specified");
    else if ((identity = find_identity(c, client_id, &id)))
        reply_token(c, resource, id, identity);
    return true;
}
