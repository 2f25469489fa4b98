#include "cmd/aro-rp/documents.h"

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/database/store_cosmos.h"

#define LOCAL "sqlite:aro.db"

static const struct {
    const char *scheme;
    int (*open)(const struct opctx *ctx, const char *dsn, struct store **ret, struct error **err);
} drivers[] = {
    { "sqlite:", store_open_sqlite },
    { "postgresql:", store_open_postgresql },
    { "postgres:", store_open_postgresql },
};

static int open_dsn(const struct opctx *ctx, const char *dsn, struct store **ret,
                    struct error **err)
{
    for (size_t i = 0; i < ARRAY_LEN(drivers); i++)
        if (str_starts(dsn, drivers[i].scheme))
            return drivers[i].open(ctx, dsn, ret, err);
    /* The rest of it may hold a password. */
    return error_set(err, ERR_INVALID,
                     "ARO_RP_DATABASE: it begins neither with sqlite: nor with postgresql:");
}

static int open_cosmos(const struct rp_env *env, struct http_transport *transport,
                       struct store **ret, struct error **err)
{
    cleanup_free char *endpoint =
        xasprintf("https://%s.documents.azure.com", rp_env_text(env, ENV_COSMOS_ACCOUNT));
    const struct cosmos_config cfg = {
        .endpoint = endpoint,
        .database = rp_env_text(env, ENV_DATABASE_NAME),
        .key = rp_env_secret(env, ENV_COSMOS_KEY),
        .transport = transport,
    };
    if (!cfg.key)
        return error_set(err, ERR_INVALID, "COSMOSDB_KEY is not set, and the account %s needs it",
                         rp_env_text(env, ENV_COSMOS_ACCOUNT));
    return store_open_cosmos(&cfg, ret, err);
}

static int open_any(const struct opctx *ctx, const struct rp_env *env,
                    struct http_transport *transport, struct store **ret, struct error **err)
{
    const char *dsn = rp_env_text(env, ENV_DATABASE);
    bool has_account = rp_env_text(env, ENV_COSMOS_ACCOUNT) != NULL;
    bool has_key = rp_env_secret(env, ENV_COSMOS_KEY) != NULL;
    if (dsn)
        return open_dsn(ctx, dsn, ret, err);
    if (has_account && (has_key || !rp_env_is_development(env)))
        return open_cosmos(env, transport, ret, err);
    return open_dsn(ctx, LOCAL, ret, err);
}

int documents_open(const struct opctx *ctx, const struct rp_env *env,
                   struct http_transport *transport, struct store **ret, struct error **err)
{
    const struct store_leases leases = {
        .lease_s = rp_env_ms(env, INTERVAL_LEASE) / 1000,
        .retry_later_s = rp_env_ms(env, INTERVAL_RETRY_LATER) / 1000,
    };
    if (open_any(ctx, env, transport, ret, err) < 0)
        return -1;
    store_set_leases(*ret, &leases);
    return 0;
}
