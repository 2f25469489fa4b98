#include "test/unit/support/rp/cluster/install_inputs.h"

#include <string.h>

static json *give_pool(const char *name, const char *size)
{
    return json_make("{'name':%s,'replicas':3,'hyperthreading':'Enabled','architecture':'amd64',"
                     "'platform':{'azure':{'zones':['1','2','3'],'type':%s}}}",
                     name, size);
}

static json *give_config(bool second)
{
    json *compute = json_new_array();
    json_append(compute, give_pool("worker", "Standard_D4s_v3"));
    return json_make(
        "{'apiVersion':'v1','metadata':{'name':'short'},'baseDomain':'aro.example',"
        "'sshKey':%s,'pullSecret':%s,'publish':'External',"
        "'networking':{'networkType':%s,'machineNetwork':[{'cidr':'127.0.0.0/8'}],"
        "'clusterNetwork':[{'cidr':'10.128.0.0/14','hostPrefix':23}],"
        "'serviceNetwork':['172.30.0.0/16']},"
        "'controlPlane':%j,'compute':%j,"
        "'platform':{'azure':{'region':'eastus','resourceGroupName':'aro-short',"
        "'networkResourceGroupName':'customer-net','virtualNetwork':'vnet',"
        "'controlPlaneSubnet':'masters','computeSubnet':'workers',"
        "'cloudName':'AzurePublicCloud'}},"
        "'imageContentSources':[{'source':'quay.io/openshift-release-dev/ocp-release',"
        "'mirrors':['registry.example/openshift-release-dev/ocp-release']}]}",
        SAMPLE_SSH_KEY, "{\"auths\":{\"quay.io\":{\"auth\":\"" SAMPLE_PULL_AUTH "\"}}}",
        second ? "OVNKubernetes" : "OpenShiftSDN", give_pool("master", "Standard_D8s_v3"), compute);
}

void install_inputs_init(struct install_inputs *s, enum installer_layout layout)
{
    s->config = give_config(layout == INSTALLER_V2);
    s->manifests = json_make("{'extra.yaml':%s}", SAMPLE_MANIFEST);
    s->bootstrap = json_make("{'storage':{'files':[{'path':'/etc/extra','mode':420,'contents':{"
                             "'source':'data:,more'}}]},'systemd':{'units':[{"
                             "'name':'extra.service','enabled':true,'contents':'[Unit]'}]}}");
    s->client_secret = secret_new(SAMPLE_CLIENT_SECRET, strlen(SAMPLE_CLIENT_SECRET));
    s->in = (struct installer_inputs){
        .layout = layout,
        .install_config = s->config,
        .platform = { .tenant_id = "11111111-2222-3333-4444-555555555555",
                      .client_id = "22222222-2222-3333-4444-555555555555",
                      .subscription_id = "33333333-2222-3333-4444-555555555555",
                      .client_secret = s->client_secret },
        .release_image = "quay.io/openshift-release-dev/ocp-release@sha256:abc",
        .document_id = SAMPLE_ID,
        .infra_id = SAMPLE_INFRA_ID,
        .domain = SAMPLE_DOMAIN,
        .region = "eastus",
        .resource_group = "aro-short",
        .image = { "azureopenshift", "aro4", "aro_43", "43.81.20191122" },
        .registry = "registry.example",
        .api_int_ip = layout == INSTALLER_V2 ? SAMPLE_API_INT_IP : NULL,
        .manifests = s->manifests,
        .bootstrap = s->bootstrap,
    };
}

void install_inputs_release(struct install_inputs *s)
{
    json_free(s->config);
    json_free(s->manifests);
    json_free(s->bootstrap);
    secret_unref(s->client_secret);
}
