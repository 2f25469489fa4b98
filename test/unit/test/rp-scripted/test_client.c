/*
 * The typed client, as a customer's program has it, against the real frontend and backend on clusters whose steps only
 * write documents: every operation of the public API.
 */
#include <string.h>

#include "cmd/aro-rp/service.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/database/published.h"
#include "pkg/database/store.h"
#include "rp/env/secrets_folder.h"
#include "test/rp-scripted/script.h"
#include "test/unit/support/fake_env.h"
#include "test/unit/support/pkg/client/caller.h"
#include "test/unit/support/pkg/kube/temp_dir.h"
#include "test/unit/support/test.h"

#define SUBSCRIPTION "00000000-0000-0000-0000-00000000000a"
#define CLIENT_ID "00000000-0000-0000-0000-00000000000c"
#define VERSION "4.3.18" /* that development starts with */
#define PLAIN_PORT "without TLS on 127.0.0.1:"

#define MUST(call) \
    do { \
        cleanup_error struct error *err = NULL; \
        if ((call) < 0) \
            fail_msg("%s", error_text(err)); \
    } while (0)
/* The call is refused with this status, code and target (NULL: none). */
#define MUST_REFUSE(call, status, code, target) \
    do { \
        cleanup_error struct error *err = NULL; \
        assert_int_equal((call), -1); \
        check_refusal(err, status, code, target); \
    } while (0)

static void check_refusal(const struct error *e, int status, const char *code, const char *target)
{
    if (error_get_status(e) != status || !str_eq(error_get_code(e), code) ||
        !str_eq(error_get_target(e), target))
        fail_msg("%d %s %s: %s", error_get_status(e), error_get_code(e), error_get_target(e),
                 error_text(e));
}

/* ---- the service ---- */

/* Learns the port from the log. */
struct port_sink {
    struct log_sink base;
    pthread_mutex_t mu;
    pthread_cond_t known;
    int port; /* -1: the service has ended */
};

struct fixture {
    struct fake_env env;
    struct port_sink sink;
    struct log log;
    char *dir, *secrets, *database;
    struct stop *stop, *at_once;
    pthread_t service;
    struct caller caller;
    struct aro_client *client;
};

static void set_port(struct port_sink *s, int port)
{
    pthread_mutex_lock(&s->mu);
    s->port = port;
    pthread_cond_signal(&s->known);
    pthread_mutex_unlock(&s->mu);
}

static void note(struct log_sink *base, const char *line, size_t len)
{
    const char *at = strstr(line, PLAIN_PORT);
    (void)len;
    if (at)
        set_port(container_of(base, struct port_sink, base),
                 (int)strtol(at + strlen(PLAIN_PORT), NULL, 10));
}

static void *serve(void *arg)
{
    struct fixture *f = arg;
    cleanup_error struct error *err = NULL;
    const struct service_options opt = { .env = &f->env.base,
                                         .clock = clock_system(),
                                         .rng = rng_system(),
                                         .log = &f->log,
                                         .manager = &script_ops };
    if (service_run(&opt, f->stop, f->at_once, &err) < 0)
        print_error("%s\n", error_text(err));
    set_port(&f->sink, -1);
    return NULL;
}

/* A role set, which development does not start with. */
static void add_role_set(struct fixture *f)
{
    struct opctx ctx = opctx_root(clock_system(), rng_system(), NULL, NULL);
    struct rp_secrets *secrets = NULL;
    struct rp_key_source keys;
    struct aead *aead = NULL;
    struct store *store = NULL;
    MUST(rp_secrets_open_folder(f->secrets, true, &secrets, &err));
    rp_key_source_init(&keys, secrets, SECRET_ENCRYPTION_KEY);
    const struct aead_config cfg = { .source = &keys.base };
    MUST(aead_new(&cfg, &ctx, &aead, &err));
    MUST(store_open_sqlite(&ctx, f->database, &store, &err));
    struct database *db = database_new(store, aead);
    json *tree =
        json_make("{'platformWorkloadIdentityRoleSet':{'name':'4.14','properties':{"
                  "'openShiftVersion':'4.14','platformWorkloadIdentityRoles':[{'operatorName':"
                  "'ingress','roleDefinitionName':'R','roleDefinitionId':'/r','serviceAccounts':["
                  "'a'],'secretLocation':{'namespace':'n','name':'s'}}]}}}");
    MUST(published_create(&ctx, db, PUBLISHED_ROLE_SETS, tree, NULL, &err));
    database_close(db);
    rp_secrets_free(secrets);
}

static void set_environment(struct fixture *f)
{
    static const char *const values[][2] = {
        { "RP_MODE", "development" },
        { "AZURE_TENANT_ID", "00000000-0000-0000-0000-00000000000b" },
        { "AZURE_SUBSCRIPTION_ID", SUBSCRIPTION },
        { "AZURE_CLIENT_ID", CLIENT_ID },
        { "AZURE_CLIENT_SECRET", SAMPLE_SECRET },
        { "LOCATION", "eastus" },
        { "DOMAIN", "aro.example" },
        { "DOMAIN_RESOURCEGROUP", "dns" },
        { "RP_RESOURCEGROUP", "rp" },
        { "PULL_SECRET", "{\"auths\":{}}" },
        { "ARO_RP_FEED_POLL_MS", "10" },
        { "ARO_RP_RETRY_AFTER_MS", "1000" },
        { "ARO_RP_BACKEND_DELETE_DELAY_MS", "0" },
    };
    fake_env_init(&f->env);
    for (size_t i = 0; i < ARRAY_LEN(values); i++)
        fake_env_set(&f->env, values[i][0], values[i][1]);
    fake_env_set(&f->env, "ARO_RP_DATABASE", f->database);
    fake_env_set(&f->env, "ARO_RP_SECRETS_DIR", f->secrets);
}

static int set_up(void **state)
{
    static struct fixture f;
    f = (struct fixture){ .dir = temp_dir_give(),
                          .stop = stop_new(NULL),
                          .at_once = stop_new(NULL) };
    f.secrets = xasprintf("%s/secrets", f.dir);
    f.database = xasprintf("sqlite:%s/aro.db", f.dir);
    set_environment(&f);
    add_role_set(&f);
    f.sink = (struct port_sink){
        .base = { .write = note, .level = LOG_INFO, .clock = clock_system() },
        .mu = PTHREAD_MUTEX_INITIALIZER,
        .known = PTHREAD_COND_INITIALIZER,
    };
    f.log = log_root(&f.sink.base);
    assert_int_equal(pthread_create(&f.service, NULL, serve, &f), 0);
    pthread_mutex_lock(&f.sink.mu);
    while (!f.sink.port)
        pthread_cond_wait(&f.sink.known, &f.sink.mu);
    int port = f.sink.port;
    pthread_mutex_unlock(&f.sink.mu);
    if (port < 0)
        exit(1); /* its error is told; no test can run */
    caller_init(&f.caller, port, NULL, NULL);
    f.client = caller_give_client(&f.caller, SUBSCRIPTION, NULL);
    *state = &f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    aro_client_free(f->client);
    caller_release(&f->caller);
    stop_request(f->stop);
    pthread_join(f->service, NULL);
    stop_unref(f->stop);
    stop_unref(f->at_once);
    fake_env_release(&f->env);
    temp_dir_free(f->dir);
    free(f->secrets);
    free(f->database);
    return 0;
}

/* ---- what can be installed ---- */

static void operations_are_listed(void **state)
{
    struct fixture *f = *state;
    cleanup_aro_operation_list struct aro_operation_list *list = NULL;
    const struct aro_operation *item = NULL;
    bool writes = false;

    MUST(aro_operations_list(f->client, &list, &err));
    do {
        MUST(aro_operation_list_next(list, &f->caller.ctx, &item, &err));
        writes = writes ||
                 (item && str_eq(item->name, "Microsoft.RedHatOpenShift/openShiftClusters/write") &&
                  str_eq(item->display->provider, "Azure Red Hat OpenShift"));
    } while (item);

    assert_true(writes);
}

/* The feeds are read in the background: a list may still be empty at first. */
static void versions_are_offered(void **state)
{
    struct fixture *f = *state;
    const struct aro_openshift_version *item = NULL;
    cleanup_aro_openshift_version struct aro_openshift_version *got = NULL, *none = NULL;
    cleanup_aro_openshift_version_list struct aro_openshift_version_list *list = NULL;
    while (!item) {
        aro_openshift_version_list_free(list);
        MUST(aro_openshift_versions_list(f->client, "eastus", &list, &err));
        MUST(aro_openshift_version_list_next(list, &f->caller.ctx, &item, &err));
    }
    assert_string_equal(item->properties->version, VERSION);

    MUST(aro_openshift_versions_get(f->client, &f->caller.ctx, "eastus", VERSION, &got, &err));
    assert_string_equal(got->properties->version, VERSION);
    MUST_REFUSE(
        aro_openshift_versions_get(f->client, &f->caller.ctx, "eastus", "9.9.9", &none, &err), 400,
        "ResourceNotFound", NULL);
}

static void role_sets_are_offered(void **state)
{
    struct fixture *f = *state;
    const struct aro_platform_workload_identity_role_set *item = NULL;
    cleanup_aro_platform_workload_identity_role_set struct aro_platform_workload_identity_role_set
        *got = NULL;
    cleanup_aro_platform_workload_identity_role_set_list struct
        aro_platform_workload_identity_role_set_list *list = NULL;
    while (!item) {
        aro_platform_workload_identity_role_set_list_free(list);
        MUST(aro_platform_workload_identity_role_sets_list(f->client, "eastus", &list, &err));
        MUST(aro_platform_workload_identity_role_set_list_next(list, &f->caller.ctx, &item, &err));
    }
    assert_string_equal(item->properties->openshift_version, "4.14");

    MUST(aro_platform_workload_identity_role_set_get(f->client, &f->caller.ctx, "eastus", "4.14",
                                                     &got, &err));
    assert_int_equal(got->properties->platform_workload_identity_roles_len, 1);
    assert_string_equal(got->properties->platform_workload_identity_roles[0].operator_name,
                        "ingress");
}

/* ---- clusters ---- */

/* As the newest version wants it. */
static void sample_init_newest(struct sample *s, const char *managed, const char *client_id)
{
    sample_init(s, SUBSCRIPTION, managed, client_id);
    s->profile.fips_validated_modules = ARO_FIPS_VALIDATED_MODULES_DISABLED;
    s->master.encryption_at_host = ARO_ENCRYPTION_AT_HOST_DISABLED;
    s->worker.encryption_at_host = ARO_ENCRYPTION_AT_HOST_DISABLED;
}

static size_t count(struct fixture *f, const char *group)
{
    const struct aro_openshift_cluster *item = NULL;
    cleanup_aro_openshift_cluster_list struct aro_openshift_cluster_list *list = NULL;
    size_t n = 0;
    if (group)
        MUST(aro_openshift_clusters_list_by_resource_group(f->client, group, &list, &err));
    else
        MUST(aro_openshift_clusters_list(f->client, &list, &err));
    for (;; n++) {
        MUST(aro_openshift_cluster_list_next(list, &f->caller.ctx, &item, &err));
        if (!item)
            return n;
    }
}

static void check_created(struct fixture *f, struct sample *s)
{
    cleanup_aro_poller struct aro_poller *p = NULL;
    struct aro_openshift_cluster_credentials *none = NULL;
    MUST(aro_openshift_clusters_create_or_update(f->client, &f->caller.ctx, "group", "one",
                                                 &s->cluster, &p, &err));
    assert_int_equal(aro_poller_status(p), 201);
    assert_int_equal(aro_poller_cluster(p)->properties->provisioning_state,
                     ARO_PROVISIONING_STATE_CREATING);
    MUST_REFUSE(aro_openshift_clusters_list_credentials(f->client, &f->caller.ctx, "group", "one",
                                                        &none, &err),
                400, "RequestNotAllowed", NULL);
    MUST(aro_poller_wait(p, &f->caller.ctx, &err));
    assert_int_equal(aro_poller_cluster(p)->properties->provisioning_state,
                     ARO_PROVISIONING_STATE_SUCCEEDED);
    assert_non_null(aro_poller_cluster(p)->properties->console_profile->url);
}

static void check_shown(struct fixture *f)
{
    cleanup_aro_openshift_cluster struct aro_openshift_cluster *got = NULL;
    MUST(aro_openshift_clusters_get(f->client, &f->caller.ctx, "GROUP", "ONE", &got, &err));
    assert_string_equal(got->location, "eastus");
    assert_string_equal(got->properties->cluster_profile->version, VERSION);
    assert_int_equal(got->properties->network_profile->outbound_type,
                     ARO_OUTBOUND_TYPE_LOADBALANCER);
    assert_int_equal(got->properties->worker_profiles[0].count.value, 3);
    assert_null(got->properties->cluster_profile->pull_secret);
    assert_null(got->properties->service_principal_profile->client_secret);
    assert_null(got->properties->platform_workload_identity_profile);
    assert_int_equal(count(f, NULL), 1);
    assert_int_equal(count(f, "group"), 1);
    assert_int_equal(count(f, "other"), 0);
}

static void check_credentials(struct fixture *f)
{
    cleanup_aro_openshift_cluster_credentials struct aro_openshift_cluster_credentials *password =
        NULL;
    cleanup_aro_openshift_cluster_admin_kubeconfig struct aro_openshift_cluster_admin_kubeconfig
        *kubeconfig = NULL;
    MUST(aro_openshift_clusters_list_credentials(f->client, &f->caller.ctx, "group", "one",
                                                 &password, &err));
    MUST(aro_openshift_clusters_list_admin_credentials(f->client, &f->caller.ctx, "group", "one",
                                                       &kubeconfig, &err));
    assert_string_equal(password->kubeadmin_username, "kubeadmin");
    assert_string_equal(secret_reveal(password->kubeadmin_password, NULL),
                        "aaaaa-bbbbb-ccccc-ddddd");
    assert_true(strlen(secret_reveal(kubeconfig->kubeconfig, NULL)) > 0);
}

static void check_updated(struct fixture *f)
{
    const struct aro_text_entry tag = { "purpose", "test" };
    const struct aro_openshift_cluster change = { .tags = &tag, .tags_len = 1 };
    const struct aro_master_profile larger = { .vm_size = "Standard_D16s_v3" };
    const struct aro_openshift_cluster_properties forbidden = { .master_profile = &larger };
    const struct aro_openshift_cluster refused = { .properties = &forbidden };
    cleanup_aro_poller struct aro_poller *p = NULL, *none = NULL;
    MUST(aro_openshift_clusters_update(f->client, &f->caller.ctx, "group", "one", &change, &p,
                                       &err));
    assert_int_equal(aro_poller_status(p), 200);
    MUST(aro_poller_wait(p, &f->caller.ctx, &err));
    assert_int_equal(aro_poller_cluster(p)->tags_len, 1);
    assert_string_equal(aro_poller_cluster(p)->tags[0].value, "test");
    MUST_REFUSE(aro_openshift_clusters_update(f->client, &f->caller.ctx, "group", "one", &refused,
                                              &none, &err),
                400, "PropertyChangeNotAllowed", "properties.masterProfile.vmSize");
}

/* What was read may be written again. */
static void check_put_again(struct fixture *f)
{
    cleanup_aro_openshift_cluster struct aro_openshift_cluster *got = NULL;
    cleanup_aro_poller struct aro_poller *p = NULL;
    MUST(aro_openshift_clusters_get(f->client, &f->caller.ctx, "group", "one", &got, &err));
    struct aro_openshift_cluster next = *got;
    next.tags = ARO_EMPTY;
    next.tags_len = 0;
    MUST(aro_openshift_clusters_create_or_update(f->client, &f->caller.ctx, "group", "one", &next,
                                                 &p, &err));
    assert_int_equal(aro_poller_status(p), 200);
    MUST(aro_poller_wait(p, &f->caller.ctx, &err));
    assert_int_equal(aro_poller_cluster(p)->tags_len, 0);
}

static void check_deleted(struct fixture *f)
{
    cleanup_aro_poller struct aro_poller *p = NULL, *again = NULL;
    struct aro_openshift_cluster *none = NULL;
    MUST(aro_openshift_clusters_delete(f->client, &f->caller.ctx, "group", "one", &p, &err));
    assert_int_equal(aro_poller_status(p), 202);
    MUST(aro_poller_wait(p, &f->caller.ctx, &err));
    MUST_REFUSE(aro_openshift_clusters_get(f->client, &f->caller.ctx, "group", "one", &none, &err),
                404, "ResourceNotFound", NULL);
    MUST(aro_openshift_clusters_delete(f->client, &f->caller.ctx, "group", "one", &again, &err));
    assert_int_equal(aro_poller_status(again), 204);
    assert_true(aro_poller_is_done(again));
    assert_int_equal(count(f, NULL), 0);
}

static void a_cluster_lives(void **state)
{
    struct fixture *f = *state;
    struct sample s;
    sample_init_newest(&s, "managed", CLIENT_ID);

    check_created(f, &s);
    check_shown(f);
    check_credentials(f);
    check_updated(f);
    check_put_again(f);
    check_deleted(f);

    sample_release(&s);
}

static void a_create_that_fails_says_why(void **state)
{
    struct fixture *f = *state;
    cleanup_aro_poller struct aro_poller *p = NULL;
    cleanup_error struct error *failure = NULL;
    struct sample s;
    sample_init_newest(&s, "managed2", "00000000-0000-0000-0000-00000000000d");
    MUST(aro_openshift_clusters_create_or_update(f->client, &f->caller.ctx, "group", "fail-create",
                                                 &s.cluster, &p, &err));

    assert_int_equal(aro_poller_wait(p, &f->caller.ctx, &failure), -1);

    assert_string_equal(error_get_code(failure), "DeploymentFailed");
    assert_string_equal(error_get_target(failure), "properties.masterProfile");
    cleanup_aro_cloud_error struct aro_cloud_error *told = aro_cloud_error_of(failure);
    assert_string_equal(told->error->message,
                        "Deployment failed: the script of this cluster says so.");
    sample_release(&s);
}

static void a_create_that_is_invalid_says_where(void **state)
{
    struct fixture *f = *state;
    struct aro_poller *none = NULL;
    struct sample s;
    sample_init_newest(&s, "managed3", CLIENT_ID);
    s.worker.count = ARO_INT(1);

    MUST_REFUSE(aro_openshift_clusters_create_or_update(f->client, &f->caller.ctx, "group", "bad",
                                                        &s.cluster, &none, &err),
                400, "InvalidParameter", "properties.workerProfiles['worker'].count");

    sample_release(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("operations are listed", operations_are_listed),
        CASE("versions are offered", versions_are_offered),
        CASE("role sets are offered", role_sets_are_offered),
        CASE("a cluster is created, shown, changed and deleted", a_cluster_lives),
        CASE("a create that fails says why", a_create_that_fails_says_why),
        CASE("a create that is invalid says where", a_create_that_is_invalid_says_where),
    };
    return _cmocka_run_group_tests("typed client", tests, ARRAY_LEN(tests), set_up, tear_down);
}
