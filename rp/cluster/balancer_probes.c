#include "rp/cluster/balancer_probes.h"

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/cluster/balancer_edit.h"
#include "rp/cluster/config_server_cert.h"
#include "rp/cluster/names.h"

#define BALANCERS "Microsoft.Network/loadBalancers"

static const struct probe {
    const char *name, *path;
} probes[] = {
    { "api-internal-probe", "/readyz" },
    { "sint-probe", "/healthz" },
};
#define CONFIG_SERVER_PROBE "sint-probe"

/* path NULL: only the port. */
static int set_probe(json *probe, const char *path, struct error **err)
{
    if (json_set_str(probe, "properties.protocol", path ? "Https" : "Tcp", err) < 0)
        return -1;
    if (path)
        return json_set_str(probe, "properties.requestPath", path, err);
    json_path_del(probe, "properties.requestPath");
    return 0;
}

/* arg: whether the machine config server's certificate is refused. */
static int edit_probes(json *balancer, void *arg, struct error **err)
{
    const bool *is_refused = arg;
    const json *all = json_path(balancer, "properties.probes");
    for (size_t i = 0; i < ARRAY_LEN(probes); i++) {
        json *probe = arm_find_named(all, probes[i].name);
        bool port_only = *is_refused && str_eq(probes[i].name, CONFIG_SERVER_PROBE);
        if (probe && set_probe(probe, port_only ? NULL : probes[i].path, err) < 0)
            return -1;
    }
    return 0;
}

int cluster_ensure_balancer_probes(void *arg, const struct opctx *ctx, struct error **err)
{
    struct cluster *c = arg;
    struct arm *arm;
    bool is_refused;
    cleanup_free char *public_name = name_give(c, "-public-lb");
    cleanup_free char *public_id = name_give_resource_id(c, BALANCERS, public_name);
    cleanup_free char *internal_id = name_give_internal_balancer_id(c);
    const char *const ids[] = { internal_id, public_id };
    if (cluster_layout(c) != LAYOUT_V1)
        return 0;
    if (config_server_cert_is_refused(c, ctx, &is_refused, err) < 0 ||
        cluster_arm(c, ctx, AS_FIRST_PARTY, &arm, err) < 0)
        return -1;
    for (size_t i = 0; i < ARRAY_LEN(ids); i++)
        if (balancer_edit(arm, ctx, ids[i], edit_probes, &is_refused, err) < 0)
            return -1;
    return 0;
}
