#include "rp/cluster/deploy.h"

#include "pkg/azure/deployment.h"
#include "pkg/azure/storage.h"
#include "pkg/base/log.h"
#include "pkg/base/mem.h"
#include "rp/cluster/identity_roles.h"
#include "rp/cluster/install_graph.h"
#include "rp/cluster/installer/graph.h"
#include "rp/cluster/names.h"
#include "rp/cluster/release.h"
#include "rp/cluster/subnets.h"
#include "rp/cluster/template_values.h"
#include "rp/cluster/zones.h"

#define MASTER_DISK_GB 1024
#define DAY_NS (INT64_C(86400) * NS_PER_S)

/* What is deployed under which name, by layout. */
static const struct {
    enum cluster_template base, resources;
    const char *base_name, *resources_name;
} layouts[] = {
    [LAYOUT_V1] = { TEMPLATE_V1_STORAGE, TEMPLATE_V1_RESOURCES, "azuredeploy", "azuredeploy" },
    [LAYOUT_V2] = { TEMPLATE_V2_BASE, TEMPLATE_V2_RESOURCES, "storage", "resources" },
};

static int deploy(struct cluster *c, const struct opctx *ctx, enum cluster_template which,
                  const char *name, const json *values, const json *parameters, struct error **err)
{
    struct arm *arm;
    cleanup_free char *group = name_give_group(c);
    cleanup_json json *template = NULL;
    if (template_make(which, values, &template, err) < 0 ||
        cluster_arm(c, ctx, AS_FIRST_PARTY, &arm, err) < 0)
        return -1;
    const struct arm_deployment d = {
        .subscription_id = cluster_subscription_id(c),
        .resource_group = group,
        .name = name,
        .template = template,
        .parameters = parameters,
    };
    struct error *e = NULL;
    if (arm_deploy(arm, ctx, &d, &e) == 0)
        return 0;
    /* The customer is told in the error's details, which stand in no log otherwise. */
    log_warning(ctx->log, "the deployment %s failed: %s", name,
                error_get_body(e) ? error_get_body(e) : error_text(e));
    return error_move(err, &e);
}

int cluster_deploy_base_template(void *arg, const struct opctx *ctx, struct error **err)
{
    struct cluster *c = arg;
    cleanup_strv struct strv subnets = STRV_INIT;
    cleanup_free char *first_party = NULL;
    cleanup_json json *roles = NULL;
    if (subnets_list_storage(c, ctx, &subnets, err) < 0)
        return -1;
    if (cluster_has_identities(c) && (identity_roles_find(c, ctx, &roles, err) < 0 ||
                                      first_party_give_object_id(c, ctx, &first_party, err) < 0))
        return -1;
    const struct template_base base = { &subnets, first_party, roles };
    cleanup_json json *values = template_give_base_values(c, &base);
    return deploy(c, ctx, layouts[cluster_layout(c)].base, layouts[cluster_layout(c)].base_name,
                  values, NULL, err);
}

/* ---- machines ---- */

/* The bootstrap machine's way to its configuration, the same at each repetition: it is a part of the machine. */
static int give_sas_parameter(const struct cluster *c, json **ret, struct error **err)
{
    const char *now = cluster_text(c, "install.now");
    int64_t begin_ns;
    if (!now || !time_parse_rfc3339(now, &begin_ns))
        return error_set(err, ERR_INTERNAL, "properties.install.now: missing or not a time");
    const struct storage_sas sas = { "rl", "o", begin_ns, begin_ns + DAY_NS };
    if (clock_wall_ns(c->cfg->clock) >= sas.expiry_wall_ns) {
        (void)error_set(err, ERR_INVALID,
                        "The installation began at %s and was not finished within a day; what its "
                        "machines need has expired. Delete the cluster and create it again.",
                        now);
        error_code(err, DEPLOYMENT_FAILED);
        return -1;
    }
    *ret = json_make("{'sas':{'value':%j}}", storage_give_sas_parameters(&sas));
    return 0;
}

static int give_values(struct cluster *c, const struct opctx *ctx, json **ret, struct error **err)
{
    cleanup_json_wiped json *graph = NULL;
    cleanup_secret struct secret *ignition = NULL;
    cleanup_strv struct strv masters = STRV_INIT, workers = STRV_INIT;
    cleanup_machine_image struct machine_image image = { 0 };
    if (install_graph_load(c, ctx, &graph, err) < 0 ||
        graph_give_master_ignition(graph, &ignition, err) < 0 ||
        cluster_zones(c, &masters, &workers, err) < 0 ||
        cluster_ensure_image(c, ctx, &image, err) < 0)
        return -1;
    const struct template_machines machines = {
        .zones = &masters,
        .publisher = MACHINE_IMAGE_PUBLISHER,
        .offer = MACHINE_IMAGE_OFFER,
        .sku = image.sku,
        .version = image.version,
        .disk_gb = MASTER_DISK_GB,
        .ignition = secret_reveal(ignition, NULL),
    };
    *ret = template_give_machine_values(c, &machines);
    return 0;
}

int cluster_deploy_resources_template(void *arg, const struct opctx *ctx, struct error **err)
{
    struct cluster *c = arg;
    cleanup_json json *parameters = NULL, *values = NULL;
    if (give_sas_parameter(c, &parameters, err) < 0 || give_values(c, ctx, &values, err) < 0)
        return -1;
    return deploy(c, ctx, layouts[cluster_layout(c)].resources,
                  layouts[cluster_layout(c)].resources_name, values, parameters, err);
}
