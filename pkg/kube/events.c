/*
 * event_record copies what it needs under a short lock and returns; one thread writes. The queue is
 * bounded, so that a slow or absent API server costs events, never memory or anybody's time.
 */
#include "pkg/kube/events.h"

#include <stdlib.h>
#include <string.h>

#include "pkg/base/log.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/base/thread.h"
#include "pkg/kube/events_correlate.h"
#include "pkg/kube/status.h"

#define QUEUE_MAX 1000
#define TRIES_MAX 12
#define RETRY_MS 10000
#define REQUEST_TIMEOUT_MS 30000
#define SERIES_PATH "/apis/events.k8s.io/v1"

struct event_recorder {
    struct kube_client *client;
    const struct clock *clock;
    const struct rng *rng;
    const struct log *log;
    struct event_correlator *correlator; /* the writer's alone, like the next */
    enum event_api api;                  /* ASK: not known yet */
    struct stop *stop;
    pthread_t writer;
    pthread_mutex_t mu; /* guards the rest */
    pthread_cond_t cv;
    struct event_input *queue[QUEUE_MAX]; /* a ring */
    size_t first, len;
    bool overflowed; /* said so already */
    bool stopping, finished;
};

/* ---- writing ---- */

static int create(struct event_recorder *r, const struct opctx *parent, const struct event_plan *p,
                  struct error **err)
{
    struct opctx ctx = opctx_with_timeout_ms(parent, REQUEST_TIMEOUT_MS);
    return kube_create(r->client, &ctx, KUBE_REF(p->gvr, p->nspace, p->name), p->event, NULL, NULL,
                       err);
}

static int write_once(struct event_recorder *r, const struct opctx *parent,
                      const struct event_plan *p, struct error **err)
{
    if (!p->patch)
        return create(r, parent, p, err);
    struct opctx ctx = opctx_with_timeout_ms(parent, REQUEST_TIMEOUT_MS);
    struct error *e = NULL;
    if (kube_patch(r->client, &ctx, KUBE_REF(p->gvr, p->nspace, p->name), KUBE_PATCH_STRATEGIC,
                   p->patch, NULL, NULL, &e) == 0)
        return 0;
    if (!error_is(e, ERR_NOT_FOUND) || !p->event)
        return error_move(err, &e);
    error_free(e); /* it has expired */
    return create(r, parent, p, err);
}

/* The API server may not have seen it; what it has refused once, it refuses again. */
static bool is_transport_failure(const struct error *e)
{
    return (error_is(e, ERR_CONN) || error_is(e, ERR_TIMEOUT)) && !error_get_body(e);
}

static void log_refusal(const struct event_recorder *r, const struct event_plan *p,
                        const struct error *e)
{
    bool expected = error_is(e, ERR_CANCELLED) || error_is(e, ERR_EXISTS) ||
                    (error_is(e, ERR_NOT_FOUND) && !p->event) ||
                    status_has_cause(e, "NamespaceTerminating");
    log_at(r->log, expected ? LOG_DEBUG : LOG_WARNING, "event %s/%s was not written: %s", p->nspace,
           p->name, error_text(e));
}

/* Roles from before series grant v1 only; servers before 1.22 want series about objects of cluster
 * scope in kube-system, where nobody looks for them. */
static bool is_refused_series(const struct event_plan *p, const struct error *e)
{
    if (p->gvr != &GVR_EVENT_SERIES)
        return false;
    if (error_is(e, ERR_FORBIDDEN))
        return !status_has_cause(e, "NamespaceTerminating");
    return error_is(e, ERR_UNPROCESSABLE) && p->event &&
           !json_path_str(p->event, "regarding.namespace");
}

/* true: from now on v1 is written. */
static bool turn_to_core(struct event_recorder *r, const struct event_plan *p,
                         const struct error *e)
{
    if (!is_refused_series(p, e))
        return false;
    log_info(r->log, "events are written as v1: %s", error_text(e));
    r->api = EVENT_API_CORE;
    event_correlator_use_series(r->correlator, false);
    return true;
}

/* false: not written, and has to be planned again. */
static bool carry_out(struct event_recorder *r, const struct opctx *ctx, const struct event_plan *p)
{
    for (int tries = 1;; tries++) {
        cleanup_error struct error *e = NULL;
        bool written = write_once(r, ctx, p, &e) == 0;
        /* Or by the try before, whose answer got lost. */
        if (written || (tries > 1 && error_is(e, ERR_EXISTS))) {
            event_correlator_keep(r->correlator, p);
            return true;
        }
        if (turn_to_core(r, p, e))
            return false;
        if (!is_transport_failure(e) || tries == TRIES_MAX) {
            log_refusal(r, p, e);
            return true;
        }
        /* The first delay is random, so that not all processes come back at one moment. */
        int64_t delay_ms = tries == 1 ? (int64_t)(RETRY_MS * rng_unit(r->rng)) : RETRY_MS;
        if (opctx_sleep_ms(ctx, delay_ms, NULL) < 0)
            return true;
    }
}

/* The next one, or NULL at the end or when a series is due. */
static struct event_input *wait_next(struct event_recorder *r, bool *ret_stopping)
{
    struct event_input *in = NULL;
    int64_t due_ns = event_correlator_due_ns(r->correlator);
    pthread_mutex_lock(&r->mu);
    while (r->len == 0 && !r->stopping && clock_mono_ns(r->clock) < due_ns)
        clock_wait(r->clock, &r->cv, &r->mu, due_ns);
    *ret_stopping = r->stopping;
    if (r->len > 0 && !stop_is_set(r->stop)) {
        in = r->queue[r->first];
        r->first = (r->first + 1) % QUEUE_MAX;
        r->len--;
    }
    pthread_mutex_unlock(&r->mu);
    return in;
}

/* Asks the server once; without an answer the events until then are of v1, which every server has. */
static void choose_api(struct event_recorder *r, const struct opctx *parent)
{
    if (r->api == EVENT_API_ASK) {
        struct opctx ctx = opctx_with_timeout_ms(parent, REQUEST_TIMEOUT_MS);
        struct kube_raw raw = { .method = "GET", .path = SERIES_PATH };
        cleanup_response struct http_response response = { 0 };
        cleanup_error struct error *e = NULL;
        if (kube_send_raw(r->client, &ctx, &raw, &response, &e) == 0)
            r->api = EVENT_API_SERIES;
        else if (error_is(e, ERR_NOT_FOUND) || error_is(e, ERR_FORBIDDEN))
            r->api = EVENT_API_CORE;
    }
    event_correlator_use_series(r->correlator, r->api == EVENT_API_SERIES);
}

/* false: once more. */
static bool try_record(struct event_recorder *r, const struct opctx *ctx,
                       const struct event_input *in)
{
    cleanup_event_plan struct event_plan plan = { 0 };
    switch (event_correlator_plan(r->correlator, in, &plan)) {
    case EVENT_WRITE:
        return carry_out(r, ctx, &plan);
    case EVENT_SPAM:
        log_debug(r->log, "too many events of %s %s: dropped one", in->kind, in->name);
        break;
    case EVENT_COUNTED:
        break;
    }
    return true;
}

static void record(struct event_recorder *r, const struct opctx *ctx, const struct event_input *in)
{
    choose_api(r, ctx);
    if (!try_record(r, ctx, in))
        (void)try_record(r, ctx, in);
}

static void write_series(struct event_recorder *r, const struct opctx *ctx, bool all)
{
    while (!stop_is_set(r->stop)) {
        cleanup_event_plan struct event_plan plan = { 0 };
        if (!event_correlator_take_due(r->correlator, all, &plan))
            return;
        (void)carry_out(r, ctx, &plan);
    }
}

static void run(void *arg)
{
    struct event_recorder *r = arg;
    struct opctx ctx = opctx_root(r->clock, r->rng, r->stop, r->log);
    for (bool stopping = false; !stopping;) {
        struct event_input *in = wait_next(r, &stopping);
        if (in) {
            record(r, &ctx, in);
            stopping = false; /* there may be more */
        }
        event_input_free(in);
        write_series(r, &ctx, stopping);
    }
    pthread_mutex_lock(&r->mu);
    r->finished = true;
    pthread_cond_broadcast(&r->cv);
    pthread_mutex_unlock(&r->mu);
}

/* ---- recording ---- */

static char *give_field(const json *involved, const char *path)
{
    const char *value = json_path_str(involved, path);
    return xstrdup(value ? value : "");
}

static struct event_input *make_input(struct event_recorder *r, const json *involved,
                                      const char *type, const char *reason, char *message)
{
    struct event_input *in = xnew(struct event_input);
    event_message_cut(message);
    *in = (struct event_input){
        .type = xstrdup(type),
        .reason = xstrdup(reason),
        .message = message,
        .kind = give_field(involved, "kind"),
        .name = give_field(involved, "metadata.name"),
        .api_version = give_field(involved, "apiVersion"),
        .nspace = give_field(involved, "metadata.namespace"),
        .uid = give_field(involved, "metadata.uid"),
        .resource_version = give_field(involved, "metadata.resourceVersion"),
        .wall_ns = clock_wall_ns(r->clock),
    };
    return in;
}

static void enqueue(struct event_recorder *r, struct event_input *in)
{
    pthread_mutex_lock(&r->mu);
    bool full = r->len == QUEUE_MAX, says = full && !r->overflowed;
    r->overflowed = full;
    if (!full) {
        r->queue[(r->first + r->len++) % QUEUE_MAX] = in;
        pthread_cond_signal(&r->cv);
    }
    pthread_mutex_unlock(&r->mu);
    if (full)
        event_input_free(in);
    if (says)
        log_warning(r->log, "the event queue is full, events are dropped");
}

void event_record(struct event_recorder *r, const json *involved, const char *type,
                  const char *reason, const char *fmt, ...)
{
    if (!str_eq(type, "Normal") && !str_eq(type, "Warning")) {
        log_warning(r->log, "an event must be Normal or Warning, not %s", type ? type : "nothing");
        return;
    }
    va_list ap;
    va_start(ap, fmt);
    char *message = xvasprintf(fmt, ap);
    va_end(ap);
    enqueue(r, make_input(r, involved, type, reason, message));
}

/* ---- life ---- */

static void recorder_free(struct event_recorder *r)
{
    if (r->len > 0)
        log_warning(r->log, "%zu events were not written before the end", r->len);
    for (; r->len > 0; r->len--) {
        event_input_free(r->queue[r->first]);
        r->first = (r->first + 1) % QUEUE_MAX;
    }
    event_correlator_free(r->correlator);
    stop_unref(r->stop);
    pthread_cond_destroy(&r->cv);
    pthread_mutex_destroy(&r->mu);
    free(r);
}

int event_recorder_new(const struct event_recorder_config *cfg, struct event_recorder **ret,
                       struct error **err)
{
    struct event_recorder *r = xnew(struct event_recorder);
    r->client = cfg->client;
    r->clock = cfg->clock;
    r->rng = cfg->rng;
    r->log = cfg->log;
    r->api = cfg->api;
    r->correlator = event_correlator_new(&(struct event_correlator_config){
        .component = cfg->component, .host = cfg->host, .clock = cfg->clock, .rng = cfg->rng });
    r->stop = stop_new(NULL);
    mutex_init(&r->mu);
    clock_cond_init(&r->cv);
    if (thread_start(&r->writer, "events", run, r, err) < 0) {
        recorder_free(r);
        return -1;
    }
    *ret = r;
    return 0;
}

void event_recorder_stop(struct event_recorder *r, int64_t flush_ms)
{
    if (!r)
        return;
    const struct opctx none = opctx_root(r->clock, r->rng, NULL, NULL);
    int64_t deadline_ns = opctx_with_timeout_ms(&none, flush_ms).deadline_ns;
    pthread_mutex_lock(&r->mu);
    r->stopping = true;
    pthread_cond_broadcast(&r->cv);
    while (!r->finished && clock_mono_ns(r->clock) < deadline_ns)
        clock_wait(r->clock, &r->cv, &r->mu, deadline_ns);
    pthread_mutex_unlock(&r->mu);
    stop_request(r->stop);
    pthread_join(r->writer, NULL);
    recorder_free(r);
}
