#include "hack/devcloud/azure/compute.h"
#include "test/unit/hack/devcloud/azure/compute_rig.h"

#define SET CLUSTER_COMPUTE "/diskEncryptionSets/e"
#define BODY \
    "{'location':'eastus','identity':{'type':'SystemAssigned'},'properties':{'activeKey':{'" \
    "keyUrl':" \
    "'https://v.vault.azure.net/keys/k/1'}}}"

static void check_life(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    compute_refused(&r, "PUT", SET, "{'location':'eastus','properties':{}}", 400,
                    "InvalidParameter");

    assert_int_equal(compute_call(&r, "PUT", SET, BODY, NULL), 201);

    cleanup_free char *principal = compute_give_text(&r, SET, "identity.principalId");
    assert_int_equal(strlen(principal), UUID_LEN);
    compute_call(&r, "PUT", SET, BODY, NULL);
    assert_text(&r, SET, "identity.principalId", principal);
}

static void check_in_use(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    compute_call(&r, "PUT", SET, BODY, NULL);
    compute_call(&r, "PUT", CLUSTER_COMPUTE "/disks/d",
                 "{'location':'eastus','properties':{'creationData':{'createOption':'Empty'},"
                 "'encryption':{'diskEncryptionSetId':'" SET "'}}}",
                 NULL);

    compute_refused(&r, "DELETE", SET, NULL, 409, "OperationNotAllowed");
    compute_call(&r, "DELETE", CLUSTER_COMPUTE "/disks/d", NULL, NULL);
    assert_int_equal(compute_call(&r, "DELETE", SET, NULL, NULL), 202);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a set has a key and an identity", check_life),
        CASE("a set in use stays", check_in_use),
    };
    return RUN_CASES("compute_encryption", tests);
}
