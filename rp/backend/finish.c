#include "rp/backend/finish.h"

#include "pkg/base/log.h"
#include "pkg/base/strv.h"
#include "pkg/database/openshiftclusters.h"
#include "rp/backend/asyncoperation.h"
#include "rp/backend/metrics.h"
#include "rp/backend/outcome.h"
#include "rp/cluster/billing.h"

/* How often an asynchronous operation is tried while the cluster can be had: both lie in one database. */
#define ASYNC_TRIES 5

/* One write; may run again. */
struct attempt {
    int (*fn)(const struct finish *f, void *arg, struct error **err);
    void *arg;
    const char *what;
    int tries; /* 0: for as long as the lease holds */
};

static int persist(const struct finish *f, const struct attempt *a, struct error **err)
{
    const struct opctx *ctx = heartbeat_ctx(f->beat);
    for (int try = 1;; try++) {
        cleanup_error struct error *why = NULL;
        if (a->fn(f, a->arg, &why) == 0)
            return 0;
        bool lost = str_eq(error_get_code(why), DATABASE_LOST_LEASE) || !heartbeat_is_held(f->beat);
        if (lost || error_is_terminal(why) || try == a->tries ||
            opctx_sleep_ms(ctx, f->cfg->settings.retry_ms, NULL) < 0) {
            error_move(err, &why);
            return error_wrap(err, "%s", a->what);
        }
        log_warning(ctx->log, "%s is tried again: %s", a->what, error_text(why));
    }
}

/* ---- the writes ---- */

struct kept {
    json *outcome;
    struct document d; /* with an outcome in it: ours, or one that was there */
};

static int keep_outcome(const struct finish *f, void *arg, struct error **err)
{
    struct kept *k = arg;
    return openshiftclusters_patch_with_lease(heartbeat_ctx(f->beat), f->cfg->db, f->key, f->token,
                                              outcome_put, k->outcome, &k->d, err);
}

static int end_async(const struct finish *f, void *arg, struct error **err)
{
    const struct kept *k = arg;
    return asyncoperation_end(heartbeat_ctx(f->beat), f->cfg->db, k->d.tree, err);
}

static int end_billing(const struct finish *f, void *arg, struct error **err)
{
    const struct kept *k = arg;
    return cluster_billing_end(heartbeat_ctx(f->beat), f->cfg->db, k->d.tree, err);
}

static int end_lease(const struct finish *f, void *arg, struct error **err)
{
    return openshiftclusters_end_lease(heartbeat_ctx(f->beat), f->cfg->db, f->key, f->token, arg,
                                       NULL, err);
}

/* The lease is renewed meanwhile, which changes the etag: then once more. */
static int delete_document(const struct finish *f, void *arg, struct error **err)
{
    const struct kept *k = arg;
    const struct opctx *ctx = heartbeat_ctx(f->beat);
    cleanup_document struct document d = { 0 };
    cleanup_error struct error *why = NULL;
    if (openshiftclusters_get(ctx, f->cfg->db, f->key, &d, &why) < 0)
        return error_is(why, ERR_NOT_FOUND) ? 0 : error_move(err, &why);
    if (!str_eq(json_path_str(d.tree, "id"), json_path_str(k->d.tree, "id")))
        return 0; /* another cluster of that name */
    if (!document_has_lease(d.tree, f->token)) {
        (void)error_set(err, ERR_CONFLICT, "the lease is lost");
        error_code(err, DATABASE_LOST_LEASE);
        return -1;
    }
    if (openshiftclusters_delete(ctx, f->cfg->db, &d, &why) == 0 || error_is(why, ERR_NOT_FOUND))
        return 0;
    return error_move(err, &why);
}

/* ---- the order of them ---- */

static int64_t dequeues_of(const json *cluster)
{
    return json_path_int(cluster, "dequeues", 0);
}

/* A customer who waits learns the end before the cluster takes the next operation; but a record that cannot be written at all
 * does not keep the cluster for ever. */
static int tell(const struct finish *f, struct kept *k, struct error **err)
{
    const struct attempt async = { end_async, k, "telling the end", ASYNC_TRIES };
    cleanup_error struct error *why = NULL;
    if (persist(f, &async, &why) == 0)
        return 0;
    if (!heartbeat_is_held(f->beat) || dequeues_of(k->d.tree) <= DATABASE_DEQUEUES_MAX)
        return error_move(err, &why);
    log_error(heartbeat_ctx(f->beat)->log, "ending the operation without telling: %s",
              error_text(why));
    return 0;
}

static int wait_for_monitors(const struct finish *f, struct error **err)
{
    const struct opctx *ctx = heartbeat_ctx(f->beat);
    int64_t until_ns = f->began_ns + f->cfg->settings.delete_delay_ms * NS_PER_MS;
    int64_t left_ns = until_ns - clock_mono_ns(ctx->clock);
    return left_ns > 0 ? opctx_sleep_ms(ctx, (left_ns + NS_PER_MS - 1) / NS_PER_MS, err) : 0;
}

static int end_deleted(const struct finish *f, struct kept *k, struct error **err)
{
    const struct attempt billing = { end_billing, k, "ending the billing", 0 };
    const struct attempt document = { delete_document, k, "deleting the document", 0 };
    return persist(f, &billing, err) < 0 || wait_for_monitors(f, err) < 0 ||
                   persist(f, &document, err) < 0
               ? -1
               : 0;
}

static int end_kept(const struct finish *f, struct kept *k, struct error **err)
{
    const json *outcome = outcome_of(k->d.tree);
    struct cluster_end end = {
        .provisioning_state = json_path_str(outcome, "provisioningState"),
        .failed_provisioning_state = json_path_str(outcome, "failedProvisioningState"),
        .admin_update_error = json_path_str(outcome, "adminUpdateError"),
    };
    if (tell(f, k, err) < 0)
        return -1;
    metrics_cluster(f->cfg, heartbeat_ctx(f->beat)->log, k->d.tree);
    if (!end.provisioning_state)
        return end_deleted(f, k, err);
    heartbeat_stop(f->beat);
    return persist(f, &(struct attempt){ end_lease, &end, "ending the lease", 0 }, err);
}

int finish_operation(const struct finish *f, const json *cluster, const struct error *why,
                     struct error **err)
{
    cleanup_json json *outcome = outcome_make(cluster, why, clock_wall_ns(f->cfg->clock));
    struct kept k = { .outcome = outcome };
    int rcode = persist(f, &(struct attempt){ keep_outcome, &k, "keeping the outcome", 0 }, err);
    if (rcode == 0)
        rcode = end_kept(f, &k, err);
    heartbeat_stop(f->beat);
    document_release(&k.d);
    return rcode;
}

int finish_hand_over(const struct finish *f, struct error **err)
{
    struct cluster_end end = { 0 };
    heartbeat_stop(f->beat);
    return persist(f, &(struct attempt){ end_lease, &end, "handing over", 0 }, err);
}
