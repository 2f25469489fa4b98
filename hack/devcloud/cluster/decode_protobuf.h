/*
 * decode_protobuf.h - bodies in protobuf, which clients of the built-in kinds like to send, as JSON
 * trees. Threads: pure.
 * Source: k8s.io/apimachinery, runtime/serializer/protobuf; the .proto files of k8s.io/api.
 */
#ifndef HACK_DEVCLOUD_CLUSTER_DECODE_PROTOBUF_H
#define HACK_DEVCLOUD_CLUSTER_DECODE_PROTOBUF_H

#include "hack/devcloud/cluster/catalog.h"

#define PROTOBUF_TYPE "application/vnd.kubernetes.protobuf"

/* An object with its apiVersion and kind. ERR_INVALID for broken bytes, ERR_UNSUPPORTED for a kind that
 * cannot be read (custom ones and definitions). */
int decode_protobuf(const struct catalog *catalog, const char *body, size_t len, json **ret,
                    struct error **err);

#endif
