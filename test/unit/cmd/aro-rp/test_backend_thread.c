#include "cmd/aro-rp/backend_thread.h"
#include "pkg/base/mem.h"
#include "test/unit/support/rp/backend/backend_rig.h"
#include "test/unit/support/test.h"

struct fixture {
    struct backend_rig r;
    struct stop *stop, *at_once;
    struct backend_thread *thread;
};

/* One cluster to update; its first step waits. */
static void begin(struct fixture *f)
{
    backend_rig_open(&f->r);
    f->stop = stop_new(NULL);
    f->at_once = stop_new(NULL);
    f->r.cfg.clock = clock_system();
    f->r.cfg.rng = rng_system();
    f->r.cfg.log = &f->r.log;
    f->r.steps = "b.";
    backend_rig_cluster(&f->r, "c", "Updating", "");
    assert_int_equal(backend_thread_start(&f->r.cfg, f->stop, f->at_once, &f->thread, NULL), 0);
    backend_rig_await_blocked(&f->r, 1);
}

static void end(struct fixture *f)
{
    stop_unref(f->stop);
    stop_unref(f->at_once);
    backend_rig_close(&f->r);
}

static void a_stop_lets_it_finish(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);

    stop_request(f.stop);
    backend_rig_release(&f.r);

    assert_int_equal(backend_thread_end(f.thread, NULL), 0);
    backend_rig_assert_state(&f.r, "c", "Succeeded");
    end(&f);
}

static void the_second_has_it_hand_over(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);

    stop_request(f.stop);
    stop_request(f.at_once);
    backend_rig_release(&f.r);

    assert_int_equal(backend_thread_end(f.thread, NULL), 0);
    backend_rig_assert_state(&f.r, "c", "Updating");
    backend_rig_assert_cluster(&f.r, "c", "leaseOwner", NULL);
    end(&f);
}

static void none_has_nothing_to_end(void **state)
{
    (void)state;

    assert_int_equal(backend_thread_end(NULL, NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a stop lets it finish what it works on", a_stop_lets_it_finish),
        CASE("the second has it hand over", the_second_has_it_hand_over),
        CASE("one that never was has nothing to end", none_has_nothing_to_end),
    };
    return RUN_CASES("backend_thread", tests);
}
