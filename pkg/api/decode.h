/* decode.h - decoding for the rest of pkg/api: bodies that are trees already. Threads: pure. */
#ifndef PKG_API_DECODE_H
#define PKG_API_DECODE_H

#include "pkg/api/api.h"

/* As api_cluster_decode; body NULL says nothing. */
int api_cluster_decode_tree(const struct api_version *v, const json *body, json *onto,
                            struct error **err);
/* InvalidRequestContent for this reason; always -1. */
int api_refuse_content(struct error **err, const struct error *why);

#endif
