#include "test/unit/support/pkg/metrics/gauge_sink.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "pkg/base/mem.h"
#include "test/unit/support/test.h"

#define WAIT_MS 20000

void gauge_sink_init(struct gauge_sink *s)
{
    struct sockaddr_in a = { .sin_family = AF_INET };
    socklen_t len = sizeof(a);
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    *s = (struct gauge_sink){ .fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0) };
    if (bind(s->fd, (struct sockaddr *)&a, len) < 0 ||
        getsockname(s->fd, (struct sockaddr *)&a, &len) < 0)
        fail_msg("no socket");
    cleanup_free char *address = xasprintf("127.0.0.1:%u", ntohs(a.sin_port));
    const struct statsd_config cfg = { .address = address, .clock = clock_system() };
    assert_int_equal(statsd_new(&cfg, &s->statsd, NULL), 0);
}

void gauge_sink_release(struct gauge_sink *s)
{
    statsd_free(s->statsd);
    close(s->fd);
}

char *gauge_sink_give_line(struct gauge_sink *s)
{
    char text[9000];
    struct pollfd p = { .fd = s->fd, .events = POLLIN };
    if (poll(&p, 1, WAIT_MS) != 1)
        fail_msg("nothing was sent");
    ssize_t n = recv(s->fd, text, sizeof(text), 0);
    return xstrndup(text, n > 0 ? (size_t)n : 0);
}
