/*
 * Dead peers. TCP counts the bytes that a socket received; while transfers run on a connection and the count
 * stands still for the idle limit, a request is made, and if the count still stands still for the ping limit, the
 * connection is dead: any frame of the peer, not only the answer, is life.
 *
 * Over HTTP/2 the request goes on the connection itself. Over HTTP/1.1, and where an HTTP/2 connection takes none, it
 * goes on a new one, and only silence counts: a reply, a refusal or a failing handshake are signs of life. One probe at
 * a time speaks for all connections to its host.
 */
#include <linux/tcp.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "pkg/base/mem.h"
#include "pkg/net/http_impl.h"

static uint64_t received_bytes(int fd)
{
    struct tcp_info info = { 0 };
    socklen_t len = sizeof(info);
    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) != 0)
        return 0;
    return info.tcpi_bytes_received;
}

static struct http_exchange *probe_new(struct http_peer *peer, const char *origin,
                                       const struct http_request *after)
{
    struct http_exchange *ex = xnew(struct http_exchange);
    struct http_request *req = xnew(struct http_request);
    req->method = "GET";
    req->url = xasprintf("%s%s", origin, peer->probe_path);
    req->traffic = after->traffic;
    req->ignore_proxy = after->ignore_proxy;
    ex->req = req;
    ex->resp = xnew(struct http_response);
    ex->peer = peer;
    atomic_init(&ex->refs, 1);
    if (http_target_init(&ex->target, peer, req->url, req->ignore_proxy, &ex->err) < 0)
        abort(); /* an origin that worked, and a path that http_peer_new has checked */
    return ex;
}

static const struct http_request *request_on(const struct http_conn *conn)
{
    const struct http_exchange *ex = conn->lane->exchanges;
    while (ex->conn != conn) /* it has streams */
        ex = ex->next;
    return ex->req;
}

static void start_probe(struct http_conn *conn)
{
    struct http_exchange *ex = probe_new(conn->lane->peer, conn->origin, request_on(conn));
    ex->is_probe = true;
    ex->probe_of = conn;
    conn->probe = ex;
    conn->probe_sent_ns = 0;
    exchange_start(ex);
}

static void start_host_probe(struct http_conn *conn, int64_t now)
{
    struct http_peer *peer = conn->lane->peer;
    struct host_probe *hp = &peer->host_probe;
    struct http_exchange *ex = probe_new(peer, conn->origin, request_on(conn));
    ((struct http_request *)(uintptr_t)ex->req)->fresh_connection = true;
    ex->is_host_probe = true;
    free(hp->origin);
    *hp = (struct host_probe){ .ex = ex, .origin = xstrdup(conn->origin), .since_ns = now };
    exchange_start(ex);
}

void probe_sent(struct http_exchange *probe)
{
    probe->probe_of->probe_sent_ns = clock_mono_ns(probe->peer->client->clock);
}

/* Over HTTP/2, unless shown otherwise. */
static bool takes_probes(const struct http_conn *conn)
{
    return conn->h2 && !conn->crowded;
}

static bool is_of_host(const struct http_conn *conn, const struct host_probe *hp)
{
    return !takes_probes(conn) && conn->streams > 0 && strcmp(conn->origin, hp->origin) == 0;
}

static void vouch_for_host(struct http_peer *peer, int64_t now)
{
    for (size_t class = 0; class < HTTP_CLASSES; class ++) {
        for (struct http_lane *lane = peer->lanes[class]; lane; lane = lane->next) {
            for (struct http_conn *c = lane->conns; c; c = c->next) {
                if (is_of_host(c, &peer->host_probe))
                    c->vouched_ns = now;
            }
        }
    }
}

static void host_probe_over(struct http_exchange *probe, int64_t now)
{
    struct host_probe *hp = &probe->peer->host_probe;
    hp->ex = NULL;
    hp->failed = probe->err && error_is(probe->err, ERR_TIMEOUT);
    if (!hp->failed)
        vouch_for_host(probe->peer, now);
}

void probe_over(struct http_exchange *probe)
{
    struct http_conn *conn = probe->probe_of;
    int64_t now = clock_mono_ns(probe->peer->client->clock);
    if (probe->is_host_probe)
        host_probe_over(probe, now);
    if (conn) {
        conn->probe = NULL;
        if (conn->probe_sent_ns)
            conn->heard_ns = now;
        else
            conn->crowded = true;
    }
    struct http_request *req = (struct http_request *)(uintptr_t)probe->req;
    free((char *)(uintptr_t)req->url);
    free(req);
    http_response_release(probe->resp);
    free(probe->resp);
}

static struct error *give_lost(const struct http_exchange *ex)
{
    return fail_give(ex, ERR_CONN, HTTP_ERR_LOST, "the peer has fallen silent");
}

/* The socket is shut down, not closed: it is curl's. curl then finds the connection dead and drops it. Its
 * transfers are ended here, at once, before curl could send one of them again. */
static void cut(struct http_conn *conn)
{
    struct http_lane *lane = conn->lane;
    atomic_fetch_add(&lane->peer->lost, 1);
    (void)shutdown(conn->fd, SHUT_RDWR);

    size_t n = 0;
    struct http_exchange **victims = xcalloc(conn->streams + 1, sizeof(*victims));
    for (struct http_exchange *ex = lane->exchanges; ex; ex = ex->next) {
        if (ex->conn == conn)
            victims[n++] = ex;
    }
    for (size_t i = 0; i < n; i++) /* conn may go with any of them */
        exchange_finish(victims[i], give_lost(victims[i]));
    free(victims);
}

static bool is_suspicious(const struct http_conn *conn, int64_t now)
{
    int64_t life_ns = conn->heard_ns > conn->vouched_ns ? conn->heard_ns : conn->vouched_ns;
    return now - life_ns >= conn->lane->peer->idle_ns;
}

/* True when it was cut; so below. */
static bool check_from_outside(struct http_conn *conn, int64_t now)
{
    struct http_peer *peer = conn->lane->peer;
    int64_t silence_ms = request_on(conn)->silence_ms;
    if (silence_ms > 0 && now - conn->heard_ns >= silence_ms * NS_PER_MS) {
        cut(conn);
        return true;
    }
    if (peer->probe_path && !peer->host_probe.ex && is_suspicious(conn, now))
        start_host_probe(conn, now);
    return false;
}

static bool check_from_inside(struct http_conn *conn, int64_t now)
{
    const struct http_peer *peer = conn->lane->peer;
    if (!peer->probe_path)
        return false;
    if (!conn->probe) {
        if (now - conn->heard_ns >= peer->idle_ns)
            start_probe(conn);
        return false;
    }
    if (!conn->probe_sent_ns || now - conn->probe_sent_ns < peer->ping_ns)
        return false;
    cut(conn);
    return true;
}

static bool check_conn(struct http_conn *conn, int64_t now)
{
    uint64_t bytes = received_bytes(conn->fd);
    if (bytes != conn->bytes) {
        conn->bytes = bytes;
        conn->heard_ns = now;
        if (conn->probe_sent_ns)
            conn->probe_sent_ns = now;
        return false;
    }
    return takes_probes(conn) ? check_from_inside(conn, now) : check_from_outside(conn, now);
}

/* A connection that was silent before the host's probe began, and still is. */
static struct http_conn *find_silent(const struct http_peer *peer, int64_t now)
{
    const struct host_probe *hp = &peer->host_probe;
    for (size_t class = 0; class < HTTP_CLASSES; class ++) {
        for (struct http_lane *lane = peer->lanes[class]; lane; lane = lane->next) {
            for (struct http_conn *c = lane->conns; c; c = c->next) {
                if (is_of_host(c, hp) && c->heard_ns < hp->since_ns && is_suspicious(c, now))
                    return c;
            }
        }
    }
    return NULL;
}

static void check_host(struct http_peer *peer, int64_t now)
{
    struct host_probe *hp = &peer->host_probe;
    if (hp->ex && now - hp->since_ns >= peer->ping_ns)
        exchange_finish(hp->ex, fail_give(hp->ex, ERR_TIMEOUT, NULL, "no answer"));
    if (!hp->failed)
        return;
    hp->failed = false;
    for (struct http_conn *c; (c = find_silent(peer, now));)
        cut(c);
}

static void check_handshakes(struct http_lane *lane, int64_t now)
{
    for (struct http_exchange *ex = lane->exchanges, *next; ex; ex = next) {
        next = ex->next;
        if (!ex->tls.handshaking)
            ex->handshake_seen_ns = 0;
        else if (ex->handshake_seen_ns == 0)
            ex->handshake_seen_ns = now;
        else if (now - ex->handshake_seen_ns >= TLS_TIMEOUT_NS)
            exchange_finish(ex,
                            fail_give(ex, ERR_TIMEOUT, NULL, "the TLS handshake takes too long"));
    }
}

static bool cut_one(const struct http_lane *lane, int64_t now)
{
    for (struct http_conn *c = lane->conns; c; c = c->next) {
        if (c->streams > 0 && check_conn(c, now))
            return true;
    }
    return false;
}

/* A cut changes the list of connections: look at it from the beginning. */
static void check_conns(const struct http_lane *lane, int64_t now)
{
    while (cut_one(lane, now))
        ;
}

static bool may_go(const struct http_lane *lane, int64_t now)
{
    return lane->solitary || lane_is_outdated(lane) || now - lane->used_ns >= LANE_IDLE_NS;
}

void probe_tick(struct http_peer *peer, int64_t now)
{
    for (size_t class = 0; class < HTTP_CLASSES; class ++) {
        for (struct http_lane *lane = peer->lanes[class], *next; lane; lane = next) {
            next = lane->next;
            check_handshakes(lane, now);
            check_conns(lane, now);
            if (!lane->exchanges && may_go(lane, now))
                lane_free(lane);
        }
    }
    check_host(peer, now);
}
