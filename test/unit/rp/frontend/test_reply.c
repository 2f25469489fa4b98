#include <string.h>

#include "pkg/base/strv.h"
#include "rp/frontend/reply.h"
#include "test/unit/support/rp/frontend/frontend_rig.h"
#include "test/unit/support/test.h"

static int tell(struct request *req, struct error **err)
{
    (void)err;
    cleanup_json json *body = json_make("{'a':{'b':[1,'x']},'c':[]}");
    reply_json(req, 201, body);
    return 0;
}
static int tell_nothing(struct request *req, struct error **err)
{
    (void)err;
    buf_adds(http_call_out(req->call), "rest");
    reply_status(req, 202);
    return 0;
}
static const struct route routes[] = { { "GET", "/json", 0, tell, NULL },
                                       { "GET", "/status", 0, tell_nothing, NULL } };

static void indents_by_four(void **state)
{
    (void)state;
    struct front r;
    front_init(&r);
    front_serve(&r, routes, ARRAY_LEN(routes));

    cleanup_free char *got = front_give_answer(&r, "GET", "/json", NULL);

    assert_string_equal(got, "201 {\n    \"a\": {\n        \"b\": [\n            1,\n            "
                             "\"x\"\n        ]\n    },\n    \"c\": []\n}\n");
    front_release(&r);
}

static void may_have_no_body(void **state)
{
    (void)state;
    struct front r;
    front_init(&r);
    front_serve(&r, routes, ARRAY_LEN(routes));

    cleanup_free char *got = front_give_answer(&r, "GET", "/status", NULL);

    assert_string_equal(got, "202 ");
    front_release(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("indents JSON by four and ends the line", indents_by_four),
        CASE("may have no body", may_have_no_body),
    };
    return RUN_CASES("replies", tests);
}
