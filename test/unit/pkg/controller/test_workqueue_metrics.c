#include <string.h>

#include "pkg/base/clock.h"
#include "pkg/base/mem.h"
#include "pkg/controller/workqueue.h"
#include "pkg/controller/workqueue_metrics.h"
#include "test/unit/support/fake_clock.h"
#include "test/unit/support/test.h"

struct fixture {
    struct fake_clock clock;
    struct metrics *metrics;
    struct workqueue *q;
    char *text;
};

static void set_up(struct fixture *f)
{
    *f = (struct fixture){ .metrics = metrics_new() };
    fake_clock_init(&f->clock);
    f->q = workqueue_new(&(struct workqueue_config){
        .name = "Banner", .clock = &f->clock.base, .metrics = f->metrics });
}

static void tear_down(struct fixture *f)
{
    workqueue_free(f->q);
    metrics_free(f->metrics);
    free(f->text);
    fake_clock_release(&f->clock);
}

static bool shows(struct fixture *f, const char *line)
{
    struct buf b = BUF_INIT(BUF_UNBOUNDED);
    metrics_write(f->metrics, &b);
    free(f->text);
    f->text = buf_give(&b);
    cleanup_free char *whole = xasprintf("\n%s\n", line);
    return strstr(f->text, whole) != NULL;
}

#define QUEUE "{name=\"Banner\",controller=\"Banner\"}"
#define DEPTH(priority) \
    "workqueue_depth{name=\"Banner\",controller=\"Banner\",priority=\"" priority "\"}"

static void finish_one(struct fixture *f, int64_t work_ms)
{
    cleanup_free char *key = NULL;
    assert_true(workqueue_get(f->q, &key, NULL));
    fake_clock_advance_ms(&f->clock, work_ms);
    workqueue_done(f->q, key);
}

static void check_fresh(void **state)
{
    (void)state;
    struct fixture f;
    set_up(&f);

    assert_true(shows(&f, "workqueue_adds_total" QUEUE " 0"));
    assert_true(shows(&f, "workqueue_retries_total" QUEUE " 0"));
    assert_true(shows(&f, "workqueue_unfinished_work_seconds" QUEUE " 0"));
    assert_true(shows(&f, "workqueue_longest_running_processor_seconds" QUEUE " 0"));
    tear_down(&f);
}

static void check_adds_and_depth(void **state)
{
    (void)state;
    struct fixture f;
    set_up(&f);

    workqueue_add(f.q, "a");
    workqueue_add(f.q, "a");
    workqueue_add_priority(f.q, "b", PRIORITY_LOW);
    workqueue_add_after(f.q, "c", 1000, 0);
    assert_true(shows(&f, "workqueue_adds_total" QUEUE " 2"));
    assert_true(shows(&f, DEPTH("0") " 1"));
    assert_true(shows(&f, DEPTH("-100") " 1"));
    assert_true(shows(&f, "workqueue_retries_total" QUEUE " 1"));

    workqueue_add(f.q, "b"); /* raised */
    assert_true(shows(&f, DEPTH("0") " 2"));
    assert_true(shows(&f, DEPTH("-100") " 0"));
    finish_one(&f, 0);
    finish_one(&f, 0);
    assert_true(shows(&f, DEPTH("0") " 0"));
    fake_clock_advance_ms(&f.clock, 1000);
    assert_int_equal(workqueue_len(f.q), 1);
    assert_true(shows(&f, "workqueue_adds_total" QUEUE " 3"));
    assert_true(shows(&f, DEPTH("0") " 1"));
    tear_down(&f);
}

static void check_durations(void **state)
{
    (void)state;
    struct fixture f;
    set_up(&f);

    workqueue_add(f.q, "a");
    fake_clock_advance_ms(&f.clock, 500);
    finish_one(&f, 3000);

    assert_true(shows(&f, "workqueue_queue_duration_seconds_sum" QUEUE " 0.5"));
    assert_true(shows(&f, "workqueue_queue_duration_seconds_count" QUEUE " 1"));
    assert_true(shows(&f, "workqueue_work_duration_seconds_sum" QUEUE " 3"));
    assert_true(shows(&f, "workqueue_work_duration_seconds_bucket{name=\"Banner\",controller="
                          "\"Banner\",le=\"1\"} 0"));
    assert_true(shows(&f, "workqueue_work_duration_seconds_bucket{name=\"Banner\",controller="
                          "\"Banner\",le=\"10\"} 1"));
    tear_down(&f);
}

static void check_unfinished(void **state)
{
    (void)state;
    struct fixture f;
    set_up(&f);
    workqueue_add(f.q, "a");
    workqueue_add(f.q, "b");
    cleanup_free char *a = NULL, *b = NULL;

    assert_true(workqueue_get(f.q, &a, NULL));
    fake_clock_advance_ms(&f.clock, 2000);
    assert_true(workqueue_get(f.q, &b, NULL));
    fake_clock_advance_ms(&f.clock, 1000);

    assert_true(shows(&f, "workqueue_unfinished_work_seconds" QUEUE " 4"));
    assert_true(shows(&f, "workqueue_longest_running_processor_seconds" QUEUE " 3"));
    workqueue_done(f.q, a);
    assert_true(shows(&f, "workqueue_unfinished_work_seconds" QUEUE " 1"));
    assert_true(shows(&f, "workqueue_longest_running_processor_seconds" QUEUE " 1"));
    workqueue_done(f.q, b);
    assert_true(shows(&f, "workqueue_unfinished_work_seconds" QUEUE " 0"));
    tear_down(&f);
}

static void check_cardinality(void **state)
{
    (void)state;
    struct fixture f;
    set_up(&f);

    for (int priority = 1; priority <= 40; priority++) {
        cleanup_free char *key = xasprintf("k%d", priority);
        workqueue_add_priority(f.q, key, priority);
    }

    assert_true(shows(&f, DEPTH("25") " 1"));
    assert_false(shows(&f, DEPTH("26") " 1"));
    assert_true(shows(&f, DEPTH("exceeded_cardinality_limit") " 15"));
    for (int i = 0; i < 40; i++)
        finish_one(&f, 0);
    assert_true(shows(&f, DEPTH("25") " 0"));
    assert_true(shows(&f, DEPTH("exceeded_cardinality_limit") " 0"));
    tear_down(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a fresh queue shows its series at zero", check_fresh),
        CASE("adds and depth count what became ready, by priority", check_adds_and_depth),
        CASE("waiting and working times are observed", check_durations),
        CASE("unfinished work and the longest run are taken at each write", check_unfinished),
        CASE("at most 25 priorities become label values", check_cardinality),
    };
    return RUN_CASES("workqueue_metrics", tests);
}
