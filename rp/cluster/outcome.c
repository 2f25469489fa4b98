#include "rp/cluster/outcome.h"

#include <string.h>
#include <strings.h>

#include "pkg/azure/errors.h"
#include "pkg/base/cleanup.h"
#include "pkg/base/strv.h"

#define GROUPS "/resourcegroups/"
#define NO_IDENTITY "Authorization_IdentityNotFound" /* Graph: the caller is not known, yet */

bool outcome_may_heal(const struct error *e)
{
    return azure_error_is_authorization(e) || azure_error_is_new_credential(e) ||
           str_eq(error_get_code(e), NO_IDENTITY);
}

/* The resource group of what failed: of the URL, which stands first, else of the first resource that is named. */
static bool is_in_group(const char *text, const char *group)
{
    const char *at = strcasestr(text, GROUPS);
    if (!at)
        return false;
    at += strlen(GROUPS);
    size_t len = strcspn(at, "/?'\" \n");
    return len == strlen(group) && strncasecmp(at, group, len) == 0;
}

static bool is_of_credentials(const char *code)
{
    static const char *const codes[] = { "AADSTS700016", "AADSTS7000215", "AADSTS7000222",
                                         NO_IDENTITY };
    for (size_t i = 0; i < ARRAY_LEN(codes); i++)
        if (str_eq(code, codes[i]))
            return true;
    return false;
}

/* Codes that tell customers what they can do. Source: Azure/ARO-RP, pkg/api/error.go; the last four are Azure's own, of deletions. */
static const char *const for_customers[] = {
    "ClusterResourceGroupAlreadyExists",
    "DeploymentFailed",
    "DuplicateDomain",
    "InstallerNotAvailable",
    "InvalidClusterMSICount",
    "InvalidClusterMSIPermissions",
    "InvalidLinkedDiskEncryptionSet",
    "InvalidLinkedNatGateway",
    "InvalidLinkedRouteTable",
    "InvalidLinkedSubnet",
    "InvalidLinkedVNet",
    "InvalidParameter",
    "InvalidResourceProviderPermissions",
    "InvalidServicePrincipalClaims",
    "InvalidServicePrincipalCredentials",
    "InvalidServicePrincipalPermissions",
    "InvalidServicePrincipalToken",
    "InvalidWorkloadIdentityPermissions",
    "PlatformWorkloadIdentityContainsInvalidFederatedCredential",
    "PlatformWorkloadIdentityMismatch",
    "QuotaExceeded",
    "ResourceProviderNotRegistered",
    "ResourceQuotaExceeded",
    "AuthorizationFailed",
    "CannotDeleteLoadBalancerWithPrivateLinkService",
    "InUseSubnetCannotBeDeleted",
    "ScopeLocked",
};

static bool is_for_customer(const char *code)
{
    for (size_t i = 0; code && i < ARRAY_LEN(for_customers); i++)
        if (str_eq(code, for_customers[i]))
            return true;
    return false;
}

static bool is_in_service(const struct outcome_place *place, const char *text)
{
    for (const char *const *group = place->service; group && *group; group++)
        if (is_in_group(text, *group))
            return true;
    return false;
}

/* Without a code: the backend tells no more than that. */
static void make_internal(struct error **e)
{
    (void)error_set(e, ERR_INTERNAL, "%s", error_text(*e));
}

void outcome_judge(const struct outcome_place *place, struct error **e)
{
    bool right = azure_error_is_authorization(*e);
    bool blames = place->retries && (right || is_of_credentials(error_get_code(*e)));
    bool is_ours = is_in_service(place, error_text(*e)) ||
                   (blames && right && is_in_group(error_text(*e), place->managed));
    if (error_get_code(*e) && !is_ours && blames) {
        (void)error_set(e, ERR_INVALID,
                        "The provided service principal application (client) ID or its secret is "
                        "invalid, has expired, or lacks a right: %s",
                        error_text(*e));
        error_code(e, "InvalidServicePrincipalCredentials");
        error_target(e, "properties.servicePrincipalProfile");
        return;
    }
    if (error_get_code(*e) && (is_ours || !is_for_customer(error_get_code(*e))))
        make_internal(e);
}
