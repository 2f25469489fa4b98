#include "test/unit/support/rp/cluster/inside_rig.h"

#include "test/unit/support/test.h"

const char *const inside_rig_production[] = {
    "RP_MODE=production",
    "ARO_RP_DATABASE=sqlite::memory:",
    "ADMIN_API_CLIENT_CERT_COMMON_NAME=admin",
    "MDM_ACCOUNT=a",
    "MDM_NAMESPACE=a",
    "CLUSTER_MDSD_ACCOUNT=AROClusterLogs",
    "CLUSTER_MDSD_CONFIG_VERSION=3.4",
    "CLUSTER_MDSD_NAMESPACE=AROClusterLogsPROD",
    "MDSD_ENVIRONMENT=DiagnosticsProd",
    "ACR_RESOURCE_ID=/subscriptions/1/resourceGroups/g/providers/"
    "Microsoft.ContainerRegistry/registries/ArosvcTest",
    "GATEWAY_DOMAINS=one.example.com,two.example.com",
    "GATEWAY_RESOURCEGROUP=gateway",
    "KEYVAULT_PREFIX=test",
    "RP_PARENT_DOMAIN_NAME=Example.com",
    NULL,
};

static void connect_inside(struct inside_rig *r)
{
    r->c = r->outer.c;
    r->c->kube = r->inside.kube;
}

void inside_rig_open_env(struct inside_rig *r, const char *properties, const char *const *env,
                         const struct script_step *script, size_t len)
{
    cluster_rig_open_env(&r->outer, properties, env, script, len);
    fake_cluster_init(&r->inside);
    r->ctx = &r->outer.ctx;
    connect_inside(r);
}

void inside_rig_open(struct inside_rig *r, const char *properties)
{
    inside_rig_open_env(r, properties, NULL, NULL, 0);
}

void inside_rig_reopen(struct inside_rig *r)
{
    r->c->kube = NULL;
    cluster_rig_reopen(&r->outer);
    connect_inside(r);
}

void inside_rig_close(struct inside_rig *r)
{
    r->c->kube = NULL;
    cluster_rig_close(&r->outer);
    fake_cluster_release(&r->inside);
}

void inside_rig_must(struct inside_rig *r,
                     int (*step)(void *arg, const struct opctx *ctx, struct error **err))
{
    struct error *err = NULL;
    if (step(r->c, r->ctx, &err) < 0)
        fail_msg("%s", error_text(err));
}

bool inside_rig_look(struct inside_rig *r, int (*holds)(void *arg, const struct opctx *ctx,
                                                        bool *ret, struct error **err))
{
    struct error *err = NULL;
    bool held = false;
    if (holds(r->c, r->ctx, &held, &err) < 0)
        fail_msg("%s", error_text(err));
    return held;
}

const char *inside_rig_text(struct inside_rig *r, const struct gvr *gvr, const char *nspace,
                            const char *name, const char *path)
{
    return json_path_str(fake_cluster_get(&r->inside, gvr, nspace, name), path);
}
