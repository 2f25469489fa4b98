#include "pkg/base/mem.h"
#include "rp/frontend/admin/common.h"
#include "rp/frontend/admin/guards.h"
#include "rp/frontend/admin/handlers.h"
#include "rp/frontend/admin/kube.h"
#include "rp/frontend/cloud_error.h"
#include "rp/frontend/reply.h"

static int cordon(struct request *req, struct error **err)
{
    cleanup_free char *name = request_give_query(req, "vmName");
    cleanup_free char *text = request_give_query(req, "shouldCordon");
    cleanup_admin_kube struct admin_kube k = { 0 };
    bool should;

    if (guard_vm_name(name ? name : "", err) < 0)
        return -1;
    if (!admin_bool(text, &should))
        return cloud_error(err, "InvalidParameter", "shouldCordon",
                           "The provided shouldCordon '%s' is invalid.", text ? text : "");
    cleanup_json json *patch = json_make("{'spec':{'unschedulable':%b}}", should);
    if (admin_kube_open(req, &k, err) < 0 ||
        kube_patch(k.client, req->ctx, KUBE_REF(&GVR_NODES, NULL, name), KUBE_PATCH_MERGE, patch,
                   NULL, NULL, err) < 0)
        return -1;
    reply_status(req, 200);
    return 0;
}

int handle_admin_cordon(struct request *req, struct error **err)
{
    return admin_kube_answer(req, cordon, err);
}
