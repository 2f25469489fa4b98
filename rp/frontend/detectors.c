/* What the diagnostics service knows of a cluster, passed through. */
#include "pkg/base/mem.h"
#include "rp/frontend/cloud_error.h"
#include "rp/frontend/documents.h"
#include "rp/frontend/handlers.h"
#include "rp/frontend/reply.h"

/* The service's word that it has no such thing is for the client; other failures are ours. */
static int not_found(const char *detector, struct error **err)
{
    if (!detector)
        return cloud_error(err, "NotFound", NULL, "The cluster has no detectors.");
    return cloud_error(err, "NotFound", NULL, "The detector '%s' was not found.", detector);
}

static int pass_through(struct request *req, const char *detector, struct error **err)
{
    struct diagnostics *service = req->f->cfg.diagnostics;
    cleanup_document struct document d = { 0 };
    cleanup_error struct error *why = NULL;
    cleanup_free char *text = NULL;

    if (cluster_find(req, &d, err) < 0)
        return -1;
    if (!service)
        return cloud_error_with_status(err, 503, "InternalServerError", NULL,
                                       "No diagnostics service is configured here.");
    const char *id = json_path_str(d.tree, "openShiftCluster.id");
    if (service->get(service, req->ctx, id ? id : json_path_str(d.tree, "key"), detector, &text,
                     &why) < 0)
        return error_is(why, ERR_NOT_FOUND) ? not_found(detector, err) : error_move(err, &why);
    reply_json_text(req, 200, text);
    return 0;
}

int handle_detectors_list(struct request *req, struct error **err)
{
    return pass_through(req, NULL, err);
}

int handle_detector_get(struct request *req, struct error **err)
{
    /* The service may tell letters apart. */
    cleanup_free char *detector = request_give_original_segment(req, 1);
    return pass_through(req, detector, err);
}
