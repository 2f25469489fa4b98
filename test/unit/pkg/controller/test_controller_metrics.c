#include <string.h>

#include "pkg/base/clock.h"
#include "pkg/controller/controller_metrics.h"
#include "test/unit/support/test.h"

static bool shows(struct metrics *m, const char *part)
{
    cleanup_buf struct buf b = BUF_INIT(BUF_UNBOUNDED);
    metrics_write(m, &b);
    return strstr(buf_str(&b), part) != NULL;
}

static void check_fresh(void **state)
{
    (void)state;
    cleanup_metrics struct metrics *m = metrics_new();
    struct controller_metrics c;

    controller_metrics_init(&c, m, "Banner", 3);

    static const char *const lines[] = {
        "\ncontroller_runtime_reconcile_total{controller=\"Banner\",result=\"success\"} 0\n",
        "\ncontroller_runtime_reconcile_total{controller=\"Banner\",result=\"requeue_after\"} 0\n",
        "\ncontroller_runtime_reconcile_total{controller=\"Banner\",result=\"requeue\"} 0\n",
        "\ncontroller_runtime_reconcile_total{controller=\"Banner\",result=\"error\"} 0\n",
        "\ncontroller_runtime_reconcile_errors_total{controller=\"Banner\"} 0\n",
        "\ncontroller_runtime_terminal_reconcile_errors_total{controller=\"Banner\"} 0\n",
        "\ncontroller_runtime_reconcile_panics_total{controller=\"Banner\"} 0\n",
        "\ncontroller_runtime_reconcile_timeouts_total{controller=\"Banner\"} 0\n",
        "\ncontroller_runtime_max_concurrent_reconciles{controller=\"Banner\"} 3\n",
        "\ncontroller_runtime_active_workers{controller=\"Banner\"} 0\n",
    };
    for (size_t i = 0; i < ARRAY_LEN(lines); i++)
        assert_true(shows(m, lines[i]));
}

static void check_run(void **state)
{
    (void)state;
    cleanup_metrics struct metrics *m = metrics_new();
    struct controller_metrics c;
    controller_metrics_init(&c, m, "Banner", 1);

    controller_metrics_begin(&c);
    assert_true(shows(m, "active_workers{controller=\"Banner\"} 1\n"));
    controller_metrics_end(&c, OUTCOME_ERROR, 120 * NS_PER_MS);

    assert_true(shows(m, "active_workers{controller=\"Banner\"} 0\n"));
    assert_true(shows(m, "reconcile_total{controller=\"Banner\",result=\"error\"} 1\n"));
    assert_true(shows(m, "controller_runtime_reconcile_errors_total{controller=\"Banner\"} 1\n"));
    assert_true(shows(m, "time_seconds_bucket{controller=\"Banner\",le=\"0.1\"} 0\n"));
    assert_true(shows(m, "time_seconds_bucket{controller=\"Banner\",le=\"0.15\"} 1\n"));
    assert_true(shows(m, "time_seconds_bucket{controller=\"Banner\",le=\"60\"} 1\n"));
    assert_true(shows(m, "time_seconds_sum{controller=\"Banner\"} 0.12\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("every series exists from the start", check_fresh),
        CASE("a run is counted by its result and its duration", check_run),
    };
    return RUN_CASES("controller_metrics", tests);
}
