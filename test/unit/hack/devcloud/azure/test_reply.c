#include <string.h>

#include "hack/devcloud/azure/sim.h"
#include "pkg/base/mem.h"
#include "test/unit/support/hack/devcloud/azure_rig.h"
#include "test/unit/support/test.h"

static void check_inner(void **state)
{
    (void)state;
    cleanup_answer struct sim_answer answer = { 0 };
    struct sim_call c = { .answer = &answer, .method = "GET", .host = "here" };

    assert_string_equal(sim_host(&c), "here");
    assert_null(sim_header(&c, "If-Match"));
    assert_null(sim_query(&c));
    assert_true(sim_is(&c, "GET"));
    assert_false(sim_is(&c, "PUT"));
    sim_set_header(&c, "ETag", "x");
    sim_reply_error(&c, 409, "Conflict", "%s is taken", "it");

    assert_int_equal(answer.status, 409);
    assert_string_equal(json_path_str(answer.body, "error.code"), "Conflict");
    assert_string_equal(json_path_str(answer.body, "error.message"), "it is taken");
    sim_reply(&c, 204, NULL);
    assert_int_equal(answer.status, 204);
    assert_null(answer.body);
}

static void check_outer(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    cleanup_reply struct rig_reply reply = { 0 };

    assert_int_equal(rig_call(&r, "GET", RIG_VNET RIG_VERSION, NULL, &reply), 200);

    const char *routing = http_headers_get(&reply.headers, "x-ms-routing-request-id");
    assert_int_equal(strncmp(routing, "eastus:", 7), 0);
    assert_string_equal(http_headers_get(&reply.headers, "x-ms-request-id"),
                        http_headers_get(&reply.headers, "x-ms-correlation-request-id"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("the simulator's own requests are answered with trees", check_inner),
        CASE("clients' requests are answered with ARM's headers", check_outer),
    };
    return RUN_CASES("reply", tests);
}
