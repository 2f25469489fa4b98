/*
 * openapi.h - OpenAPI documents, version 3 one a group and version, version 2 all in one: what kubectl
 * needs for validation, `explain`, dry runs and patches. Threads: pure.
 */
#ifndef HACK_DEVCLOUD_CLUSTER_OPENAPI_H
#define HACK_DEVCLOUD_CLUSTER_OPENAPI_H

#include "hack/devcloud/cluster/cluster_impl.h"

json *openapi_give_index(const struct kinds *k); /* /openapi/v3 */
/* group "" is the core group; NULL: there is no such version. */
json *openapi_give_version(const struct kinds *k, const char *group, const char *version);

json *openapi_give_v2(const struct kinds *k); /* /openapi/v2 */

#endif
