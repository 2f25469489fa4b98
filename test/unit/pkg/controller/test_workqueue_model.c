/* The queue against a naive one: random histories must hand out the same keys in the same order. */
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/controller/workqueue.h"
#include "test/unit/support/fake_clock.h"
#include "test/unit/support/fake_rng.h"
#include "test/unit/support/test.h"

#define KEYS 12
#define STEPS 20000

/* One row a key; looked through from end to end for everything. */
struct row {
    bool dirty, delayed, processing;
    int priority;
    int64_t due_ns;
    uint64_t turn; /* of becoming ready, or of being delayed */
};

struct model {
    struct row rows[KEYS];
    uint64_t turn;
    int64_t now_ns;
};

struct rig {
    struct fake_clock clock;
    struct fake_rng rng;
    struct workqueue *q;
    struct model m;
};

static const char *key_of(int i)
{
    static const char *const keys[KEYS] = { "a", "b", "c", "d", "e", "f",
                                            "g", "h", "i", "j", "k", "l" };
    return keys[i];
}

static void model_ready(struct model *m, struct row *r)
{
    r->delayed = false;
    r->dirty = true;
    r->turn = m->turn++;
}

static void model_add(struct model *m, int key, int64_t delay_ns, int priority)
{
    struct row *r = &m->rows[key];
    bool pending = r->dirty || r->delayed;
    if (pending && priority > r->priority) {
        r->priority = priority;
        if (r->dirty)
            r->turn = m->turn++;
    } else if (!pending) {
        r->priority = priority;
    }
    if (r->dirty)
        return;
    if (delay_ns <= 0) {
        model_ready(m, r);
    } else if (!r->delayed || m->now_ns + delay_ns < r->due_ns) {
        r->delayed = true;
        r->due_ns = m->now_ns + delay_ns;
        r->turn = m->turn++;
    }
}

static void model_advance(struct model *m, int64_t ns)
{
    m->now_ns += ns;
    for (;;) {
        struct row *first = NULL;
        for (int i = 0; i < KEYS; i++) {
            struct row *r = &m->rows[i];
            if (r->delayed && r->due_ns <= m->now_ns &&
                (!first || r->due_ns < first->due_ns ||
                 (r->due_ns == first->due_ns && r->turn < first->turn)))
                first = r;
        }
        if (!first)
            return;
        model_ready(m, first);
    }
}

static bool is_ready(const struct row *r)
{
    return r->dirty && !r->processing;
}

/* -1: none. */
static int model_get(struct model *m)
{
    int best = -1;
    for (int i = 0; i < KEYS; i++) {
        const struct row *r = &m->rows[i], *b = best < 0 ? NULL : &m->rows[best];
        if (is_ready(r) &&
            (!b || r->priority > b->priority || (r->priority == b->priority && r->turn < b->turn)))
            best = i;
    }
    if (best >= 0) {
        m->rows[best].dirty = false;
        m->rows[best].processing = true;
    }
    return best;
}

static void model_done(struct model *m, int key)
{
    struct row *r = &m->rows[key];
    if (!r->processing)
        return;
    r->processing = false;
    if (r->dirty)
        r->turn = m->turn++; /* it comes behind those that are ready */
}

static size_t model_len(const struct model *m)
{
    size_t n = 0;
    for (int i = 0; i < KEYS; i++)
        n += is_ready(&m->rows[i]);
    return n;
}

static void get_from_both(struct rig *r)
{
    int want = model_get(&r->m);
    if (want < 0)
        return;
    cleanup_free char *key = NULL;
    int priority;
    assert_true(workqueue_get(r->q, &key, &priority));
    assert_string_equal(key, key_of(want));
    assert_int_equal(priority, r->m.rows[want].priority);
}

static void step(struct rig *r)
{
    const struct rng *rng = &r->rng.base;
    int key = (int)rng_below(rng, KEYS);
    int priority = (int)rng_below(rng, 4) - 2;
    int64_t delay_ms = (int64_t)rng_below(rng, 50) - 5;
    switch (rng_below(rng, 6)) {
    case 0:
        workqueue_add_priority(r->q, key_of(key), priority);
        model_add(&r->m, key, 0, priority);
        break;
    case 1:
        workqueue_add_after(r->q, key_of(key), delay_ms, priority);
        model_add(&r->m, key, delay_ms * NS_PER_MS, priority);
        break;
    case 2:
    case 3:
        get_from_both(r);
        break;
    case 4:
        workqueue_done(r->q, key_of(key));
        model_done(&r->m, key);
        break;
    default:
        fake_clock_advance_ms(&r->clock, delay_ms > 0 ? delay_ms : 0);
        model_advance(&r->m, delay_ms > 0 ? delay_ms * NS_PER_MS : 0);
        (void)workqueue_len(r->q); /* the queue looks at the clock when it is asked */
        break;
    }
}

static void check_history(void **state)
{
    struct rig r = { 0 };
    fake_clock_init(&r.clock);
    fake_rng_init(&r.rng, (uint64_t)(uintptr_t)*state);
    r.q = workqueue_new(&(struct workqueue_config){ .name = "q", .clock = &r.clock.base });

    for (int i = 0; i < STEPS; i++) {
        step(&r);
        assert_int_equal(workqueue_len(r.q), model_len(&r.m));
    }
    workqueue_free(r.q);
    fake_clock_release(&r.clock);
}

int main(void)
{
    static const char *const names[] = { "a first random history gives the same order",
                                         "a second random history gives the same order",
                                         "a third random history gives the same order" };
    struct CMUnitTest tests[ARRAY_LEN(names)];
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        tests[i] = (struct CMUnitTest)CASE_OF(names[i], check_history, (void *)(uintptr_t)(i + 1));
    return RUN_CASES("workqueue_model", tests);
}
