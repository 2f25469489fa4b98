/* Disk encryption sets: only their names and keys; nothing is encrypted. */
#include "hack/devcloud/azure/compute.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

static bool check(struct sim_call *c, const struct resource_at *at)
{
    (void)at;
    if (json_path_str(c->body, "properties.activeKey.keyUrl"))
        return true;
    sim_reply_error(c, 400, "InvalidParameter", "Required parameter 'activeKey' is missing.");
    return false;
}

static void settle(struct sim_call *c, const struct resource_at *at, json *object)
{
    char id[UUID_LEN + 1];
    const char *had = json_path_str(at->old, "identity.principalId");
    rng_uuid(c->sim->cfg.rng, id);
    if (!json_path_str(object, "properties.encryptionType"))
        (void)json_set_str(object, "properties.encryptionType", "EncryptionAtRestWithCustomerKey",
                           NULL);
    if (!json_is_object(json_get(object, "identity")))
        return;
    json_put(json_get(object, "identity"), "principalId", json_new_str(had ? had : id));
    json_put(json_get(object, "identity"), "tenantId",
             json_new_str(json_path_str(c->sim->state, "tenant")));
}

/* A disk that is encrypted with it. */
static bool may_go(struct sim_call *c, const struct resource_at *at)
{
    const char *id = json_path_str(at->old, "id");
    for (struct json_iter it = json_each(resource_table(c->sim)); json_next(&it);) {
        if (!str_eq_nocase(json_path_str(it.value, "properties.encryption.diskEncryptionSetId"),
                           id))
            continue;
        sim_reply_error(c, 409, "OperationNotAllowed",
                        "Cannot delete disk encryption set %s since it is in use by %s.", id,
                        json_path_str(it.value, "id"));
        return false;
    }
    return true;
}

const struct resource_kind compute_encryption_kind = {
    .type = "Microsoft.Compute/diskEncryptionSets",
    .etag = RESOURCE_ETAG_NONE,
    .check = check,
    .settle = settle,
    .may_go = may_go,
};
