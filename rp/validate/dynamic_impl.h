/* dynamic_impl.h - one run of dynamic_validate; inside rp/validate only. */
#ifndef RP_VALIDATE_DYNAMIC_IMPL_H
#define RP_VALIDATE_DYNAMIC_IMPL_H

#include "pkg/base/map.h"
#include "rp/validate/dynamic.h"

/* Who needs a permission or a token: the cluster (its service principal, or its identities), or the resource provider. */
enum who { WHO_CLUSTER, WHO_PROVIDER, WHO_COUNT };

struct validation_subnet {
    const char *id; /* borrowed from the cluster, as the customer wrote it */
    char *path;     /* of the member that names it: "properties.workerProfiles[0].subnetId" */
    char *vnet_id;
    bool is_master, is_worker; /* one subnet may be both */
};

/* An identity that an operator of the cluster works as. */
struct validation_identity {
    const char *name, *id; /* borrowed: the operator's, the resource ID */
    char *object_id;
    json *permissions; /* of its role: what it is expected to need */
};

struct validation {
    const struct dynamic_validation *cfg;
    const struct opctx *ctx;
    const json *cluster;
    bool is_creating, is_v1, has_identities;
    struct validation_subnet *subnets; /* each once, whatever the letter case */
    size_t subnets_len;
    struct validation_identity *identities; /* set by check_platform_identities; sorted by name */
    size_t identities_len;
    struct map *vnets; /* json, by lower-case ID */
    struct map *roles; /* json, permissions by lower-case ID of their role definition */
};

#define CODE_LINKED_VNET "InvalidLinkedVNet"

/* What the document says, before anything is asked. ERR_INVALID: it names no subnets. Release it in any case. */
int validation_init(struct validation *v, const struct dynamic_validation *cfg,
                    const struct opctx *ctx, struct error **err);
void validation_release(struct validation *v);

/* ---- asking again ---- */
struct poll {
    int64_t every_ms, until_ns;
};
struct poll poll_begin(const struct opctx *ctx, int64_t every_ms, int64_t timeout_ms);
/* *ret: after a pause, that there is time for another look. -1: the context ended. */
int poll_again(const struct poll *p, const struct opctx *ctx, bool *ret, struct error **err);

/* Workers as they are, where that is known, else as they were asked for; and the name of the member of `properties` that has
 * them. Borrowed; NULL: there are none. */
const json *validation_workers(const json *cluster, const char **ret_member);

/* ---- networks (networks.c) ---- */
/* Borrowed, until the validation ends. A network that is not there is InvalidLinkedVNet. */
int validation_vnet(struct validation *v, const char *vnet_id, const json **ret,
                    struct error **err);
/* The same, with the path of its member as target. */
int validation_subnet(struct validation *v, const struct validation_subnet *s, const json **ret,
                      struct error **err);
/* The subnet's i-th address range, whichever member has it; NULL behind the last. */
const char *validation_prefix(const json *subnet, size_t i);

/* ---- permissions (access.c) ---- */
enum access { ACCESS_ALLOWED, ACCESS_REFUSED, ACCESS_NO_RESOURCE };
struct access_answer {
    enum access access;
    const char
        *identity; /* whom it is about, borrowed; NULL: whoever was asked about has no name */
    struct error *refusal; /* of asking, when even that was refused; NULL: it was not */
};
void access_answer_release(struct access_answer *a);
/* Whether who may do all of actions (separated by spaces) on a resource. Waits for what is missing. */
int access_check(struct validation *v, enum who who, const char *resource_id, const char *actions,
                 struct access_answer *ret, struct error **err);
/* The same of an object of the directory, without a name. */
int access_check_object(struct validation *v, const char *object_id, const char *resource_id,
                        const json *actions, struct access_answer *ret, struct error **err);
/* check_access.c: the same in one look, asked of the decision point; object_id NULL: of the caller itself. */
int access_decide(struct validation *v, const struct dynamic_principal *caller,
                  const char *object_id, const char *resource_id, const json *actions,
                  bool *ret_allowed, struct error **err);
/* Permissions of a role definition, an array; borrowed. */
int access_role(struct validation *v, const char *role_definition_id, const json **ret,
                struct error **err);

/* ---- checks ---- */
int check_claims(struct validation *v, enum who who, struct error **err);
int check_directory_roles(struct validation *v, enum who who, struct error **err);
int check_cluster_identity(struct validation *v, enum who who, struct error **err);
int check_platform_identities(struct validation *v, enum who who, struct error **err);
int check_vnet_access(struct validation *v, enum who who, struct error **err);
int check_subnet_access(struct validation *v, enum who who, struct error **err);
int check_route_table_access(struct validation *v, enum who who, struct error **err);
int check_nat_gateway_access(struct validation *v, enum who who, struct error **err);
int check_nsg_access(struct validation *v, enum who who, struct error **err);
int check_nsg_access_if_preconfigured(struct validation *v, enum who who, struct error **err);
int check_disk_encryption_sets(struct validation *v, enum who who, struct error **err);
int check_locations(struct validation *v, enum who who, struct error **err);
int check_private_link_policy(struct validation *v, enum who who, struct error **err);
int check_service_endpoints(struct validation *v, enum who who, struct error **err);
int check_security_groups(struct validation *v, enum who who, struct error **err);
int check_subnet_states(struct validation *v, enum who who, struct error **err);
int check_subnet_sizes(struct validation *v, enum who who, struct error **err);
int check_overlap(struct validation *v, enum who who, struct error **err);
int check_dns_servers(struct validation *v, enum who who, struct error **err);
int check_load_balancer_profile(struct validation *v, enum who who, struct error **err);

#endif
