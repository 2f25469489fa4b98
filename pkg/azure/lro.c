/*
 * Long-running operations, one algorithm: Azure-AsyncOperation (or Operation-Location) first, then Location, then the
 * resource's own provisioningState. A failed operation is answered with HTTP 200.
 */
#include <string.h>

#include "pkg/azure/arm_impl.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

#define PAUSE_DEFAULT_MS 10000
#define PAUSE_MIN_MS 1000
#define NOT_FOUND_TRIES 4 /* an operation's URL may not be known everywhere at once */

enum progress { RUNNING, DONE, FAILED };

struct operation {
    struct arm *arm;
    const struct opctx *ctx;
    char *url;
    bool is_status; /* answers {"status":...}; otherwise the HTTP status tells */
    int not_found;
};

static enum progress progress_of(const char *status)
{
    if (!status || str_eq_nocase(status, "Succeeded"))
        return DONE;
    if (str_eq_nocase(status, "Failed") || str_eq_nocase(status, "Canceled") ||
        str_eq_nocase(status, "Cancelled"))
        return FAILED;
    return RUNNING; /* whatever the word */
}

static int64_t pause_of(const struct arm *a, const struct http_response *r)
{
    int64_t asked = http_retry_after_ms(&r->headers, clock_wall_ns(a->cfg.clock));
    int64_t pause = asked >= 0 ? asked : PAUSE_DEFAULT_MS;
    return pause < PAUSE_MIN_MS ? PAUSE_MIN_MS : pause;
}

static int get(struct arm *a, const struct opctx *ctx, const char *url, struct http_response *ret,
               struct error **err)
{
    struct arm_request req = { "GET", url, NULL, NULL };
    return arm_exchange(a, ctx, &req, ret, err);
}

static int read_status(const json *body, enum progress *ret, struct error **err)
{
    const char *status = json_path_str(body, "status");
    if (!status)
        return error_set(err, ERR_INTERNAL, "the operation's answer has no status");
    *ret = progress_of(status);
    return *ret == FAILED ? arm_fail_with(body, 0, "the operation failed", err) : 0;
}

static int read_location(struct operation *op, const struct http_response *r, enum progress *ret,
                         struct error **err)
{
    const char *moved = http_headers_get(&r->headers, "Location");
    *ret = r->status == 202 ? RUNNING : DONE;
    if (*ret == DONE || !moved)
        return 0;
    free(op->url);
    op->url = xstrdup(moved);
    return arm_check_url(op->arm, op->url, err);
}

/* One look at the operation. *ret_body is what it answered, owned. */
static int poll_once(struct operation *op, enum progress *ret, int64_t *ret_pause_ms,
                     json **ret_body, struct error **err)
{
    cleanup_response struct http_response r = { 0 };
    if (get(op->arm, op->ctx, op->url, &r, err) < 0)
        return -1;
    *ret_pause_ms = pause_of(op->arm, &r);
    if (r.status == 404 && ++op->not_found < NOT_FOUND_TRIES) {
        *ret = RUNNING;
        return 0;
    }
    if (!arm_is_success(r.status))
        return arm_fail(&r, "the operation", clock_wall_ns(op->arm->cfg.clock), err);
    op->not_found = 0;
    json *body = NULL;
    if (arm_read_body(&r, &body, err) < 0)
        return -1;
    *ret_body = body;
    return op->is_status ? read_status(body, ret, err) : read_location(op, &r, ret, err);
}

static int follow(struct operation *op, int64_t pause_ms, json **ret_body, struct error **err)
{
    for (enum progress p = RUNNING; p == RUNNING;) {
        if (opctx_sleep_ms(op->ctx, pause_ms, err) < 0)
            return -1;
        json_free(*ret_body);
        *ret_body = NULL;
        if (poll_once(op, &p, &pause_ms, ret_body, err) < 0)
            return -1;
    }
    return 0;
}

/* The resource itself tells. */
static int follow_resource(struct arm *a, const struct opctx *ctx, const char *url,
                           const struct http_response *first, json **ret, struct error **err)
{
    json *object = NULL;
    if (arm_read_body(first, &object, err) < 0)
        return -1;
    int64_t pause_ms = pause_of(a, first);
    bool known = json_path_str(object, "properties.provisioningState") || first->status == 200;
    for (;;) {
        enum progress p =
            known ? progress_of(json_path_str(object, "properties.provisioningState")) : RUNNING;
        if (p == DONE) {
            *ret = object;
            return 0;
        }
        if (p == FAILED)
            error_set(err, ERR_INTERNAL, "provisioningState is %s",
                      json_path_str(object, "properties.provisioningState"));
        json_free(object);
        object = NULL;
        if (p == FAILED || opctx_sleep_ms(ctx, pause_ms, err) < 0)
            return -1;
        cleanup_response struct http_response r = { 0 };
        if (get(a, ctx, url, &r, err) < 0)
            return -1;
        if (!arm_is_success(r.status))
            return arm_fail(&r, "the resource", clock_wall_ns(a->cfg.clock), err);
        pause_ms = pause_of(a, &r);
        known = true;
        if (arm_read_body(&r, &object, err) < 0)
            return -1;
    }
}

/* What the caller gets: the resource after PUT and PATCH, the operation's result after POST, nothing after DELETE. */
static int give_final(struct operation *op, const char *method, const char *url,
                      const char *location, json **body, json **ret, struct error **err)
{
    if (strcmp(method, "DELETE") == 0)
        return 0;
    const char *at = strcmp(method, "PUT") == 0     ? url
                     : strcmp(method, "PATCH") == 0 ? (location ? location : url)
                                                    : (op->is_status ? location : NULL);
    if (!at) {
        *ret = op->is_status ? NULL : take(*body);
        return 0;
    }
    cleanup_response struct http_response r = { 0 };
    if (arm_check_url(op->arm, at, err) < 0 || get(op->arm, op->ctx, at, &r, err) < 0)
        return -1;
    if (!arm_is_success(r.status))
        return arm_fail(&r, "the result", clock_wall_ns(op->arm->cfg.clock), err);
    return arm_read_body(&r, ret, err);
}

int arm_wait(struct arm *a, const struct opctx *ctx, const char *method, const char *url,
             const struct http_response *first, json **ret, struct error **err)
{
    *ret = NULL;
    const char *status_url = http_headers_get(&first->headers, "Azure-AsyncOperation");
    if (!status_url)
        status_url = http_headers_get(&first->headers, "Operation-Location");
    const char *location = http_headers_get(&first->headers, "Location");
    if (first->status == 204)
        return 0;
    if (!status_url && !location) {
        bool has_state = strcmp(method, "PUT") == 0 || strcmp(method, "PATCH") == 0;
        return has_state ? follow_resource(a, ctx, url, first, ret, err)
                         : arm_read_body(first, ret, err);
    }
    if (!status_url && first->status != 202 && first->status != 201)
        return arm_read_body(first, ret, err);
    struct operation op = { .arm = a,
                            .ctx = ctx,
                            .url = xstrdup(status_url ? status_url : location),
                            .is_status = status_url };
    cleanup_json json *body = NULL;
    int rcode = arm_check_url(a, op.url, err);
    if (rcode == 0)
        rcode = follow(&op, pause_of(a, first), &body, err);
    if (rcode == 0)
        rcode = give_final(&op, method, url, location, &body, ret, err);
    free(op.url);
    return rcode;
}
