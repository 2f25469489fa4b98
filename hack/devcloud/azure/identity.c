#include "hack/devcloud/azure/identity.h"

#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

#define CREDENTIALS_MAX 20

static json *applications(struct azure_sim *sim)
{
    return json_get(sim->state, "applications");
}

/* The credentials of an identity, as the directory compares them with tokens. */
static void tell_directory(struct azure_sim *sim, const json *identity)
{
    const char *client_id = json_path_str(identity, "properties.clientId");
    json *application = client_id ? json_get(applications(sim), client_id) : NULL;
    cleanup_free char *folder =
        xasprintf("%s/federatedIdentityCredentials/", json_path_str(identity, "id"));
    cleanup_free char *prefix = str_give_lower(folder);
    json *list = json_new_array();
    for (struct json_iter it = json_each(resource_table(sim)); json_next(&it);)
        if (str_starts(it.key, prefix))
            json_append(list, json_make("{'issuer':%s,'subject':%s,'audience':%s}",
                                        json_path_str(it.value, "properties.issuer"),
                                        json_path_str(it.value, "properties.subject"),
                                        json_path_str(it.value, "properties.audiences[0]")));
    if (application)
        json_put(application, "federated", list);
    else
        json_free(list);
}

/* ---- identities ---- */

static void settle(struct sim_call *c, const struct resource_at *at, json *object)
{
    char principal[UUID_LEN + 1], client[UUID_LEN + 1];
    json_del(json_get(object, "properties"), "provisioningState");
    if (at->old)
        return;
    rng_uuid(c->sim->cfg.rng, principal);
    rng_uuid(c->sim->cfg.rng, client);
    json_put(object, "properties",
             json_make("{'tenantId':%s,'principalId':%s,'clientId':%s}",
                       json_path_str(c->sim->state, "tenant"), principal, client));
    json_put(applications(c->sim), client,
             json_make("{'objectId':%s,'displayName':%s,'graphRoles':[],'federated':[],"
                       "'known_from_ms':%ld}",
                       principal, json_path_str(object, "name"),
                       clock_wall_ns(c->sim->cfg.clock) / NS_PER_MS +
                           json_path_int(c->sim->state, "principal_delay_ms", 0)));
}

static void removed(struct azure_sim *sim, const char *key, const json *object)
{
    (void)key;
    json_del(applications(sim), json_path_str(object, "properties.clientId"));
}

static const char *const owned[] = { "tenantId", "principalId", "clientId", NULL };

const struct resource_kind identity_kind = {
    .type = IDENTITY_TYPE,
    .etag = RESOURCE_ETAG_NONE,
    .at_once = true,
    .owned = owned,
    .settle = settle,
    .removed = removed,
};

/* ---- whose tokens they trust ---- */

static bool is_complete(struct sim_call *c)
{
    static const char *const needed[] = { "properties.issuer", "properties.subject" };
    for (size_t i = 0; i < ARRAY_LEN(needed); i++)
        if (!json_path_str(c->body, needed[i])) {
            sim_reply_error(c, 400, "BadRequest", "The federated credential has no %s.",
                            needed[i] + strlen("properties."));
            return false;
        }
    if (json_len(json_path(c->body, "properties.audiences")) == 1 &&
        json_path_str(c->body, "properties.audiences[0]"))
        return true;
    sim_reply_error(c, 400, "BadRequest", "The federated credential needs exactly one audience.");
    return false;
}

/* No two may trust the same; and there are not many. */
static bool credential_check(struct sim_call *c, const struct resource_at *at)
{
    cleanup_free char *folder =
        xstrndup(at->id->key, (size_t)(strrchr(at->id->key, '/') + 1 - at->id->key));
    size_t others = 0;
    if (!is_complete(c))
        return false;
    for (struct json_iter it = json_each(resource_table(c->sim)); json_next(&it);) {
        if (!str_starts(it.key, folder) || strcmp(it.key, at->id->key) == 0)
            continue;
        others++;
        if (str_eq(json_path_str(it.value, "properties.issuer"),
                   json_path_str(c->body, "properties.issuer")) &&
            str_eq(json_path_str(it.value, "properties.subject"),
                   json_path_str(c->body, "properties.subject"))) {
            sim_reply_error(c, 409, "Conflict",
                            "Issuer and subject combination already exists for this Managed "
                            "Identity.");
            return false;
        }
    }
    if (others < CREDENTIALS_MAX)
        return true;
    sim_reply_error(c, 400, "BadRequest", "An identity has at most %d federated credentials.",
                    CREDENTIALS_MAX);
    return false;
}

static void credential_settle(struct sim_call *c, const struct resource_at *at, json *object)
{
    (void)c;
    (void)at;
    json_del(json_get(object, "properties"), "provisioningState");
}

/* The identity that a credential's key lies in; NULL: it is gone. */
static const json *find_identity(struct azure_sim *sim, const char *key)
{
    cleanup_free char *parent = arm_id_give_parent(key);
    return parent ? resource_get(sim, parent) : NULL;
}

static void credential_stored(struct sim_call *c, const struct resource_at *at, json *object)
{
    (void)object;
    tell_directory(c->sim, find_identity(c->sim, at->id->key));
}

static void credential_removed(struct azure_sim *sim, const char *key, const json *object)
{
    (void)object;
    const json *identity = find_identity(sim, key);
    if (identity)
        tell_directory(sim, identity);
}

const struct resource_kind identity_credential_kind = {
    .type = IDENTITY_TYPE "/federatedIdentityCredentials",
    .location = "",
    .etag = RESOURCE_ETAG_NONE,
    .at_once = true,
    .check = credential_check,
    .settle = credential_settle,
    .stored = credential_stored,
    .removed = credential_removed,
};
