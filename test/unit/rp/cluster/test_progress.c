#include "pkg/base/strv.h"
#include "pkg/database/openshiftclusters.h"
#include "rp/cluster/progress.h"
#include "test/unit/support/rp/cluster/cluster_rig.h"
#include "test/unit/support/test.h"

static const struct step first = { .name = "first" }, second = { .name = "second" };

/* The nth condition of that name. */
static struct step *find_condition(struct cluster_rig *r, const char *name, int nth)
{
    for (size_t i = 0; i < r->c->steps_len; i++)
        if (r->c->steps[i].kind == STEP_CONDITION && str_eq(r->c->steps[i].name, name) &&
            --nth == 0)
            return &r->c->steps[i];
    fail_msg("there is no condition %s", name);
    return NULL;
}

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

static int64_t wait_in_seconds(const struct cluster_rig *r, const struct step *s)
{
    return progress_waited_ms(r->c, s) / 1000;
}

static void a_wait_goes_on_in_the_process_that_takes_it_up(void **state)
{
    (void)state;
    cleanup_cluster_rig struct cluster_rig r;
    cluster_rig_open(&r, "{}", NULL, 0);
    struct step *wait = find_condition(&r, "apiServersReady", 1);

    assert_int_equal(wait_in_seconds(&r, wait), 0);
    progress_begin(r.c, wait);
    cluster_rig_reopen(&r); /* a lease later, and begins with its first step */
    progress_begin(r.c, &r.c->steps[0]);
    progress_end(r.c, &r.c->steps[0], 1, NULL);
    wait = find_condition(&r, "apiServersReady", 1);
    progress_begin(r.c, wait);

    assert_int_equal(wait_in_seconds(&r, wait), DATABASE_LEASE_MS / 1000 + 1);
}

static void a_wait_that_is_over_begins_anew(void **state)
{
    (void)state;
    cleanup_cluster_rig struct cluster_rig r;
    cluster_rig_open(&r, "{'install':{'phase':1}}", NULL, 0);
    struct step *first_wait = find_condition(&r, "apiServersReady", 1);
    struct step *second_wait = find_condition(&r, "apiServersReady", 2);

    progress_begin(r.c, first_wait);
    fake_clock_advance_ms(&r.db.clock, 60000);
    progress_end(r.c, first_wait, 60000, NULL);
    progress_begin(r.c, second_wait);
    fake_clock_advance_ms(&r.db.clock, 5000);
    progress_begin(r.c, first_wait); /* of another process */

    assert_int_equal(wait_in_seconds(&r, first_wait), 0);
    assert_int_equal(wait_in_seconds(&r, second_wait), 5);
    cleanup_json json *p = give_progress(&r);
    assert_int_equal(json_len(json_path(p, "log[0]")), 2); /* nothing else is told of a step */
}

static void a_wait_of_another_operation_is_none(void **state)
{
    (void)state;
    cleanup_cluster_rig struct cluster_rig r;
    cluster_rig_open(&r, "{}", NULL, 0);
    struct step *wait = find_condition(&r, "apiServersReady", 1);
    progress_begin(r.c, wait);
    fake_clock_advance_ms(&r.db.clock, 60000);
    assert_int_equal(cluster_patch(r.c, &r.ctx, put_other_operation, NULL, NULL), 0);

    progress_begin(r.c, wait);

    assert_int_equal(wait_in_seconds(&r, wait), 0);
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
        CASE("a wait goes on in the process that takes it up",
             a_wait_goes_on_in_the_process_that_takes_it_up),
        CASE("a wait that is over begins anew", a_wait_that_is_over_begins_anew),
        CASE("a wait of another operation is none", a_wait_of_another_operation_is_none),
        CASE("a lost lease ends nothing but is logged", a_lost_lease_ends_nothing_but_is_logged),
    };
    return RUN_CASES("progress", tests);
}
