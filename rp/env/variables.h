/* variables.h - every variable of the resource provider that is not an interval: one table. */
#ifndef RP_ENV_VARIABLES_H
#define RP_ENV_VARIABLES_H

#include <stdbool.h>

enum rp_variable_type {
    VAR_TEXT,
    VAR_UUID,
    VAR_NAME, /* letters, digits, '-', '_', '.' */
    VAR_SECRET
};

/* Where a variable must be set, or must not. */
#define NEED_DEV 1U
#define NEED_PROD 2U
#define NOT_PROD 4U
/* In production the older names do not count: they mean something else there. */
#define OLDER_NOT_PROD 8U

/* X(id, type, need, variable, older names, default, default in development, doc); the first name
 * that is set counts. */
#define RP_VARIABLES(X) \
    X(RP_MODE, TEXT, 0, "RP_MODE", "", "", "", \
      "`production` (also when unset), `development` or `test`, in any letter case.") \
    X(RP_FEATURES, TEXT, 0, "RP_FEATURES", "", "", "", \
      "Features to turn on, comma-separated; with a minus sign before its name one is turned " \
      "off.") \
    X(LOCATION, NAME, NEED_PROD, "LOCATION", "", "", "eastus", \
      "The Azure region of this resource provider and its clusters.") \
    X(TENANT_ID, UUID, NEED_DEV | NEED_PROD, "AZURE_TENANT_ID", "", "", "", \
      "The tenant of the service.") \
    X(SUBSCRIPTION_ID, UUID, NEED_DEV | NEED_PROD, "AZURE_SUBSCRIPTION_ID", "", "", "", \
      "The subscription of the service; in development also the one that is registered at the " \
      "start.") \
    X(RESOURCE_GROUP, NAME, 0, "RP_RESOURCEGROUP", "RESOURCEGROUP", "", "", \
      "The resource group of the service's own resources.") \
    X(AZURE_ENVIRONMENT, NAME, 0, "AZURE_ENVIRONMENT", "", "AzurePublicCloud", "", \
      "The Azure cloud: AzurePublicCloud or AzureUSGovernmentCloud.") \
    X(ENVIRONMENT, NAME, 0, "ENVIRONMENT", "", "", "Development", \
      "A name of this deployment for metrics and the audit log.") \
    X(HOSTNAME, NAME, 0, "HOSTNAME_OVERRIDE", "", "", "", \
      "This host's name in metrics and logs, instead of the system's.") \
    X(DOMAIN, NAME, NEED_DEV | NEED_PROD, "DOMAIN_NAME", "DOMAIN", "", "", \
      "The DNS zone below which managed clusters get their names.") \
    X(DOMAIN_RESOURCE_GROUP, NAME, 0, "DOMAIN_RESOURCEGROUP", "", "", "", \
      "The resource group of that zone.") \
    X(PARENT_DOMAIN, NAME, 0, "RP_PARENT_DOMAIN_NAME", "", "", "", "The zone above it.") \
    X(FP_CLIENT_ID, UUID, NEED_DEV | NEED_PROD | OLDER_NOT_PROD, "AZURE_FP_CLIENT_ID", \
      "AZURE_CLIENT_ID", "", "", \
      "The first-party application that acts in customers' tenants. In production the older name " \
      "does not count.") \
    X(CLIENT_ID, UUID, 0, "AZURE_CLIENT_ID", "", "", "", \
      "A service principal: in development, of clusters whose request names none.") \
    X(CLIENT_SECRET, SECRET, NOT_PROD, "AZURE_CLIENT_SECRET", "", "", "", "Its secret.") \
    X(RP_CLIENT_ID, UUID, 0, "AZURE_RP_CLIENT_ID", "", "", "", \
      "The identity of the resource provider towards its key vaults and its Cosmos DB account: " \
      "in " \
      "production which one of the virtual machine's, when it has several; in development a " \
      "service principal.") \
    X(RP_CLIENT_SECRET, SECRET, NOT_PROD, "AZURE_RP_CLIENT_SECRET", "", "", "", "Its secret.") \
    X(WORKLOAD_IDENTITY, NAME, 0, "ARO_RP_WORKLOAD_IDENTITY", "", "false", "", \
      "`true`: that identity is proved by AZURE_FEDERATED_TOKEN_FILE.") \
    X(FEDERATED_TOKEN_FILE, TEXT, 0, "AZURE_FEDERATED_TOKEN_FILE", "", "", "", \
      "A token that somebody renews, of an issuer that the identity trusts.") \
    X(PULL_SECRET, SECRET, NEED_DEV | NOT_PROD, "PULL_SECRET", "", "", "", \
      "In development, the pull secret of clusters whose request brings none: JSON.") \
    X(DATABASE, TEXT, 0, "ARO_RP_DATABASE", "", "", "", \
      "The document store: `sqlite:FILE`, `sqlite::memory:` or `postgresql://...`. In " \
      "development the " \
      "default is `sqlite:aro.db`, unless COSMOSDB_KEY is set.") \
    X(COSMOS_ACCOUNT, NAME, 0, "DATABASE_ACCOUNT_NAME", "COSMOSDB_ACCOUNT", "", "", \
      "The Cosmos DB account, when ARO_RP_DATABASE is not set.") \
    X(COSMOS_KEY, SECRET, 0, "COSMOSDB_KEY", "", "", "", \
      "Its key; without one the identity of the resource provider is used.") \
    X(DATABASE_NAME, NAME, 0, "DATABASE_NAME", "", "ARO", "", "The database in that account.") \
    X(SECRETS_DIR, TEXT, 0, "ARO_RP_SECRETS_DIR", "", "", "", \
      "A folder with one file for each secret of the key vaults, under its name, instead of the " \
      "vaults. In development, where KEYVAULT_PREFIX is not set, the default is `secrets`, and " \
      "what " \
      "is missing there is made.") \
    X(AZURE_CHECKS, NAME, 0, "ARO_RP_AZURE_CHECKS", "", "true", "false", \
      "`true`: sizes, quota and providers are asked of Azure before a cluster is created, and in " \
      "development whether the service principal has its roles at the start.") \
    X(CHECK_ACCESS, NAME, 0, "ARO_RP_CHECK_ACCESS", "", "false", "", \
      "`true`: permissions of clusters are asked of Azure's decision point, which knows deny " \
      "assignments and any principal, instead of being listed. It is asked a third as often, " \
      "for three times as long. In the public cloud only.") \
    X(DIAGNOSTICS_URL, TEXT, 0, "ARO_RP_DIAGNOSTICS_URL", "", "", "", \
      "The endpoint of the diagnostics service, which knows the detectors of clusters.") \
    X(DIAGNOSTICS_SCOPE, TEXT, 0, "ARO_RP_DIAGNOSTICS_SCOPE", "", "", "", \
      "What the first-party application asks tokens for to use it: `.../.default`.") \
    X(DIAGNOSTICS_TENANT_ID, UUID, 0, "ARO_RP_DIAGNOSTICS_TENANT_ID", "", "", "", \
      "The tenant in which it does so.") \
    X(KEYVAULT_PREFIX, NAME, 0, "KEYVAULT_PREFIX", "", "", "", \
      "What the names of the key vaults begin with: `PREFIX-svc`, `PREFIX-cls` for clusters' " \
      "certificates, and `PREFIX-por` for the portal's.") \
    X(ARM_METADATA_URL, TEXT, 0, "ARO_RP_ARM_METADATA_URL", "", "", "", \
      "Where ARM publishes its client certificates; otherwise the cloud's own endpoint.") \
    X(ADMIN_COMMON_NAME, TEXT, NEED_PROD, "ADMIN_API_CLIENT_CERT_COMMON_NAME", "", "", "", \
      "Who may call the admin API: the common name of a client certificate.") \
    X(ADMIN_CA_BUNDLE, TEXT, 0, "ARO_RP_ADMIN_CA_BUNDLE", "", "/etc/aro-rp/admin-ca-bundle.pem", \
      "", "The authorities of such certificates.") \
    X(ARM_COMMON_NAME, TEXT, 0, "ARM_API_CLIENT_CERT_COMMON_NAME", "", "", "", \
      "With EnableDevelopmentAuthorizer, who ARM is.") \
    X(ARM_CA_BUNDLE, TEXT, 0, "ARO_RP_ARM_CA_BUNDLE", "", "/etc/aro-rp/arm-ca-bundle.pem", "", \
      "The authorities of ARM's certificates then.") \
    X(MISE_ADDRESS, TEXT, 0, "MISE_ADDRESS", "", "", "", \
      "The token service, an http or https URL without a path.") \
    X(MDM_ACCOUNT, NAME, NEED_PROD, "MDM_ACCOUNT", "", "", "", "The account of the metrics.") \
    X(MDM_NAMESPACE, NAME, NEED_PROD, "MDM_NAMESPACE", "", "", "", "Their namespace.") \
    X(STATSD, TEXT, 0, "MDM_STATSD_SOCKET", "", "unix:/var/etw/mdm_statsd.socket", \
      "unix:mdm_statsd.socket", "Where metrics go: `unix:PATH` or `udp:HOST:PORT`.") \
    X(CLUSTER_MDSD_ACCOUNT, NAME, NEED_PROD, "CLUSTER_MDSD_ACCOUNT", "", "", "", \
      "The account of the clusters' logs: AROClusterLogs, AROClusterLogsPROD or " \
      "AROClusterLogsINT.") \
    X(CLUSTER_MDSD_CONFIG_VERSION, NAME, NEED_PROD, "CLUSTER_MDSD_CONFIG_VERSION", "", "", "", \
      "The version of their configuration.") \
    X(CLUSTER_MDSD_NAMESPACE, NAME, NEED_PROD, "CLUSTER_MDSD_NAMESPACE", "", "", "", \
      "Their namespace, of the same names.") \
    X(MDSD_ENVIRONMENT, NAME, NEED_PROD, "MDSD_ENVIRONMENT", "", "", "", \
      "The environment of the logs: DiagnosticsProd, Test or CaFairfax.") \
    X(ACR_RESOURCE_ID, TEXT, NEED_PROD, "ACR_RESOURCE_ID", "", "", "", \
      "The registry of the images, a resource ID.") \
    X(OPERATOR_IMAGE, TEXT, 0, "ARO_IMAGE", "", "", "", \
      "The operator's image, instead of the registry's of this version.") \
    X(INSTALLER, TEXT, 0, "ARO_RP_INSTALLER", "", "", "builtin", \
      "What makes the install graphs of clusters: the path of the program `openshift-install`, " \
      "or " \
      "`builtin`, which is for development only. `none`: no cluster can be created.") \
    X(ARCHITECTURE_VERSION, NAME, NOT_PROD, "ARO_RP_ARCHITECTURE_VERSION", "", "", "1", \
      "The layout of new clusters: `1` is today's, `0` that of the first clusters.") \
    X(GATEWAY_DOMAINS, TEXT, NEED_PROD, "GATEWAY_DOMAINS", "", "", "", \
      "What clusters reach through the gateway.") \
    X(GATEWAY_RESOURCE_GROUP, NAME, NEED_PROD, "GATEWAY_RESOURCEGROUP", "", "", "", \
      "The gateway's resource group.") \
    X(ADOPT_BY_HIVE, NAME, 0, "ARO_ADOPT_BY_HIVE", "", "false", "", \
      "`true`: clusters are registered with SyncSets once they are installed, and again by each " \
      "update.") \
    X(SYNCSETS_URL, TEXT, 0, "SYNCSETS_API_URL", "", "", "", \
      "The server of SyncSets: `https://host:port`. Unset: there is none.") \
    X(SYNCSETS_CA, TEXT, 0, "SYNCSETS_CA_BUNDLE", "", "", "", \
      "A file with the authorities of its certificate (PEM), instead of the system's.") \
    X(SYNCSETS_CLIENT_CERT, TEXT, 0, "SYNCSETS_CLIENT_CERT", "", "", "", \
      "A file with the certificate that the service shows to it (PEM).") \
    X(SYNCSETS_CLIENT_KEY, TEXT, 0, "SYNCSETS_CLIENT_KEY", "", "", "", \
      "A file with the key of that certificate (PEM).") \
    X(MOCK_MSI_TENANT_ID, UUID, 0, "MOCK_MSI_TENANT_ID", "", "", "", \
      "With UseMockMsiRp, the tenant of cluster identities.")

enum rp_variable {
#define X(id, type, need, name, aliases, dflt, dev, doc) ENV_##id,
    RP_VARIABLES(X)
#undef X
        ENV_VARIABLES
};

struct rp_variable_info {
    const char *name, *aliases; /* separated by commas, "" = none */
    const char *dflt, *dflt_development;
    const char *doc;
    enum rp_variable_type type;
    unsigned need;
};
extern const struct rp_variable_info rp_variables[ENV_VARIABLES];

#endif
