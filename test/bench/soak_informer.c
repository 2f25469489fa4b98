/*
 * soak_informer - an informer of ConfigMaps under random writes, for as long as one likes. Prints a line of figures every
 * ten seconds and at the end whether the store equals the server's list; judges nothing.
 *
 *   soak_informer [--seconds=N] [--objects=N] [--every-ms=N] [--report-s=N]
 *       KUBECONFIG: makes the namespace "soak" and creates, changes and deletes so many objects (default 500) at random,
 *       one every so many ms (default 20), for 600 s. Whoever runs it breaks the server meanwhile.
 */
#include <dirent.h>
#include <malloc.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/base/thread.h"
#include "pkg/kube/informer.h"
#include "test/bench/payload.h"

#define SETTLE_S 120
#define REQUEST_MS 10000

struct settings {
    long long seconds, objects, every_ms, report_s;
};

struct soak {
    const struct settings *set;
    struct kube_client *client;
    struct informer *informer;
    struct metrics *metrics;
    struct informer_handler handler;
    struct opctx ctx;
    atomic_size_t added, updated, deleted, initial;
    size_t created, changed, removed, failed; /* writes */
};

/* ---- figures ---- */

static long status_of(const char *field)
{
    FILE *f = fopen("/proc/self/status", "re");
    char line[256];
    long value = 0;
    while (f && fgets(line, sizeof(line), f)) {
        if (strncmp(line, field, strlen(field)) == 0)
            value = strtol(line + strlen(field), NULL, 10);
    }
    if (f)
        (void)fclose(f);
    return value;
}

static int count_files(void)
{
    DIR *d = opendir("/proc/self/fd");
    int n = -3;             /* ".", ".." and d itself */
    while (d && readdir(d)) // NOLINT(concurrency-mt-unsafe): nobody else reads this stream
        n++;
    if (d)
        (void)closedir(d);
    return n;
}

static double counter(const struct soak *s, const char *name)
{
    cleanup_buf struct buf out = BUF_INIT(BUF_UNBOUNDED);
    cleanup_free char *head = xasprintf("\n%s{resource=\"configmaps\"} ", name);
    metrics_write(s->metrics, &out);
    const char *at = strstr(buf_str(&out), head);
    return at ? strtod(at + strlen(head), NULL) : 0;
}

static void report(const struct soak *s, int64_t begun_ns)
{
    long long second = (clock_mono_ns(s->ctx.clock) - begun_ns) / NS_PER_S;
    printf("%6lld s  rss %.1f MB  fds %d  threads %ld  written %zu (failed %zu)  seen %zu + %zu + "
           "%zu  "
           "objects %zu  lists %.0f  watches %.0f  410 %.0f\n",
           second, (double)status_of("VmRSS:") / 1024, count_files(), status_of("Threads:"),
           s->created + s->changed + s->removed, s->failed, atomic_load(&s->added),
           atomic_load(&s->updated), atomic_load(&s->deleted), informer_len(s->informer),
           counter(s, "kr_reflector_lists_total"), counter(s, "kr_reflector_watches_total"),
           counter(s, "kr_reflector_relist_410_total"));
}

static void count_event(struct informer_handler *h, const struct informer_event *e)
{
    struct soak *s = container_of(h, struct soak, handler);
    if (e->initial)
        atomic_fetch_add(&s->initial, 1);
    else
        atomic_fetch_add(e->type == INFORMER_ADD      ? &s->added
                         : e->type == INFORMER_UPDATE ? &s->updated
                                                      : &s->deleted,
                         1);
}

/* ---- writes ---- */

static void write_one(struct soak *s)
{
    struct opctx ctx = opctx_with_timeout_ms(&s->ctx, REQUEST_MS);
    uint64_t dice = rng_below(s->ctx.rng, 10), seed = s->ctx.rng->next(s->ctx.rng);
    cleanup_free char *name = xasprintf(
        "config-%llu", (unsigned long long)rng_below(s->ctx.rng, (uint64_t)s->set->objects));
    const struct kube_ref *ref = KUBE_REF(&GVR_CONFIGMAPS, "soak", name);
    cleanup_error struct error *e = NULL;
    size_t *done = &s->removed;
    int rcode;
    if (dice < 2) {
        const struct kube_delete_options opt = KUBE_DELETE_DEFAULTS;
        rcode = kube_delete(s->client, &ctx, ref, &opt, &e);
    } else {
        cleanup_buf struct buf text = BUF_INIT(BUF_UNBOUNDED);
        add_words(&text, 200 + seed % 4000, &seed);
        cleanup_json json *obj = json_make("{'apiVersion':'v1','kind':'ConfigMap','metadata':{"
                                           "'name':%s},'data':{'text':%s}}",
                                           name, buf_str(&text));
        done = dice < 5 ? &s->created : &s->changed;
        rcode = dice < 5 ? kube_create(s->client, &ctx, KUBE_REF(&GVR_CONFIGMAPS, "soak", NULL),
                                       obj, NULL, NULL, &e)
                         : kube_update(s->client, &ctx, ref, obj, NULL, NULL, &e);
    }
    if (rcode == 0)
        ++*done;
    else if (!error_is(e, ERR_NOT_FOUND) && !error_is(e, ERR_EXISTS))
        s->failed++;
}

static void write_on(struct soak *s)
{
    int64_t begun_ns = clock_mono_ns(s->ctx.clock), next_ns = begun_ns, report_ns = begun_ns;
    int64_t end_ns = begun_ns + s->set->seconds * NS_PER_S;
    while (clock_mono_ns(s->ctx.clock) < end_ns) {
        if (clock_mono_ns(s->ctx.clock) >= report_ns) {
            report(s, begun_ns);
            report_ns += s->set->report_s * NS_PER_S;
        }
        write_one(s);
        next_ns += s->set->every_ms * NS_PER_MS;
        int64_t left_ns = next_ns - clock_mono_ns(s->ctx.clock);
        if (left_ns > 0)
            (void)opctx_sleep_ms(&s->ctx, left_ns / NS_PER_MS, NULL);
        else
            next_ns = clock_mono_ns(s->ctx.clock); /* no catching up after an outage */
    }
    report(s, begun_ns);
}

/* ---- the end ---- */

struct comparison {
    struct soak *soak;
    size_t listed, differs;
};

static int compare(void *arg, const json *item, struct error **err)
{
    struct comparison *c = arg;
    (void)err;
    cleanup_kube_object struct kube_object *o =
        informer_get(c->soak->informer, "soak", json_path_str(item, "metadata.name"));
    c->listed++;
    c->differs += !o || !str_eq(kube_object_resource_version(o),
                                json_path_str(item, "metadata.resourceVersion"));
    return 0;
}

static bool is_equal(struct soak *s)
{
    struct comparison c = { .soak = s };
    struct opctx ctx = opctx_with_timeout_ms(&s->ctx, REQUEST_MS);
    return kube_list_each(s->client, &ctx, KUBE_REF(&GVR_CONFIGMAPS, "soak", NULL), NULL, compare,
                          &c, NULL) == 0 &&
           c.differs == 0 && c.listed == informer_len(s->informer);
}

static void settle(struct soak *s)
{
    int64_t begun_ns = clock_mono_ns(s->ctx.clock);
    bool equal = is_equal(s);
    while (!equal && clock_mono_ns(s->ctx.clock) - begun_ns < SETTLE_S * NS_PER_S &&
           opctx_sleep_ms(&s->ctx, 100, NULL) == 0)
        equal = is_equal(s);
    printf("store equals the server's list: %s, after %.1f s\n", equal ? "yes" : "NO",
           (double)(clock_mono_ns(s->ctx.clock) - begun_ns) / (double)NS_PER_S);
    printf("created %zu, changed %zu, deleted %zu; seen %zu added, %zu updated, %zu deleted (a "
           "relist joins what it "
           "missed)\n",
           s->created, s->changed, s->removed, atomic_load(&s->added), atomic_load(&s->updated),
           atomic_load(&s->deleted));
}

/* ---- the run ---- */

struct running {
    struct kube_cache *cache;
    struct opctx ctx;
};

static void run_cache(void *arg)
{
    struct running *r = arg;
    (void)kube_cache_run(r->cache, &r->ctx, NULL);
}

static int soak(struct soak *s, const struct log *log, struct error **err)
{
    struct kube_cache_options opt = {
        .clock = s->ctx.clock, .rng = s->ctx.rng, .log = log, .metrics = s->metrics
    };
    const struct informer_config cfg = { .gvr = &GVR_CONFIGMAPS, .nspace = "soak" };
    cleanup_kube_cache struct kube_cache *cache = kube_cache_new(s->client, &opt);
    cleanup_stop struct stop *stop = stop_new(NULL);
    cleanup_json json *ns =
        json_make("{'apiVersion':'v1','kind':'Namespace','metadata':{'name':'soak'}}");
    struct running r = { .cache = cache, .ctx = opctx_with_stop(&s->ctx, stop) };
    pthread_t thread;

    (void)kube_create(s->client, &s->ctx, KUBE_REF(&GVR_NAMESPACES, NULL, NULL), ns, NULL, NULL,
                      NULL); /* may be there */
    s->informer = kube_cache_informer(cache, &cfg);
    s->handler.on_event = count_event;
    informer_add_handler(s->informer, &s->handler);
    if (thread_start(&thread, "informers", run_cache, &r, err) < 0)
        return -1;
    write_on(s);
    settle(s);
    stop_request(stop);
    (void)pthread_join(thread, NULL);
    return 0;
}

static int connect_and_run(const struct settings *set, struct error **err)
{
    struct log_fd_sink sink;
    log_fd_sink_init(&sink, 2, LOG_INFO, LOG_TEXT, clock_system());
    const struct log log = log_root(&sink.base);
    CLEANUP_WITH(metrics_free_slot) struct metrics *metrics = metrics_new();
    struct soak s = { .set = set,
                      .metrics = metrics,
                      .ctx = opctx_root(clock_system(), rng_system(), NULL, NULL) };
    cleanup_http_client struct http_client *http = NULL;
    struct kube_config *config = NULL;
    struct kube_config_options load = { .env = env_process() };
    struct http_client_config net = { .clock = clock_system(), .env = env_process() };
    struct kube_client_options opt = { .qps = -1,
                                       .idle_ms = 5000,
                                       .ping_ms = 5000,
                                       .clock = clock_system(),
                                       .rng = rng_system(),
                                       .env = env_process(),
                                       .log = &log };
    if (kube_config_load(&load, &config, err) < 0)
        return -1;
    int status = http_client_new(&net, &http, err);
    if (status == 0)
        status = kube_client_new(http, config, &opt, &s.client, err);
    if (status == 0)
        status = soak(&s, &log, err);
    kube_client_free(s.client);
    kube_config_free(config);
    return status;
}

static bool read_number(const char *arg, const char *name, long long *ret)
{
    size_t len = strlen(name);
    return strncmp(arg, name, len) == 0 && arg[len] == '=' &&
           str_to_int(arg + len + 1, 1, 100000000, ret);
}

int main(int argc, char **argv)
{
    struct settings set = { .seconds = 600, .objects = 500, .every_ms = 20, .report_s = 10 };
    cleanup_error struct error *err = NULL;
    for (int i = 1; i < argc; i++) {
        if (!read_number(argv[i], "--seconds", &set.seconds) &&
            !read_number(argv[i], "--objects", &set.objects) &&
            !read_number(argv[i], "--every-ms", &set.every_ms) &&
            !read_number(argv[i], "--report-s", &set.report_s)) {
            (void)fprintf(stderr, "usage: soak_informer [OPTIONS], see its source\n");
            return 2;
        }
    }
    (void)mallopt(M_ARENA_MAX, 2); /* as the executables do */
    (void)setvbuf(stdout, NULL, _IOLBF, 0);
    if (connect_and_run(&set, &err) < 0) {
        (void)fprintf(stderr, "soak_informer: %s\n", error_text(err));
        return 1;
    }
    return 0;
}
