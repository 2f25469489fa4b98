/*
 * The HTTP side: requests become api_request, replies go out, watches become streams.
 *
 * A watch and its stream end on different threads. `struct pipe` joins them: the stream's last callback
 * frees it, but not before the worker that starts the watch has let go.
 */
#include "pkg/net/server.h"

#include <string.h>
#include <strings.h>

#include "hack/devcloud/cluster/auth.h"
#include "hack/devcloud/cluster/cluster_impl.h"
#include "hack/devcloud/cluster/log_fetch.h"
#include "hack/devcloud/cluster/reply.h"
#include "hack/devcloud/cluster/serve.h"
#include "hack/devcloud/cluster/watch.h"
#include "pkg/base/mem.h"
#include "pkg/base/thread.h"
#include "pkg/crypt/crypt.h"

#define BODY_MAX ((size_t)3 << 20) /* as the API server's limit on requests */
#define YEAR_NS (365 * 24 * 3600 * NS_PER_S)
#define DAY_NS (24 * 3600 * NS_PER_S)

struct cluster_server {
    struct cluster *c;
    struct http_server *http;
    struct log_fetcher *logs;
    bool (*intercept)(void *arg, struct http_call *call);
    void *intercept_arg;
};

/* ---- watches ---- */

struct pipe {
    struct watch_sink sink;
    pthread_mutex_t mu;
    struct watch *watch;
    struct http_stream *stream;
    int holders; /* the starting worker, the stream */
};

static int pipe_write(struct watch_sink *sink, const char *data, size_t len)
{
    return http_stream_write(container_of(sink, struct pipe, sink)->stream, data, len);
}

static void pipe_end(struct watch_sink *sink)
{
    http_stream_end(container_of(sink, struct pipe, sink)->stream);
}

static void pipe_unref(struct pipe *p)
{
    (void)pthread_mutex_lock(&p->mu);
    bool last = --p->holders == 0;
    (void)pthread_mutex_unlock(&p->mu);
    if (!last)
        return;
    watch_free(p->watch);
    http_stream_unref(p->stream);
    (void)pthread_mutex_destroy(&p->mu);
    free(p);
}

static void on_stream_closed(void *arg)
{
    pipe_unref(arg);
}

static void send_watch(const struct cluster_server *s, struct http_call *call, struct watch *w)
{
    struct pipe *p = xnew(struct pipe);
    mutex_init(&p->mu);
    p->sink = (struct watch_sink){ pipe_write, pipe_end, s };
    p->watch = w;
    p->holders = 2;
    http_call_set_status(call, 200);
    p->stream = http_call_begin_stream(call, WATCH_QUEUED_MAX, on_stream_closed, p);
    watch_start(w, &p->sink);
    pipe_unref(p);
}

/* ---- requests ---- */

static void read_impersonation(const struct http_headers *h, struct strv *names,
                               struct strv *values)
{
    for (size_t i = 0; i < h->len; i++)
        if (strncasecmp(h->v[i].name, "Impersonate-", strlen("Impersonate-")) == 0) {
            strv_add(names, h->v[i].name);
            strv_add(values, h->v[i].value);
        }
}

static int identify(struct cluster *c, struct http_call *call, struct api_request *rq,
                    struct error **err)
{
    struct credentials cred = { .authorization = http_call_header(call, "Authorization") };
    cleanup_strv struct strv names = STRV_INIT, values = STRV_INIT;
    cred.cert_der = http_call_client_cert(call, &cred.cert_len);
    if (auth_identify(c, &cred, &rq->user, err) < 0)
        return -1;
    read_impersonation(http_call_headers(call), &names, &values);
    return auth_impersonate(c, &names, &values, &rq->user, err);
}

static int read_request(struct cluster *c, struct http_call *call, struct api_request *rq,
                        struct error **err)
{
    if (api_request_init(rq, http_call_method(call), http_call_path(call), http_call_query(call),
                         err) < 0)
        return -1;
    rq->accept = http_call_header(call, "Accept");
    rq->content_type = http_call_header(call, "Content-Type");
    rq->user_agent = http_call_header(call, "User-Agent");
    rq->body = http_call_body(call, &rq->body_len);
    return identify(c, call, rq, err);
}

static void send_headers(struct http_call *call, const struct api_reply *reply)
{
    struct http_headers headers = { 0 };
    reply_add_headers(reply, &headers);
    for (size_t i = 0; i < headers.len; i++)
        http_call_add_header(call, headers.v[i].name, headers.v[i].value);
    http_headers_release(&headers);
}

static void send_reply(struct http_call *call, const struct api_reply *reply)
{
    http_call_set_status(call, reply->status);
    http_call_set_header(call, "Cache-Control", "no-cache, private");
    buf_add(http_call_out(call), reply->body.data, reply->body.len);
}

int cluster_give_caller(struct cluster *c, struct http_call *call, json **ret, struct error **err)
{
    cleanup_api_request struct api_request rq = { 0 };
    if (identify(c, call, &rq, err) < 0)
        return -1;
    *ret = json_make("{'username':%s,'uid':%s,'groups':[]}", rq.user.name,
                     rq.user.uid ? rq.user.uid : "");
    for (size_t i = 0; i < rq.user.groups.len; i++)
        json_append(json_get(*ret, "groups"), json_new_str(rq.user.groups.v[i]));
    return 0;
}

static int handle(struct http_call *call, const struct opctx *ctx, void *arg, struct error **err)
{
    struct cluster_server *s = arg;
    cleanup_api_request struct api_request rq = { 0 };
    cleanup_api_reply struct api_reply reply;
    cleanup_error struct error *why = NULL;
    api_reply_init(&reply);
    if (s->intercept && s->intercept(s->intercept_arg, call))
        return 0;
    if (read_request(s->c, call, &rq, &why) < 0)
        reply_error(&reply, NULL, why);
    else
        serve(s->c, &rq, &reply);
    if (reply.log_url && reply.status == 200)
        return log_fetch(s->logs, ctx, reply.log_url, call, err);
    send_headers(call, &reply);
    if (reply.watch)
        send_watch(s, call, reply.watch);
    else
        send_reply(call, &reply);
    return 0;
}

/* ---- starting, stopping ---- */

static int make_cert(struct cluster *c, const struct cluster_server_config *cfg, char **ret_cert,
                     struct secret **ret_key, struct error **err)
{
    int64_t now = clock_wall_ns(c->cfg.clock);
    cleanup_strv struct strv names = STRV_INIT;
    const char *const plain[] = { "kubernetes", "kubernetes.default", "kubernetes.default.svc",
                                  "localhost" };
    for (size_t i = 0; i < ARRAY_LEN(plain); i++)
        strv_add(&names, plain[i]);
    for (size_t i = 0; cfg->dns_names && cfg->dns_names[i]; i++)
        strv_add(&names, cfg->dns_names[i]);
    const char *const addresses[] = { cfg->address, "10.96.0.1", NULL };
    struct x509_request rq = { .common_name = "kube-apiserver",
                               .dns_names = (const char *const *)names.v,
                               .ip_addresses = addresses,
                               .is_server = true,
                               .not_before_wall_ns = now - DAY_NS,
                               .not_after_wall_ns = now + YEAR_NS,
                               .issuer_cert_pem = c->ca_cert_pem,
                               .issuer_key_pem = c->ca_key_pem };
    return x509_make(&rq, ret_cert, ret_key, err);
}

int cluster_server_start(struct cluster *c, const struct cluster_server_config *cfg,
                         struct cluster_server **ret, struct error **err)
{
    cleanup_free char *cert = NULL;
    cleanup_secret struct secret *key = NULL;
    const struct http_route routes[] = { { .handle = handle } };
    if ((!cfg->cert_pem && make_cert(c, cfg, &cert, &key, err) < 0) || hub_start(c->hub, err) < 0)
        return error_wrap(err, "starting an API server");
    struct cluster_server *s = xnew(struct cluster_server);
    struct http_server_config http = { .name = "apiserver",
                                       .bind_address = cfg->address,
                                       .port = cfg->port,
                                       .cert_pem = cert ? cert : cfg->cert_pem,
                                       .key_pem = cert ? key : cfg->key_pem,
                                       .request_client_cert = true,
                                       .routes = routes,
                                       .routes_len = ARRAY_LEN(routes),
                                       .arg = s,
                                       .workers = cfg->workers ? cfg->workers : 8,
                                       .max_body_bytes = BODY_MAX,
                                       .clock = c->cfg.clock,
                                       .rng = c->cfg.rng,
                                       .log = c->cfg.log };
    s->c = c;
    s->intercept = cfg->intercept;
    s->intercept_arg = cfg->intercept_arg;
    s->logs = log_fetcher_new(c);
    if (http_server_start(&http, &s->http, err) < 0) {
        log_fetcher_free(s->logs);
        free(s);
        return error_wrap(err, "starting an API server");
    }
    *ret = s;
    return 0;
}

uint16_t cluster_server_port(const struct cluster_server *s)
{
    return http_server_port(s->http);
}

void cluster_server_stop(struct cluster_server *s)
{
    if (!s)
        return;
    hub_end_of(s->c->hub, s);
    http_server_stop(s->http, 1000);
    log_fetcher_free(s->logs);
    free(s);
}
