/* Many threads on one queue; meant for the thread sanitizer, too. */
#include <malloc.h>
#include <stdatomic.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/thread.h"
#include "pkg/controller/workqueue.h"
#include "test/unit/support/fake_clock.h"
#include "test/unit/support/fake_rng.h"
#include "test/unit/support/test.h"

#define KEYS 40
#define PRODUCERS 4
#define CONSUMERS 3
#define ADDS 4000

struct key_state {
    atomic_int version; /* goes up before each add */
    atomic_int seen;    /* the version that a run saw */
    atomic_int running;
};

struct rig {
    struct fake_clock clock;
    struct fake_rng rng;
    struct metrics *metrics;
    struct workqueue *q;
    struct key_state keys[KEYS];
    atomic_int twice, runs;
    pthread_mutex_t mu;
    pthread_cond_t changed;
};

static void set_up(struct rig *r)
{
    *r = (struct rig){ .metrics = metrics_new() };
    fake_clock_init(&r->clock);
    /* Delays end at once: what is tested is that nothing gets lost, not when it comes. */
    atomic_store(&r->clock.auto_advance, true);
    fake_rng_init(&r->rng, 1);
    pthread_mutex_init(&r->mu, NULL);
    pthread_cond_init(&r->changed, NULL);
    r->q = workqueue_new(
        &(struct workqueue_config){ .name = "q", .clock = &r->clock.base, .metrics = r->metrics });
}

static void tear_down(struct rig *r)
{
    workqueue_free(r->q);
    metrics_free(r->metrics);
    fake_clock_release(&r->clock);
    pthread_cond_destroy(&r->changed);
    pthread_mutex_destroy(&r->mu);
}

static void produce(void *arg)
{
    struct rig *r = arg;
    const struct rng *rng = &r->rng.base;
    for (int i = 0; i < ADDS; i++) {
        int n = (int)rng_below(rng, KEYS);
        char key[16];
        (void)snprintf(key, sizeof(key), "%d", n);
        atomic_fetch_add(&r->keys[n].version, 1);
        switch (rng_below(rng, 4)) {
        case 0:
            workqueue_add(r->q, key);
            break;
        case 1:
            workqueue_add_priority(r->q, key, (int)rng_below(rng, 3) - 1);
            break;
        case 2:
            workqueue_add_after(r->q, key, (int64_t)rng_below(rng, 20), 0);
            break;
        default:
            workqueue_add_rate_limited(r->q, key, PRIORITY_LOW);
            break;
        }
    }
}

static void consume(void *arg)
{
    struct rig *r = arg;
    char *key;
    int priority;
    while (workqueue_get(r->q, &key, &priority)) {
        struct key_state *k = &r->keys[strtol(key, NULL, 10)];
        if (atomic_fetch_add(&k->running, 1) != 0)
            atomic_fetch_add(&r->twice, 1);
        atomic_store(&k->seen, atomic_load(&k->version));
        if (rng_below(&r->rng.base, 8) == 0)
            workqueue_add_rate_limited(r->q, key, priority);
        else
            workqueue_forget(r->q, key);
        atomic_fetch_sub(&k->running, 1);
        atomic_fetch_add(&r->runs, 1);
        workqueue_done(r->q, key);
        free(key);
        pthread_mutex_lock(&r->mu);
        pthread_cond_broadcast(&r->changed);
        pthread_mutex_unlock(&r->mu);
    }
}

static bool all_seen(struct rig *r)
{
    for (size_t i = 0; i < KEYS; i++)
        if (atomic_load(&r->keys[i].seen) != atomic_load(&r->keys[i].version))
            return false;
    return true;
}

/* Every add is followed by a run that began after it. */
static void check_nothing_lost(void **state)
{
    (void)state;
    struct rig r;
    set_up(&r);
    pthread_t producers[PRODUCERS], consumers[CONSUMERS];
    for (size_t i = 0; i < CONSUMERS; i++)
        assert_int_equal(thread_start(&consumers[i], "consumer", consume, &r, NULL), 0);
    for (size_t i = 0; i < PRODUCERS; i++)
        assert_int_equal(thread_start(&producers[i], "producer", produce, &r, NULL), 0);
    for (size_t i = 0; i < PRODUCERS; i++)
        pthread_join(producers[i], NULL);

    pthread_mutex_lock(&r.mu);
    while (!all_seen(&r))
        pthread_cond_wait(&r.changed, &r.mu);
    pthread_mutex_unlock(&r.mu);
    const struct opctx ctx = opctx_root(&r.clock.base, &r.rng.base, NULL, NULL);
    assert_int_equal(workqueue_drain(r.q, &ctx, NULL), 0);
    for (size_t i = 0; i < CONSUMERS; i++)
        pthread_join(consumers[i], NULL);

    assert_int_equal(atomic_load(&r.twice), 0);
    assert_true(atomic_load(&r.runs) >= KEYS);
    cleanup_buf struct buf text = BUF_INIT(BUF_UNBOUNDED);
    metrics_write(r.metrics, &text);
    assert_non_null(strstr(buf_str(&text), "workqueue_depth{name=\"q\",controller=\"q\","
                                           "priority=\"0\"} 0\n"));
    tear_down(&r);
}

/* A shutdown at any moment ends all getters. */
static void check_shutdown_race(void **state)
{
    (void)state;
    for (int round = 0; round < KEYS; round++) { /* each key runs at least once */
        struct rig r;
        set_up(&r);
        pthread_t producer, consumers[CONSUMERS];
        for (size_t i = 0; i < CONSUMERS; i++)
            assert_int_equal(thread_start(&consumers[i], "consumer", consume, &r, NULL), 0);
        assert_int_equal(thread_start(&producer, "producer", produce, &r, NULL), 0);
        pthread_mutex_lock(&r.mu);
        while (atomic_load(&r.runs) < round)
            pthread_cond_wait(&r.changed, &r.mu);
        pthread_mutex_unlock(&r.mu);
        workqueue_shutdown(r.q);
        pthread_join(producer, NULL);
        for (size_t i = 0; i < CONSUMERS; i++)
            pthread_join(consumers[i], NULL);
        assert_int_equal(atomic_load(&r.twice), 0);
        tear_down(&r);
    }
}

static size_t heap_bytes(void)
{
    struct mallinfo2 m = mallinfo2();
    return m.uordblks + m.hblkhd;
}

/* (The sanitizers' allocators say nothing, so that this holds trivially under them.) */
static void check_memory_returns(void **state)
{
    (void)state;
    struct rig r;
    set_up(&r);
    workqueue_add(r.q, "first");
    cleanup_free char *first = NULL;
    assert_true(workqueue_get(r.q, &first, NULL));
    workqueue_done(r.q, first);
    size_t before = heap_bytes();

    for (int i = 0; i < 50000; i++) {
        cleanup_free char *key = xasprintf("namespace/a-rather-long-name-%d", i);
        workqueue_add_priority(r.q, key, i % 3);
    }
    for (int i = 0; i < 50000; i++) {
        cleanup_free char *key = NULL;
        assert_true(workqueue_get(r.q, &key, NULL));
        workqueue_done(r.q, key);
    }

    size_t after = heap_bytes();
    assert_true(after <= before + 8192);
    tear_down(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("no add is lost and no key runs twice at once", check_nothing_lost),
        CASE("a shutdown at any moment ends everybody", check_shutdown_race),
        CASE("memory returns when the queue has emptied", check_memory_returns),
    };
    return RUN_CASES("workqueue_threads", tests);
}
