#include "rp/cluster/outbound.h"
#include "test/unit/support/rp/cluster/cluster_rig.h"
#include "test/unit/support/test.h"

#define COUNT(n) "{'networkProfile':{'loadBalancerProfile':{'managedOutboundIps':{'count':" n "}}}}"

static struct outbound_case {
    const char *name, *properties;
    size_t count, first;
    bool balanced;
} cases[] = {
    { "a document that says nothing has one address", "{}", 1, 0, true },
    { "it has as many as the profile says", COUNT("7"), 7, 0, true },
    { "there is one at least", COUNT("0"), 1, 0, true },
    { "a number below nothing is one, too", COUNT("-3"), 1, 0, true },
    { "the address of a public API counts", "{'apiserverProfile':{'visibility':'Public'}}", 1, 1,
      true },
    { "that of a private one does not", "{'apiserverProfile':{'visibility':'Private'}}", 1, 0,
      true },
    { "routes of the customer lead around it",
      "{'networkProfile':{'outboundType':'UserDefinedRouting'}}", 1, 0, false },
};

static void check(void **state)
{
    const struct outbound_case *o = *state;
    cleanup_cluster_rig struct cluster_rig r;
    cluster_rig_open(&r, o->properties, NULL, 0);

    assert_int_equal(outbound_count(r.c), o->count);
    assert_int_equal(outbound_first(r.c), o->first);
    assert_int_equal(outbound_is_balanced(r.c), o->balanced);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases)];
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[i] = (struct CMUnitTest)CASE_OF(cases[i].name, check, &cases[i]);
    return RUN_CASES("outbound", tests);
}
