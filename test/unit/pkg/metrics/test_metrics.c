#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <cmocka.h>

#include "pkg/base/buf.h"
#include "pkg/base/mem.h"
#include "pkg/base/thread.h"
#include "pkg/metrics/metrics.h"

static const struct metric_desc requests = {
    .name = "requests_total",
    .help = "Requests by\nresult \\ code.",
    .type = METRIC_COUNTER,
    .labels = { "code", "method" },
};
static const struct metric_desc depth = { .name = "depth", .help = "Depth.", .type = METRIC_GAUGE };
static const double bounds[] = { 0.1, 1, 2.5 };
static const struct metric_desc latency = {
    .name = "latency_seconds",
    .help = "Latency.",
    .type = METRIC_HISTOGRAM,
    .labels = { "verb" },
    .buckets = bounds,
    .buckets_len = ARRAY_LEN(bounds),
};

/* What the registry writes, without the process families behind it. */
static char *give_text(struct metrics *m)
{
    struct buf out = BUF_INIT(BUF_UNBOUNDED);
    metrics_write(m, &out);
    char *text = buf_give(&out);
    char *process = strstr(text, "# HELP process_");
    assert_non_null(process);
    *process = '\0';
    return text;
}

static void assert_text(struct metrics *m, const char *want)
{
    char *text = give_text(m);
    assert_string_equal(text, want);
    free(text);
}

static void writes_series_in_order(void **state)
{
    (void)state;
    cleanup_metrics struct metrics *m = metrics_new();
    struct metric *f = metrics_family(m, &requests);

    metric_add(f, 2, METRIC_LABELS("500", "PUT"));
    metric_add(f, 1, METRIC_LABELS("200", "GET"));
    metric_add(f, 0.5, METRIC_LABELS("200", "GET"));

    assert_text(m, "# HELP requests_total Requests by\\nresult \\\\ code.\n"
                   "# TYPE requests_total counter\n"
                   "requests_total{code=\"200\",method=\"GET\"} 1.5\n"
                   "requests_total{code=\"500\",method=\"PUT\"} 2\n");
}

static void writes_families_by_name(void **state)
{
    (void)state;
    cleanup_metrics struct metrics *m = metrics_new();

    metric_add(metrics_family(m, &requests), 1, METRIC_LABELS("1", "a"));
    metric_set(metrics_family(m, &depth), -3, METRIC_LABELS(NULL));

    assert_text(m, "# HELP depth Depth.\n# TYPE depth gauge\ndepth -3\n"
                   "# HELP requests_total Requests by\\nresult \\\\ code.\n"
                   "# TYPE requests_total counter\n"
                   "requests_total{code=\"1\",method=\"a\"} 1\n");
}

static void omits_families_without_series(void **state)
{
    (void)state;
    cleanup_metrics struct metrics *m = metrics_new();

    struct metric *f = metrics_family(m, &requests);
    metric_add(f, 1, METRIC_LABELS("1", "a"));
    metric_remove(f, METRIC_LABELS("1", "a"));
    metric_remove(f, METRIC_LABELS("1", "never there"));

    assert_text(m, "");
}

static void shows_unlabelled_families_from_the_start(void **state)
{
    (void)state;
    cleanup_metrics struct metrics *m = metrics_new();

    metrics_family(m, &depth);

    assert_text(m, "# HELP depth Depth.\n# TYPE depth gauge\ndepth 0\n");
}

static void cumulates_buckets(void **state)
{
    (void)state;
    cleanup_metrics struct metrics *m = metrics_new();
    struct metric *f = metrics_family(m, &latency);

    metric_observe(f, 0.1, METRIC_LABELS("GET")); /* a bound belongs to its bucket */
    metric_observe(f, 0.5, METRIC_LABELS("GET"));
    metric_observe(f, 99, METRIC_LABELS("GET"));

    assert_true(metric_get(f, METRIC_LABELS("GET")) == 3);
    assert_text(m, "# HELP latency_seconds Latency.\n# TYPE latency_seconds histogram\n"
                   "latency_seconds_bucket{verb=\"GET\",le=\"0.1\"} 1\n"
                   "latency_seconds_bucket{verb=\"GET\",le=\"1\"} 2\n"
                   "latency_seconds_bucket{verb=\"GET\",le=\"2.5\"} 2\n"
                   "latency_seconds_bucket{verb=\"GET\",le=\"+Inf\"} 3\n"
                   "latency_seconds_sum{verb=\"GET\"} 99.6\n"
                   "latency_seconds_count{verb=\"GET\"} 3\n");
}

static void escapes_label_values(void **state)
{
    (void)state;
    cleanup_metrics struct metrics *m = metrics_new();
    struct metric *f = metrics_family(m, &requests);

    metric_add(f, 1, METRIC_LABELS("a\"b\\c\nd", "\xc3\xa9"));
    metric_add(f, 1, METRIC_LABELS("b\xfe\xff", NULL));

    assert_text(m, "# HELP requests_total Requests by\\nresult \\\\ code.\n"
                   "# TYPE requests_total counter\n"
                   "requests_total{code=\"a\\\"b\\\\c\\nd\",method=\"\xc3\xa9\"} 1\n"
                   "requests_total{code=\"b??\",method=\"\"} 1\n");
}

static void folds_series_beyond_the_maximum(void **state)
{
    (void)state;
    cleanup_metrics struct metrics *m = metrics_new();
    struct metric *f = metrics_family(m, &requests);
    char value[20];

    for (int i = 0; i < METRICS_SERIES_MAX + 9; i++) {
        snprintf(value, sizeof(value), "%d", i);
        metric_add(f, 1, METRIC_LABELS(value, "GET"));
    }

    assert_true(metric_get(f, METRIC_LABELS("other", "other")) == 10);
    assert_true(metric_get(f, METRIC_LABELS("0", "GET")) == 1);
    assert_true(metric_get(f, METRIC_LABELS(value, "GET")) == 0);
    metric_add(f, 1, METRIC_LABELS("0", "GET"));
    assert_true(metric_get(f, METRIC_LABELS("0", "GET")) == 2);
}

static void keeps_as_many_labels_as_there_may_be(void **state)
{
    (void)state;
    static const struct metric_desc wide = { .name = "wide_total",
                                             .help = "Wide.",
                                             .type = METRIC_COUNTER,
                                             .labels = { "a", "b", "c", "d", "e" } };
    _Static_assert(METRICS_LABELS_MAX == 5, "wide has as many as there may be");
    cleanup_metrics struct metrics *m = metrics_new();
    struct metric *f = metrics_family(m, &wide);
    char value[20];

    for (int i = 0; i < METRICS_SERIES_MAX + 1; i++) {
        snprintf(value, sizeof(value), "%d", i);
        metric_add(f, 1, METRIC_LABELS("1", "2", "3", "4", value));
    }
    for (int i = 0; i < METRICS_SERIES_MAX; i++) {
        snprintf(value, sizeof(value), "%d", i);
        metric_remove(f, METRIC_LABELS("1", "2", "3", "4", value));
    }
    metric_add(f, 3, METRIC_LABELS("1", "2", "3", "4", "5"));

    assert_text(m, "# HELP wide_total Wide.\n# TYPE wide_total counter\n"
                   "wide_total{a=\"1\",b=\"2\",c=\"3\",d=\"4\",e=\"5\"} 3\n"
                   "wide_total{a=\"other\",b=\"other\",c=\"other\",d=\"other\",e=\"other\"} 2\n");
}

static void cuts_long_label_values(void **state)
{
    (void)state;
    cleanup_metrics struct metrics *m = metrics_new();
    struct metric *f = metrics_family(m, &requests);
    char value[10000];
    memset(value, 'x', sizeof(value) - 1);
    value[sizeof(value) - 1] = '\0';

    metric_add(f, 1, METRIC_LABELS(value, value));

    char *text = give_text(m);
    assert_true(strlen(text) < 1000);
    free(text);
}

static void never_lowers_a_counter(void **state)
{
    (void)state;
    cleanup_metrics struct metrics *m = metrics_new();
    struct metric *f = metrics_family(m, &requests);

    metric_add(f, 5, METRIC_LABELS("a", "b"));
    metric_add(f, -1, METRIC_LABELS("a", "b"));
    metric_set(f, 1, METRIC_LABELS("a", "b"));

    assert_true(metric_get(f, METRIC_LABELS("a", "b")) == 5);
}

static void gives_the_same_family_again(void **state)
{
    (void)state;
    cleanup_metrics struct metrics *m = metrics_new();
    struct metric_desc copy = requests;

    assert_ptr_equal(metrics_family(m, &requests), metrics_family(m, &copy));
    assert_ptr_not_equal(metrics_family(m, &requests), metrics_family(m, &depth));
}

static void accepts_nobody_measuring(void **state)
{
    (void)state;

    struct metric *f = metrics_family(NULL, &requests);
    metric_add(f, 1, METRIC_LABELS("a"));
    metric_set(f, 1, METRIC_LABELS("a"));
    metric_observe(f, 1, METRIC_LABELS("a"));
    metric_remove(f, METRIC_LABELS("a"));
    metrics_add_collector(NULL, NULL, NULL);
    metrics_remove_collector(NULL, NULL, NULL);

    assert_null(f);
    assert_true(metric_get(f, METRIC_LABELS("a")) == 0);
}

static void count_up(void *arg)
{
    metric_add(arg, 1, METRIC_LABELS(NULL));
}

static void runs_collectors_before_each_write(void **state)
{
    (void)state;
    cleanup_metrics struct metrics *m = metrics_new();
    struct metric *f = metrics_family(m, &depth);

    metrics_add_collector(m, count_up, f);
    free(give_text(m));
    free(give_text(m));
    metrics_remove_collector(m, count_up, NULL); /* another argument: stays */
    free(give_text(m));
    metrics_remove_collector(m, count_up, f);
    free(give_text(m));

    assert_true(metric_get(f, METRIC_LABELS(NULL)) == 3);
}

static void appends_process_families(void **state)
{
    (void)state;
    cleanup_metrics struct metrics *m = metrics_new();
    cleanup_buf struct buf out = BUF_INIT(BUF_UNBOUNDED);

    metrics_write(m, &out);

    assert_non_null(strstr(buf_str(&out), "\nprocess_resident_memory_bytes "));
    assert_non_null(strstr(buf_str(&out), "\nprocess_open_fds "));
    assert_non_null(strstr(buf_str(&out), "\nprocess_start_time_seconds "));
    assert_non_null(strstr(buf_str(&out), "\nprocess_cpu_seconds_total "));
}

static void replaces_all_series_of_a_gauge(void **state)
{
    (void)state;
    static const struct metric_desc desc = {
        .name = "sizes", .help = "Sizes.", .type = METRIC_GAUGE, .labels = { "name" }
    };
    cleanup_metrics struct metrics *m = metrics_new();
    struct metric *f = metrics_family(m, &desc);
    metric_set(f, 1, METRIC_LABELS("gone"));
    metric_set(f, 2, METRIC_LABELS("stays"));

    const struct metric_value all[] = { { METRIC_LABELS("stays"), 3 },
                                        { METRIC_LABELS("new"), 4 } };
    metric_set_all(f, all, ARRAY_LEN(all));

    assert_text(m, "# HELP sizes Sizes.\n"
                   "# TYPE sizes gauge\n"
                   "sizes{name=\"new\"} 4\n"
                   "sizes{name=\"stays\"} 3\n");
    metric_set_all(f, NULL, 0);
    assert_text(m, "");
}

static void hammer(void *arg)
{
    for (int i = 0; i < 1000; i++) {
        metric_add(metrics_family(arg, &requests), 1, METRIC_LABELS(i % 2 ? "a" : "b", "GET"));
        metric_observe(metrics_family(arg, &latency), 1, METRIC_LABELS("GET"));
        if (i % 100 == 0) {
            struct buf out = BUF_INIT(BUF_UNBOUNDED);
            metrics_write(arg, &out);
            buf_release(&out);
        }
    }
}

static void counts_from_many_threads(void **state)
{
    (void)state;
    cleanup_metrics struct metrics *m = metrics_new();
    pthread_t threads[4];

    for (size_t i = 0; i < ARRAY_LEN(threads); i++)
        assert_int_equal(thread_start(&threads[i], "hammer", hammer, m, NULL), 0);
    for (size_t i = 0; i < ARRAY_LEN(threads); i++)
        pthread_join(threads[i], NULL);

    struct metric *f = metrics_family(m, &requests);
    assert_true(metric_get(f, METRIC_LABELS("a", "GET")) == 2000);
    assert_true(metric_get(f, METRIC_LABELS("b", "GET")) == 2000);
    assert_true(metric_get(metrics_family(m, &latency), METRIC_LABELS("GET")) == 4000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        { "writes series in the order of their labels", writes_series_in_order, 0, 0, 0 },
        { "writes families by name", writes_families_by_name, 0, 0, 0 },
        { "omits families without series", omits_families_without_series, 0, 0, 0 },
        { "shows unlabelled families from the start", shows_unlabelled_families_from_the_start, 0,
          0, 0 },
        { "cumulates the buckets of a histogram", cumulates_buckets, 0, 0, 0 },
        { "escapes label values and replaces invalid UTF-8", escapes_label_values, 0, 0, 0 },
        { "folds series beyond the maximum into 'other'", folds_series_beyond_the_maximum, 0, 0,
          0 },
        { "keeps as many labels as there may be", keeps_as_many_labels_as_there_may_be, 0, 0, 0 },
        { "cuts long label values", cuts_long_label_values, 0, 0, 0 },
        { "never lowers a counter", never_lowers_a_counter, 0, 0, 0 },
        { "gives the same family for the same name", gives_the_same_family_again, 0, 0, 0 },
        { "accepts that nobody measures", accepts_nobody_measuring, 0, 0, 0 },
        { "runs collectors before each write until they are removed",
          runs_collectors_before_each_write, 0, 0, 0 },
        { "appends the process families", appends_process_families, 0, 0, 0 },
        { "replaces all series of a gauge", replaces_all_series_of_a_gauge, 0, 0, 0 },
        { "loses no count between threads", counts_from_many_threads, 0, 0, 0 },
    };
    return cmocka_run_group_tests_name("metrics", tests, NULL, NULL);
}
