/*
 * size: table
 * The sizes of machines that clusters may have. Source: supported virtual machine sizes of Azure Red Hat
 * OpenShift; families as the compute usage API calls them.
 */
#include "pkg/api/vm_sizes.h"

#include "pkg/api/semver.h"
#include "pkg/base/cleanup.h"
#include "pkg/base/strv.h"

#define BOTH (VM_MASTER | VM_WORKER)

/* clang-format off */
const struct vm_size vm_sizes[] = {
    { "Standard_D2s_v3", "standardDSv3Family", 2, VM_DEVELOPMENT, 0 },
    { "Standard_D4s_v3", "standardDSv3Family", 4, VM_WORKER, 0 },
    { "Standard_D8s_v3", "standardDSv3Family", 8, BOTH, 0 },
    { "Standard_D16s_v3", "standardDSv3Family", 16, BOTH, 0 },
    { "Standard_D32s_v3", "standardDSv3Family", 32, BOTH, 0 },
    { "Standard_D2s_v4", "standardDSv4Family", 2, VM_DEVELOPMENT, 0 },
    { "Standard_D4s_v4", "standardDSv4Family", 4, VM_WORKER, 0 },
    { "Standard_D8s_v4", "standardDSv4Family", 8, BOTH, 0 },
    { "Standard_D16s_v4", "standardDSv4Family", 16, BOTH, 0 },
    { "Standard_D32s_v4", "standardDSv4Family", 32, BOTH, 0 },
    { "Standard_D64s_v4", "standardDSv4Family", 64, VM_WORKER, 0 },
    { "Standard_D2s_v5", "standardDSv5Family", 2, VM_DEVELOPMENT, 0 },
    { "Standard_D4s_v5", "standardDSv5Family", 4, VM_WORKER, 0 },
    { "Standard_D8s_v5", "standardDSv5Family", 8, BOTH, 0 },
    { "Standard_D16s_v5", "standardDSv5Family", 16, BOTH, 0 },
    { "Standard_D32s_v5", "standardDSv5Family", 32, BOTH, 0 },
    { "Standard_D64s_v5", "standardDSv5Family", 64, VM_WORKER, 0 },
    { "Standard_D96s_v5", "standardDSv5Family", 96, VM_WORKER, 0 },
    { "Standard_D4as_v4", "standardDASv4Family", 4, VM_WORKER, 0 },
    { "Standard_D8as_v4", "standardDASv4Family", 8, BOTH, 0 },
    { "Standard_D16as_v4", "standardDASv4Family", 16, BOTH, 0 },
    { "Standard_D32as_v4", "standardDASv4Family", 32, BOTH, 0 },
    { "Standard_D64as_v4", "standardDASv4Family", 64, VM_WORKER, 0 },
    { "Standard_D96as_v4", "standardDASv4Family", 96, VM_WORKER, 0 },
    { "Standard_D4as_v5", "standardDASv5Family", 4, VM_WORKER, 0 },
    { "Standard_D8as_v5", "standardDASv5Family", 8, BOTH, 0 },
    { "Standard_D16as_v5", "standardDASv5Family", 16, BOTH, 0 },
    { "Standard_D32as_v5", "standardDASv5Family", 32, BOTH, 0 },
    { "Standard_D64as_v5", "standardDASv5Family", 64, VM_WORKER, 0 },
    { "Standard_D96as_v5", "standardDASv5Family", 96, VM_WORKER, 0 },
    { "Standard_D4ds_v5", "standardDDSv5Family", 4, VM_WORKER, 0 },
    { "Standard_D8ds_v5", "standardDDSv5Family", 8, BOTH, 0 },
    { "Standard_D16ds_v5", "standardDDSv5Family", 16, BOTH, 0 },
    { "Standard_D32ds_v5", "standardDDSv5Family", 32, BOTH, 0 },
    { "Standard_D48ds_v5", "standardDDSv5Family", 48, VM_WORKER, 0 },
    { "Standard_D64ds_v5", "standardDDSv5Family", 64, VM_WORKER, 0 },
    { "Standard_D96ds_v5", "standardDDSv5Family", 96, VM_WORKER, 0 },
    { "Standard_D4s_v6", "standardDSv6Family", 4, BOTH, 19 },
    { "Standard_D8s_v6", "standardDSv6Family", 8, BOTH, 19 },
    { "Standard_D16s_v6", "standardDSv6Family", 16, BOTH, 19 },
    { "Standard_D32s_v6", "standardDSv6Family", 32, BOTH, 19 },
    { "Standard_D48s_v6", "standardDSv6Family", 48, BOTH, 19 },
    { "Standard_D64s_v6", "standardDSv6Family", 64, BOTH, 19 },
    { "Standard_D96s_v6", "standardDSv6Family", 96, BOTH, 19 },
    { "Standard_D4ds_v6", "standardDDSv6Family", 4, BOTH, 19 },
    { "Standard_D8ds_v6", "standardDDSv6Family", 8, BOTH, 19 },
    { "Standard_D16ds_v6", "standardDDSv6Family", 16, BOTH, 19 },
    { "Standard_D32ds_v6", "standardDDSv6Family", 32, BOTH, 19 },
    { "Standard_D48ds_v6", "standardDDSv6Family", 48, BOTH, 19 },
    { "Standard_D64ds_v6", "standardDDSv6Family", 64, BOTH, 19 },
    { "Standard_D96ds_v6", "standardDDSv6Family", 96, BOTH, 19 },
    { "Standard_D4ls_v6", "standardDLSv6Family", 4, VM_WORKER, 19 },
    { "Standard_D8ls_v6", "standardDLSv6Family", 8, VM_WORKER, 19 },
    { "Standard_D16ls_v6", "standardDLSv6Family", 16, VM_WORKER, 19 },
    { "Standard_D32ls_v6", "standardDLSv6Family", 32, VM_WORKER, 19 },
    { "Standard_D48ls_v6", "standardDLSv6Family", 48, VM_WORKER, 19 },
    { "Standard_D64ls_v6", "standardDLSv6Family", 64, VM_WORKER, 19 },
    { "Standard_D96ls_v6", "standardDLSv6Family", 96, VM_WORKER, 19 },
    { "Standard_D4lds_v6", "standardDLDSv6Family", 4, VM_WORKER, 19 },
    { "Standard_D8lds_v6", "standardDLDSv6Family", 8, VM_WORKER, 19 },
    { "Standard_D16lds_v6", "standardDLDSv6Family", 16, VM_WORKER, 19 },
    { "Standard_D32lds_v6", "standardDLDSv6Family", 32, VM_WORKER, 19 },
    { "Standard_D48lds_v6", "standardDLDSv6Family", 48, VM_WORKER, 19 },
    { "Standard_D64lds_v6", "standardDLDSv6Family", 64, VM_WORKER, 19 },
    { "Standard_D96lds_v6", "standardDLDSv6Family", 96, VM_WORKER, 19 },
    { "Standard_E4s_v3", "standardESv3Family", 4, VM_WORKER, 0 },
    { "Standard_E8s_v3", "standardESv3Family", 8, BOTH, 0 },
    { "Standard_E16s_v3", "standardESv3Family", 16, BOTH, 0 },
    { "Standard_E32s_v3", "standardESv3Family", 32, BOTH, 0 },
    { "Standard_E64is_v3", "standardESv3Family", 64, BOTH, 0 },
    { "Standard_E2s_v4", "standardESv4Family", 2, VM_WORKER, 0 },
    { "Standard_E4s_v4", "standardESv4Family", 4, VM_WORKER, 0 },
    { "Standard_E8s_v4", "standardESv4Family", 8, BOTH, 0 },
    { "Standard_E16s_v4", "standardESv4Family", 16, BOTH, 0 },
    { "Standard_E20s_v4", "standardESv4Family", 20, BOTH, 0 },
    { "Standard_E32s_v4", "standardESv4Family", 32, BOTH, 0 },
    { "Standard_E48s_v4", "standardESv4Family", 48, BOTH, 0 },
    { "Standard_E64s_v4", "standardESv4Family", 64, BOTH, 0 },
    { "Standard_E2s_v5", "standardESv5Family", 2, VM_WORKER, 0 },
    { "Standard_E4s_v5", "standardESv5Family", 4, VM_WORKER, 0 },
    { "Standard_E8s_v5", "standardESv5Family", 8, BOTH, 0 },
    { "Standard_E16s_v5", "standardESv5Family", 16, BOTH, 0 },
    { "Standard_E20s_v5", "standardESv5Family", 20, BOTH, 0 },
    { "Standard_E32s_v5", "standardESv5Family", 32, BOTH, 0 },
    { "Standard_E48s_v5", "standardESv5Family", 48, BOTH, 0 },
    { "Standard_E64s_v5", "standardESv5Family", 64, BOTH, 0 },
    { "Standard_E96s_v5", "standardESv5Family", 96, BOTH, 0 },
    { "Standard_E4as_v4", "standardEASv4Family", 4, BOTH, 0 },
    { "Standard_E8as_v4", "standardEASv4Family", 8, BOTH, 0 },
    { "Standard_E16as_v4", "standardEASv4Family", 16, BOTH, 0 },
    { "Standard_E20as_v4", "standardEASv4Family", 20, BOTH, 0 },
    { "Standard_E32as_v4", "standardEASv4Family", 32, BOTH, 0 },
    { "Standard_E48as_v4", "standardEASv4Family", 48, BOTH, 0 },
    { "Standard_E64as_v4", "standardEASv4Family", 64, BOTH, 0 },
    { "Standard_E96as_v4", "standardEASv4Family", 96, BOTH, 0 },
    { "Standard_E8as_v5", "standardEASv5Family", 8, BOTH, 0 },
    { "Standard_E16as_v5", "standardEASv5Family", 16, BOTH, 0 },
    { "Standard_E20as_v5", "standardEASv5Family", 20, BOTH, 0 },
    { "Standard_E32as_v5", "standardEASv5Family", 32, BOTH, 0 },
    { "Standard_E48as_v5", "standardEASv5Family", 48, BOTH, 0 },
    { "Standard_E64as_v5", "standardEASv5Family", 64, BOTH, 0 },
    { "Standard_E96as_v5", "standardEASv5Family", 96, BOTH, 0 },
    { "Standard_E96ds_v5", "standardEDSv5Family", 96, VM_WORKER, 0 },
    { "Standard_E80is_v4", "standardEISv4Family", 80, BOTH, 0 },
    { "Standard_E80ids_v4", "standardEIDSv4Family", 80, BOTH, 0 },
    { "Standard_E104is_v5", "standardEISv5Family", 104, BOTH, 0 },
    { "Standard_E104ids_v5", "standardEIDSv5Family", 104, BOTH, 0 },
    { "Standard_F4s_v2", "standardFSv2Family", 4, VM_WORKER, 0 },
    { "Standard_F8s_v2", "standardFSv2Family", 8, VM_WORKER, 0 },
    { "Standard_F16s_v2", "standardFSv2Family", 16, VM_WORKER, 0 },
    { "Standard_F32s_v2", "standardFSv2Family", 32, VM_WORKER, 0 },
    { "Standard_F72s_v2", "standardFSv2Family", 72, BOTH, 0 },
    { "Standard_L4s", "standardLsv2Family", 4, VM_WORKER, 0 },
    { "Standard_L8s", "standardLsv2Family", 8, VM_WORKER, 0 },
    { "Standard_L16s", "standardLsv2Family", 16, VM_WORKER, 0 },
    { "Standard_L32s", "standardLsv2Family", 32, VM_WORKER, 0 },
    { "Standard_L8s_v2", "standardLsv2Family", 8, VM_WORKER, 0 },
    { "Standard_L16s_v2", "standardLsv2Family", 16, VM_WORKER, 0 },
    { "Standard_L32s_v2", "standardLsv2Family", 32, VM_WORKER, 0 },
    { "Standard_L48s_v2", "standardLsv2Family", 48, VM_WORKER, 0 },
    { "Standard_L64s_v2", "standardLsv2Family", 64, VM_WORKER, 0 },
    { "Standard_L8s_v3", "standardLsv3Family", 8, VM_WORKER, 0 },
    { "Standard_L16s_v3", "standardLsv3Family", 16, VM_WORKER, 0 },
    { "Standard_L32s_v3", "standardLsv3Family", 32, VM_WORKER, 0 },
    { "Standard_L48s_v3", "standardLsv3Family", 48, VM_WORKER, 0 },
    { "Standard_L64s_v3", "standardLsv3Family", 64, VM_WORKER, 0 },
    { "Standard_L4s_v4", "standardLsv4Family", 4, VM_WORKER, 19 },
    { "Standard_L8s_v4", "standardLsv4Family", 8, VM_WORKER, 19 },
    { "Standard_L16s_v4", "standardLsv4Family", 16, VM_WORKER, 19 },
    { "Standard_L32s_v4", "standardLsv4Family", 32, VM_WORKER, 19 },
    { "Standard_L48s_v4", "standardLsv4Family", 48, VM_WORKER, 19 },
    { "Standard_L64s_v4", "standardLsv4Family", 64, VM_WORKER, 19 },
    { "Standard_L80s_v4", "standardLsv4Family", 80, VM_WORKER, 19 },
    { "Standard_M128ms", "standardMSFamily", 128, BOTH, 0 },
    { "Standard_NC4as_T4_v3", "Standard NCASv3_T4 Family", 4, VM_WORKER, 0 },
    { "Standard_NC8as_T4_v3", "Standard NCASv3_T4 Family", 8, VM_WORKER, 0 },
    { "Standard_NC16as_T4_v3", "Standard NCASv3_T4 Family", 16, VM_WORKER, 0 },
    { "Standard_NC64as_T4_v3", "Standard NCASv3_T4 Family", 64, VM_WORKER, 0 },
    { "Standard_NC6s_v3", "Standard NCSv3 Family", 6, VM_WORKER, 0 },
    { "Standard_NC12s_v3", "Standard NCSv3 Family", 12, VM_WORKER, 0 },
    { "Standard_NC24s_v3", "Standard NCSv3 Family", 24, VM_WORKER, 0 },
    { "Standard_NC24rs_v3", "Standard NCSv3 Family", 24, VM_WORKER, 0 },
};
/* clang-format on */
const size_t vm_sizes_len = ARRAY_LEN(vm_sizes);

const struct vm_size *vm_size_find(const char *name)
{
    for (size_t i = 0; i < vm_sizes_len; i++)
        if (str_eq(vm_sizes[i].name, name))
            return &vm_sizes[i];
    return NULL;
}

bool vm_size_is_valid(const char *name, unsigned role, bool require_d2s_workers)
{
    const struct vm_size *size = vm_size_find(name);
    if (role == VM_WORKER && require_d2s_workers)
        role = VM_DEVELOPMENT;
    return size && (size->roles & role);
}

bool vm_size_fits_version(const char *name, const char *openshift_version)
{
    const struct vm_size *size = vm_size_find(name);
    struct semver v;
    if (!size || !semver_parse(openshift_version, &v))
        return true;
    return v.major > 4 || (v.major == 4 && v.minor >= size->minor);
}
