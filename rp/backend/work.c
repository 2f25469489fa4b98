#include "rp/backend/work.h"

int work_hold(const struct work *w, const struct log *log,
              int (*renew)(const struct opctx *ctx, struct database *db, const char *key,
                           const char *token, struct document *ret, struct error **err),
              struct heartbeat **ret, struct error **err)
{
    const struct backend_settings *s = &w->cfg->settings;
    const struct opctx root = opctx_root(w->cfg->clock, w->cfg->rng, NULL, log);
    const struct heartbeat_config cfg = { .renew = renew,
                                          .db = w->cfg->db,
                                          .key = w->key,
                                          .token = w->token,
                                          .since_ns = w->since_ns,
                                          .heartbeat_ms = s->heartbeat_ms,
                                          .retry_ms = s->retry_ms,
                                          .trust_ms = s->trust_ms };
    return heartbeat_start(&root, &cfg, ret, err);
}
