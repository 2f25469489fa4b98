#include "pkg/base/version.h"
#include "rp/cluster/mend.h"
#include "test/unit/support/rp/cluster/inside_rig.h"
#include "test/unit/support/test.h"

#define NETWORK(type) \
    "{'apiVersion':'config.openshift.io/v1','kind':'Network','metadata':{'name':'cluster'}," \
    "'status':{'networkType':'" type "'}}"
#define PLUGIN "networkProfile.softwareDefinedNetwork"

static void old_documents_get_defaults_and_a_name(void **state)
{
    (void)state;
    cleanup_inside_rig struct inside_rig r;
    inside_rig_open(&r, "{'masterProfile':{'vmSize':'Standard_D8s_v3'}}");

    inside_rig_must(&r, cluster_ensure_defaults);
    inside_rig_must(&r, cluster_fix_infra_id);

    cluster_rig_assert(&r.outer, "masterProfile.encryptionAtHost", "Disabled");
    cluster_rig_assert(&r.outer, "masterProfile.vmSize", "Standard_D8s_v3");
    cluster_rig_assert(&r.outer, "networkProfile.outboundType", "Loadbalancer");
    cluster_rig_assert(&r.outer, "operatorFlags[\"aro.checker.enabled\"]", "true");
    cluster_rig_assert(&r.outer, "infraId", "aro");
}

static void what_a_document_has_it_keeps(void **state)
{
    (void)state;
    cleanup_inside_rig struct inside_rig r;
    inside_rig_open(&r, "{'infraId':'a-12345','operatorFlags':{'aro.x':'y'},"
                        "'networkProfile':{'outboundType':'UserDefinedRouting'}}");

    inside_rig_must(&r, cluster_ensure_defaults);
    inside_rig_must(&r, cluster_fix_infra_id);

    cluster_rig_assert(&r.outer, "infraId", "a-12345");
    cluster_rig_assert(&r.outer, "operatorFlags[\"aro.x\"]", "y");
    cluster_rig_assert(&r.outer, "operatorFlags[\"aro.checker.enabled\"]", NULL);
    cluster_rig_assert(&r.outer, "networkProfile.outboundType", "UserDefinedRouting");
}

static void the_network_plugin_is_what_runs(void **state)
{
    (void)state;
    static const struct {
        const char *object, *want;
    } cases[] = {
        { NETWORK("OVNKubernetes"), "OVNKubernetes" },
        { NETWORK("OpenShiftSDN"), "OpenShiftSDN" },
        { NETWORK("Calico"), "OpenShiftSDN" },
        { NULL, "OpenShiftSDN" },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        cleanup_inside_rig struct inside_rig r;
        inside_rig_open(&r, "{'networkProfile':{'softwareDefinedNetwork':'OpenShiftSDN'}}");
        if (cases[i].object)
            fake_cluster_add(&r.inside, cases[i].object);

        inside_rig_must(&r, cluster_sync_network_type);

        cluster_rig_assert(&r.outer, PLUGIN, cases[i].want);
    }
}

static void whoever_finished_leaves_its_name(void **state)
{
    (void)state;
    cleanup_inside_rig struct inside_rig r;
    inside_rig_open(&r, "{'provisionedBy':'older'}");

    inside_rig_must(&r, cluster_update_provisioned_by);

    cluster_rig_assert(&r.outer, "provisionedBy", version_commit());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("old documents get defaults and a name", old_documents_get_defaults_and_a_name),
        CASE("what a document has it keeps", what_a_document_has_it_keeps),
        CASE("the network plugin is what runs", the_network_plugin_is_what_runs),
        CASE("whoever finished leaves its name", whoever_finished_leaves_its_name),
    };
    return RUN_CASES("mend", tests);
}
