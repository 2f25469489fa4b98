#include "cmd/aro-rp/lifecycle.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pkg/base/log.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/cluster/installer/installer.h"
#include "rp/hive/hive.h"

struct lifecycle {
    struct cluster_config clusters;
    struct first_party *first_party;
};

static struct azure_credential *give_first_party(void *arg, const char *tenant_id)
{
    const struct lifecycle *l = arg;
    return first_party_give_credential(l->first_party, tenant_id);
}

static int find_installer(const struct rp_env *env, struct installer **ret, struct error **err)
{
    const char *name = rp_env_text(env, ENV_INSTALLER);
    if (!name || str_eq(name, "none"))
        return 0;
    if (str_eq(name, "builtin")) {
        if (!rp_env_is_development(env))
            return error_set(err, ERR_INVALID,
                             "ARO_RP_INSTALLER: the built-in installer is for development; name "
                             "the program openshift-install");
        *ret = installer_builtin_new();
        return 0;
    }
    if (strchr(name, '/') && access(name, X_OK) < 0)
        return error_set(err, ERR_INVALID, "ARO_RP_INSTALLER: %s cannot be run", name);
    const struct installer_external_config cfg = { .program = name };
    *ret = installer_external_new(&cfg);
    return 0;
}

static int open_hive(const struct lifecycle_config *cfg, struct hive **ret, struct error **err)
{
    const struct hive_config hive = { .env = cfg->env, .http = cfg->http };
    if (hive_open(&hive, ret, err) < 0)
        return -1;
    if (!*ret && str_eq(rp_env_text(cfg->env, ENV_ADOPT_BY_HIVE), "true"))
        log_warning(cfg->log, "ARO_ADOPT_BY_HIVE is set, SYNCSETS_API_URL is not: clusters are not "
                              "registered with SyncSets");
    return 0;
}

int lifecycle_new(const struct lifecycle_config *cfg, struct lifecycle **ret, struct error **err)
{
    struct installer *installer = NULL;
    struct hive *hive = NULL;
    if (open_hive(cfg, &hive, err) < 0)
        return -1;
    if (find_installer(cfg->env, &installer, err) < 0) {
        hive_close(hive);
        return -1;
    }
    struct lifecycle *l = xnew(struct lifecycle);
    l->first_party = cfg->first_party;
    l->clusters = (struct cluster_config){
        .env = cfg->env,
        .process_env = cfg->process_env,
        .http = cfg->http,
        .transport = cfg->transport,
        .cloud = cfg->cloud,
        .give_first_party = give_first_party,
        .first_party_arg = l,
        .secrets = cfg->secrets,
        .hive = hive,
        .service_tokens = cfg->service_tokens,
        .installer = installer,
        .clock = cfg->clock,
        .rng = cfg->rng,
    };
    *ret = l;
    return 0;
}

void lifecycle_free(struct lifecycle *l)
{
    if (!l)
        return;
    installer_free(l->clusters.installer);
    hive_close(l->clusters.hive);
    free(l);
}

struct cluster_config *lifecycle_clusters(struct lifecycle *l)
{
    return &l->clusters;
}

struct hive *lifecycle_hive(const struct lifecycle *l)
{
    return l ? l->clusters.hive : NULL;
}
