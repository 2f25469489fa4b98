#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hack/devcloud/cluster/cluster.h"
#include "pkg/base/mem.h"
#include "pkg/net/server.h"
#include "test/synccrash/synccrash.h"

#define KNOCK "/api"
#define OBJECTS "/api/v1/namespaces/default/configmaps"
/* A change takes a while, so that work on a cluster is long enough to be met by harm, and one in so many takes long. */
#define DELAY_MIN_MS 20
#define DELAY_MAX_MS 50
#define LONG_DELAY_MS 500
#define LONG_ONE_IN 10
/* One change in so many finds its member frozen meanwhile, for longer than its lease lasts. */
#define FREEZE_ONE_IN 8
#define FREEZE_MIN_MS (1100 * LEASE_S)
#define FREEZE_MAX_MS (1700 * LEASE_S)

struct door {
    struct fleet *f;
    size_t cluster;
    unsigned member;
    struct cluster_server *server;
};
struct site {
    struct cluster *c;
    struct http_transport *inside; /* an administrator, without sockets */
    char *kubeconfig;
    struct record record;
    struct door doors[MEMBERS_MAX];
};
struct fleet {
    struct world *w;
    size_t members;
    struct site sites[CLUSTERS];
    atomic_uint break_one_in;
    pthread_mutex_t mu; /* guards chance */
    struct chance chance;
};

static uint64_t below(struct fleet *f, uint64_t n)
{
    (void)pthread_mutex_lock(&f->mu);
    uint64_t got = rng_below(&f->chance.rng, n);
    (void)pthread_mutex_unlock(&f->mu);
    return got;
}

/* ---- requests through a door ---- */

static bool breaks(struct fleet *f)
{
    unsigned one_in = atomic_load(&f->break_one_in);
    return one_in && below(f, one_in) == 0;
}

static void cut(const struct door *d, struct http_call *call)
{
    rollout_excuse(d->f->w->rollout, d->cluster);
    struct http_stream *s = http_call_begin_stream(call, 1, NULL, NULL);
    http_stream_abort(s);
    http_stream_unref(s);
}

static char *give_name(const struct http_call *call)
{
    cleanup_json json *body = NULL;
    size_t len;
    const char *path = http_call_path(call), *text = http_call_body(call, &len);
    if (!str_eq(http_call_method(call), "POST"))
        return xstrdup(strrchr(path, '/') + 1);
    (void)json_parse_object(text, len, &body, NULL);
    const char *name = json_path_str(body, "metadata.name");
    return xstrdup(name ? name : path);
}

static void forward(struct site *s, const struct opctx *ctx, const struct http_call *call,
                    struct http_response *ret)
{
    static const char *const kept[] = { "Content-Type", "Accept", "User-Agent" };
    const char *query = http_call_query(call);
    cleanup_free char *url = xasprintf("https://cluster%s%s%s", http_call_path(call),
                                       query ? "?" : "", query ? query : "");
    cleanup_request struct http_request rq = { .method = http_call_method(call), .url = url };
    rq.body = http_call_body(call, &rq.body_len);
    for (size_t i = 0; i < ARRAY_LEN(kept); i++)
        if (http_call_header(call, kept[i]))
            http_headers_add(&rq.headers, kept[i], http_call_header(call, kept[i]));
    if (http_send(s->inside, ctx, &rq, ret, NULL) < 0)
        abort(); /* there is no connection that could end */
}

/* Whoever waits takes part of the time before, part of it behind the change. */
static void linger(struct fleet *f)
{
    uint64_t ms = below(f, LONG_ONE_IN) == 0 ? below(f, LONG_DELAY_MS)
                                             : DELAY_MIN_MS + below(f, DELAY_MAX_MS - DELAY_MIN_MS);
    (void)opctx_sleep_ms(f->w->ctx, (int64_t)ms, NULL);
}

static void freeze_some(struct fleet *f, const struct door *d)
{
    if (below(f, FREEZE_ONE_IN) == 0)
        herd_freeze(f->w->herd, d->member,
                    (int64_t)(FREEZE_MIN_MS + below(f, FREEZE_MAX_MS - FREEZE_MIN_MS)));
}

static bool on_request(void *arg, struct http_call *call)
{
    const struct door *d = arg;
    struct fleet *f = d->f;
    struct site *s = &f->sites[d->cluster];
    bool is_broken = breaks(f);
    if (str_eq(http_call_method(call), "GET")) {
        if (str_eq(http_call_path(call), KNOCK))
            record_knock(&s->record, d->member);
        if (is_broken)
            cut(d, call);
        return is_broken;
    }
    cleanup_free char *name = give_name(call);
    cleanup_response struct http_response res = { 0 };
    cleanup_json json *object = NULL;
    size_t number = record_begin(&s->record, d->member, http_call_method(call), name);
    linger(f);
    freeze_some(f, d);
    forward(s, f->w->ctx, call, &res);
    linger(f);
    (void)json_parse_object(buf_str(&res.body), res.body.len, &object, NULL);
    record_end(&s->record, number, res.status, object);
    if (res.status / 100 != 2)
        rollout_excuse(f->w->rollout, d->cluster);
    if (is_broken)
        cut(d, call);
    else
        http_call_reply(call, res.status, "application/json", buf_str(&res.body));
    return true;
}

/* ---- opening ---- */

static int open_site(struct fleet *f, size_t i, struct error **err)
{
    static const char *const groups[] = { "system:masters", NULL };
    const struct cluster_config cfg = { .clock = clock_system(), .rng = rng_system() };
    struct site *s = &f->sites[i];
    cleanup_free char *host = xasprintf("c%zu.fleet.test", i);
    cleanup_free char *url = xasprintf("https://%s:6443", host);
    record_init(&s->record, f->w, i);
    if (cluster_new(&cfg, &s->c, err) < 0 ||
        cluster_give_kubeconfig(s->c, url, "admin", groups, &s->kubeconfig, err) < 0)
        return -1;
    s->inside = cluster_transport_new(s->c, "admin", groups);
    const char *const names[] = { host, NULL };
    for (unsigned m = 0; m < f->members; m++) {
        struct door *d = &s->doors[m];
        *d = (struct door){ .f = f, .cluster = i, .member = m };
        const struct cluster_server_config server = { .address = "127.0.0.1",
                                                      .dns_names = names,
                                                      .workers = 2,
                                                      .intercept = on_request,
                                                      .intercept_arg = d };
        if (cluster_server_start(s->c, &server, &d->server, err) < 0)
            return -1;
    }
    return 0;
}

struct fleet *fleet_open(struct world *w, size_t members, struct error **err)
{
    struct fleet *f = xnew(struct fleet);
    f->w = w;
    f->members = members;
    mutex_init(&f->mu);
    chance_init(&f->chance, w->seed, 1000);
    for (size_t i = 0; i < CLUSTERS; i++)
        if (open_site(f, i, err) < 0) {
            fleet_close(f);
            return NULL;
        }
    return f;
}

void fleet_close(struct fleet *f)
{
    for (size_t i = 0; i < CLUSTERS; i++) {
        struct site *s = &f->sites[i];
        for (size_t m = 0; m < f->members; m++)
            cluster_server_stop(s->doors[m].server);
        cluster_transport_free(s->inside);
        cluster_free(s->c);
        free(s->kubeconfig);
        record_release(&s->record);
    }
    (void)pthread_mutex_destroy(&f->mu);
    free(f);
}

void fleet_break(struct fleet *f, unsigned one_in)
{
    atomic_store(&f->break_one_in, one_in);
}

const char *fleet_kubeconfig(const struct fleet *f, size_t cluster)
{
    return f->sites[cluster].kubeconfig;
}

char *fleet_give_ways(const struct fleet *f, size_t member)
{
    struct buf b = BUF_INIT(BUF_UNBOUNDED);
    for (size_t i = 0; i < CLUSTERS; i++)
        buf_addf(&b, "c%zu.fleet.test:6443 127.0.0.1:%u\n", i,
                 (unsigned)cluster_server_port(f->sites[i].doors[member].server));
    return buf_give(&b);
}

/* ---- from inside ---- */

json *fleet_give_state(struct fleet *f, size_t cluster)
{
    const struct http_request rq = { .method = "GET", .url = "https://cluster" OBJECTS };
    cleanup_response struct http_response res = { 0 };
    cleanup_json json *list = NULL;
    json *state = json_new_object();
    if (http_send(f->sites[cluster].inside, f->w->ctx, &rq, &res, NULL) < 0 ||
        json_parse_object(buf_str(&res.body), res.body.len, &list, NULL) < 0)
        abort();
    const json *items = json_get(list, "items");
    for (size_t i = 0; i < json_len(items); i++) {
        json *data = json_get(json_at(items, i), "data");
        json_put(state, json_path_str(json_at(items, i), "metadata.name"),
                 data ? json_ref(data) : json_new_object());
    }
    return state;
}

void fleet_make(struct fleet *f, size_t cluster, const char *name)
{
    cleanup_json json *object =
        json_make("{'apiVersion':'v1','kind':'ConfigMap','metadata':{'name':%s},'data':{}}", name);
    cleanup_free char *body = json_give_text(object);
    cleanup_response struct http_response res = { 0 };
    cleanup_request struct http_request rq = {
        .method = "POST", .url = "https://cluster" OBJECTS, .body = body, .body_len = strlen(body)
    };
    http_headers_add(&rq.headers, "Content-Type", "application/json");
    if (http_send(f->sites[cluster].inside, f->w->ctx, &rq, &res, NULL) < 0 || res.status != 201)
        abort();
}

size_t fleet_deeds(struct fleet *f)
{
    size_t n = 0;
    for (size_t i = 0; i < CLUSTERS; i++)
        n += record_len(&f->sites[i].record);
    return n;
}

void fleet_print(struct fleet *f, size_t cluster, const char *name, size_t max)
{
    record_print(&f->sites[cluster].record, name, max);
}
