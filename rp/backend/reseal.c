#include "rp/backend/reseal.h"

#include <stdlib.h>

#include "pkg/base/log.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/database/openshiftclusters.h"
#include "pkg/database/poolworkers.h"
#include "pkg/database/store.h"

#define PAGE 20
#define ENDED "poolWorker.endedAt" /* seconds since the epoch, by the server's clock */

struct round {
    const struct backend_config *cfg;
    const struct opctx *ctx;
    char *lease;
    size_t seen, sealed, failed;
};

/* Renews the lease; a loser stops here. */
static int rest(const struct round *r, struct error **err)
{
    if (poolworkers_patch_master(r->ctx, r->cfg->db, RESEAL_TYPE, r->lease, NULL, NULL, NULL, err) <
        0)
        return error_wrap(err, "renewing the lease of resealing");
    return opctx_sleep_ms(r->ctx, r->cfg->settings.reseal_pause_ms, err);
}

/* ---- one document ---- */

static int reseal(json *tree, void *arg, struct error **err)
{
    const struct round *r = arg;
    return database_reseal_cluster(r->ctx, r->cfg->db, tree, err);
}

/* A document that cannot be sealed anew does not keep the others; it is tried in the next round. */
static int reseal_one(struct round *r, const json *tree, struct error **err)
{
    cleanup_error struct error *why = NULL;
    const char *key = json_path_str(tree, "key");
    r->seen++;
    if (!key || !database_is_stale(r->ctx, r->cfg->db, tree))
        return 0;
    if (openshiftclusters_patch(r->ctx, r->cfg->db, key, reseal, r, NULL, &why) == 0) {
        r->sealed++;
    } else if (!error_is(why, ERR_NOT_FOUND)) {
        r->failed++;
        log_error(r->ctx->log, "the secrets of %s stay under an old key: %s", key, error_text(why));
    }
    return rest(r, err);
}

/* ---- all of them ---- */

static int reseal_page(struct round *r, char **next, struct error **err)
{
    cleanup_document_page struct document_page page = { 0 };
    if (openshiftclusters_list_all(r->ctx, r->cfg->db, PAGE, *next, &page, err) < 0)
        return -1;
    free(*next);
    *next = take(page.next);
    for (size_t i = 0; i < page.len; i++)
        if (reseal_one(r, page.docs[i].tree, err) < 0)
            return -1;
    return rest(r, err);
}

static int note_end(json *tree, void *arg, struct error **err)
{
    return json_path_put(tree, ENDED, json_new_int(*(const int64_t *)arg), err);
}

static int reseal_all(struct round *r, int64_t now_s, struct error **err)
{
    cleanup_free char *next = NULL;
    if (database_refresh_keys(r->ctx, r->cfg->db, err) < 0)
        return -1;
    do
        if (reseal_page(r, &next, err) < 0)
            return -1;
    while (next);
    log_info(r->ctx->log, "sealed the secrets of %zu clusters anew, of %zu; %zu failed", r->sealed,
             r->seen, r->failed);
    return poolworkers_patch_master(r->ctx, r->cfg->db, RESEAL_TYPE, r->lease, note_end, &now_s,
                                    NULL, err);
}

/* The time of the database, since those of backends differ. */
static int is_due(const struct backend_config *cfg, const struct opctx *ctx, bool *ret,
                  int64_t *ret_now_s, struct error **err)
{
    cleanup_document struct document d = { 0 };
    if (poolworkers_ensure_master(ctx, cfg->db, RESEAL_TYPE, err) < 0 ||
        poolworkers_get_master(ctx, cfg->db, RESEAL_TYPE, &d, err) < 0 ||
        store_now_s(ctx, database_store(cfg->db), ret_now_s, err) < 0)
        return -1;
    int64_t ended_s = json_path_int(d.tree, ENDED, 0);
    *ret = ended_s == 0 || (*ret_now_s - ended_s) * 1000 >= cfg->settings.reseal_ms;
    return 0;
}

int reseal_round(const struct backend_config *cfg, const struct opctx *ctx, struct error **err)
{
    bool due;
    int64_t now_s;
    struct round r = { .cfg = cfg, .ctx = ctx };
    if (is_due(cfg, ctx, &due, &now_s, err) < 0)
        return -1;
    if (!due)
        return 0;
    if (poolworkers_try_master(ctx, cfg->db, RESEAL_TYPE, &r.lease, err) < 0)
        return -1;
    int rcode = r.lease ? reseal_all(&r, now_s, err) : 0;
    free(r.lease);
    return rcode;
}

/* A part of the interval, so that a round which somebody broke off is not left for long; at random, so that backends which
 * began together do not look together. */
static int64_t pause_ms(const struct backend_config *cfg)
{
    int64_t part = cfg->settings.reseal_ms / 4;
    return part + (int64_t)rng_below(cfg->rng, (uint64_t)part + 1);
}

void reseal_run(const struct backend_config *cfg, const struct opctx *ctx)
{
    if (!database_has_keys(cfg->db))
        return;
    while (opctx_sleep_ms(ctx, pause_ms(cfg), NULL) == 0) {
        cleanup_error struct error *err = NULL;
        if (reseal_round(cfg, ctx, &err) < 0 && opctx_check(ctx, NULL) == 0)
            log_warning(ctx->log, "sealing secrets anew is tried later: %s", error_text(err));
    }
}
