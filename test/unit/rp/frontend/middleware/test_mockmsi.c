#include <string.h>

#include "pkg/base/strv.h"
#include "rp/frontend/chain.h"
#include "rp/frontend/reply.h"
#include "test/unit/support/rp/frontend/frontend_rig.h"
#include "test/unit/support/test.h"

static int tell(struct request *req, struct error **err)
{
    (void)err;
    buf_addf(http_call_out(req->call), "%s %s", req->home_tenant_id, req->identity_url);
    return 0;
}
static const struct route routes[] = {
    { "PUT", "/mocked", ROUTE_MOCK_MSI, tell, NULL },
    { "GET", "/mocked", ROUTE_MOCK_MSI, tell, NULL },
    { "PUT", "/real", 0, tell, NULL },
};

static void check(void **state)
{
    (void)state;
    struct front r;
    front_init(&r);
    fake_env_set(&r.env, "MOCK_MSI_TENANT_ID", FRONT_SUB);
    front_serve(&r, routes, ARRAY_LEN(routes));
    const char *headers = "x-ms-home-tenant-id: t\r\nx-ms-identity-url: u\r\n";

    cleanup_free char *put = front_give_reply(&r, "PUT", "/mocked", headers, NULL);
    cleanup_free char *get = front_give_reply(&r, "GET", "/mocked", headers, NULL);
    cleanup_free char *real = front_give_reply(&r, "PUT", "/real", headers, NULL);

    assert_non_null(strstr(put, "\r\n\r\n" FRONT_SUB " https://bogus.identity.azure.net/"));
    assert_true(str_ends(get, "\r\n\r\nt u"));
    assert_true(str_ends(real, "\r\n\r\nt u"));
    front_release(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("replaces ARM's identity headers where writes may have them", check),
    };
    return RUN_CASES("mocked identities", tests);
}
