/*
 * Who may lead is decided by the API server alone: every write carries the resourceVersion that it
 * was based on, so that of two candidates one meets a conflict, and a conflict is a failed try.
 *
 * Time enters in two places, both on this process's own clock, which counts suspension:
 *
 *   another's lease   is over when its record was seen unchanged for the whole duration that it
 *                     names, counted from when we saw it (later than when it was written);
 *   our own lease     is good until the *start* of the last successful renewal + renew deadline. The
 *                     server stored it after that start, and others wait for the longer duration, so
 *                     whatever we do before that moment cannot meet another leader's doing.
 *
 * After that moment nothing is written any more, be it that the API server was away, or that the
 * process or the machine stood still: the time is looked at before each write, and the request's
 * deadline is that moment, too. A write that slips through between look and send is based on an old
 * resourceVersion: if somebody else has taken over, it is refused.
 *
 * acquire, hold and release run one after the other; other threads only read the atomic fields.
 */
#include "pkg/kube/leader.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pkg/base/log.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/kube/leader_record.h"

/* The durations that OpenShift recommends: 30 s of clock skew, 78 s without API server. */
#define DURATION_MS 137000
#define RENEW_DEADLINE_MS 107000
#define RETRY_MS 26000

#define RETRY_JITTER 1.2
#define REQUEST_TIMEOUT_MIN_MS 1000
#define RELEASE_CONFLICT_DELAY_MS 10
/* How late the holding thread may be before somebody should restart us. */
#define HEALTH_TOLERANCE_NS (20 * NS_PER_S)

struct lease {
    struct leader leader;
    struct lease_config cfg; /* its strings are owned */
    struct kube_ref ref;
    struct metric *status, *slow_paths;
    json *seen;          /* the Lease as last read or written; NULL: not known */
    char *seen_text;     /* its record */
    int64_t observed_ns; /* since when the record is that */
    char *complaint;     /* what was logged last */
    atomic_bool leading;
    atomic_llong until_ns, renewed_ns;
};

enum attempt { ATTEMPT_LEADS, ATTEMPT_HELD, ATTEMPT_FAILED };

static int64_t ms_to_ns(int64_t ms)
{
    return ms * NS_PER_MS;
}

static int64_t now_ns(const struct lease *l)
{
    return clock_mono_ns(l->cfg.clock);
}

/* ---- configuration ---- */

static int check_config(const struct lease_config *cfg, struct error **err)
{
    if (!cfg->nspace || !*cfg->nspace || !cfg->name || !*cfg->name)
        return error_set(err, ERR_INVALID, "a lease needs a namespace and a name");
    if (!*cfg->identity)
        return error_set(err, ERR_INVALID, "lease %s: the identity is empty", cfg->name);
    if (cfg->retry_ms <= 0)
        return error_set(err, ERR_INVALID, "lease %s: the retry period must be positive",
                         cfg->name);
    if ((double)cfg->renew_deadline_ms <= RETRY_JITTER * (double)cfg->retry_ms)
        return error_set(
            err, ERR_INVALID,
            "lease %s: the renew deadline must be more than 1.2 times the retry period", cfg->name);
    if (cfg->duration_ms <= cfg->renew_deadline_ms || cfg->duration_ms > INT64_C(1000) * INT32_MAX)
        return error_set(err, ERR_INVALID,
                         "lease %s: the duration must be longer than the renew deadline",
                         cfg->name);
    return 0;
}

static char *give_identity(const struct lease_config *cfg)
{
    if (cfg->identity)
        return xstrdup(cfg->identity);
    char host[256] = "";
    char id[UUID_LEN + 1];
    if (gethostname(host, sizeof(host) - 1) < 0 || !*host)
        (void)snprintf(host, sizeof(host), "localhost");
    rng_uuid(cfg->rng, id);
    return xasprintf("%s_%s", host, id);
}

static int acquire(struct leader *base, const struct opctx *ctx, struct error **err);
static int hold(struct leader *base, const struct opctx *ctx, struct error **err);
static void release(struct leader *base, const struct opctx *ctx);

static void init_metrics(struct lease *l)
{
    static const struct metric_desc status = {
        .name = "leader_election_master_status",
        .help = "Whether this process leads: 1 or 0",
        .type = METRIC_GAUGE,
        .labels = { "name" },
    };
    static const struct metric_desc slow_paths = {
        .name = "leader_election_slowpath_total",
        .help = "Renewals that had to read the lease first",
        .type = METRIC_COUNTER,
        .labels = { "name" },
    };
    l->status = metrics_family(l->cfg.metrics, &status);
    l->slow_paths = metrics_family(l->cfg.metrics, &slow_paths);
    metric_set(l->status, 0, METRIC_LABELS(l->cfg.name));
    metric_add(l->slow_paths, 0, METRIC_LABELS(l->cfg.name));
}

int lease_new(const struct lease_config *cfg, struct lease **ret, struct error **err)
{
    struct lease_config own = *cfg;
    cleanup_free char *identity = give_identity(cfg);
    own.identity = identity;
    own.duration_ms = cfg->duration_ms ? cfg->duration_ms : DURATION_MS;
    own.renew_deadline_ms = cfg->renew_deadline_ms ? cfg->renew_deadline_ms : RENEW_DEADLINE_MS;
    own.retry_ms = cfg->retry_ms ? cfg->retry_ms : RETRY_MS;
    if (check_config(&own, err) < 0)
        return -1;

    struct lease *l = xnew(struct lease);
    l->leader = (struct leader){ .acquire = acquire, .hold = hold, .release = release };
    l->cfg = own;
    l->cfg.nspace = xstrdup(cfg->nspace);
    l->cfg.name = xstrdup(cfg->name);
    l->cfg.identity = take(identity);
    l->ref = (struct kube_ref){ .gvr = &GVR_LEASES, .nspace = l->cfg.nspace, .name = l->cfg.name };
    atomic_init(&l->leading, false);
    atomic_init(&l->until_ns, 0);
    atomic_init(&l->renewed_ns, 0);
    init_metrics(l);
    *ret = l;
    return 0;
}

void lease_free(struct lease *l)
{
    if (!l)
        return;
    free((void *)(uintptr_t)l->cfg.nspace);
    free((void *)(uintptr_t)l->cfg.name);
    free((void *)(uintptr_t)l->cfg.identity);
    json_free(l->seen);
    free(l->seen_text);
    free(l->complaint);
    free(l);
}

struct leader *lease_leader(struct lease *l)
{
    return &l->leader;
}

/* ---- what other threads may ask ---- */

int64_t lease_leader_until_ns(const struct lease *l)
{
    return atomic_load(&l->leading) ? atomic_load(&l->until_ns) : 0;
}

int lease_check_health(const struct lease *l, struct error **err)
{
    if (!atomic_load(&l->leading))
        return 0;
    int64_t age_ns = now_ns(l) - atomic_load(&l->renewed_ns);
    if (age_ns <= ms_to_ns(l->cfg.duration_ms) + HEALTH_TOLERANCE_NS)
        return 0;
    return error_set(err, ERR_TIMEOUT, "lease %s: leads, but renewed it %lld s ago", l->cfg.name,
                     (long long)(age_ns / NS_PER_S));
}

/* ---- one try ---- */

/* Takes the Lease over. */
static void remember(struct lease *l, json *lease)
{
    json_free(l->seen);
    l->seen = lease;
    char *text = lease_record_give_text(lease);
    if (str_eq(text, l->seen_text)) {
        free(text);
        return;
    }
    free(l->seen_text);
    l->seen_text = text;
    l->observed_ns = now_ns(l);
}

static void forget(struct lease *l)
{
    json_free(l->seen);
    l->seen = NULL; /* the record's text stays: it is still unchanged, as far as we know */
}

/* Whether we believe to lead although the time for which that is certain has passed. */
static bool is_overdue(const struct lease *l)
{
    return atomic_load(&l->leading) && now_ns(l) >= atomic_load(&l->until_ns);
}

static int fail_overdue(const struct lease *l, struct error **err)
{
    return error_set(err, ERR_UNAVAILABLE, "lease %s: not renewed within %lld ms", l->cfg.name,
                     (long long)l->cfg.renew_deadline_ms);
}

/* Of one request: half the deadline, so that a second try fits, and never beyond what is ours. */
static struct opctx request_ctx(const struct lease *l, const struct opctx *parent)
{
    int64_t timeout_ms = l->cfg.renew_deadline_ms / 2;
    if (timeout_ms < REQUEST_TIMEOUT_MIN_MS)
        timeout_ms = REQUEST_TIMEOUT_MIN_MS;
    struct opctx ctx = opctx_with_timeout_ms(parent, timeout_ms);
    if (atomic_load(&l->leading) && atomic_load(&l->until_ns) < ctx.deadline_ns)
        ctx.deadline_ns = atomic_load(&l->until_ns);
    return ctx;
}

/* Writes our claim over base (NULL: there is no Lease). */
static int claim(struct lease *l, const struct opctx *parent, const json *base, struct error **err)
{
    const struct lease_claim c = {
        .nspace = l->cfg.nspace,
        .name = l->cfg.name,
        .identity = l->cfg.identity,
        .duration_ms = l->cfg.duration_ms,
        .wall_ns = clock_wall_ns(l->cfg.clock),
    };
    cleanup_json json *body = lease_record_give_claimed(base, &c);
    json *reply = NULL;
    int64_t started_ns = now_ns(l);
    if (is_overdue(l))
        return fail_overdue(l, err);
    struct opctx ctx = request_ctx(l, parent);
    int rcode = base ? kube_update(l->cfg.client, &ctx, &l->ref, body, NULL, &reply, err)
                     : kube_create(l->cfg.client, &ctx, &l->ref, body, NULL, &reply, err);
    if (rcode < 0) {
        forget(l); /* it may have been stored all the same */
        return -1;
    }
    remember(l, reply);
    atomic_store(&l->renewed_ns, started_ns);
    atomic_store(&l->until_ns, started_ns + ms_to_ns(l->cfg.renew_deadline_ms));
    return 0;
}

/* Without a resourceVersion a write would be a forced one. */
static int check_version(const struct lease *l, const json *lease, struct error **err)
{
    const char *version = json_path_str(lease, "metadata.resourceVersion");
    if (version && *version)
        return 0;
    return error_set(err, ERR_INTERNAL, "lease %s: the API server sent no resourceVersion",
                     l->cfg.name);
}

static bool is_held_by_other(const struct lease *l)
{
    const char *holder = lease_record_holder(l->seen);
    if (!*holder || strcmp(holder, l->cfg.identity) == 0)
        return false;
    if (atomic_load(&l->leading))
        return true; /* we were replaced; taking it back would not undo that */
    int64_t duration_ms = lease_record_duration_ms(l->seen, l->cfg.duration_ms);
    return now_ns(l) < l->observed_ns + ms_to_ns(duration_ms);
}

static enum attempt fail_held(const struct lease *l, struct error **err)
{
    error_set(err, ERR_UNAVAILABLE, "lease %s: held by %s", l->cfg.name,
              lease_record_holder(l->seen));
    return ATTEMPT_HELD;
}

static enum attempt try_slowly(struct lease *l, const struct opctx *parent, struct error **err)
{
    json *lease = NULL;
    struct error *e = NULL;
    struct opctx ctx = request_ctx(l, parent);
    if (kube_get(l->cfg.client, &ctx, &l->ref, &lease, &e) < 0) {
        bool absent = error_is(e, ERR_NOT_FOUND);
        if (!absent) {
            error_move(err, &e);
            return ATTEMPT_FAILED;
        }
        error_clear(&e);
        return claim(l, parent, NULL, err) < 0 ? ATTEMPT_FAILED : ATTEMPT_LEADS;
    }
    remember(l, lease);
    if (is_held_by_other(l))
        return fail_held(l, err);
    if (check_version(l, l->seen, err) < 0)
        return ATTEMPT_FAILED;
    cleanup_json json *base = json_ref(l->seen);
    return claim(l, parent, base, err) < 0 ? ATTEMPT_FAILED : ATTEMPT_LEADS;
}

/* While leading, one request does: the Lease as we wrote it last, with its resourceVersion. */
static enum attempt try_once(struct lease *l, const struct opctx *ctx, struct error **err)
{
    if (atomic_load(&l->leading) && l->seen && check_version(l, l->seen, NULL) == 0) {
        cleanup_json json *base = json_ref(l->seen);
        cleanup_error struct error *e = NULL;
        if (claim(l, ctx, base, &e) == 0)
            return ATTEMPT_LEADS;
        log_debug(l->cfg.log, "lease %s: %s, reading it", l->cfg.name, error_text(e));
    }
    if (atomic_load(&l->leading))
        metric_add(l->slow_paths, 1, METRIC_LABELS(l->cfg.name));
    return try_slowly(l, ctx, err);
}

/* ---- the three acts ---- */

static void change(struct lease *l, bool leads)
{
    atomic_store(&l->leading, leads);
    metric_set(l->status, leads, METRIC_LABELS(l->cfg.name));
    cleanup_free char *message =
        xasprintf("%s %s", l->cfg.identity, leads ? "became leader" : "stopped leading");
    log_info(l->cfg.log, "lease %s: %s", l->cfg.name, message);
    if (l->cfg.on_change)
        l->cfg.on_change(l->cfg.on_change_arg, message);
}

/* What stands in the way, once for each change of it. */
static void complain(struct lease *l, enum attempt outcome, const struct error *e)
{
    const char *text = error_text(e);
    if (error_is(e, ERR_CANCELLED) || str_eq(l->complaint, text))
        return;
    log_at(l->cfg.log, outcome == ATTEMPT_HELD ? LOG_INFO : LOG_WARNING,
           "waiting for leadership: %s", text);
    free(l->complaint);
    l->complaint = xstrdup(text);
}

static int acquire(struct leader *base, const struct opctx *ctx, struct error **err)
{
    struct lease *l = container_of(base, struct lease, leader);
    log_info(l->cfg.log, "lease %s: %s wants to lead", l->cfg.name, l->cfg.identity);
    for (;;) {
        if (opctx_check(ctx, err) < 0)
            return -1;
        cleanup_error struct error *e = NULL;
        enum attempt outcome = try_once(l, ctx, &e);
        /* A claim whose time is up already is none: the process stood still meanwhile. */
        if (outcome == ATTEMPT_LEADS && now_ns(l) < atomic_load(&l->until_ns))
            break;
        if (outcome != ATTEMPT_LEADS)
            complain(l, outcome, e);
        int64_t delay_ns = rng_jitter_ns(l->cfg.rng, ms_to_ns(l->cfg.retry_ms), RETRY_JITTER);
        if (opctx_sleep_ms(ctx, delay_ns / NS_PER_MS, err) < 0)
            return -1;
    }
    change(l, true);
    return 0;
}

/* Until then, or until what we hold ends. -1: the context ended. */
static int sleep_until(const struct lease *l, const struct opctx *ctx, int64_t at_ns)
{
    int64_t until_ns = atomic_load(&l->until_ns);
    int64_t left_ns = (at_ns < until_ns ? at_ns : until_ns) - now_ns(l);
    int64_t left_ms = left_ns > 0 ? (left_ns + NS_PER_MS - 1) / NS_PER_MS : 0;
    return opctx_sleep_ms(ctx, left_ms, NULL);
}

/* 0: stopped; -1: lost. */
static int renew(struct lease *l, const struct opctx *ctx, struct error **err)
{
    int64_t retry_ns = ms_to_ns(l->cfg.retry_ms);
    int64_t next_ns = atomic_load(&l->renewed_ns) + retry_ns;
    cleanup_error struct error *last = NULL;
    for (;;) {
        bool stopped = sleep_until(l, ctx, next_ns) < 0;
        if (is_overdue(l)) {
            fail_overdue(l, err);
            return last ? error_set(err, ERR_UNAVAILABLE, "%s: %s", error_text(*err),
                                    error_text(last))
                        : -1;
        }
        if (stopped)
            return 0;
        error_clear(&last);
        enum attempt outcome = try_once(l, ctx, &last);
        if (outcome == ATTEMPT_HELD)
            return error_move(err, &last);
        next_ns = (outcome == ATTEMPT_LEADS ? atomic_load(&l->renewed_ns) : now_ns(l)) + retry_ns;
        if (outcome == ATTEMPT_FAILED && !error_is(last, ERR_CANCELLED))
            log_warning(l->cfg.log, "lease %s: not renewed: %s", l->cfg.name, error_text(last));
    }
}

static int hold(struct leader *base, const struct opctx *ctx, struct error **err)
{
    struct lease *l = container_of(base, struct lease, leader);
    cleanup_error struct error *e = NULL;
    int rcode = renew(l, ctx, &e);
    if (rcode < 0)
        atomic_store(&l->until_ns, 0); /* nothing to release */
    change(l, false);
    return rcode < 0 ? error_move(err, &e) : 0;
}

/* 0: done, or nothing to do. ERR_CONFLICT: a renewal of ours was under way, read again. */
static int try_release(struct lease *l, const struct opctx *parent, struct error **err)
{
    json *read = NULL;
    struct opctx ctx = request_ctx(l, parent);
    if (kube_get(l->cfg.client, &ctx, &l->ref, &read, err) < 0)
        return -1;
    cleanup_json json *lease = read;
    if (strcmp(lease_record_holder(lease), l->cfg.identity) != 0)
        return 0;
    if (check_version(l, lease, err) < 0)
        return -1;
    if (now_ns(l) >= atomic_load(&l->until_ns))
        return fail_overdue(l, err);
    cleanup_json json *body = lease_record_give_released(lease, clock_wall_ns(l->cfg.clock));
    ctx = request_ctx(l, parent);
    return kube_update(l->cfg.client, &ctx, &l->ref, body, NULL, NULL, err);
}

static void release(struct leader *base, const struct opctx *parent)
{
    struct lease *l = container_of(base, struct lease, leader);
    if (!l->cfg.release_on_exit)
        return;
    struct opctx ctx = opctx_with_timeout_ms(parent, l->cfg.renew_deadline_ms);
    cleanup_error struct error *e = NULL;
    while (try_release(l, &ctx, &e) < 0) {
        if (!error_is(e, ERR_CONFLICT) || opctx_sleep_ms(&ctx, RELEASE_CONFLICT_DELAY_MS, NULL) < 0)
            break;
        error_clear(&e);
    }
    atomic_store(&l->until_ns, 0);
    if (!e)
        log_info(l->cfg.log, "lease %s: released", l->cfg.name);
    else if (!error_is(e, ERR_NOT_FOUND))
        log_warning(l->cfg.log, "lease %s: not released: %s", l->cfg.name, error_text(e));
}
