#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/frontend/admin/azure.h"
#include "rp/frontend/admin/common.h"
#include "rp/frontend/admin/guards.h"
#include "rp/frontend/admin/handlers.h"
#include "rp/frontend/cloud_error.h"
#include "rp/frontend/reply.h"

#define COMPUTE_VERSION "2020-06-01"
#define ACTION_MS (30 * 60 * 1000)

/* The resource ID of the machine that the query names; owned. */
static int find_vm(const struct request *req, const struct azure_place *place, char **ret,
                   struct error **err)
{
    cleanup_free char *name = request_give_query(req, "vmName");
    if (guard_vm_name(name ? name : "", err) < 0)
        return -1;
    *ret =
        xasprintf("%s/providers/Microsoft.Compute/virtualMachines/%s", place->managed_group, name);
    return 0;
}

/* Waits until it is done: minutes. A worker does nothing else meanwhile, so that there is an end to it. */
static int act_on(struct request *req, const struct azure_place *place, const char *action,
                  struct error **err)
{
    cleanup_free char *vm = NULL;
    if (find_vm(req, place, &vm, err) < 0)
        return -1;
    cleanup_free char *path = xasprintf("%s/%s", vm, action);
    const struct arm_call call = {
        .method = "POST", .path = path, .api_version = COMPUTE_VERSION, .wait = true
    };
    struct opctx limited = opctx_with_timeout_ms(req->ctx, ACTION_MS);
    cleanup_error struct error *e = NULL;
    if (arm_send(place->arm, &limited, &call, NULL, &e) < 0)
        return error_is(e, ERR_TIMEOUT)
                   ? cloud_error_with_status(err, 504, "InternalServerError", NULL,
                                             "Azure has not finished in time: %s", error_text(e))
                   : error_move(err, &e);
    reply_status(req, 200);
    return 0;
}

static int start(struct request *req, const struct azure_place *place, struct error **err)
{
    return act_on(req, place, "start", err);
}

static int stop(struct request *req, const struct azure_place *place, struct error **err)
{
    cleanup_free char *text = request_give_query(req, "deallocateVM");
    bool deallocate = false;
    if (text && !admin_bool(text, &deallocate))
        return cloud_error(err, "InvalidParameter", "deallocateVM",
                           "The provided deallocateVM '%s' is invalid.", text);
    return act_on(req, place, deallocate ? "deallocate" : "powerOff", err);
}

/* A disk on the host stays behind on it. */
static int redeploy(struct request *req, const struct azure_place *place, struct error **err)
{
    cleanup_free char *vm = NULL;
    cleanup_json json *object = NULL;
    if (find_vm(req, place, &vm, err) < 0)
        return -1;
    const struct arm_call call = { .method = "GET", .path = vm, .api_version = COMPUTE_VERSION };
    if (arm_send(place->arm, req->ctx, &call, &object, err) < 0)
        return -1;
    if (str_eq_nocase(
            json_path_str(object, "properties.storageProfile.osDisk.diffDiskSettings.option"),
            "Local"))
        return cloud_error(err, "Forbidden", NULL,
                           "Redeploying a virtual machine with an ephemeral OS disk is forbidden.");
    return act_on(req, place, "redeploy", err);
}

int handle_admin_vm_start(struct request *req, struct error **err)
{
    return admin_azure_answer(req, start, err);
}

int handle_admin_vm_stop(struct request *req, struct error **err)
{
    return admin_azure_answer(req, stop, err);
}

int handle_admin_vm_redeploy(struct request *req, struct error **err)
{
    return admin_azure_answer(req, redeploy, err);
}
