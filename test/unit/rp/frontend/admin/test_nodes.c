#include <string.h>

#include "pkg/base/mem.h"
#include "test/unit/support/rp/frontend/admin/kube_rig.h"
#include "test/unit/support/test.h"

#define CORDON ADMIN_CLUSTER "/cordonnode"
#define ASKED(value) "PATCH /api/v1/nodes/master-0 {\"spec\":{\"unschedulable\":" value "}}\n"

struct cordon_case {
    const char *name, *query, *want; /* a refusal, or NULL */
    const char *asked;
};
static struct cordon_case cases[] = {
    { "is cordoned", "?vmName=master-0&shouldCordon=true", NULL, ASKED("true") },
    { "is uncordoned", "?vmName=master-0&shouldCordon=False", NULL, ASKED("false") },
    { "is left alone when nobody says which", "?vmName=master-0",
      "400 InvalidParameter: The provided shouldCordon '' is invalid. @shouldCordon", "" },
    { "needs a name", "?shouldCordon=true",
      "400 InvalidParameter: The provided vmName '' is invalid. @vmName", "" },
    { "needs a name that is one", "?vmName=..%2fpods&shouldCordon=true",
      "400 InvalidParameter: The provided vmName '../pods' is invalid. @vmName", "" },
};

static void check(void **state)
{
    static const struct script_step steps[] = { { .reply = "{}" } };
    const struct cordon_case *n = *state;
    struct kube_rig r;
    kube_rig_init(&r, steps, n->want ? 0 : 1);
    cleanup_free char *target = xasprintf(CORDON "%s", n->query);

    if (n->want)
        admin_rig_refused(&r.c, "POST", target, NULL, n->want);
    else
        assert_null(admin_rig_ask(&r.c, "POST", target, NULL, 200));

    kube_rig_asked(&r, n->asked);
    kube_rig_release(&r);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases)];
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[i] = (struct CMUnitTest)CASE_OF(cases[i].name, check, &cases[i]);
    return RUN_CASES("a node", tests);
}
