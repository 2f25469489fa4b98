#include <string.h>

#include "pkg/api/resource_id.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/frontend/chain.h"
#include "rp/frontend/cloud_error.h"

#define NAME_MAX_LEN 90

/* Of resource groups and clusters, in lower case: [-a-z0-9_().]{0,89}[-a-z0-9_()] */
static bool is_group_name(const char *s)
{
    static const char allowed[] = "-abcdefghijklmnopqrstuvwxyz0123456789_().";
    size_t len = strlen(s);
    return len >= 1 && len <= NAME_MAX_LEN && strspn(s, allowed) == len && s[len - 1] != '.';
}

static int check_subscription(struct request *req, const char *v, struct error **err)
{
    (void)req;
    return uuid_is_valid(v)
               ? 0
               : cloud_error(err, "InvalidSubscriptionID", NULL,
                             "The provided subscription identifier '%s' is malformed or invalid.",
                             v);
}

static int check_group(struct request *req, const char *v, struct error **err)
{
    (void)req;
    return is_group_name(v) ? 0
                            : cloud_error(err, "ResourceGroupNotFound", NULL,
                                          "Resource group '%s' could not be found.", v);
}

static int check_namespace(struct request *req, const char *v, struct error **err)
{
    (void)req;
    return str_eq_nocase(v, API_NAMESPACE)
               ? 0
               : cloud_error(err, "InvalidResourceNamespace", NULL,
                             "The resource namespace '%s' is invalid.", v);
}

static int check_type(struct request *req, const char *v, struct error **err)
{
    if (str_eq_nocase(v, API_CLUSTER_TYPE))
        return 0;
    return cloud_error(err, "InvalidResourceType", NULL,
                       "The resource type '%s' could not be found in the namespace '%s' for api "
                       "version '%s'.",
                       v, request_param(req, "ns"), req->api_version ? req->api_version : "");
}

static int check_name(struct request *req, const char *v, struct error **err)
{
    if (is_group_name(v))
        return 0;
    return cloud_error_with_status(
        err, 400, "ResourceNotFound", NULL,
        "The Resource '%s/%s/%s' under resource group '%s' was not found.",
        request_param(req, "ns"), request_param(req, "type"), v, request_param(req, "rg"));
}

static int check_location(struct request *req, const char *v, struct error **err)
{
    return str_eq_nocase(v, req->f->location)
               ? 0
               : cloud_error(err, "InvalidLocation", NULL,
                             "The provided location '%s' is malformed or invalid.", v);
}

static int check_operation(struct request *req, const char *v, struct error **err)
{
    (void)req;
    return uuid_is_valid(v)
               ? 0
               : cloud_error(err, "InvalidOperationID", NULL,
                             "The provided operation identifier '%s' is malformed or invalid.", v);
}

static const struct {
    const char *param;
    int (*check)(struct request *req, const char *value, struct error **err);
} checks[] = {
    { "sub", check_subscription },
    { "rg", check_group },
    { "ns", check_namespace },
    { "type", check_type },
    { "name", check_name },
    { "loc", check_location },
    { "operationid", check_operation },
};

/* Only of what the route has. */
static int validate(struct request *req, struct error **err)
{
    if (!req->route)
        return 0;
    for (size_t i = 0; i < ARRAY_LEN(checks); i++) {
        const char *value = http_call_param(req->call, checks[i].param);
        if (value && checks[i].check(req, value, err) < 0)
            return -1;
    }
    return 0;
}

const struct middleware middleware_validate = { .name = "Validate", .before = validate };
