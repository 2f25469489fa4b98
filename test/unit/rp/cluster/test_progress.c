#include "pkg/database/openshiftclusters.h"
#include "rp/cluster/progress.h"
#include "test/unit/support/rp/cluster/cluster_rig.h"
#include "test/unit/support/test.h"

static const struct step first = { .name = "first" }, second = { .name = "second" };

static json *give_progress(struct cluster_rig *r)
{
    cleanup_document struct document d = { 0 };
    assert_int_equal(openshiftclusters_get(&r->ctx, r->db.db, RIG_KEY("a"), &d, NULL), 0);
    return json_ref(json_get(d.tree, "progress"));
}

static void the_step_at_work_and_those_that_ended_are_kept(void **state)
{
    (void)state;
    cleanup_cluster_rig struct cluster_rig r;
    cluster_rig_open(&r, "{}", NULL, 0);

    progress_begin(r.c, &first);
    progress_end(r.c, &first, 1234, NULL);
    progress_begin(r.c, &second);

    cleanup_json json *p = give_progress(&r);
    assert_string_equal(json_path_str(p, "operation"), "install");
    assert_string_equal(json_path_str(p, "step"), "second");
    assert_non_null(json_path_str(p, "startedAt"));
    assert_string_equal(json_path_str(p, "log[0].step"), "first");
    assert_int_equal(json_path_int(p, "log[0].tookMs", 0), 1234);
    assert_int_equal(json_len(json_get(p, "log")), 1);
}

static void the_last_step_is_kept_with_its_error_at_the_end(void **state)
{
    (void)state;
    cleanup_cluster_rig struct cluster_rig r;
    cleanup_error struct error *e = NULL;
    cluster_rig_open(&r, "{}", NULL, 0);
    (void)error_set(&e, ERR_INVALID, "no room");

    progress_begin(r.c, &first);
    progress_end(r.c, &first, 5, e);
    cluster_rig_reopen(&r);

    cleanup_json json *p = give_progress(&r);
    assert_string_equal(json_path_str(p, "log[0].error"), "no room");
    assert_null(json_path_str(p, "step"));
}

static int put_other_operation(json *tree, void *arg, struct error **err)
{
    (void)arg;
    return json_set_str(tree, "asyncOperationId", "async-b", err);
}

static void another_operation_begins_with_an_empty_log(void **state)
{
    (void)state;
    cleanup_cluster_rig struct cluster_rig r;
    cluster_rig_open(&r, "{}", NULL, 0);
    progress_begin(r.c, &first);
    progress_end(r.c, &first, 5, NULL);
    progress_begin(r.c, &second);
    assert_int_equal(cluster_patch(r.c, &r.ctx, put_other_operation, NULL, NULL), 0);

    progress_begin(r.c, &first);

    cleanup_json json *p = give_progress(&r);
    assert_int_equal(json_len(json_get(p, "log")), 0);
    assert_string_equal(json_path_str(p, "operationId"), "async-b");
}

static void the_log_is_bounded(void **state)
{
    (void)state;
    cleanup_cluster_rig struct cluster_rig r;
    cluster_rig_open(&r, "{}", NULL, 0);
    for (int i = 0; i < PROGRESS_LOG_MAX + 10; i++)
        progress_end(r.c, &first, i, NULL);

    progress_begin(r.c, &second);

    cleanup_json json *p = give_progress(&r);
    assert_int_equal(json_len(json_get(p, "log")), PROGRESS_LOG_MAX);
    assert_int_equal(json_path_int(p, "log[0].tookMs", 0), 10);
}

static void a_lost_lease_ends_nothing_but_is_logged(void **state)
{
    (void)state;
    cleanup_cluster_rig struct cluster_rig r;
    cluster_rig_open(&r, "{}", NULL, 0);
    cluster_rig_lose_lease(&r);

    progress_begin(r.c, &first);

    cleanup_json json *p = give_progress(&r);
    assert_null(p);
    assert_true(log_capture_has(&r.capture, "the progress was not kept"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("the step at work and those that ended are kept",
             the_step_at_work_and_those_that_ended_are_kept),
        CASE("the last step is kept with its error when the operation ends",
             the_last_step_is_kept_with_its_error_at_the_end),
        CASE("another operation begins with an empty log",
             another_operation_begins_with_an_empty_log),
        CASE("the log is bounded", the_log_is_bounded),
        CASE("a lost lease ends nothing but is logged", a_lost_lease_ends_nothing_but_is_logged),
    };
    return RUN_CASES("progress", tests);
}
