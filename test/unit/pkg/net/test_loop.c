#include <sys/epoll.h>
#include <unistd.h>

#include "pkg/base/mem.h"
#include "pkg/net/loop.h"
#include "test/unit/support/fake_clock.h"
#include "test/unit/support/test.h"

/* Everything that the callbacks of a test see; they all run on the loop's thread. */
struct record {
    struct loop *loop;
    struct fake_clock clock;
    int seen[1024];
    size_t len;
};
struct numbered {
    struct record *record;
    int number;
    struct loop_task task;
    struct loop_timer timer;
    struct loop_io io;
    struct loop_io *victim;
};

static void setup(struct record *r)
{
    *r = (struct record){ 0 };
    fake_clock_init(&r->clock);
    assert_int_equal(loop_new(&r->clock.base, "test", &r->loop, NULL), 0);
}

static void teardown(struct record *r)
{
    loop_free(r->loop);
    fake_clock_release(&r->clock);
}

static void note(struct numbered *n)
{
    n->record->seen[n->record->len++] = n->number;
}

static void on_task(struct loop_task *t)
{
    note(container_of(t, struct numbered, task));
}

static void on_timer(struct loop_timer *t)
{
    note(container_of(t, struct numbered, timer));
}

static void nothing(void *arg)
{
    (void)arg;
}

/* After two calls the loop has begun and ended a turn. */
static void turn(struct record *r)
{
    loop_call(r->loop, nothing, NULL);
    loop_call(r->loop, nothing, NULL);
}

static void test_tasks_run_in_the_order_of_posting(void **state)
{
    (void)state;
    struct record r;
    setup(&r);
    struct numbered n[100];

    for (int i = 0; i < 100; i++) {
        n[i] = (struct numbered){ .record = &r, .number = i, .task.fn = on_task };
        loop_post(r.loop, &n[i].task);
    }
    teardown(&r);

    assert_int_equal(r.len, 100);
    for (int i = 0; i < 100; i++)
        assert_int_equal(r.seen[i], i);
}

static void double_it(void *arg)
{
    *(int *)arg *= 2;
}

static void test_call_returns_when_it_is_done(void **state)
{
    (void)state;
    struct record r;
    setup(&r);
    int value = 21;

    loop_call(r.loop, double_it, &value);

    assert_int_equal(value, 42);
    teardown(&r);
}

struct many_timers {
    struct record *record;
    struct numbered n[500];
};

/* Due times in a scattered order; every third is cleared again, every fifth moved. */
static void set_timers(void *arg)
{
    struct many_timers *m = arg;
    struct loop *l = m->record->loop;
    int64_t now = loop_now_ns(l);
    for (int i = 0; i < 500; i++) {
        int due = i * 193 % 500;
        m->n[i] = (struct numbered){ .record = m->record, .number = due, .timer.fn = on_timer };
        loop_timer_set(l, &m->n[i].timer, now + (due + 1) * NS_PER_MS);
    }
    for (int i = 0; i < 500; i++) {
        if (i % 3 == 0)
            loop_timer_clear(l, &m->n[i].timer);
        else if (i % 5 == 0)
            loop_timer_set(l, &m->n[i].timer, now + (m->n[i].number + 1) * NS_PER_MS);
    }
}

static void test_timers_fire_once_in_the_order_of_their_time(void **state)
{
    (void)state;
    struct record r;
    setup(&r);
    struct many_timers *m = xnew(struct many_timers);
    m->record = &r;
    loop_call(r.loop, set_timers, m);
    turn(&r);
    assert_int_equal(r.len, 0);

    fake_clock_advance_ms(&r.clock, 250);
    turn(&r);
    size_t half = r.len;
    fake_clock_advance_ms(&r.clock, 1000);
    turn(&r);
    turn(&r);
    teardown(&r);

    assert_int_equal(r.len, 333);
    assert_in_range(half, 150, 180);
    for (size_t i = 1; i < r.len; i++)
        assert_true(r.seen[i - 1] < r.seen[i]);
    assert_true(r.seen[half - 1] < 250 && r.seen[half] >= 250);
    free(m);
}

static void on_readable(struct loop_io *io, uint32_t events)
{
    struct numbered *n = container_of(io, struct numbered, io);
    assert_true(events & EPOLLIN);
    note(n);
    loop_io_del(n->record->loop, io);
    if (n->victim)
        loop_io_del(n->record->loop, n->victim);
}

static void watch_both(void *arg)
{
    struct numbered *n = arg;
    loop_io_set(n[0].record->loop, &n[0].io, EPOLLOUT); /* changed below */
    loop_io_set(n[0].record->loop, &n[0].io, EPOLLIN);
    loop_io_set(n[1].record->loop, &n[1].io, EPOLLIN);
}

static void test_io_deleted_by_another_is_not_called_any_more(void **state)
{
    (void)state;
    struct record r;
    setup(&r);
    int a[2], b[2];
    assert_int_equal(pipe(a), 0);
    assert_int_equal(pipe(b), 0);
    assert_int_equal(write(a[1], "x", 1), 1);
    assert_int_equal(write(b[1], "x", 1), 1);
    struct numbered n[2] = {
        { .record = &r, .number = 1, .io = { .fn = on_readable, .fd = a[0] }, .victim = &n[1].io },
        { .record = &r, .number = 2, .io = { .fn = on_readable, .fd = b[0] }, .victim = &n[0].io },
    };

    loop_call(r.loop, watch_both, n);
    turn(&r);
    turn(&r);
    teardown(&r);

    assert_int_equal(r.len, 1); /* whichever came first deleted the other */
    for (int i = 0; i < 2; i++) {
        close(a[i]);
        close(b[i]);
    }
}

static void test_heartbeat_follows_the_turns(void **state)
{
    (void)state;
    struct record r;
    setup(&r);

    fake_clock_advance_ms(&r.clock, 5000);
    turn(&r);

    assert_int_equal(loop_age_ms(r.loop), 0);
    teardown(&r);
}

int main(void)
{
    struct CMUnitTest tests[] = {
        CASE("tasks run in the order of posting, the last before the loop ends",
             test_tasks_run_in_the_order_of_posting),
        CASE("a call returns when it is done", test_call_returns_when_it_is_done),
        CASE("timers fire once, in the order of their time",
             test_timers_fire_once_in_the_order_of_their_time),
        CASE("an io that another one deletes is not called any more",
             test_io_deleted_by_another_is_not_called_any_more),
        CASE("the heartbeat follows the turns", test_heartbeat_follows_the_turns),
    };
    return RUN_CASES("loop", tests);
}
