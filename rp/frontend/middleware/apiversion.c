#include "rp/frontend/chain.h"
#include "rp/frontend/cloud_error.h"

static int apiversion(struct request *req, struct error **err)
{
    const char *text = req->api_version ? req->api_version : "";

    if (!(req->route->flags & (ROUTE_API_VERSION | ROUTE_PREFLIGHT_VERSION)))
        return 0;
    req->version = api_version_find(text);
    if (req->version)
        return 0;
    if (req->route->flags & ROUTE_PREFLIGHT_VERSION)
        return cloud_error(err, "InvalidResourceType", NULL,
                           "Api version \"%s\" is invalid for preflight validation in resource "
                           "provider \"%s\".",
                           text, request_param(req, "ns"));
    return cloud_error(err, "InvalidResourceType", NULL,
                       "The resource type '%s' could not be found in the namespace '%s' for api "
                       "version '%s'.",
                       request_param(req, "type"), request_param(req, "ns"), text);
}

const struct middleware middleware_apiversion = { .name = "ValidateAPIVersion",
                                                  .before = apiversion };
