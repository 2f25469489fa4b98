/*
 * Random operations and faults on a model of an API server, against the real client, reflector and
 * store. Whatever happens, each handler sees a history that is legal for every object, and once the
 * faults end, store and handlers know what the server has.
 *
 * The model keeps every event, so that lists and watches can be answered as of any version that was
 * not compacted. It runs inside the transport, on the test's thread, on fake time: a failing seed
 * fails again.
 */
#include <string.h>

#include "pkg/base/map.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/net/url.h"
#include "test/unit/support/pkg/kube/informer_rig.h"
#include "test/unit/support/test.h"

enum { KEYS = 24, EVENTS_MAX = 20000, FAULTY_REQUESTS = 60 };

struct model_event {
    enum watch_type type;
    int key;
    long version, uid, value;
};

/* An object as somebody knows it; uid 0: absent. */
struct known {
    long version, uid, value;
};

struct following {
    struct informer_handler handler;
    struct model *model;
    struct known objects[KEYS];
    bool synced, attached;
};

struct model {
    struct rig rig;
    uint32_t seed;
    struct model_event events[EVENTS_MAX];
    size_t len;
    long version, compacted, next_uid;
    bool restored; /* and nobody could tell yet */
    unsigned requests;
    bool quiet; /* no more changes and faults */
    struct following early, late;
};

static uint32_t below(struct model *m, uint32_t n)
{
    m->seed = m->seed * 1664525 + 1013904223;
    return (m->seed >> 8) % n;
}

static bool one_in(struct model *m, uint32_t n)
{
    return !m->quiet && below(m, n) == 0;
}

/* ---- the server's objects ---- */

static void state_at(const struct model *m, long version, struct known state[KEYS])
{
    memset(state, 0, KEYS * sizeof(*state));
    for (size_t i = 0; i < m->len && m->events[i].version <= version; i++) {
        const struct model_event *e = &m->events[i];
        state[e->key] = (struct known){ 0 };
        if (e->type != WATCH_DELETED)
            state[e->key] = (struct known){ e->version, e->uid, e->value };
    }
}

static void change(struct model *m)
{
    struct known state[KEYS];
    state_at(m, m->version, state);
    int key = (int)below(m, KEYS);
    struct model_event e = { .key = key, .version = m->version + 1, .uid = state[key].uid };
    if (!e.uid) {
        e.type = WATCH_ADDED;
        e.uid = ++m->next_uid;
    } else {
        e.type = below(m, 3) ? WATCH_MODIFIED : WATCH_DELETED;
    }
    e.value = e.type == WATCH_DELETED ? state[key].value : (long)below(m, 1000000);
    assert_true(m->len < EVENTS_MAX);
    m->events[m->len++] = e;
    m->version = e.version;
}

static void change_some(struct model *m, uint32_t most)
{
    /* Who follows a restored server beyond where it was before cannot notice: not asked of us. */
    for (uint32_t n = m->quiet || m->restored ? 0 : below(m, most + 1); n; n--)
        change(m);
}

/* From a copy of an earlier time: later changes never were, and their versions are given again. */
static void restore(struct model *m)
{
    m->version -= (long)below(m, (uint32_t)(m->version - m->compacted) + 1);
    m->restored = true;
    while (m->len && m->events[m->len - 1].version > m->version)
        m->len--;
}

static void disturb(struct model *m)
{
    change_some(m, 6);
    if (one_in(m, 12))
        m->compacted = m->version - (long)below(m, 3);
    if (one_in(m, 25))
        restore(m);
    if (m->compacted < 1)
        m->compacted = 1;
    if (m->compacted > m->version)
        m->compacted = m->version;
}

static void add_object(struct buf *b, int key, const struct known *k)
{
    buf_addf(b,
             "{\"kind\":\"ConfigMap\",\"apiVersion\":\"v1\",\"metadata\":{\"name\":\"o%d\","
             "\"namespace\":\"n%d\",\"resourceVersion\":\"%ld\",\"uid\":\"%ld\"},\"data\":{"
             "\"value\":\"%ld\",\"text\":\"words that every object has, so that packing pays\"}}",
             key, key % 3, k->version, k->uid, k->value);
}

/* ---- replies ---- */

struct reply {
    int status;
    struct buf body;
    const char *fail_code; /* behind the body */
};

static void answer_status(struct reply *r, int status, const char *reason, const char *message)
{
    r->status = status;
    buf_addf(&r->body,
             "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\",\"reason\":\"%s\","
             "\"message\":\"%s\",\"code\":%d}",
             reason, message, status);
}

static void answer_too_large(struct reply *r)
{
    answer_status(r, 504, "Timeout", "Too large resource version");
}

static void answer_list_of(struct model *m, struct reply *r, long version, int from, int limit)
{
    struct known state[KEYS];
    state_at(m, version, state);
    buf_adds(&r->body, "{\"kind\":\"ConfigMapList\",\"apiVersion\":\"v1\",\"items\":[");
    int listed = 0, key = from;
    for (; key < KEYS && (limit == 0 || listed < limit); key++) {
        if (!state[key].uid)
            continue;
        if (listed++)
            buf_addc(&r->body, ',');
        add_object(&r->body, key, &state[key]);
    }
    buf_addf(&r->body, "],\"metadata\":{\"resourceVersion\":\"%ld\"", version);
    if (key < KEYS)
        buf_addf(&r->body, ",\"continue\":\"%ld.%d\"", version, key);
    buf_adds(&r->body, "}}");
}

static void answer_list(struct model *m, struct reply *r, const char *query)
{
    cleanup_free char *version = query_give(query, "resourceVersion");
    cleanup_free char *token = query_give(query, "continue");
    cleanup_free char *limit = query_give(query, "limit");
    int page = limit && one_in(m, 2) ? 1 + (int)below(m, 9) : 0;
    long wanted = version ? strtol(version, NULL, 10) : 0;
    if (token) {
        char *rest;
        long at = strtol(token, &rest, 10);
        if (at < m->compacted || at > m->version)
            answer_status(r, 410, "Expired", "The provided continue parameter is too old");
        else
            answer_list_of(m, r, at, (int)strtol(rest + 1, NULL, 10), page);
        return;
    }
    if (wanted > m->version) {
        answer_too_large(r);
        return;
    }
    m->restored = false;
    long lag = version ? (long)below(m, 4) : 0; /* the cache may be behind, but not too far */
    long at = m->version - (m->quiet ? 0 : lag);
    if (at < m->compacted)
        at = m->compacted;
    answer_list_of(m, r, at < wanted ? wanted : at, 0, page);
}

static void add_event(struct buf *b, enum watch_type type, int key, const struct known *k)
{
    static const char *const names[] = {
        [WATCH_ADDED] = "ADDED", [WATCH_MODIFIED] = "MODIFIED", [WATCH_DELETED] = "DELETED"
    };
    buf_addf(b, "{\"type\":\"%s\",\"object\":", names[type]);
    add_object(b, key, k);
    buf_adds(b, "}\n");
}

static void add_bookmark(struct buf *b, long version, bool end)
{
    buf_addf(b,
             "{\"type\":\"BOOKMARK\",\"object\":{\"kind\":\"ConfigMap\",\"apiVersion\":\"v1\","
             "\"metadata\":{\"resourceVersion\":\"%ld\"%s}}}\n",
             version, end ? ",\"annotations\":{\"k8s.io/initial-events-end\":\"true\"}" : "");
}

static void add_changes(struct model *m, struct reply *r, long from)
{
    change_some(m, 12);
    for (size_t i = 0; i < m->len; i++) {
        const struct model_event *e = &m->events[i];
        struct known k = { e->version, e->uid, e->value };
        if (e->version <= from)
            continue;
        add_event(&r->body, e->type, e->key, &k);
        if (one_in(m, 9))
            add_bookmark(&r->body, e->version, false);
    }
    if (one_in(m, 3))
        add_bookmark(&r->body, m->version, false);
    if (one_in(m, 10))
        buf_adds(&r->body, "{\"type\":\"NOVELTY\",\"object\":{}}\n");
}

static void add_error(struct model *m, struct reply *r)
{
    static const char *const errors[] = { RIG_ERROR("410", "Expired", "too old"),
                                          RIG_ERROR("500", "InternalError", "etcd"),
                                          RIG_ERROR("429", "TooManyRequests", "later"),
                                          RIG_ERROR("403", "Forbidden", "no"), "not json\n" };
    buf_adds(&r->body, errors[below(m, ARRAY_LEN(errors))]);
}

static void add_initial(struct model *m, struct reply *r)
{
    struct known state[KEYS];
    long at = m->version;
    state_at(m, at, state);
    for (int key = 0; key < KEYS; key++) {
        if (state[key].uid)
            add_event(&r->body, WATCH_ADDED, key, &state[key]);
    }
    change_some(m, 3);
    if (!one_in(m, 4)) { /* changes may come before the bookmark */
        for (size_t i = 0; i < m->len; i++) {
            const struct model_event *e = &m->events[i];
            struct known k = { e->version, e->uid, e->value };
            if (e->version > at)
                add_event(&r->body, e->type, e->key, &k);
        }
        at = m->version;
    }
    add_bookmark(&r->body, at, true);
    add_changes(m, r, at);
}

static void answer_watch(struct model *m, struct reply *r, const char *query)
{
    cleanup_free char *version = query_give(query, "resourceVersion");
    cleanup_free char *initial = query_give(query, "sendInitialEvents");
    long from = version ? strtol(version, NULL, 10) : 0;
    if (from <= m->version)
        m->restored = false;
    if (from > m->version) {
        answer_too_large(r);
    } else if (initial) {
        add_initial(m, r);
    } else if (from < m->compacted && from && one_in(m, 2)) {
        buf_adds(&r->body, RIG_ERROR("410", "Expired", "too old"));
    } else if (from < m->compacted) {
        answer_status(r, 410, "Gone", "too old");
    } else {
        add_changes(m, r, from);
        if (one_in(m, 6))
            add_error(m, r);
    }
}

static bool answer_fault(struct model *m, struct reply *r)
{
    if (!one_in(m, 8))
        return false;
    r->status = 0;
    switch (below(m, 5)) {
    case 0:
        r->fail_code = HTTP_ERR_REFUSED;
        break;
    case 1:
        r->fail_code = HTTP_ERR_DNS;
        break;
    case 2:
        answer_status(r, 429, "TooManyRequests", "later");
        break;
    case 3:
        answer_status(r, 500, "InternalError", "etcd is away");
        break;
    default:
        answer_status(r, 403, "Forbidden", "not yet");
        break;
    }
    return true;
}

/* ---- the transport ---- */

static int deliver(struct model *m, const struct http_request *req, const struct reply *r,
                   struct http_response *ret, struct error **err)
{
    ret->status = r->status;
    if (!r->status)
        return 0;
    if (!req->sink || !req->sink->on_head(req->sink, ret)) {
        buf_add(&ret->body, buf_str(&r->body), r->body.len);
        return 0;
    }
    for (size_t at = 0; at < r->body.len;) {
        size_t n = 1 + below(m, 700);
        if (n > r->body.len - at)
            n = r->body.len - at;
        cleanup_free char *piece = xmemdup(r->body.data + at, n);
        if (req->sink->on_data(req->sink, piece, n, err) < 0)
            return -1;
        at += n;
    }
    return 0;
}

static void attach_late(struct model *m)
{
    if (m->late.attached == (m->requests % 7 > 2))
        return;
    m->late.attached = !m->late.attached;
    if (!m->late.attached) {
        informer_remove_handler(m->rig.informer, &m->late.handler);
        return;
    }
    memset(m->late.objects, 0, sizeof(m->late.objects));
    m->late.synced = false;
    informer_add_handler(m->rig.informer, &m->late.handler);
}

static bool is_known(const struct following *f, const struct known state[KEYS])
{
    return memcmp(f->objects, state, sizeof(f->objects)) == 0;
}

/* The faults are over and everybody knows everything. */
static bool is_settled(struct model *m)
{
    struct known state[KEYS];
    state_at(m, m->version, state);
    return m->quiet && informer_has_synced(m->rig.informer) && is_known(&m->early, state);
}

static int model_send(struct http_transport *t, const struct opctx *ctx,
                      const struct http_request *req, struct http_response *ret, struct error **err)
{
    struct rig *rig = container_of(t, struct rig, timed);
    struct model *m = container_of(rig, struct model, rig);
    (void)ctx;
    *ret = (struct http_response){ .version = 11 };
    buf_init(&ret->body, BUF_UNBOUNDED);
    m->quiet = ++m->requests > FAULTY_REQUESTS;
    attach_late(m);
    if (is_settled(m) || m->requests > FAULTY_REQUESTS + 40)
        stop_request(rig->stop);
    disturb(m);

    struct reply r = { .status = 200, .body = BUF_INIT(BUF_UNBOUNDED) };
    const char *mark = strchr(req->url, '?'), *query = mark ? mark + 1 : "";
    if (strstr(req->url, "/version"))
        buf_adds(&r.body, "{\"major\":\"1\",\"minor\":\"34\"}");
    else if (!answer_fault(m, &r) && strstr(req->url, "watch=true"))
        answer_watch(m, &r, query);
    else if (!r.fail_code && r.status == 200)
        answer_list(m, &r, query);
    if (r.status == 200 && one_in(m, 6)) { /* the connection breaks somewhere */
        r.fail_code = HTTP_ERR_RESET;
        r.body.len = below(m, (uint32_t)r.body.len + 1);
    }
    fake_clock_advance_ms(&rig->clock, (int64_t)below(m, 5000));
    int status = deliver(m, req, &r, ret, err);
    buf_release(&r.body);
    if (status == 0 && r.fail_code) {
        status = error_set(err, ERR_CONN, "the connection broke");
        error_code(err, r.fail_code);
    }
    return status;
}

/* ---- handlers ---- */

static struct known read_object(const struct kube_object *o)
{
    cleanup_json json *tree = kube_object_give_json(o);
    struct known k = { 0 };
    k.version = strtol(kube_object_resource_version(o), NULL, 10);
    k.uid = strtol(kube_object_uid(o), NULL, 10);
    k.value = strtol(json_path_str(tree, "data.value"), NULL, 10);
    assert_int_equal(k.version, strtol(json_path_str(tree, "metadata.resourceVersion"), NULL, 10));
    return k;
}

static struct known *place(struct following *f, const struct kube_object *o)
{
    return &f->objects[strtol(kube_object_name(o) + 1, NULL, 10)];
}

/* The store shows the new state when a handler runs; only a batch may be ahead of its events. */
static void follow(struct informer_handler *h, const struct informer_event *e)
{
    struct following *f = container_of(h, struct following, handler);
    if (e->type == INFORMER_ADD) {
        struct known *k = place(f, e->new_obj);
        assert_int_equal(0, k->uid); /* not there yet */
        assert_true(!e->initial || !f->synced);
        *k = read_object(e->new_obj);
    } else if (e->type == INFORMER_UPDATE) {
        struct known *k = place(f, e->old_obj), old = read_object(e->old_obj);
        assert_memory_equal(k, &old, sizeof(old)); /* what was told last */
        *k = read_object(e->new_obj);
        assert_int_equal(old.uid, k->uid); /* the same object */
    } else {
        struct known *k = place(f, e->old_obj), old = read_object(e->old_obj);
        assert_int_not_equal(0, k->uid); /* it was there */
        assert_int_equal(old.uid, k->uid);
        *k = (struct known){ 0 };
    }
}

static void follow_synced(struct informer_handler *h)
{
    container_of(h, struct following, handler)->synced = true;
}

static void read_store(void *arg, struct kube_object *o)
{
    struct known *state = arg;
    state[strtol(kube_object_name(o) + 1, NULL, 10)] = read_object(o);
}

struct seed_case {
    uint32_t seed;
    bool streaming;
    size_t pack_above;
};

static void check_seed(const struct seed_case *c)
{
    struct model *m = xnew(struct model);
    struct known served[KEYS], stored[KEYS] = { 0 };
    m->seed = c->seed;
    m->version = m->compacted = 1;
    for (int i = 0; i < 30; i++)
        change(m);
    rig_init(&m->rig, NULL, 0,
             &(struct rig_options){ .allow_streaming_list = c->streaming,
                                    .pack_above_bytes = c->pack_above });
    m->rig.timed.send = model_send;
    struct informer_handler handler = { .on_event = follow, .on_synced = follow_synced };
    m->early = (struct following){ .handler = handler, .model = m };
    m->late = (struct following){ .handler = handler, .model = m };
    informer_add_handler(m->rig.informer, &m->early.handler);

    struct opctx ctx = opctx_root(&m->rig.clock.base, &m->rig.rng.base, m->rig.stop, &m->rig.log);
    reflector_run(m->rig.informer->reflector, &ctx);

    state_at(m, m->version, served);
    informer_each(m->rig.informer, NULL, read_store, stored);
    if (memcmp(served, stored, sizeof(served)) != 0)
        print_message("seed %u: the store differs\n", c->seed);
    assert_memory_equal(served, stored, sizeof(served));
    assert_true(is_known(&m->early, served));
    if (m->late.attached)
        assert_true(is_known(&m->late, served));
    informer_remove_handler(m->rig.informer, &m->early.handler);
    informer_remove_handler(m->rig.informer, &m->late.handler);
    rig_release(&m->rig);
    free(m);
}

static void lists(void **state)
{
    (void)state;
    for (uint32_t seed = 1; seed <= 150; seed++)
        check_seed(&(struct seed_case){ .seed = seed });
}

static void packed(void **state)
{
    (void)state;
    for (uint32_t seed = 1001; seed <= 1150; seed++)
        check_seed(&(struct seed_case){ .seed = seed, .pack_above = 1500 });
}

static void streams(void **state)
{
    (void)state;
    for (uint32_t seed = 2001; seed <= 2150; seed++)
        check_seed(&(struct seed_case){
            .seed = seed, .streaming = true, .pack_above = seed % 2 ? 1500 : 0 });
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("store and handlers equal the server after any faults", lists),
        CASE("so they do with packed objects", packed),
        CASE("so they do with streaming lists", streams),
    };
    return RUN_CASES("informer_model", tests);
}
