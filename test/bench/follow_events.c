/*
 * follow_events - what an informer of all ConfigMaps costs. Prints figures, a name and a value a line; judges nothing.
 *
 *   follow_events [--gather-ms=N] UPDATES...
 *       KUBECONFIG: lists the cluster's ConfigMaps, then follows updates; prints figures each time that so many
 *       have come. --gather-ms: how long watch input may gather, -1: not at all
 *   follow_events inner [--objects=N] [--payload=BYTES] [--updates=N]
 *       lists N ConfigMaps (default 20000 of 1 KB) from a transport inside the process, which writes
 *       the list while it is read, then N updates (default 50000): scanner, store and handlers alone
 */
#include <inttypes.h>
#include <malloc.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/base/thread.h"
#include "pkg/kube/informer.h"
#include "test/bench/payload.h"

struct settings {
    size_t objects, payload;
    size_t phases[8]; /* updates */
    size_t phases_len;
    bool real;
    long long gather_ms;
};

/* ---- figures ---- */

static double cpu_s(void)
{
    struct rusage u;
    (void)getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
           (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

/* How often a thread went to sleep. */
static double waits(void)
{
    struct rusage u;
    (void)getrusage(RUSAGE_SELF, &u);
    return (double)u.ru_nvcsw;
}

static double status_mb(const char *field)
{
    FILE *f = fopen("/proc/self/status", "re");
    char line[256];
    double kb = 0;
    while (f && fgets(line, sizeof(line), f)) {
        if (strncmp(line, field, strlen(field)) == 0)
            kb = strtod(line + strlen(field), NULL);
    }
    if (f)
        (void)fclose(f);
    return kb / 1024;
}

static double now_s(void)
{
    return (double)clock_mono_ns(clock_system()) / (double)NS_PER_S;
}

/* ---- a server inside the process ---- */

static void add_config_map(struct buf *b, size_t i, size_t version, size_t payload, bool typed)
{
    uint64_t seed = i * 1000003 + version;
    buf_adds(b, "{");
    if (typed)
        buf_adds(b, "\"kind\":\"ConfigMap\",\"apiVersion\":\"v1\",");
    buf_addf(b,
             "\"metadata\":{\"name\":\"config-%zu\",\"namespace\":\"bench-%zu\",\"uid\":"
             "\"%08zx-1111-4222-8333-%012" PRIx64 "\",\"resourceVersion\":\"%zu\","
             "\"creationTimestamp\":\"2024-01-01T00:00:00Z\",\"labels\":{\"app\":\"bench\"},"
             "\"managedFields\":[{\"manager\":\"bench\",\"operation\":\"Update\",\"apiVersion\":"
             "\"v1\",\"time\":\"2024-01-01T00:00:00Z\",\"fieldsType\":\"FieldsV1\",\"fieldsV1\":"
             "{\"f:data\":{\".\":{},\"f:text\":{}},\"f:metadata\":{\"f:labels\":{\".\":{},"
             "\"f:app\":{}}}}}]},\"data\":{\"text\":\"",
             i, i % 40, i, UINT64_C(0x9e3779b97f4) * (i + 1) & UINT64_C(0xffffffffffff), version);
    add_words(b, payload, &seed);
    buf_adds(b, "\"}}");
}

struct inner {
    struct http_transport transport;
    const struct settings *set;

    double served_s, list_served_s;
    bool watched;
};

static double thread_cpu_s(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Hands over 16 KB pieces, as the network does; writing them is not what is measured. */
static int flush(struct inner *s, struct http_sink *sink, struct buf *b, bool all, double *begun,
                 struct error **err)
{
    while (b->len >= 16384 || (all && b->len)) {
        size_t n = b->len < 16384 ? b->len : 16384;
        s->served_s += thread_cpu_s() - *begun;
        int status = sink->on_data(sink, b->data, n, err);
        *begun = thread_cpu_s();
        if (status < 0)
            return -1;
        buf_consume(b, n);
    }
    return 0;
}

static int serve_list(struct inner *s, struct http_sink *sink, struct error **err)
{
    cleanup_buf struct buf b = BUF_INIT(BUF_UNBOUNDED);
    double begun = thread_cpu_s();
    buf_addf(&b, "{\"kind\":\"ConfigMapList\",\"apiVersion\":\"v1\",\"metadata\":{"
                 "\"resourceVersion\":\"1\"},\"items\":[");
    for (size_t i = 0; i < s->set->objects; i++) {
        if (i)
            buf_addc(&b, ',');
        add_config_map(&b, i, 1, s->set->payload, false);
        if (flush(s, sink, &b, false, &begun, err) < 0)
            return -1;
    }
    buf_adds(&b, "]}\n");
    int status = flush(s, sink, &b, true, &begun, err);
    s->served_s += thread_cpu_s() - begun;
    s->list_served_s = s->served_s;
    return status;
}

static int serve_watch(struct inner *s, const struct opctx *ctx, struct http_sink *sink,
                       struct error **err)
{
    cleanup_buf struct buf b = BUF_INIT(BUF_UNBOUNDED);
    double begun = thread_cpu_s();
    for (size_t i = 0; i < s->set->phases[0] && !s->watched; i++) {
        buf_clear(&b);
        buf_adds(&b, "{\"type\":\"MODIFIED\",\"object\":");
        add_config_map(&b, i * 7919 % s->set->objects, i + 2, s->set->payload, true);
        buf_adds(&b, "}\n");
        if (flush(s, sink, &b, true, &begun, err) < 0)
            return -1;
    }
    s->served_s += thread_cpu_s() - begun;
    s->watched = true;
    return opctx_sleep_ms(ctx, 3600000, err);
}

static int serve(struct http_transport *t, const struct opctx *ctx, const struct http_request *req,
                 struct http_response *ret, struct error **err)
{
    struct inner *s = container_of(t, struct inner, transport);
    *ret = (struct http_response){ .status = 200, .version = 20 };
    (void)req->sink->on_head(req->sink, ret);
    if (strstr(req->url, "watch=true"))
        return serve_watch(s, ctx, req->sink, err);
    return serve_list(s, req->sink, err);
}

/* ---- the informer ---- */

struct counting {
    struct informer_handler handler;
    pthread_mutex_t mu;
    pthread_cond_t reached;
    size_t later, wanted;
};

static void count_event(struct informer_handler *h, const struct informer_event *e)
{
    struct counting *c = container_of(h, struct counting, handler);
    if (e->initial)
        return;
    pthread_mutex_lock(&c->mu);
    if (++c->later == c->wanted)
        pthread_cond_signal(&c->reached);
    pthread_mutex_unlock(&c->mu);
}

/* Without looking now and then, which would count as work. */
static void await(struct counting *c, size_t wanted)
{
    pthread_mutex_lock(&c->mu);
    c->wanted = wanted;
    while (c->later < wanted)
        pthread_cond_wait(&c->reached, &c->mu);
    pthread_mutex_unlock(&c->mu);
}

struct running {
    struct kube_cache *cache;
    struct stop *stop;
};

static void run_cache(void *arg)
{
    struct running *r = arg;
    struct opctx ctx = opctx_root(clock_system(), rng_system(), r->stop, NULL);
    (void)kube_cache_run(r->cache, &ctx, NULL);
}

static void await_sync(struct informer *i)
{
    const struct timespec t = { .tv_nsec = 2000000 };
    while (!informer_has_synced(i))
        (void)nanosleep(&t, NULL);
}

static void report_sync(struct informer *i, double seconds, double cpu, double rss_before)
{
    size_t n = informer_len(i), bytes = informer_bytes(i);
    printf("objects %zu\n", n);
    printf("object_bytes %zu\n", n ? bytes / n : 0);
    printf("store_mb %.1f\n", (double)bytes / 1e6);
    printf("sync_s %.3f\n", seconds);
    printf("sync_cpu_s %.3f\n", cpu);
    printf("rss_before_mb %.1f\n", rss_before);
    printf("rss_mb %.1f\n", status_mb("VmRSS:"));
    printf("peak_mb %.1f\n", status_mb("VmHWM:"));
}

static void follow(const struct settings *set, struct informer *i, struct counting *c,
                   const struct inner *inner)
{
    size_t total = 0;
    for (size_t p = 0; p < set->phases_len; p++) {
        double cpu = cpu_s(), served = inner ? inner->list_served_s : 0;
        double begun = now_s(), slept = waits(), n = (double)set->phases[p];
        total += set->phases[p];
        await(c, total);
        double used = cpu_s() - cpu - (inner ? inner->served_s - served : 0);
        printf(
            "updates %.0f %.1f us, %.2f wakes, %.1f s, store %.1f MB, RSS %.1f MB, peak %.1f MB\n",
            n, used / n * 1e6, (waits() - slept) / n, now_s() - begun,
            (double)informer_bytes(i) / 1e6, status_mb("VmRSS:"), status_mb("VmHWM:"));
    }
}

static void measure(const struct settings *set, struct kube_client *client, struct inner *inner)
{
    struct kube_cache_options opt = { .clock = clock_system(), .rng = rng_system() };
    struct informer_config cfg = { .gvr = &GVR_CONFIGMAPS };
    struct counting c = { .handler = { .on_event = count_event },
                          .mu = PTHREAD_MUTEX_INITIALIZER,
                          .reached = PTHREAD_COND_INITIALIZER };
    cleanup_kube_cache struct kube_cache *cache = kube_cache_new(client, &opt);
    struct informer *i = kube_cache_informer(cache, &cfg);
    struct running r = { .cache = cache, .stop = stop_new(NULL) };
    pthread_t thread;
    informer_add_handler(i, &c.handler);

    double rss = status_mb("VmRSS:"), cpu = cpu_s(), begun = now_s();
    if (thread_start(&thread, "informers", run_cache, &r, NULL) < 0)
        abort();
    await_sync(i);
    report_sync(i, now_s() - begun, cpu_s() - cpu - (inner ? inner->list_served_s : 0), rss);
    follow(set, i, &c, inner);
    stop_request(r.stop);
    (void)pthread_join(thread, NULL);
    stop_unref(r.stop);
}

static int run_inner(const struct settings *set, struct error **err)
{
    struct inner inner = { .transport = { .send = serve }, .set = set };
    char server[] = "https://inner", nspace[] = "default";
    const struct kube_config config = { .server = server, .nspace = nspace };
    struct kube_client_options opt = { .qps = -1, .clock = clock_system(), .rng = rng_system() };
    cleanup_kube_client struct kube_client *client = NULL;
    if (kube_client_new_over(&inner.transport, &config, &opt, &client, err) < 0)
        return -1;
    measure(set, client, &inner);
    return 0;
}

/* ---- a real server ---- */

static int run_real(const struct settings *set, struct error **err)
{
    cleanup_http_client struct http_client *http = NULL;
    struct kube_client *client = NULL;
    struct kube_config *config = NULL;
    struct kube_config_options load = { .env = env_process() };
    struct http_client_config net = { .clock = clock_system(),
                                      .env = env_process(),
                                      .watch_gather_ms = set->gather_ms };
    struct kube_client_options opt = {
        .qps = -1, .clock = clock_system(), .rng = rng_system(), .env = env_process()
    };
    if (kube_config_load(&load, &config, err) < 0)
        return -1;
    int status = http_client_new(&net, &http, err);
    if (status == 0)
        status = kube_client_new(http, config, &opt, &client, err);
    if (status == 0)
        measure(set, client, NULL);
    kube_client_free(client);
    kube_config_free(config);
    return status;
}

static bool read_number(const char *arg, const char *name, size_t *ret)
{
    size_t len = strlen(name);
    long long n;
    if (strncmp(arg, name, len) != 0 || !str_to_int(arg + len, 1, 1000000000, &n))
        return false;
    *ret = (size_t)n;
    return true;
}

static bool read_arguments(int argc, char **argv, struct settings *set)
{
    int i = 1;
    set->real = argc < 2 || strcmp(argv[1], "inner") != 0;
    if (set->real)
        set->phases_len = 0;
    else
        i++;
    for (; i < argc; i++) {
        const char *a = argv[i];
        if (str_starts(a, "--gather-ms=") && str_to_int(a + 12, -1, 60000, &set->gather_ms))
            continue;
        if (read_number(a, "--objects=", &set->objects) ||
            read_number(a, "--payload=", &set->payload))
            continue;
        if (!set->real ? !read_number(a, "--updates=", &set->phases[0])
                       : set->phases_len == ARRAY_LEN(set->phases) ||
                             !read_number(a, "", &set->phases[set->phases_len++]))
            return false;
    }
    return true;
}

int main(int argc, char **argv)
{
    struct settings set = {
        .objects = 20000, .payload = 1024, .phases = { 50000 }, .phases_len = 1
    };
    cleanup_error struct error *err = NULL;
    if (!read_arguments(argc, argv, &set)) {
        (void)fprintf(stderr, "usage: follow_events [OPTIONS] UPDATES... | inner [OPTIONS]\n");
        return 2;
    }
    (void)mallopt(M_ARENA_MAX, 2); /* as the executables do */
    (void)setvbuf(stdout, NULL, _IOLBF, 0);
    int status = set.real ? run_real(&set, &err) : run_inner(&set, &err);
    if (status < 0)
        (void)fprintf(stderr, "follow_events: %s\n", error_text(err));
    return status < 0;
}
