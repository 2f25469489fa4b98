/*
 * object.h - the steps of a cluster's life (api.h) for any other type of the field table: cluster_decode.c,
 * cluster_external.c and cluster_internal.c. Such types hold no secrets. Threads: pure.
 */
#ifndef PKG_API_OBJECT_H
#define PKG_API_OBJECT_H

#include "pkg/api/model.h"

/* Merges a body into an external object; InvalidRequestContent. */
int api_object_decode(const struct api_type *t, const struct api_version *v, const char *body,
                      size_t len, json *onto, struct error **err);
/* As the version shows it; owned by the caller. */
json *api_object_to_external(const struct api_type *t, const struct api_version *v,
                             const json *internal);
/* Writes all that the version may write: what ext leaves out goes. Unknown members stay. */
void api_object_to_internal(const struct api_type *t, const struct api_version *v, const json *ext,
                            json *internal);

#endif
