#include "test/unit/support/rp/frontend/path_rig.h"

#include "pkg/base/mem.h"
#include "test/unit/support/rp/frontend/frontend_rig.h"
#include "test/unit/support/test.h"

static int tell(struct request *req, struct error **err)
{
    (void)err;
    buf_addf(http_call_out(req->call), "%s|%s|%s", req->path, req->original_path,
             request_param(req, "rest"));
    return 0;
}
static const struct route routes[] = { { "GET", "/a/{rest}", 0, tell, NULL } };

void path_check(void **state)
{
    const struct path_case *c = *state;
    struct front r;
    front_init(&r);
    front_serve(&r, routes, ARRAY_LEN(routes));

    cleanup_free char *answer = front_give_answer(&r, "GET", c->target, NULL);

    assert_string_equal(answer, c->want);
    front_release(&r);
}
