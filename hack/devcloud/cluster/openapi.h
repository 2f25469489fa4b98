/*
 * openapi.h - OpenAPI v3 documents, one a group and version: what kubectl needs for validation by the
 * server, `explain` and patches. Threads: pure.
 */
#ifndef HACK_DEVCLOUD_CLUSTER_OPENAPI_H
#define HACK_DEVCLOUD_CLUSTER_OPENAPI_H

#include "hack/devcloud/cluster/cluster_impl.h"

json *openapi_give_index(const struct kinds *k); /* /openapi/v3 */
/* group "" is the core group; NULL: there is no such version. */
json *openapi_give_version(const struct kinds *k, const char *group, const char *version);

/*
 * The version 2 document without a definition, in protobuf, which is the only form that kubectl takes:
 * clients then leave validation to the server. *ret_len bytes, owned by the caller.
 */
#define OPENAPI_V2_PROTOBUF "application/com.github.proto-openapi.spec.v2@v1.0+protobuf"
char *openapi_give_v2(size_t *ret_len);

#endif
