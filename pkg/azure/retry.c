#include "pkg/azure/retry.h"

#include <string.h>

#define FIRST_PAUSE_MS 1000
#define PAUSE_MAX_MS 60000

static const int retried_statuses[] = { 408, 429, 500, 502, 503, 504 };

static bool asks_for_retry(const struct azure_retry *retry, const struct http_response *r)
{
    for (size_t i = 0; i < ARRAY_LEN(retried_statuses); i++)
        if (r->status == retried_statuses[i])
            return true;
    for (const int *status = retry->also; status && *status; status++)
        if (r->status == *status)
            return true;
    /* A conflict is final unless it says that it is another operation in passing. */
    return r->status == 409 && (http_headers_get(&r->headers, "Retry-After") ||
                                strstr(buf_str(&r->body), "retry later"));
}

static int64_t pause_ms(const struct azure_retry *r, const struct http_response *response,
                        int attempt)
{
    int64_t asked = http_retry_after_ms(&response->headers, clock_wall_ns(r->clock));
    int64_t own = (int64_t)FIRST_PAUSE_MS << attempt;
    int64_t pause = asked >= 0 ? asked : own;
    return pause > PAUSE_MAX_MS ? PAUSE_MAX_MS : pause;
}

static int send_once(const struct azure_retry *r, const struct opctx *ctx,
                     const struct http_request *req, struct http_response *ret, struct error **err)
{
    if (r->before_try && r->before_try(r->before_try_arg, err) < 0)
        return -1;
    struct opctx limited = opctx_with_timeout_ms(ctx, r->try_ms ? r->try_ms : AZURE_TRY_MS);
    return http_send(r->transport, &limited, req, ret, err);
}

/* A connection that broke or stayed silent; not the end of the caller's own time. */
static bool is_transport_failure(const struct error *e, const struct opctx *ctx)
{
    return error_is(e, ERR_CONN) || (error_is(e, ERR_TIMEOUT) && opctx_check(ctx, NULL) == 0);
}

int azure_send_retrying(const struct azure_retry *r, const struct opctx *ctx,
                        const struct http_request *req, struct http_response *ret,
                        struct error **err)
{
    int tries = r->tries ? r->tries : AZURE_TRIES;
    for (int attempt = 0;; attempt++) {
        struct error *e = NULL;
        bool last = attempt + 1 == tries;
        int rcode = send_once(r, ctx, req, ret, &e);
        if (rcode < 0 && (last || !r->idempotent || !is_transport_failure(e, ctx)))
            return error_move(err, &e);
        error_free(e);
        if (rcode == 0 && (last || !asks_for_retry(r, ret)))
            return 0;
        int64_t pause = pause_ms(r, ret, attempt);
        http_response_release(ret);
        *ret = (struct http_response){ 0 };
        if (opctx_sleep_ms(ctx, pause, err) < 0)
            return -1;
    }
}
