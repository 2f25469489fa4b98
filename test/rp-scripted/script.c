#include "test/rp-scripted/script.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/database/openshiftclusters.h"
#include "rp/cluster/billing.h"
#include "rp/env/env.h"

#define PROPERTIES "openShiftCluster.properties."
#define STEP_MS 100
#define PASSWORD "aaaaa-bbbbb-ccccc-ddddd"
#define DEFAULT_VERSION "4.3.18"

struct script {
    struct cluster_job job;
    const char *name; /* the last part of the key */
    const char *zone; /* of the service; NULL: none */
};

/* A write of the document, and what it needs. */
struct change {
    const struct script *s;
    const struct opctx *ctx;
};

static int write_document(const struct script *s, const struct opctx *ctx, document_mutate mutate,
                          struct error **err)
{
    struct change c = { s, ctx };
    if (opctx_sleep_ms(ctx, STEP_MS, err) < 0)
        return -1;
    return openshiftclusters_patch_with_lease(ctx, s->job.db, s->job.key, s->job.lease, mutate, &c,
                                              NULL, err);
}

/* ---- what the steps write ---- */

static int put_infra_id(json *tree, void *arg, struct error **err)
{
    const struct change *c = arg;
    cleanup_free char *id = xasprintf("%.20s-abcde", c->s->name);
    return json_set_str(tree, PROPERTIES "infraId", id, err);
}

/* A domain without a dot is a name below the service's own. */
static char *give_full_domain(const struct script *s, const json *tree)
{
    const char *domain = json_path_str(tree, PROPERTIES "clusterProfile.domain");
    if (!domain)
        domain = s->name;
    return s->zone && !strchr(domain, '.') ? xasprintf("%s.%s", domain, s->zone) : xstrdup(domain);
}

static int put_addresses(json *tree, void *arg, struct error **err)
{
    const struct change *c = arg;
    cleanup_free char *domain = give_full_domain(c->s, tree);
    cleanup_free char *console = xasprintf("https://console-openshift-console.apps.%s/", domain);
    cleanup_free char *api = xasprintf("https://api.%s:6443/", domain);
    const char *version = json_path_str(tree, PROPERTIES "clusterProfile.version");
    cleanup_free char *kept = xstrdup(version && *version ? version : DEFAULT_VERSION);
    if (json_set_str(tree, PROPERTIES "consoleProfile.url", console, err) < 0 ||
        json_set_str(tree, PROPERTIES "apiserverProfile.url", api, err) < 0 ||
        json_set_str(tree, PROPERTIES "apiserverProfile.ip", "192.0.2.1", err) < 0 ||
        json_set_str(tree, PROPERTIES "clusterProfile.version", kept, err) < 0)
        return -1;
    return json_set_str(tree, PROPERTIES "ingressProfiles[0].ip", "192.0.2.2", err);
}

static char *give_kubeconfig(const json *tree)
{
    cleanup_json json *config =
        json_make("{'apiVersion':'v1','kind':'Config','clusters':[{'name':'cluster','cluster':{"
                  "'server':%s}}],'users':[{'name':'admin','user':{'token':'none'}}],'contexts':[{"
                  "'name':'admin','context':{'cluster':'cluster','user':'admin'}}],"
                  "'current-context':'admin'}",
                  json_path_str(tree, PROPERTIES "apiserverProfile.url"));
    return json_give_text(config);
}

static int put_credentials(json *tree, void *arg, struct error **err)
{
    const struct change *c = arg;
    cleanup_free char *text = give_kubeconfig(tree);
    cleanup_secret struct secret *password = secret_new(PASSWORD, strlen(PASSWORD));
    cleanup_secret struct secret *kubeconfig = secret_new(text, strlen(text));
    if (database_put_sealed(c->ctx, c->s->job.db, tree, PROPERTIES "kubeadminPassword", password,
                            err) < 0)
        return -1;
    return database_put_sealed(c->ctx, c->s->job.db, tree, PROPERTIES "userAdminKubeconfig",
                               kubeconfig, err);
}

static int put_nothing(json *tree, void *arg, struct error **err)
{
    (void)tree;
    (void)arg;
    (void)err;
    return 0;
}

/* ---- steps ---- */

static int ensure_infra_id(void *arg, const struct opctx *ctx, struct error **err)
{
    return write_document(arg, ctx, put_infra_id, err);
}

static int ensure_billing(void *arg, const struct opctx *ctx, struct error **err)
{
    const struct script *s = arg;
    return cluster_billing_ensure(
        ctx, s->job.db, s->job.cluster,
        json_path_str(s->job.subscription, "subscription.properties.tenantId"), err);
}

static int wait_to_go(const struct script *s, const struct opctx *ctx, struct error **err)
{
    while (s->job.operation == CLUSTER_INSTALL && str_eq(s->name, "held") && access("go", F_OK) < 0)
        if (opctx_sleep_ms(ctx, STEP_MS, err) < 0)
            return -1;
    return 0;
}

/* What may go wrong, by the cluster's name. */
static int deploy(void *arg, const struct opctx *ctx, struct error **err)
{
    static const char *const failing[CLUSTER_OPERATIONS] = {
        [CLUSTER_INSTALL] = "fail-create",
        [CLUSTER_UPDATE] = "fail-update",
        [CLUSTER_ADMIN_UPDATE] = "fail-update",
        [CLUSTER_DELETE] = "fail-delete",
    };
    const struct script *s = arg;
    if (wait_to_go(s, ctx, err) < 0 || write_document(s, ctx, put_nothing, err) < 0)
        return -1;
    if (s->job.operation == CLUSTER_INSTALL && str_eq(s->name, "poison"))
        abort();
    if (str_eq(s->name, "broken"))
        return error_set(err, ERR_INVALID, "the script says so");
    if (!str_eq(s->name, failing[s->job.operation]))
        return 0;
    (void)error_set(err, ERR_INVALID, "Deployment failed: the script of this cluster says so.");
    error_code(err, "DeploymentFailed");
    error_target(err, "properties.masterProfile");
    return -1;
}

static int ensure_addresses(void *arg, const struct opctx *ctx, struct error **err)
{
    return write_document(arg, ctx, put_addresses, err);
}

static int ensure_credentials(void *arg, const struct opctx *ctx, struct error **err)
{
    return write_document(arg, ctx, put_credentials, err);
}

static const struct step install[] = {
    { .kind = STEP_ACTION, .name = "ensureInfraID", .act = ensure_infra_id },
    { .kind = STEP_RETRYING, .name = "ensureBilling", .act = ensure_billing },
    { .kind = STEP_ACTION, .name = "deploy", .act = deploy },
    { .kind = STEP_ACTION, .name = "ensureAddresses", .act = ensure_addresses },
    { .kind = STEP_ACTION, .name = "ensureCredentials", .act = ensure_credentials },
};
static const struct step change[] = {
    { .kind = STEP_ACTION, .name = "deploy", .act = deploy },
};

static const struct {
    const struct step *steps;
    size_t len;
} tables[CLUSTER_OPERATIONS] = {
    [CLUSTER_INSTALL] = { install, ARRAY_LEN(install) },
    [CLUSTER_UPDATE] = { change, ARRAY_LEN(change) },
    [CLUSTER_ADMIN_UPDATE] = { change, ARRAY_LEN(change) },
    [CLUSTER_DELETE] = { change, ARRAY_LEN(change) },
};

/* ---- the manager ---- */

static int open_script(void *arg, const struct opctx *ctx, const struct cluster_job *job,
                       void **ret, struct error **err)
{
    const struct rp_env *env = arg;
    (void)ctx;
    (void)err;
    const char *slash = strrchr(job->key, '/');
    struct script *s = xnew(struct script);
    *s = (struct script){ .job = *job,
                          .name = slash ? slash + 1 : job->key,
                          .zone = env ? rp_env_text(env, ENV_DOMAIN) : NULL };
    *ret = s;
    return 0;
}

static int give_steps(void *manager, const struct step **ret, size_t *ret_len, struct error **err)
{
    const struct script *s = manager;
    (void)err;
    *ret = tables[s->job.operation].steps;
    *ret_len = tables[s->job.operation].len;
    return 0;
}

const struct cluster_manager_ops script_ops = {
    .open = open_script,
    .steps = give_steps,
    .close = free,
};
