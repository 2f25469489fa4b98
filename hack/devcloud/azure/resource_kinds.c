/* All kinds. */
#include "hack/devcloud/azure/compute.h"
#include "hack/devcloud/azure/dns.h"
#include "hack/devcloud/azure/identity.h"
#include "hack/devcloud/azure/network_kinds.h"
#include "hack/devcloud/azure/registry.h"
#include "hack/devcloud/azure/vault_resource.h"
#include "pkg/base/strv.h"

static const struct resource_kind *const kinds[] = {
    &identity_kind,           &identity_credential_kind,
    &registry_kind,           &registry_map_kind,
    &registry_token_kind,     &vault_kind,
    &compute_disk_kind,       &compute_machine_kind,
    &compute_encryption_kind, &network_nic_kind,
    &network_lb_kind,         &network_nat_kind,
    &network_pe_kind,         &network_pip_kind,
    &network_pls_kind,        &network_route_table_kind,
};

/* Those with a kind for each type of records. */
static const struct resource_kind *const tables[] = { dns_kinds, private_dns_kinds };

const struct resource_kind *resource_find_kind(const char *type)
{
    for (size_t t = 0; t < ARRAY_LEN(tables); t++)
        for (size_t i = 0; tables[t][i].type; i++)
            if (str_eq_nocase(tables[t][i].type, type))
                return &tables[t][i];
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        if (str_eq_nocase(kinds[i]->type, type))
            return kinds[i];
    return NULL;
}
