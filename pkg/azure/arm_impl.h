/* arm_impl.h - the parts of the ARM client for each other; inside pkg/azure only. */
#ifndef PKG_AZURE_ARM_IMPL_H
#define PKG_AZURE_ARM_IMPL_H

#include "pkg/azure/azure.h"

struct arm {
    struct arm_config cfg;
    char *endpoint; /* with a slash behind */
    char *scope;    /* of the tokens */
};

struct arm_request { /* one exchange; borrowed */
    const char *method, *url;
    const char *body; /* JSON text; NULL: none */
    const char *if_match;
    bool if_none_match, only_asks; /* as in struct arm_call */
    struct http_sink *sink;        /* as in struct http_request; NULL: none */
};
#define ARM_PAGES_MAX 10000 /* of one list */
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

/* The absolute URL of a path, with its api-version and, unless NULL, more of a query; owned. */
int arm_make_url(const struct arm *a, const char *path, const char *api_version, const char *query,
                 char **ret, struct error **err);
/* The exchange of a call; an answer that is not 2xx is an error. *ret_url is the caller's, NULL: not wanted. */
int arm_exchange_call(struct arm *a, const struct opctx *ctx, const struct arm_call *call,
                      char **ret_url, struct http_response *ret, struct error **err);

/* Answers may show passwords: their text is wiped. */
static inline void arm_response_release_slot(struct http_response *r)
{
    if (r->body.data)
        secret_wipe(r->body.data, r->body.len);
    http_response_release(r);
}
#define cleanup_arm_response CLEANUP_WITH(arm_response_release_slot)

/* lro.c: begins, waits, gives the final object or NULL. */
int arm_send_and_wait(struct arm *a, const struct opctx *ctx, const struct arm_call *call,
                      json **ret, struct error **err);

#endif
