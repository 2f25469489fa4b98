/*
 * validate.h - the parts of static validation. One file checks one part of a cluster; each function tells
 * the first failure as error.h says and returns -1. Threads: pure.
 */
#ifndef PKG_API_VALIDATE_H
#define PKG_API_VALIDATE_H

#include "pkg/api/api.h"
#include "pkg/api/model.h"
#include "pkg/api/refuse.h"
#include "pkg/api/resource_id.h"

/* What every check knows. */
struct checks {
    const struct api_version *v;
    uint32_t bit;
    const json *ext;
    const struct api_rules *rules;
    struct resource_id url; /* of the cluster, from its resource ID */
    bool is_create;
    struct error **err;
};

/* Text at a path of the cluster, "" when absent; borrowed. */
const char *checked_text(const struct checks *c, const char *path);
/* Of the versions of this set? */
static inline bool checks_in(const struct checks *c, uint32_t versions)
{
    return c->bit & versions;
}
/* Ignores case: the subscription of an ID is the cluster's. */
bool is_own_subscription(const struct checks *c, const struct resource_id *id);

int validate_cluster_profile(const struct checks *c);
int validate_console_profile(const struct checks *c);
int validate_service_principal(const struct checks *c);
int validate_network_profile(const struct checks *c);
int validate_master_profile(const struct checks *c);
int validate_worker_profiles(const struct checks *c);
int validate_apiserver_profile(const struct checks *c);
int validate_ingress_profiles(const struct checks *c);
/* Which of service principal, cluster identity and operators' identities there are. */
int validate_identity_choice(const struct checks *c);
int validate_workload_identities(const struct checks *c);
/* No operator's identity may be taken away. */
int validate_kept_identities(const json *ext, const json *base, struct error **err);

#endif
