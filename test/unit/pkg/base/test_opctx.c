#include <stdatomic.h>

#include "pkg/base/log.h"
#include "pkg/base/opctx.h"
#include "pkg/base/thread.h"
#include "test/unit/support/fake_clock.h"
#include "test/unit/support/fake_rng.h"
#include "test/unit/support/test.h"

struct fixture {
    struct fake_clock clock;
    struct fake_rng rng;
    struct stop *stop;
    struct opctx root;
};

static int setup(void **state)
{
    static struct fixture f;
    fake_clock_init(&f.clock);
    fake_rng_init(&f.rng, 1);
    f.stop = stop_new(NULL);
    f.root = opctx_root(&f.clock.base, &f.rng.base, f.stop, NULL);
    *state = &f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    stop_unref(f->stop);
    fake_clock_release(&f->clock);
    return 0;
}

static void check_root(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(opctx_check(&f->root, NULL), 0);
    assert_true(opctx_remaining_ms(&f->root) == INT64_MAX);
}

static void check_deadlines(void **state)
{
    struct fixture *f = *state;
    struct opctx ctx = opctx_with_timeout_ms(&f->root, 1000);
    struct opctx shorter = opctx_with_timeout_ms(&ctx, 500);
    struct opctx longer = opctx_with_timeout_ms(&ctx, 5000);
    struct opctx endless = opctx_with_timeout_ms(&f->root, INT64_MAX);
    struct opctx over = opctx_with_timeout_ms(&f->root, -5);

    assert_int_equal(opctx_remaining_ms(&ctx), 1000);
    assert_int_equal(opctx_remaining_ms(&shorter), 500);
    assert_int_equal(opctx_remaining_ms(&longer), 1000);
    assert_true(opctx_remaining_ms(&endless) == INT64_MAX);
    assert_int_equal(opctx_remaining_ms(&over), 0);
    assert_int_equal(opctx_check(&over, NULL), -1);
}

static void check_timeout(void **state)
{
    struct fixture *f = *state;
    cleanup_error struct error *err = NULL;
    struct opctx ctx = opctx_with_timeout_ms(&f->root, 1000);

    fake_clock_advance_ns(&f->clock, 1000 * NS_PER_MS - 1);
    assert_int_equal(opctx_check(&ctx, &err), 0);
    assert_int_equal(opctx_remaining_ms(&ctx), 1);
    fake_clock_advance_ns(&f->clock, 1);

    assert_int_equal(opctx_check(&ctx, &err), -1);
    assert_int_equal(error_kind(err), ERR_TIMEOUT);
    assert_int_equal(opctx_remaining_ms(&ctx), 0);
}

static void check_cancelled(void **state)
{
    struct fixture *f = *state;
    cleanup_error struct error *err = NULL;
    cleanup_stop struct stop *child = stop_new(f->stop);
    struct opctx timed = opctx_with_timeout_ms(&f->root, 0);
    struct opctx ctx = opctx_with_stop(&timed, child);

    stop_request(f->stop);

    assert_int_equal(opctx_check(&ctx, &err), -1);
    assert_int_equal(error_kind(err), ERR_CANCELLED);
}

static void check_log_field(void **state)
{
    struct fixture *f = *state;
    struct log log = { .sink = NULL };
    struct opctx timed = opctx_with_timeout_ms(&f->root, 10);

    struct opctx ctx = opctx_with_log(&timed, &log);

    assert_ptr_equal(ctx.log, &log);
    assert_int_equal(opctx_remaining_ms(&ctx), 10);
}

static void check_sleep(void **state)
{
    struct fixture *f = *state;
    cleanup_error struct error *err = NULL;
    f->clock.auto_advance = true;
    struct opctx ctx = opctx_with_timeout_ms(&f->root, 1000);
    int64_t begin = clock_mono_ns(&f->clock.base);

    assert_int_equal(opctx_sleep_ms(&ctx, 0, &err), 0);
    assert_int_equal(opctx_sleep_ms(&ctx, 999, &err), 0);
    assert_int_equal(clock_mono_ns(&f->clock.base) - begin, 999 * NS_PER_MS);

    assert_int_equal(opctx_sleep_ms(&ctx, 2, &err), -1);
    assert_int_equal(error_kind(err), ERR_TIMEOUT);
    assert_int_equal(clock_mono_ns(&f->clock.base) - begin, 999 * NS_PER_MS);
    stop_request(f->stop);
    assert_int_equal(opctx_sleep_ms(&ctx, 0, &err), -1);
    assert_int_equal(error_kind(err), ERR_CANCELLED);
}

struct sleeper {
    const struct opctx *ctx;
    int64_t ms;
    int status;
    enum err_kind kind;
};

static void sleep_thread(void *arg)
{
    struct sleeper *s = arg;
    cleanup_error struct error *err = NULL;
    s->status = opctx_sleep_ms(s->ctx, s->ms, &err);
    s->kind = error_kind(err);
}

static void check_sleepers_wake_in_turn(void **state)
{
    struct fixture *f = *state;
    struct sleeper early = { .ctx = &f->root, .ms = 100, .status = 1 };
    struct sleeper late = { .ctx = &f->root, .ms = 300, .status = 1 };
    pthread_t a, b;
    assert_int_equal(thread_start(&a, "early", sleep_thread, &early, NULL), 0);
    assert_int_equal(thread_start(&b, "late", sleep_thread, &late, NULL), 0);
    fake_clock_await(&f->clock, 2);

    assert_int_equal(fake_clock_step(&f->clock), 100 * NS_PER_MS);
    pthread_join(a, NULL);
    assert_int_equal(early.status, 0);
    assert_int_equal(fake_clock_step(&f->clock), 200 * NS_PER_MS);
    pthread_join(b, NULL);
    assert_int_equal(late.status, 0);
}

static void check_stop_ends_sleep(void **state)
{
    struct fixture *f = *state;
    struct sleeper s = { .ctx = &f->root, .ms = 100, .status = 1 };
    pthread_t thread;
    assert_int_equal(thread_start(&thread, "sleeper", sleep_thread, &s, NULL), 0);
    fake_clock_await(&f->clock, 1);

    stop_request(f->stop);

    pthread_join(thread, NULL);
    assert_int_equal(s.status, -1);
    assert_int_equal(s.kind, ERR_CANCELLED);
}

static void check_waker_deadline(void **state)
{
    struct fixture *f = *state;
    cleanup_error struct error *err = NULL;
    f->clock.auto_advance = true;
    struct opctx ctx = opctx_with_timeout_ms(&f->root, 50);
    int64_t now = clock_mono_ns(&f->clock.base);
    struct waker w;
    waker_init(&w, &ctx);

    waker_lock(&w);
    assert_int_equal(waker_wait(&w, now + 10 * NS_PER_MS, &err), 0);
    assert_int_equal(clock_mono_ns(&f->clock.base) - now, 10 * NS_PER_MS);
    assert_int_equal(waker_wait(&w, CLOCK_NEVER, &err), -1);
    waker_unlock(&w);

    assert_int_equal(error_kind(err), ERR_TIMEOUT);
    assert_int_equal(clock_mono_ns(&f->clock.base) - now, 50 * NS_PER_MS);
    waker_release(&w);
}

struct mailbox {
    struct waker waker;
    bool full; /* guarded by the waker's lock */
    int status;
};

static void receive(void *arg)
{
    struct mailbox *m = arg;
    m->status = 0;
    waker_lock(&m->waker);
    while (!m->full && m->status == 0)
        m->status = waker_wait(&m->waker, CLOCK_NEVER, NULL);
    waker_unlock(&m->waker);
}

static void check_waker_signal(void **state)
{
    struct fixture *f = *state;
    struct mailbox m = { .status = 1 };
    waker_init(&m.waker, &f->root);
    pthread_t thread;
    assert_int_equal(thread_start(&thread, "receiver", receive, &m, NULL), 0);
    fake_clock_await(&f->clock, 1);

    waker_lock(&m.waker);
    m.full = true;
    waker_unlock(&m.waker);
    waker_signal(&m.waker);

    pthread_join(thread, NULL);
    assert_int_equal(m.status, 0);
    waker_release(&m.waker);
}

static void check_waker_of_stopped_context(void **state)
{
    struct fixture *f = *state;
    cleanup_error struct error *err = NULL;
    stop_request(f->stop);
    struct waker w;
    waker_init(&w, &f->root);

    waker_lock(&w);
    assert_int_equal(waker_wait(&w, CLOCK_NEVER, &err), -1);
    waker_unlock(&w);

    assert_int_equal(error_kind(err), ERR_CANCELLED);
    waker_release(&w);
}

static void use_wakers(void *arg)
{
    const struct opctx *ctx = arg;
    int status = 0;
    while (status == 0) {
        struct waker w;
        waker_init(&w, ctx);
        waker_lock(&w);
        status = waker_wait(&w, clock_mono_ns(ctx->clock) + 1, NULL);
        waker_unlock(&w);
        waker_release(&w);
    }
}

/* On the real clock, so that waits, deadlines and the stop meet in any order: sanitizers judge. */
static void check_race(void **state)
{
    struct fixture *f = *state;
    for (int round = 0; round < 50; round++) {
        struct stop *stop = stop_new(f->stop);
        struct opctx ctx = opctx_root(clock_system(), rng_system(), stop, NULL);
        pthread_t threads[3];
        for (size_t i = 0; i < ARRAY_LEN(threads); i++)
            assert_int_equal(thread_start(&threads[i], "waker", use_wakers, &ctx, NULL), 0);
        stop_request(stop);
        for (size_t i = 0; i < ARRAY_LEN(threads); i++)
            pthread_join(threads[i], NULL);
        stop_unref(stop);
    }
}

#define FIXTURE_CASE(sentence, fn) \
    { \
        .name = (sentence), .test_func = (fn), .setup_func = setup, .teardown_func = teardown \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_CASE("a root context never ends by itself", check_root),
        FIXTURE_CASE("a child ends no later than its parent", check_deadlines),
        FIXTURE_CASE("a context ends at its deadline", check_timeout),
        FIXTURE_CASE("a stop counts before a deadline", check_cancelled),
        FIXTURE_CASE("other log fields leave the deadline alone", check_log_field),
        FIXTURE_CASE("a sleep that cannot end in time fails at once", check_sleep),
        FIXTURE_CASE("sleepers wake at their own times", check_sleepers_wake_in_turn),
        FIXTURE_CASE("a stop ends a sleep", check_stop_ends_sleep),
        FIXTURE_CASE("a wait ends at the nearer deadline", check_waker_deadline),
        FIXTURE_CASE("a signal ends a wait", check_waker_signal),
        FIXTURE_CASE("a wait under a set stop fails at once", check_waker_of_stopped_context),
        FIXTURE_CASE("wakers may come and go while the stop is set", check_race),
    };
    return RUN_CASES("opctx", tests);
}
