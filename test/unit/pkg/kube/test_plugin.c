#include <stdatomic.h>
#include <string.h>

#include "pkg/base/json.h"
#include "pkg/base/mem.h"
#include "pkg/base/thread.h"
#include "pkg/kube/plugin.h"
#include "test/unit/support/fake_clock.h"
#include "test/unit/support/fake_rng.h"
#include "test/unit/support/test.h"

#define V1 "client.authentication.k8s.io/v1"

/* A plugin run that answers token-1, token-2 ... and can be held until the test lets it go. */
struct fixture {
    struct fake_clock clock;
    struct fake_rng rng;
    struct opctx ctx;
    struct kube_exec_config exec;
    struct kube_config cfg;
    struct plugin *plugin;
    /* the runs */
    atomic_int runs;
    const char *expires; /* expirationTimestamp; NULL none */
    enum err_kind fails; /* ERR_INTERNAL: succeeds */
    char *info;
    pthread_mutex_t mu;
    pthread_cond_t cv;
    bool hold, entered;
};

static void wait_while_held(struct fixture *f)
{
    pthread_mutex_lock(&f->mu);
    f->entered = true;
    pthread_cond_broadcast(&f->cv);
    while (f->hold)
        pthread_cond_wait(&f->cv, &f->mu);
    pthread_mutex_unlock(&f->mu);
}

static int run(void *arg, const struct opctx *ctx, const struct kube_exec_config *exec,
               const char *exec_info, char **ret_output, size_t *ret_len, struct error **err)
{
    struct fixture *f = arg;
    int n = atomic_fetch_add(&f->runs, 1) + 1;
    if (!f->info)
        f->info = xstrdup(exec_info);
    wait_while_held(f);
    if (opctx_check(ctx, err) < 0)
        return -1;
    if (f->fails)
        return error_set(err, f->fails, "%s failed", exec->command);
    *ret_output = f->expires
                      ? xasprintf("{\"kind\":\"ExecCredential\",\"apiVersion\":\"%s\",\"status\":{"
                                  "\"token\":\"token-%d\",\"expirationTimestamp\":\"%s\"}}",
                                  V1, n, f->expires)
                      : xasprintf("{\"kind\":\"ExecCredential\",\"apiVersion\":\"%s\",\"status\":{"
                                  "\"token\":\"token-%d\"}}",
                                  V1, n);
    *ret_len = strlen(*ret_output);
    return 0;
}

static void init(struct fixture *f)
{
    *f = (struct fixture){ 0 };
    f->exec.api_version = xstrdup(V1);
    f->exec.command = xstrdup("get-token");
    f->cfg.exec = &f->exec;
    fake_clock_init(&f->clock);
    fake_rng_init(&f->rng, 1);
    f->ctx = opctx_root(&f->clock.base, &f->rng.base, NULL, NULL);
    pthread_mutex_init(&f->mu, NULL);
    pthread_cond_init(&f->cv, NULL);
}

static void start(struct fixture *f)
{
    f->plugin = plugin_new(&(struct plugin_config){
        .cfg = &f->cfg, .clock = &f->clock.base, .run = run, .run_arg = f });
}

static void release(struct fixture *f)
{
    plugin_free(f->plugin);
    pthread_cond_destroy(&f->cv);
    pthread_mutex_destroy(&f->mu);
    fake_clock_release(&f->clock);
    free(f->exec.api_version);
    free(f->exec.command);
    free(f->info);
}

/* The generation of the token that was given. */
static uint64_t assert_token(struct fixture *f, const char *want)
{
    cleanup_secret struct secret *token = NULL;
    uint64_t generation = 0;
    assert_int_equal(plugin_give_token(f->plugin, &f->ctx, &token, &generation, NULL), 0);
    assert_string_equal(secret_reveal(token, NULL), want);
    assert_true(generation != 0);
    return generation;
}

static void test_no_expiry(void **state)
{
    (void)state;
    struct fixture f;
    init(&f);
    start(&f);
    assert_token(&f, "token-1");
    fake_clock_advance_ns(&f.clock, INT64_C(365) * 24 * 3600 * NS_PER_S);
    assert_token(&f, "token-1");
    release(&f);
}

static void test_expiry(void **state)
{
    (void)state;
    struct fixture f;
    init(&f);
    f.expires = "2024-02-03T04:06:06Z"; /* in a minute */
    start(&f);
    assert_token(&f, "token-1");
    fake_clock_advance_ms(&f.clock, 49999);
    assert_token(&f, "token-1");
    fake_clock_advance_ms(&f.clock, 1);
    f.expires = NULL;
    assert_token(&f, "token-2");
    release(&f);
}

static void test_expired_answer(void **state)
{
    (void)state;
    struct fixture f;
    init(&f);
    f.expires = "2020-01-01T00:00:00Z";
    start(&f);
    assert_token(&f, "token-1");
    assert_token(&f, "token-2");
    release(&f);
}

static void test_expired_since_the_year_1(void **state)
{
    (void)state;
    struct fixture f;
    init(&f);
    f.expires = "0001-01-01T00:00:00Z"; /* a time that was never set */
    start(&f);
    assert_token(&f, "token-1");
    assert_token(&f, "token-2");
    release(&f);
}

static void test_refusal(void **state)
{
    (void)state;
    struct fixture f;
    init(&f);
    start(&f);
    uint64_t first = assert_token(&f, "token-1");
    plugin_reject(f.plugin, first);
    plugin_reject(f.plugin, first);
    uint64_t second = assert_token(&f, "token-2");
    plugin_reject(f.plugin, first); /* a late 401 of an older token */
    assert_token(&f, "token-2");
    assert_true(first != second);
    release(&f);
}

static void test_failure_is_not_kept(void **state)
{
    (void)state;
    struct fixture f;
    init(&f);
    f.fails = ERR_IO;
    start(&f);
    cleanup_error struct error *err = NULL;
    struct secret *token = NULL;
    uint64_t generation;
    assert_int_equal(plugin_give_token(f.plugin, &f.ctx, &token, &generation, &err), -1);
    assert_string_equal(error_text(err), "get-token failed");
    f.fails = 0;
    assert_token(&f, "token-2");
    release(&f);
}

static void test_hints(void **state)
{
    (void)state;
    struct fixture f;
    init(&f);
    f.fails = ERR_NOT_FOUND;
    f.exec.install_hint = (char[]){ "install\x1b[2Jit\n" };
    start(&f);
    int shown[2] = { 0 };
    for (int hour = 0; hour < 2; hour++) {
        for (int i = 0; i < 15; i++) {
            cleanup_error struct error *err = NULL;
            struct secret *token = NULL;
            uint64_t generation;
            plugin_give_token(f.plugin, &f.ctx, &token, &generation, &err);
            assert_null(strpbrk(error_text(err), "\x1b\n"));
            shown[hour] += strstr(error_text(err), "install\\x1b[2Jit\\x0a") != NULL;
        }
        fake_clock_advance_ms(&f.clock, 3600 * 1000);
    }
    assert_int_equal(shown[0], 10);
    assert_int_equal(shown[1], 10);
    release(&f);
}

static void test_interactive(void **state)
{
    (void)state;
    struct fixture f;
    init(&f);
    f.exec.interactive = KUBE_EXEC_ALWAYS;
    start(&f);
    cleanup_error struct error *err = NULL;
    struct secret *token = NULL;
    uint64_t generation;
    assert_int_equal(plugin_give_token(f.plugin, &f.ctx, &token, &generation, &err), -1);
    assert_int_equal(error_kind(err), ERR_INVALID);
    assert_int_equal(atomic_load(&f.runs), 0);
    release(&f);
}

static void assert_info(const struct fixture *f, const char *want)
{
    cleanup_json json *got = NULL;
    cleanup_json json *wanted = NULL;
    assert_int_equal(json_parse(f->info, strlen(f->info), &got, NULL), 0);
    assert_int_equal(json_parse(want, strlen(want), &wanted, NULL), 0);
    if (!json_equal(got, wanted))
        fail_msg("got %s", f->info);
}

static void test_no_cluster_info(void **state)
{
    (void)state;
    struct fixture f;
    init(&f);
    f.cfg.server = (char[]){ "https://h" };
    start(&f);
    assert_token(&f, "token-1");
    assert_info(&f, "{\"kind\":\"ExecCredential\",\"apiVersion\":\"" V1
                    "\",\"spec\":{\"interactive\":false}}");
    release(&f);
}

static void test_cluster_info(void **state)
{
    (void)state;
    struct fixture f;
    init(&f);
    f.cfg = (struct kube_config){ .exec = &f.exec,
                                  .server = (char[]){ "https://h" },
                                  .server_name = (char[]){ "n" },
                                  .ca_pem = (char[]){ "CA" },
                                  .proxy_url = (char[]){ "http://p" },
                                  .disable_compression = true };
    f.exec.provide_cluster_info = true;
    cleanup_json json *config = json_make("{'audience':'x'}");
    f.exec.cluster_config = config;
    start(&f);
    assert_token(&f, "token-1");
    assert_info(&f, "{\"kind\":\"ExecCredential\",\"apiVersion\":\"" V1
                    "\",\"spec\":{\"interactive\":false,\"cluster\":{\"server\":\"https://h\","
                    "\"tls-server-name\":\"n\",\"certificate-authority-data\":\"Q0E=\","
                    "\"proxy-url\":\"http://p\",\"disable-compression\":true,"
                    "\"config\":{\"audience\":\"x\"}}}}");
    release(&f);
}

/* ---- several at once ---- */

struct caller {
    struct fixture *f;
    struct opctx ctx;
    pthread_t thread;
    char token[16];
    enum err_kind failed;
    bool ok;
};

static void call(void *arg)
{
    struct caller *c = arg;
    cleanup_secret struct secret *token = NULL;
    cleanup_error struct error *err = NULL;
    uint64_t generation;
    c->ok = plugin_give_token(c->f->plugin, &c->ctx, &token, &generation, &err) == 0;
    if (c->ok)
        (void)snprintf(c->token, sizeof(c->token), "%s", secret_reveal(token, NULL));
    else
        c->failed = error_kind(err);
}

static void call_in_thread(struct caller *c, struct fixture *f, struct stop *stop)
{
    *c = (struct caller){ .f = f, .ctx = f->ctx };
    if (stop)
        c->ctx.stop = stop;
    assert_int_equal(thread_start(&c->thread, "caller", call, c, NULL), 0);
}

static void await_run(struct fixture *f)
{
    pthread_mutex_lock(&f->mu);
    while (!f->entered)
        pthread_cond_wait(&f->cv, &f->mu);
    pthread_mutex_unlock(&f->mu);
}

static void let_go(struct fixture *f)
{
    pthread_mutex_lock(&f->mu);
    f->hold = false;
    pthread_cond_broadcast(&f->cv);
    pthread_mutex_unlock(&f->mu);
}

static void test_single_flight(void **state)
{
    (void)state;
    struct fixture f;
    init(&f);
    f.hold = true;
    start(&f);
    struct caller callers[8];
    for (size_t i = 0; i < ARRAY_LEN(callers); i++)
        call_in_thread(&callers[i], &f, NULL);
    await_run(&f);
    let_go(&f);
    for (size_t i = 0; i < ARRAY_LEN(callers); i++) {
        pthread_join(callers[i].thread, NULL);
        assert_true(callers[i].ok);
        assert_string_equal(callers[i].token, "token-1");
    }
    assert_int_equal(atomic_load(&f.runs), 1);
    release(&f);
}

static void test_waiter_can_leave(void **state)
{
    (void)state;
    struct fixture f;
    init(&f);
    f.hold = true;
    start(&f);
    struct caller leader;
    call_in_thread(&leader, &f, NULL);
    await_run(&f);
    struct stop *stop = stop_new(NULL);
    stop_request(stop);
    struct caller waiter = { .f = &f, .ctx = f.ctx };
    waiter.ctx.stop = stop;

    call(&waiter);

    assert_false(waiter.ok);
    assert_int_equal(waiter.failed, ERR_CANCELLED);
    let_go(&f);
    pthread_join(leader.thread, NULL);
    assert_true(leader.ok);
    stop_unref(stop);
    release(&f);
}

static void test_cancelled_leader_is_replaced(void **state)
{
    (void)state;
    struct fixture f;
    init(&f);
    f.hold = true;
    start(&f);
    struct stop *stop = stop_new(NULL);
    struct caller leader, other;
    call_in_thread(&leader, &f, stop);
    await_run(&f);
    call_in_thread(&other, &f, NULL);
    stop_request(stop);
    let_go(&f);
    pthread_join(leader.thread, NULL);
    pthread_join(other.thread, NULL);
    assert_false(leader.ok);
    assert_int_equal(leader.failed, ERR_CANCELLED);
    assert_true(other.ok);
    assert_string_equal(other.token, "token-2");
    stop_unref(stop);
    release(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("an answer without an expiry is used for ever", test_no_expiry),
        CASE("an answer is replaced 10 s before it expires", test_expiry),
        CASE("an answer that is expired already serves one caller", test_expired_answer),
        CASE("so does one that expired before time can tell", test_expired_since_the_year_1),
        CASE("a 401 runs the plugin again, once, and only for the current answer", test_refusal),
        CASE("a failure is told and not kept", test_failure_is_not_kept),
        CASE("the install hint is shown ten times an hour, without control characters", test_hints),
        CASE("a plugin that must be interactive is not run", test_interactive),
        CASE("the cluster is not told to a plugin that did not ask", test_no_cluster_info),
        CASE("the cluster is told to a plugin that asks, the CA as data", test_cluster_info),
        CASE("concurrent callers share one run", test_single_flight),
        CASE("a waiting caller can be stopped", test_waiter_can_leave),
        CASE("a stopped leader is replaced by who waits", test_cancelled_leader_is_replaced),
    };
    return RUN_CASES("plugin", tests);
}
