#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/database/openshiftclusters.h"
#include "rp/backend/child.h"
#include "test/unit/support/rp/backend/child_program.h"
#include "test/unit/support/rp/backend/child_rig.h"
#include "test/unit/support/test.h"

/* What the parent wants, from the n-th look on. */
struct wish {
    int looks;
    enum operation_end end;
};

static enum operation_end look(void *arg)
{
    struct wish *w = arg;
    return w->looks-- > 0 ? OPERATION_DONE : w->end;
}

struct child_case {
    const char *name, *steps;
    struct wish wish;
    enum operation_end want;
    const char *want_error, *want_code;
};
static struct child_case cases[] = {
    { "tells that all went well", "..", { 1000000, 0 }, OPERATION_DONE, NULL, NULL },
    { "tells the error of a step",
      ".u",
      { 1000000, 0 },
      OPERATION_FAILED,
      "The subnet is too small.",
      "InvalidLinkedVNet" },
    { "survives a crash",
      "a",
      { 1000000, 0 },
      OPERATION_CRASHED,
      "the cluster's process was ended by signal 6",
      NULL },
    { "knows an end without a report",
      "x",
      { 1000000, 0 },
      OPERATION_CRASHED,
      "the cluster's process ended with code 7, without a report",
      NULL },
    { "hands over at the next boundary",
      "c",
      { 1, OPERATION_CUT },
      OPERATION_CUT,
      "the operation is handed over",
      NULL },
    { "ends work whose lease is lost",
      "w",
      { 1, OPERATION_LOST },
      OPERATION_LOST,
      "the lease is lost",
      NULL },
    { "kills what does not listen",
      "h",
      { 1, OPERATION_LOST },
      OPERATION_LOST,
      "the lease is lost",
      NULL },
};

static void check_child(void **state)
{
    const struct child_case *c = *state;
    struct wish wish = c->wish;
    cleanup_child_rig struct child_rig r;
    cleanup_heartbeat struct heartbeat *beat = NULL;
    cleanup_error struct error *err = NULL;
    child_rig_open(&r);
    const char *const argv[] = {
        "/proc/self/exe", CHILD_PROGRAM_WORD, r.dsn, c->steps, "60000", NULL
    };
    const struct backend_config cfg = { .db = r.db,
                                        .clock = clock_system(),
                                        .rng = rng_system(),
                                        .child = argv,
                                        .settings = { .child_grace_ms = 100 } };
    const struct heartbeat_config hold = { .renew = openshiftclusters_lease,
                                           .db = r.db,
                                           .key = RIG_KEY("a"),
                                           .token = r.token,
                                           .since_ns = clock_mono_ns(clock_system()),
                                           .heartbeat_ms = 10,
                                           .trust_ms = 50000 };
    assert_int_equal(heartbeat_start(&r.ctx, &hold, &beat, NULL), 0);
    const struct operation_watch watch = { look, &wish };

    enum operation_end end = child_run(&cfg, beat, RIG_KEY("a"), r.token, &watch, &err);

    if (end != c->want)
        fail_msg("%s: %s", operation_end_words[end], error_text(err));
    if (c->want_error)
        assert_string_equal(error_text(err), c->want_error);
    assert_true(str_eq(error_get_code(err), c->want_code));
}

static void says_what_cannot_be_run(void **state)
{
    (void)state;
    cleanup_child_rig struct child_rig r;
    cleanup_error struct error *err = NULL;
    struct wish wish = { 1000000, OPERATION_DONE };
    child_rig_open(&r);
    const char *const argv[] = { "/nowhere/program", NULL };
    const struct backend_config cfg = { .db = r.db, .clock = clock_system(), .child = argv };
    const struct operation_watch watch = { look, &wish };

    assert_int_equal(child_run(&cfg, NULL, RIG_KEY("a"), r.token, &watch, &err), OPERATION_CRASHED);

    assert_non_null(strstr(error_text(err), "/nowhere/program"));
}

int main(int argc, char **argv)
{
    if (child_program_is(argc, argv))
        return child_program_run(argv);
    (void)signal(SIGPIPE, SIG_IGN);
    struct CMUnitTest tests[ARRAY_LEN(cases) + 1];
    size_t n = 0;
    for (; n < ARRAY_LEN(cases); n++)
        tests[n] = (struct CMUnitTest)CASE_OF(cases[n].name, check_child, &cases[n]);
    tests[n++] = (struct CMUnitTest)CASE("says what cannot be run", says_what_cannot_be_run);
    return _cmocka_run_group_tests("child", tests, n, NULL, NULL);
}
