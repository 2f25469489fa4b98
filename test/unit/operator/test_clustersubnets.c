#include "operator/clustersubnets.h"
#include "test/unit/support/test.h"

#define ID "/subscriptions/s/resourceGroups/g/providers/P/t/n"
#define LABEL(role) \
    "'metadata':{'labels':{'machine.openshift.io/cluster-api-machine-role':'" role "'}}"
#define VALUE(subnet) \
    "'providerSpec':{'value':{'networkResourceGroup':'net','vnet':'v','subnet':'" subnet "'}}"
#define SET(role, subnet) "{" LABEL(role) ",'spec':{'template':{'spec':{" VALUE(subnet) "}}}}"
#define MACHINE(role, subnet) "{" LABEL(role) ",'spec':{" VALUE(subnet) "}}"
#define SUBNET(name) \
    "/subscriptions/s/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/v/" \
    "subnets/" name

struct subnets_case {
    const char *name, *sets, *machines;
    const char *want[3]; /* worker subnets as they are, master subnets with "M " in front */
};
static struct subnets_case cases[] = {
    { "workers come first, then masters",
      "[" SET("worker", "w") "]",
      "[" MACHINE("master", "m") "]",
      { SUBNET("w"), "M " SUBNET("m") } },
    { "a subnet that both use counts as a worker's, letter case ignored",
      "[" SET("worker", "S") "]",
      "[" MACHINE("master", "s") "]",
      { SUBNET("S") } },
    { "sets of other roles count, master sets and worker machines do not",
      "[" SET("infra", "i") "," SET("master", "x") "]",
      "[" MACHINE("worker", "y") "]",
      { SUBNET("i") } },
    { "a set without the label counts, a machine without it does not",
      "[{'spec':{'template':{'spec':{" VALUE("u") "}}}}]",
      "[{'spec':{" VALUE("v") "}}]",
      { SUBNET("u") } },
    { "machines without readable fields are left out",
      "[{},null,7,{" LABEL("worker") ",'spec':{'template':null}}]",
      "[{" LABEL("master") "}]",
      { NULL } },
    { "empty names are left out", "[" SET("worker", "") "]", "[]", { NULL } },
};

static void check_subnets(void **state)
{
    const struct subnets_case *c = *state;
    cleanup_json json *sets = json_make(c->sets);
    cleanup_json json *machines = json_make(c->machines);
    cleanup_cluster_subnets struct cluster_subnets got = { 0 };

    assert_int_equal(cluster_subnets_from(ID, sets, machines, &got, NULL), 0);

    size_t n = 0;
    for (; n < ARRAY_LEN(c->want) && c->want[n]; n++) {
        bool master = c->want[n][0] == 'M';
        assert_true(n < got.len);
        assert_string_equal(got.v[n].id, c->want[n] + (master ? 2 : 0));
        assert_int_equal(got.v[n].is_master, master);
    }
    assert_int_equal(got.len, n);
}

static void check_bad_id(void **state)
{
    (void)state;
    struct cluster_subnets got = { 0 };
    cleanup_error struct error *err = NULL;

    assert_int_equal(cluster_subnets_from("nonsense", NULL, NULL, &got, &err), -1);

    assert_true(error_is(err, ERR_INVALID));
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases) + 1];
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[i] = (struct CMUnitTest)CASE_OF(cases[i].name, check_subnets, &cases[i]);
    tests[ARRAY_LEN(cases)] =
        (struct CMUnitTest)CASE("a resource ID that is none is refused", check_bad_id);
    return RUN_CASES("clustersubnets", tests);
}
