/*
 * http.h - requests, responses and the transport seam.
 *
 * Everything that speaks HTTP as a client calls http_send on a `struct http_transport`: the real
 * one is a peer of the curl client (http_client.h), tests put a scripted one there and compare
 * exact requests.
 */
#ifndef PKG_NET_HTTP_H
#define PKG_NET_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pkg/base/buf.h"
#include "pkg/base/error.h"
#include "pkg/base/opctx.h"
#include "pkg/base/secret.h"

struct http_header {
    char *name, *value;
};
struct http_headers { /* in order; names compare without case; repeated names allowed */
    struct http_header *v;
    size_t len, cap;
};
void http_headers_add(struct http_headers *h, const char *name, const char *value); /* copies */
void http_headers_set(struct http_headers *h, const char *name,
                      const char *value); /* replaces all of that name */
void http_headers_set_bearer(struct http_headers *h,
                             const struct secret *token); /* Authorization */
const char *http_headers_get(const struct http_headers *h,
                             const char *name); /* first; borrowed; NULL when absent */
void http_headers_del(struct http_headers *h, const char *name);
void http_headers_release(struct http_headers *h); /* wipes values */

/* Traffic classes never share a connection, so that a large list cannot delay a lease renewal. */
enum http_class {
    HTTP_CLASS_REQUEST,
    HTTP_CLASS_WATCH,
    HTTP_CLASS_LEASE,
    HTTP_CLASS_LOG,
    HTTP_CLASSES
};

struct http_response {
    int status;
    int version;    /* 10, 11, 20 */
    int64_t dns_ns; /* spent on resolving a name; 0: none had to be resolved */
    struct http_headers headers;
    struct buf body; /* NUL-terminated; empty when a sink consumed it */
};
void http_response_release(struct http_response *r);
static inline void http_response_release_slot(struct http_response *r)
{
    http_response_release(r);
}
#define cleanup_response CLEANUP_WITH(http_response_release_slot)

/*
 * Takes the body as it arrives, instead of the response's buffer. The calls come from the I/O
 * thread, must not block and must not call the client. -1 ends the transfer with that error.
 * on_head sees status and headers before the first byte and answers whether the sink wants this
 * body (false: the body goes to the response's buffer, e.g. an error).
 */
struct http_sink {
    bool (*on_head)(struct http_sink *sink, const struct http_response *head);
    int (*on_data)(struct http_sink *sink, const char *data, size_t len, struct error **err);
};

#define HTTP_BODY_MAX_DEFAULT ((size_t)8 << 20)

struct http_request {
    const char *method;
    const char *url; /* absolute */
    struct http_headers headers;
    const void *body; /* borrowed during the call; NULL: none */
    size_t body_len;
    enum http_class traffic;
    size_t max_body;    /* of the response; 0 = HTTP_BODY_MAX_DEFAULT; beyond: ERR_TOO_LARGE */
    int64_t timeout_ms; /* of this attempt, beside the context's deadline; 0 = none */
    int64_t connect_timeout_ms; /* 0 = 30 s */
    int64_t silence_ms;         /* this long without a byte on a connection that takes no probe
                                 * ends it with HTTP_ERR_LOST; 0 = never (see http_client.h) */
    int max_redirects;          /* 0 = redirects are returned, not followed; so is the one beyond.
                                 * Credentials are not sent on to another origin */
    bool gzip;                  /* offer and decode gzip */
    bool fresh_connection;      /* new connection, closed afterwards */
    bool ignore_proxy;          /* dial directly whatever the environment says */
    struct http_sink *sink;     /* borrowed; NULL: body into the response */
};
void http_request_release(struct http_request *r); /* headers only */
static inline void http_request_release_slot(struct http_request *r)
{
    http_request_release(r);
}
#define cleanup_request CLEANUP_WITH(http_request_release_slot)

struct http_transport {
    /* Any HTTP status is success (0). -1: transport failure. ret is initialised by the callee in
     * both cases and may hold status and headers even on failure; the caller releases it. Blocks;
     * cancelling the context ends it. */
    int (*send)(struct http_transport *t, const struct opctx *ctx, const struct http_request *req,
                struct http_response *ret, struct error **err);
};
static inline int http_send(struct http_transport *t, const struct opctx *ctx,
                            const struct http_request *req, struct http_response *ret,
                            struct error **err)
{
    return t->send(t, ctx, req, ret, err);
}

/* The words that go with a status on the wire, "Not Found"; "Status" for those that nobody has named. */
const char *http_reason(int status);

/* Codes (error_get_code) of transport failures: kind ERR_CONN unless noted. */
#define HTTP_ERR_REFUSED "ConnectionRefused"
#define HTTP_ERR_RESET "ConnectionReset"
#define HTTP_ERR_EOF "UnexpectedEOF"
#define HTTP_ERR_LOST "ConnectionLost" /* dead peer: cut by the idle probe */
#define HTTP_ERR_DNS "NameResolution"
#define HTTP_ERR_TLS "TLS"
#define HTTP_ERR_PROXY "Proxy"
#define HTTP_ERR_BARRED "AddressNotAllowed" /* ERR_FORBIDDEN: the peer's dial_rules */
/* ERR_TIMEOUT for connect and attempt timeouts and the context's deadline; ERR_CANCELLED for its
 * stop. */

/* "Retry-After" as seconds or HTTP date, also retry-after-ms and x-ms-retry-after-ms; -1 when
 * absent or bad. */
int64_t http_retry_after_ms(const struct http_headers *h, int64_t wall_now_ns);

#endif
