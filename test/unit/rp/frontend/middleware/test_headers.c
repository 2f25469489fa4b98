#include <string.h>

#include "rp/frontend/chain.h"
#include "rp/frontend/reply.h"
#include "test/unit/support/pkg/net/wire.h"
#include "test/unit/support/rp/frontend/frontend_rig.h"
#include "test/unit/support/test.h"

static int tell(struct request *req, struct error **err)
{
    (void)err;
    http_call_set_header(req->call, "X-Referer", req->referer);
    return 0;
}
static const struct route routes[] = { { "GET", "/a", 0, tell, NULL } };

static char *give_reply(const char *headers)
{
    struct front r;
    front_init(&r);
    front_serve(&r, routes, ARRAY_LEN(routes));
    char *reply = front_give_reply(&r, "GET", "/A?x=Y", headers, NULL);
    front_release(&r);
    return reply;
}

static void says_json_and_a_request_id(void **state)
{
    (void)state;
    cleanup_free char *reply = give_reply("x-ms-client-request-id: mine\r\n");

    assert_non_null(strstr(reply, "\r\nContent-Type: application/json\r\n"));
    assert_non_null(strstr(reply, "\r\nX-Ms-Request-Id: "));
    assert_null(strstr(reply, "mine"));
}

static void gives_the_client_its_id_when_asked(void **state)
{
    (void)state;
    cleanup_free char *reply = give_reply("x-ms-client-request-id: mine\r\n"
                                          "x-ms-return-client-request-id: TRUE\r\n");

    assert_non_null(strstr(reply, "\r\nX-Ms-Client-Request-Id: mine\r\n"));
}

static void keeps_the_outer_url(void **state)
{
    (void)state;
    cleanup_free char *reply = give_reply("Referer: https://arm/A?x=Y&z\r\n");

    assert_non_null(strstr(reply, "\r\nX-Referer: https://arm/A?x=Y&z\r\n"));
}

static void makes_one_from_the_host_of_a_plain_request(void **state)
{
    (void)state;
    cleanup_free char *reply = give_reply(NULL);

    assert_non_null(strstr(reply, "\r\nX-Referer: http://rp.test/a?x=Y\r\n"));
}

static void makes_one_without_arm(void **state)
{
    (void)state;
    struct wire_pair pair = wire_pair_make("localhost", NULL);
    struct front r;
    front_init(&r);
    r.cfg.cert_pem = pair.cert_pem;
    r.cfg.key_pem = pair.key_pem;
    front_serve(&r, routes, ARRAY_LEN(routes));
    struct wire w = wire_connect_tls(http_server_port(r.server), NULL, NULL);

    cleanup_free char *reply = wire_give_answer(&w, "GET /A?x=Y HTTP/1.1\r\nHost: a\r\n\r\n");

    assert_non_null(strstr(reply, "\r\nX-Referer: https://localhost:8443/a?x=Y\r\n"));
    wire_close(&w);
    front_release(&r);
    wire_pair_release(&pair);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("says JSON and a request ID", says_json_and_a_request_id),
        CASE("gives the client its own ID when asked to", gives_the_client_its_id_when_asked),
        CASE("keeps the outer URL that ARM tells", keeps_the_outer_url),
        CASE("makes one from the host of a plain request",
             makes_one_from_the_host_of_a_plain_request),
        CASE("makes one when there is no ARM", makes_one_without_arm),
    };
    return RUN_CASES("headers", tests);
}
