#include <stdlib.h>

#include "pkg/base/thread.h"
#include "test/unit/support/rp/syncsets/crew_rig.h"

static void put(struct crew_rig *c, const char *uid)
{
    struct sets_hint h = { .dirty_revision = 1 };
    (void)snprintf(h.uid, sizeof(h.uid), "%s", uid);
    assert_int_equal(sets_queue_put(&c->r.ctx, c->queue, &h, NULL), 0);
}

static void hints_of_finished_work_and_of_nobody_are_used_up(void **state)
{
    (void)state;
    struct crew_rig c;
    crew_rig_init(&c);
    cleanup_free char *a = crew_rig_cluster(&c, "a");
    cleanup_free char *b = crew_rig_cluster(&c, "b");
    work_rig_match(&c.r);
    put(&c, "00000000-0000-0000-0000-000000000000");
    put(&c, a);
    put(&c, a);
    put(&c, b);
    crew_rig_run_until(&c, worker_run,
                       "SELECT count(*) FROM cluster_work HAVING min(done_revision) > 0 AND "
                       "count(lease_until) = 0");
    assert_int_equal(work_rig_number(&c.r, "SELECT max(fence) FROM cluster_work"), 1);
    crew_rig_release(&c);
}

/* The first who waits by it looks into the queue. */
struct looking_clock {
    struct clock base;
    struct crew_rig *c;
    atomic_bool has_looked, was_empty;
};

static bool look_and_wait(const struct clock *base, pthread_cond_t *cv, pthread_mutex_t *mu,
                          int64_t deadline_ns)
{
    struct looking_clock *l = (struct looking_clock *)(uintptr_t)base;
    if (!atomic_load(&l->has_looked)) {
        struct opctx moment = opctx_with_timeout_ms(&l->c->r.ctx, 50);
        struct sets_delivery d;
        atomic_store(&l->was_empty, sets_queue_take(&moment, l->c->queue, false, &d, NULL) < 0);
        atomic_store(&l->has_looked, true);
    }
    return clock_wait(clock_system(), cv, mu, deadline_ns);
}

static void what_cannot_be_done_now_comes_again_behind_a_pause(void **state)
{
    (void)state;
    struct crew_rig c;
    struct sets_delivery d;
    pthread_t thread;
    crew_rig_init(&c);
    struct looking_clock clock = { .base = *clock_system(), .c = &c };
    clock.base.wait = look_and_wait;
    c.k->ctx.clock = &clock.base;
    put(&c, "a");
    sets_rig_script(&c.r, "DROP TABLE cluster_work");

    assert_int_equal(thread_start(&thread, "worker", worker_run, c.k, NULL), 0);
    while (!atomic_load(&clock.has_looked))
        (void)opctx_sleep_ms(&c.r.ctx, 10, NULL);
    stop_request(c.k->soft);
    pthread_join(thread, NULL);

    assert_true(atomic_load(&clock.was_empty));
    assert_int_equal(sets_queue_take(&c.r.ctx, c.queue, false, &d, NULL), 0);
    assert_int_equal(d.attempts, 2);
    sets_queue_ack(c.queue, &d);
    crew_rig_release(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("hints of finished work and of nobody are used up",
             hints_of_finished_work_and_of_nobody_are_used_up),
        CASE("what cannot be done now comes again behind a pause",
             what_cannot_be_done_now_comes_again_behind_a_pause),
    };
    return RUN_CASES("worker", tests);
}
