#include <errno.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pkg/base/mem.h"
#include "pkg/net/http_impl.h"

/* ---- what is known of connections ---- */

static void forget_conn(struct http_conn **at)
{
    struct http_conn *conn = *at;
    struct http_lane *lane = conn->lane;
    for (struct http_exchange *ex = lane->exchanges; ex; ex = ex->next) {
        if (ex->conn == conn)
            lane_attach(ex, NULL);
        if (ex->probe_of == conn)
            ex->probe_of = NULL;
    }
    *at = conn->next;
    if (!conn->used)
        lane->address_failed = true;
    if (conn->h2)
        lane->limit = LANE_STREAMS; /* what was learned was of this connection */
    free(conn->origin);
    free(conn);
}

static ino_t inode_of(int fd)
{
    struct stat st;
    return fstat(fd, &st) == 0 ? st.st_ino : 0;
}

void lane_forget_failed(struct http_lane *lane)
{
    for (struct http_conn **at = &lane->conns; *at;) {
        if (!(*at)->used && inode_of((*at)->fd) != (*at)->inode) {
            forget_conn(at);
        } else {
            at = &(*at)->next;
        }
    }
}

/* ---- lanes ---- */

static struct http_lane *lane_new(struct http_peer *peer, enum http_class traffic, bool solitary)
{
    struct http_lane *lane = xnew(struct http_lane);
    lane->peer = peer;
    lane->traffic = traffic;
    lane->solitary = solitary;
    lane->generation = tls_client_generation(peer->tls);
    lane->limit = LANE_STREAMS;
    lane->multi = curl_multi_init();
    if (!lane->multi)
        abort(); /* memory ended, or descriptors */
    lane_connect_loop(lane);
    curl_multi_setopt(lane->multi, CURLMOPT_PIPELINING, (long)CURLPIPE_MULTIPLEX);

    struct http_lane **end = &peer->lanes[traffic]; /* first come, first filled */
    while (*end)
        end = &(*end)->next;
    *end = lane;
    return lane;
}

void lane_free(struct http_lane *lane)
{
    struct http_lane **at = &lane->peer->lanes[lane->traffic];
    while (*at != lane)
        at = &(*at)->next;
    *at = lane->next;
    curl_multi_cleanup(
        lane->multi); /* closes its connections, and says so of those that were used */
    while (lane->conns)
        forget_conn(&lane->conns);
    loop_timer_clear(lane->peer->client->loop, &lane->timer);
    free(lane);
}

void lane_free_all(struct http_peer *peer)
{
    for (size_t c = 0; c < HTTP_CLASSES; c++) {
        for (struct http_lane *lane = peer->lanes[c], *next; lane; lane = next) {
            next = lane->next;
            lane_free(lane);
        }
    }
}

bool lane_is_outdated(const struct http_lane *lane)
{
    return lane->generation != tls_client_generation(lane->peer->tls);
}

static struct http_lane *lane_for(const struct http_exchange *ex)
{
    struct http_peer *peer = ex->peer;
    enum http_class traffic = ex->req->traffic;
    if (ex->is_probe)
        return ex->probe_of->lane;
    if (ex->req->fresh_connection)
        return lane_new(peer, traffic, true);
    for (struct http_lane *l = peer->lanes[traffic]; l; l = l->next) {
        if (!l->solitary && !lane_is_outdated(l) && l->active < l->limit)
            return l;
    }
    struct http_lane *lane = lane_new(peer, traffic, false);
    if (ex->limit)
        lane->limit = ex->limit;
    return lane;
}

/* curl counts those in use, too. */
static void limit_connections(struct http_lane *lane)
{
    curl_multi_setopt(lane->multi, CURLMOPT_MAXCONNECTS,
                      (long)(lane->active + POOL_IDLE_CONNECTIONS));
}

void lane_add(struct http_exchange *ex)
{
    struct http_lane *lane = lane_for(ex);
    ex->lane = lane;
    ex->prev = NULL;
    ex->next = lane->exchanges;
    if (ex->next)
        ex->next->prev = ex;
    lane->exchanges = ex;
    lane->active += !ex->is_probe;
    limit_connections(lane);
    curl_easy_setopt(ex->easy, CURLOPT_CLOSESOCKETDATA, lane);
    if (curl_multi_add_handle(lane->multi, ex->easy) != CURLM_OK)
        abort(); /* memory ended */
}

static void forget_fd(struct http_lane *lane, int fd)
{
    for (struct http_conn **at = &lane->conns; *at; at = &(*at)->next) {
        if ((*at)->fd == fd) {
            forget_conn(at);
            return;
        }
    }
}

void lane_remove(struct http_exchange *ex)
{
    struct http_lane *lane = ex->lane;
    if (!lane)
        return;
    (void)curl_multi_remove_handle(lane->multi, ex->easy);
    lane_attach(ex, NULL);
    if (ex->prev)
        ex->prev->next = ex->next;
    else
        lane->exchanges = ex->next;
    if (ex->next)
        ex->next->prev = ex->prev;
    ex->prev = ex->next = NULL;
    ex->lane = NULL;
    lane->active -= !ex->is_probe;
    limit_connections(lane);
    lane->used_ns = clock_mono_ns(lane->peer->client->clock);
}

/* The server that refused here will have the same limit there. */
void lane_move(struct http_exchange *ex)
{
    if (ex->lane->limit < LANE_STREAMS)
        ex->limit = ex->lane->limit;
    ex->displaced = ex->evicted = false;
    lane_remove(ex);
    lane_add(ex);
}

/* Without the probe, which active does not count either; 0: it has all the room there is. */
static size_t streams_of_requests(const struct http_conn *c)
{
    return c->streams - (c->probe && c->probe->conn == c);
}

void lane_refused(struct http_exchange *ex)
{
    size_t others = streams_of_requests(ex->conn) - !ex->is_probe;
    if (others < ex->lane->limit)
        ex->lane->limit = others > 0 ? others : 1;
    ex->evicted = true;
}

/* ---- connections ---- */

void lane_attach(struct http_exchange *ex, struct http_conn *conn)
{
    if (ex->conn == conn)
        return;
    if (ex->conn)
        ex->conn->streams--;
    ex->conn = conn;
    if (conn && conn->streams++ == 0)
        conn->heard_ns = clock_mono_ns(ex->peer->client->clock);
}

union address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

static int port_of(const union address *a)
{
    return ntohs(a->any.sa_family == AF_INET6 ? a->v6.sin6_port : a->v4.sin_port);
}

static bool has_ports(int fd, int local_port, int remote_port)
{
    union address local = { .v6 = { 0 } }, remote = { .v6 = { 0 } };
    socklen_t local_len = sizeof(local), remote_len = sizeof(remote);
    return getsockname(fd, &local.any, &local_len) == 0 &&
           getpeername(fd, &remote.any, &remote_len) == 0 && port_of(&local) == local_port &&
           port_of(&remote) == remote_port;
}

struct http_conn *lane_find_conn(const struct http_lane *lane, int local_port, int remote_port)
{
    for (struct http_conn *c = lane->conns; c; c = c->next) {
        if (has_ports(c->fd, local_port, remote_port))
            return c;
    }
    return NULL;
}

/* Whether the lane's HTTP/2 connection to that origin carries streams: see DESIGN. */
static bool is_blocked(const struct http_exchange *ex)
{
    for (const struct http_conn *c = ex->lane->conns; c; c = c->next) {
        if (c->h2 && c->streams > 0 && strcmp(c->origin, ex->target.origin) == 0) {
            ex->lane->limit = streams_of_requests(c);
            return true;
        }
    }
    return false;
}

static void set_option(int fd, int level, int name, int64_t value)
{
    int n = (int)value;
    (void)setsockopt(fd, level, name, &n, sizeof(n)); /* without it, death is found out later */
}

/* A host that is gone is found out within idle + ping, whatever the protocol. */
static void set_keepalive(int fd, const struct http_peer *peer)
{
    int64_t idle_s = (peer->idle_ns + NS_PER_S - 1) / NS_PER_S;
    int64_t third_s = (peer->ping_ns / 3 + NS_PER_S - 1) / NS_PER_S;
    set_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
    set_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, idle_s > 0 ? idle_s : 1);
    set_option(fd, IPPROTO_TCP, TCP_KEEPINTVL, third_s > 0 ? third_s : 1);
    set_option(fd, IPPROTO_TCP, TCP_KEEPCNT, 3);
    set_option(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, (peer->idle_ns + peer->ping_ns) / NS_PER_MS);
}

int peer_open_socket(const struct http_peer *peer, const struct curl_sockaddr *addr)
{
    if (!dial_rules_allow(peer->dial_rules, &addr->addr)) {
        errno = EACCES;
        return -1;
    }
    int fd = socket(addr->family, addr->socktype | SOCK_CLOEXEC, addr->protocol);
    if (fd >= 0)
        set_keepalive(fd, peer);
    return fd;
}

curl_socket_t lane_open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *addr)
{
    (void)purpose;
    struct http_exchange *ex = arg;
    lane_attach(ex, NULL); /* it may have been on one that ended */
    if (ex->is_probe || ex->evicted || is_blocked(ex)) {
        ex->displaced = true;
        return CURL_SOCKET_BAD;
    }
    int fd = peer_open_socket(ex->peer, addr);
    if (fd < 0) {
        ex->barred |= errno == EACCES;
        return CURL_SOCKET_BAD;
    }
    tls_session_new_socket(&ex->tls);

    forget_fd(ex->lane, fd); /* closed without telling */
    struct http_conn *conn = xnew(struct http_conn);
    conn->lane = ex->lane;
    conn->inode = inode_of(fd);
    conn->fd = fd;
    conn->origin = xstrdup(ex->target.origin);
    conn->next = ex->lane->conns;
    ex->lane->conns = conn;
    return fd;
}

int lane_close_socket(void *arg, curl_socket_t fd)
{
    forget_fd(arg, fd);
    return close(fd);
}
