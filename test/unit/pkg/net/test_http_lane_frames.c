/* HTTP/2 servers that refuse, go away, break off or misbehave, frame by frame. */
#include <stdlib.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "test/unit/support/pkg/net/gate.h"
#include "test/unit/support/pkg/net/h2_script.h"
#include "test/unit/support/pkg/net/net_fixture.h"
#include "test/unit/support/test.h"

struct rig {
    struct net_fixture f;
    struct gate gate;
    struct tls_server *server;
    struct http_peer *peer;
    char *url;
    /* of fall_silent */
    unsigned streams;
    bool others_answer;
};

static void rig_start(struct rig *r, server_script script)
{
    net_setup(&r->f);
    gate_init(&r->gate);
    r->server = tls_server_start(&(struct tls_server_config){
        .cert = r->f.cert, .http2 = true, .script = script, .arg = r });
    r->peer = net_peer(&r->f, NULL);
    r->url = tls_server_give_url(r->server, "127.0.0.1", "/");
}

static void rig_stop(struct rig *r)
{
    http_peer_unref(r->peer);
    gate_open(&r->gate);
    tls_server_stop(r->server);
    gate_release(&r->gate);
    free(r->url);
    net_teardown(&r->f);
}

static int run(struct rig *r, const char *method, struct net_call *ret)
{
    net_call_init(ret, &r->f, r->peer, r->url);
    ret->req.method = method;
    ret->req.body = strcmp(method, "POST") == 0 ? "{}" : NULL;
    ret->req.body_len = ret->req.body ? 2 : 0;
    net_call_start(ret);
    return net_call_join(ret);
}

/* Replies to everything. */
static void reply_on(struct server_call *c)
{
    for (unsigned stream; (stream = h2_script_next(c));)
        h2_script_reply(c, stream, "ok");
}

/* ---- what was not processed ---- */

static bool go_away_before_reply(struct server_call *c)
{
    h2_script_begin(c, 0);
    if (c->req->connection == 1 && h2_script_next(c))
        h2_script_goaway(c, 0);
    reply_on(c);
    return false;
}

static bool refuse_once(struct server_call *c)
{
    h2_script_begin(c, 0);
    unsigned stream = h2_script_next(c);
    if (c->req->connection == 1)
        h2_script_send_number(c, H2_RST_STREAM, stream, H2_REFUSED_STREAM);
    else
        h2_script_reply(c, stream, "ok");
    reply_on(c);
    return false;
}

/* Refused however often it comes. */
static bool refuse_always(struct server_call *c)
{
    h2_script_begin(c, 0);
    for (unsigned stream; (stream = h2_script_next(c));)
        h2_script_send_number(c, H2_RST_STREAM, stream, H2_REFUSED_STREAM);
    return false;
}

struct again_case {
    const char *sentence, *method;
    server_script script;
    int status;
};
static struct again_case again_cases[] = {
    { "GOAWAY that leaves a GET out has it sent elsewhere", "GET", go_away_before_reply, 200 },
    { "GOAWAY that leaves a POST out has it sent elsewhere", "POST", go_away_before_reply, 200 },
    { "a refused GET is sent again", "GET", refuse_once, 200 },
    { "a refused POST is sent again", "POST", refuse_once, 200 },
    { "a GET that is always refused fails in the end", "GET", refuse_always, -1 },
    { "a POST that is always refused fails in the end", "POST", refuse_always, -1 },
};

static void check_again(void **state)
{
    const struct again_case *c = *state;
    struct rig r;
    rig_start(&r, c->script);
    struct net_call call;

    assert_int_equal(run(&r, c->method, &call), c->status);

    if (c->status < 0)
        assert_int_equal(error_kind(call.err), ERR_CONN);
    net_call_release(&call);
    rig_stop(&r);
}

/* ---- in the middle of a stream ---- */

/* Half a body, GOAWAY, and the rest when the gate opens. */
static bool go_away_within_body(struct server_call *c)
{
    struct rig *r = c->arg;
    h2_script_begin(c, 0);
    if (c->req->connection > 1) {
        reply_on(c);
        return false;
    }
    unsigned stream = h2_script_next(c);
    h2_script_reply(c, stream, NULL);
    h2_script_send(c, H2_DATA, 0, stream, "one ", 4);
    h2_script_goaway(c, stream);
    gate_pass(&r->gate);
    h2_script_send(c, H2_DATA, H2_END_STREAM, stream, "two", 3);
    reply_on(c);
    return false;
}

static void test_goaway_within_a_watch(void **state)
{
    (void)state;
    struct rig r;
    rig_start(&r, go_away_within_body);
    struct net_call watch, next;
    net_call_init(&watch, &r.f, r.peer, r.url);
    net_call_start(&watch);
    gate_await(&r.gate, 1);

    net_call_init(&next, &r.f, r.peer, r.url);
    net_call_start(&next);
    assert_int_equal(net_call_join(&next), 200);
    gate_open(&r.gate);

    assert_int_equal(net_call_join(&watch), 200);
    assert_string_equal(buf_str(&watch.resp.body), "one two");
    assert_int_equal(tls_server_connections(r.server), 2);
    net_call_release(&watch);
    net_call_release(&next);
    rig_stop(&r);
}

/* Says no more on the first connection, where there is no room for a probe, and nothing at all, or an answer, on others. */
static bool fall_silent(struct server_call *c)
{
    struct rig *r = c->arg;
    h2_script_begin(c, r->streams);
    if (c->req->connection == 1) {
        unsigned stream = h2_script_next(c);
        h2_script_reply(c, stream, NULL);
        if (!r->streams)
            h2_script_goaway(c, stream);
        while (h2_script_next(c)) /* until the client has gone */
            ;
    } else if (r->others_answer) {
        reply_on(c);
    } else {
        call_stall(c);
    }
    return false;
}

struct silence_case {
    const char *sentence;
    unsigned streams;
    bool others_answer;
    int64_t silence_ms;
};
static struct silence_case silence_cases[] = {
    { "a silent host is found out after GOAWAY, too", 0, false, 0 },
    { "a silent host is found out at the stream limit, too", 1, false, 0 },
    { "after GOAWAY a connection may be silent only so long", 0, true, 100 },
    { "at the stream limit a connection may be silent only so long", 1, true, 100 },
};

static void check_silence(void **state)
{
    const struct silence_case *c = *state;
    struct rig r = { .streams = c->streams, .others_answer = c->others_answer };
    const struct http_peer_config cfg = { .idle_ms = 40, .ping_ms = 40, .probe_path = "/version" };
    rig_start(&r, fall_silent);
    http_peer_unref(r.peer);
    r.peer = net_peer(&r.f, &cfg);
    struct net_call watch;
    net_call_init(&watch, &r.f, r.peer, r.url);
    watch.req.silence_ms = c->silence_ms;
    net_call_start(&watch);

    assert_int_equal(net_call_join(&watch), -1);

    assert_string_equal(error_get_code(watch.err), HTTP_ERR_LOST);
    net_call_release(&watch);
    rig_stop(&r);
}

/* The first stream is reset within its body, all others are answered. */
static bool reset_first_stream(struct server_call *c)
{
    h2_script_begin(c, 0);
    unsigned stream = h2_script_next(c);
    h2_script_reply(c, stream, NULL);
    h2_script_send(c, H2_DATA, 0, stream, "half", 4);
    h2_script_send_number(c, H2_RST_STREAM, stream, 2 /* INTERNAL_ERROR */);
    reply_on(c);
    return false;
}

static void test_reset_stream_leaves_the_connection(void **state)
{
    (void)state;
    struct rig r;
    rig_start(&r, reset_first_stream);
    struct net_call cut, next;

    assert_int_equal(run(&r, "GET", &cut), -1);
    assert_int_equal(run(&r, "GET", &next), 200);

    assert_string_equal(error_get_code(cut.err), HTTP_ERR_RESET);
    assert_int_equal(tls_server_connections(r.server), 1);
    net_call_release(&cut);
    net_call_release(&next);
    rig_stop(&r);
}

/* ---- broken TCP ---- */

#define IN_FLIGHT 3

static bool break_with_streams(struct server_call *c)
{
    h2_script_begin(c, 0);
    if (c->req->connection == 1) {
        for (int i = 0; i < IN_FLIGHT; i++)
            h2_script_reply(c, h2_script_next(c), NULL);
        return call_reset(c);
    }
    reply_on(c);
    return false;
}

static void test_broken_connection_fails_all_and_the_next_dials(void **state)
{
    (void)state;
    struct rig r;
    rig_start(&r, break_with_streams);
    struct net_call calls[IN_FLIGHT], next;
    for (size_t i = 0; i < IN_FLIGHT; i++) {
        net_call_init(&calls[i], &r.f, r.peer, r.url);
        calls[i].req.method = "POST"; /* never sent again by itself */
        net_call_start(&calls[i]);
    }

    for (size_t i = 0; i < IN_FLIGHT; i++) {
        assert_int_equal(net_call_join(&calls[i]), -1);
        assert_int_equal(error_kind(calls[i].err), ERR_CONN);
        net_call_release(&calls[i]);
    }
    assert_int_equal(run(&r, "POST", &next), 200);
    net_call_release(&next);
    rig_stop(&r);
}

/* ---- limits ---- */

static bool hold_one_at_a_time(struct server_call *c)
{
    struct rig *r = c->arg;
    h2_script_begin(c, 1);
    if (c->req->connection == 1) /* the client has read the limit when this is over */
        h2_script_reply(c, h2_script_next(c), "ok");
    for (unsigned stream; (stream = h2_script_next(c));) {
        gate_pass(&r->gate);
        h2_script_reply(c, stream, "ok");
    }
    return false;
}

static void test_limit_of_one_stream_opens_connections(void **state)
{
    (void)state;
    struct rig r;
    rig_start(&r, hold_one_at_a_time);
    struct net_call calls[IN_FLIGHT], first;
    assert_int_equal(run(&r, "GET", &first), 200);
    net_call_release(&first);
    for (int i = 0; i < IN_FLIGHT; i++) {
        net_call_init(&calls[i], &r.f, r.peer, r.url);
        net_call_start(&calls[i]);
        gate_await(&r.gate, i + 1);
    }
    assert_int_equal(tls_server_connections(r.server), IN_FLIGHT);
    gate_open(&r.gate);

    for (size_t i = 0; i < IN_FLIGHT; i++) {
        assert_int_equal(net_call_join(&calls[i]), 200);
        net_call_release(&calls[i]);
    }
    rig_stop(&r);
}

/* Room for two: a watch that says no more, and the probe that asks why. */
static bool leave_probe_unanswered(struct server_call *c)
{
    struct rig *r = c->arg;
    h2_script_begin(c, 2);
    if (c->req->connection == 1) {
        h2_script_reply(c, h2_script_next(c), NULL);
        (void)h2_script_next(c);
        gate_count(&r->gate);
        (void)h2_script_next(c); /* until the client has gone */
    }
    reply_on(c);
    return false;
}

static void test_probe_takes_no_room_of_requests(void **state)
{
    (void)state;
    struct rig r;
    rig_start(&r, leave_probe_unanswered);
    http_peer_unref(r.peer);
    r.peer = net_peer(&r.f, &(struct http_peer_config){
                                .idle_ms = 40, .ping_ms = 3600000, .probe_path = "/version" });
    struct net_call watch, next;
    net_call_init(&watch, &r.f, r.peer, r.url);
    net_call_start(&watch);
    gate_await(&r.gate, 1);

    assert_int_equal(run(&r, "GET", &next), 200);

    assert_int_equal(tls_server_connections(r.server), 2);
    http_peer_close_connections(r.peer);
    assert_int_equal(net_call_join(&watch), -1);
    net_call_release(&watch);
    net_call_release(&next);
    rig_stop(&r);
}

/* ---- hostile ---- */

static bool send_headers_without_end(struct server_call *c)
{
    static const char junk[8192]; /* as HPACK: nonsense, but it may not even be kept */
    h2_script_begin(c, 0);
    unsigned stream = h2_script_next(c);
    h2_script_send(c, H2_HEADERS, 0, stream, "\x88", 1);
    for (int i = 0; i < 2000; i++)
        h2_script_send(c, H2_CONTINUATION, 0, stream, junk, sizeof(junk));
    call_stall(c);
    return false;
}

/* Interim heads, each with a field of 100 bytes: together they are too much. */
static bool send_many_heads(struct server_call *c)
{
    char block[9 + 100] = "\x08\x03"
                          "103" /* :status */ "\x10\x01x\x64" /* x: ... */;
    memset(block + 9, 'v', 100);
    h2_script_begin(c, 0);
    unsigned stream = h2_script_next(c);
    for (int i = 0; i < 20000; i++)
        h2_script_send(c, H2_HEADERS, H2_END_HEADERS, stream, block, sizeof(block));
    call_stall(c);
    return false;
}

static bool send_garbage(struct server_call *c)
{
    h2_script_begin(c, 0);
    (void)h2_script_next(c);
    call_writes(c, "HTTP/1.1 400 Bad Request\r\nContent-Length: 3\r\n\r\nno\n");
    call_stall(c);
    return false;
}

static bool send_data_before_head(struct server_call *c)
{
    h2_script_begin(c, 0);
    unsigned stream = h2_script_next(c);
    h2_script_send(c, H2_DATA, H2_END_STREAM, stream, "ok", 2);
    call_stall(c);
    return false;
}

struct hostile_case {
    const char *sentence;
    server_script script;
};
static struct hostile_case hostile_cases[] = {
    { "headers without end are an error", send_headers_without_end },
    { "heads without end are an error", send_many_heads },
    { "what is no HTTP/2 is an error", send_garbage },
    { "a body before its head is an error", send_data_before_head },
};

static void check_hostile(void **state)
{
    const struct hostile_case *c = *state;
    struct rig r;
    rig_start(&r, c->script);
    struct net_call call;

    assert_int_equal(run(&r, "GET", &call), -1);

    assert_int_not_equal(error_kind(call.err), ERR_TIMEOUT);
    net_call_release(&call);
    rig_stop(&r);
}

int main(void)
{
    enum {
        FIXED = 5,
        AGAIN = ARRAY_LEN(again_cases),
        SILENCE = ARRAY_LEN(silence_cases),
        HOSTILE = ARRAY_LEN(hostile_cases)
    };
    struct CMUnitTest tests[FIXED + AGAIN + SILENCE + HOSTILE] = {
        CASE("GOAWAY within a watch lets it finish, and the next request dials",
             test_goaway_within_a_watch),
        CASE("a stream that is reset leaves its connection alone",
             test_reset_stream_leaves_the_connection),
        CASE("a broken connection fails all its streams at once, and the next request dials",
             test_broken_connection_fails_all_and_the_next_dials),
        CASE("a limit of one stream opens a connection for each",
             test_limit_of_one_stream_opens_connections),
        CASE("a probe does not count as one of the requests that fill a connection",
             test_probe_takes_no_room_of_requests),
    };
    struct CMUnitTest *t = tests + FIXED;
    for (size_t i = 0; i < AGAIN; i++)
        *t++ = (struct CMUnitTest)CASE_OF(again_cases[i].sentence, check_again, &again_cases[i]);
    for (size_t i = 0; i < SILENCE; i++)
        *t++ =
            (struct CMUnitTest)CASE_OF(silence_cases[i].sentence, check_silence, &silence_cases[i]);
    for (size_t i = 0; i < HOSTILE; i++)
        *t++ =
            (struct CMUnitTest)CASE_OF(hostile_cases[i].sentence, check_hostile, &hostile_cases[i]);
    return RUN_CASES("http_lane_frames", tests);
}
