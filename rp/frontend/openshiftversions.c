#include "rp/frontend/cloud_error.h"
#include "rp/frontend/feeds.h"
#include "rp/frontend/handlers.h"
#include "rp/frontend/reply.h"

static int check_feature(const struct request *req, enum api_feature feature, struct error **err)
{
    if (api_version_has(req->version, feature))
        return 0;
    return cloud_error(err, "InvalidResourceType", NULL,
                       "The endpoint could not be found in the namespace '%s' for api version "
                       "'%s'.",
                       request_param(req, "ns"), api_version_name(req->version));
}

int handle_openshift_versions_list(struct request *req, struct error **err)
{
    if (check_feature(req, API_FEATURE_OPENSHIFT_VERSIONS, err) < 0)
        return -1;
    cleanup_json json *all = feeds_give_all(req->f->feeds, FEED_VERSIONS);
    cleanup_json json *list = api_openshift_version_give_list(req->version, all);
    reply_json(req, 200, list);
    return 0;
}

int handle_openshift_version_get(struct request *req, struct error **err)
{
    const char *version = request_param(req, "version");
    if (check_feature(req, API_FEATURE_OPENSHIFT_VERSION_GET, err) < 0)
        return -1;
    cleanup_json json *one = feeds_give_one(req->f->feeds, FEED_VERSIONS, version);
    if (!one)
        return cloud_error_with_status(
            err, 400, "ResourceNotFound", NULL,
            "The Resource openShiftVersion with version '%s' was not found in the namespace '%s' "
            "for api version '%s'.",
            version, request_param(req, "ns"), api_version_name(req->version));
    cleanup_json json *ext = api_openshift_version_to_external(req->version, one);
    reply_json(req, 200, ext);
    return 0;
}
