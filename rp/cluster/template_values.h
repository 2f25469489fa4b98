/*
 * template_values.h - what the templates of one cluster are filled with (template.h), from its document and from what the
 * document does not hold. The same document gives the same values, so a template that is deployed again changes nothing.
 * Threads: pure.
 */
#ifndef RP_CLUSTER_TEMPLATE_VALUES_H
#define RP_CLUSTER_TEMPLATE_VALUES_H

#include "pkg/base/strv.h"
#include "rp/cluster/cluster.h"
#include "rp/cluster/template.h"

/* Of TEMPLATE_V1_STORAGE, TEMPLATE_V2_BASE; borrowed. */
struct template_base {
    const struct strv *storage_subnets; /* IDs of the cluster's that reach storage accounts */
    const char *first_party_principal;  /* object ID; needed for workload identities only */
    const json *
        identity_roles; /* [{"itemRole": definition's UUID, "itemPrincipal": object ID}]; NULL: none */
};
json *template_give_base_values(const struct cluster *c, const struct template_base *b);

/* Of TEMPLATE_RIGHTS: of a cluster with a service principal. */
json *template_give_rights_values(const struct cluster *c);

/* Of TEMPLATE_V1_RESOURCES, TEMPLATE_V2_RESOURCES; borrowed. */
struct template_machines {
    const struct strv *zones;                      /* of the masters: none, or three */
    const char *publisher, *offer, *sku, *version; /* of their image */
    int64_t disk_gb;
    const char *ignition; /* of masters: JSON */
};
json *template_give_machine_values(const struct cluster *c, const struct template_machines *m);

#endif
