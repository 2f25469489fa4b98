#include "hack/devcloud/azure/compute.h"
#include "test/unit/hack/devcloud/azure/compute_rig.h"

#define M CLUSTER_MACHINES "/m0"
#define SIZE "Standard_D8s_v3"
#define DATA "aGVsbG8="

static void check_changes(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    MAKE_MACHINE(&r, "m0");
    cleanup_reply struct rig_reply reply = { 0 };

    assert_int_equal(compute_call(&r, "PUT", M, MACHINE_OF("m0", SIZE, DATA, ""), NULL), 200);
    assert_int_equal(compute_call(&r, "PUT", M, MACHINE_OF("m0", SIZE, "b3RoZXI=", ""), &reply),
                     409);
    assert_string_equal(json_path_str(reply.body, "error.code"), "PropertyChangeNotAllowed");
    assert_string_equal(json_path_str(reply.body, "error.target"), "osProfile.customData");
    static const char *const changed[] = {
        "{'properties':{'osProfile':{'computerName':'other'}}}",
        "{'properties':{'storageProfile':{'imageReference':{'sku':'other'}}}}",
        "{'properties':{'storageProfile':{'osDisk':{'name':'other'}}}}",
        "{'zones':['2']}",
    };
    for (size_t i = 0; i < ARRAY_LEN(changed); i++)
        compute_refused(&r, "PATCH", M, changed[i], 409, "PropertyChangeNotAllowed");
    assert_int_equal(compute_call(&r, "PATCH", M, "{'tags':{'a':'b'}}", NULL), 200);
}

static void check_needs(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    compute_call(&r, "PUT", CLUSTER_NICS "/m0", NIC_IN(MASTER_SUBNET, ""), NULL);
    static const struct {
        const char *body, *code;
    } rows[] = {
        { "{'location':'eastus','properties':{}}", "InvalidParameter" },
        { "{'location':'eastus','properties':{'storageProfile':{}}}", "InvalidParameter" },
        { MACHINE_OF("m0", "Standard_X1", DATA, ""), "InvalidParameter" },
        { MACHINE_OF("m0", SIZE, "no base64!", ""), "InvalidParameter" },
        { MACHINE_OF("none", SIZE, DATA, ""), "InvalidResourceReference" },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        compute_refused(&r, "PUT", M, rows[i].body, 400, rows[i].code);
    rig_patch(&r, "{'skus':{'" SIZE "':{'restrictions':[{'type':'Location'}]}}}");
    compute_refused(&r, "PUT", M, MACHINE_OF("m0", SIZE, DATA, ""), 409, "SkuNotAvailable");
}

static void check_data_length(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    compute_call(&r, "PUT", CLUSTER_NICS "/m0", NIC_IN(MASTER_SUBNET, ""), NULL);
    cleanup_free char *text = xmalloc(87385 + 4);
    memset(text, 'A', 87384);
    text[87384] = '\0'; /* 65538 bytes */
    cleanup_json json *body = NULL;
    cleanup_free char *wire = rig_give_json(MACHINE_OF("m0", SIZE, DATA, ""));
    assert_int_equal(json_parse(wire, strlen(wire), &body, NULL), 0);
    json_set_str(body, "properties.osProfile.customData", text, NULL);
    cleanup_free char *large = json_give_text(body);

    assert_int_equal(rig_send(&r, "PUT", M COMPUTE_VERSION, "application/json", large, NULL), 400);

    text[87380] = '\0'; /* 65535 */
    json_set_str(body, "properties.osProfile.customData", text, NULL);
    cleanup_free char *fits = json_give_text(body);
    assert_int_equal(rig_send(&r, "PUT", M COMPUTE_VERSION, "application/json", fits, NULL), 201);
}

static void check_in_use(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    MAKE_MACHINE(&r, "m0");
    compute_refused(&r, "PUT", CLUSTER_MACHINES "/other", MACHINE_OF("m0", SIZE, DATA, ""), 400,
                    "NicInUse");

    compute_call(&r, "DELETE", M, NULL, NULL);

    compute_refused(&r, "PUT", M, MACHINE_OF("m0", SIZE, DATA, ""), 409, "ConflictingUserInput");
    compute_call(&r, "DELETE", CLUSTER_COMPUTE "/disks/disk-m0", NULL, NULL);
    assert_int_equal(compute_call(&r, "PUT", M, MACHINE_OF("m0", SIZE, DATA, ""), NULL), 201);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("what is fixed at its creation cannot be changed", check_changes),
        CASE("a machine needs a size, an interface, readable data", check_needs),
        CASE("custom data has a limit", check_data_length),
        CASE("interfaces and disks have one machine", check_in_use),
    };
    return RUN_CASES("compute_check", tests);
}
