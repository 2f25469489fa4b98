#include <dlfcn.h>
#include <string.h>
#include <unistd.h>

#include "pkg/base/file.h"
#include "pkg/base/mem.h"
#include "pkg/net/http_client.h"
#include "test/unit/support/fake_env.h"
#include "test/unit/support/log_capture.h"
#include "test/unit/support/test.h"

struct client_test {
    struct fake_env env;
    struct log_capture capture;
    struct log log;
    struct http_client *client;
    struct error *err;
};

static int start(struct client_test *t, const char *name, const char *value, bool refuse)
{
    *t = (struct client_test){ 0 };
    fake_env_init(&t->env);
    fake_env_set(&t->env, name, value);
    log_capture_init(&t->capture, clock_system());
    t->log = log_root(&t->capture.base);
    const struct http_client_config cfg = {
        .clock = clock_system(), .env = &t->env.base, .log = &t->log, .refuse_connect_to = refuse
    };
    return http_client_new(&cfg, &t->client, &t->err);
}

static void end(struct client_test *t)
{
    http_client_free(t->client);
    error_free(t->err);
    log_capture_release(&t->capture);
    fake_env_release(&t->env);
}

static char *give_map(void)
{
    const char *tmp = getenv("TMPDIR"); /* NOLINT(concurrency-mt-unsafe) */
    char *path = xasprintf("%s/client-map", tmp ? tmp : "/tmp");
    static const char rules[] = "a.test:443 127.0.0.1:1\nb.test:443 127.0.0.1:2\n";
    assert_int_equal(file_write_atomic(path, rules, strlen(rules), 0600, NULL), 0);
    return path;
}

static void test_plain_client_logs_nothing(void **state)
{
    (void)state;
    struct client_test t;

    assert_int_equal(start(&t, "UNRELATED", "x", true), 0);

    assert_int_equal(log_capture_len(&t.capture), 0);
    end(&t);
}

static void test_address_map_is_logged(void **state)
{
    (void)state;
    struct client_test t;
    cleanup_free char *path = give_map();

    assert_int_equal(start(&t, "ARO_CONNECT_TO", path, false), 0);

    assert_int_equal(log_capture_len(&t.capture), 1);
    assert_true(log_capture_has(&t.capture, "2 names"));
    assert_true(log_capture_has(&t.capture, path));
    end(&t);
    unlink(path);
}

static void test_address_map_is_refused_in_production(void **state)
{
    (void)state;
    struct client_test t;
    cleanup_free char *path = give_map();

    assert_int_equal(start(&t, "ARO_CONNECT_TO", path, true), -1);

    assert_int_equal(error_kind(t.err), ERR_INVALID);
    assert_non_null(strstr(error_text(t.err), "ARO_CONNECT_TO"));
    end(&t);
    unlink(path);
}

static void test_missing_address_map_is_an_error(void **state)
{
    (void)state;
    struct client_test t;

    assert_int_equal(start(&t, "ARO_CONNECT_TO", "/nonexistent/map", false), -1);

    assert_int_equal(error_kind(t.err), ERR_NOT_FOUND);
    end(&t);
}

static void test_bad_proxy_is_an_error(void **state)
{
    (void)state;
    struct client_test t;

    assert_int_equal(start(&t, "HTTPS_PROXY", "ftp://proxy", false), -1);

    assert_int_equal(error_kind(t.err), ERR_INVALID);
    end(&t);
}

static void test_heart_beats(void **state)
{
    (void)state;
    struct client_test t;
    assert_int_equal(start(&t, "UNRELATED", "x", false), 0);

    int64_t age_ms = http_client_heartbeat_age_ms(t.client);

    assert_in_range(age_ms, 0, 60000);
    end(&t);
}

/* It looks for this name, as we do: in everything that is loaded. */
static void test_gnutls_finds_that_it_is_not_wanted(void **state)
{
    (void)state;
    union {
        void *address;
        int (*call)(void);
    } skip = { .address = dlsym(RTLD_DEFAULT, "_gnutls_global_init_skip") };

    assert_non_null(skip.address);
    assert_int_equal(skip.call(), 1);
}

int main(void)
{
    struct CMUnitTest tests[] = {
        CASE("a client without an address map logs nothing", test_plain_client_logs_nothing),
        CASE("an address map is logged at start", test_address_map_is_logged),
        CASE("an address map is refused in production", test_address_map_is_refused_in_production),
        CASE("a missing address map is an error", test_missing_address_map_is_an_error),
        CASE("a bad proxy in the environment is an error", test_bad_proxy_is_an_error),
        CASE("the heart beats", test_heart_beats),
        CASE("GnuTLS finds that it is not wanted", test_gnutls_finds_that_it_is_not_wanted),
    };
    return RUN_CASES("http_client", tests);
}
