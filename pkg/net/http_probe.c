/*
 * Dead peers. TCP counts the bytes that a socket received; while transfers run on a connection and the count
 * stands still for the idle limit, a request is made on it, and if the count still stands still for the ping
 * limit, the connection is dead: any frame of the peer, not only the answer, is life.
 */
#include <linux/tcp.h>
#include <netinet/in.h>
#include <stdlib.h>
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

static void start_probe(struct http_conn *conn)
{
    struct http_peer *peer = conn->lane->peer;
    struct http_exchange *ex = xnew(struct http_exchange);
    struct http_request *req = xnew(struct http_request);
    req->method = "GET";
    req->url = xasprintf("%s%s", conn->origin, peer->probe_path);
    req->traffic = conn->lane->traffic;
    ex->req = req;
    ex->resp = xnew(struct http_response);
    ex->peer = peer;
    ex->is_probe = true;
    ex->probe_of = conn;
    atomic_init(&ex->refs, 1);
    if (http_target_init(&ex->target, peer, req->url, false, &ex->err) < 0)
        abort(); /* an origin that worked, and a path that http_peer_new has checked */
    conn->probe = ex;
    conn->probe_sent_ns = 0;
    exchange_start(ex);
}

void probe_sent(struct http_exchange *probe)
{
    probe->probe_of->probe_sent_ns = clock_mono_ns(probe->peer->client->clock);
}

void probe_over(struct http_exchange *probe)
{
    struct http_conn *conn = probe->probe_of;
    if (conn) {
        conn->probe = NULL;
        conn->heard_ns =
            clock_mono_ns(probe->peer->client->clock); /* answered, or not to be sent */
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

/* True when it was cut. */
static bool check_conn(struct http_conn *conn, int64_t now)
{
    const struct http_peer *peer = conn->lane->peer;
    uint64_t bytes = received_bytes(conn->fd);
    if (bytes != conn->bytes) {
        conn->bytes = bytes;
        conn->heard_ns = now;
        if (conn->probe_sent_ns)
            conn->probe_sent_ns = now;
        return false;
    }
    if (!conn->h2 || !peer->probe_path)
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

/* A cut changes the list of connections: look at it from the beginning. */
static void check_conns(struct http_lane *lane, int64_t now)
{
    bool changed;
    do {
        changed = false;
        for (struct http_conn *c = lane->conns; c && !changed; c = c->next)
            changed = c->streams > 0 && check_conn(c, now);
    } while (changed);
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
}
