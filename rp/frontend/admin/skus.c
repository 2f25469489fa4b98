#include "rp/frontend/admin/azure.h"
#include "rp/frontend/admin/handlers.h"
#include "rp/frontend/reply.h"
#include "rp/validate/azure_create.h"

static int list(struct request *req, const struct azure_place *place, struct error **err)
{
    cleanup_json json *names = NULL;
    if (azure_skus_list_names(place->arm, req->ctx, request_param(req, "sub"), req->f->location,
                              &names, err) < 0)
        return -1;
    reply_json(req, 200, names);
    return 0;
}

int handle_admin_skus(struct request *req, struct error **err)
{
    return admin_azure_answer(req, list, err);
}
