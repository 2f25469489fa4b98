#include "hack/generate/parameters_page.h"

#include "pkg/base/buf.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

/* Columns: option, field, install-config.yaml, template values, steps, doc. */
const struct parameter parameters[] = {
    { "--name", "", "", "", "ensureInfraID",
      "The resource's name. What fits of it begins the names of all parts in Azure (`infraId`)." },
    { "--resource-group", "", "", "", "", "Where the resource is. Nothing is made in that group." },
    { "--location", "location", "platform.azure.region", "location",
      "validateResources validateZones ensureResourceGroup",
      "The region of everything. The network has to be in it." },
    { "--tags", "tags", "", "", "", "Stay with the resource; no part in Azure gets them." },
    { "--no-wait", "", "", "", "", "The CLI does not follow the operation." },
    { "--pull-secret", "properties.clusterProfile.pullSecret", "pullSecret", "",
      "ensureGraph disableSamples disableOperatorHubSources installAROOperator",
      "Merged with the service's own and the cluster's token of the registry, without "
      "`cloud.openshift.com`." },
    { "--domain", "properties.clusterProfile.domain", "metadata.name baseDomain",
      "domain shortName",
      "createDNS createCertificates updateAPIIPEarly createOrUpdateRouterIPEarly updateClusterData",
      "Without a dot it is below the service's domain, which then has its names and signed "
      "certificates." },
    { "--cluster-resource-group", "properties.clusterProfile.resourceGroupId",
      "platform.azure.resourceGroupName", "",
      "ensureResourceGroup deployBaseResourceTemplate deployResourceTemplate removeBootstrap",
      "The managed resource group: made for the cluster, with all of its parts." },
    { "--version", "properties.clusterProfile.version", "", "",
      "ensureGraph deployResourceTemplate",
      "Chooses the release's images and with them the image of the machines." },
    { "--fips-validated-modules", "properties.clusterProfile.fipsValidatedModules", "fips", "",
      "ensureGraph", "The first layout knows no such thing." },
    { "--client-id", "properties.servicePrincipalProfile.clientId", "", "",
      "validateResources initializeClusterSPClients clusterSPObjectID ensureGraph "
      "deployBaseResourceTemplate",
      "Its object ID gets the role on the managed resource group; it itself goes into the "
      "cluster's "
      "credentials." },
    { "--client-secret", "properties.servicePrincipalProfile.clientSecret", "", "",
      "validateResources initializeClusterSPClients ensureGraph",
      "Sealed in the document; in the cluster in `kube-system/azure-credentials` and "
      "`kube-system/azure-cloud-provider`." },
    { "--pod-cidr", "properties.networkProfile.podCidr", "networking.clusterNetwork[0].cidr", "",
      "validateResources ensureGraph", "Must not overlap with the subnets." },
    { "--service-cidr", "properties.networkProfile.serviceCidr", "networking.serviceNetwork[0]", "",
      "validateResources ensureGraph", "Must not overlap with the subnets." },
    { "--outbound-type", "properties.networkProfile.outboundType", "platform.azure.outboundType",
      "outboundLoadBalancer", "deployBaseResourceTemplate",
      "`UserDefinedRouting`: no public load balancer, no address for outbound traffic." },
    { "--master-subnet", "properties.masterProfile.subnetId",
      "platform.azure.networkResourceGroupName platform.azure.virtualNetwork "
      "platform.azure.controlPlaneSubnet",
      "masterSubnetId vnetId",
      "validateResources ensureServiceEndpoints setMasterSubnetPolicies attachNSGs "
      "deployBaseResourceTemplate deployResourceTemplate",
      "With `--vnet` and `--vnet-resource-group` the CLI makes an ID of a name." },
    { "--worker-subnet", "properties.workerProfiles[].subnetId", "platform.azure.computeSubnet", "",
      "validateResources ensureServiceEndpoints attachNSGs createOrUpdateRouterIPEarly",
      "In the same network. A private ingress has an address of it." },
    { "--master-vm-size", "properties.masterProfile.vmSize", "controlPlane.platform.azure.type",
      "masterVmSize", "validateResources validateZones deployResourceTemplate",
      "Its quota is needed four times: the bootstrap machine's, too." },
    { "--master-encryption-at-host", "properties.masterProfile.encryptionAtHost",
      "controlPlane.platform.azure.encryptionAtHost", "encryptionAtHost",
      "validateResources deployResourceTemplate", "The size has to support it." },
    { "--disk-encryption-set", "properties.masterProfile.diskEncryptionSetId",
      "controlPlane.platform.azure.osDisk.diskEncryptionSet.subscriptionId "
      "controlPlane.platform.azure.osDisk.diskEncryptionSet.resourceGroup "
      "controlPlane.platform.azure.osDisk.diskEncryptionSet.name",
      "diskEncryptionSetId diskEncryption", "validateResources deployResourceTemplate",
      "The CLI sets it for masters and workers alike." },
    { "--disk-encryption-set", "properties.workerProfiles[].diskEncryptionSetId",
      "compute[0].platform.azure.osDisk.diskEncryptionSet.subscriptionId "
      "compute[0].platform.azure.osDisk.diskEncryptionSet.resourceGroup "
      "compute[0].platform.azure.osDisk.diskEncryptionSet.name",
      "", "validateResources configureDefaultStorageClass",
      "Also volumes in the cluster are encrypted with it." },
    { "--worker-vm-size", "properties.workerProfiles[].vmSize", "compute[0].platform.azure.type",
      "", "validateResources validateZones ensureGraph",
      "The cluster itself makes the workers, from the installer's MachineSets." },
    { "--worker-encryption-at-host", "properties.workerProfiles[].encryptionAtHost",
      "compute[0].platform.azure.encryptionAtHost", "", "validateResources ensureGraph",
      "The size has to support it." },
    { "--worker-vm-disk-size-gb", "properties.workerProfiles[].diskSizeGB",
      "compute[0].platform.azure.osDisk.diskSizeGB", "", "ensureGraph", "Of each worker." },
    { "--worker-count", "properties.workerProfiles[].count", "compute[0].replicas", "",
      "validateResources ensureGraph recordWorkers",
      "Spread over the zones' MachineSets, the first ones have the rest." },
    { "--apiserver-visibility", "properties.apiserverProfile.visibility", "",
      "publicApi outboundIps outboundFrontends frontendDependencies",
      "deployBaseResourceTemplate updateAPIIPEarly",
      "Public: the load balancer has a rule and an address for the API, and that address also "
      "serves outbound traffic. Private: the name `api` leads to the internal load balancer." },
    { "--ingress-visibility", "properties.ingressProfiles[].visibility", "publish", "publicIngress",
      "deployBaseResourceTemplate createOrUpdateRouterIPEarly updateRouterIP",
      "Private: the router's address is the highest free one of the workers' subnet." },
};
const size_t parameters_len = ARRAY_LEN(parameters);

static void add_words(struct buf *out, const char *words)
{
    cleanup_strv struct strv list = STRV_INIT;
    strv_split(&list, words, " ", false);
    for (size_t i = 0; i < list.len; i++)
        buf_addf(out, "%s`%s`", i ? ", " : "", list.v[i]);
    buf_adds(out, " | ");
}

char *parameters_page_give(const char *note)
{
    cleanup_buf struct buf out = BUF_INIT(BUF_UNBOUNDED);
    buf_addf(
        &out,
        "# Parameters of a cluster\n\n<!-- %s -->\n\n"
        "Where each parameter of `az aro create` ends up. The CLI puts it into a field of the "
        "request\n([all fields](reference/api-fields.md)), which the document keeps. From the "
        "document the installer's `install-config.yaml` is\nmade (`rp/cluster/install_config.c`), "
        "and the values that fill the templates of `deploy/cluster`; [steps of the "
        "creation](reference/cluster-creation.md) read\nthe rest. Before all of them the "
        "frontend has checked the request as a whole.\n\n"
        "| parameter | field | install-config.yaml | template values | steps | what becomes of "
        "it |\n|---|---|---|---|---|---|\n",
        note);
    for (size_t i = 0; i < parameters_len; i++) {
        const struct parameter *p = &parameters[i];
        buf_addf(&out, "| `%s` | ", p->option);
        add_words(&out, p->field);
        add_words(&out, p->config);
        add_words(&out, p->values);
        add_words(&out, p->steps);
        buf_addf(&out, "%s |\n", p->doc);
    }
    return buf_give(&out);
}
