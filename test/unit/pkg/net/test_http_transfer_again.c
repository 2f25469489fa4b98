/* Requests that are sent again, and those that must not be; or must not be sent at all. */
#include <stdatomic.h>
#include <stdlib.h>

#include "pkg/base/mem.h"
#include "pkg/base/thread.h"
#include "test/unit/support/pkg/net/h2_front.h"
#include "test/unit/support/pkg/net/net_fixture.h"
#include "test/unit/support/test.h"

/* Answers the first request of each connection, and ends it on the second. */
static bool answer_once(struct server_call *c)
{
    if (c->req->nth > 1)
        return call_cut(c);
    call_reply(c, 200, "", "ok");
    return true;
}

struct again_case {
    const char *sentence, *method;
    bool sent_again;
};
static struct again_case again_cases[] = {
    { "GET is sent again when a reused connection ends before the reply", "GET", true },
    { "HEAD is sent again when a reused connection ends before the reply", "HEAD", true },
    { "POST is not sent again: it may have been processed", "POST", false },
    { "PUT is not sent again: it may have been processed", "PUT", false },
    { "DELETE is not sent again: it may have been processed", "DELETE", false },
};

static void check_again(void **state)
{
    const struct again_case *c = *state;
    struct net_fixture f;
    net_setup(&f);
    struct tls_server *s = net_serve(&f, true, answer_once, NULL);
    struct http_peer *p = net_peer(&f, NULL);
    cleanup_free char *url = tls_server_give_url(s, "127.0.0.1", "/");
    struct net_call first, second;
    net_call_init(&first, &f, p, url);
    net_call_init(&second, &f, p, url);
    second.req.method = c->method;

    net_call_start(&first);
    assert_int_equal(net_call_join(&first), 200);
    net_call_start(&second);

    assert_int_equal(net_call_join(&second), c->sent_again ? 200 : -1);
    if (!c->sent_again)
        assert_string_equal(error_get_code(second.err), HTTP_ERR_RESET);
    net_call_release(&first);
    net_call_release(&second);
    http_peer_unref(p);
    tls_server_stop(s);
    net_teardown(&f);
}

/* As answer_once, but then nobody listens any more. */
static bool answer_once_and_die(struct server_call *c)
{
    if (c->req->nth > 1)
        return call_die(c);
    call_reply(c, 200, "", "ok");
    return true;
}

/* "Refused" would say that nothing was sent. */
static void check_death(void **state)
{
    (void)state;
    struct net_fixture f;
    net_setup(&f);
    struct tls_server *s = net_serve(&f, false, answer_once_and_die, NULL);
    struct http_peer *p = net_peer(&f, NULL);
    cleanup_free char *url = tls_server_give_url(s, "127.0.0.1", "/");
    struct net_call first, second, third;
    net_call_init(&first, &f, p, url);
    net_call_init(&second, &f, p, url);
    net_call_init(&third, &f, p, url);
    second.req.method = "PUT";
    third.req.method = "PUT";

    net_call_start(&first);
    assert_int_equal(net_call_join(&first), 200);
    net_call_start(&second);
    assert_int_equal(net_call_join(&second), -1);
    net_call_start(&third);
    assert_int_equal(net_call_join(&third), -1);

    assert_string_equal(error_get_code(second.err), HTTP_ERR_RESET);
    assert_string_equal(error_get_code(third.err), HTTP_ERR_REFUSED);
    net_call_release(&first);
    net_call_release(&second);
    net_call_release(&third);
    http_peer_unref(p);
    tls_server_stop(s);
    net_teardown(&f);
}

static bool count_and_answer(struct server_call *c)
{
    atomic_fetch_add((atomic_int *)c->arg, 1);
    call_reply(c, 200, "", "ok");
    return true;
}

struct poster {
    struct net_fixture *f;
    struct http_peer *peer;
    char *url;
    int failed;
};

static void post_twenty(void *arg)
{
    struct poster *p = arg;
    for (int i = 0; i < 20; i++) {
        struct http_response resp;
        const struct http_request req = { .method = "POST", .url = p->url };
        int status = http_send(http_peer_transport(p->peer), &p->f->ctx, &req, &resp, NULL);
        p->failed += status < 0 || resp.status != 200 || resp.version != 20;
        http_response_release(&resp);
    }
}

/* Eight threads post through a front that does not take every request at the first try: it has to come again, but
 * what was processed must not. */
static void check_posts(const char *front_option)
{
    struct net_fixture f;
    net_setup(&f);
    atomic_int processed;
    atomic_init(&processed, 0);
    struct tls_server *s = net_serve(&f, false, count_and_answer, &processed);
    struct h2_front *front =
        h2_front_start(f.cert, tls_server_port(s), (const char *const[]){ front_option, NULL });
    struct http_peer *p = net_peer(&f, NULL);
    struct poster posters[8];
    pthread_t threads[8];
    for (size_t i = 0; i < ARRAY_LEN(threads); i++) {
        posters[i] = (struct poster){ .f = &f, .peer = p, .url = h2_front_give_url(front, "/") };
        assert_int_equal(thread_start(&threads[i], "poster", post_twenty, &posters[i], NULL), 0);
    }

    for (size_t i = 0; i < ARRAY_LEN(threads); i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(posters[i].failed, 0);
        free(posters[i].url);
    }

    assert_int_equal(atomic_load(&processed), 160);
    struct http_peer_stats stats;
    http_peer_get_stats(p, &stats);
    assert_true(stats.connections_opened > 1);
    http_peer_unref(p);
    h2_front_stop(front);
    tls_server_stop(s);
    net_teardown(&f);
}

static void test_posts_survive_goaway(void **state)
{
    (void)state;
    check_posts("--frontend-max-requests=3");
}

static void test_posts_survive_refused_streams(void **state)
{
    (void)state;
    check_posts("--frontend-http2-max-concurrent-streams=1");
}

/* ---- too late ---- */

/* To its caller it is early, to every other thread late: as if time had passed between them. */
struct torn_clock {
    struct clock base;
    pthread_t caller;
};

static int64_t torn_mono_ns(const struct clock *base)
{
    const struct torn_clock *c = (const struct torn_clock *)(const void *)base;
    return pthread_equal(c->caller, pthread_self()) ? 0 : 2 * NS_PER_S;
}

static bool torn_wait(const struct clock *base, pthread_cond_t *cv, pthread_mutex_t *mu,
                      int64_t deadline_ns)
{
    (void)base;
    (void)deadline_ns;
    pthread_cond_wait(cv, mu);
    return true;
}

static bool count(struct server_call *c)
{
    atomic_fetch_add((atomic_int *)c->arg, 1);
    call_reply(c, 200, "", "ok");
    return true;
}

static void test_what_is_late_is_not_sent(void **state)
{
    (void)state;
    struct net_fixture f;
    atomic_int requests = 0;
    cleanup_error struct error *err = NULL;
    cleanup_response struct http_response res = { 0 };
    const struct torn_clock torn = { .base = { .mono_ns = torn_mono_ns, .wait = torn_wait },
                                     .caller = pthread_self() };
    net_setup(&f);
    struct tls_server *s = net_serve(&f, true, count, &requests);
    struct http_peer *p = net_peer(&f, NULL);
    cleanup_free char *url = tls_server_give_url(s, "127.0.0.1", "/");
    const struct http_request rq = { .method = "POST", .url = url };
    struct opctx ctx = opctx_root(&torn.base, NULL, NULL, NULL);
    ctx.deadline_ns = NS_PER_S;

    assert_int_equal(http_send(http_peer_transport(p), &ctx, &rq, &res, &err), -1);

    assert_int_equal(error_kind(err), ERR_TIMEOUT);
    assert_int_equal(requests, 0);
    http_peer_unref(p);
    tls_server_stop(s);
    net_teardown(&f);
}

int main(void)
{
    struct CMUnitTest tests[4 + ARRAY_LEN(again_cases)] = {
        CASE("POSTs that GOAWAY left unprocessed are sent again", test_posts_survive_goaway),
        CASE("POSTs whose streams were refused are sent again", test_posts_survive_refused_streams),
        CASE("a PUT whose server died with it is not called unsent", check_death),
        CASE("what is late when its connection is there is not sent",
             test_what_is_late_is_not_sent),
    };
    for (size_t i = 0; i < ARRAY_LEN(again_cases); i++)
        tests[4 + i] =
            (struct CMUnitTest)CASE_OF(again_cases[i].sentence, check_again, &again_cases[i]);
    return RUN_CASES("http_transfer_again", tests);
}
