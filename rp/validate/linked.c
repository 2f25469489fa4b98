/* Permissions of the cluster and of the resource provider on what the customer linked to the cluster. */
#include "pkg/api/refuse.h"
#include "pkg/azure/api_versions.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/validate/dynamic_impl.h"

#define NETWORK "Microsoft.Network/"
#define VNETS NETWORK "virtualNetworks/"
#define SUBNETS VNETS "subnets/"
#define SUBNETS_ALL SUBNETS "join/action " SUBNETS "read " SUBNETS "write"
#define ROUTES NETWORK "routeTables/"
#define NATS NETWORK "natGateways/"
#define NSGS NETWORK "networkSecurityGroups/"
#define CODE_DES "InvalidLinkedDiskEncryptionSet"

enum linked { LINKED_VNET, LINKED_SUBNET, LINKED_ROUTE_TABLE, LINKED_NAT, LINKED_NSG, LINKED_DES };

/* What is needed, by layout of the cluster (V1, V2) and by who; and how its absence is told. */
static const struct linked_kind {
    const char *actions[2][WHO_COUNT];
    const char *noun, *lacks, *then; /* "... does not have LACKS on NOUN 'ID'.THEN" */
    bool names_application;
    const char *code; /* of a resource that is not there */
} kinds[] = {
    [LINKED_VNET] = { .actions = { { SUBNETS_ALL, SUBNETS_ALL },
                                   { VNETS "join/action " VNETS "read " VNETS "write",
                                     VNETS "read" } },
                      .noun = "vnet",
                      .lacks = "Network Contributor role",
                      .names_application = true,
                      .code = CODE_LINKED_VNET },
    [LINKED_SUBNET] = { .actions = { { SUBNETS_ALL, SUBNETS_ALL }, { SUBNETS_ALL, SUBNETS_ALL } },
                        .noun = "subnet",
                        .lacks = "Network Contributor role",
                        .names_application = true,
                        .code = "InvalidLinkedSubnet" },
    [LINKED_ROUTE_TABLE] = { .actions = { { ROUTES "join/action " ROUTES "read " ROUTES "write",
                                            ROUTES "join/action " ROUTES "read " ROUTES "write" },
                                          { ROUTES "join/action " ROUTES "read " ROUTES "write",
                                            ROUTES "join/action " ROUTES "read" } },
                             .noun = "route table",
                             .lacks = "Network Contributor role",
                             .code = "InvalidLinkedRouteTable" },
    [LINKED_NAT] = { .actions = { { NATS "join/action " NATS "read " NATS "write",
                                    NATS "join/action" },
                                  { NATS "join/action " NATS "read " NATS "write",
                                    NATS "join/action" } },
                     .noun = "nat gateway",
                     .lacks = "Network Contributor role",
                     .code = "InvalidLinkedNatGateway" },
    [LINKED_NSG] = { .actions = { { NSGS "join/action", NSGS "join/action " NSGS "read" },
                                  { NSGS "join/action", NSGS "join/action " NSGS "read" } },
                     .noun = "network security group",
                     .lacks = "Network Contributor role",
                     .then = " This is required when the enable-preconfigured-nsg option is "
                             "specified.",
                     .names_application = true,
                     .code = CODE_LINKED_VNET },
    [LINKED_DES] = { .actions = { { "Microsoft.Compute/diskEncryptionSets/read",
                                    "Microsoft.Compute/diskEncryptionSets/read" },
                                  { "Microsoft.Compute/diskEncryptionSets/read",
                                    "Microsoft.Compute/diskEncryptionSets/read" } },
                     .noun = "disk encryption set",
                     .lacks = "Reader permission",
                     .code = CODE_DES },
};

static int refuse_access(const struct validation *v, enum who who, const struct linked_kind *k,
                         const char *id, const char *target, const struct access_answer *a,
                         struct error **err)
{
    const char *then = k->then ? k->then : "";
    if (a->identity)
        return api_refuse(err, "InvalidWorkloadIdentityPermissions", target,
                          "The %s platform managed identity does not have required permissions on "
                          "%s '%s'.%s",
                          a->identity, k->noun, id, then);
    bool is_provider = who == WHO_PROVIDER;
    const char *client_id = is_provider ? v->cfg->provider.client_id : v->cfg->service.client_id;
    cleanup_free char *application =
        k->names_application ? xasprintf(" (Application ID: %s)", client_id) : xstrdup("");
    return api_refuse(
        err,
        is_provider ? "InvalidResourceProviderPermissions" : "InvalidServicePrincipalPermissions",
        target, "The %s service principal%s does not have %s on %s '%s'.%s%s%s",
        is_provider ? "resource provider" : "cluster", application, k->lacks, k->noun, id, then,
        a->refusal ? "\nOriginal error message: " : "", a->refusal ? error_text(a->refusal) : "");
}

static int check(struct validation *v, enum who who, enum linked linked, const char *id,
                 const char *target, struct error **err)
{
    const struct linked_kind *k = &kinds[linked];
    struct access_answer a = { 0 };
    if (access_check(v, who, id, k->actions[v->is_v1 ? 0 : 1][who], &a, err) < 0)
        return -1;
    int rcode = 0;
    if (a.access == ACCESS_NO_RESOURCE)
        rcode = api_refuse(err, k->code, target, "The %s '%s' could not be found.", k->noun, id);
    else if (a.access == ACCESS_REFUSED)
        rcode = refuse_access(v, who, k, id, target, &a, err);
    access_answer_release(&a);
    return rcode;
}

/* Several subnets may share one of these. */
static bool is_new(struct strv *seen, const char *id)
{
    if (strv_has_nocase(seen, id))
        return false;
    strv_add(seen, id);
    return true;
}

int check_vnet_access(struct validation *v, enum who who, struct error **err)
{
    cleanup_strv struct strv seen = STRV_INIT;
    for (size_t i = 0; i < v->subnets_len; i++) {
        const char *id = v->subnets[i].vnet_id;
        if (is_new(&seen, id) && check(v, who, LINKED_VNET, id, NULL, err) < 0)
            return -1;
    }
    return 0;
}

int check_subnet_access(struct validation *v, enum who who, struct error **err)
{
    for (size_t i = 0; i < v->subnets_len; i++)
        if (check(v, who, LINKED_SUBNET, v->subnets[i].id, v->subnets[i].path, err) < 0)
            return -1;
    return 0;
}

/* What hangs on the subnets at a path. */
static int check_attached(struct validation *v, enum who who, enum linked linked, const char *path,
                          struct error **err)
{
    cleanup_strv struct strv seen = STRV_INIT;
    for (size_t i = 0; i < v->subnets_len; i++) {
        const json *subnet;
        if (validation_subnet(v, &v->subnets[i], &subnet, err) < 0)
            return -1;
        const char *id = json_path_str(subnet, path);
        if (id && *id && is_new(&seen, id) && check(v, who, linked, id, NULL, err) < 0)
            return -1;
    }
    return 0;
}

int check_route_table_access(struct validation *v, enum who who, struct error **err)
{
    return check_attached(v, who, LINKED_ROUTE_TABLE, "properties.routeTable.id", err);
}

int check_nat_gateway_access(struct validation *v, enum who who, struct error **err)
{
    return check_attached(v, who, LINKED_NAT, "properties.natGateway.id", err);
}

int check_nsg_access(struct validation *v, enum who who, struct error **err)
{
    return check_attached(v, who, LINKED_NSG, "properties.networkSecurityGroup.id", err);
}

/* ---- disk encryption sets ---- */

static int check_des_location(struct validation *v, enum who who, const char *id,
                              const char *target, struct error **err)
{
    struct arm *arm =
        who == WHO_PROVIDER || v->has_identities ? v->cfg->provider.arm : v->cfg->service.arm;
    const struct arm_call call = { .method = "GET",
                                   .path = id,
                                   .api_version = API_VERSION_ENCRYPTION_SETS };
    cleanup_error struct error *e = NULL;
    cleanup_json json *set = NULL;
    if (arm_send(arm, v->ctx, &call, &set, &e) < 0) {
        if (!error_is(e, ERR_NOT_FOUND))
            return error_move(err, &e);
        return api_refuse(err, CODE_DES, target, "The disk encryption set '%s' could not be found.",
                          id);
    }
    const char *theirs = json_path_str(set, "location");
    const char *ours = json_path_str(v->cluster, "location");
    if (str_eq_nocase(theirs, ours))
        return 0;
    return api_refuse(err, CODE_DES, NULL,
                      "The disk encryption set location '%s' must match the cluster location '%s'.",
                      theirs ? theirs : "", ours ? ours : "");
}

static int check_des(struct validation *v, enum who who, const json *profile, struct strv *seen,
                     char *path, struct error **err)
{
    cleanup_free char *target = path;
    const char *id = json_path_str(profile, "diskEncryptionSetId");
    if (!id || !*id || !is_new(seen, id))
        return 0;
    if (check(v, who, LINKED_DES, id, target, err) < 0)
        return -1;
    return check_des_location(v, who, id, target, err);
}

int check_disk_encryption_sets(struct validation *v, enum who who, struct error **err)
{
    cleanup_strv struct strv seen = STRV_INIT;
    const char *member;
    const json *workers = validation_workers(v->cluster, &member);
    if (check_des(v, who, json_path(v->cluster, "properties.masterProfile"), &seen,
                  xstrdup("properties.masterProfile.diskEncryptionSetId"), err) < 0)
        return -1;
    for (size_t i = 0; i < json_len(workers); i++)
        if (check_des(v, who, json_at(workers, i), &seen,
                      xasprintf("properties.%s[%zu].diskEncryptionSetId", member, i), err) < 0)
            return -1;
    return 0;
}
