#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/metrics/statsd.h"
#include "test/unit/support/test.h"

#define WAIT_MS 20000

struct daemon { /* the other end */
    int fd;
    char *address, *path;
};

static int udp_daemon(void **state)
{
    static struct daemon d;
    struct sockaddr_in a = { .sin_family = AF_INET };
    socklen_t len = sizeof(a);
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    d = (struct daemon){ .fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0) };
    *state = &d;
    if (bind(d.fd, (struct sockaddr *)&a, len) < 0 ||
        getsockname(d.fd, (struct sockaddr *)&a, &len) < 0)
        return -1;
    d.address = xasprintf("127.0.0.1:%u", ntohs(a.sin_port));
    return 0;
}

static int unix_daemon(void **state)
{
    static struct daemon d;
    struct sockaddr_un a = { .sun_family = AF_UNIX };
    char folder[] = "/tmp/statsd-XXXXXX"; /* TMPDIR may be too long for a socket */
    if (!mkdtemp(folder))
        return -1;
    d = (struct daemon){ .fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0) };
    d.path = xasprintf("%s/socket", folder);
    d.address = xasprintf("unix:%s", d.path);
    *state = &d;
    snprintf(a.sun_path, sizeof(a.sun_path), "%s", d.path);
    return bind(d.fd, (struct sockaddr *)&a, sizeof(a));
}

static int end_daemon(void **state)
{
    struct daemon *d = *state;
    close(d->fd);
    if (d->path) {
        unlink(d->path);
        *strrchr(d->path, '/') = '\0';
        rmdir(d->path);
    }
    free(d->path);
    free(d->address);
    return 0;
}

static void assert_datagram(const struct daemon *d, const char *want)
{
    char text[9000];
    struct pollfd p = { .fd = d->fd, .events = POLLIN };
    assert_int_equal(poll(&p, 1, WAIT_MS), 1);
    ssize_t n = recv(d->fd, text, sizeof(text) - 1, 0);
    assert_true(n >= 0);
    text[n] = '\0';
    assert_string_equal(text, want);
}

static struct statsd *start(const struct daemon *d)
{
    struct statsd *s = NULL;
    assert_int_equal(statsd_new(d->address, "acc", "ns", &s, NULL), 0);
    return s;
}

static void sends_gauges_and_floats(void **state)
{
    const struct daemon *d = *state;
    struct statsd *s = start(d);
    const struct statsd_dim dims[] = { { "state", "a\"b\n" }, { "empty", NULL } };

    statsd_gauge(s, "backend.count", -5, dims, ARRAY_LEN(dims));
    statsd_float(s, "frontend.duration", 0.25, NULL, 0);

    assert_datagram(d, "{\"Metric\":\"backend.count\",\"Account\":\"acc\",\"Namespace\":\"ns\","
                       "\"Dims\":{\"state\":\"a\\\"b\\n\",\"empty\":\"\"}}:-5|g\n");
    assert_datagram(d, "{\"Metric\":\"frontend.duration\",\"Account\":\"acc\","
                       "\"Namespace\":\"ns\",\"Dims\":{}}:0.25|f\n");
    statsd_free(s);
}

static void drops_what_cannot_be_sent(void **state)
{
    const struct daemon *d = *state;
    struct statsd *s = start(d);
    cleanup_free char *large = xasprintf("%09000d", 0);

    statsd_gauge(s, large, 1, NULL, 0);
    statsd_float(s, "nan", 0.0 / 0.0, NULL, 0);
    statsd_gauge(NULL, "nobody", 1, NULL, 0);
    statsd_gauge(s, "after", 1, NULL, 0);

    assert_datagram(
        d, "{\"Metric\":\"after\",\"Account\":\"acc\",\"Namespace\":\"ns\",\"Dims\":{}}:1|g\n");
    statsd_free(s);
}

static void lives_without_a_daemon(void **state)
{
    (void)state;
    struct statsd *s = NULL;

    assert_int_equal(statsd_new("unix:/nonexistent/socket", NULL, NULL, &s, NULL), 0);
    statsd_gauge(s, "m", 1, NULL, 0);

    statsd_free(s);
}

static void never_waits_for_a_full_socket(void **state)
{
    const struct daemon *d = *state;
    struct statsd *s = start(d);

    for (int i = 0; i < 100000; i++) /* far beyond what a socket holds; nobody reads */
        statsd_gauge(s, "m", i, NULL, 0);

    assert_datagram(
        d, "{\"Metric\":\"m\",\"Account\":\"acc\",\"Namespace\":\"ns\",\"Dims\":{}}:0|g\n");
    statsd_free(s);
}

static void refuses_bad_addresses(void **state)
{
    (void)state;
    static const char *const bad[] = { "",      "localhost:1", "127.0.0.1", "127.0.0.1:0",
                                       "unix:", "::1:80",      "[::1]",     "127.0.0.1:99999" };

    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct statsd *s = NULL;
        cleanup_error struct error *e = NULL;
        assert_int_equal(statsd_new(bad[i], NULL, NULL, &s, &e), -1);
        assert_true(error_is(e, ERR_INVALID));
        assert_null(s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        { "sends gauges and floats over UDP", sends_gauges_and_floats, udp_daemon, end_daemon,
          NULL },
        { "sends gauges and floats to a unix socket", sends_gauges_and_floats, unix_daemon,
          end_daemon, NULL },
        { "drops what cannot be sent", drops_what_cannot_be_sent, udp_daemon, end_daemon, NULL },
        { "never waits for a full socket", never_waits_for_a_full_socket, unix_daemon, end_daemon,
          NULL },
        CASE("lives without a daemon", lives_without_a_daemon),
        CASE("refuses bad addresses", refuses_bad_addresses),
    };
    return RUN_CASES("statsd", tests);
}
