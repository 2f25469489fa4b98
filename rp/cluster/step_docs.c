#include "rp/cluster/step_docs.h"

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

/* In the order of the alphabet, by name. */
const struct step_doc step_docs[] = {
    { "apiServersReady", "The cluster's API servers are available, none of them is being rolled "
                         "out." },
    { "aroCredentialsRequestReconciled",
      "The operator's credentials were minted within the last five minutes." },
    { "aroDeploymentReady", "Both Deployments of the operator are available." },
    { "attachNSGs", "Puts the cluster's network security groups on its subnets. A subnet that has "
                    "another one ends the operation, unless the customer brings them." },
    { "bootstrapConfigMapReady",
      "The bootstrap machine has said that the control plane runs without it: `kube-system/"
      "bootstrap` is `complete`." },
    { "clusterIdentityIDs", "Looks up client and object ID of the cluster's own identity." },
    { "clusterOperatorsHaveSettled",
      "The cluster operators that an installation makes restart are at rest again." },
    { "clusterSPObjectID", "Looks up the object ID of the cluster's service principal, which roles "
                           "are given to: `servicePrincipalProfile.spObjectId`." },
    { "clusterVersionReady", "The release is rolled out: ClusterVersion is available." },
    { "configureAPIServerCertificate", "Copies the signed certificate of `api.DOMAIN` from the key "
                                       "vault into the cluster, whose API "
                                       "servers serve it from then on." },
    { "configureDefaultStorageClass",
      "Where the workers' disks are encrypted with the customer's key, volumes are, too." },
    { "configureIngressCertificate",
      "Copies the signed certificate of `*.apps.DOMAIN` from the key vault into the cluster, whose "
      "default ingress serves it from then on." },
    { "correctCertificateIssuer",
      "Has the key vault make certificates anew whose issuer is not the one that "
      "the service takes today." },
    { "createAPIServerPrivateEndpoint",
      "Makes the private endpoint, in the service's own network, through which the service reaches "
      "the cluster; its address becomes `networkProfile.privateEndpointIp`." },
    { "createCertificates", "Asks the key vault for the signed certificates of API server and "
                            "ingress, then waits for both." },
    { "createDNS", "Reserves the name `api.PREFIX` in the service's DNS zone. A name that another "
                   "cluster has ends the operation." },
    { "createOrUpdateClusterServicePrincipalRBAC",
      "Gives the service principal its role on the managed resource group, and takes roles on it "
      "from former ones." },
    { "createOrUpdateCredentialsRequest",
      "Tells the cluster which rights in Azure the operator needs." },
    { "createOrUpdateDenyAssignment",
      "Brings back the role of the service principal on the managed resource group, and what "
      "forbids everybody else to write there." },
    { "createOrUpdateRouterIPEarly",
      "Chooses the router's address before there is a router, points `*.apps.PREFIX` to it, and "
      "keeps it in `ingressProfiles[0].ip`." },
    { "createPrivateEndpoint",
      "Makes the private endpoint, in the service's own network, through which the service reaches "
      "the cluster; its address becomes `networkProfile.privateEndpointIp`." },
    { "deleteACRToken", "Deletes the cluster's token of the service's registry." },
    { "deleteCertificates", "Deletes the signed certificates from the key vault." },
    { "deleteDNS", "Deletes the cluster's names from the service's DNS zone, if they are its." },
    { "deleteGateway", "Has the service's gateway forget the cluster's link." },
    { "deletePrivateEndpoint", "Deletes the private endpoint from the service's network." },
    { "deleteResourceGroup", "Deletes the managed resource group, if it is the cluster's." },
    { "deleteResources", "Deletes what is in the managed resource group, each after what holds it: "
                         "machines first, security groups and zones last. Subnets of the customer "
                         "stay, without the cluster's security groups." },
    { "deleteRoleAssignments", "Takes away the roles given on the managed resource group, but for "
                               "owners'." },
    { "deleteRoleDefinitions", "Deletes the definitions of roles that were made for the cluster." },
    { "deployBaseResourceTemplate",
      "Deploys the base template into the managed resource group: storage accounts, network "
      "security group, roles, deny assignment, load balancers and their public addresses, private "
      "link service." },
    { "deployResourceTemplate",
      "Deploys the machines: the bootstrap machine, which fetches its configuration with a "
      "signature that lasts a day, and three masters; in the first layout also private DNS zone, "
      "load balancers, addresses and private link service." },
    { "deployStorageTemplate",
      "Deploys the storage template into the managed resource group: storage account with its "
      "containers, network security groups, role of the service principal, deny assignment." },
    { "deregisterFromSyncSets", "Removes the cluster from SyncSets; a failure is only logged." },
    { "disableAlertManagerWarning",
      "Gives alertmanager's receiver without address one, so that it does not complain." },
    { "disableOperatorHubSources", "Without a pull secret of the customer: switches off the "
                                   "catalogs whose images need one." },
    { "disableOperatorReconciliation", "The operator leaves alone again what may restart nodes." },
    { "disableSamples", "Without a pull secret of the customer: removes image streams and "
                        "templates whose images need one." },
    { "disableUpdates", "The cluster looks for newer versions only once its owner chooses a "
                        "channel." },
    { "enableOperatorReconciliation",
      "While the installation lasts, the operator also does what may restart nodes." },
    { "ensureACRToken", "Makes the cluster's own token of the service's registry, and a password "
                        "for it: `registryProfiles`." },
    { "ensureAROOperator", "Applies everything of the operator but its Cluster resource." },
    { "ensureAROOperatorRunningDesiredVersion",
      "Both Deployments of the operator run the version that was asked for." },
    { "ensureBillingRecord", "Makes the record by which the cluster is billed, unless there is "
                             "one." },
    { "ensureDefaults", "Gives members of the document that came after the cluster their "
                        "defaults." },
    { "ensureGatewayCreate", "Approves the cluster's link to the service's gateway and tells the "
                             "gateway whose it is." },
    { "ensureGatewayUpgrade", "Makes the cluster's endpoint to the service's gateway where it is "
                              "gone, anew where it leads nowhere (it has failed, or its connection "
                              "was cut or rejected), approves its link and tells the gateway whose "
                              "it is; a former link is withdrawn." },
    { "ensureGenevaLogging",
      "Deploys what ships the nodes' logs, where the service says where to." },
    { "ensureGraph", "Runs the installer on install-config.yaml, unless that was done, and keeps "
                     "what it makes in the cluster's storage account: the bootstrap machine's "
                     "configuration, and everything together, sealed." },
    { "ensureIfReload", "Deploys the daemon that brings a node's network up again after Azure "
                        "changed it." },
    { "ensureInfraID",
      "Chooses the name that the cluster's parts in Azure begin with: `infraId`." },
    { "ensureResourceGroup", "Makes the managed resource group, or checks that it is the "
                             "cluster's." },
    { "ensureSSHKey", "Makes the key with which the service reaches the machines: `sshKey`." },
    { "ensureServiceEndpoints", "Adds the service endpoints of registries and storage to the "
                                "subnets, unless traffic goes through the gateway. An admin update "
                                "passes over subnets of workers that are gone." },
    { "ensureStorageSuffix", "Chooses what makes the names of storage accounts unique: "
                             "`storageSuffix`." },
    { "ensureUpgradeAnnotation", "Tells the cluster's credential operator that its identities may "
                                 "be upgraded." },
    { "finishInstallation", "Takes `install` out of the document: the cluster is made." },
    { "fixInfraID", "Gives the oldest clusters the `infraId` that they are called by." },
    { "fixLBProbes", "In the first layout: load balancers ask API server and machine config server "
                     "whether they are ready, and no longer try their ports alone." },
    { "fixMCSCert",
      "Before OpenShift 4.19: renews the certificate of the machine config server where it is not "
      "valid for the address in `apiserverProfile.intIp`, or ends within a year, and restarts what "
      "serves an older one." },
    { "fixMCSUserData", "Leads machines that the cluster will make to the machine config server by "
                        "its address: they resolve no name of the cluster yet." },
    { "fixSSH", "Leads port 2200 and the two behind it of the internal load balancer to the SSH of "
                "the masters." },
    { "generateKubeconfigs", "Makes what the service, its engineers and the customer sign in with, "
                             "and the password of kubeadmin, where they are missing or run out." },
    { "incrInstallPhase", "Ends the first phase: any backend may go on with the second." },
    { "ingressControllerReady", "The default ingress is available." },
    { "initializeClusterSPClients", "Prepares for asking Azure as the cluster's service "
                                    "principal." },
    { "initializeKubernetesClients", "Makes the client of the cluster's API, which dials the "
                                     "private endpoint." },
    { "initializeOperatorDeployer", "Finds out what a deployment of the operator would lack." },
    { "installAROOperator", "Applies everything of the operator, with its Cluster resource." },
    { "migrateInternalLoadBalancerZones",
      "Gives the internal load balancer's frontend all zones of the region: another address takes "
      "its place while it is made anew, and no rule is lost." },
    { "migrateStorageAccounts",
      "Closes the cluster's storage accounts to all networks but the service's and the cluster's. "
      "Networks that were let in otherwise stay; a subnet of workers that is gone is passed "
      "over." },
    { "minimumWorkerNodesReady", "Two worker machines run and two worker nodes are ready. A "
                                 "machine that the quota or the region refuses ends the "
                                 "operation." },
    { "operatorConsoleExists", "The configuration of the console is there." },
    { "operatorConsoleReady", "The console is available." },
    { "persistPlatformWorkloadIdentityIDs",
      "Looks up client and object IDs of the identities that the cluster's operators use." },
    { "populateDatabaseIntIP", "Writes the internal address of the API into a document that lacks "
                               "it: `apiserverProfile.intIp`." },
    { "populateMTUSize", "Chooses the size of packets: 1500, or 3900 with the subscription's "
                         "feature `MTU3900`." },
    { "reconcileLoadBalancerProfile",
      "Brings the addresses of outbound traffic to the number of `managedOutboundIps.count`, the "
      "last ones first, and writes `effectiveOutboundIps`." },
    { "recordWorkers", "Notes how many workers there are, so that a later change of their number "
                       "is known as one." },
    { "refuseWorkloadIdentities", "Ends the operation: the installer wants a service principal." },
    { "registerWithSyncSets",
      "Tells SyncSets the cluster, its labels and how to reach it, and `hiveProfile.namespace` the "
      "place there; what fails is tried for a minute and only logged." },
    { "removeAzureFileCSIStorageClass", "Removes the storage class that would need an account's "
                                        "key." },
    { "removeBootstrap", "Deletes the bootstrap machine with its disk and network interface." },
    { "removeBootstrapIgnition", "Deletes its configuration, which holds every key of the "
                                 "cluster." },
    { "renewMDSDCertificate",
      "Gives the operator the newest certificate for shipping logs, where clusters ship any." },
    { "restartAROOperatorMaster", "Restarts the operator, which reads its credentials when it "
                                  "starts." },
    { "rotateACRTokenPassword",
      "Renews the password of the registry's token once it is due, and "
      "brings it into the cluster's pull secret wherever it is missing." },
    { "routerHasAddress",
      "The cloud has given the router the address that `*.apps.PREFIX` leads to. A private one "
      "that "
      "somebody else took meanwhile is replaced, in `ingressProfiles[0].ip`, the zone and the "
      "cluster." },
    { "scaleWorkers", "Changes the MachineSets until they add up to the number of workers that was "
                      "asked for." },
    { "setMasterSubnetPolicies", "Switches off, in the masters' subnet, the network policies that "
                                 "private links do not go together with." },
    { "startInstallation", "Notes that the installation has begun, and when: `install`." },
    { "startVMs", "Starts machines that are stopped, all at once." },
    { "syncClusterObject", "Brings the operator's Cluster resource to what the document says." },
    { "syncNetworkType", "Reads which network plugin the cluster runs into the document." },
    { "updateAPIIP", "Finds out the address of the API, points `api.PREFIX` to it, and keeps it in "
                     "`apiserverProfile.ip`." },
    { "updateAPIIPEarly", "Finds out the address of the API, points `api.PREFIX` to it, and keeps "
                          "it in `apiserverProfile.ip`." },
    { "updateAROSecret", "Gives the cloud provider in Kubernetes the service principal's secret; "
                         "API servers and controller managers are rolled out anew." },
    { "updateClusterData", "Writes the URLs of API server and console and the version that runs "
                           "into the document." },
    { "updateConsoleBranding", "The console shows Azure's brand." },
    { "updateOpenShiftSecret", "Gives the cluster's credential operator the service principal's "
                               "secret, of which it mints all others." },
    { "updateProvisionedBy", "Notes which build of the service did all this." },
    { "updateRouterIP",
      "Reads the router's address from the cluster, points `*.apps.PREFIX` to it, "
      "and keeps it in `ingressProfiles[0].ip`." },
    { "validateResources", "Checks rights, networks, quota and what else has to hold in Azure. "
                           "What does not ends the operation, with the customer told what to "
                           "mend." },
    { "validateZones", "Chooses the availability zones of masters and workers, once." },
    { "workersAreScaled", "Every MachineSet has the machines that it was asked for." },
};
const size_t step_docs_len = ARRAY_LEN(step_docs);

const char *step_doc_find(const char *name)
{
    for (size_t i = 0; i < step_docs_len; i++)
        if (str_eq(step_docs[i].name, name))
            return step_docs[i].doc;
    return NULL;
}
