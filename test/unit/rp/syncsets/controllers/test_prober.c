#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "pkg/base/thread.h"
#include "rp/syncsets/remote/remote_impl.h"
#include "rp/syncsets/types/conditions.h"
#include "test/unit/support/left_out.h"
#include "test/unit/support/pkg/net/pki.h"
#include "test/unit/support/rp/syncsets/far_rig.h"

static void who_becomes_reachable_is_due(void **state)
{
    (void)state;
    struct crew_rig c;
    crew_rig_init(&c);
    free(crew_rig_cluster(&c, "a"));
    work_rig_match(&c.r);
    work_rig_settle(&c.r);
    crew_rig_run_until(&c, prober_run,
                       "SELECT count(*) FROM cluster_work WHERE due_at < "
                       "9999999999");
    cleanup_json json *status = crew_rig_status(&c, TYPE_CLUSTERS, "a");
    assert_true(api_condition_is(status, "Unreachable", "False"));
    assert_int_equal(work_rig_number(&c.r, "SELECT count(*) FROM cluster_probes WHERE due_at = 0"),
                     0);
    crew_rig_release(&c);
}

static void a_missing_kubeconfig_is_not_dialled(void **state)
{
    (void)state;
    struct crew_rig c;
    crew_rig_init(&c);
    free(work_rig_cluster(&c.r, "n", "a", "{}"));
    work_rig_match(&c.r);
    crew_rig_run_until(&c, prober_run,
                       "SELECT count(*) FROM cluster_probes WHERE due_at > "
                       "(SELECT max(created_at) + 3600 FROM events)");
    cleanup_json json *status = crew_rig_status(&c, TYPE_CLUSTERS, "a");
    assert_true(api_condition_is(status, "KubeconfigValid", "False"));
    assert_null(api_condition_find(status, "Unreachable"));
    crew_rig_release(&c);
}

/* Takes connections and says nothing. */
static int listen_silently(char **ret_url)
{
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t len = sizeof(a);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fd, (const struct sockaddr *)&a, len), 0);
    assert_int_equal(listen(fd, 128), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &len), 0);
    *ret_url = xasprintf("https://127.0.0.1:%u", ntohs(a.sin_port));
    return fd;
}

static void add_cluster_at(struct crew_rig *c, const char *name, const char *url)
{
    struct test_cert *ca = test_ca_new("ca");
    cleanup_free char *data = base64_give(ca->cert_pem, strlen(ca->cert_pem));
    cleanup_json json *config = json_make(
        "{'current-context':'x','contexts':[{'name':'x','context':{'cluster':'c','user':'u'}}],"
        "'clusters':[{'name':'c','cluster':{'server':%s,'certificate-authority-data':%s}}],"
        "'users':[{'name':'u','user':{'token':'t'}}]}",
        url, data);
    cleanup_free char *text = json_give_text(config);
    cleanup_json json *object =
        json_make("{'metadata':{'name':%s,'namespace':'n'},'spec':{'kubeconfig':%s}}", name, text);
    cleanup_free char *body = json_give_text(object);
    json_free(sets_rig_create(&c->r, TYPE_CLUSTERS, body));
    test_cert_free(ca);
}

/* Probes wait that long for an answer; 0: the default. */
static void dial_loopback(struct crew_rig *c, int64_t answer_ms)
{
    const struct sets_remotes_config remotes = { .http = c->http,
                                                 .dial_allowed = "127.0.0.0/8",
                                                 .probe_answer_ms = answer_ms,
                                                 .clock = clock_system(),
                                                 .rng = rng_system(),
                                                 .env = &c->env.base };
    sets_remotes_free(c->remotes);
    assert_int_equal(sets_remotes_new(&remotes, &c->remotes, NULL), 0);
    c->cfg.remotes = c->k->cfg.remotes = c->remotes;
}

static void a_look_that_is_broken_off_is_given_back(void **state)
{
    (void)state;
    struct crew_rig c;
    cleanup_free char *url = NULL;
    int silent = listen_silently(&url);
    crew_rig_init(&c);
    dial_loopback(&c, 0);
    add_cluster_at(&c, "a", url);
    work_rig_match(&c.r);

    crew_rig_run_until(&c, prober_run,
                       "SELECT count(*) FROM cluster_probes WHERE due_at >= "
                       "(SELECT max(created_at) + 120 FROM events)");

    assert_int_equal(work_rig_number(&c.r, "SELECT count(*) FROM cluster_probes WHERE due_at < "
                                           "(SELECT max(created_at) + 100 FROM events)"),
                     1);
    crew_rig_release(&c);
    (void)close(silent);
}

/* However short leases are: a look may take a minute. */
static void nobody_else_has_a_cluster_that_is_looked_at(void **state)
{
    (void)state;
    struct crew_rig c;
    pthread_t thread;
    cleanup_free char *url = NULL;
    int silent = listen_silently(&url);
    crew_rig_init(&c);
    dial_loopback(&c, 0);
    c.k->cfg.lease_s = 6;
    add_cluster_at(&c, "a", url);
    work_rig_match(&c.r);
    int64_t began_s = sets_now_s(&c.r.ctx);

    assert_int_equal(thread_start(&thread, "prober", prober_run, c.k, NULL), 0);
    int dialled = accept(silent, NULL, NULL);

    assert_true(dialled >= 0);
    assert_true(work_rig_number(&c.r, "SELECT due_at FROM cluster_probes") >=
                began_s + SETS_PROBE_MAX_MS / 1000);
    stop_request(c.k->soft);
    pthread_join(thread, NULL);
    (void)close(dialled);
    crew_rig_release(&c);
    (void)close(silent);
}

static void add_silent_clusters(struct crew_rig *c, const char *url, int n)
{
    for (int i = 0; i < n; i++) {
        cleanup_free char *name = xasprintf("silent%d", i);
        add_cluster_at(c, name, url);
    }
}

static size_t threads_of(struct sets_controllers *k)
{
    pthread_mutex_lock(&k->threads_mu);
    size_t n = k->threads_len;
    pthread_mutex_unlock(&k->threads_mu);
    return n;
}

/* While all wait there is one more, up to a limit. */
static void who_waits_leaves_the_next_look_to_another(void **state)
{
    (void)state;
    struct crew_rig c;
    struct sets_controllers *k = NULL;
    cleanup_free char *url = NULL;
    int silent = listen_silently(&url);
    crew_rig_init(&c);
    dial_loopback(&c, 0);
    add_silent_clusters(&c, url, 3 * SETS_PROBERS_WAITING);

    assert_int_equal(sets_controllers_start(&c.cfg, &k, NULL), 0); /* with one prober */
    size_t most = (size_t)(1 + c.cfg.workers + SETS_PROBERS_WAITING);
    while (threads_of(k) < most)
        (void)opctx_sleep_ms(&c.r.ctx, 10, NULL);

    assert_int_equal(threads_of(k), most);
    assert_int_equal(k->threads_cap, most);
    sets_controllers_stop(k, 0);
    crew_rig_release(&c);
    (void)close(silent);
}

static void nobody_who_answers_needs_more_threads(void **state)
{
    (void)state;
    struct crew_rig c;
    struct sets_controllers *k = NULL;
    crew_rig_init(&c);
    c.cfg.probers = 2;
    free(crew_rig_cluster(&c, "a"));
    assert_int_equal(sets_controllers_start(&c.cfg, &k, NULL), 0);
    while (work_rig_number(&c.r, "SELECT count(*) FROM cluster_probes WHERE due_at > "
                                 "(SELECT max(created_at) + 3600 FROM events)") == 0)
        (void)opctx_sleep_ms(&c.r.ctx, 10, NULL);
    assert_int_equal(threads_of(k), 1 + c.cfg.workers + 2);
    sets_controllers_stop(k, 0);
    crew_rig_release(&c);
}

#define SILENT 50

static void silent_clusters_keep_no_other_waiting(void **state)
{
    (void)state;
    struct crew_rig c;
    struct far_rig f;
    struct sets_controllers *k = NULL;
    cleanup_free char *url = NULL;
    int silent = listen_silently(&url);
    crew_rig_init(&c);
    far_rig_init(&f, &c, false);
    c.cfg.probers = 4;
    dial_loopback(&c, 1500);
    add_silent_clusters(&c, url, SILENT);
    free(far_rig_cluster(&f, "n", "z", "", "{}")); /* the last in the line */

    assert_int_equal(sets_controllers_start(&c.cfg, &k, NULL), 0);
    while (work_rig_number(&c.r, "SELECT count(*) FROM cluster_probes WHERE failures > 0") < SILENT)
        (void)opctx_sleep_ms(&c.r.ctx, 10, NULL);
    while (work_rig_number(&c.r, "SELECT count(*) FROM cluster_probes WHERE failures = 0 AND "
                                 "due_at > (SELECT max(created_at) + 3600 FROM events)") == 0)
        (void)opctx_sleep_ms(&c.r.ctx, 10, NULL);

    cleanup_json json *good = crew_rig_status(&c, TYPE_CLUSTERS, "z");
    assert_true(api_condition_is(good, "Unreachable", "False"));
    for (int i = 0; i < SILENT; i++) {
        cleanup_free char *name = xasprintf("silent%d", i);
        cleanup_json json *status = crew_rig_status(&c, TYPE_CLUSTERS, name);
        assert_true(api_condition_is(status, "Unreachable", "True"));
    }
    sets_controllers_stop(k, 0);
    far_rig_release(&f);
    crew_rig_release(&c);
    (void)close(silent);
}

static void sets_are_not_read_for_a_look(void **state)
{
    (void)state;
    struct crew_rig c;
    struct workload w;
    crew_rig_init(&c);
    cleanup_free char *uid = crew_rig_cluster(&c, "a");
    json_free(sets_rig_create(&c.r, TYPE_SYNCSETS,
                              "{'metadata':{'name':'s','namespace':'n'},'spec':{"
                              "'clusterDeploymentRefs':[{'name':'a'}]}}"));
    work_rig_match(&c.r);
    work_rig_settle(&c.r);
    sets_rig_script(&c.r, "UPDATE syncsets SET data = '[]'"); /* no object */
    assert_int_equal(workload_load(&c.r.ctx, c.r.store, uid, &w, NULL), -1);
    crew_rig_run_until(&c, prober_run,
                       "SELECT count(*) FROM cluster_work WHERE due_at < 9999999999");
    crew_rig_release(&c);
}

/* On PostgreSQL only: while a worker has the row of its work, the prober has none that the worker will want. */
static void a_look_waits_for_work_without_any_other_row(void **state)
{
    (void)state;
    static const char *const others[] = { "SELECT 1 FROM cluster_probes FOR UPDATE NOWAIT",
                                          "SELECT 1 FROM clusters FOR UPDATE NOWAIT",
                                          "SELECT 1 FROM revision FOR UPDATE NOWAIT" };
    struct crew_rig c;
    struct sql *worker = NULL;
    pthread_t thread;
    int64_t n;
    crew_rig_init(&c);
    free(crew_rig_cluster(&c, "a"));
    work_rig_match(&c.r);
    assert_int_equal(sql_acquire(&c.r.ctx, c.r.db, SQL_WRITE, &worker, NULL), 0);
    assert_int_equal(sql_begin(&c.r.ctx, worker, NULL), 0);
    assert_int_equal(
        sets_number(&c.r.ctx, worker, "SELECT 1 FROM cluster_work FOR UPDATE", NULL, 0, &n, NULL),
        0);
    assert_int_equal(thread_start(&thread, "prober", prober_run, c.k, NULL), 0);
    while (work_rig_number(&c.r, "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = "
                                 "'Lock'") == 0)
        (void)opctx_sleep_ms(&c.r.ctx, 10, NULL);
    for (size_t i = 0; i < ARRAY_LEN(others); i++)
        assert_int_equal(sets_number(&c.r.ctx, worker, others[i], NULL, 0, &n, NULL), 0);
    sql_release(worker);
    stop_request(c.k->soft);
    pthread_join(thread, NULL);
    crew_rig_release(&c);
}

static void what_is_mended_is_tried_again(void **state)
{
    (void)state;
    static const char *const flaws[] = { ",'caBundle':'no certificate'",
                                         ",'apiURLOverride':'ftp://api.example.com'" };
    for (size_t i = 0; i < ARRAY_LEN(flaws); i++) {
        struct crew_rig c;
        struct far_rig f;
        crew_rig_init(&c);
        far_rig_init(&f, &c, false);
        free(far_rig_cluster(&f, "n", "a", flaws[i], "{}"));
        work_rig_match(&c.r);
        crew_rig_look_until(&c, "a", "KubeconfigValid", "False");
        assert_int_equal(tls_server_connections(f.server), 0);

        free(far_rig_cluster(&f, "n", "a", "", "{}")); /* the same kubeconfig */
        work_rig_match(&c.r);
        crew_rig_look_until(&c, "a", "Unreachable", "False");

        cleanup_json json *status = crew_rig_status(&c, TYPE_CLUSTERS, "a");
        assert_true(api_condition_is(status, "KubeconfigValid", "True"));
        far_rig_release(&f);
        crew_rig_release(&c);
    }
}

/* Whoever stores it does not know what controllers may do. */
static void without_verification_only_where_that_is_allowed(void **state)
{
    (void)state;
    for (int allowed = 0; allowed < 2; allowed++) {
        struct crew_rig c;
        struct far_rig f;
        crew_rig_init(&c);
        far_rig_init(&f, &c, allowed);
        f.insecure = true;
        free(far_rig_cluster(&f, "n", "a", "", "{}"));
        work_rig_match(&c.r);
        if (allowed)
            crew_rig_look_until(&c, "a", "Unreachable", "False");
        else
            crew_rig_run_until(&c, prober_run,
                               "SELECT count(*) FROM cluster_probes WHERE due_at > "
                               "(SELECT max(created_at) + 3600 FROM events)");
        cleanup_json json *status = crew_rig_status(&c, TYPE_CLUSTERS, "a");
        assert_true(api_condition_is(status, "KubeconfigValid", allowed ? "True" : "False"));
        assert_int_equal(tls_server_connections(f.server) > 0, allowed);
        far_rig_release(&f);
        crew_rig_release(&c);
    }
}

static void who_is_not_reached_is_looked_at_ever_less_often(void **state)
{
    (void)state;
    static const struct {
        int failures, again_s;
    } cases[] = { { 0, 60 }, { 1, 120 }, { 2, 240 }, { 6, 3840 }, { 7, 7200 }, { 50, 7200 } };
    struct crew_rig c;
    struct far_rig f;
    crew_rig_init(&c);
    far_rig_init(&f, &c, false);
    free(far_rig_cluster(&f, "n", "a", "", "{}"));
    work_rig_match(&c.r);
    far_rig_close(&f);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        int s = cases[i].again_s, n = cases[i].failures;
        cleanup_free char *before =
            xasprintf("UPDATE cluster_probes SET due_at = 0, failures = %d", n);
        cleanup_free char *after =
            xasprintf("SELECT count(*) FROM cluster_probes WHERE failures = %d", n + 1);
        int64_t began_s = sets_now_s(&c.r.ctx);
        sets_rig_script(&c.r, before);
        crew_rig_run_until(&c, prober_run, after);
        assert_in_range(work_rig_number(&c.r, "SELECT due_at FROM cluster_probes"),
                        began_s + s - s / 10, sets_now_s(&c.r.ctx) + s + s / 10 + 1);
    }
    far_rig_release(&f);
    crew_rig_release(&c);
}

static void who_is_paused_is_not_dialled_until_it_resumes(void **state)
{
    (void)state;
    struct crew_rig c;
    struct far_rig f;
    crew_rig_init(&c);
    far_rig_init(&f, &c, false);
    free(far_rig_cluster(&f, "n", "a", "", "{'hive.openshift.io/syncset-pause':'true'}"));
    work_rig_match(&c.r);
    int64_t before = work_rig_number(&c.r, "SELECT last FROM revision WHERE type = ''");

    crew_rig_run_until(&c, prober_run,
                       "SELECT count(*) FROM cluster_probes WHERE due_at > "
                       "(SELECT max(created_at) + 3600 FROM events)");

    assert_int_equal(tls_server_connections(f.server), 0);
    assert_int_equal(work_rig_number(&c.r, "SELECT last FROM revision WHERE type = ''"), before);
    free(far_rig_cluster(&f, "n", "a", "", "{}")); /* its annotations alone change */
    work_rig_match(&c.r);
    crew_rig_look_until(&c, "a", "Unreachable", "False");
    far_rig_release(&f);
    crew_rig_release(&c);
}

/* The one that works on n/a, which goes by the kubeconfig's URL, for the override did not answer. */
static struct sets_remote *use_secondary(struct crew_rig *c, const char *uid, const char *override)
{
    struct sets_remote *remote;
    cleanup_json_wiped json *secrets = NULL;
    cleanup_json json *object = NULL,
                      *status = sets_rig_parse(
                          "{'conditions':[{'type':'ActiveAPIURLOverride','status':'False'}]}");
    assert_int_equal(
        sets_reveal(&c->r.ctx, c->r.store, &api_types[TYPE_CLUSTERS], "n", "a", &secrets, NULL), 0);
    assert_int_equal(
        sets_get(&c->r.ctx, c->r.store, &api_types[TYPE_CLUSTERS], "n", "a", &object, NULL), 0);
    const struct sets_write w = { .type = &api_types[TYPE_CLUSTERS],
                                  .nspace = "n",
                                  .name = "a",
                                  .object = object,
                                  .status = status,
                                  .actor = "test" };
    assert_int_equal(sets_replace(&c->r.ctx, c->r.store, &w, NULL, NULL, NULL), 0);
    const json *kubeconfig = json_get(secrets, "kubeconfig");
    const struct sets_target target = { .uid = uid,
                                        .kubeconfig = json_str(kubeconfig),
                                        .kubeconfig_len = json_str_len(kubeconfig),
                                        .api_url_override = override,
                                        .use_secondary = true };
    assert_int_equal(sets_remotes_get(c->remotes, &target, &remote, NULL), 0);
    return remote;
}

static void a_look_moves_no_worker_to_where_nobody_answers(void **state)
{
    (void)state;
    struct crew_rig c;
    struct far_rig f;
    pthread_t thread;
    cleanup_free char *url = NULL;
    int silent = listen_silently(&url);
    crew_rig_init(&c);
    far_rig_init(&f, &c, false);
    cleanup_free char *spec = xasprintf(",'apiURLOverride':'%s'", url);
    cleanup_free char *uid = far_rig_cluster(&f, "n", "a", spec, "{}");
    struct sets_remote *remote = use_secondary(&c, uid, url);
    work_rig_match(&c.r);

    assert_int_equal(thread_start(&thread, "prober", prober_run, c.k, NULL), 0);
    int dialled = accept(silent, NULL, NULL); /* it looks at the override now */

    assert_true(dialled >= 0);
    assert_ptr_equal(remote_active(remote), &remote->urls[1]);
    stop_request(c.k->soft);
    pthread_join(thread, NULL);
    sets_remote_put(remote);
    (void)close(dialled);
    (void)close(silent);
    far_rig_release(&f);
    crew_rig_release(&c);
}

static void another_document_is_looked_at_at_once(void **state)
{
    (void)state;
    struct crew_rig c;
    struct far_rig f;
    crew_rig_init(&c);
    far_rig_init(&f, &c, false);
    free(far_rig_cluster(&f, "n", "a", "", "{}"));
    work_rig_match(&c.r);
    sets_rig_script(&c.r, "UPDATE cluster_probes SET due_at = 9999999999, failures = 7");

    free(far_rig_cluster(&f, "n", "a", "", "{'note':'no other document'}"));
    work_rig_match(&c.r);
    assert_int_equal(work_rig_number(&c.r, "SELECT failures FROM cluster_probes"), 7);
    free(far_rig_cluster(&f, "n", "a", ",'apiServerIPOverride':'127.0.0.2'", "{}"));
    work_rig_match(&c.r);

    assert_int_equal(
        work_rig_number(&c.r,
                        "SELECT count(*) FROM cluster_probes WHERE due_at = 0 AND failures = 0"),
        1);
    far_rig_release(&f);
    crew_rig_release(&c);
}

/* Once it is refused for its words, then nobody answers: what is known of the words is told all the same. */
static void what_can_be_used_is_said_so_though_nobody_answers(void **state)
{
    (void)state;
    struct crew_rig c;
    struct far_rig f;
    crew_rig_init(&c);
    far_rig_init(&f, &c, false);
    free(far_rig_cluster(&f, "n", "a", ",'caBundle':'no certificate'", "{}"));
    work_rig_match(&c.r);
    crew_rig_look_until(&c, "a", "KubeconfigValid", "False");
    far_rig_close(&f);

    free(far_rig_cluster(&f, "n", "a", "", "{}"));
    work_rig_match(&c.r);
    crew_rig_look_until(&c, "a", "Unreachable", "True");

    cleanup_json json *status = crew_rig_status(&c, TYPE_CLUSTERS, "a");
    assert_true(api_condition_is(status, "KubeconfigValid", "True"));
    far_rig_release(&f);
    crew_rig_release(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("who becomes reachable is due", who_becomes_reachable_is_due),
        CASE("a missing kubeconfig is not dialled", a_missing_kubeconfig_is_not_dialled),
        CASE("a look that is broken off is given back", a_look_that_is_broken_off_is_given_back),
        CASE("nobody else has a cluster that is looked at",
             nobody_else_has_a_cluster_that_is_looked_at),
        CASE("who waits leaves the next look to another",
             who_waits_leaves_the_next_look_to_another),
        CASE("nobody who answers needs more threads", nobody_who_answers_needs_more_threads),
        CASE("silent clusters keep no other waiting", silent_clusters_keep_no_other_waiting),
        CASE("what is mended is tried again", what_is_mended_is_tried_again),
        CASE("without verification only where that is allowed",
             without_verification_only_where_that_is_allowed),
        CASE("who is not reached is looked at ever less often",
             who_is_not_reached_is_looked_at_ever_less_often),
        CASE("who is paused is not dialled until it resumes",
             who_is_paused_is_not_dialled_until_it_resumes),
        CASE("a look moves no worker to where nobody answers",
             a_look_moves_no_worker_to_where_nobody_answers),
        CASE("another document is looked at at once", another_document_is_looked_at_at_once),
        CASE("what can be used is said so, though nobody answers",
             what_can_be_used_is_said_so_though_nobody_answers),
        CASE("sets are not read for a look", sets_are_not_read_for_a_look),
        CASE("a look waits for work without any other row",
             a_look_waits_for_work_without_any_other_row),
    };
    return RUN_CASES_IF(getenv("STORE_DSN") != NULL, ARRAY_LEN(tests) - 1, "prober", tests,
                        BY_SYNCSETS_CHECK);
}
