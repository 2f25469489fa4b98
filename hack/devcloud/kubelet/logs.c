#include "hack/devcloud/kubelet/logs.h"

#include <string.h>
#include <sys/stat.h>

#include "pkg/base/file.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/base/thread.h"
#include "pkg/crypt/crypt.h"
#include "pkg/net/server.h"
#include "pkg/net/url.h"

#define LOG_MAX ((size_t)64 << 20)
#define FOLLOW_PAUSE_MS 200
#define FOLLOW_QUEUE_MAX ((size_t)8 << 20)
#define CERT_LIFE_NS (INT64_C(30) * 86400 * NS_PER_S)

struct log_server {
    const struct kubelet_config *cfg;
    struct http_server *http;
    struct stop *stop;
    pthread_mutex_t mu;
    pthread_cond_t quiet;
    int followers; /* guarded by mu: threads that still use this */
};

/* One `kubectl logs -f`: a thread that copies what the file gains. */
struct follower {
    struct log_server *server;
    struct http_stream *stream;
    char *path;
    size_t offset;
};

static char *give_path(const struct log_server *s, const struct http_call *call, struct error **err)
{
    const char *pod = http_call_param(call, "pod");
    if (!pod || strchr(pod, '%') || pod[0] == '.') {
        error_set(err, ERR_INVALID, "bad pod name");
        return NULL;
    }
    cleanup_free char *dir = path_give_joined(s->cfg->dir, pod);
    return path_give_joined(dir, "log");
}

/* Where the last n lines begin. */
static size_t tail_offset(const char *text, size_t len, long long n)
{
    size_t at = len;
    if (at > 0 && text[at - 1] == '\n')
        at--;
    for (; at > 0; at--)
        if (text[at - 1] == '\n' && --n <= 0)
            return at;
    return 0;
}

static long long query_number(const struct http_call *call, const char *name)
{
    long long n = -1;
    cleanup_free char *text =
        http_call_query(call) ? query_give(http_call_query(call), name) : NULL;
    return text && str_to_int(text, 0, INT32_MAX, &n) ? n : -1;
}

static void count_follower(struct log_server *s, int by)
{
    pthread_mutex_lock(&s->mu);
    s->followers += by;
    pthread_cond_broadcast(&s->quiet);
    pthread_mutex_unlock(&s->mu);
}

static void follower_free(struct follower *f)
{
    struct log_server *s = f->server;
    http_stream_unref(f->stream);
    free(f->path);
    free(f);
    count_follower(s, -1);
}

static void follow(void *arg)
{
    struct follower *f = arg;
    struct opctx ctx =
        opctx_root(f->server->cfg->clock, f->server->cfg->rng, f->server->stop, NULL);
    while (http_stream_is_open(f->stream) && opctx_sleep_ms(&ctx, FOLLOW_PAUSE_MS, NULL) == 0) {
        cleanup_free char *text = NULL;
        size_t len;
        if (file_read(f->path, LOG_MAX, &text, &len, NULL) < 0)
            break;
        if (len > f->offset && http_stream_write(f->stream, text + f->offset, len - f->offset) < 0)
            break;
        f->offset = len;
    }
    follower_free(f);
}

static int begin_follow(struct log_server *s, struct http_call *call, char *path, const char *text,
                        size_t begin, size_t len, struct error **err)
{
    struct follower *f = xnew(struct follower);
    *f = (struct follower){ .server = s, .path = path, .offset = len };
    count_follower(s, 1);
    http_call_set_header(call, "Content-Type", "text/plain");
    f->stream = http_call_begin_stream(call, FOLLOW_QUEUE_MAX, NULL, NULL);
    (void)http_stream_write(f->stream, text + begin, len - begin);
    pthread_t thread;
    if (thread_start(&thread, "follow", follow, f, err) < 0) {
        follower_free(f);
        return -1;
    }
    pthread_detach(thread);
    return 0;
}

static int serve_logs(struct http_call *call, const struct opctx *ctx, void *arg,
                      struct error **err)
{
    (void)ctx;
    struct log_server *s = arg;
    cleanup_free char *path = give_path(s, call, err);
    cleanup_free char *text = NULL;
    size_t len;
    if (!path || file_read(path, LOG_MAX, &text, &len, err) < 0)
        return -1;
    long long tail = query_number(call, "tailLines"), limit = query_number(call, "limitBytes");
    size_t begin = tail == 0 ? len : tail > 0 ? tail_offset(text, len, tail) : 0;
    cleanup_free char *follows =
        http_call_query(call) ? query_give(http_call_query(call), "follow") : NULL;
    if (str_eq(follows, "true"))
        return begin_follow(s, call, take(path), text, begin, len, err);
    size_t n = len - begin;
    if (limit >= 0 && (size_t)limit < n)
        n = (size_t)limit;
    http_call_set_header(call, "Content-Type", "text/plain");
    buf_add(http_call_out(call), text + begin, n);
    return 0;
}

static const struct http_route routes[] = {
    { "GET", "/containerLogs/{namespace}/{pod}/{container}", serve_logs, false },
};

int log_server_start(const struct kubelet_config *cfg, struct log_server **ret, struct error **err)
{
    static const char *const ips[] = { "127.0.0.1", NULL };
    int64_t now = clock_wall_ns(cfg->clock);
    struct x509_request cert = { .common_name = "kubelet",
                                 .ip_addresses = ips,
                                 .is_server = true,
                                 .not_before_wall_ns = now - 3600 * NS_PER_S,
                                 .not_after_wall_ns = now + CERT_LIFE_NS };
    cleanup_free char *cert_pem = NULL;
    cleanup_secret struct secret *key = NULL;
    if (x509_make(&cert, &cert_pem, &key, err) < 0)
        return -1;
    struct log_server *s = xnew(struct log_server);
    s->cfg = cfg;
    s->stop = stop_new(NULL);
    mutex_init(&s->mu);
    pthread_cond_init(&s->quiet, NULL);
    struct http_server_config http = { .name = "kubelet-logs",
                                       .bind_address = "127.0.0.1",
                                       .cert_pem = cert_pem,
                                       .key_pem = key,
                                       .routes = routes,
                                       .routes_len = ARRAY_LEN(routes),
                                       .arg = s,
                                       .workers = 2,
                                       .clock = cfg->clock,
                                       .rng = cfg->rng,
                                       .log = cfg->log };
    if (http_server_start(&http, &s->http, err) < 0) {
        log_server_stop(s);
        return error_wrap(err, "serving container logs");
    }
    *ret = s;
    return 0;
}

uint16_t log_server_port(const struct log_server *s)
{
    return http_server_port(s->http);
}

void log_server_stop(struct log_server *s)
{
    if (!s)
        return;
    stop_request(s->stop);
    if (s->http)
        http_server_stop(s->http, 500); /* first, so that no call begins another follower */
    pthread_mutex_lock(&s->mu);
    while (s->followers > 0)
        pthread_cond_wait(&s->quiet, &s->mu);
    pthread_mutex_unlock(&s->mu);
    stop_unref(s->stop);
    pthread_cond_destroy(&s->quiet);
    pthread_mutex_destroy(&s->mu);
    free(s);
}
