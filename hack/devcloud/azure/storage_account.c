/*
 * Microsoft.Storage: accounts with their keys and signatures. Their names are unique over the whole cloud. The firewall's
 * rules are kept and checked, but let everybody pass: nobody on loopback comes from a subnet.
 */
#include <string.h>

#include "hack/devcloud/azure/resource.h"
#include "hack/devcloud/azure/storage.h"
#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/net/url.h"

#define KEY_BYTES 64
#define OPERATION STORAGE_NS "/locations/asyncoperations"

static json *resources(const struct azure_sim *sim)
{
    return json_get(sim->state, "resources");
}

json *storage_find_account(const struct azure_sim *sim, const char *name)
{
    cleanup_free char *end = xasprintf("/providers/" STORAGE_ACCOUNT "/%s", name);
    for (struct json_iter it = json_each(resources(sim)); json_next(&it);)
        if (str_ends_nocase(it.key, end))
            return it.value;
    return NULL;
}

/* ---- keys ---- */

json *storage_give_key(const struct azure_sim *sim, const char *name)
{
    unsigned char bytes[KEY_BYTES];
    char now[TIME_TEXT_MAX];
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (unsigned char)rng_below(sim->cfg.rng, 256);
    cleanup_free char *value = base64_give(bytes, sizeof(bytes));
    time_rfc3339_micro(clock_wall_ns(sim->cfg.clock), now);
    return json_make("{'keyName':%s,'value':%s,'permissions':'FULL','creationTime':%s}", name,
                     value, now);
}

static void reply_keys(struct sim_call *c, const json *account)
{
    cleanup_json json *body = json_make("{'keys':%j}", json_give_copy(json_get(account, "keys")));
    sim_reply(c, 200, body);
}

static void regenerate_key(struct sim_call *c, json *account)
{
    const char *name = json_path_str(c->body, "keyName");
    json *keys = json_get(account, "keys");
    for (size_t i = 0; name && i < json_len(keys); i++)
        if (str_eq_nocase(name, json_path_str(json_at(keys, i), "keyName"))) {
            json_replace_at(keys, i, storage_give_key(c->sim, i == 0 ? "key1" : "key2"));
            reply_keys(c, account);
            return;
        }
    sim_reply_error(c, 400, "InvalidValuesForRequestParameters",
                    "Values for request parameters are invalid: keyName.");
}

static void list_account_sas(struct sim_call *c, const json *account)
{
    cleanup_error struct error *err = NULL;
    cleanup_free char *token =
        storage_give_account_sas(c->sim, json_path_str(account, "id"), c->body, &err);
    if (!token) {
        sim_reply_error(c, 400, "InvalidValuesForRequestParameters",
                        "Values for request parameters are invalid: %s.", error_text(err));
        return;
    }
    cleanup_json json *body = json_make("{'accountSasToken':%s}", token);
    sim_reply(c, 200, body);
}

/* ---- what is shown ---- */

json *storage_give_view(const json *account)
{
    static const char *const hidden[] = { "keys", "containers", "going" };
    json *view = json_new_object();
    for (struct json_iter it = json_each(account); json_next(&it);) {
        size_t i = 0;
        while (i < ARRAY_LEN(hidden) && strcmp(it.key, hidden[i]) != 0)
            i++;
        if (i == ARRAY_LEN(hidden))
            json_put(view, it.key, json_give_copy(it.value));
    }
    return view;
}

static void reply_account(struct sim_call *c, const json *account)
{
    cleanup_json json *view = storage_give_view(account);
    sim_reply(c, 200, view);
}

static json *give_endpoints(const char *name)
{
    static const char *const services[] = { "dfs", "web", "blob", "queue", "table", "file" };
    json *out = json_new_object();
    for (size_t i = 0; i < ARRAY_LEN(services); i++) {
        cleanup_free char *url =
            xasprintf("https://%s.%s%s.core.windows.net/", name,
                      strcmp(services[i], "web") == 0 ? "z13." : "", services[i]);
        json_put(out, services[i], json_new_str(url));
    }
    return out;
}

/* Rules are shown with what the service adds to them. */
static void fill_rules(json *properties)
{
    static const char *const lists[] = { "virtualNetworkRules", "ipRules" };
    if (!json_is_object(json_get(properties, "networkAcls")))
        json_put(properties, "networkAcls", json_make("{'bypass':'AzureServices'}"));
    json *acls = json_get(properties, "networkAcls");
    if (!json_get(acls, "defaultAction"))
        json_put(acls, "defaultAction", json_new_str("Allow"));
    for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
        if (!json_is_array(json_get(acls, lists[i])))
            json_put(acls, lists[i], json_new_array());
        json *rules = json_get(acls, lists[i]);
        for (size_t j = 0; j < json_len(rules); j++) {
            json_put(json_at(rules, j), "action", json_new_str("Allow"));
            if (i == 0)
                json_put(json_at(rules, j), "state", json_new_str("Succeeded"));
        }
    }
}

static void fill_account(const struct azure_sim *sim, json *account)
{
    json *properties = json_get(account, "properties"), *keys = json_get(account, "keys");
    char now[TIME_TEXT_MAX];
    time_rfc3339_micro(clock_wall_ns(sim->cfg.clock), now);
    if (!json_get(properties, "creationTime"))
        json_put(properties, "creationTime", json_new_str(now));
    if (!json_has(properties, "supportsHttpsTrafficOnly"))
        json_put(properties, "supportsHttpsTrafficOnly", json_new_bool(true));
    json_put(properties, "keyCreationTime",
             json_make("{'key1':%s,'key2':%s}", json_path_str(keys, "[0].creationTime"),
                       json_path_str(keys, "[1].creationTime")));
    json_put(properties, "primaryLocation", json_new_str(json_path_str(account, "location")));
    json_put(properties, "statusOfPrimary", json_new_str("available"));
    json_put(properties, "primaryEndpoints", give_endpoints(json_path_str(account, "name")));
    fill_rules(properties);
    json_put(json_get(account, "sku"), "tier",
             json_new_str(str_starts(json_path_str(account, "sku.name"), "Premium") ? "Premium"
                                                                                    : "Standard"));
}

/* ---- writing ---- */

/* What a body says about an account, new or not. */
static void change(struct sim_call *c, json *account)
{
    static const char *const open[] = { "tags", "kind", "sku", "identity" };
    static const char *const owned[] = { "provisioningState", "creationTime", "primaryEndpoints" };
    json *given = json_get(c->body, "properties");
    cleanup_json json *patch = given ? json_give_copy(given) : json_new_object();
    for (size_t i = 0; i < ARRAY_LEN(open); i++)
        if (json_get(c->body, open[i]))
            json_put(account, open[i], json_give_copy(json_get(c->body, open[i])));
    for (size_t i = 0; i < ARRAY_LEN(owned); i++)
        json_del(patch, owned[i]);
    json_put(account, "properties",
             json_give_merged(json_give_copy(json_get(account, "properties")), patch));
    fill_account(c->sim, account);
}

static json *give_new(struct sim_call *c, const struct arm_id *at)
{
    return json_make("{'id':%s,'name':%s,'type':'" STORAGE_ACCOUNT "','location':%s,'properties':{"
                     "'provisioningState':'Creating'},'keys':[%j,%j],'containers':{}}",
                     c->path, arm_id_name(at), json_path_str(c->body, "location"),
                     storage_give_key(c->sim, "key1"), storage_give_key(c->sim, "key2"));
}

static void set_location(struct sim_call *c, const char *operation)
{
    cleanup_free char *url =
        xasprintf("https://%s/subscriptions/%s/providers/" STORAGE_NS
                  "/locations/%s/asyncoperations/%s?monitor=true&api-version=%s",
                  sim_host(c), json_path_str(c->sim->state, "subscription"),
                  json_path_str(c->sim->state, "location"), operation, c->api_version);
    sim_set_header(c, "Location", url);
    operation_set_retry_after(c);
}

/* A new account takes its time, and only a Location tells when it is there. */
static void create(struct sim_call *c, const struct arm_id *at)
{
    json *account = give_new(c, at);
    change(c, account);
    json_put(resources(c->sim), at->key, account);
    operation_begin(c, at->key, OPERATION_PUT);
    sim_set_header(c, "Azure-AsyncOperation", NULL);
    set_location(c, c->operation);
    sim_reply(c, 202, NULL);
}

static void put(struct sim_call *c, const struct arm_id *at, json *old)
{
    const char *name = arm_id_name(at), *location = json_path_str(c->body, "location");
    if (!provider_is_registered(c, STORAGE_NS) || !storage_body_is_good(c, name) ||
        !storage_rules_are_good(c, json_get(c->body, "properties")))
        return;
    if (old && !str_eq_nocase(location, json_path_str(old, "location"))) {
        sim_reply_error(c, 409, "InvalidResourceLocation",
                        "The resource '%s' already exists in location '%s' in resource group '%s'. "
                        "A resource with the same name cannot be created in location '%s'.",
                        name, json_path_str(old, "location"), at->group, location);
    } else if (old) {
        change(c, old);
        reply_account(c, old);
    } else if (storage_find_account(c->sim, name)) {
        sim_reply_error(c, 409, "StorageAccountAlreadyTaken",
                        "The storage account named %s is already taken.", name);
    } else {
        create(c, at);
    }
}

static void patch(struct sim_call *c, json *account)
{
    if (!storage_rules_are_good(c, json_get(c->body, "properties")))
        return;
    change(c, account);
    reply_account(c, account);
}

/* ---- routes ---- */

static void refuse_absent(struct sim_call *c, const struct arm_id *at)
{
    sim_reply_error(c, 404, "ResourceNotFound",
                    "The Resource '" STORAGE_ACCOUNT
                    "/%s' under resource group '%s' was not found. "
                    "For more details please go to https://aka.ms/ARMResourceNotFoundFix",
                    at->names.v[0], at->group);
}

static void serve_one(struct sim_call *c, const struct arm_id *at, json *account)
{
    if (sim_is(c, "PUT")) {
        put(c, at, account);
    } else if (sim_is(c, "DELETE")) {
        bool found = account != NULL;
        resource_remove(c->sim, at->key);
        sim_reply(c, found ? 200 : 204, NULL);
    } else if (!account) {
        refuse_absent(c, at);
    } else if (sim_is(c, "GET")) {
        reply_account(c, account);
    } else if (sim_is(c, "PATCH")) {
        patch(c, account);
    } else {
        arm_refuse_method(c);
    }
}

static void list(struct sim_call *c, const struct arm_id *at)
{
    cleanup_free char *prefix = xstrndup(at->key, strlen(at->key));
    json *found = json_new_array();
    *strstr(prefix, "/providers/") = '\0';
    for (struct json_iter it = json_each(resources(c->sim)); json_next(&it);)
        if (str_eq_nocase(json_path_str(it.value, "type"), STORAGE_ACCOUNT) &&
            str_starts(it.key, prefix) && it.key[strlen(prefix)] == '/')
            json_append(found, storage_give_view(it.value));
    sim_reply_list(c, found);
}

/* .../storageAccounts/N/ACTION. false: no such action. */
static bool serve_action(struct sim_call *c, const struct arm_id *at, json *account)
{
    static const struct {
        const char *type;
        int which;
    } actions[] = { { STORAGE_ACCOUNT "/listKeys", 0 },
                    { STORAGE_ACCOUNT "/regenerateKey", 1 },
                    { STORAGE_ACCOUNT "/listAccountSas", 2 } };
    size_t i = 0;
    while (i < ARRAY_LEN(actions) && !arm_id_is_type(at, actions[i].type))
        i++;
    if (i == ARRAY_LEN(actions))
        return false;
    if (!sim_is(c, "POST"))
        arm_refuse_method(c);
    else if (!account)
        refuse_absent(c, at);
    else if (actions[i].which == 0)
        reply_keys(c, account);
    else if (actions[i].which == 1)
        regenerate_key(c, account);
    else
        list_account_sas(c, account);
    return true;
}

/* 202 until the account is there, then the account. */
static void serve_operation(struct sim_call *c, const char *id)
{
    const json *operation = json_get(c->sim->operations, id);
    const char *status = json_path_str(operation, "status");
    const char *key = json_path_str(operation, "resources[0]");
    const json *account = key ? json_get(resources(c->sim), key) : NULL;
    if (!operation) {
        sim_reply_error(c, 404, "OperationNotFound", "The operation '%s' does not exist.", id);
    } else if (str_eq(status, "InProgress")) {
        set_location(c, id);
        sim_reply(c, 202, NULL);
    } else if (str_eq(status, "Succeeded") && account) {
        reply_account(c, account);
    } else {
        const char *code = json_path_str(operation, "error.code");
        const char *message = json_path_str(operation, "error.message");
        sim_reply_error(c, 409, code ? code : "StorageAccountOperationInProgress", "%s",
                        message ? message : "The account was deleted meanwhile.");
    }
}

static json *find_account(struct sim_call *c, const struct arm_id *at)
{
    if (at->names.len == 0 || !at->group)
        return NULL;
    cleanup_free char *id =
        xasprintf("/subscriptions/%s/resourceGroups/%s/providers/" STORAGE_ACCOUNT "/%s",
                  at->subscription, at->group, at->names.v[0]);
    cleanup_free char *key = str_give_lower(id);
    return json_get(resources(c->sim), key);
}

bool storage_serve(struct sim_call *c)
{
    cleanup_arm_id struct arm_id at = { 0 };
    if (!arm_id_init(c->path, &at) || !at.subscription || !str_eq_nocase(at.provider, STORAGE_NS))
        return false;
    json *account = find_account(c, &at);
    bool is_account = arm_id_is_type(&at, STORAGE_ACCOUNT);
    if (arm_id_is_type(&at, STORAGE_NS "/checkNameAvailability") && sim_is(c, "POST"))
        storage_check_name(c);
    else if (arm_id_is_type(&at, OPERATION) && sim_is(c, "GET") && arm_id_name(&at))
        serve_operation(c, arm_id_name(&at));
    else if (is_account && at.is_list && sim_is(c, "GET"))
        list(c, &at);
    else if (is_account && !at.is_list && at.group)
        serve_one(c, &at, account);
    else
        return at.group && at.names.len > 0 &&
               (serve_action(c, &at, account) || storage_serve_container(c, &at, account));
    return true;
}
