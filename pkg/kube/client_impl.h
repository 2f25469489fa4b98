/* client_impl.h - inside a client: what its verbs share. Private to pkg/kube. */
#ifndef PKG_KUBE_CLIENT_IMPL_H
#define PKG_KUBE_CLIENT_IMPL_H

#include <stdatomic.h>

#include "pkg/kube/client.h"
#include "pkg/kube/conn.h"
#include "pkg/kube/cred.h"
#include "pkg/kube/outage.h"
#include "pkg/kube/request_metrics.h"
#include "pkg/kube/warning.h"
#include "pkg/net/ratelimit.h"

#define KUBE_RETRIES_MAX 10
#define KUBE_LIST_BODY_MAX ((size_t)64 << 20)
#define KUBE_LIST_WHOLE_MAX ((size_t)512 << 20) /* a list that must not be cut into pages */
#define KUBE_LIST_PAGES_MAX 20000               /* ten million objects at the usual size */

/* Whether a list goes on behind its page number pages (from 1), which came for the token before (NULL:
 * the first) and names the token next: -1 when that goes in circles. */
int list_check_next(size_t pages, const char *before, const char *next, struct error **err);

struct kube_client {
    const struct kube_config *cfg;
    struct kube_client_options opt; /* its strings are not kept */
    char *base;                     /* server without a slash at its end */
    char *user_agent;
    struct kube_cred *cred;
    struct kube_conn *conn;
    struct bucket *bucket;
    struct request_metrics metrics;
    struct warnings warnings;
    struct outage outage;
    atomic_llong slow_logged_ns;     /* when a long wait for the bucket was last told */
    atomic_bool evicts_with_v1beta1; /* the server knows only policy/v1beta1 (1.21 and older) */
};

/* Consumes conn and cred, even on failure. */
int kube_client_make(const struct kube_config *cfg, const struct kube_client_options *opt,
                     struct kube_cred *cred, struct kube_conn *conn, struct kube_client **ret,
                     struct error **err);

/* ---- request.c ---- */
enum call_flag {
    CALL_NO_TIMEOUT = 1,   /* no per-attempt timeout: watches, followed logs */
    CALL_NO_429_RETRY = 2, /* a 429 is an answer, not a reason to wait */
    CALL_REPEATABLE = 4    /* a POST that comes to the same when it is done twice */
};
int request_send(struct kube_client *k, const struct opctx *ctx, const struct kube_raw *raw,
                 unsigned flags, struct http_response *ret, struct error **err);
/* The headers of one attempt, credentials included. */
int request_add_headers(struct kube_client *k, const struct opctx *ctx, const struct kube_raw *raw,
                        struct http_headers *headers, struct kube_cred_stamp *ret,
                        struct error **err);
int64_t request_timeout_ms(const struct kube_client *k, const struct kube_raw *raw, unsigned flags);
/* server + path + query with the client's timeout; owned by the caller. */
char *request_give_url(const struct kube_client *k, const struct kube_raw *raw, int64_t timeout_ms);

/* ---- verbs ---- */
/* Sends to the reference with an optional object body; the reply as a tree when ret is not NULL
 * (never NULL then). body is borrowed; query may be NULL. */
struct verb_call {
    const char *method, *query, *accept, *content_type;
    const json *body;
    unsigned flags;
};
int verb_send(struct kube_client *k, const struct opctx *ctx, const struct kube_ref *ref,
              const struct verb_call *call, json **ret, struct error **err);

#endif
