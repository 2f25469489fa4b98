/* What a cluster knows of Azure. Source: openshift/installer, pkg/asset/manifests/azure; Kubernetes' cloud provider for Azure. */
#include <string.h>

#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "pkg/base/yaml.h"
#include "rp/cluster/installer/inputs.h"
#include "rp/cluster/installer/manifests.h"

json *manifests_give_secret(const char *nspace, const char *name, const char *type, const char *key,
                            const char *data, size_t len)
{
    cleanup_secret_text char *text = base64_give(data, len);
    json *secret = json_make("{'apiVersion':'v1','kind':'Secret',"
                             "'metadata':{'name':%s,'namespace':%s},'data':{%s:%s}}",
                             name, nspace, key, text);
    if (type)
        json_put(secret, "type", json_new_str(type));
    return secret;
}

static void put_text(json *data, const char *key, const char *value, size_t len)
{
    cleanup_secret_text char *text = base64_give(value, len);
    json_put(data, key, json_new_str(text));
}

json *manifests_give_credentials(const struct installer_inputs *in)
{
    size_t len;
    const char *secret = secret_reveal(in->platform.client_secret, &len);
    const struct {
        const char *key, *value;
    } texts[] = {
        { "azure_subscription_id", in->platform.subscription_id },
        { "azure_client_id", in->platform.client_id },
        { "azure_tenant_id", in->platform.tenant_id },
        { "azure_resource_prefix", in->infra_id },
        { "azure_resourcegroup", in->resource_group },
        { "azure_region", in->region },
    };
    json *object = manifests_give_secret("kube-system", "azure-credentials", NULL,
                                         "azure_client_secret", secret, len);
    json *data = json_get(object, "data");
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        put_text(data, texts[i].key, texts[i].value, strlen(texts[i].value));
    return object;
}

json *manifests_give_cloud_provider_secret(const struct installer_inputs *in)
{
    cleanup_json_wiped json *config =
        json_make("{'aadClientId':%s,'aadClientSecret':%s}", in->platform.client_id,
                  secret_reveal(in->platform.client_secret, NULL));
    cleanup_secret_text char *text = yaml_give_text(config);
    return manifests_give_secret("kube-system", "azure-cloud-provider", NULL, "cloud-config", text,
                                 strlen(text));
}

json *manifests_give_cloud_provider_config(const struct installer_inputs *in)
{
    const json *azure = json_path(in->install_config, "platform.azure");
    cleanup_free char *nsg = inputs_give_nsg(in);
    cleanup_free char *routes = inputs_give_route_table(in);
    const char *cloud = json_path_str(azure, "cloudName");
    cleanup_json json *config = json_make(
        "{'cloud':%s,'tenantId':%s,'aadClientId':'','aadClientSecret':'',"
        "'useManagedIdentityExtension':false,'userAssignedIdentityID':'',"
        "'subscriptionId':%s,'resourceGroup':%s,'location':%s,'vnetName':%s,"
        "'vnetResourceGroup':%s,'subnetName':%s,'securityGroupName':%s,'routeTableName':%s,"
        "'cloudProviderBackoff':true,'cloudProviderBackoffRetries':0,"
        "'cloudProviderBackoffDuration':6,'cloudProviderRateLimit':false,"
        "'useInstanceMetadata':true,'loadBalancerSku':'standard',"
        "'excludeMasterFromStandardLB':null,'disableOutboundSNAT':null,"
        "'maximumLoadBalancerRuleCount':0}",
        cloud ? cloud : "AzurePublicCloud", in->platform.tenant_id, in->platform.subscription_id,
        in->resource_group, in->region, json_path_str(azure, "virtualNetwork"),
        json_path_str(azure, "networkResourceGroupName"), json_path_str(azure, "computeSubnet"),
        nsg, routes);
    cleanup_free char *text = json_give_text(config);
    return json_make("{'apiVersion':'v1','kind':'ConfigMap',"
                     "'metadata':{'name':'cloud-provider-config','namespace':'openshift-config'},"
                     "'data':{'config':%s}}",
                     text);
}
