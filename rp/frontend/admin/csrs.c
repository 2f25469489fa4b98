/* Requests of nodes for certificates, which wait for somebody's approval. */
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/frontend/admin/guards.h"
#include "rp/frontend/admin/handlers.h"
#include "rp/frontend/admin/kube.h"
#include "rp/frontend/cloud_error.h"
#include "rp/frontend/reply.h"

static const struct gvr csrs = { "certificates.k8s.io", "v1", "certificatesigningrequests",
                                 "CertificateSigningRequest", false };

static bool has_condition(const json *csr, const char *type)
{
    const json *conditions = json_path(csr, "status.conditions");
    for (size_t i = 0; i < json_len(conditions); i++)
        if (str_eq(json_path_str(json_at(conditions, i), "type"), type))
            return true;
    return false;
}

static bool is_decided(const json *csr)
{
    return has_condition(csr, "Denied") || has_condition(csr, "Approved");
}

static int add_approval(const struct request *req, json *csr, struct error **err)
{
    char now[TIME_TEXT_MAX];
    time_rfc3339(clock_wall_ns(req->ctx->clock), now);
    json *condition = json_make("{'type':'Approved','status':'True','reason':'AROSupportApprove',"
                                "'message':'This CSR was approved by ARO support personnel.',"
                                "'lastUpdateTime':%s}",
                                now);
    json *conditions = json_path(csr, "status.conditions");
    if (json_is_array(conditions)) {
        json_append(conditions, condition);
        return 0;
    }
    return json_path_put(csr, "status.conditions", json_make("[%j]", condition), err);
}

static int approve(struct request *req, struct admin_kube *k, json *csr, struct error **err)
{
    const char *name = json_path_str(csr, "metadata.name");
    const struct kube_ref ref = { .gvr = &csrs, .name = name, .subresource = "approval" };
    if (add_approval(req, csr, err) < 0)
        return -1;
    return kube_update(k->client, req->ctx, &ref, csr, NULL, NULL, err);
}

static int approve_one(struct request *req, struct admin_kube *k, const char *name,
                       struct error **err)
{
    cleanup_json json *csr = NULL;
    cleanup_error struct error *e = NULL;
    if (kube_get(k->client, req->ctx, KUBE_REF(&csrs, NULL, name), &csr, &e) < 0)
        return error_is(e, ERR_NOT_FOUND)
                   ? cloud_error_with_status(err, 400, "ResourceNotFound", NULL,
                                             "certificate signing request '%s' was not found.",
                                             name)
                   : error_move(err, &e);
    if (has_condition(csr, "Denied"))
        return cloud_error(err, "PropertyChangeNotAllowed", NULL,
                           "certificate signing request \"%s\" is already Denied", name);
    return is_decided(csr) ? 0 : approve(req, k, csr, err);
}

static int approve_all(struct request *req, struct admin_kube *k, struct error **err)
{
    cleanup_json json *list = NULL;
    if (kube_list(k->client, req->ctx, KUBE_REF(&csrs, NULL, NULL), NULL, &list, err) < 0)
        return -1;
    const json *items = json_get(list, "items");
    for (size_t i = 0; i < json_len(items); i++) {
        json *csr = json_at(items, i);
        if (!is_decided(csr) && approve(req, k, csr, err) < 0)
            return -1;
    }
    return 0;
}

static int approve_wanted(struct request *req, struct error **err)
{
    cleanup_free char *name = request_give_query(req, "csrName");
    cleanup_admin_kube struct admin_kube k = { 0 };
    const struct guarded g = { .gvr = &csrs, .nspace = "", .name = name ? name : "" };

    if (guard_object(&g, err) < 0 || admin_kube_open(req, &k, err) < 0)
        return -1;
    if ((*g.name ? approve_one(req, &k, name, err) : approve_all(req, &k, err)) < 0)
        return -1;
    reply_status(req, 200);
    return 0;
}

int handle_admin_approve_csr(struct request *req, struct error **err)
{
    return admin_kube_answer(req, approve_wanted, err);
}
