#include "test/unit/support/pkg/net/relay.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "pkg/base/buf.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/base/thread.h"

struct pair {
    struct relay *relay;
    struct pair *next;
    pthread_t thread;
    int client, server; /* -1: not open; with the relay's lock */
};

struct relay {
    struct relay_config cfg;
    int fd;
    unsigned port;
    pthread_t acceptor;
    pthread_mutex_t mu; /* guards the rest */
    pthread_cond_t changed;
    struct pair *pairs;
    unsigned accepted;
    bool stalled, stopping;
    char *request;
};

static void must(bool ok)
{
    if (!ok)
        abort();
}

static int dial(unsigned port)
{
    struct sockaddr_in addr = { .sin_family = AF_INET,
                                .sin_port = htons((uint16_t)port),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&addr, sizeof(addr)) != 0) {
        (void)close(fd);
        fd = -1;
    }
    return fd;
}

static void send_all(int fd, const char *data, size_t len)
{
    while (len > 0) {
        ssize_t n = send(fd, data, len, MSG_NOSIGNAL);
        if (n <= 0)
            return;
        data += n;
        len -= (size_t)n;
    }
}

/* ---- CONNECT ---- */

/* The head only, byte by byte: what follows belongs to the tunnel. */
static bool read_head(int fd, struct buf *head)
{
    char c;
    while (!str_ends(buf_str(head), "\r\n\r\n")) {
        if (recv(fd, &c, 1, 0) != 1 || head->len > 8192)
            return false;
        buf_addc(head, c);
    }
    return true;
}

static unsigned asked_port(const char *head)
{
    cleanup_strv struct strv words = STRV_INIT;
    strv_split(&words, head, " ", false);
    const char *colon = words.len > 1 ? strrchr(words.v[1], ':') : NULL;
    long long port = 0;
    (void)str_to_int(colon ? colon + 1 : NULL, 1, 65535, &port);
    return (unsigned)port;
}

/* The port to dial, 0 when refused. */
static unsigned answer_connect(struct relay *r, int fd)
{
    cleanup_buf struct buf head = BUF_INIT(BUF_UNBOUNDED);
    if (!read_head(fd, &head))
        return 0;
    pthread_mutex_lock(&r->mu);
    free(r->request);
    r->request = xstrndup(buf_str(&head), strcspn(buf_str(&head), "\r"));
    pthread_mutex_unlock(&r->mu);

    int status = r->cfg.refuse_status;
    if (!status && r->cfg.credentials && !strstr(buf_str(&head), r->cfg.credentials))
        status = 407;
    cleanup_free char *reply = xasprintf("HTTP/1.1 %d Proxy\r\n%s\r\n", status ? status : 200,
                                         status ? "Content-Length: 0\r\n" : "");
    send_all(fd, reply, strlen(reply));
    if (status)
        return 0;
    return r->cfg.proxied_port ? r->cfg.proxied_port : asked_port(buf_str(&head));
}

/* ---- SOCKS5, RFC 1928, names only ---- */

static bool read_exactly(int fd, void *data, size_t len)
{
    return recv(fd, data, len, MSG_WAITALL) == (ssize_t)len;
}

static unsigned answer_socks(struct relay *r, int fd)
{
    static const char granted[] = { 5, 0, 0, 1, 0, 0, 0, 0, 0, 0 };
    unsigned char head[5], methods[255], port[2];
    char name[256] = "";
    if (!read_exactly(fd, head, 2) || !read_exactly(fd, methods, head[1]))
        return 0;
    send_all(fd, "\5\0", 2);
    if (!read_exactly(fd, head, 5) || head[1] != 1 || head[3] != 3 ||
        !read_exactly(fd, name, head[4]) || !read_exactly(fd, port, 2))
        return 0;
    unsigned asked = (unsigned)port[0] << 8 | port[1];
    pthread_mutex_lock(&r->mu);
    free(r->request);
    r->request = xasprintf("%s:%u", name, asked);
    pthread_mutex_unlock(&r->mu);
    send_all(fd, granted, sizeof(granted));
    return r->cfg.proxied_port ? r->cfg.proxied_port : asked;
}

/* ---- passing on ---- */

static bool may_go_on(struct relay *r)
{
    pthread_mutex_lock(&r->mu);
    while (r->stalled && !r->stopping)
        pthread_cond_wait(&r->changed, &r->mu);
    bool go_on = !r->stopping;
    pthread_mutex_unlock(&r->mu);
    return go_on;
}

static void pass_on(struct relay *r, int client, int server)
{
    char data[16384];
    struct pollfd fds[2] = { { .fd = client, .events = POLLIN },
                             { .fd = server, .events = POLLIN } };
    for (;;) {
        if (poll(fds, 2, -1) < 0 || !may_go_on(r))
            return;
        for (int i = 0; i < 2; i++) {
            if (!fds[i].revents)
                continue;
            ssize_t n = recv(fds[i].fd, data, sizeof(data), 0);
            if (n <= 0)
                return;
            send_all(fds[1 - i].fd, data, (size_t)n);
        }
    }
}

static void set_server(struct pair *p, int fd)
{
    pthread_mutex_lock(&p->relay->mu);
    p->server = fd;
    if (p->relay->stopping && fd >= 0)
        (void)shutdown(fd, SHUT_RDWR);
    pthread_mutex_unlock(&p->relay->mu);
}

static void serve(void *arg)
{
    struct pair *p = arg;
    struct relay *r = p->relay;
    unsigned port = r->cfg.target_port ? r->cfg.target_port
                    : r->cfg.socks     ? answer_socks(r, p->client)
                                       : answer_connect(r, p->client);
    if (port)
        set_server(p, dial(port));
    if (p->server >= 0)
        pass_on(r, p->client, p->server);
    pthread_mutex_lock(&r->mu);
    if (p->server >= 0)
        (void)close(p->server);
    (void)close(p->client);
    p->client = p->server = -1;
    pthread_mutex_unlock(&r->mu);
}

static void add_pair(struct relay *r, int fd)
{
    struct pair *p = xnew(struct pair);
    p->relay = r;
    p->client = fd;
    p->server = -1;
    pthread_mutex_lock(&r->mu);
    r->accepted++;
    must(thread_start(&p->thread, "relay", serve, p, NULL) == 0);
    p->next = r->pairs;
    r->pairs = p;
    pthread_mutex_unlock(&r->mu);
}

static void accept_all(void *arg)
{
    struct relay *r = arg;
    for (int fd; (fd = accept4(r->fd, NULL, NULL, SOCK_CLOEXEC)) >= 0 || errno == ECONNABORTED ||
                 errno == EINTR;) {
        if (fd >= 0)
            add_pair(r, fd);
    }
}

struct relay *relay_start(const struct relay_config *cfg)
{
    struct relay *r = xnew(struct relay);
    r->cfg = *cfg;
    r->request = xstrdup("");
    pthread_mutex_init(&r->mu, NULL);
    pthread_cond_init(&r->changed, NULL);
    struct sockaddr_in addr = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t len = sizeof(addr);
    r->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    must(r->fd >= 0 && bind(r->fd, (struct sockaddr *)&addr, len) == 0 && listen(r->fd, 256) == 0 &&
         getsockname(r->fd, (struct sockaddr *)&addr, &len) == 0);
    r->port = ntohs(addr.sin_port);
    must(thread_start(&r->acceptor, "relay-accept", accept_all, r, NULL) == 0);
    return r;
}

unsigned relay_port(const struct relay *r)
{
    return r->port;
}

unsigned relay_connections(struct relay *r)
{
    pthread_mutex_lock(&r->mu);
    unsigned n = r->accepted;
    pthread_mutex_unlock(&r->mu);
    return n;
}

void relay_stall(struct relay *r)
{
    pthread_mutex_lock(&r->mu);
    r->stalled = true;
    pthread_mutex_unlock(&r->mu);
}

char *relay_give_request(struct relay *r)
{
    pthread_mutex_lock(&r->mu);
    char *request = xstrdup(r->request);
    pthread_mutex_unlock(&r->mu);
    return request;
}

void relay_stop(struct relay *r)
{
    if (!r)
        return;
    (void)shutdown(r->fd, SHUT_RDWR);
    pthread_join(r->acceptor, NULL);
    pthread_mutex_lock(&r->mu);
    r->stopping = true;
    pthread_cond_broadcast(&r->changed);
    for (struct pair *p = r->pairs; p; p = p->next) {
        if (p->client >= 0)
            (void)shutdown(p->client, SHUT_RDWR);
        if (p->server >= 0)
            (void)shutdown(p->server, SHUT_RDWR);
    }
    pthread_mutex_unlock(&r->mu);
    for (struct pair *p = r->pairs, *next; p; p = next) {
        next = p->next;
        pthread_join(p->thread, NULL);
        free(p);
    }
    (void)close(r->fd);
    pthread_cond_destroy(&r->changed);
    pthread_mutex_destroy(&r->mu);
    free(r->request);
    free(r);
}
