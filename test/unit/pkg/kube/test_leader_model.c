/*
 * Several candidates, random faults and random standing still: whatever happens, no two believe at
 * one moment that they may write, and somebody always leads again.
 */
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/thread.h"
#include "pkg/kube/leader.h"
#include "test/unit/support/pkg/kube/lease_fixture.h"
#include "test/unit/support/test.h"

#define CANDIDATES 3
#define STEPS 1500
#define LONGEST_FREEZE_MS 60000

struct world;
struct candidate {
    struct world *w;
    struct http_transport base;
    struct kube_client *client;
    struct lease *lease;
    char name[8];
    pthread_t thread;
    int terms;
};

struct world {
    struct lease_fixture f;
    struct fake_rng chance;
    struct candidate c[CANDIDATES];
    atomic_int overlaps, terms;
};

static size_t count_leaders(struct world *w)
{
    size_t n = 0;
    for (size_t i = 0; i < CANDIDATES; i++)
        n += lease_leader_until_ns(w->c[i].lease) > clock_mono_ns(&w->f.clock.base);
    return n;
}

/* Whoever gets the Lease stored must be the only one who may believe in it. */
static void check_store(void *arg, const char *holder)
{
    struct world *w = arg;
    for (size_t i = 0; i < CANDIDATES; i++) {
        const struct candidate *c = &w->c[i];
        bool believes = lease_leader_until_ns(c->lease) > clock_mono_ns(&w->f.clock.base);
        if (believes && *holder && strcmp(c->name, holder) != 0)
            atomic_fetch_add(&w->overlaps, 1);
    }
}

/* Stands still, as a stopped process does: no stop and no deadline ends it. */
static void freeze(struct world *w)
{
    if (rng_below(&w->chance.base, 12) != 0 || stop_is_set(w->f.stop))
        return;
    const struct opctx ctx = opctx_root(&w->f.clock.base, &w->f.rng.base, NULL, NULL);
    (void)opctx_sleep_ms(&ctx, (int64_t)rng_below(&w->chance.base, LONGEST_FREEZE_MS), NULL);
}

static int send(struct http_transport *t, const struct opctx *ctx, const struct http_request *req,
                struct http_response *ret, struct error **err)
{
    struct candidate *c = container_of(t, struct candidate, base);
    struct world *w = c->w;
    struct opctx deaf = *ctx; /* the request goes out even if its deadline passed meanwhile */
    deaf.deadline_ns = CLOCK_NEVER;
    freeze(w);
    uint64_t fault = rng_below(&w->chance.base, 20);
    if (fault == 0)
        lease_server_fail(&w->f.server, &w->f.server.down, 1);
    else if (fault == 1)
        lease_server_fail(&w->f.server, &w->f.server.deaf, 1);
    int rcode = http_send(&w->f.server.base, &deaf, req, ret, err);
    freeze(w);
    return rcode;
}

static void compete(void *arg)
{
    struct candidate *c = arg;
    struct world *w = c->w;
    struct leader *l = lease_leader(c->lease);
    while (!stop_is_set(w->f.stop)) {
        cleanup_stop struct stop *term = stop_new(w->f.stop);
        struct opctx ctx = opctx_with_stop(&w->f.ctx, term);
        ctx.log = NULL;
        if (l->acquire(l, &ctx, NULL) < 0)
            continue;
        atomic_fetch_add(&w->terms, 1);
        bool resigns = rng_below(&w->chance.base, 3) == 0;
        struct error *err = NULL;
        int rcode;
        if (resigns) { /* after some renewals */
            struct opctx limited = opctx_with_timeout_ms(&ctx, 7000);
            rcode = l->hold(l, &limited, &err);
        } else {
            rcode = l->hold(l, &ctx, &err);
        }
        if (rcode == 0)
            l->release(l, &ctx);
        error_free(err);
    }
}

static void set_up(struct world *w, uint64_t seed)
{
    *w = (struct world){ 0 };
    lease_fixture_init(&w->f);
    fake_rng_init(&w->chance, seed);
    w->f.server.on_store = check_store;
    w->f.server.on_store_arg = w;
    for (size_t i = 0; i < CANDIDATES; i++) {
        struct candidate *c = &w->c[i];
        *c = (struct candidate){ .w = w, .base = { .send = send } };
        (void)snprintf(c->name, sizeof(c->name), "c%zu", i);
        const struct kube_client_options opt = {
            .qps = -1, .clock = &w->f.clock.base, .rng = &w->f.rng.base, .env = &w->f.env.base
        };
        assert_int_equal(kube_client_new_over(&c->base, &w->f.kube, &opt, &c->client, NULL), 0);
        struct lease_config cfg = w->f.cfg;
        cfg.client = c->client;
        cfg.identity = c->name;
        cfg.log = NULL;
        cfg.metrics = NULL;
        cfg.on_change = NULL;
        assert_int_equal(lease_new(&cfg, &c->lease, NULL), 0);
    }
}

static void check_never_two(void **state)
{
    struct world w;
    set_up(&w, (uint64_t)(uintptr_t)*state);
    for (size_t i = 0; i < CANDIDATES; i++)
        assert_int_equal(thread_start(&w.c[i].thread, w.c[i].name, compete, &w.c[i], NULL), 0);

    size_t most = 0;
    for (int i = 0; i < STEPS; i++) {
        fake_clock_await(&w.f.clock, CANDIDATES);
        size_t leaders = count_leaders(&w);
        if (leaders > most)
            most = leaders;
        fake_clock_step(&w.f.clock);
    }
    fake_clock_await(&w.f.clock, CANDIDATES);
    stop_request(w.f.stop);
    atomic_store(&w.f.clock.auto_advance, true);
    fake_clock_advance_ms(&w.f.clock, LONGEST_FREEZE_MS); /* who stands still still */
    for (size_t i = 0; i < CANDIDATES; i++)
        pthread_join(w.c[i].thread, NULL);

    assert_int_equal(atomic_load(&w.overlaps), 0);
    assert_int_equal(most, 1);
    assert_true(atomic_load(&w.terms) > 10);
    for (size_t i = 0; i < CANDIDATES; i++) {
        lease_free(w.c[i].lease);
        kube_client_free(w.c[i].client);
    }
    lease_fixture_finish(&w.f);
}

int main(void)
{
    static const char *const names[] = { "no two lead at once, first history",
                                         "no two lead at once, second history",
                                         "no two lead at once, third history",
                                         "no two lead at once, fourth history" };
    struct CMUnitTest tests[ARRAY_LEN(names)];
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        tests[i] =
            (struct CMUnitTest)CASE_OF(names[i], check_never_two, (void *)(uintptr_t)(i + 1));
    return RUN_CASES("leader_model", tests);
}
