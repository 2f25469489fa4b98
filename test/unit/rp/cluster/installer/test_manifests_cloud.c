#include <string.h>

#include "pkg/base/yaml.h"
#include "rp/cluster/installer/asset.h"
#include "rp/cluster/installer/manifests.h"
#include "test/unit/support/rp/cluster/install_inputs.h"
#include "test/unit/support/test.h"

static void check_text(const json *object, const char *key, const char *want)
{
    cleanup_secret struct secret *text = NULL;
    assert_int_equal(asset_need_bytes(object, "data", key, &text, NULL), 0);
    assert_string_equal(secret_reveal(text, NULL), want);
}

static void credentials(void **state)
{
    (void)state;
    struct install_inputs s;
    install_inputs_init(&s, INSTALLER_V1);

    cleanup_json json *object = manifests_give_credentials(&s.in);

    assert_string_equal(json_path_str(object, "metadata.namespace"), "kube-system");
    assert_string_equal(json_path_str(object, "metadata.name"), "azure-credentials");
    assert_int_equal(json_len(json_get(object, "data")), 7);
    check_text(object, "azure_subscription_id", s.in.platform.subscription_id);
    check_text(object, "azure_client_id", s.in.platform.client_id);
    check_text(object, "azure_client_secret", SAMPLE_CLIENT_SECRET);
    check_text(object, "azure_tenant_id", s.in.platform.tenant_id);
    check_text(object, "azure_resource_prefix", SAMPLE_INFRA_ID);
    check_text(object, "azure_resourcegroup", "aro-short");
    check_text(object, "azure_region", "eastus");
    install_inputs_release(&s);
}

static void cloud_provider(void **state)
{
    (void)state;
    struct install_inputs s;
    install_inputs_init(&s, INSTALLER_V1);
    cleanup_secret struct secret *text = NULL;
    json *login = NULL;

    cleanup_json json *object = manifests_give_cloud_provider_secret(&s.in);

    assert_string_equal(json_path_str(object, "metadata.name"), "azure-cloud-provider");
    assert_int_equal(asset_need_bytes(object, "data", "cloud-config", &text, NULL), 0);
    size_t len;
    const char *data = secret_reveal(text, &len);
    assert_int_equal(yaml_parse(data, len, &login, NULL), 0);
    assert_string_equal(json_path_str(login, "aadClientId"), s.in.platform.client_id);
    assert_string_equal(json_path_str(login, "aadClientSecret"), SAMPLE_CLIENT_SECRET);
    json_free(login);
    install_inputs_release(&s);
}

static void cloud_provider_config(void **state)
{
    (void)state;
    struct install_inputs s;
    install_inputs_init(&s, INSTALLER_V1);
    json *config = NULL;

    cleanup_json json *object = manifests_give_cloud_provider_config(&s.in);

    const char *text = json_path_str(object, "data.config");
    assert_int_equal(json_parse_object(text, strlen(text), &config, NULL), 0);
    assert_string_equal(json_path_str(config, "vnetName"), "vnet");
    assert_string_equal(json_path_str(config, "vnetResourceGroup"), "customer-net");
    assert_string_equal(json_path_str(config, "subnetName"), "workers");
    assert_string_equal(json_path_str(config, "securityGroupName"),
                        SAMPLE_INFRA_ID "-controlplane-nsg");
    assert_null(strstr(text, SAMPLE_CLIENT_SECRET));
    json_free(config);
    install_inputs_release(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("operators find the cluster's credentials", credentials),
        CASE("the cloud provider finds its login", cloud_provider),
        CASE("the cloud provider finds its network, and no secret", cloud_provider_config),
    };
    return RUN_CASES("manifests_cloud", tests);
}
