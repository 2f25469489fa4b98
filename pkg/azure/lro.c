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

struct arm_operation {
    struct arm *arm;
    char *method, *path, *url; /* of the request that began it */
    char *location;            /* of its answer; NULL: none */
    char *at;                  /* where to look; NULL: at the resource itself */
    bool is_status;            /* that answers {"status":...}; otherwise the HTTP status tells */
    bool is_done;
    int first_status, not_found;
    int64_t pause_ms;
    json *object;
};

void arm_operation_free(struct arm_operation *op)
{
    if (!op)
        return;
    free(op->method);
    free(op->path);
    free(op->url);
    free(op->location);
    free(op->at);
    json_free(op->object);
    free(op);
}

bool arm_operation_is_done(const struct arm_operation *op)
{
    return op->is_done;
}

int64_t arm_operation_pause_ms(const struct arm_operation *op)
{
    return op->pause_ms;
}

int arm_operation_first_status(const struct arm_operation *op)
{
    return op->first_status;
}

const json *arm_operation_object(const struct arm_operation *op)
{
    return op->object;
}

/* ---- what answers say ---- */

static enum progress progress_of(const char *status)
{
    if (!status || str_eq_nocase(status, "Succeeded"))
        return DONE;
    if (str_eq_nocase(status, "Failed") || str_eq_nocase(status, "Canceled") ||
        str_eq_nocase(status, "Cancelled"))
        return FAILED;
    return RUNNING; /* whatever the word */
}

static void set_pause(struct arm_operation *op, const struct http_response *r)
{
    int64_t asked = http_retry_after_ms(&r->headers, clock_wall_ns(op->arm->cfg.clock));
    op->pause_ms = asked < 0 ? PAUSE_DEFAULT_MS : asked < PAUSE_MIN_MS ? PAUSE_MIN_MS : asked;
}

/* An answer of 2xx, of which the pause is noted. */
static int get(struct arm_operation *op, const struct opctx *ctx, const char *url, const char *what,
               struct http_response *ret, struct error **err)
{
    const struct arm_request req = { .method = "GET", .url = url };
    if (arm_check_url(op->arm, url, err) < 0 || arm_exchange(op->arm, ctx, &req, ret, err) < 0)
        return -1;
    set_pause(op, ret);
    if (!arm_is_success(ret->status))
        return arm_fail(ret, what, clock_wall_ns(op->arm->cfg.clock), err);
    return 0;
}

static void set_object(struct arm_operation *op, json *object)
{
    json_free(op->object);
    op->object = object;
}

/* ---- the end ---- */

static int end_with(struct arm_operation *op, json *object)
{
    set_object(op, object);
    op->is_done = true;
    return 0;
}

/* The resource after PUT and PATCH, the operation's result (its last answer, which is consumed) after POST, nothing
 * after DELETE. */
static int finish(struct arm_operation *op, const struct opctx *ctx, json *last, struct error **err)
{
    cleanup_json json *answer = last;
    const char *location = op->location;
    if (str_eq(op->method, "DELETE"))
        return end_with(op, NULL);
    const char *at = str_eq(op->method, "PUT")     ? op->url
                     : str_eq(op->method, "PATCH") ? (location ? location : op->url)
                                                   : (op->is_status ? location : NULL);
    if (!at)
        return end_with(op, op->is_status ? NULL : take(answer));
    cleanup_arm_response struct http_response r = { 0 };
    json *object = NULL;
    if (get(op, ctx, at, "the result", &r, err) < 0 || arm_read_body(&r, &object, err) < 0)
        return -1;
    return end_with(op, object);
}

/* ---- looks ---- */

static int look_at_status(struct arm_operation *op, const struct opctx *ctx, json *body,
                          struct error **err)
{
    cleanup_json json *answer = body;
    const char *status = json_path_str(answer, "status");
    if (!status)
        return error_set(err, ERR_INTERNAL, "the operation's answer has no status");
    enum progress progress = progress_of(status);
    op->is_done = progress == FAILED;
    return progress == FAILED ? arm_fail_with(answer, 0, "the operation failed", err)
           : progress == DONE ? finish(op, ctx, take(answer), err)
                              : 0;
}

static int look_at_location(struct arm_operation *op, const struct opctx *ctx,
                            const struct http_response *r, json *body, struct error **err)
{
    if (r->status != 202)
        return finish(op, ctx, body, err);
    json_free(body);
    const char *moved = http_headers_get(&r->headers, "Location");
    if (!moved)
        return 0;
    free(op->at);
    op->at = xstrdup(moved);
    return arm_check_url(op->arm, moved, err);
}

static int look_elsewhere(struct arm_operation *op, const struct opctx *ctx, struct error **err)
{
    cleanup_arm_response struct http_response r = { 0 };
    cleanup_error struct error *failure = NULL;
    if (get(op, ctx, op->at, "the operation", &r, &failure) < 0) {
        bool wait = r.status == 404 && ++op->not_found < NOT_FOUND_TRIES;
        return wait ? 0 : error_move(err, &failure);
    }
    op->not_found = 0;
    json *body = NULL;
    if (arm_read_body(&r, &body, err) < 0)
        return -1;
    return op->is_status ? look_at_status(op, ctx, body, err)
                         : look_at_location(op, ctx, &r, body, err);
}

/* The resource itself tells. */
static int judge_resource(struct arm_operation *op, const char *state, struct error **err)
{
    enum progress progress = progress_of(state);
    op->is_done = progress != RUNNING;
    return progress == FAILED ? error_set(err, ERR_INTERNAL, "provisioningState is %s", state) : 0;
}

static int look_at_resource(struct arm_operation *op, const struct opctx *ctx, struct error **err)
{
    cleanup_arm_response struct http_response r = { 0 };
    json *object = NULL;
    if (get(op, ctx, op->url, "the resource", &r, err) < 0 || arm_read_body(&r, &object, err) < 0)
        return -1;
    set_object(op, object);
    return judge_resource(op, json_path_str(object, "properties.provisioningState"), err);
}

static int look(struct arm_operation *op, const struct opctx *ctx, struct error **err)
{
    return op->at ? look_elsewhere(op, ctx, err) : look_at_resource(op, ctx, err);
}

int arm_operation_poll(struct arm_operation *op, const struct opctx *ctx, struct error **err)
{
    if (!op->is_done && look(op, ctx, err) < 0)
        return error_wrap(err, "%s %s", op->method, op->path);
    return 0;
}

int arm_operation_wait(struct arm_operation *op, const struct opctx *ctx, struct error **err)
{
    while (!op->is_done)
        if (opctx_sleep_ms(ctx, op->pause_ms, err) < 0 || look(op, ctx, err) < 0)
            return error_wrap(err, "%s %s", op->method, op->path);
    return 0;
}

/* ---- the beginning ---- */

/* No header tells: what was asked for is done, or the resource says how far it is. */
static int begin_alone(struct arm_operation *op, const struct http_response *first,
                       struct error **err)
{
    const char *state = json_path_str(op->object, "properties.provisioningState");
    bool has_state = str_eq(op->method, "PUT") || str_eq(op->method, "PATCH");
    op->is_done = !has_state;
    return has_state && (state || first->status == 200) ? judge_resource(op, state, err) : 0;
}

static int begin(struct arm_operation *op, const struct http_response *first, struct error **err)
{
    const char *status_url = http_headers_get(&first->headers, "Azure-AsyncOperation");
    if (!status_url)
        status_url = http_headers_get(&first->headers, "Operation-Location");
    const char *location = http_headers_get(&first->headers, "Location");
    const char *at = status_url ? status_url : location;
    set_pause(op, first);
    op->first_status = first->status;
    op->is_done = first->status == 204 ||
                  (!status_url && location && first->status != 202 && first->status != 201);
    if (first->status == 204)
        return 0;
    /* What comes beside an operation is only shown: the operation goes on when it is no JSON. */
    bool needs_body = !at || op->is_done;
    if (arm_read_body(first, &op->object, needs_body ? err : NULL) < 0 && needs_body)
        return -1;
    if (op->is_done)
        return 0;
    if (!at)
        return begin_alone(op, first, err);
    op->location = location ? xstrdup(location) : NULL;
    op->at = xstrdup(at);
    op->is_status = status_url != NULL;
    return arm_check_url(op->arm, at, err);
}

int arm_begin(struct arm *a, const struct opctx *ctx, const struct arm_call *call,
              struct arm_operation **ret, struct error **err)
{
    cleanup_arm_response struct http_response first = { 0 };
    cleanup_arm_operation struct arm_operation *op = xnew(struct arm_operation);
    *op = (struct arm_operation){ .arm = a,
                                  .method = xstrdup(call->method),
                                  .path = xstrdup(call->path) };
    if (arm_exchange_call(a, ctx, call, &op->url, &first, err) < 0)
        return -1;
    if (begin(op, &first, err) < 0)
        return error_wrap(err, "%s %s", call->method, call->path);
    *ret = take(op);
    return 0;
}

int arm_send_and_wait(struct arm *a, const struct opctx *ctx, const struct arm_call *call,
                      json **ret, struct error **err)
{
    cleanup_arm_operation struct arm_operation *op = NULL;
    if (arm_begin(a, ctx, call, &op, err) < 0 || arm_operation_wait(op, ctx, err) < 0)
        return -1;
    *ret = take(op->object);
    return 0;
}
