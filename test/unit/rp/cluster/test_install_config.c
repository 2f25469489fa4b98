#include <string.h>

#include "rp/cluster/install_config.h"
#include "test/unit/support/test.h"

#define VNET "/subscriptions/s/resourceGroups/Net/providers/Microsoft.Network/virtualNetworks/VNet"
#define SSH_KEY "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEyo0ZQJTDvxKzTzdZpDhF3XKHJtxT8VWp3Io7Kb2wCj"

struct sample {
    struct install_config_inputs in;
    json *cluster;
    struct strv zones, none;
    struct secret *pull_secret;
};

static void sample_init(struct sample *s, enum installer_layout layout)
{
    static const char pull_secret[] = "{\"auths\":{\"quay.io\":{\"auth\":\"aHVzaA==\"}}}";
    *s = (struct sample){ .pull_secret = secret_new(pull_secret, strlen(pull_secret)) };
    strv_split(&s->zones, "1 2 3", " ", false);
    s->cluster = json_make(
        "{'location':'EastUS','properties':{"
        "'clusterProfile':{'resourceGroupId':'/subscriptions/s/resourceGroups/aro-short',"
        "'fipsValidatedModules':'Enabled'},"
        "'networkProfile':{'podCidr':'10.128.0.0/14','serviceCidr':'172.30.0.0/16',"
        "'outboundType':'UserDefinedRouting'},"
        "'masterProfile':{'vmSize':'Standard_D8s_v3','subnetId':%s,'encryptionAtHost':'Enabled',"
        "'diskEncryptionSetId':'/subscriptions/s2/resourceGroups/Keys/providers/"
        "Microsoft.Compute/diskEncryptionSets/des'},"
        "'workerProfiles':[{'name':'worker','vmSize':'Standard_D4s_v3','count':4,"
        "'diskSizeGB':128,'subnetId':%s,'encryptionAtHost':'Disabled'}],"
        "'apiserverProfile':{'visibility':'Public'},"
        "'ingressProfiles':[{'name':'default','visibility':'Private'}]}}",
        VNET "/subnets/masters", VNET "/subnets/workers");
    s->in = (struct install_config_inputs){
        .layout = layout,
        .cluster = s->cluster,
        .domain = "short.aro.example",
        .master_zones = &s->zones,
        .worker_zones = &s->zones,
        .pull_secret = s->pull_secret,
        .ssh_key = SSH_KEY,
        .image = { "azureopenshift", "aro4", "aro_43", "43.81.20191122" },
        .registry = "registry.example",
        .cloud_name = "AzureUSGovernmentCloud",
    };
}

static void sample_release(struct sample *s)
{
    json_free(s->cluster);
    strv_release(&s->zones);
    secret_unref(s->pull_secret);
}

static json *make(const struct sample *s)
{
    json *config = NULL;
    cleanup_error struct error *err = NULL;
    if (install_config_make(&s->in, &config, &err) < 0)
        fail_msg("%s", error_text(err));
    return config;
}

static void is_what_the_installer_takes(void **state)
{
    (void)state;
    for (int layout = INSTALLER_V1; layout <= INSTALLER_V2; layout++) {
        struct sample s;
        sample_init(&s, (enum installer_layout)layout);
        cleanup_json json *config = make(&s);
        cleanup_error struct error *err = NULL;

        if (install_config_check(config, &err) < 0)
            fail_msg("%s", error_text(err));
        sample_release(&s);
    }
}

struct text_case {
    const char *path, *want;
};

static void carries_the_document(void **state)
{
    (void)state;
    static const struct text_case cases[] = {
        { "metadata.name", "short" },
        { "baseDomain", "aro.example" },
        { "sshKey", SSH_KEY },
        { "publish", "Internal" },
        { "networking.networkType", "OVNKubernetes" },
        { "networking.machineNetwork[0].cidr", "127.0.0.0/8" },
        { "networking.clusterNetwork[0].cidr", "10.128.0.0/14" },
        { "networking.serviceNetwork[0]", "172.30.0.0/16" },
        { "controlPlane.name", "master" },
        { "controlPlane.platform.azure.type", "Standard_D8s_v3" },
        { "controlPlane.platform.azure.zones[2]", "3" },
        { "controlPlane.platform.azure.osDisk.diskEncryptionSet.subscriptionId", "s2" },
        { "controlPlane.platform.azure.osDisk.diskEncryptionSet.resourceGroup", "Keys" },
        { "controlPlane.platform.azure.osDisk.diskEncryptionSet.name", "des" },
        { "compute[0].name", "worker" },
        { "compute[0].platform.azure.type", "Standard_D4s_v3" },
        { "platform.azure.region", "eastus" },
        { "platform.azure.resourceGroupName", "aro-short" },
        { "platform.azure.networkResourceGroupName", "Net" },
        { "platform.azure.virtualNetwork", "VNet" },
        { "platform.azure.controlPlaneSubnet", "masters" },
        { "platform.azure.computeSubnet", "workers" },
        { "platform.azure.outboundType", "UserDefinedRouting" },
        { "platform.azure.cloudName", "AzureUSGovernmentCloud" },
        { "platform.azure.image.sku", "aro_43" },
        { "imageContentSources[2].source", "quay.io/openshift-release-dev/ocp-v4.0-art-dev" },
        { "imageContentSources[2].mirrors[0]",
          "registry.example/openshift-release-dev/ocp-v4.0-art-dev" },
    };
    struct sample s;
    sample_init(&s, INSTALLER_V2);

    cleanup_json json *config = make(&s);

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const char *value = json_path_str(config, cases[i].path);
        if (!value || strcmp(value, cases[i].want) != 0)
            fail_msg("%s: %s, not %s", cases[i].path, value, cases[i].want);
    }
    assert_int_equal(json_path_int(config, "controlPlane.replicas", 0), 3);
    assert_int_equal(json_path_int(config, "controlPlane.platform.azure.osDisk.diskSizeGB", 0),
                     1024);
    assert_int_equal(json_path_int(config, "compute[0].replicas", 0), 4);
    assert_int_equal(json_path_int(config, "compute[0].platform.azure.osDisk.diskSizeGB", 0), 128);
    assert_int_equal(json_path_int(config, "networking.clusterNetwork[0].hostPrefix", 0), 23);
    assert_true(json_path_bool(config, "controlPlane.platform.azure.encryptionAtHost", false));
    assert_false(json_path_has(config, "compute[0].platform.azure.encryptionAtHost"));
    assert_true(json_path_bool(config, "fips", false));
    sample_release(&s);
}

static void first_layout_knows_less(void **state)
{
    (void)state;
    struct sample s;
    sample_init(&s, INSTALLER_V1);
    s.in.registry = NULL;
    s.in.worker_zones = &s.none;

    cleanup_json json *config = make(&s);

    assert_string_equal(json_path_str(config, "networking.networkType"), "OpenShiftSDN");
    assert_false(json_path_has(config, "platform.azure.outboundType"));
    assert_false(json_path_has(config, "platform.azure.cloudName"));
    assert_false(json_path_has(config, "fips"));
    assert_false(json_path_has(config, "imageContentSources"));
    assert_false(json_path_has(config, "compute[0].platform.azure.zones"));
    sample_release(&s);
}

static void takes_the_network_that_is_chosen(void **state)
{
    (void)state;
    struct sample s;
    sample_init(&s, INSTALLER_V2);
    assert_int_equal(json_set_str(s.cluster, "properties.networkProfile.softwareDefinedNetwork",
                                  "OpenShiftSDN", NULL),
                     0);
    json_path_del(s.cluster, "properties.networkProfile.outboundType");
    assert_int_equal(
        json_set_str(s.cluster, "properties.ingressProfiles[0].visibility", "Public", NULL), 0);

    cleanup_json json *config = make(&s);

    assert_string_equal(json_path_str(config, "networking.networkType"), "OpenShiftSDN");
    assert_string_equal(json_path_str(config, "platform.azure.outboundType"), "Loadbalancer");
    assert_string_equal(json_path_str(config, "publish"), "External");
    sample_release(&s);
}

static void tells_what_is_missing(void **state)
{
    (void)state;
    static const struct text_case cases[] = {
        { "location", "location" },
        { "properties.networkProfile.podCidr", "networkProfile.podCidr" },
        { "properties.masterProfile.vmSize", "masterProfile: vmSize" },
        { "properties.workerProfiles[0].count", "workerProfiles[0]: count" },
        { "properties.masterProfile.subnetId", "masterProfile.subnetId" },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct sample s;
        sample_init(&s, INSTALLER_V2);
        json *config = NULL;
        cleanup_error struct error *err = NULL;
        assert_true(json_path_del(s.cluster, cases[i].path));

        assert_int_equal(install_config_make(&s.in, &config, &err), -1);

        assert_true(error_is(err, ERR_INVALID));
        assert_non_null(strstr(error_text(err), cases[i].want));
        sample_release(&s);
    }
}

static void refuses_ids_of_other_things(void **state)
{
    (void)state;
    struct sample s;
    sample_init(&s, INSTALLER_V2);
    json *config = NULL;
    cleanup_error struct error *err = NULL;
    assert_int_equal(json_set_str(s.cluster, "properties.masterProfile.subnetId", VNET, NULL), 0);

    assert_int_equal(install_config_make(&s.in, &config, &err), -1);

    assert_non_null(strstr(error_text(err), "is no subnet"));
    sample_release(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("what is made is what the installer takes", is_what_the_installer_takes),
        CASE("everything of the document is where it belongs", carries_the_document),
        CASE("the first layout knows less", first_layout_knows_less),
        CASE("the customer's choice of network counts", takes_the_network_that_is_chosen),
        CASE("what the document lacks is named", tells_what_is_missing),
        CASE("the ID of something else is no subnet", refuses_ids_of_other_things),
    };
    return RUN_CASES("install_config", tests);
}
