#include <string.h>

#include "rp/frontend/chain.h"
#include "rp/frontend/reply.h"
#include "test/unit/support/rp/frontend/frontend_rig.h"
#include "test/unit/support/test.h"

static int tell(struct request *req, struct error **err)
{
    (void)err;
    reply_status(req, 204);
    return 0;
}
static const struct route routes[] = { { "GET", "/one", 0, tell, NULL },
                                       { "PUT", "/one", 0, tell, NULL } };

static int refuse(struct authorizer *a, const struct opctx *ctx, struct http_call *call,
                  struct error **err)
{
    (void)a;
    (void)ctx;
    (void)call;
    return error_set(err, ERR_FORBIDDEN, "a stranger");
}

static void says_that_a_path_is_unknown(void **state)
{
    (void)state;
    struct front r;
    front_init(&r);
    front_serve(&r, routes, ARRAY_LEN(routes));

    cleanup_free char *answer = front_give_answer(&r, "GET", "/moon", NULL);

    assert_string_equal(answer, "404 {\n    \"error\": {\n        \"code\": \"NotFound\",\n"
                                "        \"message\": \"The requested path could not be found.\"\n"
                                "    }\n}\n");
    front_release(&r);
}

static void answers_a_wrong_method_without_a_body(void **state)
{
    (void)state;
    struct front r;
    front_init(&r);
    front_serve(&r, routes, ARRAY_LEN(routes));

    cleanup_free char *reply = front_give_reply(&r, "DELETE", "/one", NULL, NULL);

    assert_non_null(strstr(reply, "405 Method Not Allowed\r\n"));
    assert_non_null(strstr(reply, "Allow: GET, PUT\r\n"));
    assert_non_null(strstr(reply, "Content-Length: 0\r\n"));
    front_release(&r);
}

/* Where the route of GET would have answered, too. */
static void takes_no_head(void **state)
{
    (void)state;
    struct front r;
    front_init(&r);
    front_serve(&r, routes, ARRAY_LEN(routes));

    cleanup_free char *reply = front_give_reply(&r, "HEAD", "/one", NULL, NULL);

    assert_non_null(strstr(reply, "405 Method Not Allowed\r\n"));
    assert_non_null(strstr(reply, "Allow: GET, PUT\r\n"));
    front_release(&r);
}

static void tells_strangers_nothing_of_paths(void **state)
{
    (void)state;
    struct authorizer a = *authorizer_allow_all();
    a.check = refuse;
    struct front r;
    front_init(&r);
    r.cfg.arm = &a;
    front_serve(&r, routes, ARRAY_LEN(routes));

    cleanup_free char *unknown = front_give_error(&r, "GET", "/moon", NULL);
    cleanup_free char *method = front_give_error(&r, "DELETE", "/one", NULL);

    assert_string_equal(unknown, "403 Forbidden: Forbidden.");
    assert_string_equal(method, "403 Forbidden: Forbidden.");
    front_release(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("says that a path is unknown", says_that_a_path_is_unknown),
        CASE("answers a wrong method with 405 and no body", answers_a_wrong_method_without_a_body),
        CASE("takes HEAD for a method that no path has", takes_no_head),
        CASE("tells strangers nothing of paths", tells_strangers_nothing_of_paths),
    };
    return RUN_CASES("misses", tests);
}
