/* Masters, workers, API server and ingress. */
#include "test/unit/pkg/api/validate_rig.h"
#include "test/unit/support/test.h"

static struct rule_case cases[] = {
    { .name = "a master size for workers only",
      .edits = { { "properties.masterProfile.vmSize", "'Standard_D4s_v3'" } },
      .target = "properties.masterProfile.vmSize",
      .message = "The provided VM size 'Standard_D4s_v3' is invalid for the 'master' role." },
    { .name = "no master size",
      .edits = { { "properties.masterProfile.vmSize", NULL } },
      .target = "properties.masterProfile.vmSize",
      .message = "The provided VM size '' is invalid for the 'master' role." },
    { .name = "a master size that is too new",
      .edits = { { "properties.masterProfile.vmSize", "'Standard_D8s_v6'" } },
      .target = "properties.masterProfile.vmSize",
      .message = "The provided master VM size 'Standard_D8s_v6' is invalid for the chosen "
                 "OpenShift version." },
    { .name = "a new master size with a new version",
      .edits = { { "properties.masterProfile.vmSize", "'Standard_D8s_v6'" },
                 { "properties.clusterProfile.version", "'4.19.0'" } } },
    { .name = "a new master size with a version that cannot be read",
      .edits = { { "properties.masterProfile.vmSize", "'Standard_D8s_v6'" },
                 { "properties.clusterProfile.version", "'x'" } } },
    { .name = "no master subnet",
      .edits = { { "properties.masterProfile.subnetId", "''" } },
      .target = "properties.masterProfile.subnetId",
      .message = "The provided master VM subnet '' is invalid." },
    { .name = "a vnet as master subnet",
      .edits = { { "properties.masterProfile.subnetId",
                   "'/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/net/"
                   "providers/Microsoft.Network/virtualNetworks/vnet'" } },
      .target = "properties.masterProfile.subnetId",
      .message = "The provided master VM subnet "
                 "'/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/net/"
                 "providers/Microsoft.Network/virtualNetworks/vnet' is invalid." },
    { .name = "a short name of a vnet",
      .edits = { { "properties.masterProfile.subnetId",
                   "'/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/net/"
                   "providers/Microsoft.Network/virtualNetworks/v/subnets/master'" } },
      .target = "properties.masterProfile.subnetId",
      .message = "The provided master VM subnet "
                 "'/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/net/"
                 "providers/Microsoft.Network/virtualNetworks/v/subnets/master' is invalid." },
    { .name = "a short name of a subnet",
      .edits = { { "properties.masterProfile.subnetId",
                   "'/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/net/"
                   "providers/Microsoft.Network/virtualNetworks/vnet/subnets/m'" } },
      .target = "properties.masterProfile.subnetId",
      .message = "The provided master VM subnet "
                 "'/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/net/"
                 "providers/Microsoft.Network/virtualNetworks/vnet/subnets/m' is invalid." },
    { .name = "a space in a subnet",
      .edits = { { "properties.masterProfile.subnetId",
                   "'/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/net/"
                   "providers/Microsoft.Network/virtualNetworks/vnet/subnets/a b'" } },
      .target = "properties.masterProfile.subnetId",
      .message = "The provided master VM subnet "
                 "'/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/net/"
                 "providers/Microsoft.Network/virtualNetworks/vnet/subnets/a b' is invalid." },
    { .name = "another provider",
      .edits = { { "properties.masterProfile.subnetId",
                   "'/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/net/"
                   "providers/Microsoft.Net/virtualNetworks/vnet/subnets/master'" } },
      .target = "properties.masterProfile.subnetId",
      .message = "The provided master VM subnet "
                 "'/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/net/"
                 "providers/Microsoft.Net/virtualNetworks/vnet/subnets/master' is invalid." },
    { .name = "a master subnet of another subscription",
      .edits = { { "properties.masterProfile.subnetId",
                   "'/subscriptions/21111111-2222-3333-4444-555555555555/resourceGroups/net/"
                   "providers/Microsoft.Network/virtualNetworks/vnet/subnets/master'" } },
      .target = "properties.masterProfile.subnetId",
      .message = "The provided master VM subnet "
                 "'/subscriptions/21111111-2222-3333-4444-555555555555/resourceGroups/net/"
                 "providers/Microsoft.Network/virtualNetworks/vnet/subnets/master' is invalid: "
                 "must be in same subscription as cluster." },
    { .name = "encryptionAtHost '' of masters",
      .letters = "CDEFGHIJK",
      .edits = { { "properties.masterProfile.encryptionAtHost", "''" } },
      .target = "properties.masterProfile.encryptionAtHost",
      .message = "The provided value '' is invalid." },
    { .name = "encryptionAtHost '' of workers",
      .letters = "CDEFGHIJK",
      .edits = { { "properties.workerProfiles[0].encryptionAtHost", "''" } },
      .target = "properties.workerProfiles['worker'].encryptionAtHost",
      .message = "The provided value '' is invalid." },
    { .name = "encryptionAtHost 'x' of masters",
      .letters = "CDEFGHIJK",
      .edits = { { "properties.masterProfile.encryptionAtHost", "'x'" } },
      .target = "properties.masterProfile.encryptionAtHost",
      .message = "The provided value 'x' is invalid." },
    { .name = "encryptionAtHost 'x' of workers",
      .letters = "CDEFGHIJK",
      .edits = { { "properties.workerProfiles[0].encryptionAtHost", "'x'" } },
      .target = "properties.workerProfiles['worker'].encryptionAtHost",
      .message = "The provided value 'x' is invalid." },
    { .name = "a disk encryption set",
      .letters = "CDEFGHIJK",
      .edits = { { "properties.masterProfile.diskEncryptionSetId",
                   "'/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/d/"
                   "providers/Microsoft.Compute/diskEncryptionSets/x'" },
                 { "properties.workerProfiles[0].diskEncryptionSetId",
                   "'/SUBSCRIPTIONS/11111111-2222-3333-4444-555555555555/RESOURCEGROUPS/D/"
                   "PROVIDERS/MICROSOFT.COMPUTE/DISKENCRYPTIONSETS/X'" } } },
    { .name = "a disk encryption set that is none (1 characters)",
      .letters = "CDEFGHIJK",
      .edits = { { "properties.masterProfile.diskEncryptionSetId", "'x'" } },
      .target = "properties.masterProfile.diskEncryptionSetId",
      .message = "The provided master disk encryption set 'x' is invalid." },
    { .name = "a disk encryption set that is none (116 characters)",
      .letters = "CDEFGHIJK",
      .edits = { { "properties.masterProfile.diskEncryptionSetId",
                   "'/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/d/"
                   "providers/Microsoft.Compute/diskEncryptionSets/'" } },
      .target = "properties.masterProfile.diskEncryptionSetId",
      .message = "The provided master disk encryption set "
                 "'/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/d/providers/"
                 "Microsoft.Compute/diskEncryptionSets/' is invalid." },
    { .name = "a disk encryption set that is none (119 characters)",
      .letters = "CDEFGHIJK",
      .edits = { { "properties.masterProfile.diskEncryptionSetId",
                   "'/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/d/"
                   "providers/Microsoft.Compute/diskEncryptionSets/a.b'" } },
      .target = "properties.masterProfile.diskEncryptionSetId",
      .message = "The provided master disk encryption set "
                 "'/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/d/providers/"
                 "Microsoft.Compute/diskEncryptionSets/a.b' is invalid." },
    { .name = "a disk encryption set that is none (197 characters)",
      .letters = "CDEFGHIJK",
      .edits = { { "properties.masterProfile.diskEncryptionSetId",
                   "'/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/d/"
                   "providers/Microsoft.Compute/diskEncryptionSets/"
                   "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
                   "aa'" } },
      .target = "properties.masterProfile.diskEncryptionSetId",
      .message = "The provided master disk encryption set "
                 "'/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/d/providers/"
                 "Microsoft.Compute/diskEncryptionSets/"
                 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
                 "' is invalid." },
    { .name = "a disk encryption set of another subscription",
      .letters = "CDEFGHIJK",
      .edits = { { "properties.masterProfile.diskEncryptionSetId",
                   "'/subscriptions/21111111-2222-3333-4444-555555555555/resourceGroups/d/"
                   "providers/Microsoft.Compute/diskEncryptionSets/x'" } },
      .target = "properties.masterProfile.diskEncryptionSetId",
      .message = "The provided master disk encryption set "
                 "'/subscriptions/21111111-2222-3333-4444-555555555555/resourceGroups/d/providers/"
                 "Microsoft.Compute/diskEncryptionSets/x' is invalid: must be in same subscription "
                 "as cluster." },
    { .name = "a disk encryption set of masters only",
      .letters = "CDEFGHIJK",
      .edits = { { "properties.masterProfile.diskEncryptionSetId",
                   "'/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/d/"
                   "providers/Microsoft.Compute/diskEncryptionSets/x'" } },
      .target = "properties.workerProfiles['worker'].subnetId",
      .message = "The provided worker disk encryption set '' is invalid: must be the same as "
                 "master disk encryption set "
                 "'/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/d/providers/"
                 "Microsoft.Compute/diskEncryptionSets/x'." },
    { .name = "live workers at a create",
      .letters = "HIJK",
      .edits = { { "properties.workerProfilesStatus", "[{'name':'x'}]" } },
      .target = "properties.workerProfilesStatus",
      .message = "Worker Profile Status must be set to nil." },
    { .name = "no worker profile",
      .edits = { { "properties.workerProfiles", NULL } },
      .target = "properties.workerProfiles",
      .message = "There should be exactly one worker profile." },
    { .name = "an empty list of worker profiles",
      .edits = { { "properties.workerProfiles", "[]" } },
      .target = "properties.workerProfiles",
      .message = "There should be exactly one worker profile." },
    { .name = "two worker profiles",
      .edits = { { "properties.workerProfiles[1]", "{'name':'x'}" } },
      .target = "properties.workerProfiles",
      .message = "There should be exactly one worker profile." },
    { .name = "another name of workers",
      .edits = { { "properties.workerProfiles[0].name", "'x'" } },
      .target = "properties.workerProfiles['x'].name",
      .message = "The provided worker name 'x' is invalid." },
    { .name = "an unknown worker size",
      .edits = { { "properties.workerProfiles[0].vmSize", "'x'" } },
      .target = "properties.workerProfiles['worker'].vmSize",
      .message = "The provided VM size 'x' is invalid for the 'worker' role." },
    { .name = "a worker size that is too new",
      .edits = { { "properties.workerProfiles[0].vmSize", "'Standard_L8s_v4'" } },
      .target = "properties.workerProfiles['worker'].vmSize",
      .message = "The provided worker VM size 'Standard_L8s_v4' is invalid for the chosen "
                 "OpenShift version." },
    { .name = "small workers where they are wanted",
      .edits = { { "properties.workerProfiles[0].vmSize", "'Standard_D2s_v3'" } },
      .small_workers = true },
    { .name = "ordinary workers where small ones are wanted",
      .target = "properties.workerProfiles['worker'].vmSize",
      .message = "The provided VM size 'Standard_D4s_v3' is invalid for the 'worker' role.",
      .small_workers = true },
    { .name = "small workers elsewhere",
      .edits = { { "properties.workerProfiles[0].vmSize", "'Standard_D2s_v3'" } },
      .target = "properties.workerProfiles['worker'].vmSize",
      .message = "The provided VM size 'Standard_D2s_v3' is invalid for the 'worker' role." },
    { .name = "a small disk",
      .edits = { { "properties.workerProfiles[0].diskSizeGB", "127" } },
      .target = "properties.workerProfiles['worker'].diskSizeGB",
      .message = "The provided worker disk size '127' is invalid." },
    { .name = "a worker subnet that is none",
      .edits = { { "properties.workerProfiles[0].subnetId", "'x'" } },
      .target = "properties.workerProfiles['worker'].subnetId",
      .message = "The provided worker VM subnet 'x' is invalid." },
    { .name = "workers in another vnet",
      .edits = { { "properties.workerProfiles[0].subnetId",
                   "'/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/net/"
                   "providers/Microsoft.Network/virtualNetworks/other/subnets/worker'" } },
      .target = "properties.workerProfiles['worker'].subnetId",
      .message = "The provided worker VM subnet "
                 "'/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/net/"
                 "providers/Microsoft.Network/virtualNetworks/other/subnets/worker' is invalid: "
                 "must be in the same vnet as master VM subnet "
                 "'/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/net/"
                 "providers/Microsoft.Network/virtualNetworks/vnet/subnets/master'." },
    { .name = "workers in the same vnet in other letters",
      .edits = { { "properties.workerProfiles[0].subnetId",
                   "'/SUBSCRIPTIONS/11111111-2222-3333-4444-555555555555/RESOURCEGROUPS/NET/"
                   "PROVIDERS/MICROSOFT.NETWORK/VIRTUALNETWORKS/VNET/SUBNETS/WORKER'" } } },
    { .name = "workers in the subnet of masters",
      .edits = { { "properties.workerProfiles[0].subnetId",
                   "'/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/net/"
                   "providers/Microsoft.Network/virtualNetworks/vnet/subnets/MASTER'" } },
      .target = "properties.workerProfiles['worker'].subnetId",
      .message = "The provided worker VM subnet "
                 "'/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/net/"
                 "providers/Microsoft.Network/virtualNetworks/vnet/subnets/MASTER' is invalid: "
                 "must be different to master VM subnet "
                 "'/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/net/"
                 "providers/Microsoft.Network/virtualNetworks/vnet/subnets/master'." },
    { .name = "0 workers",
      .edits = { { "properties.workerProfiles[0].count", "0" } },
      .target = "properties.workerProfiles['worker'].count",
      .message = "The provided worker count '0' is invalid." },
    { .name = "1 workers",
      .edits = { { "properties.workerProfiles[0].count", "1" } },
      .target = "properties.workerProfiles['worker'].count",
      .message = "The provided worker count '1' is invalid." },
    { .name = "51 workers",
      .edits = { { "properties.workerProfiles[0].count", "51" } },
      .target = "properties.workerProfiles['worker'].count",
      .message = "The provided worker count '51' is invalid." },
    { .name = "2 workers", .edits = { { "properties.workerProfiles[0].count", "2" } } },
    { .name = "50 workers", .edits = { { "properties.workerProfiles[0].count", "50" } } },
    { .name = "the first version scales",
      .letters = "A",
      .edits = { { "properties.workerProfiles[0].count", "5" } },
      .is_update = true },
    { .name = "the first version does not scale beyond the limit",
      .letters = "A",
      .edits = { { "properties.workerProfiles[0].count", "51" } },
      .target = "properties.workerProfiles['worker'].count",
      .message = "The provided worker count '51' is invalid.",
      .is_update = true },
    { .name = "later versions do not scale",
      .letters = "BCDEFGHIJK",
      .edits = { { "properties.workerProfiles[0].count", "5" } },
      .target = "properties.workerProfiles['worker'].count",
      .message = "Changing property 'properties.workerProfiles['worker'].count' is not allowed.",
      .code = "PropertyChangeNotAllowed",
      .is_update = true },
    { .name = "masters are looked at before workers",
      .edits = { { "properties.masterProfile.vmSize", "'x'" },
                 { "properties.workerProfiles[0].vmSize", "'x'" } },
      .target = "properties.masterProfile.vmSize",
      .message = "The provided VM size 'x' is invalid for the 'master' role." },
    { .name = "no visibility of the API server",
      .edits = { { "properties.apiserverProfile.visibility", NULL } },
      .target = "properties.apiserverProfile.visibility",
      .message = "The provided visibility '' is invalid." },
    { .name = "an unknown visibility of the API server",
      .edits = { { "properties.apiserverProfile.visibility", "'x'" } },
      .target = "properties.apiserverProfile.visibility",
      .message = "The provided visibility 'x' is invalid." },
    { .name = "a URL of the API server that is none",
      .edits = { { "properties.apiserverProfile.url", "'http://h:x'" } },
      .target = "properties.apiserverProfile.url",
      .message = "The provided URL 'http://h:x' is invalid." },
    { .name = "an address of the API server",
      .edits = { { "properties.apiserverProfile.ip", "'1.2.3.4'" } } },
    { .name = "an address of the API server that is none",
      .edits = { { "properties.apiserverProfile.ip", "'1.2.3'" } },
      .target = "properties.apiserverProfile.ip",
      .message = "The provided IP '1.2.3' is invalid." },
    { .name = "an IPv6 address of the API server",
      .edits = { { "properties.apiserverProfile.ip", "'::1'" } },
      .target = "properties.apiserverProfile.ip",
      .message = "The provided IP '::1' is invalid: must be IPv4." },
    { .name = "no ingress",
      .edits = { { "properties.ingressProfiles", NULL } },
      .target = "properties.ingressProfiles",
      .message = "There should be exactly one ingress profile." },
    { .name = "two ingresses",
      .edits = { { "properties.ingressProfiles[1]", "{}" } },
      .target = "properties.ingressProfiles",
      .message = "There should be exactly one ingress profile." },
    { .name = "another name of the ingress",
      .edits = { { "properties.ingressProfiles[0].name", "'x'" } },
      .target = "properties.ingressProfiles['x'].name",
      .message = "The provided ingress name 'x' is invalid." },
    { .name = "an unknown visibility of the ingress",
      .edits = { { "properties.ingressProfiles[0].visibility", "'x'" } },
      .target = "properties.ingressProfiles['default'].visibility",
      .message = "The provided visibility 'x' is invalid." },
    { .name = "an address of the ingress that is none",
      .edits = { { "properties.ingressProfiles[0].ip", "'x'" } },
      .target = "properties.ingressProfiles['default'].ip",
      .message = "The provided IP 'x' is invalid." },
    { .name = "the first version looks at the ingress of updates",
      .letters = "A",
      .edits = { { "properties.ingressProfiles[0].visibility", "'x'" } },
      .target = "properties.ingressProfiles['default'].visibility",
      .message = "The provided visibility 'x' is invalid.",
      .is_update = true },
    { .name = "later versions see a change of the ingress",
      .letters = "BCDEFGHIJK",
      .edits = { { "properties.ingressProfiles[0].visibility", "'x'" } },
      .target = "properties.ingressProfiles['default'].visibility",
      .message =
          "Changing property 'properties.ingressProfiles['default'].visibility' is not allowed.",
      .code = "PropertyChangeNotAllowed",
      .is_update = true },
};

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases)] = { 0 };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[i] = (struct CMUnitTest)CASE_OF(cases[i].name, rig_check_rule, &cases[i]);
    return RUN_CASES("validate_machines", tests);
}
