/* Whether a storage account may be what is put. */
#include <ctype.h>
#include <string.h>

#include "hack/devcloud/azure/storage.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

#define NAME_MIN 3
#define NAME_MAX_ 24
#define NAME_INVALID \
    "%s is not a valid storage account name. Storage account name must be between 3 and 24 " \
    "characters in length and use numbers and lower-case letters only."

bool storage_name_is_good(const char *name)
{
    size_t len = strlen(name);
    for (size_t i = 0; i < len; i++)
        if (!islower((unsigned char)name[i]) && !isdigit((unsigned char)name[i]))
            return false;
    return len >= NAME_MIN && len <= NAME_MAX_;
}

bool storage_body_is_good(struct sim_call *c, const char *name)
{
    static const char *const needed[] = { "location", "kind", "sku.name" };
    if (!storage_name_is_good(name)) {
        sim_reply_error(c, 400, "AccountNameInvalid", NAME_INVALID, name);
        return false;
    }
    for (size_t i = 0; i < ARRAY_LEN(needed); i++)
        if (!json_path_str(c->body, needed[i])) {
            sim_reply_error(c, 400, "InvalidValuesForRequestParameters",
                            "Values for request parameters are invalid: %s.", needed[i]);
            return false;
        }
    return true;
}

/* ---- the firewall's rules ---- */

static bool has_endpoint(const json *subnet)
{
    const json *endpoints = json_path(subnet, "properties.serviceEndpoints");
    for (size_t i = 0; i < json_len(endpoints); i++)
        if (str_matches_nocase(STORAGE_NS "*", json_path_str(json_at(endpoints, i), "service")))
            return true;
    return false;
}

static bool rule_is_good(struct sim_call *c, const char *id)
{
    cleanup_free char *key = id ? str_give_lower(id) : NULL;
    const json *subnet = key ? json_get(json_get(c->sim->state, "resources"), key) : NULL;
    if (!id || !strstr(key, "/subnets/")) {
        sim_reply_error(c, 400, "NetworkAclsValidationFailure",
                        "Validation of network acls failure: the id of a virtual network rule has "
                        "to be a subnet's.");
    } else if (!subnet) {
        sim_reply_error(c, 400, "NetworkAclsValidationFailure",
                        "Validation of network acls failure: SubnetsNotProvisioned: Cannot proceed "
                        "with operation because subnets %s are not provisioned.",
                        id);
    } else if (!has_endpoint(subnet)) {
        sim_reply_error(
            c, 400, "NetworkAclsValidationFailure",
            "Validation of network acls failure: SubnetsHaveNoServiceEndpointsConfigured"
            ": Subnets %s do not have ServiceEndpoints for " STORAGE_NS " resources configured.",
            id);
    } else {
        return true;
    }
    return false;
}

bool storage_rules_are_good(struct sim_call *c, const json *properties)
{
    const json *rules = json_path(properties, "networkAcls.virtualNetworkRules");
    for (size_t i = 0; i < json_len(rules); i++)
        if (!rule_is_good(c, json_path_str(json_at(rules, i), "id")))
            return false;
    return true;
}

/* ---- names ---- */

void storage_check_name(struct sim_call *c)
{
    const char *name = json_path_str(c->body, "name");
    cleanup_json json *body = json_make("{'nameAvailable':true}");
    if (!name || !str_eq_nocase(json_path_str(c->body, "type"), STORAGE_ACCOUNT)) {
        sim_reply_error(c, 400, "InvalidValuesForRequestParameters",
                        "A name and the type " STORAGE_ACCOUNT " must be given.");
        return;
    }
    bool good = storage_name_is_good(name);
    if (!good || storage_find_account(c->sim, name)) {
        cleanup_free char *text =
            good ? xasprintf("The storage account named %s is already taken.", name)
                 : xasprintf(NAME_INVALID, name);
        json_put(body, "nameAvailable", json_new_bool(false));
        json_put(body, "reason", json_new_str(good ? "AlreadyExists" : "AccountNameInvalid"));
        json_put(body, "message", json_new_str(text));
    }
    sim_reply(c, 200, body);
}
