#include "rp/cluster/gateway.h"

#include "pkg/azure/api_versions.h"
#include "pkg/base/log.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/database/published.h"
#include "rp/cluster/base_part.h"
#include "rp/cluster/names.h"
#include "rp/cluster/private_endpoint.h"
#include "rp/cluster/transient.h"

#define FORGET_PAUSE_MS 15000
#define FORGET_TIME_MS (5 * 60 * 1000)
#define LINK_MEMBER "networkProfile.gatewayPrivateLinkId"
#define STATE "properties.privateLinkServiceConnectionState"

static char *give_endpoint_id(const struct cluster *c)
{
    cleanup_free char *name = name_give(c, "-pe");
    return name_give_resource_id(c, "Microsoft.Network/privateEndpoints", name);
}

/* ---- the connection ---- */

/* Borrowed from the service. */
static json *find_connection(const json *service, const char *endpoint_id)
{
    const json *all = json_path(service, "properties.privateEndpointConnections");
    for (size_t i = 0; i < json_len(all); i++)
        if (str_eq_nocase(json_path_str(json_at(all, i), "properties.privateEndpoint.id"),
                          endpoint_id))
            return json_at(all, i);
    return NULL;
}

static int approve(struct arm *arm, const struct opctx *ctx, const char *service_id,
                   const json *connection, struct error **err)
{
    const char *name, *status = json_path_str(connection, STATE ".status");
    if (str_eq_nocase(status, "Approved"))
        return 0;
    if (json_need_str(connection, "name", &name, err) < 0)
        return -1;
    cleanup_free char *path = xasprintf("%s/privateEndpointConnections/%s", service_id, name);
    cleanup_json json *body =
        json_make("{'properties':{'privateLinkServiceConnectionState':{'status':'Approved',"
                  "'description':'Approved'}}}");
    const struct arm_call call = { .method = "PUT",
                                   .path = path,
                                   .api_version = API_VERSION_NETWORK,
                                   .body = body,
                                   .wait = true };
    return transient_send(arm, ctx, &call, NULL, err);
}

static int read_service(struct arm *arm, const struct opctx *ctx, const char *id, json **ret,
                        struct error **err)
{
    const struct arm_call call = { .method = "GET",
                                   .path = id,
                                   .api_version = API_VERSION_NETWORK };
    return transient_send(arm, ctx, &call, ret, err);
}

/* *ret_link is the caller's. */
static int connect_endpoint(struct cluster *c, const struct opctx *ctx, const char *endpoint_id,
                            char **ret_link, struct error **err)
{
    struct arm *arm;
    cleanup_free char *id = name_give_gateway_id(c);
    cleanup_json json *service = NULL;
    const char *link;
    if (cluster_arm(c, ctx, AS_SERVICE, &arm, err) < 0 ||
        read_service(arm, ctx, id, &service, err) < 0)
        return -1;
    const json *connection = find_connection(service, endpoint_id);
    if (!connection)
        return error_set(err, ERR_UNAVAILABLE, "%s: %s is not connected", id, endpoint_id);
    if (approve(arm, ctx, id, connection, err) < 0 ||
        json_need_str(connection, "properties.linkIdentifier", &link, err) < 0)
        return error_wrap(err, "%s", id);
    *ret_link = xstrdup(link);
    return 0;
}

/* ---- the record ---- */

static int check_owner(const struct cluster *c, const struct opctx *ctx, const char *link,
                       struct error **err)
{
    cleanup_document struct document d = { 0 };
    if (published_get(ctx, c->job.db, PUBLISHED_GATEWAY, link, &d, err) < 0)
        return -1;
    const char *owner = json_path_str(d.tree, "gateway.id");
    if (str_eq_nocase(owner, cluster_resource_id(c)) &&
        !json_path_bool(d.tree, "gateway.deleting", false))
        return 0;
    return error_set(err, ERR_CONFLICT, "the gateway's link %s still belongs to %s", link,
                     owner ? owner : "somebody else");
}

static int record(const struct cluster *c, const struct opctx *ctx, const char *link,
                  struct error **err)
{
    json *tree = json_make("{'id':%s,'gateway':{'id':%s,'storageSuffix':%s,"
                           "'imageRegistryStorageAccountName':%s}}",
                           link, cluster_resource_id(c), cluster_text(c, "storageSuffix"),
                           cluster_text(c, "imageRegistryStorageAccountName"));
    struct error *e = NULL;
    if (published_create(ctx, c->job.db, PUBLISHED_GATEWAY, tree, NULL, &e) == 0)
        return 0;
    if (!error_is(e, ERR_EXISTS))
        return error_move(err, &e);
    error_free(e);
    return check_owner(c, ctx, link, err);
}

/* Another cluster may be given the number of a link that ended: the gateway must not take it for this one's. */
static int forget_former(struct cluster *c, const struct opctx *ctx, const char *link,
                         struct error **err)
{
    const char *former = cluster_text_or_empty(c, LINK_MEMBER);
    struct error *e = NULL;
    if (!*former || str_eq(former, link))
        return 0;
    if (check_owner(c, ctx, former, &e) == 0)
        return published_withdraw(ctx, c->job.db, PUBLISHED_GATEWAY, former, NULL, err);
    if (!error_is(e, ERR_NOT_FOUND) && !error_is(e, ERR_CONFLICT))
        return error_move(err, &e);
    error_free(e);
    return 0;
}

int cluster_ensure_gateway(void *arg, const struct opctx *ctx, struct error **err)
{
    struct cluster *c = arg;
    struct arm *arm;
    cleanup_free char *endpoint_id = give_endpoint_id(c);
    cleanup_free char *link = NULL;
    cleanup_free char *ip = NULL;
    if (connect_endpoint(c, ctx, endpoint_id, &link, err) < 0 ||
        cluster_arm(c, ctx, AS_FIRST_PARTY, &arm, err) < 0 ||
        private_endpoint_give_ip(arm, ctx, endpoint_id, &ip, err) < 0 ||
        forget_former(c, ctx, link, err) < 0 ||
        cluster_set_text(c, ctx, LINK_MEMBER, link, err) < 0 || record(c, ctx, link, err) < 0)
        return -1;
    return cluster_set_text(c, ctx, "networkProfile.gatewayPrivateEndpointIp", ip, err);
}

/* ---- the endpoint ---- */

static int make_endpoint(struct cluster *c, const struct opctx *ctx, struct arm *arm,
                         struct error **err)
{
    static const struct strv none = STRV_INIT;
    cleanup_free char *name = name_give(c, "-pe");
    cleanup_free char *id = give_endpoint_id(c);
    cleanup_json json *part = NULL;
    if (base_part_give(c, &none, "Microsoft.Network/privateEndpoints", name, &part, err) < 0)
        return -1;
    cleanup_json json *body = json_make("{'location':%s,'properties':%j}", cluster_location(c),
                                        json_give_copy(json_get(part, "properties")));
    const struct arm_call call = {
        .method = "PUT", .path = id, .api_version = API_VERSION_NETWORK, .body = body, .wait = true
    };
    log_info(ctx->log, "making the endpoint %s to the gateway", name);
    return transient_send(arm, ctx, &call, NULL, err);
}

/* Why the gateway cannot be reached by an endpoint that is there; NULL: it can, or will be when its connection is approved.
 * A connection that was cut or rejected leads nowhere for good: the endpoint is good for nothing but to be deleted. */
static int find_fault(struct cluster *c, const struct opctx *ctx, const json *endpoint,
                      const char **ret, struct error **err)
{
    static const struct {
        const char *status, *fault;
    } ends[] = {
        { "Disconnected", "its connection was cut" },
        { "Rejected", "its connection was rejected" },
    };
    struct arm *arm;
    cleanup_free char *id = name_give_gateway_id(c);
    cleanup_free char *endpoint_id = give_endpoint_id(c);
    cleanup_json json *service = NULL;
    if (str_eq_nocase(json_path_str(endpoint, "properties.provisioningState"), "Failed")) {
        *ret = "it has failed";
        return 0;
    }
    if (cluster_arm(c, ctx, AS_SERVICE, &arm, err) < 0 ||
        read_service(arm, ctx, id, &service, err) < 0)
        return -1;
    const json *connection = find_connection(service, endpoint_id);
    const char *status = json_path_str(connection, STATE ".status");
    *ret = connection ? NULL : "the gateway knows of no connection to it";
    for (size_t i = 0; i < ARRAY_LEN(ends); i++)
        if (str_eq_nocase(status, ends[i].status))
            *ret = ends[i].fault;
    return 0;
}

/* *ret_lacks: there is none, or none any more. */
static int delete_faulty(struct cluster *c, const struct opctx *ctx, struct arm *arm,
                         bool *ret_lacks, struct error **err)
{
    cleanup_free char *id = give_endpoint_id(c);
    cleanup_json json *endpoint = NULL;
    const char *fault;
    const struct arm_call call = { .method = "GET",
                                   .path = id,
                                   .api_version = API_VERSION_NETWORK };
    struct error *e = NULL;
    *ret_lacks = true;
    if (transient_send(arm, ctx, &call, &endpoint, &e) < 0) {
        if (!error_is(e, ERR_NOT_FOUND))
            return error_move(err, &e);
        error_free(e);
        return 0;
    }
    if (find_fault(c, ctx, endpoint, &fault, err) < 0)
        return -1;
    *ret_lacks = fault != NULL;
    if (!fault)
        return 0;
    log_warning(ctx->log, "deleting the endpoint %s to the gateway: %s", id, fault);
    return transient_delete(arm, ctx, id, API_VERSION_NETWORK, err);
}

int cluster_mend_gateway(void *arg, const struct opctx *ctx, struct error **err)
{
    struct cluster *c = arg;
    struct arm *arm;
    bool lacks;
    if (cluster_arm(c, ctx, AS_FIRST_PARTY, &arm, err) < 0)
        return -1;
    if (delete_faulty(c, ctx, arm, &lacks, err) < 0 ||
        (lacks && make_endpoint(c, ctx, arm, err) < 0))
        return error_wrap(err, "the endpoint to the gateway");
    return cluster_ensure_gateway(c, ctx, err);
}

/* ---- the end ---- */

int cluster_delete_gateway(void *arg, const struct opctx *ctx, struct error **err)
{
    struct cluster *c = arg;
    const char *link = cluster_text(c, LINK_MEMBER);
    const struct opctx limited = opctx_with_timeout_ms(ctx, FORGET_TIME_MS);
    struct error *e = NULL;
    if (!link || !*link)
        return 0;
    int rcode = check_owner(c, ctx, link, &e);
    if (rcode < 0 && error_is(e, ERR_NOT_FOUND)) {
        error_free(e);
        return 0;
    }
    /* A conflict: withdrawn by an earlier try, or somebody else's by now. */
    if (rcode < 0 && !error_is(e, ERR_CONFLICT))
        return error_move(err, &e);
    error_clear(&e);
    if (rcode == 0 && published_withdraw(ctx, c->job.db, PUBLISHED_GATEWAY, link, NULL, err) < 0)
        return -1;
    for (;;) {
        cleanup_document struct document d = { 0 };
        if (published_get(&limited, c->job.db, PUBLISHED_GATEWAY, link, &d, &e) < 0)
            break;
        if (!str_eq_nocase(json_path_str(d.tree, "gateway.id"), cluster_resource_id(c)))
            return 0;
        if (opctx_sleep_ms(&limited, FORGET_PAUSE_MS, &e) < 0)
            break;
    }
    if (!error_is(e, ERR_NOT_FOUND))
        return error_move(err, &e);
    error_free(e);
    return 0;
}
