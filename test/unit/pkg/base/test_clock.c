#include <time.h>

#include "pkg/base/clock.h"
#include "pkg/base/thread.h"
#include "test/unit/support/test.h"

static void check_progress(void **state)
{
    (void)state;
    const struct clock *c = clock_system();

    int64_t first = clock_mono_ns(c);
    int64_t second = clock_mono_ns(c);

    assert_true(first > 0);
    assert_true(second >= first);
    /* Some day after this was written: nanoseconds, since the epoch. */
    assert_true(clock_wall_ns(c) / NS_PER_S > 1700000000);
}

static void check_counts_suspend(void **state)
{
    (void)state;
    struct timespec before, after;
    assert_int_equal(clock_gettime(CLOCK_BOOTTIME, &before), 0);
    int64_t now = clock_mono_ns(clock_system());
    assert_int_equal(clock_gettime(CLOCK_BOOTTIME, &after), 0);

    assert_true(now >= before.tv_sec * NS_PER_S + before.tv_nsec);
    assert_true(now <= after.tv_sec * NS_PER_S + after.tv_nsec);
}

struct pair {
    pthread_mutex_t mu;
    pthread_cond_t cv;
    bool flag;
};

static void pair_init(struct pair *p)
{
    *p = (struct pair){ .flag = false };
    pthread_mutex_init(&p->mu, NULL);
    clock_cond_init(&p->cv);
}

static void pair_release(struct pair *p)
{
    pthread_cond_destroy(&p->cv);
    pthread_mutex_destroy(&p->mu);
}

static void check_deadline(void **state)
{
    (void)state;
    const struct clock *c = clock_system();
    struct pair p;
    pair_init(&p);

    pthread_mutex_lock(&p.mu);
    assert_false(clock_wait(c, &p.cv, &p.mu, clock_mono_ns(c) - 1));
    assert_false(clock_wait(c, &p.cv, &p.mu, INT64_MIN));
    int64_t deadline = clock_mono_ns(c) + NS_PER_MS;
    while (clock_wait(c, &p.cv, &p.mu, deadline))
        continue;
    pthread_mutex_unlock(&p.mu);

    assert_true(clock_mono_ns(c) >= deadline);
    pair_release(&p);
}

static void raise_flag(void *arg)
{
    struct pair *p = arg;
    pthread_mutex_lock(&p->mu);
    p->flag = true;
    pthread_cond_signal(&p->cv);
    pthread_mutex_unlock(&p->mu);
}

static void check_signal(void **state)
{
    const int64_t *deadline = *state;
    struct pair p;
    pair_init(&p);
    pthread_t thread;

    pthread_mutex_lock(&p.mu);
    assert_int_equal(thread_start(&thread, "signal", raise_flag, &p, NULL), 0);
    bool in_time = true;
    while (!p.flag)
        in_time = clock_wait(clock_system(), &p.cv, &p.mu, *deadline);
    pthread_mutex_unlock(&p.mu);
    assert_int_equal(pthread_join(thread, NULL), 0);

    assert_true(in_time);
    pair_release(&p);
}

int main(void)
{
    static int64_t never = CLOCK_NEVER, far_away = CLOCK_NEVER - 1;
    const struct CMUnitTest tests[] = {
        CASE("monotonic time does not go back, wall time is after 2023", check_progress),
        CASE("monotonic time is the one that counts suspend", check_counts_suspend),
        CASE("a wait ends at its deadline, at once when it has passed", check_deadline),
        CASE_OF("a signal ends a wait without a deadline", check_signal, &never),
        CASE_OF("a signal ends a wait with a far deadline", check_signal, &far_away),
    };
    return RUN_CASES("clock", tests);
}
