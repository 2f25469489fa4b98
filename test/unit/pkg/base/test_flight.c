#include "pkg/base/flight.h"
#include "pkg/base/mem.h"
#include "pkg/base/thread.h"
#include "test/unit/support/fake_clock.h"
#include "test/unit/support/fake_rng.h"
#include "test/unit/support/test.h"

#define WAITERS 8

struct fixture {
    struct fake_clock clock;
    struct fake_rng rng;
    struct opctx ctx;
    pthread_mutex_t mu;
    /* With mu. */
    struct flight flight;
    int done; /* pieces of work */
};

/* Somebody who needs the first piece of work. */
struct caller {
    struct fixture *f;
    struct opctx ctx;
    pthread_t thread;
    bool led;
    int rc, seen;
    enum err_kind failed;
};

static void init(struct fixture *f)
{
    *f = (struct fixture){ .done = 0 };
    fake_clock_init(&f->clock);
    fake_rng_init(&f->rng, 1);
    f->ctx = opctx_root(&f->clock.base, &f->rng.base, NULL, NULL);
    pthread_mutex_init(&f->mu, NULL);
}

static void release(struct fixture *f)
{
    pthread_mutex_destroy(&f->mu);
    fake_clock_release(&f->clock);
}

static bool begin(struct fixture *f)
{
    pthread_mutex_lock(&f->mu);
    bool led = flight_begin(&f->flight);
    pthread_mutex_unlock(&f->mu);
    return led;
}

static void end(struct fixture *f)
{
    pthread_mutex_lock(&f->mu);
    f->done++;
    flight_end(&f->flight);
    pthread_mutex_unlock(&f->mu);
}

static void call(void *arg)
{
    struct caller *c = arg;
    cleanup_error struct error *err = NULL;
    pthread_mutex_lock(&c->f->mu);
    c->led = flight_begin(&c->f->flight);
    c->rc = c->led ? 0 : flight_wait(&c->f->flight, &c->f->mu, &c->ctx, &err);
    c->seen = c->f->done;
    pthread_mutex_unlock(&c->f->mu);
    if (c->rc < 0)
        c->failed = error_kind(err);
}

static void call_in_thread(struct caller *c, struct fixture *f)
{
    *c = (struct caller){ .f = f, .ctx = f->ctx };
    assert_int_equal(thread_start(&c->thread, "caller", call, c, NULL), 0);
}

static void check_all_wait_for_one(void **state)
{
    (void)state;
    struct fixture f;
    struct caller callers[WAITERS];
    init(&f);
    assert_true(begin(&f));
    for (size_t i = 0; i < WAITERS; i++)
        call_in_thread(&callers[i], &f);
    fake_clock_await(&f.clock, WAITERS);

    end(&f);

    for (size_t i = 0; i < WAITERS; i++) {
        pthread_join(callers[i].thread, NULL);
        assert_false(callers[i].led);
        assert_int_equal(callers[i].rc, 0);
        assert_int_equal(callers[i].seen, 1);
    }
    release(&f);
}

static void check_the_next_works_again(void **state)
{
    (void)state;
    struct fixture f;
    init(&f);

    assert_true(begin(&f));
    assert_false(begin(&f));
    end(&f);
    assert_true(begin(&f));

    end(&f);
    release(&f);
}

static void check_a_stopped_waiter_leaves(void **state)
{
    (void)state;
    struct fixture f;
    struct caller caller;
    cleanup_stop struct stop *stop = stop_new(NULL);
    init(&f);
    f.ctx.stop = stop;
    assert_true(begin(&f));
    call_in_thread(&caller, &f);
    fake_clock_await(&f.clock, 1);

    stop_request(stop);
    pthread_join(caller.thread, NULL);

    assert_int_equal(caller.rc, -1);
    assert_int_equal(caller.failed, ERR_CANCELLED);
    assert_int_equal(caller.seen, 0);
    end(&f); /* finds nobody */
    release(&f);
}

static void check_a_waiter_leaves_at_its_deadline(void **state)
{
    (void)state;
    struct fixture f;
    struct caller caller, patient;
    init(&f);
    assert_true(begin(&f));
    call_in_thread(&patient, &f);
    fake_clock_await(&f.clock, 1);
    f.ctx = opctx_with_timeout_ms(&f.ctx, 1000);
    call_in_thread(&caller, &f);
    fake_clock_await(&f.clock, 2);

    fake_clock_advance_ms(&f.clock, 1000);
    pthread_join(caller.thread, NULL);
    end(&f);
    pthread_join(patient.thread, NULL);

    assert_int_equal(caller.rc, -1);
    assert_int_equal(caller.failed, ERR_TIMEOUT);
    assert_int_equal(patient.rc, 0);
    assert_int_equal(patient.seen, 1);
    release(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("one works, all others wait for it and see what it did", check_all_wait_for_one),
        CASE("who comes after the work works again", check_the_next_works_again),
        CASE("a stopped waiter leaves while the work goes on", check_a_stopped_waiter_leaves),
        CASE("a waiter leaves at its deadline, others wait on",
             check_a_waiter_leaves_at_its_deadline),
    };
    return RUN_CASES("flight", tests);
}
