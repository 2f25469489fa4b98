#include <string.h>

#include "rp/frontend/chain.h"
#include "rp/frontend/reply.h"
#include "test/unit/support/rp/frontend/frontend_rig.h"
#include "test/unit/support/test.h"

static int tell(struct request *req, struct error **err)
{
    (void)err;
    const char *by = json_path_str(req->system_data, "createdBy");
    buf_addf(http_call_out(req->call), "%s", by ? by : "nobody");
    return 0;
}
static const struct route routes[] = { { "GET", "/a", 0, tell, NULL } };

struct data_case {
    const char *name, *headers, *want;
    bool warns;
};
static struct data_case cases[] = {
    { "reads the header", "x-ms-arm-resource-system-data: {\"createdBy\":\"me\"}\r\n", "me",
      false },
    { "does without it", NULL, "nobody", false },
    { "only warns of a malformed one", "x-ms-arm-resource-system-data: {\"created\r\n", "nobody",
      true },
    { "only warns of one that is no object", "x-ms-arm-resource-system-data: []\r\n", "nobody",
      true },
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
