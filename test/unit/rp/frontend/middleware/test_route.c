#include <string.h>

#include "rp/frontend/chain.h"
#include "rp/frontend/reply.h"
#include "test/unit/support/rp/frontend/frontend_rig.h"
#include "test/unit/support/test.h"

static int tell(struct request *req, struct error **err)
{
    (void)err;
    buf_addf(http_call_out(req->call), "%s", req->route->pattern);
    return 0;
}
static const struct route routes[] = { { "GET", "/one", 0, tell, NULL },
                                       { "PUT", "/one", 0, tell, NULL } };
static const struct route more[] = { { "GET", "/two", 0, tell, NULL } };

static void finds_routes_of_both_tables(void **state)
{
    (void)state;
    struct front r;
    front_init(&r);
    r.cfg.more_routes = more;
    r.cfg.more_routes_len = 1;
    front_serve(&r, routes, ARRAY_LEN(routes));

    cleanup_free char *one = front_give_answer(&r, "GET", "/ONE", NULL);
    cleanup_free char *two = front_give_answer(&r, "GET", "/two?x", NULL);

    assert_string_equal(one, "200 /one");
    assert_string_equal(two, "200 /two");
    front_release(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("finds the routes of both tables", finds_routes_of_both_tables),
    };
    return RUN_CASES("routing", tests);
}
