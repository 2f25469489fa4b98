/*
 * openapi_bytes.h - an OpenAPI v2 document in protobuf, the only form of it that kubectl takes. Threads:
 * pure.
 * Source: github.com/google/gnostic, openapiv2/OpenAPIv2.proto.
 */
#ifndef HACK_DEVCLOUD_CLUSTER_OPENAPI_BYTES_H
#define HACK_DEVCLOUD_CLUSTER_OPENAPI_BYTES_H

#include "pkg/base/json.h"

#define OPENAPI_V2_PROTOBUF "application/com.github.proto-openapi.spec.v2@v1.0+protobuf"

/* What clients read of it: definitions with their fields, extensions, and the query parameters of paths. */
void openapi_write_bytes(struct buf *b, const json *doc);

#endif
