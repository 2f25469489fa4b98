#include "pkg/base/strv.h"
#include "rp/frontend/chain.h"

/* No such service answers; the name only has to look like one. */
#define MOCK_IDENTITY_URL \
    "https://bogus.identity.azure.net/subscriptions/00000000-0000-0000-0000-000000000000"

static int mockmsi(struct request *req, struct error **err)
{
    const struct rp_env *env = req->f->cfg.env;
    bool writes =
        str_eq(http_call_method(req->call), "PUT") || str_eq(http_call_method(req->call), "PATCH");

    (void)err;
    if (!(req->route->flags & ROUTE_MOCK_MSI) || !writes ||
        !rp_env_has(env, FEATURE_USE_MOCK_MSI_RP))
        return 0;
    req->identity_url = MOCK_IDENTITY_URL;
    req->home_tenant_id = rp_env_text(env, ENV_MOCK_MSI_TENANT_ID);
    return 0;
}

const struct middleware middleware_mockmsi = { .name = "MockMSI", .before = mockmsi };
