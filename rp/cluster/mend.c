#include "rp/cluster/mend.h"

#include "pkg/api/api.h"
#include "pkg/base/log.h"
#include "pkg/base/strv.h"
#include "pkg/base/version.h"
#include "rp/cluster/kube.h"
#include "rp/cluster/names.h"

static int set_defaults(json *doc, void *arg, struct error **err)
{
    (void)arg;
    (void)err;
    api_cluster_set_defaults(json_get(doc, "openShiftCluster"));
    return 0;
}

int cluster_ensure_defaults(void *arg, const struct opctx *ctx, struct error **err)
{
    return cluster_patch(arg, ctx, set_defaults, NULL, err);
}

int cluster_fix_infra_id(void *arg, const struct opctx *ctx, struct error **err)
{
    struct cluster *c = arg;
    return cluster_set_text(c, ctx, "infraId", name_infra(c), err);
}

int cluster_update_provisioned_by(void *arg, const struct opctx *ctx, struct error **err)
{
    return cluster_set_text(arg, ctx, "provisionedBy", version_commit(), err);
}

/* ---- the network plugin ---- */

static bool is_known(const char *type)
{
    return str_eq(type, "OpenShiftSDN") || str_eq(type, "OVNKubernetes");
}

int cluster_sync_network_type(void *arg, const struct opctx *ctx, struct error **err)
{
    struct cluster *c = arg;
    cleanup_json json *network = NULL;
    if (cluster_get_if_present(c->kube, ctx, KUBE_REF(&GVR_NETWORKS, NULL, "cluster"), &network,
                               err) < 0)
        return error_wrap(err, "finding the network plugin");
    const char *type = json_path_str(network, "status.networkType");
    if (!is_known(type)) {
        log_info(ctx->log, "the network plugin is not taken over: %s", type ? type : "not told");
        return 0;
    }
    return cluster_set_text(c, ctx, "networkProfile.softwareDefinedNetwork", type, err);
}
