#include <string.h>

#include "hack/devcloud/controllers/rollout.h"
#include "pkg/base/mem.h"
#include "test/unit/support/test.h"

struct step_case {
    const char *name;
    struct rollout rollout; /* replicas, surge, unavailable, recreate */
    struct rollout_set sets[3];
    size_t len;
    int64_t want[3];
};
static struct step_case steps[] = {
    { "a first set gets all replicas", { 3, 1, 0, false }, { { 0, 0, 0 } }, 1, { 3 } },
    { "a new set begins within the surge",
      { 3, 1, 0, false },
      { { 0, 0, 0 }, { 3, 3, 3 } },
      2,
      { 1, 3 } },
    { "an old pod waits for the new one",
      { 3, 1, 0, false },
      { { 1, 1, 0 }, { 3, 3, 3 } },
      2,
      { 1, 3 } },
    { "an old pod goes when the new one serves",
      { 3, 1, 0, false },
      { { 1, 1, 1 }, { 3, 3, 3 } },
      2,
      { 1, 2 } },
    { "without surge an old pod goes first",
      { 3, 0, 1, false },
      { { 0, 0, 0 }, { 3, 3, 3 } },
      2,
      { 0, 2 } },
    { "what serves nobody goes at once",
      { 3, 0, 1, false },
      { { 0, 0, 0 }, { 3, 3, 1 } },
      2,
      { 0, 2 } },
    { "fewer replicas shrink the only set", { 1, 1, 0, false }, { { 3, 3, 3 } }, 1, { 1 } },
    { "the oldest set goes first",
      { 2, 1, 0, false },
      { { 1, 1, 1 }, { 1, 1, 1 }, { 1, 1, 1 } },
      3,
      { 1, 0, 1 } },
    { "the last old pod goes at the end",
      { 2, 1, 0, false },
      { { 2, 2, 2 }, { 1, 1, 1 } },
      2,
      { 2, 0 } },
    { "recreating empties old sets first",
      { 2, 1, 0, true },
      { { 0, 0, 0 }, { 2, 2, 2 } },
      2,
      { 0, 0 } },
    { "recreating waits for old pods to end",
      { 2, 1, 0, true },
      { { 0, 0, 0 }, { 0, 1, 0 } },
      2,
      { 0, 0 } },
    { "recreating starts anew when none is left",
      { 2, 1, 0, true },
      { { 0, 0, 0 }, { 0, 0, 0 } },
      2,
      { 2, 0 } },
};

static void check_step(void **state)
{
    struct step_case *c = *state;
    struct rollout_set sets[3];
    memcpy(sets, c->sets, sizeof(sets));

    rollout_step(&c->rollout, sets, c->len);

    for (size_t i = 0; i < c->len; i++)
        assert_int_equal(sets[i].replicas, c->want[i]);
}

struct limits_case {
    const char *name, *spec;
    struct rollout want;
};
static struct limits_case limits[] = {
    { "percentages round surge up and unavailability down",
      "{'replicas':3,'strategy':{'rollingUpdate':{'maxSurge':'25%','maxUnavailable':'25%'}}}",
      { 3, 1, 0, false } },
    { "numbers stand for themselves",
      "{'replicas':4,'strategy':{'rollingUpdate':{'maxSurge':2,'maxUnavailable':3}}}",
      { 4, 2, 3, false } },
    { "something can always move",
      "{'replicas':1,'strategy':{'rollingUpdate':{'maxSurge':0,'maxUnavailable':0}}}",
      { 1, 0, 1, false } },
    { "a missing number is one replica", "{'strategy':{'type':'Recreate'}}", { 1, 1, 0, true } },
};

static void check_limits(void **state)
{
    const struct limits_case *c = *state;
    cleanup_free char *text = xasprintf("{'spec':%s}", c->spec);
    cleanup_json json *d = NULL;
    for (char *p = text; *p; p++)
        if (*p == '\'')
            *p = '"';
    assert_int_equal(json_parse(text, strlen(text), &d, NULL), 0);

    struct rollout r = rollout_of(d);

    assert_int_equal(r.replicas, c->want.replicas);
    assert_int_equal(r.max_surge, c->want.max_surge);
    assert_int_equal(r.max_unavailable, c->want.max_unavailable);
    assert_int_equal(r.recreate, c->want.recreate);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(steps) + ARRAY_LEN(limits)];
    for (size_t i = 0; i < ARRAY_LEN(steps); i++)
        tests[i] = (struct CMUnitTest)CASE_OF(steps[i].name, check_step, &steps[i]);
    for (size_t i = 0; i < ARRAY_LEN(limits); i++)
        tests[ARRAY_LEN(steps) + i] =
            (struct CMUnitTest)CASE_OF(limits[i].name, check_limits, &limits[i]);
    return RUN_CASES("rollout", tests);
}
