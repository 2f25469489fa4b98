/*
 * bench_informer - what an informer of all ConfigMaps costs. Prints figures, judges nothing.
 *
 *   bench_informer [--objects=N] [--payload=BYTES] [--updates=N]
 *       lists N ConfigMaps (default 20000 of 1 KB) from a transport inside the process, which writes
 *       the list while it is read, then N updates (default 50000): scanner, store and handlers alone
 *   bench_informer follow [--updates=N] [--no-handler]
 *       KUBECONFIG: lists the cluster's ConfigMaps, then follows updates until N came
 *   bench_informer fill | touch [--objects=N] [--payload=BYTES] [--updates=N]
 *       KUBECONFIG: creates the namespace "bench" with N ConfigMaps; updates N of them
 *
 * The payload is words, so that it compresses as configuration does: to about half.
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

struct settings {
    const char *mode;
    size_t objects, payload, updates;
    bool plain; /* no handler */
};

/* ---- figures ---- */

static double cpu_s(void)
{
    struct rusage u;
    (void)getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
           (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
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

/* ---- payload: words of a vocabulary of 4096, so that neither all nor nothing repeats ---- */

static uint64_t next_random(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return *seed >> 33;
}

static void add_word(struct buf *b, uint64_t word)
{
    uint64_t seed = word * 7919 + 1;
    size_t len = 3 + next_random(&seed) % 7;
    for (size_t i = 0; i < len; i++)
        buf_addc(b, (char)('a' + next_random(&seed) % 26));
}

static void add_payload(struct buf *b, size_t bytes, uint64_t *seed)
{
    size_t end = b->len + bytes;
    while (b->len < end) {
        add_word(b, next_random(seed) % 4096);
        buf_addc(b, ' ');
    }
}

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
    add_payload(b, payload, &seed);
    buf_adds(b, "\"}}");
}

/* ---- a server inside the process ---- */

struct inner {
    struct http_transport transport;
    const struct settings *set;

    double served_s, list_served_s;
    bool watched;
    atomic_bool finished;
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
    for (size_t i = 0; i < s->set->updates && !s->watched; i++) {
        buf_clear(&b);
        buf_adds(&b, "{\"type\":\"MODIFIED\",\"object\":");
        add_config_map(&b, i * 7919 % s->set->objects, i + 2, s->set->payload, true);
        buf_adds(&b, "}\n");
        if (flush(s, sink, &b, true, &begun, err) < 0)
            return -1;
    }
    s->served_s += thread_cpu_s() - begun;
    s->watched = true;
    atomic_store(&s->finished, true);
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
    atomic_size_t initial, later;
};

static void count_event(struct informer_handler *h, const struct informer_event *e)
{
    struct counting *c = container_of(h, struct counting, handler);
    atomic_fetch_add(e->initial ? &c->initial : &c->later, 1);
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

/* Looking costs CPU, too: rarely, where events are measured. */
static void nap_ms(long ms)
{
    const struct timespec t = { .tv_nsec = ms * 1000000 };
    (void)nanosleep(&t, NULL);
}

static void report_sync(struct informer *i, double seconds, double cpu, double rss_before)
{
    size_t n = informer_len(i), bytes = informer_bytes(i);
    printf("objects          %zu\n", n);
    printf("first sync       %.3f s\n", seconds);
    printf("CPU              %.3f s\n", cpu);
    printf("store            %.1f MB, %zu bytes an object\n", (double)bytes / 1e6,
           n ? bytes / n : 0);
    printf("RSS              %.1f MB (before: %.1f MB; peak: %.1f MB)\n", status_mb("VmRSS:"),
           rss_before, status_mb("VmHWM:"));
}

static void follow_updates(const struct settings *set, struct informer *i, struct counting *c,
                           struct inner *inner)
{
    double cpu = cpu_s(), begun = now_s(), served = inner ? inner->list_served_s : 0;
    size_t wanted = set->updates;
    while (set->plain ? inner && !atomic_load(&inner->finished) : atomic_load(&c->later) < wanted)
        nap_ms(2);
    double used = cpu_s() - cpu - (inner ? inner->served_s - served : 0);
    printf("updates          %zu in %.2f s\n", wanted, now_s() - begun);
    printf("CPU an update    %.1f us\n", used / (double)wanted * 1e6);
    printf("store            %.1f MB\n", (double)informer_bytes(i) / 1e6);
    printf("RSS              %.1f MB (peak: %.1f MB)\n", status_mb("VmRSS:"), status_mb("VmHWM:"));
}

static void measure(const struct settings *set, struct kube_client *client, struct inner *inner)
{
    struct kube_cache_options opt = { .clock = clock_system(), .rng = rng_system() };
    struct informer_config cfg = { .gvr = &GVR_CONFIGMAPS };
    struct counting c = { .handler = { .on_event = count_event } };
    cleanup_kube_cache struct kube_cache *cache = kube_cache_new(client, &opt);
    struct informer *i = kube_cache_informer(cache, &cfg);
    struct running r = { .cache = cache, .stop = stop_new(NULL) };
    pthread_t thread;
    if (!set->plain)
        informer_add_handler(i, &c.handler);

    double rss = status_mb("VmRSS:"), cpu = cpu_s(), begun = now_s();
    if (thread_start(&thread, "informers", run_cache, &r, NULL) < 0)
        abort();
    while (!informer_has_synced(i))
        nap_ms(2);
    report_sync(i, now_s() - begun, cpu_s() - cpu - (inner ? inner->list_served_s : 0), rss);
    if (set->updates)
        follow_updates(set, i, &c, inner);
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

struct filling {
    const struct settings *set;
    struct kube_client *client;
    atomic_size_t next, failed;
    bool touch;
    uint64_t salt; /* an update without a change is no event */
};

static void fill_some(void *arg)
{
    struct filling *f = arg;
    struct opctx ctx = opctx_root(clock_system(), rng_system(), NULL, NULL);
    size_t end = f->touch ? f->set->updates : f->set->objects, i;
    cleanup_buf struct buf text = BUF_INIT(BUF_UNBOUNDED);
    while ((i = atomic_fetch_add(&f->next, 1)) < end) {
        cleanup_json json *obj = NULL;
        size_t number = f->touch ? i * 7919 % f->set->objects : i;
        cleanup_free char *name = xasprintf("config-%zu", number);
        uint64_t seed = number * 31 + (f->touch ? f->salt + i : 0);
        buf_clear(&text);
        add_payload(&text, f->set->payload, &seed);
        obj = json_make("{'apiVersion':'v1','kind':'ConfigMap','metadata':{'name':%s,'labels':"
                        "{'app':'bench'}},'data':{'text':%s}}",
                        name, buf_str(&text));
        const struct kube_ref *ref = KUBE_REF(&GVR_CONFIGMAPS, "bench", f->touch ? name : NULL);
        int status = f->touch ? kube_update(f->client, &ctx, ref, obj, NULL, NULL, NULL)
                              : kube_create(f->client, &ctx, ref, obj, NULL, NULL, NULL);
        if (status < 0)
            atomic_fetch_add(&f->failed, 1);
    }
}

static void fill(const struct settings *set, struct kube_client *client, bool touch)
{
    struct filling f = { .set = set,
                         .client = client,
                         .touch = touch,
                         .salt = (uint64_t)clock_mono_ns(clock_system()) };
    struct opctx ctx = opctx_root(clock_system(), rng_system(), NULL, NULL);
    pthread_t threads[8];
    cleanup_json json *ns = json_make("{'apiVersion':'v1','kind':'Namespace','metadata':{"
                                      "'name':'bench'}}");
    double begun = now_s();
    if (!touch)
        (void)kube_create(client, &ctx, KUBE_REF(&GVR_NAMESPACES, NULL, NULL), ns, NULL, NULL,
                          NULL);
    for (size_t i = 0; i < ARRAY_LEN(threads); i++) {
        if (thread_start(&threads[i], "fill", fill_some, &f, NULL) < 0)
            abort();
    }
    for (size_t i = 0; i < ARRAY_LEN(threads); i++)
        (void)pthread_join(threads[i], NULL);
    printf("%zu requests, %zu failed, %.1f s\n", touch ? set->updates : set->objects,
           atomic_load(&f.failed), now_s() - begun);
}

static int run_real(const struct settings *set, struct error **err)
{
    cleanup_http_client struct http_client *http = NULL;
    cleanup_kube_client struct kube_client *client = NULL;
    struct kube_config *config = NULL;
    struct kube_config_options load = { .env = env_process() };
    struct http_client_config net = { .clock = clock_system(), .env = env_process() };
    struct kube_client_options opt = {
        .qps = -1, .clock = clock_system(), .rng = rng_system(), .env = env_process()
    };
    if (kube_config_load(&load, &config, err) < 0)
        return -1;
    int status = http_client_new(&net, &http, err);
    if (status == 0)
        status = kube_client_new(http, config, &opt, &client, err);
    if (status == 0 && strcmp(set->mode, "follow") == 0)
        measure(set, client, NULL);
    else if (status == 0)
        fill(set, client, strcmp(set->mode, "touch") == 0);
    kube_client_free(take(client));
    kube_config_free(config);
    return status;
}

static void read_arguments(int argc, char **argv, struct settings *set)
{
    for (int i = 1; i < argc; i++) {
        const char *a = argv[i];
        if (str_starts(a, "--objects="))
            set->objects = strtoul(a + 10, NULL, 10);
        else if (str_starts(a, "--payload="))
            set->payload = strtoul(a + 10, NULL, 10);
        else if (str_starts(a, "--updates="))
            set->updates = strtoul(a + 10, NULL, 10);
        else if (strcmp(a, "--no-handler") == 0)
            set->plain = true;
        else
            set->mode = a;
    }
}

int main(int argc, char **argv)
{
    struct settings set = { .objects = 20000, .payload = 1024, .updates = 50000 };
    cleanup_error struct error *err = NULL;
    read_arguments(argc, argv, &set);
    (void)mallopt(M_ARENA_MAX, 1); /* as the executables do */
    (void)setvbuf(stdout, NULL, _IOLBF, 0);
    int status = set.mode ? run_real(&set, &err) : run_inner(&set, &err);
    if (status < 0)
        (void)fprintf(stderr, "bench_informer: %s\n", error_text(err));
    return status < 0;
}
