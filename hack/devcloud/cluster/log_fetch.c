#include "hack/devcloud/cluster/log_fetch.h"

#include "hack/devcloud/cluster/reply.h"
#include "pkg/base/mem.h"
#include "pkg/base/thread.h"
#include "pkg/net/http_client.h"

#define QUEUED_MAX ((size_t)16 << 20)

struct log_fetcher {
    struct cluster *c;
    pthread_mutex_t mu;
    struct http_peer *peer; /* of all kubelets; made at the first use */
};

struct log_fetcher *log_fetcher_new(struct cluster *c)
{
    struct log_fetcher *f = xnew(struct log_fetcher);
    f->c = c;
    mutex_init(&f->mu);
    return f;
}

void log_fetcher_free(struct log_fetcher *f)
{
    if (!f)
        return;
    http_peer_unref(f->peer);
    (void)pthread_mutex_destroy(&f->mu);
    free(f);
}

/* As the API server: with a certificate of its own, without checking the kubelet's. */
static int make_peer(struct log_fetcher *f, struct error **err)
{
    const char *const groups[] = { "system:masters", NULL };
    cleanup_free char *cert = NULL;
    cleanup_secret struct secret *key = NULL;
    if (f->peer)
        return 0;
    if (!f->c->cfg.http)
        return fail_with(err, 501, "NotImplemented", NULL, "this cluster has no kubelets");
    if (cluster_give_client_cert(f->c, "kube-apiserver-kubelet-client", groups, &cert, &key, err) <
        0)
        return -1;
    struct http_peer_config cfg = {
        .client_cert_pem = cert, .client_key_pem = key, .insecure = true, .proxy_url = ""
    };
    return http_peer_new(f->c->cfg.http, &cfg, &f->peer, err);
}

struct log_sink_to {
    struct http_sink sink;
    struct http_stream *stream;
};

static bool on_head(struct http_sink *sink, const struct http_response *head)
{
    (void)sink;
    return head->status == 200;
}

static int on_data(struct http_sink *sink, const char *data, size_t len, struct error **err)
{
    struct log_sink_to *to = container_of(sink, struct log_sink_to, sink);
    return http_stream_write(to->stream, data, len) < 0
               ? error_set(err, ERR_CANCELLED, "the reader of the log is gone")
               : 0;
}

int log_fetch(struct log_fetcher *f, const struct opctx *ctx, const char *url,
              struct http_call *call, struct error **err)
{
    cleanup_response struct http_response response = { 0 };
    cleanup_error struct error *why = NULL;
    (void)pthread_mutex_lock(&f->mu);
    int rc = make_peer(f, err);
    (void)pthread_mutex_unlock(&f->mu);
    if (rc < 0)
        return -1;
    http_call_set_status(call, 200);
    http_call_set_header(call, "Content-Type", "text/plain");
    struct log_sink_to to = { .sink = { on_head, on_data } };
    to.stream = http_call_begin_stream(call, QUEUED_MAX, NULL, NULL);
    struct http_request rq = {
        .method = "GET", .url = url, .traffic = HTTP_CLASS_LOG, .sink = &to.sink
    };
    if (http_send(http_peer_transport(f->peer), ctx, &rq, &response, &why) < 0 &&
        !error_is(why, ERR_CANCELLED))
        http_stream_abort(to.stream);
    else
        http_stream_end(to.stream);
    http_stream_unref(to.stream);
    return 0;
}
