#include "pkg/database/billing.h"

#include "pkg/api/admin/admin.h"
#include "rp/frontend/admin/common.h"
#include "rp/frontend/admin/handlers.h"
#include "rp/frontend/reply.h"

static int read_page(struct request *req, const struct paging *p, const char *continuation,
                     struct document_page *ret, struct error **err)
{
    return billing_list(req->ctx, req->f->cfg.database, p->size, continuation, ret, err);
}

static int show(struct request *req, const struct paging *p, const struct document *d, json **ret,
                struct error **err)
{
    (void)req;
    (void)p;
    (void)err;
    *ret = api_object_to_external(&billing_type, admin_version(), d->tree);
    return 0;
}

int handle_admin_billing_list(struct request *req, struct error **err)
{
    static const struct paging bills = {
        .scope = "/admin/billingdocuments", .size = PAGING_SIZE, .read = read_page, .show = show
    };
    return paging_reply(req, &bills, err);
}

int handle_admin_billing_get(struct request *req, struct error **err)
{
    const char *id = request_param(req, "id");
    cleanup_document struct document d = { 0 };
    cleanup_error struct error *e = NULL;

    if (billing_get(req->ctx, req->f->cfg.database, id, &d, &e) < 0)
        return admin_not_read(&e, "billing document", id, err);
    cleanup_json json *bill = api_object_to_external(&billing_type, admin_version(), d.tree);
    reply_json(req, 200, bill);
    return 0;
}
