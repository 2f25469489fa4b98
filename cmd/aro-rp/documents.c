#include "cmd/aro-rp/documents.h"

#include <string.h>
#include <unistd.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

#define FILE_SCHEME "sqlite:"
#define LOCAL FILE_SCHEME "aro.db"

static const struct {
    const char *scheme;
    int (*open)(const struct opctx *ctx, const char *dsn, struct store **ret, struct error **err);
} drivers[] = {
    { FILE_SCHEME, store_open_sqlite },
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

/* SQLite makes a file that is not there. */
static int check_file(const struct documents_config *cfg, const char *dsn, struct error **err)
{
    if (!cfg->only_existing || !str_starts(dsn, FILE_SCHEME))
        return 0;
    const char *path = dsn + strlen(FILE_SCHEME);
    if (access(path, F_OK) == 0)
        return 0;
    return error_set(
        err, ERR_NOT_FOUND,
        "no documents here: there is no file %s; run this in the folder of the resource "
        "provider, or set ARO_RP_DATABASE as it is set there",
        path);
}

static int open_cosmos(const struct documents_config *cfg, struct store **ret, struct error **err)
{
    const char *account = rp_env_text(cfg->env, ENV_COSMOS_ACCOUNT);
    cleanup_free char *endpoint = xasprintf("https://%s.%s", account, cfg->cloud->cosmos);
    const struct cosmos_config cosmos = {
        .endpoint = endpoint,
        .database = rp_env_text(cfg->env, ENV_DATABASE_NAME),
        .key = rp_env_secret(cfg->env, ENV_COSMOS_KEY),
        .tokens = cfg->tokens,
        .transport = cfg->transport,
    };
    return store_open_cosmos(&cosmos, ret, err);
}

static int open_any(const struct opctx *ctx, const struct documents_config *cfg, struct store **ret,
                    struct error **err)
{
    const char *dsn = rp_env_text(cfg->env, ENV_DATABASE);
    bool has_account = rp_env_text(cfg->env, ENV_COSMOS_ACCOUNT) != NULL;
    bool may_enter = rp_env_secret(cfg->env, ENV_COSMOS_KEY) || cfg->tokens;
    if (!dsn && has_account && may_enter)
        return open_cosmos(cfg, ret, err);
    if (!dsn)
        dsn = LOCAL;
    return check_file(cfg, dsn, err) < 0 ? -1 : open_dsn(ctx, dsn, ret, err);
}

int documents_open(const struct opctx *ctx, const struct documents_config *cfg, struct store **ret,
                   struct error **err)
{
    const struct store_leases leases = {
        .lease_s = rp_env_ms(cfg->env, INTERVAL_LEASE) / 1000,
        .retry_later_s = rp_env_ms(cfg->env, INTERVAL_RETRY_LATER) / 1000,
    };
    if (open_any(ctx, cfg, ret, err) < 0)
        return -1;
    store_set_leases(*ret, &leases);
    return 0;
}
