#include "pkg/metrics/statsd.h"

#include <arpa/inet.h>
#include <errno.h>
#include <math.h>
#include <netinet/in.h>
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "pkg/base/json.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/metrics/text.h"

/* A datagram that daemons read in one piece. */
#define DATAGRAM_MAX 8192
#define LINE_BYTES 512 /* of most lines; longer ones grow */

struct statsd {
    char *owner; /* what follows the metric's name: account and namespace, as they are written */
    struct statsd_dim *dims; /* strings are owned */
    size_t dims_len;
    const struct clock *clock;
    int fd;
    /* A daemon may come late, go, and come back: whether fd is connected to one, and when to look for one again. */
    atomic_bool is_there;
    atomic_llong look_ns;
    union {
        struct sockaddr any;
        struct sockaddr_un local;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } to;
    socklen_t to_len;
};

static int parse_unix(struct statsd *s, const char *path, struct error **err)
{
    size_t len = strlen(path);
    if (len == 0 || len >= sizeof(s->to.local.sun_path))
        return error_set(err, ERR_INVALID, "statsd socket path '%s' is empty or too long", path);
    s->to.local.sun_family = AF_UNIX;
    memcpy(s->to.local.sun_path, path, len + 1);
    s->to_len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len + 1);
    return 0;
}

/* "127.0.0.1:8125" or "[::1]:8125". */
static int parse_udp(struct statsd *s, const char *address, struct error **err)
{
    const char *colon = strrchr(address, ':');
    long long port;

    if (!colon || !str_to_int(colon + 1, 1, 65535, &port))
        return error_set(err, ERR_INVALID, "statsd address '%s' has no port", address);
    bool bracketed = address[0] == '[' && colon > address + 1 && colon[-1] == ']';
    cleanup_free char *host = bracketed ? xstrndup(address + 1, (size_t)(colon - address) - 2)
                                        : xstrndup(address, (size_t)(colon - address));
    if (!bracketed && inet_pton(AF_INET, host, &s->to.v4.sin_addr) == 1) {
        s->to.v4.sin_family = AF_INET;
        s->to.v4.sin_port = htons((uint16_t)port);
        s->to_len = sizeof(s->to.v4);
        return 0;
    }
    if (bracketed && inet_pton(AF_INET6, host, &s->to.v6.sin6_addr) == 1) {
        s->to.v6.sin6_family = AF_INET6;
        s->to.v6.sin6_port = htons((uint16_t)port);
        s->to_len = sizeof(s->to.v6);
        return 0;
    }
    return error_set(err, ERR_INVALID, "statsd host '%s' is no IP address", host);
}

DEFINE_RELEASE(struct statsd *, statsd_free)

/* Lines are written without a tree: every request sends some. */
static void add_str(struct buf *b, const char *before, const char *value)
{
    buf_adds(b, before);
    json_write_str(b, value, strlen(value));
}

static char *give_owner(const struct statsd_config *cfg)
{
    struct buf b = BUF_INIT(BUF_UNBOUNDED);
    add_str(&b, ",\"Account\":", cfg->account ? cfg->account : "*");
    add_str(&b, ",\"Namespace\":", cfg->nspace ? cfg->nspace : "*");
    return buf_give(&b);
}

static struct statsd_dim *give_dims(const struct statsd_dim *dims, size_t n)
{
    struct statsd_dim *own = xcalloc(n + 1, sizeof(*own));
    for (size_t i = 0; i < n; i++)
        own[i] = (struct statsd_dim){ xstrdup(dims[i].key),
                                      xstrdup(dims[i].value ? dims[i].value : "") };
    return own;
}

static int parse_address(struct statsd *s, const char *address, struct error **err)
{
    if (str_starts(address, "unix:"))
        return parse_unix(s, address + strlen("unix:"), err);
    return parse_udp(s, str_starts(address, "udp:") ? address + strlen("udp:") : address, err);
}

int statsd_new(const struct statsd_config *cfg, struct statsd **ret, struct error **err)
{
    CLEANUP_WITH(statsd_free_slot) struct statsd *s = xnew(struct statsd);

    s->fd = -1;
    s->clock = cfg->clock;
    s->owner = give_owner(cfg);
    s->dims = give_dims(cfg->dims, cfg->dims_len);
    s->dims_len = cfg->dims_len;
    if (parse_address(s, cfg->address, err) < 0)
        return -1;
    s->fd = socket(s->to.any.sa_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (s->fd < 0)
        return error_set_errno(err, errno, "opening a socket for statsd");
    *ret = take(s);
    return 0;
}

void statsd_free(struct statsd *s)
{
    if (!s)
        return;
    if (s->fd >= 0)
        (void)close(s->fd);
    for (size_t i = 0; i < s->dims_len; i++) {
        free((void *)(uintptr_t)s->dims[i].key);
        free((void *)(uintptr_t)s->dims[i].value);
    }
    free(s->dims);
    free(s->owner);
    free(s);
}

static const struct statsd_dim *find_dim(const struct statsd_dim *dims, size_t n, const char *key)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(dims[i].key, key))
            return &dims[i];
    return NULL;
}

/* Returns what stands before the next. */
static const char *add_dim(struct buf *b, const char *before, const struct statsd_dim *d)
{
    add_str(b, before, d->key);
    add_str(b, ":", d->value ? d->value : "");
    return ",";
}

/* The configuration's first, with a metric's own value where it has one. */
static void add_dims(struct buf *b, const struct statsd *s, const struct statsd_dim *dims, size_t n)
{
    const char *before = "";
    buf_adds(b, ",\"Dims\":{");
    for (size_t i = 0; i < s->dims_len; i++) {
        const struct statsd_dim *own = find_dim(dims, n, s->dims[i].key);
        before = add_dim(b, before, own ? own : &s->dims[i]);
    }
    for (size_t i = 0; i < n; i++)
        if (!find_dim(s->dims, s->dims_len, dims[i].key))
            before = add_dim(b, before, &dims[i]);
    buf_addc(b, '}');
}

/* "2006-01-02T15:04:05.000", UTC, without a zone. */
static void add_time(struct buf *b, const struct statsd *s)
{
    char text[TIME_TEXT_MAX];
    time_rfc3339_micro(clock_wall_ns(s->clock), text);
    buf_adds(b, ",\"TS\":\"");
    buf_add(b, text, strlen(text) - strlen("000Z"));
    buf_addc(b, '"');
}

/* Whether there is a daemon to send to. Not asked with each metric: that would cost more than the metrics. */
static bool look_for_daemon(struct statsd *s)
{
    int64_t now_ns = clock_mono_ns(s->clock);
    if (now_ns < atomic_load(&s->look_ns))
        return false;
    bool is_there = connect(s->fd, &s->to.any, s->to_len) == 0;
    if (!is_there)
        atomic_store(&s->look_ns, now_ns + STATSD_LOOK_MS * NS_PER_MS);
    atomic_store(&s->is_there, is_there);
    return is_there;
}

/* What cannot go now is dropped. */
static bool send_datagram(const struct statsd *s, const struct buf *line)
{
    return send(s->fd, line->data, line->len, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0 ||
           (errno != ECONNREFUSED && errno != ENOTCONN);
}

/* value is ":1|g\n". */
static void send_metric(struct statsd *s, const char *metric, const char *value,
                        const struct statsd_dim *dims, size_t n)
{
    cleanup_buf struct buf line = BUF_INIT(DATAGRAM_MAX);
    if (!atomic_load(&s->is_there) && !look_for_daemon(s))
        return;

    buf_reserve(&line, LINE_BYTES);
    add_str(&line, "{\"Metric\":", metric);
    buf_adds(&line, s->owner);
    add_dims(&line, s, dims, n);
    add_time(&line, s);
    buf_addc(&line, '}');
    buf_adds(&line, value);
    if (line.spoiled || send_datagram(s, &line)) /* what does not fit is dropped */
        return;
    if (look_for_daemon(s)) /* another one may have taken its place */
        (void)send_datagram(s, &line);
}

static void send_whole(struct statsd *s, const char *metric, int64_t value, const char *unit,
                       const struct statsd_dim *dims, size_t n)
{
    cleanup_buf struct buf text = BUF_INIT(64);
    if (!s)
        return;
    buf_addc(&text, ':');
    buf_add_int(&text, value);
    buf_adds(&text, unit);
    send_metric(s, metric, buf_str(&text), dims, n);
}

void statsd_gauge(struct statsd *s, const char *metric, int64_t value,
                  const struct statsd_dim *dims, size_t n)
{
    send_whole(s, metric, value, "|g\n", dims, n);
}

void statsd_count(struct statsd *s, const char *metric, int64_t by, const struct statsd_dim *dims,
                  size_t n)
{
    send_whole(s, metric, by, "|c\n", dims, n);
}

void statsd_timing_ms(struct statsd *s, const char *metric, int64_t ms,
                      const struct statsd_dim *dims, size_t n)
{
    send_whole(s, metric, ms, "|ms\n", dims, n);
}

void statsd_float(struct statsd *s, const char *metric, double value, const struct statsd_dim *dims,
                  size_t n)
{
    cleanup_buf struct buf text = BUF_INIT(64);
    if (!s || !isfinite(value))
        return; /* the form has no word for it */
    buf_addc(&text, ':');
    metrics_text_number(&text, value);
    buf_adds(&text, "|f\n");
    send_metric(s, metric, buf_str(&text), dims, n);
}
