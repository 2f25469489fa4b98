#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "pkg/base/mem.h"
#include "pkg/net/server_impl.h"

#define BACKLOG 1024

union address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    struct sockaddr_storage room;
};

static int parse_address(const char *text, uint16_t port, union address *ret, socklen_t *ret_len,
                         struct error **err)
{
    *ret = (union address){ 0 };
    if (text && inet_pton(AF_INET, text, &ret->v4.sin_addr) == 1) {
        ret->v4.sin_family = AF_INET;
        ret->v4.sin_port = htons(port);
        *ret_len = sizeof(ret->v4);
        return 0;
    }
    if (text && inet_pton(AF_INET6, text, &ret->v6.sin6_addr) != 1)
        return error_set(err, ERR_INVALID, "'%s' is no IP address to listen on", text);
    ret->v6.sin6_family = AF_INET6; /* without an address: ::, which takes IPv4 too */
    ret->v6.sin6_port = htons(port);
    *ret_len = sizeof(ret->v6);
    return 0;
}

static int open_socket(const union address *a, socklen_t len, int *ret_fd, struct error **err)
{
    const int on = 1, off = 0;
    int fd = socket(a->any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return error_set_errno(err, errno, "opening a socket");
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (a->any.sa_family == AF_INET6)
        (void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
    if (bind(fd, &a->any, len) < 0 || listen(fd, BACKLOG) < 0) {
        int errnum = errno;
        (void)close(fd);
        return error_set_errno(err, errnum, "binding");
    }
    *ret_fd = fd;
    return 0;
}

int server_listen(const char *address, uint16_t port, int *ret_fd, uint16_t *ret_port,
                  struct error **err)
{
    union address a = { 0 };
    socklen_t len;

    if (parse_address(address, port, &a, &len, err) < 0)
        return -1;
    int result = open_socket(&a, len, ret_fd, err);
    if (result < 0 && !address) { /* a machine without IPv6 */
        error_clear(err);
        (void)parse_address("0.0.0.0", port, &a, &len, NULL);
        result = open_socket(&a, len, ret_fd, err);
    }
    if (result < 0)
        return error_wrap(err, "listening on %s port %u", address ? address : "all addresses",
                          port);
    len = sizeof(a);
    if (getsockname(*ret_fd, &a.any, &len) < 0) {
        int errnum = errno;
        (void)close(*ret_fd);
        return error_set_errno(err, errnum, "asking for the port");
    }
    *ret_port = ntohs(a.any.sa_family == AF_INET ? a.v4.sin_port : a.v6.sin6_port);
    return 0;
}

/* ---- peers ---- */

static void write_address(const union address *a, char *out, size_t size)
{
    char text[INET6_ADDRSTRLEN] = "";

    if (a->any.sa_family == AF_INET) {
        inet_ntop(AF_INET, &a->v4.sin_addr, text, sizeof(text));
        (void)snprintf(out, size, "%s:%u", text, ntohs(a->v4.sin_port));
    } else if (a->any.sa_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&a->v6.sin6_addr)) {
        inet_ntop(AF_INET, &a->v6.sin6_addr.s6_addr[12], text, sizeof(text));
        (void)snprintf(out, size, "%s:%u", text, ntohs(a->v6.sin6_port));
    } else if (a->any.sa_family == AF_INET6) {
        inet_ntop(AF_INET6, &a->v6.sin6_addr, text, sizeof(text));
        (void)snprintf(out, size, "[%s]:%u", text, ntohs(a->v6.sin6_port));
    }
}

struct server_peer *server_peer_new(int fd)
{
    struct server_peer *p = xnew(struct server_peer);
    union address a = { 0 };
    socklen_t len = sizeof(a);
    const int on = 1;

    atomic_init(&p->refs, 1);
    if (getpeername(fd, &a.any, &len) == 0)
        write_address(&a, p->address, sizeof(p->address));
    len = sizeof(a);
    if (getsockname(fd, &a.any, &len) == 0)
        write_address(&a, p->local_address, sizeof(p->local_address));
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    return p;
}

struct server_peer *server_peer_ref(struct server_peer *p)
{
    atomic_fetch_add(&p->refs, 1);
    return p;
}

void server_peer_unref(struct server_peer *p)
{
    if (!p || atomic_fetch_sub(&p->refs, 1) != 1)
        return;
    bytes_unref(p->leaf);
    for (size_t i = 0; i < p->chain_len; i++)
        bytes_unref(p->chain[i]);
    free(p->chain);
    free(p);
}
