/*
 * Microsoft Graph, as far as applications and their service principals go. Both are one entry of the state's applications:
 * its "id" is the application's object, its "objectId" the service principal's; without the latter there is none.
 */
#include "hack/devcloud/azure/graph.h"

#include <string.h>

#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

#define SECRET_LIFE_NS (INT64_C(2) * 365 * 86400 * NS_PER_S)

json *graph_applications(const struct azure_sim *sim)
{
    return json_get(sim->state, "applications");
}

/* {"error": {code, message, innerError}} */
void graph_refuse(struct sim_call *c, int status, const char *code, const char *message)
{
    char when[TIME_TEXT_MAX], id[UUID_LEN + 1];
    time_rfc3339(clock_wall_ns(c->sim->cfg.clock), when);
    rng_uuid(c->sim->cfg.rng, id);
    cleanup_json json *body =
        json_make("{'error':{'code':%s,'message':%s,'innerError':{'date':%s,'request-id':%s,"
                  "'client-request-id':%s}}}",
                  code, message, when, id, id);
    sim_reply(c, status, body);
}

void graph_refuse_absent(struct sim_call *c, const char *id)
{
    cleanup_free char *text =
        xasprintf("Resource '%s' does not exist or one of its queried reference-property objects "
                  "are not present.",
                  id);
    graph_refuse(c, 404, "Request_ResourceNotFound", text);
}

static bool is_id(const json *application, const char *app_id, enum graph_kind kind, const char *id)
{
    cleanup_free char *named = xasprintf("(appId='%s')", app_id);
    const char *own = json_path_str(application, kind == GRAPH_APPLICATION ? "id" : "objectId");
    return str_eq_nocase(own, id) || str_eq_nocase(named, id);
}

json *graph_find(struct azure_sim *sim, enum graph_kind kind, const char *id, const char **ret_app)
{
    for (struct json_iter it = json_each(graph_applications(sim)); json_next(&it);)
        if (is_id(it.value, it.key, kind, id)) {
            *ret_app = it.key;
            return it.value;
        }
    return NULL;
}

/* ---- views ---- */

/* Secrets are shown once, when they are made. */
static json *give_passwords(const json *application)
{
    json *stored = json_get(application, "passwords");
    json *list = json_is_array(stored) ? json_give_copy(stored) : json_new_array();
    for (size_t i = 0; i < json_len(list); i++)
        json_put(json_at(list, i), "secretText", NULL);
    return list;
}

json *graph_give_view(const struct azure_sim *sim, enum graph_kind kind, const char *app_id,
                      const json *application)
{
    const char *name = json_path_str(application, "displayName");
    json *uris = json_get(application, "identifierUris");
    const char *tenant = json_path_str(sim->state, "tenant");
    if (kind == GRAPH_PRINCIPAL)
        return json_make("{'id':%s,'appId':%s,'displayName':%s,'appDisplayName':%s,"
                         "'servicePrincipalNames':[%s],'servicePrincipalType':'Application',"
                         "'accountEnabled':%b,'appOwnerOrganizationId':%s,'tags':[],"
                         "'passwordCredentials':[],'keyCredentials':[]}",
                         json_path_str(application, "objectId"), app_id, name ? name : app_id,
                         name ? name : app_id, app_id,
                         !json_path_bool(application, "disabled", false), tenant);
    return json_make("{'id':%s,'appId':%s,'displayName':%s,'identifierUris':%j,"
                     "'signInAudience':'AzureADMyOrg','publisherDomain':'devcloud.example',"
                     "'passwordCredentials':%j,'keyCredentials':[],'requiredResourceAccess':[],"
                     "'appRoles':[],'web':{'redirectUris':[]}}",
                     json_path_str(application, "id"), app_id, name ? name : app_id,
                     uris ? json_give_copy(uris) : json_new_array(), give_passwords(application));
}

/* ---- writing ---- */

static json *new_uuid(const struct sim_call *c)
{
    char id[UUID_LEN + 1];
    rng_uuid(c->sim->cfg.rng, id);
    return json_new_str(id);
}

void graph_create_application(struct sim_call *c)
{
    const char *name = json_path_str(c->body, "displayName");
    char app_id[UUID_LEN + 1];
    if (!name) {
        graph_refuse(c, 400, "Request_BadRequest",
                     "Property displayName is required but is missing.");
        return;
    }
    rng_uuid(c->sim->cfg.rng, app_id);
    json *application = json_make("{'id':%j,'displayName':%s,'graphRoles':[]}", new_uuid(c), name);
    json *uris = json_get(c->body, "identifierUris");
    if (json_is_array(uris))
        json_put(application, "identifierUris", json_give_copy(uris));
    json_put(graph_applications(c->sim), app_id, application);
    cleanup_json json *view = graph_give_view(c->sim, GRAPH_APPLICATION, app_id, application);
    sim_reply(c, 201, view);
}

void graph_create_principal(struct sim_call *c)
{
    const char *app_id = json_path_str(c->body, "appId");
    json *application = app_id ? json_get(graph_applications(c->sim), app_id) : NULL;
    if (!application) {
        graph_refuse(c, 400, "Request_BadRequest",
                     "When using this permission, the backing application of the service principal "
                     "being created must be in the local tenant.");
        return;
    }
    if (json_path_str(application, "objectId")) {
        graph_refuse(c, 409, "Request_MultipleObjectsWithSameKeyValue",
                     "The service principal cannot be created, because the service principal name "
                     "is already in use.");
        return;
    }
    json_put(application, "objectId", new_uuid(c));
    cleanup_json json *view = graph_give_view(c->sim, GRAPH_PRINCIPAL, app_id, application);
    sim_reply(c, 201, view);
}

static char *give_secret(const struct sim_call *c)
{
    unsigned char bytes[30];
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (unsigned char)rng_below(c->sim->cfg.rng, 256);
    return base64url_give(bytes, sizeof(bytes));
}

/* The body may be absent. */
void graph_add_password(struct sim_call *c, json *application)
{
    int64_t now_ns = clock_wall_ns(c->sim->cfg.clock);
    const char *name = json_path_str(c->body, "passwordCredential.displayName");
    const char *until = json_path_str(c->body, "passwordCredential.endDateTime");
    char from[TIME_TEXT_MAX], to[TIME_TEXT_MAX];
    time_rfc3339(now_ns, from);
    time_rfc3339(now_ns + SECRET_LIFE_NS, to);
    cleanup_free char *secret = give_secret(c);
    cleanup_free char *hint = xstrndup(secret, 3);
    cleanup_json json *entry =
        json_make("{'keyId':%j,'secretText':%s,'hint':%s,'displayName':%s,'startDateTime':%s,"
                  "'endDateTime':%s,'customKeyIdentifier':null}",
                  new_uuid(c), secret, hint, name, from, until ? until : to);
    if (!json_is_array(json_get(application, "passwords")))
        json_put(application, "passwords", json_new_array());
    json_append(json_get(application, "passwords"), json_give_copy(entry));
    sim_reply(c, 200, entry);
}

void graph_remove_password(struct sim_call *c, json *application)
{
    json *list = json_get(application, "passwords");
    const char *id = json_path_str(c->body, "keyId");
    for (size_t i = 0; id && json_is_array(list) && i < json_len(list); i++)
        if (str_eq_nocase(json_path_str(json_at(list, i), "keyId"), id)) {
            json_remove_at(list, i);
            sim_reply(c, 204, NULL);
            return;
        }
    graph_refuse(c, 400, "Request_BadRequest", "No password credential found with that keyId.");
}
