#include "rp/frontend/cloud_error.h"
#include "rp/frontend/feeds.h"
#include "rp/frontend/handlers.h"
#include "rp/frontend/reply.h"

static int check_feature(const struct request *req, struct error **err)
{
    if (api_version_has(req->version, API_FEATURE_ROLE_SETS))
        return 0;
    return cloud_error(err, "InvalidResourceType", NULL,
                       "The endpoint could not be found in the namespace '%s' for api version "
                       "'%s'.",
                       request_param(req, "ns"), api_version_name(req->version));
}

int handle_role_sets_list(struct request *req, struct error **err)
{
    if (check_feature(req, err) < 0)
        return -1;
    cleanup_json json *all = feeds_give_all(req->f->feeds, FEED_ROLE_SETS);
    cleanup_json json *list = api_role_set_give_list(req->version, all);
    reply_json(req, 200, list);
    return 0;
}

int handle_role_set_get(struct request *req, struct error **err)
{
    const char *minor = request_param(req, "minor");
    if (check_feature(req, err) < 0)
        return -1;
    cleanup_json json *one = feeds_give_one(req->f->feeds, FEED_ROLE_SETS, minor);
    if (!one)
        return cloud_error_with_status(
            err, 400, "ResourceNotFound", NULL,
            "The Resource platformWorkloadIdentityRoleSet with version '%s' was not found in the "
            "namespace '%s' for api version '%s'.",
            minor, request_param(req, "ns"), api_version_name(req->version));
    cleanup_json json *ext = api_role_set_to_external(req->version, one);
    reply_json(req, 200, ext);
    return 0;
}
