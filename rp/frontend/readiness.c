#include "rp/frontend/cloud_error.h"
#include "rp/frontend/feeds.h"
#include "rp/frontend/handlers.h"
#include "rp/frontend/reply.h"

static bool is_past_delay(const struct frontend *f)
{
    const struct rp_env *env = f->cfg.env;
    int64_t age_ns = clock_mono_ns(f->cfg.clock) - f->started_ns;
    return rp_env_has(env, FEATURE_DISABLE_READINESS_DELAY) ||
           age_ns >= rp_env_ms(env, INTERVAL_READY_DELAY) * NS_PER_MS;
}

bool frontend_is_ready(struct frontend *f, const struct opctx *ctx, const char **ret_why)
{
    const char *why = NULL;
    if (atomic_load(&f->stopping))
        why = "it is stopping";
    else if (!is_past_delay(f))
        why = "it has only just started";
    else if (!f->feeds || !feeds_are_drained(f->feeds))
        why = "versions and role sets have not been read";
    else if (!authorizer_is_ready(f->cfg.arm, ctx))
        why = "ARM cannot be authenticated";
    else if (!authorizer_is_ready(f->cfg.admin, ctx))
        why = "administrators cannot be authenticated";
    if (ret_why)
        *ret_why = why;
    return !why;
}

int handle_ready(struct request *req, struct error **err)
{
    const char *why;
    if (!frontend_is_ready(req->f, req->ctx, &why)) {
        log_info(req->log, "not ready: %s", why);
        return cloud_error_internal(err);
    }
    return handle_health(req, err);
}

int handle_health(struct request *req, struct error **err)
{
    (void)err;
    cleanup_json json *empty = json_new_object();
    reply_json(req, 200, empty);
    return 0;
}
