/* The version that the cluster is at, or on its way to. */
#include "rp/enrich/task.h"

static int fetch(struct kube_client *k, const struct opctx *ctx, json **ret, struct error **err)
{
    return kube_get(k, ctx, KUBE_REF(&GVR_CLUSTERVERSIONS, NULL, "version"), ret, err);
}

static int apply(const struct enrich_config *cfg, const struct opctx *ctx, json *cluster,
                 const json *found, struct error **err)
{
    (void)cfg;
    (void)ctx;
    const char *version;
    if (json_need_str(found, "status.desired.version", &version, err) < 0)
        return -1;
    return json_set_str(cluster, "properties.clusterProfile.version", version, err);
}

const struct enrich_task enrich_version = { .name = "clusterVersion",
                                            .fetch = fetch,
                                            .apply = apply };
