#include "rp/cluster/tables.h"

#include "pkg/base/strv.h"
#include "rp/cluster/cluster_version.h"
#include "rp/cluster/names.h"
#include "rp/cluster/phase.h"
#include "rp/hive/hive.h"

const struct admin_task_row admin_tasks[] = {
    { "", ADMIN_EVERYTHING },
    { "Everything", ADMIN_EVERYTHING },
    { "OperatorUpdate", ADMIN_OPERATOR },
    { "CertificatesRenewal", ADMIN_CERTIFICATES },
    { "SyncClusterObject", ADMIN_SYNC },
    { "MigrateLoadBalancer", ADMIN_BALANCER },
};
const size_t admin_tasks_len = ARRAY_LEN(admin_tasks);

static int find_admin_table(const struct cluster *c, const struct cluster_table **ret,
                            struct error **err)
{
    const char *task = cluster_text_or_empty(c, "maintenanceTask");
    for (size_t i = 0; i < admin_tasks_len; i++)
        if (str_eq(admin_tasks[i].task, task)) {
            *ret = &admin_update_tables[admin_tasks[i].table];
            return 0;
        }
    return error_set(err, ERR_INVALID, "properties.maintenanceTask: nothing is done for '%s'",
                     task);
}

static int find_install_table(const struct cluster *c, const struct cluster_table **ret,
                              struct error **err)
{
    static const struct cluster_table nothing = { NULL, 0 };
    int64_t phase = json_path_int(c->doc, PROPERTIES "install.phase", PHASE_BOOTSTRAP);
    if (cluster_is_installed(c)) {
        *ret = &nothing;
        return 0;
    }
    if (phase < 0 || phase >= INSTALL_PHASES)
        return error_set(err, ERR_INTERNAL, "properties.install.phase: there is no phase %lld",
                         (long long)phase);
    *ret = &install_tables[cluster_layout(c)][phase];
    return 0;
}

int cluster_find_table(const struct cluster *c, const struct cluster_table **ret,
                       struct error **err)
{
    switch (c->job.operation) {
    case CLUSTER_INSTALL:
        return find_install_table(c, ret, err);
    case CLUSTER_UPDATE:
        *ret = &update_table;
        return 0;
    case CLUSTER_ADMIN_UPDATE:
        return find_admin_table(c, ret, err);
    case CLUSTER_DELETE:
        *ret = &delete_table;
        return 0;
    default:
        return error_set(err, ERR_INTERNAL, "there is no operation %d", (int)c->job.operation);
    }
}

/* Certificates are made for names in the service's zone. Whether they are may be changed while clusters live. */
static unsigned certificate_whens(const struct cluster *c)
{
    cleanup_free char *domain = NULL;
    unsigned whens = 0;
    if (name_give_managed_domain(c, &domain, NULL) < 0 || !domain)
        return 0;
    if (!rp_env_has(c->cfg->env, FEATURE_DISABLE_SIGNED_CERTIFICATES))
        whens |= WHEN_SIGNED;
    if (rp_env_text(c->cfg->env, ENV_KEYVAULT_PREFIX))
        whens |= WHEN_VAULT;
    return whens;
}

/* Those of the second layout are all installed with it, others as their version says. A cluster that was upgraded meanwhile has an
 * operator that whoever upgraded it brought. */
static bool operator_runs_in(const struct cluster *c)
{
    return cluster_layout(c) == LAYOUT_V2 ||
           cluster_version_has_minor(cluster_text_or_empty(c, "clusterProfile.version"),
                                     CLUSTER_OPERATOR_MINOR);
}

/* The first that is made is the registry's token, then names by chance; very old documents lack some of them. */
static bool has_begun(const struct cluster *c)
{
    return *cluster_text_or_empty(c, "infraId") || *cluster_text_or_empty(c, "storageSuffix") ||
           json_len(json_path(c->doc, PROPERTIES "registryProfiles")) > 0;
}

unsigned cluster_whens(const struct cluster *c)
{
    unsigned whens = cluster_has_identities(c) ? WHEN_IDENTITIES : WHEN_SERVICE_PRINCIPAL;
    if (json_path_bool(c->doc, PROPERTIES "featureProfile.gatewayEnabled", false))
        whens |= WHEN_GATEWAY;
    whens |= certificate_whens(c);
    if (hive_adopts(c->cfg->hive))
        whens |= WHEN_SYNCSETS;
    if (has_begun(c))
        whens |= WHEN_BEGUN;
    return whens | (operator_runs_in(c) ? WHEN_OPERATOR : WHEN_NO_OPERATOR);
}
