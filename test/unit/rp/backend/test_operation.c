#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/backend/operation.h"
#include "test/unit/support/rp/backend/backend_rig.h"
#include "test/unit/support/test.h"

/* Looks go on until the n-th, which says `then`. */
struct looks {
    int left;
    enum operation_end then;
};

static enum operation_end look(void *arg)
{
    struct looks *l = arg;
    return l->left-- > 0 ? OPERATION_DONE : l->then;
}

struct run_case {
    const char *name, *steps;
    struct looks looks;
    enum operation_end want;
    const char *want_heard, *want_error;
};
static struct run_case run_cases[] = {
    { "runs every step",
      "...",
      { 99, 0 },
      OPERATION_DONE,
      "update 0, update 1, update 2, close",
      NULL },
    { "ends with the first error",
      ".i.",
      { 99, 0 },
      OPERATION_FAILED,
      "update 0, update 1, close",
      "a secret name was not found" },
    { "is cut before the first step",
      "..",
      { 0, OPERATION_CUT },
      OPERATION_CUT,
      "close",
      "the operation is handed over" },
    { "is cut between two steps",
      "..",
      { 2, OPERATION_CUT },
      OPERATION_CUT,
      "update 0, close",
      "the operation is handed over" },
    { "ends when the lease is lost",
      "..",
      { 2, OPERATION_LOST },
      OPERATION_LOST,
      "update 0, close",
      "the lease is lost" },
    { "tries a step again",
      "r.",
      { 99, 0 },
      OPERATION_DONE,
      "update 0, update 0, update 1, close",
      NULL },
    { "is cut before a step is tried again",
      "r.",
      { 2, OPERATION_CUT },
      OPERATION_CUT,
      "update 0, close",
      "the operation is handed over" },
    { "without steps it is done", "", { 99, 0 }, OPERATION_DONE, "close", NULL },
};

static void check_run(void **state)
{
    const struct run_case *c = *state;
    struct looks looks = c->looks;
    cleanup_backend_rig struct backend_rig r;
    cleanup_error struct error *err = NULL;
    backend_rig_open(&r);
    atomic_store(&r.clock.auto_advance, true);
    r.steps = c->steps;
    const struct cluster_job job = { .operation = CLUSTER_UPDATE, .db = r.db };
    const struct operation_watch watch = { look, &looks };

    enum operation_end end = operation_run(&r.cfg, &r.ctx, &job, &watch, &err);

    assert_string_equal(operation_end_words[end], operation_end_words[c->want]);
    backend_rig_assert_heard(&r, c->want_heard);
    if (c->want_error)
        assert_string_equal(error_text(err), c->want_error);
    else
        assert_null(err);
}

static void an_error_after_the_lease_is_lost_decides_nothing(void **state)
{
    (void)state;
    cleanup_backend_rig struct backend_rig r;
    cleanup_stop struct stop *stop = stop_new(NULL);
    cleanup_error struct error *err = NULL;
    struct looks looks = { 99, 0 };
    backend_rig_open(&r);
    r.open_code = "Any";
    stop_request(stop);
    const struct opctx ctx = opctx_with_stop(&r.ctx, stop);
    const struct cluster_job job = { .operation = CLUSTER_UPDATE, .db = r.db };
    const struct operation_watch watch = { look, &looks };

    assert_int_equal(operation_run(&r.cfg, &ctx, &job, &watch, &err), OPERATION_LOST);
}

static void put_judgement(void *manager, const struct step *s, struct error **e)
{
    (void)manager;
    (void)s;
    error_set(e, ERR_INVALID, "judged: %s", error_text(*e));
}

static void only_a_step_that_failed_is_judged(void **state)
{
    (void)state;
    static const struct {
        const char *steps;
        struct looks looks;
        const char *want;
    } cases[] = {
        { ".i.", { 99, 0 }, "judged: a secret name was not found" },
        { "r.", { 2, OPERATION_CUT }, "the operation is handed over" },
        { "..", { 2, OPERATION_CUT }, "the operation is handed over" },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct looks looks = cases[i].looks;
        cleanup_backend_rig struct backend_rig r;
        cleanup_error struct error *err = NULL;
        backend_rig_open(&r);
        atomic_store(&r.clock.auto_advance, true);
        struct cluster_manager_ops ops = *r.cfg.manager;
        ops.judge = put_judgement;
        r.cfg.manager = &ops;
        r.steps = cases[i].steps;
        const struct cluster_job job = { .operation = CLUSTER_UPDATE, .db = r.db };
        const struct operation_watch watch = { look, &looks };

        (void)operation_run(&r.cfg, &r.ctx, &job, &watch, &err);

        assert_string_equal(error_text(err), cases[i].want);
    }
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(run_cases) + 2];
    size_t n = 0;
    for (; n < ARRAY_LEN(run_cases); n++)
        tests[n] = (struct CMUnitTest)CASE_OF(run_cases[n].name, check_run, &run_cases[n]);
    tests[n++] = (struct CMUnitTest)CASE("an error after the lease is lost decides nothing",
                                         an_error_after_the_lease_is_lost_decides_nothing);
    tests[n++] = (struct CMUnitTest)CASE("only a step that failed is judged",
                                         only_a_step_that_failed_is_judged);
    return _cmocka_run_group_tests("operation", tests, n, NULL, NULL);
}
