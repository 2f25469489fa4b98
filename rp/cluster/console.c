#include "rp/cluster/console.h"

#include "rp/cluster/kube.h"

static int set_brand(json *console, void *arg, struct error **err)
{
    (void)arg;
    return json_set_str(console, "spec.customization.brand", "azure", err);
}

int cluster_update_console_branding(void *arg, const struct opctx *ctx, struct error **err)
{
    const struct cluster *c = arg;
    return cluster_edit(c->kube, ctx, KUBE_REF(&GVR_CONSOLES, NULL, "cluster"), set_brand, NULL,
                        err);
}
