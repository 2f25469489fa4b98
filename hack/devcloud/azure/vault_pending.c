/*
 * How certificates are made: somebody asks for one, looks at how far it is, and after some looks it is there (the state's
 * "certificates": {"looks", "error"}).
 */
#include <string.h>

#include "hack/devcloud/azure/vault_certificate.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/net/url.h"

/* What the vault writes where an issuer's failure need not be the end. */
#define CAN_RETRY "[Status:FailedCanRetry]"

static bool is_running(const json *certificate)
{
    return str_eq(json_path_str(certificate, "pending.status"), "inProgress");
}

static int64_t looks(const struct vault_call *v)
{
    return json_path_int(v->sim->sim->state, "certificates.looks", 0);
}

/* ---- what is shown ---- */

static void reply_pending(struct vault_call *v, int status, const json *certificate)
{
    static const char *const copied[] = { "request_id", "status", "status_details", "error" };
    const json *pending = json_get(certificate, "pending");
    cleanup_free char *id = xasprintf("https://%s/certificates/%s/pending", sim_host(v->sim),
                                      json_path_str(certificate, "name"));
    cleanup_json json *view = json_make(
        "{'id':%s,'issuer':{'name':%s},'cancellation_requested':%b}", id,
        json_path_str(pending, "issuer"), json_path_bool(pending, "cancellation_requested", false));
    for (size_t i = 0; i < ARRAY_LEN(copied); i++)
        if (json_get(pending, copied[i]))
            json_put(view, copied[i], json_give_copy(json_get(pending, copied[i])));
    if (str_eq(json_path_str(pending, "status"), "completed")) {
        cleanup_free char *target = xasprintf("https://%s/certificates/%s", sim_host(v->sim),
                                              json_path_str(certificate, "name"));
        json_put(view, "target", json_new_str(target));
    }
    sim_reply(v->sim, status, view);
}

/* ---- asking for one ---- */

static bool may_create(struct vault_call *v, const json *certificate, const json *policy)
{
    if (json_get(v->deleted_certificates, v->key)) {
        vault_refuse(v, 409, "Conflict", "ObjectIsDeletedButRecoverable",
                     "Certificate %s is currently in a deleted but recoverable state, and its name "
                     "cannot be reused; in this state, the certificate can only be recovered or "
                     "purged.",
                     v->name);
        return false;
    }
    if (is_running(certificate)) {
        vault_refuse(v, 409, "Conflict", NULL,
                     "A new key vault certificate can not be created or imported while a pending "
                     "key vault certificate's status is inProgress.");
        return false;
    }
    if (!json_is_object(policy)) {
        vault_refuse(v, 400, "BadParameter", NULL,
                     "The policy is mandatory for the first certificate of a name.");
        return false;
    }
    return vault_policy_is_good(v, policy);
}

static json *give_pending(struct vault_call *v, const json *policy)
{
    char id[UUID_LEN + 1];
    rng_uuid(v->sim->sim->cfg.rng, id);
    const char *issuer = json_path_str(policy, "issuer.name");
    json *failure = json_path(v->sim->sim->state, "certificates.error");
    json *pending = json_make("{'request_id':%s,'issuer':%s,'status':'inProgress','left':%ld,"
                              "'tags':%j,'status_details':%s}",
                              id, issuer, looks(v), json_give_copy(json_get(v->sim->body, "tags")),
                              "Pending certificate created. Certificate request is in progress. "
                              "This may take some time based on the issuer provider.");
    if (str_eq(issuer, "Unknown"))
        json_put(pending, "status_details",
                 json_new_str("Pending certificate created. Please Perform Merge to complete the "
                              "request."));
    if (json_is_object(failure))
        json_put(pending, "failure", json_give_copy(failure));
    return pending;
}

void vault_create_certificate(struct vault_call *v)
{
    json *certificate = vault_certificate(v);
    json *policy = json_get(v->sim->body, "policy");
    if (!policy)
        policy = json_get(certificate, "policy");
    if (!may_create(v, certificate, policy))
        return;
    if (!certificate) {
        certificate = json_make("{'name':%s,'versions':[]}", v->name);
        json_put(v->certificates, v->key, certificate);
    }
    if (policy != json_get(certificate, "policy")) /* its own would be freed by being replaced */
        json_put(certificate, "policy", json_give_copy(policy));
    json_put(certificate, "pending", give_pending(v, json_get(certificate, "policy")));
    cleanup_free char *version = query_give(sim_query(v->sim), "api-version");
    cleanup_free char *location = xasprintf(
        "https://%s/certificates/%s/pending?api-version=%s&request_id=%s", sim_host(v->sim),
        v->name, version, json_path_str(certificate, "pending.request_id"));
    sim_set_header(v->sim, "Location", location);
    reply_pending(v, 202, certificate);
}

/* ---- looking at it ---- */

static void fail(json *pending, const char *code, const char *message)
{
    json_put(pending, "status", json_new_str("failed"));
    json_put(pending, "error", json_make("{'code':%s,'message':%s}", code, message));
}

/* A failure that can be overcome is shown once; then the issuer takes as long again. */
static void meet_failure(struct vault_call *v, json *pending, const json *failure)
{
    const char *code = json_path_str(failure, "code"), *text = json_path_str(failure, "message");
    bool again = text && strstr(text, CAN_RETRY);
    fail(pending, code ? code : "ProviderError", text ? text : "");
    if (again) {
        json_put(pending, "left", json_new_int(looks(v)));
        json_put(pending, "again", json_new_bool(true));
    }
    json_del(pending, "failure");
}

static void complete(struct vault_call *v, json *certificate)
{
    json *pending = json_get(certificate, "pending");
    cleanup_error struct error *err = NULL;
    if (vault_issue(v, certificate, &err) < 0) {
        fail(pending, "BadParameter", error_text(err));
        return;
    }
    json_put(pending, "status", json_new_str("completed"));
    json_del(pending, "status_details");
}

static void advance(struct vault_call *v, json *certificate)
{
    json *pending = json_get(certificate, "pending");
    if (json_path_bool(pending, "again", false)) {
        json_del(pending, "again");
        json_del(pending, "error");
        json_put(pending, "status", json_new_str("inProgress"));
    }
    if (!is_running(certificate) || str_eq(json_path_str(pending, "issuer"), "Unknown"))
        return;
    int64_t left = json_path_int(pending, "left", 0);
    if (json_path_bool(pending, "cancellation_requested", false))
        json_put(pending, "status", json_new_str("cancelled"));
    else if (left > 0)
        json_put(pending, "left", json_new_int(left - 1));
    else if (json_get(pending, "failure"))
        meet_failure(v, pending, json_get(pending, "failure"));
    else
        complete(v, certificate);
}

void vault_serve_pending(struct vault_call *v)
{
    struct sim_call *c = v->sim;
    json *certificate = vault_certificate(v), *pending = json_get(certificate, "pending");
    if (!pending) {
        vault_refuse(v, 404, "PendingCertificateNotFound", NULL,
                     "Pending certificate not found: a certificate operation was not found for "
                     "%s.",
                     v->name);
    } else if (sim_is(c, "GET")) {
        advance(v, certificate);
        reply_pending(v, 200, certificate);
    } else if (sim_is(c, "PATCH")) {
        json_put(pending, "cancellation_requested",
                 json_new_bool(json_path_bool(c->body, "cancellation_requested", false)));
        reply_pending(v, 200, certificate);
    } else if (sim_is(c, "DELETE")) {
        reply_pending(v, 200, certificate);
        json_del(certificate, "pending");
        if (json_len(json_get(certificate, "versions")) == 0)
            json_del(v->certificates, v->key);
    } else {
        vault_refuse(v, 405, "MethodNotAllowed", NULL, "The method is not supported here.");
    }
}
