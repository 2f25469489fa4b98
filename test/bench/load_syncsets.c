/*
 * load_syncsets - what callers ask of SyncSets, many at a time. Prints one line of figures.
 *
 *   load_syncsets clusters --url=URL --kubeconfig=FILE --from=N --to=N [--kind=fake|real] [--writers=N]
 *       registers clusters N to N, each in a namespace of its own, as the resource provider does. fake: everything succeeds there
 *       without a request; real: the kubeconfig is used, and only the set "all" is for them; both: each set is, and the kubeconfig
 *       is FILE.NUMBER
 *   load_syncsets sets --url=URL --sets=N [--objects=N]
 *       writes the SelectorSyncSets: "all" for all clusters, the others for all but "real", each of so many ConfigMaps
 *   load_syncsets writes --url=URL --writes=N [--writers=N] [--rate=N] [--watches=N]
 *       changes SyncSets of no cluster amid so many watches of their namespace: as fast as the writers get answers, or so many a
 *       second. A watch's latency is from before the request until its event is read.
 *   load_syncsets watches --url=URL --watches=N
 *       keeps so many watches open until its input ends; prints a line once all have been told the state
 *
 * FIGURES: a second, then the median and 99th percentile of requests, then of watches, in milliseconds.
 */
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pkg/base/env.h"
#include "pkg/base/file.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/base/thread.h"
#include "pkg/net/http_client.h"
#include "pkg/syncsets/operations.h"

#define WRITERS_MAX 64
#define WATCHES_MAX 1000
#define WRITTEN 64 /* SyncSets that are changed in turns; each belongs to one writer */
#define KUBECONFIG_MAX (1 << 20)
#define NSPACE "bench-writes"
#define LATE_S 60 /* an event that has not come by then is lost */

/* Nanoseconds, as they come; any thread. */
struct times {
    pthread_mutex_t mu;
    int64_t *v;
    size_t len;
};

struct load {
    const char *url, *kubeconfig_path, *kind;
    size_t from, to, sets, objects, writes, writers, rate, watches;
    char *kubeconfig;
    struct http_transport *transport;
    struct syncsets *client;
    struct opctx ctx;
    int64_t begun_ns;
    atomic_size_t next, failed, ready;
    atomic_bool over;
    struct times requests, events;
    int (*write_one)(struct load *l, size_t i, struct error **err);
};

static void times_add(struct times *t, int64_t ns)
{
    (void)pthread_mutex_lock(&t->mu);
    if ((t->len & (t->len - 1)) == 0)
        t->v = xreallocarray(t->v, t->len ? 2 * t->len : 1, sizeof(*t->v));
    t->v[t->len++] = ns;
    (void)pthread_mutex_unlock(&t->mu);
}

static size_t times_len(struct times *t)
{
    (void)pthread_mutex_lock(&t->mu);
    size_t n = t->len;
    (void)pthread_mutex_unlock(&t->mu);
    return n;
}

static int compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

static double share_ms(struct times *t, double share)
{
    if (!t->len)
        return 0;
    qsort(t->v, t->len, sizeof(*t->v), compare);
    return (double)t->v[(size_t)((double)(t->len - 1) * share)] / NS_PER_MS;
}

static int64_t now_ns(void)
{
    return clock_mono_ns(clock_system());
}

/* ---- what is written ---- */

static int put(struct load *l, const char *plural, const char *nspace, const char *name,
               const json *body, struct error **err)
{
    const struct syncsets_call call = { .method = "PUT",
                                        .plural = plural,
                                        .nspace = nspace,
                                        .name = name,
                                        .query = { { "upsert", "true" } },
                                        .body = body };
    return syncsets_send(l->client, &l->ctx, &call, NULL, NULL, err);
}

static int write_cluster(struct load *l, size_t i, struct error **err)
{
    bool fake = str_eq(l->kind, "fake"), all_sets = !str_eq(l->kind, "real");
    size_t number = l->from + i;
    cleanup_free char *own = NULL, *nspace = xasprintf("aro-%05zu", number);
    if (str_eq(l->kind, "both")) {
        size_t len;
        cleanup_free char *path = xasprintf("%s.%zu", l->kubeconfig_path, i);
        if (file_read(path, KUBECONFIG_MAX, &own, &len, err) < 0)
            return -1;
    }
    cleanup_json json *body =
        json_make("{'metadata':{'name':'cluster','namespace':%s,'annotations':{},'labels':{'bench':"
                  "'true','region':%s}},'spec':{'installedTimestamp':'2026-01-01T00:00:00Z',"
                  "'kubeconfig':%s}}",
                  nspace, number % 2 ? "eastus" : "westeurope", own ? own : l->kubeconfig);
    json *metadata = json_get(body, "metadata");
    if (fake)
        json_put(json_get(metadata, "annotations"), "hive.openshift.io/fake-cluster",
                 json_new_str("true"));
    if (all_sets)
        json_put(json_get(metadata, "labels"), "all-sets", json_new_str("true"));
    return put(l, "clusters", nspace, "cluster", body, err);
}

static json *give_objects(const char *set, size_t n, const char *value)
{
    json *list = json_new_array();
    for (size_t i = 0; i < n; i++) {
        cleanup_free char *name = xasprintf("%s-%zu", set, i);
        json_append(list, json_make("{'apiVersion':'v1','kind':'ConfigMap','metadata':{'name':%s,"
                                    "'namespace':'default'},'data':{'value':%s,'text':"
                                    "'what a set holds is a few lines of settings, often no more "
                                    "than a few hundred bytes for each of its objects'}}",
                                    name, value));
    }
    return list;
}

static int write_set(struct load *l, size_t i, struct error **err)
{
    cleanup_free char *name = i ? xasprintf("set-%02zu", i) : xstrdup("all");
    json *labels = json_make("{'bench':'true'}");
    if (i)
        json_put(labels, "all-sets", json_new_str("true"));
    cleanup_json json *body =
        json_make("{'metadata':{'name':%s},'spec':{'clusterDeploymentSelector':{'matchLabels':%j},"
                  "'resourceApplyMode':'Sync','resources':%j}}",
                  name, labels, give_objects(name, l->objects, "0"));
    return put(l, "selectorsyncsets", NULL, name, body, err);
}

/* The time at which it was sent lies in it, for whoever watches. */
static int write_change(struct load *l, size_t i, struct error **err)
{
    cleanup_free char *name = xasprintf("w%zu", i % WRITTEN);
    cleanup_free char *sent = xasprintf("%" PRId64, now_ns());
    cleanup_json json *body =
        json_make("{'metadata':{'name':%s,'namespace':'" NSPACE "','labels':{'bench':'write'}},"
                  "'spec':{'clusterDeploymentRefs':[{'name':'none'}],'resources':%j}}",
                  name, give_objects(name, 1, sent));
    return put(l, "syncsets", NSPACE, name, body, err);
}

/* ---- writers ---- */

/* With a rate, each write has its time: one that comes late does not move those behind it. */
static void await_turn(const struct load *l, size_t i)
{
    if (!l->rate)
        return;
    int64_t due_ns = l->begun_ns + (int64_t)i * NS_PER_S / (int64_t)l->rate;
    int64_t left_ms = (due_ns - now_ns()) / NS_PER_MS;
    if (left_ms > 0)
        (void)opctx_sleep_ms(&l->ctx, left_ms, NULL);
}

static void write_some(void *arg)
{
    struct load *l = arg;
    for (size_t i; (i = atomic_fetch_add(&l->next, 1)) < l->writes;) {
        cleanup_error struct error *err = NULL;
        await_turn(l, i);
        int64_t sent_ns = now_ns();
        if (l->write_one(l, i, &err) == 0)
            times_add(&l->requests, now_ns() - sent_ns);
        else if (atomic_fetch_add(&l->failed, 1) == 0)
            (void)fprintf(stderr, "load_syncsets: the first failure: %s\n", error_text(err));
    }
}

/* A second. */
static double write_all(struct load *l)
{
    pthread_t threads[WRITERS_MAX];
    l->begun_ns = now_ns();
    for (size_t i = 0; i < l->writers; i++)
        if (thread_start(&threads[i], "writer", write_some, l, NULL) < 0)
            abort();
    for (size_t i = 0; i < l->writers; i++)
        (void)pthread_join(threads[i], NULL);
    return (double)l->requests.len / ((double)(now_ns() - l->begun_ns) / NS_PER_S);
}

/* ---- watches ---- */

static void take_event(struct load *l, const struct syncsets_event *e)
{
    long long sent_ns;
    const char *text = json_path_str(e->object, "spec.resources[0].data.value");
    if (str_eq(e->type, "BOOKMARK"))
        atomic_fetch_add(&l->ready, 1); /* the state has been told; further ones do no harm */
    else if (text && str_to_int(text, 0, INT64_MAX, &sent_ns) && sent_ns >= l->begun_ns)
        times_add(&l->events, now_ns() - sent_ns);
}

static void watch(void *arg)
{
    struct load *l = arg;
    const struct syncsets_options opt = { .bookmarks = true };
    cleanup_error struct error *err = NULL;
    cleanup_syncsets_watch struct syncsets_watch *w = NULL;
    int status = syncsets_watch_sync_set(l->client, &l->ctx, NSPACE, &opt, &w, &err);
    while (status == 0 && !atomic_load(&l->over)) {
        const struct opctx soon = opctx_with_timeout_ms(&l->ctx, 500);
        cleanup_syncsets_event struct syncsets_event e = { 0 };
        error_free(take(err));
        status = syncsets_watch_next(w, &soon, &e, &err);
        if (status == 0 && e.type)
            take_event(l, &e);
        else if (error_is(err, ERR_TIMEOUT))
            status = 0;
    }
    if (status < 0)
        (void)fprintf(stderr, "load_syncsets: a watch: %s\n", error_text(err));
}

static void start_watches(struct load *l, pthread_t *threads)
{
    for (size_t i = 0; i < l->watches; i++)
        if (thread_start(&threads[i], "watch", watch, l, NULL) < 0)
            abort();
    for (int i = 0; atomic_load(&l->ready) < l->watches && i < 10 * LATE_S; i++)
        (void)opctx_sleep_ms(&l->ctx, 100, NULL);
}

static void end_watches(struct load *l, const pthread_t *threads)
{
    atomic_store(&l->over, true);
    for (size_t i = 0; i < l->watches; i++)
        (void)pthread_join(threads[i], NULL);
}

/* ---- commands ---- */

static void print_figures(struct load *l, double rate)
{
    printf("FIGURES %.0f %.1f %.1f %.1f %.1f\n", rate, share_ms(&l->requests, 0.5),
           share_ms(&l->requests, 0.99), share_ms(&l->events, 0.5), share_ms(&l->events, 0.99));
}

static void run_clusters(struct load *l)
{
    l->write_one = write_cluster;
    l->writes = l->to - l->from + 1;
    print_figures(l, write_all(l));
}

static void run_sets(struct load *l)
{
    l->write_one = write_set;
    l->writes = l->sets;
    print_figures(l, write_all(l));
}

static void run_writes(struct load *l)
{
    pthread_t threads[WATCHES_MAX];
    l->write_one = write_change;
    l->begun_ns = INT64_MAX; /* events of before are of another run */
    start_watches(l, threads);
    double rate = write_all(l);
    size_t expected = l->requests.len * l->watches;
    for (int i = 0; times_len(&l->events) < expected && i < 10 * LATE_S; i++)
        (void)opctx_sleep_ms(&l->ctx, 100, NULL);
    end_watches(l, threads);
    if (l->events.len < expected) {
        (void)fprintf(stderr, "load_syncsets: %zu of %zu events came\n", l->events.len, expected);
        atomic_fetch_add(&l->failed, expected - l->events.len);
    }
    print_figures(l, rate);
}

static void run_watches(struct load *l)
{
    pthread_t threads[WATCHES_MAX];
    char end;
    start_watches(l, threads);
    printf("%zu watches\n", atomic_load(&l->ready));
    (void)fflush(stdout);
    while (read(STDIN_FILENO, &end, 1) > 0)
        ;
    end_watches(l, threads);
}

static const struct command {
    const char *name;
    void (*run)(struct load *l);
} commands[] = { { "clusters", run_clusters },
                 { "sets", run_sets },
                 { "writes", run_writes },
                 { "watches", run_watches } };

static const struct command *find_command(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(commands); i++)
        if (str_eq(commands[i].name, name))
            return &commands[i];
    return NULL;
}

/* ---- arguments ---- */

static bool read_argument(struct load *l, const char *arg)
{
    const struct {
        const char *name;
        size_t *number;
        const char **text;
    } known[] = {
        { "--url=", NULL, &l->url },         { "--kubeconfig=", NULL, &l->kubeconfig_path },
        { "--kind=", NULL, &l->kind },       { "--from=", &l->from, NULL },
        { "--to=", &l->to, NULL },           { "--sets=", &l->sets, NULL },
        { "--objects=", &l->objects, NULL }, { "--writes=", &l->writes, NULL },
        { "--writers=", &l->writers, NULL }, { "--rate=", &l->rate, NULL },
        { "--watches=", &l->watches, NULL },
    };
    for (size_t i = 0; i < ARRAY_LEN(known); i++) {
        long long n;
        const char *value = arg + strlen(known[i].name);
        if (!str_starts(arg, known[i].name))
            continue;
        if (known[i].text)
            *known[i].text = value;
        else if (str_to_int(value, 0, 100000000, &n))
            *known[i].number = (size_t)n;
        else
            return false;
        return true;
    }
    return false;
}

static bool read_arguments(int argc, char **argv, struct load *l)
{
    for (int i = 2; i < argc; i++)
        if (!read_argument(l, argv[i]))
            return false;
    return l->url && l->from <= l->to && l->writers > 0 && l->writers <= WRITERS_MAX &&
           l->watches <= WATCHES_MAX;
}

static int connect_and_run(const struct command *c, struct load *l, struct error **err)
{
    const struct http_client_config net = { .clock = clock_system(), .env = env_process() };
    const struct http_peer_config peer = { .proxy_url = "" };
    cleanup_http_client struct http_client *http = NULL;
    struct http_peer *to = NULL;
    size_t len;
    if (l->kubeconfig_path && !str_eq(l->kind, "both") &&
        file_read(l->kubeconfig_path, KUBECONFIG_MAX, &l->kubeconfig, &len, err) < 0)
        return -1;
    if (http_client_new(&net, &http, err) < 0 || http_peer_new(http, &peer, &to, err) < 0)
        return -1;
    const struct syncsets_config cfg = { .url = l->url, .transport = http_peer_transport(to) };
    int status = syncsets_new(&cfg, &l->client, err);
    if (status == 0)
        c->run(l);
    syncsets_free(l->client);
    http_peer_unref(to);
    return status;
}

int main(int argc, char **argv)
{
    struct load l = { .kind = "fake", .objects = 4, .writers = 16 };
    const struct command *c = argc > 1 ? find_command(argv[1]) : NULL;
    cleanup_error struct error *err = NULL;
    if (!c || !read_arguments(argc, argv, &l)) {
        (void)fprintf(stderr, "usage: load_syncsets COMMAND OPTIONS, see its source\n");
        return 2;
    }
    l.ctx = opctx_root(clock_system(), rng_system(), NULL, NULL);
    mutex_init(&l.requests.mu);
    mutex_init(&l.events.mu);
    int status = connect_and_run(c, &l, &err);
    if (status < 0)
        (void)fprintf(stderr, "load_syncsets: %s\n", error_text(err));
    free(l.requests.v);
    free(l.events.v);
    free(l.kubeconfig);
    return status < 0 || atomic_load(&l.failed) ? 1 : 0;
}
