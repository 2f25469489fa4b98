/* client_impl.h - what the files of pkg/syncsets share. */
#ifndef PKG_SYNCSETS_CLIENT_IMPL_H
#define PKG_SYNCSETS_CLIENT_IMPL_H

#include "pkg/syncsets/client.h"

struct syncsets {
    char *origin; /* "https://host:port" */
    struct http_transport *transport;
    struct secret *token;
};

/* The request without its body. *ret_url is the caller's, and req->url. */
int syncsets_begin(const struct syncsets *c, const struct syncsets_call *call,
                   struct http_request *req, char **ret_url, struct error **err);
/* The error of a reply that is no success. -1. */
int syncsets_refused(int status, const struct buf *body, struct error **err);
/* The error of a Status object. -1. */
int syncsets_status_error(const json *status, int http_status, struct error **err);

/* ---- operations, as the generated table has them ---- */

#define OPERATION_PARAMS_MAX 10
struct syncsets_operation {
    const char *id, *method, *plural, *action; /* action NULL: none */
    const char *params[OPERATION_PARAMS_MAX];
};
/* All borrowed; those that the operation's path and body have none of are NULL, so is nspace for lists of all namespaces. */
struct syncsets_subject {
    const char *nspace, *name;
    const json *body;
};
int syncsets_run(struct syncsets *c, const struct opctx *ctx, const struct syncsets_operation *op,
                 const struct syncsets_subject *subject, const struct syncsets_options *opt,
                 json **ret, struct error **err);
int syncsets_follow(struct syncsets *c, const struct opctx *ctx,
                    const struct syncsets_operation *op, const struct syncsets_subject *subject,
                    const struct syncsets_options *opt, struct syncsets_watch **ret,
                    struct error **err);

/* Nothing more comes, whatever still waits to be taken. Any thread. */
bool syncsets_watch_has_ended(struct syncsets_watch *w);

/* run.c: the call that an operation is. *numbers has what it borrows. */
struct syncsets_numbers {
    char limit[24], timeout[24];
};
int syncsets_prepare(const struct syncsets_operation *op, const struct syncsets_subject *subject,
                     const struct syncsets_options *opt, bool watches,
                     struct syncsets_numbers *numbers, struct syncsets_call *ret,
                     struct error **err);

#endif
