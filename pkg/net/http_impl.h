/*
 * http_impl.h - the insides of the curl client. Private to pkg/net.
 *
 * DESIGN. An exchange is one request: made by the caller's thread, which then waits on it; everything between
 * start and finish happens on the I/O thread. A peer has lanes for each traffic class. A lane is one CURLM: the
 * unit within which curl shares connections. Lanes exist because curl neither tells a server's stream limit nor
 * lets us say on which of two connections to the same host a request goes, which a probe needs to. So a lane
 * holds at most one HTTP/2 connection with streams to an origin: when curl wants to open another (stream limit
 * reached, GOAWAY), the socket is refused and the exchange moves to the next lane (struct http_lane.limit learns
 * the number). HTTP/1.1 connections are not limited so. A request that wants a fresh connection gets a lane of
 * its own.
 *
 * Connections are known by their sockets, which we open for curl. CURLOPT_PREREQFUNCTION, called when a
 * request is about to be sent, says by its addresses which one it is.
 *
 * curl sends a request again by itself when a reused connection ends before the first byte of a reply; that is
 * wrong for a POST which may have been processed. For such methods the pre-request hook lets the second sending
 * pass only when the stream, not the connection, had ended: over HTTP/2, on a connection that neither TCP nor TLS
 * has seen the end of, curl does so only after REFUSED_STREAM, or GOAWAY with a lower stream ID.
 */
#ifndef PKG_NET_HTTP_IMPL_H
#define PKG_NET_HTTP_IMPL_H

#include <curl/curl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/types.h>

#include "pkg/net/connect_to.h"
#include "pkg/net/http_client.h"
#include "pkg/net/http_target.h"
#include "pkg/net/loop.h"
#include "pkg/net/proxy.h"
#include "pkg/net/tls_client.h"

#define LANE_STREAMS 90              /* below curl's own 100, so that a probe always finds room */
#define LANE_IDLE_NS (90 * NS_PER_S) /* then a lane without transfers is closed */
#define POOL_IDLE_CONNECTIONS 25     /* that a lane keeps */
#define CONNECT_TIMEOUT_MS 30000
#define MOVES_MAX 4 /* after curl has given up, which it does after 5 refusals */
#define TLS_TIMEOUT_NS (10 * NS_PER_S)
#define HEADERS_MAX_BYTES ((size_t)256 << 10) /* of one transfer; curl itself ends at 300 KB */

struct http_lane;
struct http_exchange;

struct http_client {
    const struct clock *clock; /* of ages: idle limits, lanes */
    struct loop *loop;
    struct proxy_rules *proxies;
    struct connect_to *connect_to; /* NULL: none */
    struct tls_roots *roots;
    int64_t watch_gather_ns; /* 0: watch input is not left to gather */
    pthread_mutex_t share_mu;
    struct http_peer *shared; /* with the lock */
    /* I/O thread only */
    struct loop_timer tick;
    struct http_peer *peers;
};

/* Whether a host lives, asked for its HTTP/1.1 connections that are silent. */
struct host_probe {
    struct http_exchange *ex; /* NULL: none under way */
    char *origin;             /* of the newest one; NULL: none yet */
    int64_t since_ns;
    bool failed; /* and nobody has drawn the conclusion yet */
};

#define SHARE_KEY_LEN 32

struct http_peer {
    struct http_transport transport;
    atomic_uint refs;
    bool is_shared; /* then its last reference goes with the client's share_mu */
    unsigned char share_key[SHARE_KEY_LEN];
    struct http_peer *share_next;
    struct http_client *client;
    struct tls_client *tls;
    char *proxy_url; /* NULL: the environment's; "": none */
    char *dial_ip;   /* NULL: not overridden */
    uint16_t dial_port;
    const struct dial_rules *dial_rules; /* NULL: none */
    int64_t idle_ns, ping_ns;
    char *probe_path;
    bool disable_http2;
    atomic_ullong opened, lost;
    /* I/O thread only */
    struct host_probe host_probe;
    struct http_lane *lanes[HTTP_CLASSES];
    struct http_peer *prev, *next;
};

struct http_conn { /* one socket that curl uses */
    struct http_lane *lane;
    struct http_conn *next;
    int fd;
    ino_t inode;    /* of the socket: tells whether fd is still this one */
    char *origin;   /* of the exchange that opened it */
    bool used, h2;  /* h2 is known once used */
    bool crowded;   /* h2: a probe found no room on it, after GOAWAY or at the stream limit */
    void *ssl;      /* curl's SSL of an h2 connection; borrowed */
    size_t streams; /* exchanges on it */
    uint64_t bytes; /* received, as TCP counts */
    int64_t heard_ns;
    int64_t vouched_ns;          /* HTTP/1.1: its host has answered elsewhere */
    struct http_exchange *probe; /* NULL: none under way */
    int64_t probe_sent_ns;       /* 0: not on the wire yet */
};

struct http_lane {
    struct http_peer *peer;
    enum http_class traffic;
    bool solitary;       /* for one exchange, then gone */
    unsigned generation; /* of the roots that its connections are made under */
    CURLM *multi;
    struct loop_timer timer;
    struct http_conn *conns;
    bool address_failed; /* a socket went before it carried anything */
    void *driven;        /* lane_io that is read from; NULL: none */
    size_t received;     /* bytes of bodies, ever */
    struct http_exchange *exchanges;
    size_t active; /* exchanges, without probes */
    size_t limit;  /* of active */
    int64_t used_ns;
    struct http_lane *next;
};

struct http_exchange {
    atomic_uint refs; /* the caller's and the I/O thread's */
    struct http_peer *peer;
    const struct http_request *req; /* borrowed: the caller waits until done */
    struct http_response *resp;
    struct http_target target;
    struct waker waker; /* not for probes */
    bool done;          /* with the waker's lock */
    struct error *err;  /* why it failed; NULL: it did not. After done it is the caller's */
    char *redirect_url; /* after done; NULL: none */
    struct loop_task start_task, cancel_task;

    /* I/O thread only */
    bool finished;
    CURL *easy;
    struct curl_slist *headers, *connect_list;
    struct tls_session tls;
    int64_t handshake_seen_ns;
    struct http_lane *lane;
    struct http_exchange *prev, *next; /* in the lane */
    struct http_conn *conn;            /* known from the first sending */
    struct http_conn *probe_of;        /* this is a probe; NULL also when that connection is gone */
    bool is_probe;                     /* it goes on probe_of or nowhere */
    bool is_host_probe;                /* on a connection of its own */
    bool displaced;                    /* no socket was given: try another lane */
    bool evicted;                      /* give it none: its stream was refused here */
    bool barred;                       /* an address may not be dialled */
    size_t limit;                      /* of a lane that is made for it; 0: the usual */
    bool refused;                      /* the server said that it did not process it */
    long long stream;                  /* over HTTP/2: the newest number of its stream */
    bool left_out;                     /* a GOAWAY came that leaves that stream out */
    unsigned sendings, moves;
    size_t header_bytes;
    bool head_done, to_sink;
    char errbuf[CURL_ERROR_SIZE];
};

/* http_exchange.c */
int exchange_run(struct http_peer *peer, const struct opctx *ctx, const struct http_request *req,
                 struct http_response *resp, char **ret_redirect, struct error **err);
void exchange_start(struct http_exchange *ex);
void exchange_ended(struct http_exchange *ex, CURLcode result); /* curl is through with it */
/* Takes it from curl and tells its caller. why is consumed; NULL: success. */
void exchange_finish(struct http_exchange *ex, struct error *why);
void exchange_unref(struct http_exchange *ex);

/* http_transfer.c: between an exchange and its curl handle */
void transfer_open(struct http_exchange *ex);
void transfer_close(struct http_exchange *ex);
bool transfer_is_replayable(const struct http_exchange *ex); /* by its method: GET and the like */

/* http_fail.c */
struct error *fail_give_error(const struct http_exchange *ex, CURLcode result);
/* Of a request that must not be sent again. */
struct error *fail_give_lost_reply(const struct http_exchange *ex);
/* Kind and code for curl's result; why is its message. */
void fail_classify(CURL *easy, CURLcode result, const char *why, bool via_proxy,
                   enum err_kind *ret_kind, const char **ret_code);
struct error *fail_give(const struct http_exchange *ex, enum err_kind kind, const char *code,
                        const char *why);

/* http_lane.c */
void lane_add(struct http_exchange *ex);     /* chooses or makes a lane */
void lane_remove(struct http_exchange *ex);  /* from its lane and from curl */
void lane_move(struct http_exchange *ex);    /* to a lane with more room */
void lane_refused(struct http_exchange *ex); /* the server refused its stream: learn from it */
bool lane_is_outdated(const struct http_lane *lane); /* other roots are trusted by now */
void lane_free(struct http_lane *lane);              /* its exchanges must be gone */
void lane_free_all(struct http_peer *peer);
/* curl closes some sockets that never got connected without telling; their numbers may be used again by now. */
void lane_forget_failed(struct http_lane *lane);
int peer_open_socket(const struct http_peer *peer, const struct curl_sockaddr *addr); /* -1: none */
curl_socket_t lane_open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *addr);
int lane_close_socket(void *arg, curl_socket_t fd);
/* The connection with these ports; NULL when unknown. */
struct http_conn *lane_find_conn(const struct http_lane *lane, int local_port, int remote_port);
void lane_attach(struct http_exchange *ex, struct http_conn *conn);

/* http_lane_io.c */
void lane_connect_loop(struct http_lane *lane); /* lets the loop run the lane's curl */

/* http_share.c */
bool share_unref(struct http_peer *peer); /* whether it was the last */

/* http_probe.c */
void probe_tick(struct http_peer *peer, int64_t now_ns);
void probe_sent(struct http_exchange *probe); /* it is on the connection that it is for */
void probe_over(struct http_exchange *probe); /* of either kind */

#endif
