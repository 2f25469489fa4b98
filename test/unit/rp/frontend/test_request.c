#include <string.h>

#include "rp/frontend/reply.h"
#include "test/unit/support/rp/frontend/frontend_rig.h"
#include "test/unit/support/test.h"

static int tell(struct request *req, struct error **err)
{
    (void)err;
    cleanup_free char *last = request_give_original_segment(req, 1);
    cleanup_free char *second = request_give_original_segment(req, 2);
    cleanup_free char *none = request_give_original_segment(req, 9);
    cleanup_free char *query = request_give_query(req, "$q");
    buf_addf(http_call_out(req->call), "%s %s %s %s [%s] %d", last, second, none ? none : "-",
             query ? query : "-", request_param(req, "moon"), request_is_admin(req));
    return 0;
}
static const struct route routes[] = { { "GET", "/a/{b}/{c}", 0, tell, NULL },
                                       { "GET", "/admin/{b}/{c}", 0, tell, NULL } };

static void tells_of_itself(void **state)
{
    (void)state;
    struct front r;
    front_init(&r);
    front_serve(&r, routes, ARRAY_LEN(routes));

    cleanup_free char *plain = front_give_answer(&r, "GET", "/A/Bb/Cc?%24q=x%20y", NULL);
    cleanup_free char *admin = front_give_answer(&r, "GET", "/Admin/b/c", NULL);
    cleanup_free char *version = front_give_answer(&r, "GET", "/a/b/c?api-version=admin", NULL);

    assert_string_equal(plain, "200 Cc Bb - x y [] 0");
    assert_string_equal(admin, "200 c b - - [] 1");
    assert_string_equal(version, "200 c b - - [] 1");
    front_release(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("tells of its path, its query and its caller", tells_of_itself),
    };
    return RUN_CASES("requests", tests);
}
