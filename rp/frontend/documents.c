#include "rp/frontend/documents.h"

#include <inttypes.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/database/asyncoperations.h"
#include "pkg/database/openshiftclusters.h"
#include "pkg/database/subscriptions.h"
#include "rp/frontend/cloud_error.h"
#include "rp/frontend/referer.h"
#include "rp/frontend/reply.h"

/* ---- clusters ---- */

char *cluster_give_key(const struct request *req)
{
    return xasprintf("/subscriptions/%s/resourcegroups/%s/providers/%s/%s/%s",
                     request_param(req, "sub"), request_param(req, "rg"), request_param(req, "ns"),
                     request_param(req, "type"), request_param(req, "name"));
}

int cluster_not_found(const struct request *req, struct error **err)
{
    return cloud_error(err, "ResourceNotFound", NULL,
                       "The Resource '%s/%s' under resource group '%s' was not found.",
                       request_param(req, "type"), request_param(req, "name"),
                       request_param(req, "rg"));
}

int cluster_find_changed(struct request *req, const char *key, const char *etag,
                         struct document *ret, struct error **err)
{
    cleanup_error struct error *e = NULL;
    if (openshiftclusters_get_changed(req->ctx, req->f->cfg.database, key, etag, ret, &e) == 0)
        return 0;
    return error_is(e, ERR_NOT_FOUND) ? cluster_not_found(req, err) : error_move(err, &e);
}

int cluster_find(struct request *req, struct document *ret, struct error **err)
{
    cleanup_free char *key = cluster_give_key(req);
    return cluster_find_changed(req, key, NULL, ret, err);
}

struct patch {
    document_mutate mutate;
    void *arg;
    struct error *refusal;
};

static int mutate_and_keep_refusal(json *document, void *arg, struct error **err)
{
    struct patch *p = arg;
    error_clear(&p->refusal); /* of a try that lost its race */
    if (p->mutate(document, p->arg, &p->refusal) == 0)
        return 0;
    struct error *copy = error_give_copy(p->refusal);
    return error_move(err, &copy);
}

int request_patch_cluster(struct request *req, const char *key, document_mutate mutate, void *arg,
                          struct document *ret, struct error **err)
{
    struct patch p = { .mutate = mutate, .arg = arg };
    cleanup_error struct error *e = NULL;
    int result = openshiftclusters_patch(req->ctx, req->f->cfg.database, key,
                                         mutate_and_keep_refusal, &p, ret, &e);
    if (p.refusal)
        return error_move(err, &p.refusal);
    return result < 0 ? error_move(err, &e) : 0;
}

int cluster_state_not_allowed(const char *state, struct error **err)
{
    return cloud_error(err, "RequestNotAllowed", NULL,
                       "Request is not allowed in provisioningState '%s'.", state ? state : "");
}

int cluster_check_terminal(const json *cluster, struct error **err)
{
    const char *state = json_path_str(cluster, "properties.provisioningState");
    if (str_eq(state, "Succeeded") || str_eq(state, "Failed"))
        return 0;
    return cluster_state_not_allowed(state, err);
}

/* ---- subscriptions ---- */

static unsigned state_bit(const char *state)
{
    static const struct {
        const char *state;
        unsigned bit;
    } bits[] = {
        { "Registered", SUBSCRIPTION_REGISTERED },
        { "Warned", SUBSCRIPTION_WARNED },
        { "Suspended", SUBSCRIPTION_SUSPENDED },
    };
    for (size_t i = 0; i < ARRAY_LEN(bits); i++)
        if (str_eq(bits[i].state, state))
            return bits[i].bit;
    return 0;
}

int subscription_check(struct request *req, unsigned allowed, struct document *ret,
                       struct error **err)
{
    const char *id = request_param(req, "sub");
    cleanup_document struct document d = { 0 };
    cleanup_error struct error *e = NULL;

    if (subscriptions_get(req->ctx, req->f->cfg.database, id, &d, &e) < 0) {
        if (!error_is(e, ERR_NOT_FOUND))
            return error_move(err, &e);
        return cloud_error(err, "InvalidSubscriptionState", NULL,
                           "Request is not allowed in unregistered subscription '%s'.", id);
    }
    const char *state = json_path_str(d.tree, "subscription.state");
    if (!(state_bit(state) & allowed))
        return cloud_error(err, "InvalidSubscriptionState", NULL,
                           "Request is not allowed in subscription in state '%s'.",
                           state ? state : "");
    if (ret) {
        *ret = d;
        d = (struct document){ 0 };
    }
    return 0;
}

/* ---- secrets ---- */

static int open_value(void *arg, const char *sealed, struct secret **ret, struct error **err)
{
    struct request *req = arg;
    return database_open_sealed(req->ctx, req->f->cfg.database, sealed, ret, err);
}

static int seal_value(void *arg, const struct secret *plain, char **ret, struct error **err)
{
    struct request *req = arg;
    return database_seal(req->ctx, req->f->cfg.database, plain, ret, err);
}

struct api_sealer request_sealer(struct request *req)
{
    return (struct api_sealer){ .open = open_value, .seal = seal_value, .arg = req };
}

/* ---- replies ---- */

/* There is nothing to ask before a cluster is there and once it goes. */
static bool is_alive(const json *cluster)
{
    const char *state = json_path_str(cluster, "properties.provisioningState");
    if (str_eq(state, "Failed"))
        state = json_path_str(cluster, "properties.failedProvisioningState");
    return !str_eq(state, "Creating") && !str_eq(state, "Deleting");
}

void clusters_enrich(struct request *req, json *const *clusters, size_t len)
{
    struct enricher *e = req->f->cfg.enricher;
    if (!e)
        return;
    cleanup_free json **alive = xcalloc(len + 1, sizeof(json *));
    size_t n = 0;
    for (size_t i = 0; i < len; i++)
        if (is_alive(clusters[i]))
            alive[n++] = clusters[i];
    if (n == 0)
        return;
    struct opctx ctx =
        opctx_with_timeout_ms(req->ctx, rp_env_ms(req->f->cfg.env, INTERVAL_ENRICH_BUDGET));
    e->enrich(e, &ctx, alive, n);
}

int cluster_reply(struct request *req, int status, const json *cluster, struct error **err)
{
    cleanup_json json *ext = NULL;
    if (api_cluster_to_external(req->version, cluster, NULL, &ext, err) < 0)
        return -1;
    reply_json(req, status, ext);
    return 0;
}

static void enrich_page(struct request *req, const struct document_page *page)
{
    cleanup_free json **clusters = xcalloc(page->len + 1, sizeof(json *));
    for (size_t i = 0; i < page->len; i++)
        clusters[i] = json_get(page->docs[i].tree, "openShiftCluster");
    clusters_enrich(req, clusters, page->len);
}

static int show_cluster(struct request *req, const struct paging *p, const struct document *d,
                        json **ret, struct error **err)
{
    (void)req;
    return api_cluster_to_external(p->arg, json_get(d->tree, "openShiftCluster"), NULL, ret, err);
}

int clusters_reply_page(struct request *req, const struct api_version *version, const char *scope,
                        paging_read read, struct error **err)
{
    const struct paging p = { .scope = scope,
                              .size = PAGING_SIZE,
                              .read = read,
                              .prepare = enrich_page,
                              .show = show_cluster,
                              .arg = version };
    return paging_reply(req, &p, err);
}

/* ---- asynchronous operations ---- */

void operation_init(struct operation *op, const struct request *req)
{
    rng_uuid(req->ctx->rng, op->id);
}

void operation_begin(const struct operation *op, const struct request *req, json *document)
{
    json_put(document, "asyncOperationId", json_new_str(op->id));
    json_put(document, "correlationData", correlation_give_data(&req->correlation));
}

int operation_record(const struct operation *op, struct request *req, const json *document,
                     struct error **err)
{
    char now[TIME_TEXT_MAX];
    time_rfc3339(clock_wall_ns(req->ctx->clock), now);
    const struct asyncoperation_begin begin = {
        .id = op->id,
        .key = json_path_str(document, "key"),
        .subscription_id = request_param(req, "sub"),
        .location = req->f->location,
        .status = json_path_str(document, "openShiftCluster.properties.provisioningState"),
        .start_time = now,
    };
    cleanup_error struct error *e = NULL;
    if (asyncoperations_create(req->ctx, req->f->cfg.database, asyncoperations_make(&begin), NULL,
                               &e) == 0 ||
        error_is(e, ERR_PRECONDITION)) /* a fast backend has told the end */
        return 0;
    error_move(err, &e);
    return error_wrap(err, "recording the operation");
}

void operation_set_retry_after(struct request *req)
{
    int64_t pause_ms = rp_env_ms(req->f->cfg.env, INTERVAL_RETRY_AFTER);
    cleanup_free char *seconds = xasprintf("%" PRId64, pause_ms / 1000);
    http_call_set_header(req->call, "Retry-After", seconds);
}

void operation_set_header(const struct operation *op, struct request *req, const char *header,
                          const char *kind)
{
    cleanup_free char *path =
        api_async_operation_give_path(request_param(req, "sub"), req->f->location, kind, op->id);
    cleanup_free char *url = referer_give_with_path(req->referer, path);
    http_call_set_header(req->call, header, url);
    operation_set_retry_after(req);
}
