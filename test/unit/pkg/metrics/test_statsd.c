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
#include "test/unit/support/fake_clock.h"
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

static int bind_unix(struct daemon *d)
{
    struct sockaddr_un a = { .sun_family = AF_UNIX };
    d->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    snprintf(a.sun_path, sizeof(a.sun_path), "%s", d->path);
    return bind(d->fd, (struct sockaddr *)&a, sizeof(a));
}

static void go_away(struct daemon *d)
{
    close(d->fd);
    unlink(d->path);
}

static int unix_daemon(void **state)
{
    static struct daemon d;
    char folder[] = "/tmp/statsd-XXXXXX"; /* TMPDIR may be too long for a socket */
    if (!mkdtemp(folder))
        return -1;
    d = (struct daemon){ .path = xasprintf("%s/socket", folder) };
    d.address = xasprintf("unix:%s", d.path);
    *state = &d;
    return bind_unix(&d);
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

/* Lines of the fake clock's first moment end so. */
#define TS ",\"TS\":\"2024-02-03T04:05:06.000\"}"

static struct fake_clock moment;

static struct statsd *start_with(const char *address, const struct statsd_dim *dims, size_t n)
{
    struct statsd *s = NULL;
    fake_clock_init(&moment);
    const struct statsd_config cfg = { .address = address,
                                       .account = "acc",
                                       .nspace = "ns",
                                       .dims = dims,
                                       .dims_len = n,
                                       .clock = &moment.base };
    assert_int_equal(statsd_new(&cfg, &s, NULL), 0);
    return s;
}

static struct statsd *start(const struct daemon *d)
{
    return start_with(d->address, NULL, 0);
}

static void sends_gauges_and_floats(void **state)
{
    const struct daemon *d = *state;
    struct statsd *s = start(d);
    const struct statsd_dim dims[] = { { "state", "a\"b\n" }, { "empty", NULL } };

    statsd_gauge(s, "backend.count", -5, dims, ARRAY_LEN(dims));
    statsd_float(s, "frontend.duration", 0.25, NULL, 0);

    assert_datagram(d, "{\"Metric\":\"backend.count\",\"Account\":\"acc\",\"Namespace\":\"ns\","
                       "\"Dims\":{\"state\":\"a\\\"b\\n\",\"empty\":\"\"}" TS ":-5|g\n");
    assert_datagram(d, "{\"Metric\":\"frontend.duration\",\"Account\":\"acc\","
                       "\"Namespace\":\"ns\",\"Dims\":{}" TS ":0.25|f\n");
    statsd_free(s);
}

static void sends_counts_and_timings(void **state)
{
    const struct daemon *d = *state;
    struct statsd *s = start(d);

    statsd_count(s, "frontend.count", 3, NULL, 0);
    statsd_timing_ms(s, "backend.step", 1500, NULL, 0);

    assert_datagram(d, "{\"Metric\":\"frontend.count\",\"Account\":\"acc\",\"Namespace\":\"ns\","
                       "\"Dims\":{}" TS ":3|c\n");
    assert_datagram(d, "{\"Metric\":\"backend.step\",\"Account\":\"acc\",\"Namespace\":\"ns\","
                       "\"Dims\":{}" TS ":1500|ms\n");
    statsd_free(s);
}

static void adds_its_own_dimensions(void **state)
{
    const struct daemon *d = *state;
    const struct statsd_dim own[] = { { "service", "rp" }, { "location", "east" } };
    const struct statsd_dim more[] = { { "location", "west" }, { "code", "200" } };
    cleanup_free char *address = xasprintf("udp:%s", d->address);
    struct statsd *s = start_with(address, own, ARRAY_LEN(own));

    statsd_gauge(s, "m", 1, more, ARRAY_LEN(more));

    assert_datagram(d, "{\"Metric\":\"m\",\"Account\":\"acc\",\"Namespace\":\"ns\",\"Dims\":{"
                       "\"service\":\"rp\",\"location\":\"west\",\"code\":\"200\"}" TS ":1|g\n");
    statsd_free(s);
}

static void names_no_account(void **state)
{
    const struct daemon *d = *state;
    struct statsd *s = NULL;
    fake_clock_init(&moment);
    fake_clock_advance_ms(&moment, 1234);
    const struct statsd_config cfg = { .address = d->address, .clock = &moment.base };
    assert_int_equal(statsd_new(&cfg, &s, NULL), 0);

    statsd_gauge(s, "m", 1, NULL, 0);

    assert_datagram(d, "{\"Metric\":\"m\",\"Account\":\"*\",\"Namespace\":\"*\",\"Dims\":{},"
                       "\"TS\":\"2024-02-03T04:05:07.234\"}:1|g\n");
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

    assert_datagram(d,
                    "{\"Metric\":\"after\",\"Account\":\"acc\",\"Namespace\":\"ns\",\"Dims\":{}" TS
                    ":1|g\n");
    statsd_free(s);
}

static void lives_without_a_daemon(void **state)
{
    (void)state;
    struct statsd *s = start_with("unix:/nonexistent/socket", NULL, 0);

    statsd_gauge(s, "m", 1, NULL, 0);

    statsd_free(s);
}

static void assert_gauge(const struct daemon *d, int value)
{
    cleanup_free char *want =
        xasprintf("{\"Metric\":\"m\",\"Account\":\"acc\",\"Namespace\":\"ns\",\"Dims\":{},"
                  "\"TS\":\"2024-02-03T04:05:%02d.000\"}:%d|g\n",
                  6 + value, value);
    assert_datagram(d, want);
}

static void finds_a_daemon_that_comes_late(void **state)
{
    struct daemon *d = *state;
    go_away(d);
    struct statsd *s = start(d);
    statsd_gauge(s, "m", 0, NULL, 0);
    assert_int_equal(bind_unix(d), 0);

    fake_clock_advance_ms(&moment, STATSD_LOOK_MS);
    statsd_gauge(s, "m", 1, NULL, 0);

    assert_gauge(d, 1);
    statsd_free(s);
}

static void sends_to_the_next_one_in_the_same_place(void **state)
{
    struct daemon *d = *state;
    struct statsd *s = start(d);
    statsd_gauge(s, "m", 0, NULL, 0);
    go_away(d);
    assert_int_equal(bind_unix(d), 0);

    statsd_gauge(s, "m", 0, NULL, 0);

    assert_gauge(d, 0);
    go_away(d);
    statsd_gauge(s, "m", 0, NULL, 0); /* nobody is there */
    assert_int_equal(bind_unix(d), 0);
    fake_clock_advance_ms(&moment, STATSD_LOOK_MS);
    statsd_gauge(s, "m", 1, NULL, 0);
    assert_gauge(d, 1);
    statsd_free(s);
}

static void never_waits_for_a_full_socket(void **state)
{
    const struct daemon *d = *state;
    struct statsd *s = start(d);

    for (int i = 0; i < 100000; i++) /* far beyond what a socket holds; nobody reads */
        statsd_gauge(s, "m", i, NULL, 0);

    assert_datagram(d, "{\"Metric\":\"m\",\"Account\":\"acc\",\"Namespace\":\"ns\",\"Dims\":{}" TS
                       ":0|g\n");
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
        assert_int_equal(statsd_new(&(struct statsd_config){ .address = bad[i] }, &s, &e), -1);
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
        { "sends counts and timings", sends_counts_and_timings, udp_daemon, end_daemon, NULL },
        { "adds the dimensions of the service, which a metric's own beat", adds_its_own_dimensions,
          udp_daemon, end_daemon, NULL },
        { "an account that is not named is the daemon's", names_no_account, udp_daemon, end_daemon,
          NULL },
        { "drops what cannot be sent", drops_what_cannot_be_sent, udp_daemon, end_daemon, NULL },
        { "never waits for a full socket", never_waits_for_a_full_socket, unix_daemon, end_daemon,
          NULL },
        CASE("lives without a daemon", lives_without_a_daemon),
        { "finds a daemon that comes late", finds_a_daemon_that_comes_late, unix_daemon, end_daemon,
          NULL },
        { "sends to the next one in the same place", sends_to_the_next_one_in_the_same_place,
          unix_daemon, end_daemon, NULL },
        CASE("refuses bad addresses", refuses_bad_addresses),
    };
    return RUN_CASES("statsd", tests);
}
