/* Resource providers and features of the subscription: what is registered, and registering more. */
#include <string.h>

#include "hack/devcloud/azure/arm_id.h"
#include "hack/devcloud/azure/forward.h"
#include "hack/devcloud/azure/sim.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

#define FEATURES "Microsoft.Features"

static const struct {
    const char *ns;
    bool at_once; /* registered from the beginning, unless the state says otherwise */
    const char *types[5];
} known[] = {
    { "Microsoft.Authorization", true, { "roleAssignments", "roleDefinitions", "permissions" } },
    { "Microsoft.Compute", true, { "virtualMachines", "disks", "diskEncryptionSets" } },
    { "Microsoft.ContainerRegistry", true, { "registries", "registries/tokens" } },
    { "Microsoft.DocumentDB", true, { "databaseAccounts" } },
    { "Microsoft.Features", true, { "features", "providers" } },
    { "Microsoft.KeyVault", true, { "vaults" } },
    { "Microsoft.ManagedIdentity", true, { "userAssignedIdentities" } },
    { "Microsoft.Network", true, { "virtualNetworks", "networkSecurityGroups" } },
    { RP_NAMESPACE, false, { "OpenShiftClusters", "locations", "operations" } },
    { "Microsoft.Resources", true, { "resourceGroups", "deployments", "subscriptions" } },
    { "Microsoft.Storage", true, { "storageAccounts" } },
};

static size_t find_known(const char *ns)
{
    size_t i = 0;
    while (i < ARRAY_LEN(known) && !str_eq_nocase(known[i].ns, ns))
        i++;
    return i;
}

/* ---- the state ---- */

static const char *registration(const struct azure_sim *sim, size_t i)
{
    cleanup_free char *key = str_give_lower(known[i].ns);
    const char *stored = json_str(json_get(json_get(sim->state, "registrations"), key));
    return stored ? stored : known[i].at_once ? "Registered" : "NotRegistered";
}

static void remember(struct azure_sim *sim, const char *table, const char *name, json *value)
{
    cleanup_free char *key = str_give_lower(name);
    if (!json_is_object(json_get(sim->state, table)))
        json_put(sim->state, table, json_new_object());
    json_put(json_get(sim->state, table), key, value);
}

const char *provider_registration(const struct azure_sim *sim, const char *ns)
{
    size_t i = find_known(ns);
    return i < ARRAY_LEN(known) ? registration(sim, i) : "NotRegistered";
}

void provider_set_registration(struct azure_sim *sim, const char *ns, const char *value)
{
    remember(sim, "registrations", ns, json_new_str(value));
}

bool provider_is_registered(struct sim_call *c, const char *ns)
{
    size_t i = find_known(ns);
    if (i == ARRAY_LEN(known) || str_eq(registration(c->sim, i), "Registered"))
        return true;
    sim_reply_error(c, 409, "MissingSubscriptionRegistration",
                    "The subscription is not registered to use namespace '%s'. See "
                    "https://aka.ms/rps-not-found for how to register subscriptions.",
                    known[i].ns);
    return false;
}

/* ---- providers ---- */

static json *give_provider(const struct azure_sim *sim, size_t i)
{
    cleanup_free char *id = xasprintf("/subscriptions/%s/providers/%s",
                                      json_path_str(sim->state, "subscription"), known[i].ns);
    json *types = json_new_array();
    for (size_t t = 0; t < ARRAY_LEN(known[i].types) && known[i].types[t]; t++)
        json_append(types, json_make("{'resourceType':%s,'locations':['East US',%s],'apiVersions':"
                                     "['2022-04-01','2021-04-01','2019-12-31-preview'],"
                                     "'capabilities':'None'}",
                                     known[i].types[t], json_path_str(sim->state, "location")));
    return json_make("{'id':%s,'namespace':%s,'registrationPolicy':'RegistrationRequired',"
                     "'registrationState':%s,'resourceTypes':%j}",
                     id, known[i].ns, registration(sim, i), types);
}

/* A provider hears of the subscription before the registration is complete (forward.c). */
static void change_registration(struct sim_call *c, size_t i, bool on)
{
    bool told = str_eq(known[i].ns, RP_NAMESPACE);
    const char *now = registration(c->sim, i);
    bool done = on ? str_eq(now, "Registered")
                   : str_eq(now, "NotRegistered") || str_eq(now, "Unregistered");
    if (!done)
        provider_set_registration(c->sim, known[i].ns,
                                  on     ? told ? "Registering" : "Registered"
                                  : told ? "Unregistering"
                                         : "Unregistered");
    cleanup_json json *body = give_provider(c->sim, i);
    sim_reply(c, 200, body);
    forward_tell_subscription(c);
}

static void list_providers(struct sim_call *c)
{
    json *list = json_new_array();
    for (size_t i = 0; i < ARRAY_LEN(known); i++)
        json_append(list, give_provider(c->sim, i));
    sim_reply_list(c, list);
}

static void serve_provider(struct sim_call *c, const struct arm_id *at)
{
    size_t i = find_known(at->provider);
    bool plain = str_eq_nocase(at->type, at->provider);
    cleanup_json json *body = NULL;
    if (i == ARRAY_LEN(known)) {
        sim_reply_error(c, 404, "InvalidResourceNamespace",
                        "The resource namespace '%s' is invalid.", at->provider);
    } else if (plain && sim_is(c, "GET")) {
        body = give_provider(c->sim, i);
        sim_reply(c, 200, body);
        forward_tell_subscription(c);
    } else if (!plain && sim_is(c, "POST")) {
        change_registration(c, i, str_ends_nocase(at->type, "/register"));
    } else {
        arm_refuse_method(c);
    }
}

/* ---- features ---- */

/* /subscriptions/S/providers/Microsoft.Features/providers/NS/features/F[/register] */
static void serve_feature(struct sim_call *c, const struct arm_id *at)
{
    const char *name = at->names.v[0];
    bool on = str_ends_nocase(at->type, "/register");
    bool off = str_ends_nocase(at->type, "/unregister");
    cleanup_free char *full = xasprintf("%s/%s", at->provider, name);
    cleanup_free char *key = str_give_lower(full);
    if (sim_is(c, "GET") != !(on || off) || (!sim_is(c, "GET") && !sim_is(c, "POST"))) {
        arm_refuse_method(c);
        return;
    }
    if (on || off) {
        remember(c->sim, "features", full,
                 json_make("{'name':%s,'state':%s}", full, on ? "Registered" : "NotRegistered"));
        size_t i = find_known(at->provider); /* a provider is told again */
        if (i < ARRAY_LEN(known) && str_eq(known[i].ns, RP_NAMESPACE) &&
            str_eq(registration(c->sim, i), "Registered"))
            provider_set_registration(c->sim, known[i].ns, "Registering");
        forward_tell_subscription(c);
    }
    const char *state = json_path_str(json_get(json_get(c->sim->state, "features"), key), "state");
    cleanup_free char *id = xasprintf("%s/providers/%s/features/%s", at->scope, at->provider, name);
    cleanup_json json *body =
        json_make("{'id':%s,'name':%s,'type':'Microsoft.Features/providers/features','properties':{"
                  "'state':%s}}",
                  id, full, state ? state : "NotRegistered");
    sim_reply(c, 200, body);
}

json *provider_give_features(const struct azure_sim *sim, const char *ns)
{
    cleanup_free char *folder = xasprintf("%s/", ns);
    cleanup_free char *prefix = str_give_lower(folder);
    json *list = json_new_array();
    for (struct json_iter it = json_each(json_get(sim->state, "features")); json_next(&it);)
        if (str_starts(it.key, prefix))
            json_append(list, json_give_copy(it.value));
    return list;
}

/* ---- routes ---- */

static bool is_feature(const struct arm_id *at)
{
    cleanup_free char *type = xasprintf("%s/features", at->provider);
    cleanup_free char *action = xasprintf("%s/features/*register", at->provider);
    return str_ends_nocase(at->scope, "/providers/" FEATURES) && at->names.len == 1 &&
           (arm_id_is_type(at, type) || str_matches_nocase(action, at->type));
}

bool providers_serve(struct sim_call *c)
{
    cleanup_arm_id struct arm_id at = { 0 };
    if (!arm_id_init(c->path, &at) || !at.subscription || at.group)
        return false;
    if (!at.provider) {
        if (!str_matches_nocase("/subscriptions/*/providers", c->path))
            return false;
        if (sim_is(c, "GET"))
            list_providers(c);
        else
            arm_refuse_method(c);
        return true;
    }
    cleanup_free char *own = xasprintf("/subscriptions/%s", at.subscription);
    bool plain = str_eq_nocase(at.type, at.provider) ||
                 (at.names.len == 0 && str_ends_nocase(at.type, "register"));
    if (is_feature(&at))
        serve_feature(c, &at);
    else if (plain && str_eq_nocase(at.scope, own))
        serve_provider(c, &at);
    else
        return false;
    return true;
}
