/*
 * request.h - one request on its way through the chain: what middleware has found out so far, for
 * middleware further in and for the handler. Lives on the stack of the thread that runs it.
 */
#ifndef RP_FRONTEND_REQUEST_H
#define RP_FRONTEND_REQUEST_H

#include "pkg/api/api.h"
#include "pkg/base/json.h"
#include "pkg/base/log.h"
#include "pkg/base/opctx.h"
#include "pkg/net/server.h"
#include "rp/frontend/correlation.h"
#include "rp/frontend/frontend_impl.h"
#include "rp/frontend/route.h"

#define REQUEST_LOG_FIELDS 10

struct request {
    struct frontend *f;
    struct http_call *call;
    const struct opctx *ctx;
    bool is_plain;             /* through the plain listener of development */
    const struct route *route; /* NULL: none; route_error says why */
    struct error *route_error;
    char *original_path;               /* decoded; the letters of the client */
    char *path;                        /* the same in lower case, clean */
    char *api_version;                 /* of the query; NULL when absent */
    const struct api_version *version; /* of routes with ROUTE_API_VERSION */
    char *referer;
    struct correlation correlation;
    /* x-ms-arm-resource-system-data without malformed members; NULL when absent or no object */
    json *system_data;
    const char *home_tenant_id, *identity_url; /* headers, or what stands in for them */
    char *subscription_id, *resource_group, *resource_name, *resource_id; /* from the path; NULL */
    struct log fields[REQUEST_LOG_FIELDS];
    const struct log *log;
    struct opctx ctx_with_log;
    int64_t started_ns;
    char *error_details; /* of an error reply, for the record of quality; NULL */
    void *maintenance;   /* of the middleware of that name */
};

void request_init(struct request *req, struct frontend *f, struct http_call *call,
                  const struct opctx *ctx, bool is_plain);
void request_release(struct request *req);
/* Borrowed; never NULL for a name that the route's pattern has. */
const char *request_param(const struct request *req, const char *name);
/* First value of a query parameter, decoded, owned; NULL when absent. */
char *request_give_query(const struct request *req, const char *name);
bool request_is_admin(const struct request *req); /* by path or api-version */
/* The last n segments of the original path, counted from the end: 1 = the last. Owned. */
char *request_give_original_segment(const struct request *req, size_t from_end);

#endif
