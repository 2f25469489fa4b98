/* Peers that are shared. */
#include <sched.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/thread.h"
#include "pkg/net/http_impl.h"
#include "test/unit/support/pkg/net/gate.h"
#include "test/unit/support/pkg/net/net_fixture.h"
#include "test/unit/support/test.h"

static struct http_peer *share(struct net_fixture *f, const struct http_peer_config *cfg)
{
    struct http_peer *p = NULL;
    assert_int_equal(http_peer_share(f->client, cfg, &p, NULL), 0);
    return p;
}

static void test_equal_configurations_share(void **state)
{
    (void)state;
    struct net_fixture f;
    net_setup(&f);
    const struct http_peer_config cfg = { .ca_pem = f.ca->cert_pem, .server_name = "api.test" };
    cleanup_free char *copy = strdup("api.test");
    const struct http_peer_config same = { .ca_pem = f.ca->cert_pem, .server_name = copy };

    struct http_peer *first = share(&f, &cfg), *second = share(&f, &same);
    assert_ptr_equal(first, second);

    http_peer_unref(first);
    assert_ptr_equal(share(&f, &cfg), second); /* it lives on */
    http_peer_unref(second);
    http_peer_unref(second);
    net_teardown(&f);
}

enum field { CA, CERT, KEY, NAME, INSECURE, PROXY, DIAL, IDLE, PING, PROBE, HTTP2, FIELDS };
static const char *const field_sentences[FIELDS] = {
    "another authority is not shared",  "another certificate is not shared",
    "another key is not shared",        "another server name is not shared",
    "no verification is not shared",    "another proxy is not shared",
    "another address is not shared",    "another idle limit is not shared",
    "another ping limit is not shared", "another probe is not shared",
    "the lack of HTTP/2 is not shared",
};

/* The same certificate with another spelling of its key is another key. */
static void change(struct net_fixture *f, enum field field, struct http_peer_config *cfg,
                   const struct test_cert *other, struct secret *respelt)
{
    cfg->ca_pem = field == CA ? other->cert_pem : field == INSECURE ? NULL : f->ca->cert_pem;
    cfg->insecure = field == INSECURE;
    if (field == CERT)
        cfg->client_cert_pem = respelt ? other->cert_pem : NULL;
    if (field == KEY)
        cfg->client_key_pem = respelt;
    cfg->server_name = field == NAME ? "other.test" : cfg->server_name;
    cfg->proxy_url = field == PROXY ? "" : cfg->proxy_url;
    cfg->dial_address = field == DIAL ? "127.0.0.2" : cfg->dial_address;
    cfg->idle_ms += field == IDLE;
    cfg->ping_ms += field == PING;
    cfg->probe_path = field == PROBE ? "/healthz" : cfg->probe_path;
    cfg->disable_http2 = field == HTTP2;
}

static void check_field(void **state)
{
    enum field field = (enum field)((const char *const *)*state - field_sentences);
    struct net_fixture f;
    net_setup(&f);
    struct test_cert *me = test_cert_new(f.ca, "me", NULL);
    cleanup_free char *spaced_cert = xasprintf("%s\n", me->cert_pem);
    cleanup_free char *spaced_key = xasprintf("%s\n", me->key_pem);
    struct secret *key = secret_new(me->key_pem, strlen(me->key_pem));
    struct secret *respelt = secret_new(spaced_key, strlen(spaced_key));
    const struct test_cert other = { .cert_pem = spaced_cert };
    struct http_peer_config cfg = { .ca_pem = f.ca->cert_pem,
                                    .client_cert_pem = me->cert_pem,
                                    .client_key_pem = key,
                                    .server_name = "api.test",
                                    .dial_address = "127.0.0.1",
                                    .idle_ms = 1000,
                                    .ping_ms = 1000,
                                    .probe_path = "/version" };
    struct http_peer *one = share(&f, &cfg);

    change(&f, field, &cfg, &other, respelt);
    struct http_peer *two = share(&f, &cfg);

    assert_ptr_not_equal(one, two);
    http_peer_unref(one);
    http_peer_unref(two);
    secret_unref(key);
    secret_unref(respelt);
    test_cert_free(me);
    net_teardown(&f);
}

static void test_bad_configuration_is_refused(void **state)
{
    (void)state;
    struct net_fixture f;
    net_setup(&f);
    const struct http_peer_config bad = { .ca_pem = "" };
    struct http_peer *p = NULL;

    assert_int_equal(http_peer_share(f.client, &bad, &p, NULL), -1);
    assert_int_equal(http_peer_share(f.client, &bad, &p, NULL), -1);

    assert_null(p);
    net_teardown(&f);
}

static void take_and_leave(void *arg)
{
    struct net_fixture *f = arg;
    const struct http_peer_config cfg = { .server_name = "api.test" };
    for (int i = 0; i < 200; i++) {
        struct http_peer *p = NULL;
        if (http_peer_share(f->client, &cfg, &p, NULL) == 0)
            http_peer_unref(p);
    }
}

static void test_threads_take_and_leave(void **state)
{
    (void)state;
    struct net_fixture f;
    net_setup(&f);
    pthread_t threads[4];
    for (size_t i = 0; i < ARRAY_LEN(threads); i++)
        assert_int_equal(thread_start(&threads[i], "share", take_and_leave, &f, NULL), 0);
    for (size_t i = 0; i < ARRAY_LEN(threads); i++)
        pthread_join(threads[i], NULL);
    net_teardown(&f); /* all peers are gone */
}

struct slow {
    struct net_fixture *f;
    struct gate loop, asking;
    struct loop_task task;
};

static void hold_loop(struct loop_task *task)
{
    gate_pass(&container_of(task, struct slow, task)->loop);
}

static void share_slowly(void *arg)
{
    struct slow *s = arg;
    const struct http_peer_config cfg = { .server_name = "slow.test" };
    struct http_peer *p = NULL;
    gate_count(&s->asking);
    if (http_peer_share(s->f->client, &cfg, &p, NULL) == 0)
        http_peer_unref(p);
}

static void test_slow_making_holds_up_nobody(void **state)
{
    (void)state;
    struct net_fixture f;
    net_setup(&f);
    const struct http_peer_config cfg = { .server_name = "api.test" };
    struct http_peer *first = share(&f, &cfg);
    struct slow s = { .f = &f, .task.fn = hold_loop };
    gate_init(&s.loop);
    gate_init(&s.asking);
    loop_post(f.client->loop, &s.task); /* a new peer has to wait for it */
    gate_await(&s.loop, 1);
    pthread_t thread;
    assert_int_equal(thread_start(&thread, "slow", share_slowly, &s, NULL), 0);
    gate_await(&s.asking, 1);

    for (int i = 0; i < 10000; i++) { /* at whatever point the other is */
        http_peer_unref(share(&f, &cfg));
        sched_yield();
    }

    gate_open(&s.loop);
    pthread_join(thread, NULL);
    http_peer_unref(first);
    net_teardown(&f);
    gate_release(&s.loop);
    gate_release(&s.asking);
}

int main(void)
{
    enum { FIXED = 4 };
    struct CMUnitTest tests[FIXED + FIELDS] = {
        CASE("equal configurations share a peer while somebody has it",
             test_equal_configurations_share),
        CASE("a bad configuration is refused each time", test_bad_configuration_is_refused),
        CASE("threads may take and leave at once", test_threads_take_and_leave),
        CASE("who makes a peer holds up nobody else", test_slow_making_holds_up_nobody),
    };
    for (size_t i = 0; i < FIELDS; i++)
        tests[FIXED + i] = (struct CMUnitTest)CASE_OF(field_sentences[i], check_field,
                                                      (void *)(uintptr_t)&field_sentences[i]);
    return RUN_CASES("http_share", tests);
}
