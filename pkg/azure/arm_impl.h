/* arm_impl.h - the parts of the ARM client for each other; inside pkg/azure only. */
#ifndef PKG_AZURE_ARM_IMPL_H
#define PKG_AZURE_ARM_IMPL_H

#include "pkg/azure/azure.h"

struct arm {
    struct arm_config cfg;
    char *scope; /* of the tokens */
};

struct arm_request { /* one exchange; borrowed */
    const char *method, *url;
    const char *body; /* JSON text; NULL: none */
    const char *if_match;
};
/* With token, headers, retries, one repeat on 401. Any status is success; ret is the caller's. */
int arm_exchange(struct arm *a, const struct opctx *ctx, const struct arm_request *req,
                 struct http_response *ret, struct error **err);
/* The error of an answer that is not 2xx. Returns -1. */
int arm_fail(const struct http_response *r, const char *path, int64_t wall_ns, struct error **err);
/* The error of an error document, as it also stands in operations. status 0: none. Returns -1. */
int arm_fail_with(const json *document, int status, const char *what, struct error **err);
/* *ret is NULL for an empty body. */
int arm_read_body(const struct http_response *r, json **ret, struct error **err);
bool arm_is_success(int status);
/* Whether a URL from a reply may get our token: same scheme and host as the endpoint. */
int arm_check_url(const struct arm *a, const char *url, struct error **err);

/* lro.c: follows the operation that first began, to its end; *ret is the final object or NULL. */
int arm_wait(struct arm *a, const struct opctx *ctx, const char *method, const char *url,
             const struct http_response *first, json **ret, struct error **err);

#endif
