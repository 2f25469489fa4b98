#include "test/unit/support/rp/frontend/cluster_rig.h"

#include <dirent.h>
#include <string.h>

#include "pkg/base/file.h"
#include "pkg/base/mem.h"
#include "pkg/database/openshiftclusters.h"
#include "pkg/database/published.h"
#include "pkg/database/store.h"
#include "pkg/database/subscriptions.h"
#include "rp/frontend/feeds.h"
#include "rp/frontend/handlers.h"
#include "test/unit/support/test.h"

#define MUST(call) \
    do { \
        cleanup_error struct error *err = NULL; \
        if ((call) < 0) \
            fail_msg("%s", error_text(err)); \
    } while (0)

void clusters_begin(struct clusters *c)
{
    *c = (struct clusters){ 0 };
    front_init(&c->front);
    c->ctx = opctx_root(clock_system(), rng_system(), NULL, NULL);
    const char *tmp = getenv("TMPDIR"); /* NOLINT(concurrency-mt-unsafe) */
    c->dir = xasprintf("%s/frontend-XXXXXX", tmp ? tmp : "/tmp");
    assert_non_null(mkdtemp(c->dir));
    MUST(rp_secrets_open_folder(c->dir, true, &c->secrets, &err));
    rp_key_source_init(&c->document_keys, c->secrets, SECRET_ENCRYPTION_KEY);
    rp_key_source_init(&c->page_keys, c->secrets, SECRET_FRONTEND_ENCRYPTION_KEY);
    const struct aead_config documents = { .source = &c->document_keys.base };
    const struct aead_config pages = { .source = &c->page_keys.base };
    struct aead *aead = NULL;
    struct store *store = NULL;
    MUST(aead_new(&documents, &c->ctx, &aead, &err));
    MUST(aead_new(&pages, &c->ctx, &c->page_aead, &err));
    MUST(store_open_sqlite(&c->ctx, "sqlite::memory:", &store, &err));
    c->db = database_new(store, aead);
    c->front.cfg.database = c->db;
    c->front.cfg.page_aead = c->page_aead;
    fake_env_set(&c->front.env, "DOMAIN_NAME", "eastus.aro.test");
}

void clusters_serve(struct clusters *c)
{
    front_serve(&c->front, frontend_routes, frontend_routes_len);
    c->front.f.feeds = feeds_new(&c->front.f);
    MUST(feeds_drain(c->front.f.feeds, &c->ctx, &err));
}

void clusters_init(struct clusters *c)
{
    clusters_begin(c);
    clusters_serve(c);
    clusters_set_subscription(c, "Registered");
    clusters_add_version(c, DEFAULT_VERSION, true, true);
}

static void remove_folder(const char *path)
{
    DIR *dir = opendir(path);
    const struct dirent *entry;
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): the stream is this function's own */
    while (dir && (entry = readdir(dir)) != NULL) {
        cleanup_free char *file = path_give_joined(path, entry->d_name);
        (void)unlink(file);
    }
    if (dir)
        closedir(dir);
    (void)rmdir(path);
}

void clusters_release(struct clusters *c)
{
    if (c->front.server)
        http_server_stop(take(c->front.server), 10000);
    feeds_free(c->front.f.feeds);
    front_release(&c->front);
    database_close(c->db);
    aead_free(c->page_aead);
    rp_secrets_free(c->secrets);
    remove_folder(c->dir);
    free(c->dir);
}

/* ---- documents ---- */

static int set_state(json *tree, void *arg, struct error **err)
{
    return json_path_put(tree, "subscription.state", json_new_str(arg), err);
}

void clusters_set_subscription(struct clusters *c, const char *state)
{
    cleanup_free char *copy = xstrdup(state);
    if (subscriptions_patch(&c->ctx, c->db, FRONT_SUB, set_state, copy, NULL, NULL) == 0)
        return;
    json *tree = json_make("{'id':%s,'subscription':{'state':%s,'properties':{'tenantId':'t'}}}",
                           FRONT_SUB, state);
    MUST(subscriptions_create(&c->ctx, c->db, tree, NULL, &err));
}

void clusters_add_version(struct clusters *c, const char *version, bool enabled, bool dflt)
{
    json *tree = json_make("{'openShiftVersion':{'properties':{'version':%s,'openShiftPullspec':"
                           "'p','installerPullspec':'i','enabled':%b,'default':%b}}}",
                           version, enabled, dflt);
    MUST(published_create(&c->ctx, c->db, PUBLISHED_VERSIONS, tree, NULL, &err));
    MUST(feeds_drain(c->front.f.feeds, &c->ctx, &err));
}

void clusters_add_role_set(struct clusters *c, const char *minor)
{
    json *tree = json_make(
        "{'platformWorkloadIdentityRoleSet':{'properties':{'openShiftVersion':%s,"
        "'platformWorkloadIdentityRoles':[{'operatorName':'ccm','roleDefinitionName':'R',"
        "'roleDefinitionId':'/r','serviceAccounts':['a'],'secretLocation':{'namespace':'n',"
        "'name':'s'}}]}}}",
        minor);
    MUST(published_create(&c->ctx, c->db, PUBLISHED_ROLE_SETS, tree, NULL, &err));
    MUST(feeds_drain(c->front.f.feeds, &c->ctx, &err));
}

json *clusters_give_document(struct clusters *c)
{
    cleanup_document struct document d = { 0 };
    MUST(openshiftclusters_get(&c->ctx, c->db, CLUSTER_KEY, &d, &err));
    return take(d.tree);
}

void clusters_patch(struct clusters *c, document_mutate mutate, void *arg)
{
    MUST(openshiftclusters_patch(&c->ctx, c->db, CLUSTER_KEY, mutate, arg, NULL, &err));
}

/* ---- clusters ---- */

#define SUBNET \
    "/subscriptions/" FRONT_SUB \
    "/resourceGroups/n/providers/Microsoft.Network/virtualNetworks/vnet/subnets/"

char *clusters_give_body(const char *client, const char *group)
{
    cleanup_json json *body = json_make(
        "{'location':'eastus','tags':{'a':'1'},'properties':{'clusterProfile':{'pullSecret':"
        "'{\\\"auths\\\":{}}','domain':'example','resourceGroupId':%s},'servicePrincipalProfile':{"
        "'clientId':%s,'clientSecret':'verysecret'},'networkProfile':{'podCidr':'10.128.0.0/14',"
        "'serviceCidr':'172.30.0.0/16'},'masterProfile':{'vmSize':'Standard_D8s_v3','subnetId':%s},"
        "'workerProfiles':[{'name':'worker','vmSize':'Standard_D2s_v3','diskSizeGB':128,'subnetId':"
        "%s,'count':3}],'apiserverProfile':{'visibility':'Public'},'ingressProfiles':[{'name':"
        "'default','visibility':'Public'}]}}",
        group ? group : MANAGED_GROUP, client ? client : CLIENT_ID, SUBNET "master",
        SUBNET "worker");
    return json_give_text(body);
}

void clusters_create(struct clusters *c)
{
    cleanup_free char *body = clusters_give_body(NULL, NULL);
    cleanup_free char *answer = front_give_answer(&c->front, "PUT", FRONT_CLUSTER V_2020, body);
    if (strncmp(answer, "201", 3) != 0)
        fail_msg("%s", answer);
}

struct ending {
    struct clusters *c;
    const char *state, *failed_state;
};

static int finish(json *tree, void *arg, struct error **err)
{
    const struct ending *e = arg;
    struct database *db = e->c->db;
    cleanup_secret struct secret *password = secret_new("passw0rd", 8);
    cleanup_secret struct secret *kubeconfig = secret_new("kind: Config", 12);
    json_del(tree, "asyncOperationId");
    if (json_path_put(tree, "openShiftCluster.properties.provisioningState", json_new_str(e->state),
                      err) < 0)
        return -1;
    if (e->failed_state &&
        json_path_put(tree, "openShiftCluster.properties.failedProvisioningState",
                      json_new_str(e->failed_state), err) < 0)
        return -1;
    if (database_put_sealed(&e->c->ctx, db, tree, "openShiftCluster.properties.kubeadminPassword",
                            password, err) < 0)
        return -1;
    return database_put_sealed(&e->c->ctx, db, tree,
                               "openShiftCluster.properties.userAdminKubeconfig", kubeconfig, err);
}

void clusters_finish(struct clusters *c, const char *state, const char *failed_state)
{
    struct ending e = { c, state, failed_state };
    clusters_patch(c, finish, &e);
}

char *reply_give_header(const char *reply, const char *name)
{
    cleanup_free char *begin = xasprintf("\r\n%s: ", name);
    const char *at = strstr(reply, begin);
    const char *end = strstr(reply, "\r\n\r\n");
    if (!at || at > end)
        return NULL;
    at += strlen(begin);
    return xstrndup(at, strcspn(at, "\r"));
}
