#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/database/fields.h"
#include "test/unit/support/pkg/database/database_rig.h"
#include "test/unit/support/test.h"

static int mark(json *parent, const char *key, json *value, void *arg, struct error **err)
{
    (void)value;
    (void)err;
    ++*(int *)arg;
    json_put(parent, key, json_new_str("seen"));
    return 0;
}

struct pattern_case {
    const char *name, *pattern, *doc, *want;
};
static struct pattern_case patterns[] = {
    { "a member at the top", "a", "{'a':1,'b':2}", "{'a':'seen','b':2}" },
    { "a member that is null", "a", "{'a':null}", "{'a':'seen'}" },
    { "no member that is absent", "a", "{'b':1}", "{'b':1}" },
    { "a member deep inside", "a.b.c", "{'a':{'b':{'c':1}}}", "{'a':{'b':{'c':'seen'}}}" },
    { "nothing below what is no object", "a.b", "{'a':[1]}", "{'a':[1]}" },
    { "a member of each item of a list", "a.*.b", "{'a':[{'b':1},{},{'b':2},3]}",
      "{'a':[{'b':'seen'},{},{'b':'seen'},3]}" },
    { "a member of each member of a map", "a.*.b", "{'a':{'x':{'b':1},'y':{'b':2}}}",
      "{'a':{'x':{'b':'seen'},'y':{'b':'seen'}}}" },
    { "each member of a map", "a.*", "{'a':{'x':1,'y':2}}", "{'a':{'x':'seen','y':'seen'}}" },
    { "a star of something else", "a.*.b", "{'a':'b'}", "{'a':'b'}" },
};

static void check_pattern(void **state)
{
    const struct pattern_case *c = *state;
    cleanup_json json *tree = rig_tree(c->doc);
    int n = 0;
    assert_int_equal(fields_each(tree, c->pattern, mark, &n, NULL), 0);
    rig_assert_tree(tree, c->want);
}

static int refuse(json *parent, const char *key, json *value, void *arg, struct error **err)
{
    (void)parent;
    (void)value;
    ++*(int *)arg;
    return error_set(err, ERR_INVALID, "%s", key);
}

static void check_ends(void **state)
{
    (void)state;
    cleanup_json json *tree = rig_tree("{'a':[{'b':1},{'b':2}]}");
    cleanup_error struct error *err = NULL;
    int n = 0;

    assert_int_equal(fields_each(tree, "a.*.b", refuse, &n, &err), -1);

    assert_int_equal(n, 1);
    assert_string_equal(error_text(err), "b");
}

static void check_cluster_zero(void **state)
{
    (void)state;
    cleanup_json json *tree = rig_tree(
        "{'id':'x','bucket':0,'leaseOwner':'','unknown':0,'correlationData':{'requestID':''},"
        "'openShiftCluster':{'tags':{},'new':null,'properties':{'zones':[],'install':{'now':'',"
        "'phase':0},'workerProfiles':[{'name':'w','count':0,'more':0},{}],'registryProfiles':[],"
        "'networkProfile':{'mtuSize':0,'odd':false},'infraId':''}}}");

    fields_drop_zero(COLL_OPENSHIFT_CLUSTERS, tree);

    rig_assert_tree(tree, "{'id':'x','unknown':0,'openShiftCluster':{'new':null,'properties':{"
                          "'install':{'phase':0},'workerProfiles':[{'name':'w','more':0},{}],"
                          "'networkProfile':{'odd':false}}}}");
}

static void check_sealed(void **state)
{
    (void)state;
    cleanup_json json *cluster = rig_tree(
        "{'properties':{'clusterProfile':{'pullSecret':'s','boundServiceAccountSigningKey':'s',"
        "'domain':'d'},'servicePrincipalProfile':{'clientId':'c','clientSecret':'s'},'sshKey':'s',"
        "'adminKubeconfig':'s','aroServiceKubeconfig':'s','aroSREKubeconfig':'s',"
        "'userAdminKubeconfig':'s','kubeadminPassword':'s','registryProfiles':[{'name':'r',"
        "'password':'s'},{'password':'s'}]}}");

    fields_drop_sealed(cluster);

    rig_assert_tree(cluster, "{'properties':{'clusterProfile':{'domain':'d'},"
                             "'servicePrincipalProfile':{'clientId':'c'},'registryProfiles':["
                             "{'name':'r'},{}]}}");
    fields_drop_sealed(NULL);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(patterns) + 4] = {
        CASE("an error ends the visit", check_ends),
        CASE("known members of clusters go when zero, others stay", check_cluster_zero),
        CASE("sealed members of clusters go", check_sealed),
    };
    for (size_t i = 0; i < ARRAY_LEN(patterns); i++)
        tests[i + 4] = (struct CMUnitTest)CASE_OF(patterns[i].name, check_pattern, &patterns[i]);
    return RUN_CASES("fields", tests);
}
