/*
 * Whether the cluster's service principal can still do its work: it can sign in, it does not hold a directory role that
 * would let it change applications, and it has the rights on the cluster's network that the service needs.
 *
 * False is said only where Azure itself refuses; whatever may be our or the network's fault is Unknown.
 */
#include "operator/controllers/serviceprincipalchecker.h"

#include <string.h>

#include "operator/azure.h"
#include "operator/clustersubnets.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

#define MACHINE_NAMESPACE "openshift-machine-api"
#define FORBIDDEN_ROLE "Application.ReadWrite.OwnedBy"

/* What AAD says when the credential itself is bad: wrong secret, expired secret, no such application, no such tenant,
 * disabled application. */
static const char *const bad_credential_codes[] = { "AADSTS7000215", "AADSTS7000222",
                                                    "AADSTS700016", "AADSTS90002",
                                                    "AADSTS7000112" };

bool serviceprincipal_is_invalid(const struct error *e)
{
    for (size_t i = 0; i < ARRAY_LEN(bad_credential_codes); i++) {
        const char *at = strstr(error_text(e), bad_credential_codes[i]);
        char after = at ? at[strlen(bad_credential_codes[i])] : '0';
        if (at && (after < '0' || after > '9'))
            return true;
    }
    return str_eq(error_get_code(e), "InvalidServicePrincipalCredentials") ||
           str_eq(error_get_code(e), "InvalidServicePrincipalPermissions");
}

static int refuse(struct error **err, const char *code, char *message)
{
    error_set(err, ERR_FORBIDDEN, "%s", message);
    error_code(err, code);
    error_target(err, "properties.servicePrincipalProfile");
    free(message);
    return -1;
}

static bool has_forbidden_role(const json *claims)
{
    json *roles = json_path(claims, "roles");
    for (size_t i = 0; i < json_len(roles); i++)
        if (str_eq(json_str(json_at(roles, i)), FORBIDDEN_ROLE))
            return true;
    return false;
}

static int check_token(struct azure_session *azure, const struct opctx *ctx, struct error **err)
{
    cleanup_free char *scope = xasprintf("%s/.default", azure->cloud->graph);
    cleanup_secret struct secret *token = NULL;
    /* From the authority, never from a cache: a revoked credential must show. */
    if (azure_token_get(azure->tokens, ctx, scope, true, &token, err) < 0)
        return -1;
    cleanup_json json *claims = NULL;
    if (azure_token_claims(token, &claims, err) < 0)
        return error_wrap(err, "reading the service principal's token");
    if (has_forbidden_role(claims))
        return refuse(err, "InvalidServicePrincipalCredentials",
                      xasprintf("The provided service principal must not have the %s permission.",
                                FORBIDDEN_ROLE));
    return 0;
}

/* ---- permissions ---- */

struct permission_check {
    struct azure_session *azure;
    const struct opctx *ctx;
    const char *vnet_id;
    struct strv seen; /* resources that are done */
};

static const char *const join_read_write[] = { "join/action", "read", "write" };
static const char *const join_only[] = { "join/action" };

/* Resource Manager's own refusal; one of the sign-in says nothing about permissions. */
static bool is_refused_by_arm(const struct error *e)
{
    return (error_is(e, ERR_FORBIDDEN) || error_is(e, ERR_UNAUTHORIZED)) &&
           !str_starts(error_get_code(e) ? error_get_code(e) : "", "AADSTS");
}

/* Whether the service principal may do type/<verb> for every verb on the resource. */
static int check_resource(struct permission_check *p, const char *kind, const char *id,
                          const char *const *types, size_t types_len, const char *const *verbs,
                          size_t verbs_len, struct error **err)
{
    if (strv_has_nocase(&p->seen, id))
        return 0;
    strv_add(&p->seen, id);
    cleanup_json json *granted = NULL;
    struct error *e = NULL;
    if (arm_permissions_list(p->azure->arm, p->ctx, id, &granted, &e) < 0) {
        if (!is_refused_by_arm(e))
            return error_move(err, &e);
        error_free(e); /* not even allowed to ask */
    }
    for (size_t t = 0; t < types_len; t++) {
        for (size_t v = 0; v < verbs_len; v++) {
            cleanup_free char *action = xasprintf("Microsoft.Network/%s/%s", types[t], verbs[v]);
            if (!granted || !arm_permissions_allow(granted, action))
                return refuse(err, "InvalidServicePrincipalPermissions",
                              xasprintf("The cluster service principal does not have required "
                                        "permissions on %s '%s'.",
                                        kind, id));
        }
    }
    return 0;
}

/* One kind of resource that hangs on a subnet. */
static const struct linked {
    const char *path, *kind, *type;
    bool join_only;
} links[] = {
    { "properties.routeTable.id", "route table", "routeTables", false },
    { "properties.natGateway.id", "nat gateway", "natGateways", false },
    { "properties.networkSecurityGroup.id", "network security group", "networkSecurityGroups",
      true },
};

static int check_linked(struct permission_check *p, const json *subnet, bool preconfigured_nsg,
                        struct error **err)
{
    for (size_t i = 0; i < ARRAY_LEN(links); i++) {
        const char *id = json_path_str(subnet, links[i].path);
        if (!id || (links[i].join_only && !preconfigured_nsg))
            continue;
        if (check_resource(p, links[i].kind, id, &links[i].type, 1,
                           links[i].join_only ? join_only : join_read_write,
                           links[i].join_only ? ARRAY_LEN(join_only) : ARRAY_LEN(join_read_write),
                           err) < 0)
            return -1;
    }
    return 0;
}

static int check_permissions(struct reconcile *rc, struct azure_session *azure, struct error **err)
{
    static const char *const vnet_types[] = { "virtualNetworks", "virtualNetworks/subnets" };
    const char *vnet_id;
    if (reconcile_need(rc, "spec.vnetId", &vnet_id, err) < 0)
        return -1;
    struct permission_check p = { .azure = azure, .ctx = rc->ctx, .vnet_id = vnet_id };
    int rcode = check_resource(&p, "vnet", vnet_id, vnet_types, ARRAY_LEN(vnet_types),
                               join_read_write, ARRAY_LEN(join_read_write), err);
    cleanup_cluster_subnets struct cluster_subnets subnets = { 0 };
    if (rcode == 0)
        rcode = cluster_subnets_list(rc->sv, rc->ctx, rc->cluster, &subnets, err);
    /* The customer's own security groups stay attached where the service does not manage them. */
    bool preconfigured = flag_is_set(rc->cluster, FLAG_AZURESUBNETS_NSG_MANAGED) &&
                         !flag_is_on(rc->cluster, FLAG_AZURESUBNETS_NSG_MANAGED);
    for (size_t i = 0; rcode == 0 && i < subnets.len; i++) {
        cleanup_json json *subnet = NULL;
        rcode = arm_subnet_get(azure->arm, rc->ctx, subnets.v[i].id, &subnet, err);
        if (rcode == 0)
            rcode = check_linked(&p, subnet, preconfigured, err);
    }
    strv_release(&p.seen);
    return rcode;
}

static int check(struct reconcile *rc, struct error **err)
{
    cleanup_azure_session struct azure_session *azure = NULL;
    if (azure_session_open(rc->sv, rc->ctx, rc->cluster, &azure, err) < 0)
        return -1;
    if (check_token(azure, rc->ctx, err) < 0)
        return -1;
    /* A managed identity's rights are role assignments that the service itself makes. */
    return azure->credential->type == AZURE_FEDERATED_TOKEN ? 0 : check_permissions(rc, azure, err);
}

static int tell(struct reconcile *rc, const struct error *problem, struct error **err)
{
    if (!problem)
        return reconcile_check(rc, COND_SERVICE_PRINCIPAL_VALID, STATUS_TRUE,
                               "Validation Successful", "Service Principal is valid", err);
    if (serviceprincipal_is_invalid(problem))
        return reconcile_check(rc, COND_SERVICE_PRINCIPAL_VALID, STATUS_FALSE,
                               "Service Principal invalid", error_text(problem), err);
    cleanup_free char *message = xasprintf("Unable to validate: %s", error_text(problem));
    return reconcile_check(rc, COND_SERVICE_PRINCIPAL_VALID, STATUS_UNKNOWN,
                           "Validation Unavailable", message, err);
}

static int serviceprincipal_reconcile(struct reconcile *rc, struct result *ret, struct error **err)
{
    (void)ret;
    struct error *problem = NULL;
    check(rc, &problem);
    if (error_is(problem, ERR_CANCELLED))
        return error_move(err, &problem);
    if (tell(rc, problem, err) < 0) {
        error_free(problem);
        return -1;
    }
    return problem ? error_move(err, &problem) : 0;
}

static int serviceprincipal_disabled(struct reconcile *rc, struct error **err)
{
    return reconcile_check(rc, COND_SERVICE_PRINCIPAL_VALID, STATUS_UNKNOWN, NULL, NULL, err);
}

static const struct watch watches[] = {
    WATCH_CLUSTER,
    { .gvr = &GVR_SECRETS, .nspace = AZURE_SECRET_NAMESPACE, .name = AZURE_SECRET },
};
static const struct right rights[] = {
    { .gvr = &GVR_SECRETS,
      .verbs = "get",
      .nspace = AZURE_SECRET_NAMESPACE,
      .names = AZURE_SECRET },
    { .gvr = &GVR_MACHINES, .verbs = "list", .nspace = MACHINE_NAMESPACE },
    { .gvr = &GVR_MACHINESETS, .verbs = "list", .nspace = MACHINE_NAMESPACE },
};

const struct controller_desc serviceprincipalchecker_controller = {
    .name = "ServicePrincipalChecker",
    .doc = "Checks the credentials and the permissions of the cluster's service principal.",
    .roles = ROLE_MASTER,
    .flag = FLAG_CHECKER_ENABLED,
    DESC_WATCHES(watches),
    DESC_RIGHTS(rights),
    .is_check = true,
    .checks = { COND_SERVICE_PRINCIPAL_VALID },
    .periodic = true,
    .reconcile = serviceprincipal_reconcile,
    .disabled = serviceprincipal_disabled,
};
