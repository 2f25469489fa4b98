#include "rp/cluster/storage.h"

#include "rp/cluster/names.h"

#define CLOCKS_DIFFER_NS (INT64_C(15) * 60 * NS_PER_S)
#define LIFE_NS (INT64_C(3600) * NS_PER_S)

static int give_sas(struct cluster *c, const struct opctx *ctx, const char *permissions,
                    const char *resource_types, const char *account, struct secret **ret,
                    struct error **err)
{
    struct arm *arm;
    cleanup_free char *id = name_give_resource_id(c, "Microsoft.Storage/storageAccounts", account);
    int64_t now_ns = clock_wall_ns(c->cfg->clock);
    const struct storage_sas want = {
        .permissions = permissions,
        .resource_types = resource_types,
        .start_wall_ns = now_ns - CLOCKS_DIFFER_NS,
        .expiry_wall_ns = now_ns + LIFE_NS,
    };
    if (cluster_arm(c, ctx, AS_FIRST_PARTY, &arm, err) < 0)
        return -1;
    return storage_sign(arm, ctx, id, &want, ret, err);
}

int storage_open(struct cluster *c, const struct opctx *ctx, const char *permissions,
                 const char *resource_types, struct blobs **ret, struct error **err)
{
    cleanup_free char *account = name_give_storage_account(c);
    cleanup_secret struct secret *sas = NULL;
    struct blobs_config cfg = {
        .transport = c->cfg->transport,
        .cloud = c->cfg->cloud,
        .account = account,
        .user_agent = "aro-rp",
        .clock = c->cfg->clock,
        .rng = c->cfg->rng,
    };
    if (cluster_has_identities(c)) {
        if (cluster_tokens(c, ctx, AS_FIRST_PARTY, &cfg.tokens, err) < 0)
            return -1;
    } else if (give_sas(c, ctx, permissions, resource_types, account, &sas, err) < 0) {
        return -1;
    }
    cfg.sas = sas;
    *ret = blobs_new(&cfg);
    return 0;
}
