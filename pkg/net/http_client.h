/*
 * http_client.h - the curl client: one I/O thread per client runs epoll, timers and curl; callers
 * block in http_send on their own condition. Nothing but the I/O thread touches curl.
 *
 * Identity of a connection = peer. Two peers never share a connection even when their names are
 * equal; within a peer each traffic class has its own connections. HTTP/2 by ALPN with
 * multiplexing, HTTP/1.1 otherwise.
 *
 * Dead peers: TCP keepalive and TCP_USER_TIMEOUT; and when a connection with running transfers has
 * received no byte for idle_ms, `GET probe_path` on the same connection must be answered within
 * ping_ms (any status counts), else the socket is shut down and every transfer on it fails with
 * HTTP_ERR_LOST. An HTTP/1.1 connection cannot carry a second request, nor can one of HTTP/2 after
 * GOAWAY or at its stream limit: there the probe goes on a connection of its own, and what it finds
 * out of the host counts for all such connections to it that are silent. That leaves a connection
 * which alone is dead, between two hosts that live: where the server would not be silent for so long,
 * silence_ms of a request ends it.
 *
 * What was not sent when its context ended is never sent, also where a process stood still meanwhile.
 *
 * Sent again by itself is a GET, HEAD, OPTIONS or TRACE whose reused connection ended before the
 * reply, and any request that the server says it did not process (REFUSED_STREAM, GOAWAY).
 */
#ifndef PKG_NET_HTTP_CLIENT_H
#define PKG_NET_HTTP_CLIENT_H

#include "pkg/base/env.h"
#include "pkg/base/secret.h"
#include "pkg/net/dial_rules.h"
#include "pkg/net/http.h"

struct http_client; /* one per process */

struct http_client_config {
    const struct clock *clock; /* of timers; curl's own timeouts use the system's */
    const struct env
        *env; /* SSL_CERT_FILE, SSL_CERT_DIR, ARO_CONNECT_TO, HTTPS_PROXY, NO_PROXY ... */
    const struct log *log;  /* ARO_CONNECT_TO is active, roots have changed; may be NULL */
    bool refuse_connect_to; /* production: ARO_CONNECT_TO set is an error */
    int64_t
        watch_gather_ms; /* what comes in quick succession on connections of HTTP_CLASS_WATCH may wait that long
                              * for more, so that one wake-up reads all of it; 0 = 20; -1: never */
};
/* clock and log are borrowed for the client's life. */
int http_client_new(const struct http_client_config *cfg, struct http_client **ret,
                    struct error **err);
void http_client_free(struct http_client *c); /* all peers must be gone; joins the I/O thread */
/* Age of the I/O thread's last turn in milliseconds: liveness. Safe from any thread. */
int64_t http_client_heartbeat_age_ms(const struct http_client *c);

DEFINE_RELEASE(struct http_client *, http_client_free)
#define cleanup_http_client CLEANUP_WITH(http_client_free_slot)

struct http_peer; /* reference-counted */

struct http_peer_config { /* all borrowed during http_peer_new; NULL = not set */
    const char *ca_pem;   /* only this bundle; NULL: SSL_CERT_FILE/DIR, else the system's roots,
                           * all of which may change: they are looked at every 5 minutes */
    const char *client_cert_pem;
    const struct secret *client_key_pem;
    const char *server_name; /* SNI and verification, whatever is dialled */
    bool insecure;           /* no verification; with ca_pem it is ERR_INVALID */
    const char *proxy_url;   /* beats the environment; http, https, socks5; "" = no proxy at all */
    const char
        *dial_address; /* "ip" or "ip:port": TCP goes there; URL, Host and SNI keep the name */
    /* Addresses that may be dialled; outlives the peer. NULL: all. Others fail with HTTP_ERR_BARRED. */
    const struct dial_rules *dial_rules;
    int64_t idle_ms, ping_ms; /* dead-peer limits; 0 = 30000 and 15000 */
    const char *probe_path;   /* NULL: no active probe */
    bool disable_http2;
};
int http_peer_new(struct http_client *c, const struct http_peer_config *cfg, struct http_peer **ret,
                  struct error **err);
/* As http_peer_new, but the peer that was made so with an equal configuration is given again while somebody has it:
 * its users share connections. */
int http_peer_share(struct http_client *c, const struct http_peer_config *cfg,
                    struct http_peer **ret, struct error **err);
struct http_peer *http_peer_ref(struct http_peer *p);
void http_peer_unref(struct http_peer *p); /* the last one closes all its connections */
struct http_transport *http_peer_transport(struct http_peer *p); /* borrowed */
/* Ends every connection of the peer at once (credentials changed): running transfers fail with
 * HTTP_ERR_RESET. */
void http_peer_close_connections(struct http_peer *p);

struct http_peer_stats {
    uint64_t connections_opened, connections_lost;
};
void http_peer_get_stats(struct http_peer *p, struct http_peer_stats *ret);

DEFINE_RELEASE(struct http_peer *, http_peer_unref)
#define cleanup_http_peer CLEANUP_WITH(http_peer_unref_slot)

#endif
