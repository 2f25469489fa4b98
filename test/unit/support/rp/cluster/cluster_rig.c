#include "test/unit/support/rp/cluster/cluster_rig.h"

#include <stdlib.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/database/openshiftclusters.h"
#include "test/unit/support/test.h"

static const char *const hidden[] = { "User-Agent", "x-ms-client-request-id",
                                      "x-ms-return-client-request-id", "Authorization", NULL };

static const char *const base_env[] = {
    "RP_MODE=test",
    "AZURE_TENANT_ID=66666666-6666-6666-6666-666666666666",
    "AZURE_SUBSCRIPTION_ID=11111111-1111-1111-1111-111111111111",
    "AZURE_FP_CLIENT_ID=55555555-5555-5555-5555-555555555555",
    "RESOURCEGROUP=rp",
    "DOMAIN_NAME=" RIG_ZONE,
    "LOCATION=eastus",
    NULL,
};

static struct azure_credential *give_first_party(void *arg, const char *tenant_id)
{
    (void)arg;
    struct azure_credential *c = xnew(struct azure_credential);
    *c = (struct azure_credential){ .type = AZURE_CLIENT_SECRET,
                                    .tenant_id = xstrdup(tenant_id),
                                    .client_id = xstrdup("first-party"),
                                    .client_secret = secret_new("secret", 6) };
    return c;
}

static void set_env(struct fake_env *env, const char *const *lines)
{
    for (size_t i = 0; lines && lines[i]; i++) {
        const char *eq = strchr(lines[i], '=');
        cleanup_free char *name = xstrndup(lines[i], (size_t)(eq - lines[i]));
        fake_env_set(env, name, eq + 1);
    }
}

static void create_document(struct cluster_rig *r, const char *properties)
{
    cleanup_secret struct secret *secret = secret_new("s&cret", 6);
    cleanup_json json *more = rig_tree(properties);
    json *doc = json_make(
        "{'id':'id-a','key':%s,'clusterResourceGroupIdKey':%s,'clientIdKey':'cluster-app',"
        "'asyncOperationId':'async-a','openShiftCluster':{'id':%s,'name':'A','type':"
        "'Microsoft.RedHatOpenShift/openShiftClusters','location':'eastus','properties':{"
        "'architectureVersion':1,'provisioningState':'Creating','clusterProfile':{'domain':'a',"
        "'resourceGroupId':%s},'servicePrincipalProfile':{'clientId':'cluster-app'}}}}",
        RIG_KEY("a"), RIG_GROUP, RIG_KEY("A"), RIG_GROUP);
    json *base = json_ref(json_path(doc, "openShiftCluster.properties"));
    json_put(json_get(doc, "openShiftCluster"), "properties", json_give_merged(base, more));
    assert_int_equal(database_put_sealed(&r->ctx, r->db.db, doc,
                                         PROPERTIES "servicePrincipalProfile.clientSecret", secret,
                                         NULL),
                     0);
    assert_int_equal(openshiftclusters_create(&r->ctx, r->db.db, doc, NULL, NULL), 0);
}

static void open_manager(struct cluster_rig *r, const struct document *d)
{
    static const struct {
        const char *state;
        enum cluster_operation operation;
    } states[] = { { "Creating", CLUSTER_INSTALL },
                   { "Updating", CLUSTER_UPDATE },
                   { "AdminUpdating", CLUSTER_ADMIN_UPDATE },
                   { "Deleting", CLUSTER_DELETE } };
    struct cluster_job job = { .db = r->db.db,
                               .key = RIG_KEY("a"),
                               .lease = r->lease,
                               .cluster = d->tree,
                               .subscription = r->subscription };
    const char *state = json_path_str(d->tree, PROPERTIES "provisioningState");
    for (size_t i = 0; i < ARRAY_LEN(states); i++)
        if (str_eq(states[i].state, state))
            job.operation = states[i].operation;
    struct error *err = NULL;
    if (cluster_manager.open(&r->cfg, &r->ctx, &job, &r->manager, &err) < 0)
        fail_msg("%s", error_text(err));
    r->c = r->manager;
    r->c->job.cluster = NULL; /* d ends before the operation does */
}

static void dequeue(struct cluster_rig *r)
{
    cleanup_document struct document d = { 0 };
    free(r->lease);
    r->lease = NULL;
    assert_int_equal(openshiftclusters_dequeue(&r->ctx, r->db.db, &r->lease, &d, NULL), 0);
    assert_non_null(d.tree);
    open_manager(r, &d);
}

void cluster_rig_open_env(struct cluster_rig *r, const char *properties, const char *const *env,
                          const struct script_step *script, size_t len)
{
    memset(r, 0, sizeof(*r));
    database_rig_open(&r->db);
    log_capture_init(&r->capture, &r->db.clock.base);
    r->log = log_root(&r->capture.base);
    r->ctx = opctx_root(&r->db.clock.base, &r->db.rng.base, NULL, &r->log);
    fake_env_init(&r->env);
    set_env(&r->env, base_env);
    set_env(&r->env, env);
    struct error *err = NULL;
    if (rp_env_load(&r->env.base, &r->rp_env, &err) < 0)
        fail_msg("%s", error_text(err));
    scripted_transport_init(&r->transport, script, len);
    r->transport.hidden = hidden;
    r->subscription = json_make("{'subscription':{'properties':{'tenantId':%s}}}", RIG_TENANT);
    r->cfg = (struct cluster_config){
        .env = r->rp_env,
        .process_env = &r->env.base,
        .transport = &r->transport.base,
        .cloud = azure_cloud_find("AzurePublicCloud"),
        .give_first_party = give_first_party,
        .installer = &r->installer,
        .clock = &r->db.clock.base,
        .rng = &r->db.rng.base,
    };
    create_document(r, properties);
    dequeue(r);
}

void cluster_rig_open(struct cluster_rig *r, const char *properties,
                      const struct script_step *script, size_t len)
{
    cluster_rig_open_env(r, properties, NULL, script, len);
}

void cluster_rig_reopen(struct cluster_rig *r)
{
    cluster_manager.close(r->manager);
    fake_clock_advance_ms(&r->db.clock, DATABASE_LEASE_MS + 1000);
    dequeue(r);
}

void cluster_rig_close(struct cluster_rig *r)
{
    cluster_manager.close(r->manager);
    scripted_transport_check(&r->transport);
    scripted_transport_release(&r->transport);
    json_free(r->subscription);
    rp_env_free(r->rp_env);
    fake_env_release(&r->env);
    log_capture_release(&r->capture);
    free(r->lease);
    database_rig_close(&r->db);
}

static void read_document(struct cluster_rig *r, struct document *ret)
{
    assert_int_equal(openshiftclusters_get(&r->ctx, r->db.db, RIG_KEY("a"), ret, NULL), 0);
}

char *cluster_rig_give_text(struct cluster_rig *r, const char *path)
{
    cleanup_document struct document d = { 0 };
    cleanup_free char *full = xasprintf(PROPERTIES "%s", path);
    read_document(r, &d);
    const char *text = json_path_str(d.tree, full);
    return text ? xstrdup(text) : NULL;
}

void cluster_rig_assert(struct cluster_rig *r, const char *path, const char *want)
{
    cleanup_free char *text = cluster_rig_give_text(r, path);
    if (!str_eq(text, want))
        fail_msg("properties.%s: '%s' is not '%s'", path, text ? text : "(none)",
                 want ? want : "(none)");
}

char *cluster_rig_give_secret(struct cluster_rig *r, const char *path)
{
    cleanup_free char *sealed = cluster_rig_give_text(r, path);
    cleanup_secret struct secret *plain = NULL;
    if (!sealed)
        return NULL;
    assert_int_equal(database_open_sealed(&r->ctx, r->db.db, sealed, &plain, NULL), 0);
    return xstrdup(secret_reveal(plain, NULL));
}

static int put_other_owner(json *tree, void *arg, struct error **err)
{
    (void)arg;
    return json_set_str(tree, "leaseOwner", "somebody-else", err);
}

void cluster_rig_lose_lease(struct cluster_rig *r)
{
    assert_int_equal(
        openshiftclusters_patch(&r->ctx, r->db.db, RIG_KEY("a"), put_other_owner, NULL, NULL, NULL),
        0);
}
