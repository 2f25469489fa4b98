/*
 * conn.h - what a client sends over: a given transport, or a peer of the curl client that is
 * replaced when certificates change. Private to pkg/kube.
 */
#ifndef PKG_KUBE_CONN_H
#define PKG_KUBE_CONN_H

#include "pkg/kube/client.h"
#include "pkg/kube/cred.h"

struct kube_conn_use {
    struct http_transport *transport;
    struct http_peer *peer; /* NULL over a given transport; a reference, for kube_conn_done */
};

struct kube_conn {
    /* The transport for one attempt. */
    int (*acquire)(struct kube_conn *c, const struct opctx *ctx, struct kube_conn_use *ret,
                   struct error **err);
    void (*done)(struct kube_conn *c, struct kube_conn_use *use);
    void (*free)(struct kube_conn *c);
};

/* Always the same transport, borrowed. */
struct kube_conn *kube_conn_fixed(struct http_transport *t);

/* A peer made of the configuration and of what the exec plugin yields. File-form authorities and
 * certificates are read again every 5 minutes, on the next request. cfg, cred and http are borrowed
 * for the connection's life. */
struct kube_conn_config {
    struct http_client *http;
    const struct kube_config *cfg;
    struct kube_cred *cred;
    const char *dial_address;            /* may be NULL */
    const struct dial_rules *dial_rules; /* may be NULL */
    int64_t idle_ms, ping_ms;
    bool disable_http2;
    const struct clock *clock;
    const struct log *log;
    struct metrics *metrics; /* may be NULL */
};
int kube_conn_new(const struct kube_conn_config *cfg, struct kube_conn **ret, struct error **err);

static inline void kube_conn_free(struct kube_conn *c)
{
    if (c)
        c->free(c);
}
DEFINE_RELEASE(struct kube_conn *, kube_conn_free)
#define cleanup_kube_conn CLEANUP_WITH(kube_conn_free_slot)

#endif
