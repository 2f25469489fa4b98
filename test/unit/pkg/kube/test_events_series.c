#include "pkg/base/mem.h"
#include "pkg/kube/events_series.h"
#include "test/unit/support/fake_clock.h"
#include "test/unit/support/test.h"

#define MINUTE_MS INT64_C(60000)

struct rig {
    struct fake_clock clock;
    struct series_book *book;
};

static void set_up(struct rig *r)
{
    fake_clock_init(&r->clock);
    r->book = series_book_new(2, &r->clock.base);
}

static void tear_down(struct rig *r)
{
    series_book_free(r->book);
    fake_clock_release(&r->clock);
}

static int64_t note(struct rig *r, const char *key)
{
    return series_note(r->book, key, clock_wall_ns(&r->clock.base)).count;
}

/* Events of that key, the first of which is written. */
static void begin(struct rig *r, const char *key, int events)
{
    assert_int_equal(1, note(r, key));
    series_begin(r->book, key, "ns", key);
    for (int i = 2; i <= events; i++)
        assert_int_equal(i, note(r, key));
}

static int64_t due_in_ms(const struct rig *r)
{
    int64_t due_ns = series_due_ns(r->book);
    return due_ns == CLOCK_NEVER ? -1 : (due_ns - clock_mono_ns(&r->clock.base)) / NS_PER_MS;
}

static void due_release(struct series_due *d)
{
    free(d->nspace);
    free(d->name);
    json_free(d->patch);
}

static void take_due(struct rig *r, bool all, const char *name, const char *patch)
{
    struct series_due due;
    assert_true(series_take_due(r->book, all, &due));
    assert_string_equal(due.name, name);
    assert_string_equal(due.nspace, "ns");
    cleanup_free char *text = json_give_text(due.patch);
    assert_string_equal(text, patch);
    due_release(&due);
}

static bool has_due(struct rig *r, bool all)
{
    struct series_due due;
    if (!series_take_due(r->book, all, &due))
        return false;
    due_release(&due);
    return true;
}

static void counts(void **state)
{
    (void)state;
    struct rig r;
    set_up(&r);

    begin(&r, "a", 1);
    assert_int_equal(-1, due_in_ms(&r)); /* one event is no series */
    struct series_state second = series_note(r.book, "a", 0);

    assert_int_equal(2, second.count);
    assert_string_equal(second.name, "a");
    assert_int_equal(6 * MINUTE_MS, due_in_ms(&r)); /* unless it is written at once */
    series_written(r.book, "a");
    assert_int_equal(-1, due_in_ms(&r));
    assert_int_equal(3, note(&r, "a"));
    tear_down(&r);
}

static void rest(void **state)
{
    (void)state;
    struct rig r;
    set_up(&r);
    begin(&r, "a", 4);

    fake_clock_advance_ms(&r.clock, 6 * MINUTE_MS - 1);
    assert_false(has_due(&r, false));
    fake_clock_advance_ms(&r.clock, 1);
    take_due(&r, false, "a",
             "{\"series\":{\"count\":4,\"lastObservedTime\":\"2024-02-03T04:05:06.000000Z\"}}");

    assert_false(has_due(&r, true)); /* once */
    fake_clock_advance_ms(&r.clock, 1);
    assert_int_equal(1, note(&r, "a")); /* a series of its own */
    tear_down(&r);
}

static void refresh(void **state)
{
    (void)state;
    struct rig r;
    set_up(&r);
    begin(&r, "a", 2);
    series_written(r.book, "a");

    for (int minute = 0; minute < 29; minute++) {
        fake_clock_advance_ms(&r.clock, MINUTE_MS);
        (void)note(&r, "a");
        assert_false(has_due(&r, false));
    }
    assert_int_equal(MINUTE_MS, due_in_ms(&r));
    fake_clock_advance_ms(&r.clock, MINUTE_MS);
    take_due(&r, false, "a",
             "{\"series\":{\"count\":31,\"lastObservedTime\":\"2024-02-03T04:34:06.000000Z\"}}");

    assert_int_equal(32, note(&r, "a")); /* it goes on */
    tear_down(&r);
}

static void all(void **state)
{
    (void)state;
    struct rig r;
    set_up(&r);
    begin(&r, "a", 3);
    begin(&r, "b", 1);

    assert_false(has_due(&r, false));
    take_due(&r, true, "a",
             "{\"series\":{\"count\":3,\"lastObservedTime\":\"2024-02-03T04:05:06.000000Z\"}}");

    assert_false(has_due(&r, true));
    tear_down(&r);
}

static void limit(void **state)
{
    (void)state;
    struct rig r;
    set_up(&r);
    begin(&r, "a", 1);
    begin(&r, "b", 1);

    begin(&r, "c", 1);

    assert_int_equal(1, note(&r, "a"));
    assert_int_equal(2, note(&r, "c"));
    series_written(r.book, "unknown");
    series_book_free(NULL);
    tear_down(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("events of one key are counted", counts),
        CASE("a series that rests for six minutes is written and over", rest),
        CASE("a series that goes on is written every half hour", refresh),
        CASE("at the end every unwritten count is written", all),
        CASE("a book that is full forgets the oldest", limit),
    };
    return RUN_CASES("events_series", tests);
}
