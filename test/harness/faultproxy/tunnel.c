/*
 * One thread polls: a pipe that wakes it, the listener, and both ends of every connection. What is asked of it is put
 * under the lock with a number; it answers by that number when it has turned once.
 */
#include "test/harness/faultproxy/tunnel.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "pkg/base/clock.h"
#include "pkg/base/mem.h"
#include "pkg/base/thread.h"

#define CONNECTIONS_MAX 1024
#define PIECE 65536

struct half { /* one direction: bytes read that the other end has not taken */
    char data[PIECE];
    size_t from, to;
    bool ended, told; /* the reader saw the end; the writer's end was shut */
};

struct pair {
    int client, server;
    bool connecting;
    struct half up, down; /* client to server, server to client */
    int64_t left;         /* bytes to the client before a reset; < 0: any */
};

struct tunnel {
    struct tunnel_config cfg;
    uint16_t port;
    int listener, wake[2];
    pthread_t thread;
    pthread_mutex_t mu;
    pthread_cond_t done;
    /* guarded by mu */
    struct tunnel_mode mode;
    struct tunnel_stats stats;
    bool cut, stop;
    uint64_t asked, answered;
    /* the thread's own */
    struct tunnel_mode now;
    struct pair *pairs[CONNECTIONS_MAX];
    size_t pairs_len;
};

/* ---- sockets ---- */

static struct sockaddr_in address_of(const char *ip, uint16_t port)
{
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(port) };
    (void)inet_pton(AF_INET, ip, &a.sin_addr);
    return a;
}

static int listen_on(uint16_t port, struct error **err)
{
    struct sockaddr_in a = address_of("127.0.0.1", port);
    int on = 1;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return error_set_errno(err, errno, "making a socket");
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (bind(fd, (struct sockaddr *)&a, sizeof(a)) < 0 || listen(fd, 128) < 0) {
        error_set_errno(err, errno, "listening on 127.0.0.1:%u", port);
        (void)close(fd);
        return -1;
    }
    return fd;
}

/* RST instead of FIN: SO_LINGER of no time. */
static void close_hard(int fd)
{
    struct linger hard = { .l_onoff = 1, .l_linger = 0 };
    (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
    (void)close(fd);
}

static void count(struct tunnel *t, uint64_t *counter, uint64_t by)
{
    pthread_mutex_lock(&t->mu);
    *counter += by;
    pthread_mutex_unlock(&t->mu);
}

/* ---- connections ---- */

static void remove_pair(struct tunnel *t, size_t i, bool hard)
{
    struct pair *p = t->pairs[i];
    t->pairs[i] = t->pairs[--t->pairs_len];
    pthread_mutex_lock(&t->mu); /* counted first: who sees the end may ask at once */
    t->stats.open = t->pairs_len;
    t->stats.reset += hard;
    pthread_mutex_unlock(&t->mu);
    if (hard) {
        close_hard(p->client);
        close_hard(p->server);
    } else {
        (void)close(p->client);
        (void)close(p->server);
    }
    free(p);
}

static void accept_one(struct tunnel *t)
{
    int on = 1;
    int client = accept4(t->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (client < 0)
        return;
    struct sockaddr_in a = t->now.http ? address_of("127.0.0.1", t->cfg.http_port)
                                       : address_of(t->cfg.upstream_ip, t->cfg.upstream_port);
    int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (server < 0 || t->pairs_len == CONNECTIONS_MAX ||
        (connect(server, (struct sockaddr *)&a, sizeof(a)) < 0 && errno != EINPROGRESS)) {
        close_hard(client);
        if (server >= 0)
            (void)close(server);
        return;
    }
    (void)setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    (void)setsockopt(server, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    struct pair *p = xnew(struct pair);
    p->client = client;
    p->server = server;
    p->connecting = true;
    p->left = t->now.reset_after;
    t->pairs[t->pairs_len++] = p;
    pthread_mutex_lock(&t->mu);
    t->stats.accepted++;
    t->stats.open = t->pairs_len;
    pthread_mutex_unlock(&t->mu);
}

/* Reads what fits. false: the connection broke. */
static bool half_read(struct half *h, int fd)
{
    if (h->ended || h->to == PIECE)
        return true;
    ssize_t n = read(fd, h->data + h->to, PIECE - h->to);
    if (n == 0)
        h->ended = true;
    if (n > 0)
        h->to += (size_t)n;
    return n >= 0 || errno == EAGAIN || errno == EINTR;
}

/* Writes up to max bytes; tells the end when all is written. *ret: how many. false: the connection broke. */
static bool half_write(struct half *h, int fd, size_t max, size_t *ret)
{
    size_t len = h->to - h->from;
    *ret = 0;
    if (len > 0) {
        ssize_t n = send(fd, h->data + h->from, len < max ? len : max, MSG_NOSIGNAL);
        if (n < 0)
            return errno == EAGAIN || errno == EINTR;
        h->from += (size_t)n;
        *ret = (size_t)n;
        if (h->from == h->to)
            h->from = h->to = 0; /* room again */
    }
    if (h->ended && h->from == h->to && !h->told) {
        h->told = true;
        (void)shutdown(fd, SHUT_WR);
    }
    return true;
}

enum turn { TURN_GOES_ON, TURN_ENDED, TURN_RESET };

static enum turn turn_pair(struct tunnel *t, struct pair *p, short client, short server)
{
    size_t up = 0, down = 0;
    size_t max = p->left >= 0 ? (size_t)p->left : SIZE_MAX;
    if (p->connecting && (server & (POLLOUT | POLLERR | POLLHUP)))
        p->connecting = false;
    if ((client & (POLLIN | POLLHUP | POLLERR)) && !half_read(&p->up, p->client))
        return TURN_RESET;
    if ((server & (POLLIN | POLLHUP | POLLERR)) && !p->connecting &&
        !half_read(&p->down, p->server))
        return TURN_RESET;
    if ((!p->connecting && !half_write(&p->up, p->server, SIZE_MAX, &up)) ||
        !half_write(&p->down, p->client, max, &down))
        return TURN_RESET;
    count(t, &t->stats.to_server_bytes, up);
    count(t, &t->stats.to_client_bytes, down);
    if (p->left >= 0 && (p->left -= (int64_t)down) == 0)
        return TURN_RESET;
    return p->up.told && p->down.told ? TURN_ENDED : TURN_GOES_ON;
}

static void want(const struct pair *p, struct pollfd *client, struct pollfd *server)
{
    *client = (struct pollfd){ .fd = p->client };
    *server = (struct pollfd){ .fd = p->server };
    if (!p->up.ended && p->up.to < PIECE)
        client->events |= POLLIN;
    if (p->down.from < p->down.to)
        client->events |= POLLOUT;
    if (!p->down.ended && p->down.to < PIECE && !p->connecting)
        server->events |= POLLIN;
    if (p->connecting || p->up.from < p->up.to)
        server->events |= POLLOUT;
    /* An end that was seen and told needs no look any more; poll would report its hang-up for ever. */
    if (!client->events && p->up.ended)
        client->fd = -1;
    if (!server->events && p->down.ended)
        server->fd = -1;
}

/* ---- the thread ---- */

static void drop_all(struct tunnel *t)
{
    while (t->pairs_len)
        remove_pair(t, 0, true);
}

/* false: it has to end. */
static bool obey(struct tunnel *t)
{
    char drain[64];
    while (read(t->wake[0], drain, sizeof(drain)) > 0)
        ;
    pthread_mutex_lock(&t->mu);
    struct tunnel_mode mode = t->mode;
    bool cut = t->cut || mode.refuse || mode.http != t->now.http;
    bool stop = t->stop;
    uint64_t asked = t->asked;
    t->cut = false;
    pthread_mutex_unlock(&t->mu);

    t->now = mode;
    if (cut || stop)
        drop_all(t);
    if (mode.refuse && t->listener >= 0) {
        (void)close(t->listener);
        t->listener = -1;
    }
    if (!mode.refuse && t->listener < 0)
        t->listener = listen_on(t->port, NULL);

    pthread_mutex_lock(&t->mu);
    t->answered = asked;
    pthread_cond_broadcast(&t->done);
    pthread_mutex_unlock(&t->mu);
    return !stop;
}

static void serve_pairs(struct tunnel *t, const struct pollfd *fds)
{
    for (size_t i = t->pairs_len; i > 0;
         i--) { /* downwards: a removed one is replaced by the last */
        const struct pollfd *client = &fds[(i - 1) * 2], *server = client + 1;
        enum turn turn = turn_pair(t, t->pairs[i - 1], client->revents, server->revents);
        if (turn != TURN_GOES_ON)
            remove_pair(t, i - 1, turn == TURN_RESET);
    }
}

static void run(void *arg)
{
    struct tunnel *t = arg;
    struct pollfd *fds = xcalloc(2 + CONNECTIONS_MAX * 2, sizeof(*fds));
    do {
        size_t n = 0;
        fds[n++] = (struct pollfd){ .fd = t->wake[0], .events = POLLIN };
        fds[n++] = (struct pollfd){ .fd = t->now.silent ? -1 : t->listener, .events = POLLIN };
        for (size_t i = 0; i < t->pairs_len && !t->now.silent; i++, n += 2)
            want(t->pairs[i], &fds[n], &fds[n + 1]);
        if (poll(fds, n, -1) < 0)
            continue;
        if (!t->now.silent)
            serve_pairs(t, fds + 2);
        if (fds[1].revents & POLLIN)
            accept_one(t);
    } while (!(fds[0].revents & POLLIN) || obey(t));
    free(fds);
}

/* ---- from outside ---- */

/* Lets the thread turn once; the lock is held. */
static void ask(struct tunnel *t)
{
    uint64_t number = ++t->asked;
    ssize_t ignored = write(t->wake[1], "x", 1);
    (void)ignored;
    while (t->answered < number)
        pthread_cond_wait(&t->done, &t->mu);
}

int tunnel_set(struct tunnel *t, const struct tunnel_mode *mode, struct error **err)
{
    if (mode->http && t->cfg.http_port == 0)
        return error_set(err, ERR_INVALID, "there is no upper half");
    pthread_mutex_lock(&t->mu);
    t->mode = *mode;
    ask(t);
    pthread_mutex_unlock(&t->mu);
    return 0;
}

struct tunnel_mode tunnel_get(struct tunnel *t)
{
    pthread_mutex_lock(&t->mu);
    struct tunnel_mode mode = t->mode;
    pthread_mutex_unlock(&t->mu);
    return mode;
}

void tunnel_cut(struct tunnel *t)
{
    pthread_mutex_lock(&t->mu);
    t->cut = true;
    ask(t);
    pthread_mutex_unlock(&t->mu);
}

struct tunnel_stats tunnel_stats(struct tunnel *t)
{
    pthread_mutex_lock(&t->mu);
    struct tunnel_stats stats = t->stats;
    pthread_mutex_unlock(&t->mu);
    return stats;
}

uint16_t tunnel_port(const struct tunnel *t)
{
    return t->port;
}

static int open_tunnel(struct tunnel *t, struct error **err)
{
    struct sockaddr_in a;
    socklen_t len = sizeof(a);
    t->listener = listen_on(t->cfg.port, err);
    if (t->listener < 0)
        return -1;
    if (getsockname(t->listener, (struct sockaddr *)&a, &len) < 0 ||
        pipe2(t->wake, O_CLOEXEC | O_NONBLOCK) < 0)
        return error_set_errno(err, errno, "starting the tunnel");
    t->port = ntohs(a.sin_port);
    return thread_start(&t->thread, "tunnel", run, t, err);
}

int tunnel_start(const struct tunnel_config *cfg, struct tunnel **ret, struct error **err)
{
    struct in_addr ip;
    if (inet_pton(AF_INET, cfg->upstream_ip, &ip) != 1)
        return error_set(err, ERR_INVALID, "'%s' is no IPv4 address", cfg->upstream_ip);
    struct tunnel *t = xnew(struct tunnel);
    t->cfg = *cfg;
    t->cfg.upstream_ip = xstrdup(cfg->upstream_ip);
    t->listener = t->wake[0] = t->wake[1] = -1;
    t->mode = t->now = (struct tunnel_mode)TUNNEL_PASS;
    mutex_init(&t->mu);
    pthread_cond_init(&t->done, NULL);
    if (open_tunnel(t, err) == 0) {
        *ret = t;
        return 0;
    }
    t->stop = true; /* the thread never ran */
    t->thread = pthread_self();
    tunnel_stop(t);
    return -1;
}

void tunnel_stop(struct tunnel *t)
{
    if (!t)
        return;
    if (!pthread_equal(t->thread, pthread_self())) {
        pthread_mutex_lock(&t->mu);
        t->stop = true;
        ask(t);
        pthread_mutex_unlock(&t->mu);
        pthread_join(t->thread, NULL);
    }
    int fds[] = { t->listener, t->wake[0], t->wake[1] };
    for (size_t i = 0; i < ARRAY_LEN(fds); i++)
        if (fds[i] >= 0)
            (void)close(fds[i]);
    pthread_cond_destroy(&t->done);
    pthread_mutex_destroy(&t->mu);
    free((char *)(uintptr_t)t->cfg.upstream_ip);
    free(t);
}
