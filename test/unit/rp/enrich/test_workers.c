#include "test/unit/support/rp/enrich/enrich_rig.h"
#include "test/unit/support/test.h"

#define SET(name, spec, status) \
    "{'apiVersion':'machine.openshift.io/v1beta1','kind':'MachineSet','metadata':{'name':'" name \
    "','namespace':'openshift-machine-api'},'spec':{" spec \
    "'template':{'spec':{'providerSpec':{'value':{'vmSize':'Standard_D4s_v3','osDisk':{" \
    "'diskSizeGB':128,'managedDisk':{'diskEncryptionSet':{'id':'/des'}}},'networkResourceGroup':" \
    "'net','vnet':'v','subnet':'worker','securityProfile':{'encryptionAtHost':true}}}}}}," \
    "'status':{" status "}}"

static void are_those_of_all_sets(void **state)
{
    (void)state;
    cleanup_enrich_rig struct enrich_rig r;
    enrich_rig_open(&r, "{'workerProfiles':[{'name':'worker','count':3}]}");
    fake_cluster_add(&r.inside, SET("w1", "'replicas':2,", "'readyReplicas':1"));
    fake_cluster_add(&r.inside, SET("w2", "", ""));

    assert_int_equal(enrich_rig_run(&r, &enrich_workers, NULL), 0);

    enrich_rig_is(&r, "workerProfilesStatus",
                  "[{'name':'w1','count':2,'vmSize':'Standard_D4s_v3','diskSizeGB':128,"
                  "'subnetId':'/subscriptions/s1/resourceGroups/net/providers/Microsoft.Network/"
                  "virtualNetworks/v/subnets/worker','encryptionAtHost':'Enabled',"
                  "'diskEncryptionSetId':'/des'},{'name':'w2','count':1}]");
    enrich_rig_is(&r, "workerProfiles", "[{'name':'worker','count':3}]");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("are those of all sets, in detail once one runs", are_those_of_all_sets),
    };
    return RUN_CASES("workers", tests);
}
