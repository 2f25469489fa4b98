/* clustersubnets.h - the subnets that a cluster's machines are in. */
#ifndef OPERATOR_CLUSTERSUBNETS_H
#define OPERATOR_CLUSTERSUBNETS_H

#include "operator/services.h"
#include "pkg/base/json.h"

struct cluster_subnet {
    char *id; /* ARM resource ID */
    bool is_master;
};
struct cluster_subnets {
    struct cluster_subnet *v;
    size_t len;
};
/*
 * From the provider specs: worker machine sets first, then master machines; each subnet once
 * (letter case ignored), the first wins, so a subnet that masters and workers share counts as a
 * worker's. Machines without readable network fields are left out.
 */
int cluster_subnets_list(struct services *sv, const struct opctx *ctx, const json *cluster,
                         struct cluster_subnets *ret, struct error **err);
/* The pure part: machine_sets and machines are arrays of trees. */
int cluster_subnets_from(const char *resource_id, const json *machine_sets, const json *machines,
                         struct cluster_subnets *ret, struct error **err);
void cluster_subnets_release(struct cluster_subnets *s);

static inline void cluster_subnets_release_slot(struct cluster_subnets *s)
{
    cluster_subnets_release(s);
}
#define cleanup_cluster_subnets CLEANUP_WITH(cluster_subnets_release_slot)

#endif
