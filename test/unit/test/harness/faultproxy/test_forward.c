#include <string.h>

#include "pkg/base/mem.h"
#include "test/harness/faultproxy/forward.h"
#include "test/unit/support/pkg/net/scripted_transport.h"
#include "test/unit/support/pkg/net/wire.h"
#include "test/unit/support/test.h"

#define GET \
    "GET /apis/v1/things?limit=5 HTTP/1.1\r\nHost: proxy.test\r\nAuthorization: Bearer t\r\n\r\n"

struct fixture {
    struct scripted_transport upstream;
    struct rules *rules;
    struct forward *forward;
};

static void fixture_start(struct fixture *f, const struct script_step *steps, size_t len,
                          const char *rules)
{
    scripted_transport_init(&f->upstream, steps, len);
    f->rules = rules_new();
    if (rules) {
        cleanup_json json *list = NULL;
        assert_int_equal(json_parse(rules, strlen(rules), &list, NULL), 0);
        assert_int_equal(rules_set(f->rules, list, NULL), 0);
    }
    struct forward_config cfg = { .upstream = "https://up.test:6443",
                                  .transport = &f->upstream.base,
                                  .rules = f->rules,
                                  .clock = clock_system(),
                                  .rng = rng_system() };
    assert_int_equal(forward_start(&cfg, &f->forward, NULL), 0);
}

/* Checks that exactly the script was asked for. */
static void fixture_finish(struct fixture *f)
{
    forward_stop(f->forward);
    scripted_transport_check(&f->upstream);
    scripted_transport_release(&f->upstream);
    rules_free(f->rules);
}

static struct wire dial(const struct fixture *f)
{
    return wire_connect("127.0.0.1", forward_port(f->forward));
}

static void assert_has(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("no '%s' in '%s'", part, text);
}

static void check_passes(void **state)
{
    (void)state;
    const struct script_step steps[] = {
        { .request = "GET https://up.test:6443/apis/v1/things?limit=5\n"
                     "Authorization: Bearer t\n",
          .headers = "Content-Type: application/json\nX-Kept: yes\n",
          .reply = "{\"items\":[]}" },
        { .request = "PUT https://up.test:6443/apis/v1/things/a\n"
                     "Content-Type: application/json\n\n{\"a\":1}",
          .status = 409,
          .reply = "conflict" },
    };
    struct fixture f;
    fixture_start(&f, steps, ARRAY_LEN(steps), NULL);
    cleanup_wire struct wire w = dial(&f);

    wire_send(&w, GET);
    cleanup_free char *first = wire_give_until(&w, "0\r\n\r\n");
    wire_send(&w, "PUT /apis/v1/things/a HTTP/1.1\r\nHost: proxy.test\r\nContent-Type: "
                  "application/json\r\nContent-Length: 7\r\n\r\n{\"a\":1}");
    cleanup_free char *second = wire_give_until(&w, "0\r\n\r\n");

    assert_has(first, "HTTP/1.1 200 ");
    assert_has(first, "X-Kept: yes");
    assert_has(first, "{\"items\":[]}");
    assert_has(second, "HTTP/1.1 409 ");
    assert_has(second, "conflict");
    fixture_finish(&f);
}

static void check_watch(void **state)
{
    (void)state;
    const struct script_step steps[] = {
        { .request = "GET https://up.test:6443/w?watch=1\n@traffic: watch\n",
          .reply = "{\"type\":\"ADDED\"}\n",
          .status = 200,
          .hang = true },
    };
    struct fixture f;
    fixture_start(&f, steps, ARRAY_LEN(steps), NULL);
    struct wire w = dial(&f);

    wire_send(&w, "GET /w?watch=1 HTTP/1.1\r\nHost: a\r\n\r\n");
    cleanup_free char *event = wire_give_until(&w, "}\n");

    assert_has(event, "ADDED"); /* while the upstream's reply goes on */
    wire_close(&w);             /* which then ends: else the finish would not return */
    fixture_finish(&f);
}

static void check_upstream_is_away(void **state)
{
    (void)state;
    const struct script_step steps[] = {
        { .fail = ERR_CONN, .fail_code = HTTP_ERR_REFUSED },
        { .reply = "half", .status = 200, .fail = ERR_CONN, .fail_code = HTTP_ERR_RESET },
    };
    struct fixture f;
    fixture_start(&f, steps, ARRAY_LEN(steps), NULL);
    cleanup_wire struct wire a = dial(&f), b = dial(&f);

    cleanup_free char *refused = wire_give_answer(&a, GET);
    wire_send(&b, GET);
    cleanup_free char *half = wire_give_rest(&b);

    assert_has(refused, "HTTP/1.1 503 ");
    assert_null(strstr(half, "0\r\n\r\n")); /* cut, as it was */
    fixture_finish(&f);
}

/* ---- faults ---- */

struct fault_case {
    const char *name, *rules;
    bool is_asked; /* the request gets to the upstream, which answers 0123456789 */
    const char *has, *lacks;
};
static struct fault_case faults[] = {
    { "a status is answered with its headers and body",
      "[{\"status\":429,\"headers\":{\"Retry-After\":\"7\"},\"body\":{\"kind\":\"Status\"}}]",
      false, "Retry-After: 7", NULL },
    { "a body may be any text", "[{\"status\":200,\"body\":\"<html>\"}]", false, "<html>", NULL },
    { "a delay alone passes the request on", "[{\"delay_ms\":1}]", true, "0123456789", NULL },
    { "a cut ends the connection in the middle of the body", "[{\"cut_after\":4}]", true, "",
      "4567" },
    { "a truncated body ends as if it were whole", "[{\"end_after\":4}]", true, "0\r\n\r\n",
      "4567" },
    { "nothing of the body comes when it is cut at its begin", "[{\"cut_after\":0}]", true, "",
      "0123" },
    { "an oversized body has blanks behind it", "[{\"pad\":70000}]", true, "0123456789", NULL },
    { "of two faults the nearer one strikes", "[{\"cut_after\":8,\"end_after\":2}]", true, "01",
      "0123" },
};

static void check_fault(void **state)
{
    const struct fault_case *c = *state;
    const struct script_step steps[] = { { .reply = "0123456789" } };
    struct fixture f;
    fixture_start(&f, steps, c->is_asked ? 1 : 0, c->rules);
    cleanup_wire struct wire w = dial(&f);

    wire_send(&w, "GET /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    cleanup_free char *answer = wire_give_rest(&w);

    assert_has(answer, c->has);
    if (c->lacks && strstr(answer, c->lacks))
        fail_msg("'%s' in '%s'", c->lacks, answer);
    if (strstr(c->rules, "pad"))
        assert_true(strlen(answer) > 70000);
    fixture_finish(&f);
}

static void check_stall(void **state)
{
    (void)state;
    const struct script_step steps[] = { { .reply = "0123456789" } };
    struct fixture f;
    fixture_start(&f, steps, ARRAY_LEN(steps), "[{\"stall\":true},{\"stall_after\":3}]");
    cleanup_wire struct wire a = dial(&f), b = dial(&f);

    wire_send(&a, GET);
    size_t asked = 0;
    while (asked == 0) { /* the order decides which rule each meets */
        cleanup_json json *so_far = forward_give_requests(f.forward);
        asked = json_len(so_far);
    }
    wire_send(&b, GET);
    cleanup_free char *begin = wire_give_until(&b, "012");

    assert_null(strstr(begin, "\r\n\r\n0123"));
    fixture_finish(&f); /* returns, whatever still waits */
}

static void check_stall_ends(void **state)
{
    (void)state;
    struct fixture f;
    fixture_start(&f, NULL, 0, "[{\"stall\":true,\"times\":2}]");
    cleanup_wire struct wire w = dial(&f);
    cleanup_json json *none = json_new_array();

    wire_send(&w, GET);
    size_t asked = 0;
    while (asked == 0) { /* else the rules go before they count */
        cleanup_json json *so_far = forward_give_requests(f.forward);
        asked = json_len(so_far);
    }
    assert_int_equal(rules_set(f.rules, none, NULL), 0);
    cleanup_free char *answer = wire_give_rest(&w); /* until the connection ends */

    assert_null(strstr(answer, "0\r\n\r\n"));
    fixture_finish(&f);
}

static void check_requests(void **state)
{
    (void)state;
    const struct script_step steps[] = { { .reply = "x" } };
    struct fixture f;
    fixture_start(&f, steps, ARRAY_LEN(steps), "[{\"path\":\"/b\",\"status\":500}]");
    cleanup_wire struct wire w = dial(&f);

    wire_send(&w, "GET /a?q=1 HTTP/1.1\r\nHost: a\r\nUser-Agent: me\r\n\r\n");
    cleanup_free char *first = wire_give_until(&w, "0\r\n\r\n");
    cleanup_free char *second = wire_give_answer(&w, "DELETE /b HTTP/1.1\r\nHost: a\r\n\r\n");

    cleanup_json json *asked = forward_give_requests(f.forward);
    cleanup_free char *text = json_give_text(asked);
    assert_string_equal(
        text,
        "[{\"method\":\"GET\",\"path\":\"/a\",\"query\":\"q=1\",\"agent\":\"me\",\"fault\":false},"
        "{\"method\":\"DELETE\",\"path\":\"/b\",\"query\":null,\"agent\":null,\"fault\":true}]");
    fixture_finish(&f);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(faults) + 6];
    size_t n = 0;
    for (; n < ARRAY_LEN(faults); n++)
        tests[n] = (struct CMUnitTest)CASE_OF(faults[n].name, check_fault, &faults[n]);
    tests[n++] =
        (struct CMUnitTest)CASE("requests and replies pass with headers and bodies", check_passes);
    tests[n++] = (struct CMUnitTest)CASE("a watch's events pass as they come", check_watch);
    tests[n++] = (struct CMUnitTest)CASE("an upstream that is away or breaks off shows so",
                                         check_upstream_is_away);
    tests[n++] =
        (struct CMUnitTest)CASE("stalled requests hold up nothing else, nor the end", check_stall);
    tests[n++] = (struct CMUnitTest)CASE("stalled requests end with the rules that stall them",
                                         check_stall_ends);
    tests[n++] = (struct CMUnitTest)CASE("requests are remembered", check_requests);
    return _cmocka_run_group_tests("forward", tests, n, NULL, NULL);
}
