#include <string.h>

#include "rp/frontend/chain.h"
#include "rp/frontend/reply.h"
#include "test/unit/support/rp/frontend/frontend_rig.h"
#include "test/unit/support/test.h"

static int tell(struct request *req, struct error **err)
{
    (void)err;
    if (req->system_data)
        json_write(http_call_out(req->call), req->system_data);
    return 0;
}
static const struct route routes[] = { { "GET", "/a", 0, tell, NULL } };

struct data_case {
    const char *name, *headers, *want;
    bool warns;
};
#define HEADER(text) "x-ms-arm-resource-system-data: " text "\r\n"
static struct data_case cases[] = {
    { "reads the header", HEADER("{\"createdBy\":\"me\"}"), "{\"createdBy\":\"me\"}", false },
    { "does without it", NULL, "", false },
    { "only warns of a malformed one", HEADER("{\"created"), "", true },
    { "only warns of one that is no object", HEADER("[]"), "", true },
    { "takes times and kinds of callers",
      HEADER("{\"createdByType\":\"Key\",\"createdAt\":\"2024-01-02T03:04:05.1234567Z\"}"),
      "{\"createdByType\":\"Key\",\"createdAt\":\"2024-01-02T03:04:05.1234567Z\"}", false },
    { "takes empty members and null for none", HEADER("{\"createdAt\":\"\",\"createdBy\":null}"),
      "{\"createdAt\":\"\",\"createdBy\":null}", false },
    { "ignores a time that is none",
      HEADER("{\"createdBy\":\"me\",\"createdAt\":\"x\",\"lastModifiedAt\":\"notadate\"}"),
      "{\"createdBy\":\"me\"}", true },
    { "ignores an unknown kind of caller",
      HEADER("{\"createdByType\":\"Moon\",\"lastModifiedByType\":\"user\"}"), "{}", true },
    { "ignores names that are no text",
      HEADER("{\"createdBy\":5,\"lastModifiedBy\":\"a\\u0000b\"}"), "{}", true },
};

static void check(void **state)
{
    const struct data_case *c = *state;
    struct front r;
    front_init(&r);
    front_serve(&r, routes, ARRAY_LEN(routes));

    cleanup_free char *reply = front_give_reply(&r, "GET", "/a", c->headers, NULL);

    assert_string_equal(strstr(reply, "\r\n\r\n") + 4, c->want);
    assert_int_equal(log_capture_has(&r.capture, "level=warning"), c->warns);
    front_release(&r);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases)];
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[i] = (struct CMUnitTest)CASE_OF(cases[i].name, check, &cases[i]);
    return RUN_CASES("system data", tests);
}
