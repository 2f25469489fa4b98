/*
 * Key vaults as resources of ARM. What they hold is under their names in the state's "vaults", where anybody may call it into
 * being; it goes with its vault.
 */
#include "hack/devcloud/azure/vault_resource.h"

#include <ctype.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

#define NAME_MIN 3
#define NAME_MAX_ 24
#define NAME_INVALID \
    "The vault name '%s' is invalid. A vault's name must be between 3-24 alphanumeric " \
    "characters. " \
    "The name must begin with a letter, end with a letter or digit, and not contain consecutive " \
    "hyphens."

static bool name_is_good(const char *name)
{
    size_t len = strlen(name);
    if (len < NAME_MIN || len > NAME_MAX_ || !isalpha((unsigned char)name[0]) ||
        name[len - 1] == '-' || strstr(name, "--"))
        return false;
    for (size_t i = 0; i < len; i++)
        if (!isalnum((unsigned char)name[i]) && name[i] != '-')
            return false;
    return true;
}

/* A vault of this name, wherever it is; NULL: there is none. */
static const json *find_vault(struct azure_sim *sim, const char *name)
{
    cleanup_free char *end = xasprintf("/providers/" VAULT_TYPE "/%s", name);
    for (struct json_iter it = json_each(resource_table(sim)); json_next(&it);)
        if (str_ends_nocase(it.key, end))
            return it.value;
    return NULL;
}

/* ---- the kind ---- */

static bool check(struct sim_call *c, const struct resource_at *at)
{
    const char *name = arm_id_name(at->id);
    if (!name_is_good(name))
        sim_reply_error(c, 400, "VaultNameNotValid", NAME_INVALID, name);
    else if (!json_path_str(c->body, "properties.tenantId") ||
             !json_path_str(c->body, "properties.sku.name"))
        sim_reply_error(c, 400, "BadRequest", "A vault needs a tenantId and a sku.");
    else if (!at->old && find_vault(c->sim, name))
        sim_reply_error(c, 409, "VaultAlreadyExists",
                        "The vault name '%s' is already in use. Vault names are globally unique so "
                        "it is possible that the name is already taken.",
                        name);
    else
        return true;
    return false;
}

static void settle(struct sim_call *c, const struct resource_at *at, json *object)
{
    (void)c;
    json *properties = json_get(object, "properties");
    cleanup_free char *name = str_give_lower(arm_id_name(at->id));
    cleanup_free char *url = xasprintf("https://%s.vault.azure.net/", name);
    json_put(properties, "vaultUri", json_new_str(url));
    if (!json_has(properties, "enableSoftDelete"))
        json_put(properties, "enableSoftDelete", json_new_bool(true));
    if (!json_has(properties, "softDeleteRetentionInDays"))
        json_put(properties, "softDeleteRetentionInDays", json_new_int(90));
    if (!json_is_array(json_get(properties, "accessPolicies")))
        json_put(properties, "accessPolicies", json_new_array());
}

static void removed(struct azure_sim *sim, const char *key, const json *object)
{
    (void)object;
    json_del(json_get(sim->state, "vaults"), strrchr(key, '/') + 1);
}

const struct resource_kind vault_kind = {
    .type = VAULT_TYPE,
    .etag = RESOURCE_ETAG_NONE,
    .at_once = true,
    .check = check,
    .settle = settle,
    .removed = removed,
};

/* ---- names ---- */

bool vault_name_serve(struct sim_call *c)
{
    cleanup_arm_id struct arm_id at = { 0 };
    if (!sim_is(c, "POST") || !arm_id_init(c->path, &at) || !at.subscription ||
        !arm_id_is_type(&at, "Microsoft.KeyVault/checkNameAvailability"))
        return false;
    const char *name = json_path_str(c->body, "name");
    if (!name) {
        sim_reply_error(c, 400, "BadRequest", "A name must be given.");
        return true;
    }
    cleanup_json json *body = json_make("{'nameAvailable':true}");
    bool good = name_is_good(name);
    if (!good || find_vault(c->sim, name)) {
        cleanup_free char *text = good ? xasprintf("The name '%s' is already in use.", name)
                                       : xasprintf(NAME_INVALID, name);
        json_put(body, "nameAvailable", json_new_bool(false));
        json_put(body, "reason", json_new_str(good ? "AlreadyExists" : "AccountNameInvalid"));
        json_put(body, "message", json_new_str(text));
    }
    sim_reply(c, 200, body);
    return true;
}
