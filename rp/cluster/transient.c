#include "rp/cluster/transient.h"

#include "pkg/azure/errors.h"
#include "pkg/base/log.h"

#define FIRST_PAUSE_MS 15000
#define PAUSE_MAX_MS 60000
#define JITTER_PERCENT 10

/* What Azure asks for, or 15, 30, 60 s, a tenth more or less. */
static int64_t pause_ms(const struct opctx *ctx, const struct error *e, int attempt)
{
    int64_t asked = error_get_retry_after(e);
    int64_t own = (int64_t)FIRST_PAUSE_MS << attempt;
    if (asked >= 0)
        return asked;
    own = own > PAUSE_MAX_MS ? PAUSE_MAX_MS : own;
    int64_t tenth = own / JITTER_PERCENT;
    return own - tenth + (int64_t)rng_below(ctx->rng, (uint64_t)(2 * tenth + 1));
}

typedef int (*transient_fn)(void *arg, const struct opctx *ctx, struct error **err);

/* How patient somebody is. */
struct patience {
    int tries;
    bool
        may_be_forbidden; /* at first: whether we may give and take rights is a right that arrives late itself */
};
static const struct patience usual = { TRANSIENT_TRIES, false };
static const struct patience for_rights = { TRANSIENT_RIGHTS_TRIES, true };

static bool passes(const struct patience *p, const struct error *e)
{
    return azure_error_is_transient(e) ||
           (p->may_be_forbidden && error_get_status(e) == 403 && !error_is_marked_terminal(e));
}

static int retry(const struct patience *p, const struct opctx *ctx, transient_fn fn, void *arg,
                 struct error **err)
{
    for (int attempt = 0;; attempt++) {
        struct error *e = NULL;
        if (fn(arg, ctx, &e) == 0)
            return 0;
        if (attempt + 1 == p->tries || !passes(p, e) ||
            opctx_sleep_ms(ctx, pause_ms(ctx, e, attempt), NULL) < 0)
            return error_move(err, &e);
        log_info(ctx->log, "Azure is asked again: %s", error_text(e));
        error_free(e);
    }
}

int transient_retry(const struct opctx *ctx, transient_fn fn, void *arg, struct error **err)
{
    return retry(&usual, ctx, fn, arg, err);
}

struct request {
    struct arm *arm;
    const struct arm_call *call;
    json **ret;
};

static int send_request(void *arg, const struct opctx *ctx, struct error **err)
{
    const struct request *r = arg;
    return arm_send(r->arm, ctx, r->call, r->ret, err);
}

int transient_send(struct arm *a, const struct opctx *ctx, const struct arm_call *call, json **ret,
                   struct error **err)
{
    struct request r = { a, call, ret };
    return transient_retry(ctx, send_request, &r, err);
}

static int delete_patiently(const struct patience *p, struct arm *a, const struct opctx *ctx,
                            const char *id, const char *api_version, struct error **err)
{
    const struct arm_call call = {
        .method = "DELETE", .path = id, .api_version = api_version, .wait = true
    };
    struct request r = { a, &call, NULL };
    struct error *e = NULL;
    if (retry(p, ctx, send_request, &r, &e) < 0 && !error_is(e, ERR_NOT_FOUND))
        return error_move(err, &e);
    error_free(e);
    return 0;
}

int transient_delete(struct arm *a, const struct opctx *ctx, const char *id,
                     const char *api_version, struct error **err)
{
    return delete_patiently(&usual, a, ctx, id, api_version, err);
}

int transient_delete_right(struct arm *a, const struct opctx *ctx, const char *id,
                           const char *api_version, struct error **err)
{
    return delete_patiently(&for_rights, a, ctx, id, api_version, err);
}
