/*
 * write_objects - fills the cluster of KUBECONFIG with ConfigMaps, and changes them. Prints what it did.
 *
 *   write_objects fill  [--objects=N] [--payload=BYTES] [--letters]
 *       makes the namespace "bench" with N ConfigMaps (default 20000 of 1 KB)
 *   write_objects touch [--objects=N] [--payload=BYTES] [--letters] [--updates=N] [--writers=N] [--every-ms=N]
 *       updates some of them: as fast as the writers (default 8) get answers, or each of them once in so many ms
 *   --letters: text that does not compress, instead of words that do by half
 */
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/base/thread.h"
#include "pkg/kube/client.h"
#include "test/bench/payload.h"

#define WRITERS_MAX 64

struct load {
    bool touch, letters;
    size_t objects, payload, updates, writers;
    int64_t every_ms;
    struct kube_client *client;
    uint64_t salt; /* an update without a change is no event */
    atomic_size_t next, failed;
};

static int write_one(struct load *l, const struct opctx *ctx, size_t i, struct buf *text)
{
    size_t number = l->touch ? i * 7919 % l->objects : i;
    cleanup_free char *name = xasprintf("config-%zu", number);
    uint64_t seed = number * 31 + (l->touch ? l->salt + i : 0);
    buf_clear(text);
    if (l->letters)
        add_letters(text, l->payload, &seed);
    else
        add_words(text, l->payload, &seed);
    cleanup_json json *obj =
        json_make("{'apiVersion':'v1','kind':'ConfigMap','metadata':{'name':%s,'labels':"
                  "{'app':'bench'}},'data':{'text':%s}}",
                  name, buf_str(text));
    const struct kube_ref *ref = KUBE_REF(&GVR_CONFIGMAPS, "bench", l->touch ? name : NULL);
    return l->touch ? kube_update(l->client, ctx, ref, obj, NULL, NULL, NULL)
                    : kube_create(l->client, ctx, ref, obj, NULL, NULL, NULL);
}

static void write_some(void *arg)
{
    struct load *l = arg;
    struct opctx ctx = opctx_root(clock_system(), rng_system(), NULL, NULL);
    size_t end = l->touch ? l->updates : l->objects;
    int64_t due_ns = clock_mono_ns(ctx.clock);
    cleanup_buf struct buf text = BUF_INIT(BUF_UNBOUNDED);
    for (size_t i; (i = atomic_fetch_add(&l->next, 1)) < end;) {
        if (write_one(l, &ctx, i, &text) < 0)
            atomic_fetch_add(&l->failed, 1);
        due_ns += l->every_ms * NS_PER_MS;
        int64_t left_ns = due_ns - clock_mono_ns(ctx.clock);
        if (left_ns > 0)
            (void)opctx_sleep_ms(&ctx, left_ns / NS_PER_MS, NULL);
    }
}

static void run(struct load *l)
{
    pthread_t threads[WRITERS_MAX];
    struct opctx ctx = opctx_root(clock_system(), rng_system(), NULL, NULL);
    int64_t begun = clock_mono_ns(clock_system());
    l->salt = (uint64_t)begun;
    if (!l->touch) {
        cleanup_json json *ns =
            json_make("{'apiVersion':'v1','kind':'Namespace','metadata':{'name':'bench'}}");
        (void)kube_create(l->client, &ctx, KUBE_REF(&GVR_NAMESPACES, NULL, NULL), ns, NULL, NULL,
                          NULL); /* may be there */
    }
    for (size_t i = 0; i < l->writers; i++) {
        if (thread_start(&threads[i], "writer", write_some, l, NULL) < 0)
            abort();
    }
    for (size_t i = 0; i < l->writers; i++)
        (void)pthread_join(threads[i], NULL);
    double took = (double)(clock_mono_ns(clock_system()) - begun) / (double)NS_PER_S;
    size_t n = l->touch ? l->updates : l->objects;
    printf("%zu requests, %zu failed, %.1f s, %.0f a second\n", n, atomic_load(&l->failed), took,
           (double)n / took);
}

static int connect_and_run(struct load *l, struct error **err)
{
    cleanup_http_client struct http_client *http = NULL;
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
        status = kube_client_new(http, config, &opt, &l->client, err);
    if (status == 0)
        run(l);
    kube_client_free(l->client);
    kube_config_free(config);
    return status < 0 || atomic_load(&l->failed) ? -1 : 0;
}

static bool read_number(const char *arg, const char *name, size_t *ret)
{
    size_t len = strlen(name);
    long long n;
    if (strncmp(arg, name, len) != 0 || arg[len] != '=' ||
        !str_to_int(arg + len + 1, 0, 1000000000, &n))
        return false;
    *ret = (size_t)n;
    return true;
}

static bool read_arguments(int argc, char **argv, struct load *l)
{
    size_t every = 0;
    if (argc < 2 || (strcmp(argv[1], "fill") != 0 && strcmp(argv[1], "touch") != 0))
        return false;
    l->touch = strcmp(argv[1], "touch") == 0;
    for (int i = 2; i < argc; i++) {
        if (strcmp(argv[i], "--letters") == 0)
            l->letters = true;
        else if (!read_number(argv[i], "--objects", &l->objects) &&
                 !read_number(argv[i], "--payload", &l->payload) &&
                 !read_number(argv[i], "--updates", &l->updates) &&
                 !read_number(argv[i], "--writers", &l->writers) &&
                 !read_number(argv[i], "--every-ms", &every))
            return false;
    }
    l->every_ms = (int64_t)every;
    return l->writers > 0 && l->writers <= WRITERS_MAX && l->objects > 0;
}

int main(int argc, char **argv)
{
    struct load l = { .objects = 20000, .payload = 1024, .updates = 50000, .writers = 8 };
    cleanup_error struct error *err = NULL;
    if (!read_arguments(argc, argv, &l)) {
        (void)fprintf(stderr, "usage: write_objects fill | touch [OPTIONS], see its source\n");
        return 2;
    }
    if (connect_and_run(&l, &err) < 0) {
        (void)fprintf(stderr, "write_objects: %s\n", err ? error_text(err) : "requests failed");
        return 1;
    }
    return 0;
}
