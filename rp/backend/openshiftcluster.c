#include "rp/backend/openshiftcluster.h"

#include "pkg/base/log.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/controller/crash.h"
#include "pkg/database/openshiftclusters.h"
#include "rp/backend/child.h"
#include "rp/backend/documents.h"
#include "rp/backend/finish.h"
#include "rp/backend/outcome.h"

/* What a log line takes from the document. */
static const char *const log_fields[][2] = {
    { "correlation_id", "correlationData.correlationId" },
    { "client_request_id", "correlationData.clientRequestId" },
    { "operation_id", "correlationData.operationID" },
    { "request_id", "correlationData.requestID" },
    { "client_principal_name", "correlationData.clientPrincipalName" },
};

struct cluster {
    const struct work *w;
    struct heartbeat *beat;
    int64_t began_ns;
    const struct log *log;
    struct log logs[ARRAY_LEN(log_fields)];
    struct strv log_values; /* the document is read again on the way */
    struct document d, subscription;
};

static void cluster_release(struct cluster *c)
{
    document_release(&c->d);
    document_release(&c->subscription);
    strv_release(&c->log_values);
}
#define cleanup_cluster CLEANUP_WITH(cluster_release)

static struct opctx context(const struct cluster *c)
{
    return opctx_with_log(heartbeat_ctx(c->beat), c->log);
}

/* ---- steps ---- */

static enum operation_end look(void *arg)
{
    const struct cluster *c = arg;
    if (!heartbeat_is_held(c->beat))
        return OPERATION_LOST;
    return atomic_load(c->w->hand_over) ? OPERATION_CUT : OPERATION_DONE;
}

static enum operation_end operate(struct cluster *c, enum cluster_operation operation,
                                  struct error **err)
{
    const struct backend_config *cfg = c->w->cfg;
    const struct operation_watch watch = { look, c };
    const struct opctx ctx = context(c);
    const struct cluster_job job = { .operation = operation,
                                     .db = cfg->db,
                                     .key = c->w->key,
                                     .lease = c->w->token,
                                     .cluster = c->d.tree,
                                     .subscription = c->subscription.tree };
    if (cfg->child && json_path_int(c->d.tree, "dequeues", 0) > cfg->settings.child_after)
        return child_run(cfg, c->beat, c->w->key, c->w->token, &watch, err);
    crash_note_set("backend", c->w->key);
    enum operation_end end = operation_run(cfg, &ctx, &job, &watch, err);
    crash_note_clear();
    return end;
}

/* ---- ends ---- */

static int finish(const struct cluster *c, const struct error *why, struct error **err)
{
    const struct finish f = { c->w->cfg, c->w->key, c->w->token, c->beat, c->began_ns };
    return finish_operation(&f, c->d.tree, why, err);
}

static int hand_over(const struct cluster *c, struct error **err)
{
    const struct finish f = { c->w->cfg, c->w->key, c->w->token, c->beat, c->began_ns };
    log_info(c->log, "handing the operation over");
    return finish_hand_over(&f, err);
}

/* The steps have written the document: what counts is how it is now. */
static int end_done(struct cluster *c, enum cluster_operation operation, struct error **err)
{
    const struct opctx ctx = context(c);
    document_release(&c->d);
    if (openshiftclusters_get(&ctx, c->w->cfg->db, c->w->key, &c->d, err) < 0)
        return -1;
    bool goes_on =
        operation == CLUSTER_INSTALL && json_path(c->d.tree, "openShiftCluster.properties.install");
    return goes_on ? hand_over(c, err) : finish(c, NULL, err);
}

static int run(struct cluster *c, struct error **err)
{
    cleanup_error struct error *why = NULL;
    enum cluster_operation operation;
    const struct opctx ctx = context(c);
    if (documents_operation(c->d.tree, &operation, err) < 0 ||
        documents_subscription(&ctx, c->w->cfg->db, c->d.tree, &c->subscription, err) < 0)
        return -1;
    switch (operate(c, operation, &why)) {
    case OPERATION_DONE:
        return end_done(c, operation, err);
    case OPERATION_FAILED:
        log_error(c->log, "the operation failed: %s", error_text(why));
        return finish(c, why, err);
    case OPERATION_CUT:
        return hand_over(c, err);
    default: /* lost or crashed: somebody begins again when the lease has run out */
        return error_move(err, &why);
    }
}

static int work(struct cluster *c, struct error **err)
{
    int64_t dequeues = json_path_int(c->d.tree, "dequeues", 0);
    cleanup_error struct error *poison = NULL;
    if (outcome_of(c->d.tree)) {
        log_info(c->log, "finishing an operation that has ended");
        return finish(c, NULL, err);
    }
    if (dequeues <= DATABASE_DEQUEUES_MAX)
        return run(c, err);
    (void)error_set(&poison, ERR_INTERNAL, "dequeued %lld times, failing", (long long)dequeues);
    log_error(c->log, "%s", error_text(poison));
    return finish(c, poison, err);
}

/* With what the document says of the request. */
static void work_logged(struct cluster *c)
{
    for (size_t i = 0; i < ARRAY_LEN(log_fields); i++) {
        const char *value = json_path_str(c->d.tree, log_fields[i][1]);
        if (!value)
            continue;
        strv_add(&c->log_values, value);
        c->logs[i] = log_with(c->log, log_fields[i][0], c->log_values.v[c->log_values.len - 1]);
        c->log = &c->logs[i];
    }
    const struct log *log = c->log;
    cleanup_error struct error *err = NULL;
    log_info(log, "working on the cluster");
    if (work(c, &err) < 0)
        log_error(log, "left for another try: %s", error_text(err));
    else
        log_info(log, "done");
}

void openshiftcluster_work(const struct work *w)
{
    const struct log log = log_with(w->cfg->log, "resource_id", w->key);
    cleanup_error struct error *err = NULL;
    cleanup_heartbeat struct heartbeat *beat = NULL;
    cleanup_cluster struct cluster c = { .w = w, .log = &log, .log_values = STRV_INIT };
    c.began_ns = clock_mono_ns(w->cfg->clock);
    if (work_hold(w, &log, openshiftclusters_lease, &beat, &err) < 0 ||
        documents_cluster(heartbeat_ctx(beat), w->cfg->db, w->key, w->token, &c.d, &err) < 0) {
        log_error(&log, "left for another try: %s", error_text(err));
        return;
    }
    c.beat = beat;
    work_logged(&c);
}
