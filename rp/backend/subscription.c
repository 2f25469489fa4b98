#include "rp/backend/subscription.h"

#include "pkg/base/log.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/database/openshiftclusters.h"
#include "pkg/database/subscriptions.h"
#include "rp/backend/metrics.h"
#include "rp/backend/outcome.h"

#define PROPERTIES "openShiftCluster.properties."
#define PAGE 50

struct round {
    const struct work *w;
    struct heartbeat *beat;
    bool done; /* nothing of the subscription is left */
};

/* ---- clusters ---- */

static int start_deleting(json *cluster, void *arg, struct error **err)
{
    (void)arg;
    const char *state = json_path_str(cluster, PROPERTIES "provisioningState");
    if (!state_is_terminal(state))
        return 0; /* at work: the next round */
    cleanup_free char *last = xstrdup(state);
    (void)json_del(cluster, "dequeues");
    return json_set_str(cluster, PROPERTIES "lastProvisioningState", last, err) < 0 ||
                   json_set_str(cluster, PROPERTIES "provisioningState", "Deleting", err) < 0
               ? -1
               : 0;
}

static int delete_cluster(const struct round *r, const json *cluster, struct error **err)
{
    const struct opctx *ctx = heartbeat_ctx(r->beat);
    cleanup_error struct error *why = NULL;
    const char *key;
    if (!state_is_terminal(json_path_str(cluster, PROPERTIES "provisioningState")))
        return 0;
    if (json_need_str(cluster, "key", &key, err) < 0)
        return -1;
    if (openshiftclusters_patch(ctx, r->w->cfg->db, key, start_deleting, NULL, NULL, &why) == 0) {
        log_info(ctx->log, "deleting the cluster %s", key);
        return 0;
    }
    return error_is(why, ERR_NOT_FOUND) ? 0 : error_move(err, &why);
}

/* Nobody takes the subscription back meanwhile: its document is ours and still says Deleted. */
static int check_subscription(const struct round *r, bool *ret_deleted, struct error **err)
{
    cleanup_document struct document d = { 0 };
    if (subscriptions_lease(heartbeat_ctx(r->beat), r->w->cfg->db, r->w->key, r->w->token, &d,
                            err) < 0)
        return -1;
    *ret_deleted = str_eq(json_path_str(d.tree, "subscription.state"), "Deleted");
    return 0;
}

/* One cluster that cannot be written does not keep the others. */
static int delete_clusters(struct round *r, const struct document_page *page, struct error **err)
{
    int rcode = 0;
    for (size_t i = 0; i < page->len; i++) {
        struct error *e = NULL;
        if (delete_cluster(r, page->docs[i].tree, &e) == 0)
            continue;
        error_join(err, &e);
        rcode = -1;
    }
    return rcode;
}

static int cascade(struct round *r, struct error **err)
{
    cleanup_free char *prefix = xasprintf("/subscriptions/%s/", r->w->key);
    cleanup_free char *next = NULL;
    size_t clusters = 0;
    int rcode = 0;
    do {
        cleanup_document_page struct document_page page = { 0 };
        bool deleted;
        if (check_subscription(r, &deleted, err) < 0)
            return -1;
        if (!deleted) {
            log_warning(heartbeat_ctx(r->beat)->log, "it is not deleted any more: nothing to do");
            r->done = true;
            return 0;
        }
        if (openshiftclusters_list(heartbeat_ctx(r->beat), r->w->cfg->db, prefix, PAGE, next, &page,
                                   err) < 0)
            return -1;
        clusters += page.len + page.corrupt.len;
        if (delete_clusters(r, &page, err) < 0)
            rcode = -1;
        free(next);
        next = take(page.next);
    } while (next);
    r->done = clusters == 0;
    return rcode;
}

/* ---- the round ---- */

static int64_t dequeues_of(const struct round *r, const char **ret_state)
{
    cleanup_document struct document d = { 0 };
    *ret_state = "unknown";
    if (subscriptions_get(heartbeat_ctx(r->beat), r->w->cfg->db, r->w->key, &d, NULL) < 0)
        return 0;
    if (str_eq(json_path_str(d.tree, "subscription.state"), "Deleted"))
        *ret_state = "Deleted";
    return json_path_int(d.tree, "dequeues", 0);
}

static void run(struct round *r, const struct log *log)
{
    cleanup_error struct error *why = NULL;
    cleanup_error struct error *err = NULL;
    const char *state;
    int64_t dequeues = dequeues_of(r, &state);
    int rcode = cascade(r, &why);
    if (rcode < 0)
        log_error(log, "deleting the clusters: %s", error_text(why));
    bool done = rcode == 0 && r->done;
    bool later = !done && (rcode == 0 || dequeues > DATABASE_DEQUEUES_MAX);
    heartbeat_stop(r->beat);
    if (!heartbeat_is_held(r->beat))
        log_warning(log, "left for another try");
    else if (subscriptions_end_lease(heartbeat_ctx(r->beat), r->w->cfg->db, r->w->key, r->w->token,
                                     done, later, NULL, &err) < 0)
        log_error(log, "left for another try: %s", error_text(err));
    else
        log_info(log, done ? "done" : "clusters are left, looking again later");
}

void subscription_work(const struct work *w)
{
    const struct log log = log_with(w->cfg->log, "subscription_id", w->key);
    cleanup_error struct error *err = NULL;
    cleanup_heartbeat struct heartbeat *beat = NULL;
    int64_t began_ns = clock_mono_ns(w->cfg->clock);
    if (work_hold(w, &log, subscriptions_lease, &beat, &err) < 0) {
        log_error(&log, "left for another try: %s", error_text(err));
        return;
    }
    struct round r = { .w = w, .beat = beat };
    log_info(&log, "working on the subscription");
    run(&r, &log);
    metrics_subscription(w->cfg, r.done ? "done" : "waiting",
                         (clock_mono_ns(w->cfg->clock) - began_ns) / NS_PER_MS);
}
