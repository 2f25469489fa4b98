/*
 * The informers of one client, their threads, and the thread of kube_cache_run, which waits for what
 * is due: resyncs, and streaming lists that do not end.
 */
#include <string.h>

#include "pkg/base/json.h"
#include "pkg/base/log.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/base/thread.h"
#include "pkg/kube/informer_impl.h"
#include "pkg/kube/informer_set.h"
#include "pkg/kube/reflector.h"

#define RESYNC_DEFAULT_MS (10 * 3600 * INT64_C(1000))
#define RESYNC_MIN_MS 1000
#define STREAMS_FROM_MINOR 32 /* the first version that answers streaming lists by default */

static int run_runnable(struct runnable *r, const struct opctx *ctx, struct error **err)
{
    return kube_cache_run(container_of(r, struct kube_cache, runnable), ctx, err);
}

static bool runnable_is_ready(struct runnable *r)
{
    return kube_cache_has_synced(container_of(r, struct kube_cache, runnable));
}

struct runnable *kube_cache_runnable(struct kube_cache *c)
{
    return &c->runnable;
}

/* ---- metrics ---- */

static struct metric *family(struct metrics *m, const char *name, enum metric_type type,
                             const char *help)
{
    struct metric_desc desc = {
        .name = name, .help = help, .type = type, .labels = { "resource" }
    };
    return metrics_family(m, &desc);
}

/* Of all informers of one kind (they differ in namespace or selectors), counted at the first of them:
 * their sums, and the age of the one that has been silent for longest. With c->mu held. */
static void collect_kind(struct kube_cache *c, const struct informer *first, int64_t now_ns)
{
    struct metric_labels labels = METRIC_LABELS(first->label);
    size_t objects = 0, bytes = 0;
    int64_t oldest_ns = now_ns;
    for (struct informer *i = c->informers; i; i = i->next) {
        if (strcmp(i->label, first->label) != 0)
            continue;
        int64_t at_ns = atomic_load(&i->last_event_ns);
        objects += informer_len(i);
        bytes += informer_bytes(i);
        oldest_ns = at_ns < oldest_ns ? at_ns : oldest_ns;
    }
    metric_set(c->metrics.objects, (double)objects, labels);
    metric_set(c->metrics.bytes, (double)bytes, labels);
    metric_set(c->metrics.last_event_age, (double)(now_ns - oldest_ns) / (double)NS_PER_S, labels);
}

static bool is_first_of_kind(const struct kube_cache *c, const struct informer *i)
{
    const struct informer *first = c->informers;
    while (strcmp(first->label, i->label) != 0)
        first = first->next;
    return first == i;
}

static void collect(void *arg)
{
    struct kube_cache *c = arg;
    int64_t now_ns = clock_mono_ns(c->opt.clock);
    pthread_mutex_lock(&c->mu);
    for (struct informer *i = c->informers; i; i = i->next)
        if (is_first_of_kind(c, i))
            collect_kind(c, i, now_ns);
    pthread_mutex_unlock(&c->mu);
}

static void init_metrics(struct kube_cache *c)
{
    struct metrics *m = c->opt.metrics;
    c->metrics = (struct informer_metrics){
        .lists = family(m, "kr_reflector_lists_total", METRIC_COUNTER, "Lists begun."),
        .watches = family(m, "kr_reflector_watches_total", METRIC_COUNTER, "Watches begun."),
        .watch_errors = family(m, "kr_reflector_watch_errors_total", METRIC_COUNTER,
                               "Watches that ended in an error."),
        .short_watches = family(m, "kr_reflector_short_watches_total", METRIC_COUNTER,
                                "Watches that ended at once without an event."),
        .relist_410 = family(m, "kr_reflector_relist_410_total", METRIC_COUNTER,
                             "Watches left because the resourceVersion had expired."),
        .objects = family(m, "kr_store_objects", METRIC_GAUGE, "Objects in the store."),
        .bytes = family(m, "kr_store_bytes", METRIC_GAUGE, "Memory of the store in bytes."),
        .last_event_age = family(m, "kr_last_event_age_seconds", METRIC_GAUGE,
                                 "Time since the server was last heard."),
    };
    if (m)
        metrics_add_collector(m, collect, c);
}

static void remove_metrics(struct kube_cache *c, const struct informer *i)
{
    const struct informer_metrics *m = &c->metrics;
    struct metric *families[] = { m->lists,      m->watches, m->watch_errors, m->short_watches,
                                  m->relist_410, m->objects, m->bytes,        m->last_event_age };
    for (size_t n = 0; n < ARRAY_LEN(families); n++)
        metric_remove(families[n], METRIC_LABELS(i->label));
}

/* ---- life ---- */

struct kube_cache *kube_cache_new(struct kube_client *client, const struct kube_cache_options *opt)
{
    struct kube_cache *c = xnew(struct kube_cache);
    c->client = client;
    c->opt = *opt;
    if (c->opt.resync_ms <= 0)
        c->opt.resync_ms = RESYNC_DEFAULT_MS;
    if (c->opt.resync_ms < RESYNC_MIN_MS)
        c->opt.resync_ms = RESYNC_MIN_MS;
    mutex_init(&c->mu);
    c->runnable = (struct runnable){ .name = "informers",
                                     .run = run_runnable,
                                     .is_ready = runnable_is_ready };
    init_metrics(c);
    return c;
}

void kube_cache_free(struct kube_cache *c)
{
    if (!c)
        return;
    if (c->opt.metrics)
        metrics_remove_collector(c->opt.metrics, collect, c);
    while (c->sets) {
        struct informer *next = c->sets->next;
        informer_free(c->sets);
        c->sets = next;
    }
    while (c->informers) {
        struct informer *next = c->informers->next;
        remove_metrics(c, c->informers);
        informer_free(c->informers);
        c->informers = next;
    }
    pthread_mutex_destroy(&c->mu);
    free(c);
}

static void reflect(void *arg)
{
    struct informer *i = arg;
    reflector_run(i->reflector, &i->cache->ctx);
}

static int64_t next_resync_ns(const struct kube_cache *c)
{
    int64_t shortest_ns = c->opt.resync_ms * NS_PER_MS / 10 * 9;
    return clock_mono_ns(c->opt.clock) +
           rng_jitter_ns(c->opt.rng, shortest_ns, 2.0 / 9); /* 0.9 to 1.1 of the period */
}

/* With c->mu held. */
static int start_informer(struct kube_cache *c, struct informer *i, struct error **err)
{
    if (i->started)
        return 0;
    i->resync_due_ns = next_resync_ns(c);
    if (thread_start(&i->thread, i->gvr.resource, reflect, i, err) < 0)
        return error_wrap(err, "starting the informer of %s", i->label);
    i->started = true;
    return 0;
}

static bool is_same(const struct informer *i, const struct informer_config *cfg)
{
    return gvr_same(&i->gvr, cfg->gvr) && str_eq(i->nspace, cfg->nspace) &&
           str_eq(i->label_selector, cfg->label_selector) &&
           str_eq(i->field_selector, cfg->field_selector) && i->projection == cfg->projection &&
           i->page_size == cfg->page_size &&
           i->internal_error_window_ms == cfg->internal_error_window_ms;
}

/* With c->mu held. */
static struct informer *find_or_add(struct kube_cache *c, const struct informer_config *cfg)
{
    struct informer **end = &c->informers;
    for (; *end; end = &(*end)->next) {
        if (!is_same(*end, cfg))
            continue;
        if (!cfg->optional) /* somebody depends on it */
            atomic_store(&(*end)->optional, false);
        return *end;
    }
    *end = informer_new(c, cfg);
    return *end;
}

/* With c->mu held. */
static struct informer *find_or_start(struct kube_cache *c, const struct informer_config *cfg)
{
    cleanup_error struct error *err = NULL;
    struct informer *i = find_or_add(c, cfg);
    if (c->running && !c->stopping && start_informer(c, i, &err) < 0)
        log_error(c->opt.log, "%s", error_text(err));
    return i;
}

/* With c->mu held. */
static struct informer *find_or_add_set(struct kube_cache *c, const struct informer_config *cfg)
{
    cleanup_free struct informer **parts = xcalloc(cfg->nspaces_len, sizeof(struct informer *));
    struct informer_config one = *cfg;
    one.nspaces_len = 0;
    for (size_t n = 0; n < cfg->nspaces_len; n++) {
        one.nspace = cfg->nspaces[n];
        parts[n] = find_or_start(c, &one);
    }
    struct informer **end = &c->sets;
    for (; *end; end = &(*end)->next) {
        if (!informer_set_is_of((*end)->set, parts, cfg->nspaces_len))
            continue;
        if (!cfg->optional)
            atomic_store(&(*end)->optional, false);
        return *end;
    }
    one.nspace = NULL;
    *end = informer_new(c, &one);
    (*end)->set = informer_set_new(parts, cfg->nspaces_len);
    return *end;
}

struct informer *kube_cache_informer(struct kube_cache *c, const struct informer_config *cfg)
{
    pthread_mutex_lock(&c->mu);
    struct informer *i = cfg->nspaces_len ? find_or_add_set(c, cfg) : find_or_start(c, cfg);
    pthread_mutex_unlock(&c->mu);
    kube_cache_poke(c);
    return i;
}

bool kube_cache_has_synced(struct kube_cache *c)
{
    bool synced = true;
    pthread_mutex_lock(&c->mu);
    for (struct informer *i = c->informers; i && synced; i = i->next)
        synced = informer_has_synced(i) || atomic_load(&i->optional);
    pthread_mutex_unlock(&c->mu);
    return synced;
}

/* ---- the run ---- */

void kube_cache_poke(struct kube_cache *c)
{
    atomic_store(&c->poked, true);
    pthread_mutex_lock(&c->mu);
    if (c->waker)
        waker_signal(c->waker);
    pthread_mutex_unlock(&c->mu);
}

static struct informer *first_informer(struct kube_cache *c)
{
    pthread_mutex_lock(&c->mu);
    struct informer *i = c->informers;
    pthread_mutex_unlock(&c->mu);
    return i;
}

static struct informer *next_informer(struct kube_cache *c, struct informer *i)
{
    pthread_mutex_lock(&c->mu);
    struct informer *next = i->next;
    pthread_mutex_unlock(&c->mu);
    return next;
}

/* Does what is due; returns when to come back. */
static int64_t do_due(struct kube_cache *c)
{
    int64_t due = CLOCK_NEVER;
    for (struct informer *i = first_informer(c); i; i = next_informer(c, i)) {
        int64_t now = clock_mono_ns(c->opt.clock);
        int64_t at = reflector_tick(i->reflector, now);
        if (at < due)
            due = at;
        if (i->resync_due_ns && now >= i->resync_due_ns) {
            informer_resync(i);
            i->resync_due_ns = next_resync_ns(c);
        }
        if (i->resync_due_ns && i->resync_due_ns < due)
            due = i->resync_due_ns;
    }
    return due;
}

static void keep_house(struct kube_cache *c, struct waker *w)
{
    while (!stop_is_set(c->ctx.stop)) {
        int64_t due = do_due(c);
        waker_lock(w);
        if (!atomic_exchange(&c->poked, false))
            (void)waker_wait(w, due, NULL);
        waker_unlock(w);
    }
}

/* With c->mu held. */
static int start_all(struct kube_cache *c, struct error **err)
{
    for (struct informer *i = c->informers; i; i = i->next) {
        if (start_informer(c, i, err) < 0)
            return -1;
    }
    return 0;
}

static void join_all(struct kube_cache *c)
{
    for (struct informer *i = first_informer(c); i; i = next_informer(c, i)) {
        if (i->started)
            pthread_join(i->thread, NULL);
    }
    pthread_mutex_lock(&c->mu);
    for (struct informer *i = c->informers; i; i = i->next)
        i->started = false;
    c->running = false;
    pthread_mutex_unlock(&c->mu);
}

int kube_cache_run(struct kube_cache *c, const struct opctx *ctx, struct error **err)
{
    pthread_mutex_lock(&c->mu);
    if (c->running) {
        pthread_mutex_unlock(&c->mu);
        return error_set(err, ERR_INTERNAL, "the informers are running already");
    }
    cleanup_stop struct stop *stop = stop_new(ctx->stop);
    struct waker w;
    c->ctx = opctx_with_stop(ctx, stop);
    c->running = true;
    c->stopping = false;
    waker_init(&w, &c->ctx);
    c->waker = &w;
    int status = start_all(c, err);
    pthread_mutex_unlock(&c->mu);

    if (status == 0)
        keep_house(c, &w);
    stop_request(stop);
    pthread_mutex_lock(&c->mu);
    c->stopping = true;
    c->waker = NULL;
    pthread_mutex_unlock(&c->mu);
    join_all(c);
    waker_release(&w);
    return status;
}

/* ---- streaming lists ---- */

static bool version_streams(const char *text, size_t len)
{
    cleanup_json json *version = NULL;
    if (json_parse_object(text, len, &version, NULL) < 0)
        return false;
    const char *major = json_path_str(version, "major"), *minor = json_path_str(version, "minor");
    return major && minor &&
           (strtol(major, NULL, 10) > 1 || strtol(minor, NULL, 10) >= STREAMS_FROM_MINOR);
}

bool kube_cache_streams(struct kube_cache *c, const struct opctx *ctx)
{
    int known = atomic_load(&c->streams);
    if (known != STREAMS_UNKNOWN)
        return known == STREAMS_YES;

    struct kube_raw raw = { .method = "GET", .path = "/version" };
    cleanup_response struct http_response response = { 0 };
    cleanup_error struct error *err = NULL;
    if (kube_send_raw(c->client, ctx, &raw, &response, &err) < 0)
        return false; /* not known yet: this time without */
    bool yes = version_streams(buf_str(&response.body), response.body.len);
    int unknown = STREAMS_UNKNOWN;
    (void)atomic_compare_exchange_strong(&c->streams, &unknown, yes ? STREAMS_YES : STREAMS_NO);
    return yes;
}

void kube_cache_refuse_streams(struct kube_cache *c)
{
    atomic_store(&c->streams, STREAMS_NO);
}
