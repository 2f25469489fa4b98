/*
 * api_versions.h - which version of each resource provider's API the service speaks, wherever it asks one. Two versions of one
 * type appear only where an older one lacks what is asked (said beside it).
 * Source: Azure/ARO-RP, pkg/util/azureclient; Azure REST API specifications.
 */
#ifndef PKG_AZURE_API_VERSIONS_H
#define PKG_AZURE_API_VERSIONS_H

#define API_VERSION_ASSIGNMENTS "2018-09-01-preview" /* Microsoft.Authorization/roleAssignments */
#define API_VERSION_DEFINITIONS "2018-01-01-preview" /* .../roleDefinitions */
#define API_VERSION_DENY_ASSIGNMENTS "2018-07-01-preview"
#define API_VERSION_COMPUTE "2024-03-01"
#define API_VERSION_COMPUTE_SKUS "2021-07-01"
#define API_VERSION_COMPUTE_USAGES "2020-06-01"
#define API_VERSION_DISKS "2019-03-01"
#define API_VERSION_ENCRYPTION_SETS "2021-04-01"
#define API_VERSION_GALLERIES "2022-03-03"
#define API_VERSION_SNAPSHOTS "2020-05-01"
#define API_VERSION_REGISTRY "2020-11-01-preview"
#define API_VERSION_KEY_VAULT "2019-09-01"
#define API_VERSION_IDENTITIES "2018-11-30"
#define API_VERSION_FEDERATED_CREDENTIALS "2023-01-31" /* the one above has none */
#define API_VERSION_NETWORK "2020-08-01"
#define API_VERSION_DNS "2018-05-01"
#define API_VERSION_PRIVATE_DNS "2018-09-01"
#define API_VERSION_STORAGE "2021-09-01"
#define API_VERSION_METRICS "2018-01-01" /* Microsoft.Insights/metrics */

#endif
