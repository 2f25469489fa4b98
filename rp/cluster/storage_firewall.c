#include "rp/cluster/storage_firewall.h"

#include "pkg/azure/api_versions.h"
#include "pkg/base/log.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/cluster/base_part.h"
#include "rp/cluster/names.h"
#include "rp/cluster/subnets.h"
#include "rp/cluster/transient.h"

#define ACCOUNTS "Microsoft.Storage/storageAccounts"
/* The service's templates and OpenShift itself, which makes that of the first layout, both begin its name so. */
#define REGISTRY_PREFIX "imageregistry"
#define RULES "virtualNetworkRules"

/* ---- what is to be ---- */

static bool has_rule(const json *rules, const char *subnet_id)
{
    for (size_t i = 0; i < json_len(rules); i++)
        if (str_eq_nocase(json_path_str(json_at(rules, i), "id"), subnet_id))
            return true;
    return false;
}

/* Without what Azure tells of a rule, which is not for it to be told. Rules of subnets that were deleted stay there, and a write that
 * contains one is refused. */
static json *give_rules(const json *live)
{
    json *rules = json_new_array();
    for (size_t i = 0; i < json_len(live); i++) {
        const json *rule = json_at(live, i);
        if (str_eq_nocase(json_path_str(rule, "state"), "NetworkSourceDeleted"))
            continue;
        json *plain = json_give_copy(rule);
        (void)json_del(plain, "state");
        json_append(rules, plain);
    }
    return rules;
}

/* The operator opens accounts to subnets that machines were given later: those are not taken away. */
static json *give_acls(const json *live, const json *wanted)
{
    json *acls = json_is_object(live) ? json_give_copy(live) : json_new_object();
    json *rules = give_rules(json_get(live, RULES));
    const json *wanted_rules = json_get(wanted, RULES);
    json_put(acls, RULES, rules);
    for (size_t i = 0; i < json_len(wanted_rules); i++)
        if (!has_rule(rules, json_path_str(json_at(wanted_rules, i), "id")))
            json_append(rules, json_give_copy(json_at(wanted_rules, i)));
    for (struct json_iter it = json_each(wanted); json_next(&it);)
        if (!str_eq(it.key, RULES))
            json_put(acls, it.key, json_give_copy(it.value));
    return acls;
}

static bool are_equal(const json *live, const json *wanted)
{
    const json *rules = json_get(live, RULES);
    cleanup_json json *plain = json_is_object(live) ? json_give_copy(live) : json_new_object();
    json_put(plain, RULES, give_rules(rules));
    return json_len(json_get(plain, RULES)) == json_len(rules) && json_equal(plain, wanted);
}

/* What differs, as the properties of an update. */
static json *give_changes(const json *live, const json *wanted)
{
    static const char *const members[] = { "allowBlobPublicAccess", "allowCrossTenantReplication",
                                           "supportsHttpsTrafficOnly", "minimumTlsVersion" };
    json *changes = json_new_object();
    for (size_t i = 0; i < ARRAY_LEN(members); i++)
        if (!json_equal(json_get(live, members[i]), json_get(wanted, members[i])))
            json_put(changes, members[i], json_give_copy(json_get(wanted, members[i])));
    cleanup_json json *acls =
        give_acls(json_get(live, "networkAcls"), json_get(wanted, "networkAcls"));
    if (!are_equal(json_get(live, "networkAcls"), acls))
        json_put(changes, "networkAcls", take(acls));
    return changes;
}

/* ---- accounts ---- */

static int mend(struct arm *arm, const struct opctx *ctx, const json *account, const json *wanted,
                struct error **err)
{
    const char *id;
    cleanup_json json *changes =
        give_changes(json_get(account, "properties"), json_get(wanted, "properties"));
    if (json_len(changes) == 0)
        return 0;
    if (json_need_str(account, "id", &id, err) < 0)
        return -1;
    cleanup_json json *body = json_make("{'properties':%j}", json_ref(changes));
    const struct arm_call call = {
        .method = "PATCH", .path = id, .api_version = API_VERSION_STORAGE, .body = body
    };
    log_info(ctx->log, "the firewall of account %s is mended", arm_id_last(id));
    if (transient_send(arm, ctx, &call, NULL, err) < 0)
        return error_wrap(err, "the firewall of account %s", arm_id_last(id));
    return 0;
}

static int mend_all(struct cluster *c, struct arm *arm, const struct opctx *ctx, const char *own,
                    const json *wanted, struct error **err)
{
    cleanup_free char *path = xasprintf("%s/providers/" ACCOUNTS, name_group_id(c));
    cleanup_json json *accounts = NULL;
    if (arm_list(arm, ctx, path, API_VERSION_STORAGE, &accounts, err) < 0)
        return error_wrap(err, "finding the cluster's storage accounts");
    for (size_t i = 0; i < json_len(accounts); i++) {
        const char *name = json_path_str(json_at(accounts, i), "name");
        if (name && (str_eq(name, own) || str_starts(name, REGISTRY_PREFIX)) &&
            mend(arm, ctx, json_at(accounts, i), wanted, err) < 0)
            return -1;
    }
    return 0;
}

int cluster_ensure_storage_firewall(void *arg, const struct opctx *ctx, struct error **err)
{
    struct cluster *c = arg;
    struct arm *arm;
    cleanup_strv struct strv subnets = STRV_INIT;
    cleanup_free char *own = name_give_storage_account(c);
    cleanup_json json *wanted = NULL;
    if (subnets_list_storage(c, ctx, &subnets, err) < 0 ||
        base_part_give(c, &subnets, ACCOUNTS, own, &wanted, err) < 0 ||
        cluster_arm(c, ctx, AS_FIRST_PARTY, &arm, err) < 0)
        return -1;
    return mend_all(c, arm, ctx, own, wanted, err);
}
