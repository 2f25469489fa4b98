#include "rp/frontend/admin/kube.h"

#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/frontend/admin/admin.h"
#include "rp/frontend/cloud_error.h"
#include "rp/frontend/documents.h"
#include "rp/frontend/reply.h"

#define KUBECONFIG "openShiftCluster.properties.aroSREKubeconfig"
#define ENDPOINT "openShiftCluster.properties.networkProfile.privateEndpointIp"
#define ANSWER_MS (2 * 60 * 1000)

void admin_kube_close(struct admin_kube *k)
{
    discovery_free(k->discovery);
    kube_client_free(k->client);
    kube_config_free(k->cfg);
    *k = (struct admin_kube){ 0 };
}

static int read_config(struct request *req, const json *document, struct kube_config **ret,
                       struct error **err)
{
    const char *sealed = json_path_str(document, KUBECONFIG);
    cleanup_secret struct secret *plain = NULL;
    size_t len;
    if (!sealed || !*sealed)
        return error_set(err, ERR_UNAVAILABLE,
                         "the cluster has no kubeconfig for support engineers yet");
    if (database_open_sealed(req->ctx, req->f->cfg.database, sealed, &plain, err) < 0)
        return -1;
    const char *text = secret_reveal(plain, &len);
    return kube_config_parse(text, len, NULL, ret, err);
}

static int connect(struct request *req, const json *document, struct admin_kube *k,
                   struct error **err)
{
    const struct admin_clients *clients = req->f->cfg.more_arg;
    const struct kube_client_options opt = {
        .user_agent = "aro-rp-admin",
        .dial_address = json_path_str(document, ENDPOINT),
        .clock = req->ctx->clock,
        .rng = req->ctx->rng,
        .env = clients->env,
        .log = req->log,
    };
    return clients->transport
               ? kube_client_new_over(clients->transport, k->cfg, &opt, &k->client, err)
               : kube_client_new(clients->http, k->cfg, &opt, &k->client, err);
}

int admin_kube_open(struct request *req, struct admin_kube *ret, struct error **err)
{
    cleanup_document struct document d = { 0 };
    if (cluster_find(req, &d, err) < 0)
        return -1;
    if (!req->f->cfg.more_arg)
        return error_set(err, ERR_UNAVAILABLE, "clusters cannot be reached from here");
    if (read_config(req, d.tree, &ret->cfg, err) < 0 || connect(req, d.tree, ret, err) < 0)
        return error_wrap(err, "the cluster's API server");
    ret->discovery = discovery_new(ret->client, req->ctx->clock);
    return 0;
}

int admin_kube_find(struct request *req, struct admin_kube *k, const char *kind,
                    const struct gvr **ret, struct error **err)
{
    cleanup_json json *candidates = NULL;
    cleanup_error struct error *e = NULL;
    if (*kind && discovery_resolve(k->discovery, req->ctx, kind, &candidates, &e) < 0 &&
        !error_is(e, ERR_NOT_FOUND) && !error_is(e, ERR_INVALID))
        return error_move(err, &e);
    const json *first = json_at(candidates, 0);
    if (!first)
        return cloud_error(err, "InvalidParameter", "kind", "The provided resource is invalid.");
    cleanup_free char *version =
        xasprintf("%s%s%s", json_path_str(first, "group"),
                  *json_path_str(first, "group") ? "/" : "", json_path_str(first, "version"));
    return discovery_find(k->discovery, req->ctx, version, json_path_str(first, "kind"), ret, err);
}

/* "Kind.group/name" of a Status's details; owned; NULL when it has none. */
static char *give_target(const json *details)
{
    const char *kind = json_path_str(details, "kind"), *group = json_path_str(details, "group");
    const char *name = json_path_str(details, "name");
    if (!kind)
        return NULL;
    bool has_group = group && *group;
    return xasprintf("%s%s%s/%s", kind, has_group ? "." : "", has_group ? group : "",
                     name ? name : "");
}

static int tell_failure(struct request *req, struct error **e, struct error **err)
{
    const char *body = error_get_body(*e), *code = error_get_code(*e);
    cleanup_json json *status = NULL;
    if (!body && error_is(*e, ERR_TIMEOUT))
        return cloud_error_with_status(err, 504, "InternalServerError", NULL, "%s", error_text(*e));
    if (!body || !code || json_parse_object(body, strlen(body), &status, NULL) < 0 ||
        !str_eq(json_path_str(status, "kind"), "Status"))
        return error_move(err, e);
    const char *message = json_path_str(status, "message");
    cleanup_free char *target = give_target(json_get(status, "details"));
    json *inner = json_make("{'code':%s,'message':%s}", code, message ? message : error_text(*e));
    if (target)
        json_put(inner, "target", json_new_str(target));
    cleanup_json json *reply = json_make("{'error':%j}", inner);
    log_warning(req->log, "the cluster's API server: %s", error_text(*e));
    reply_json(req, error_get_status(*e), reply);
    error_clear(e);
    return 0;
}

int admin_kube_answer(struct request *req, int (*act)(struct request *req, struct error **err),
                      struct error **err)
{
    const struct opctx *ctx = req->ctx, limited = opctx_with_timeout_ms(ctx, ANSWER_MS);
    cleanup_error struct error *e = NULL;
    req->ctx = &limited;
    int rcode = act(req, &e);
    req->ctx = ctx;
    return rcode == 0 ? 0 : tell_failure(req, &e, err);
}
