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

#endif
