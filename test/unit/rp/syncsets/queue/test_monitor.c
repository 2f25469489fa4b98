#include <pthread.h>

#include "pkg/base/thread.h"
#include "rp/syncsets/queue/monitor.h"
#include "test/unit/support/fake_clock.h"
#include "test/unit/support/test.h"

struct waiting {
    struct monitor m;
    struct fake_clock clock;
    struct stop *stop;
    struct opctx ctx;
    int64_t until_ns;
    int status;
    struct error *err;
    pthread_t thread;
};

static void wait_once(void *arg)
{
    struct waiting *w = arg;
    struct stop_watch watch;
    monitor_enter(&w->m, &w->ctx, &watch);
    w->status = monitor_wait(&w->m, &w->ctx, w->until_ns, &w->err);
    if (w->status == 0)
        w->status = opctx_check(&w->ctx, &w->err);
    monitor_leave(&w->m, &w->ctx, &watch);
}

static void start(struct waiting *w, int64_t timeout_ms, int64_t until_ms)
{
    *w = (struct waiting){ .stop = stop_new(NULL) };
    monitor_init(&w->m);
    fake_clock_init(&w->clock);
    struct opctx root = opctx_root(&w->clock.base, rng_system(), w->stop, NULL);
    w->ctx = opctx_with_timeout_ms(&root, timeout_ms);
    w->until_ns = FAKE_MONO_NS + until_ms * NS_PER_MS;
    assert_int_equal(thread_start(&w->thread, "waiter", wait_once, w, NULL), 0);
    fake_clock_await(&w->clock, 1);
}

static void finish(struct waiting *w, int status, enum err_kind kind)
{
    pthread_join(w->thread, NULL);
    assert_int_equal(w->status, status);
    if (status < 0)
        assert_int_equal(error_kind(w->err), kind);
    error_clear(&w->err);
    stop_unref(w->stop);
    fake_clock_release(&w->clock);
    monitor_release(&w->m);
}

static void a_stop_ends_a_wait(void **state)
{
    (void)state;
    struct waiting w;
    start(&w, 1000, 2000);
    stop_request(w.stop);
    finish(&w, -1, ERR_CANCELLED);
}

static void a_deadline_ends_a_wait(void **state)
{
    (void)state;
    struct waiting w;
    start(&w, 1000, 2000);
    fake_clock_advance_ms(&w.clock, 1000);
    finish(&w, -1, ERR_TIMEOUT);
}

static void the_callers_own_time_is_no_error(void **state)
{
    (void)state;
    struct waiting w;
    start(&w, 3000, 2000);
    fake_clock_advance_ms(&w.clock, 2000);
    finish(&w, 0, ERR_INTERNAL);
}

static void waking_is_no_error(void **state)
{
    (void)state;
    struct waiting w;
    start(&w, 3000, 2000);
    pthread_mutex_lock(&w.m.mu);
    monitor_wake(&w.m);
    pthread_mutex_unlock(&w.m.mu);
    finish(&w, 0, ERR_INTERNAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a stop ends a wait", a_stop_ends_a_wait),
        CASE("a deadline ends a wait", a_deadline_ends_a_wait),
        CASE("the caller's own time is no error", the_callers_own_time_is_no_error),
        CASE("waking is no error", waking_is_no_error),
    };
    return RUN_CASES("monitor", tests);
}
