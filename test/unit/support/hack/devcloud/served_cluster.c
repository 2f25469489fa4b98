#include "test/unit/support/hack/devcloud/served_cluster.h"

#include <string.h>

#include "pkg/base/mem.h"
#include "test/unit/support/test.h"

static void must(int rc, struct error *err)
{
    if (rc < 0)
        fail_msg("%s", error_text(err));
}

static struct http_peer *make_peer(struct served_cluster *s, const char *cert,
                                   const struct secret *key)
{
    struct http_peer_config cfg = { .ca_pem = cluster_ca_cert(s->cluster),
                                    .client_cert_pem = cert,
                                    .client_key_pem = key };
    struct http_peer *peer = NULL;
    struct error *err = NULL;
    must(http_peer_new(s->client, &cfg, &peer, &err), err);
    return peer;
}

void served_cluster_open(struct served_cluster *s, bool with_kubelets)
{
    *s = (struct served_cluster){ 0 };
    struct error *err = NULL;
    const char *const groups[] = { "system:masters", NULL };
    cleanup_free char *cert = NULL;
    cleanup_secret struct secret *key = NULL;
    fake_env_init(&s->env);
    struct http_client_config client = { .clock = clock_system(), .env = &s->env.base };
    must(http_client_new(&client, &s->client, &err), err);
    struct cluster_config cfg = { .minor = 20,
                                  .http = with_kubelets ? s->client : NULL,
                                  .clock = clock_system(),
                                  .rng = rng_system() };
    must(cluster_new(&cfg, &s->cluster, &err), err);
    struct cluster_server_config server = { .address = "127.0.0.1", .workers = 4 };
    must(cluster_server_start(s->cluster, &server, &s->server, &err), err);
    must(cluster_give_client_cert(s->cluster, "admin", groups, &cert, &key, &err), err);
    s->admin = make_peer(s, cert, key);
    s->nobody = make_peer(s, NULL, NULL);
    s->ctx = opctx_root(clock_system(), rng_system(), NULL, NULL);
}

void served_cluster_close(struct served_cluster *s)
{
    http_response_release(&s->reply);
    http_peer_unref(s->admin);
    http_peer_unref(s->nobody);
    cluster_server_stop(s->server);
    cluster_free(s->cluster);
    http_client_free(s->client);
    fake_env_release(&s->env);
}

static char *give_url(const struct served_cluster *s, const char *path)
{
    return xasprintf("https://127.0.0.1:%u%s", (unsigned)cluster_server_port(s->server), path);
}

static void add_header(struct http_headers *headers, const char *line)
{
    const char *colon = strchr(line, ':');
    cleanup_free char *name = xstrndup(line, (size_t)(colon - line));
    http_headers_add(headers, name, colon + 2);
}

int served_cluster_send(struct served_cluster *s, struct http_peer *peer, const char *method,
                        const char *path, const char *const *headers, const char *body)
{
    cleanup_free char *url = give_url(s, path), *text = xstrdup(body);
    cleanup_error struct error *err = NULL;
    for (char *p = text; p && *p; p++)
        if (*p == '\'')
            *p = '"';
    cleanup_request struct http_request rq = { .method = method,
                                               .url = url,
                                               .body = text,
                                               .body_len = text ? strlen(text) : 0,
                                               .timeout_ms = 60000 };
    for (size_t i = 0; headers && headers[i]; i++)
        add_header(&rq.headers, headers[i]);
    http_response_release(&s->reply);
    s->reply = (struct http_response){ 0 };
    return http_send(http_peer_transport(peer), &s->ctx, &rq, &s->reply, &err) < 0
               ? -1
               : s->reply.status;
}

int served_cluster_ask(struct served_cluster *s, const char *method, const char *path,
                       const char *body)
{
    static const char *const headers[] = { "Content-Type: application/json", NULL };
    return served_cluster_send(s, s->admin, method, path, headers, body);
}

/* ---- streams ---- */

static bool on_head(struct http_sink *sink, const struct http_response *head)
{
    container_of(sink, struct served_stream, sink)->status = head->status;
    return true;
}

static int on_data(struct http_sink *sink, const char *data, size_t len, struct error **err)
{
    struct served_stream *w = container_of(sink, struct served_stream, sink);
    (void)pthread_mutex_lock(&w->mu);
    buf_add(&w->data, data, len);
    bool leaves = w->leaves;
    (void)pthread_cond_signal(&w->cv);
    (void)pthread_mutex_unlock(&w->mu);
    return leaves ? error_set(err, ERR_CANCELLED, "enough") : 0;
}

static void *run(void *arg)
{
    struct served_stream *w = arg;
    cleanup_response struct http_response response = { 0 };
    cleanup_error struct error *err = NULL;
    struct http_request rq = { .method = "GET",
                               .url = w->url,
                               .traffic = HTTP_CLASS_WATCH,
                               .sink = &w->sink,
                               .timeout_ms = 60000 };
    w->rc = http_send(http_peer_transport(w->of->admin), &w->of->ctx, &rq, &response, &err);
    (void)pthread_mutex_lock(&w->mu);
    (void)pthread_cond_signal(&w->cv);
    (void)pthread_mutex_unlock(&w->mu);
    return NULL;
}

void served_stream_start(struct served_stream *w, struct served_cluster *s, const char *path)
{
    *w = (struct served_stream){ .sink = { on_head, on_data },
                                 .of = s,
                                 .url = give_url(s, path),
                                 .data = BUF_INIT(BUF_UNBOUNDED) };
    (void)pthread_mutex_init(&w->mu, NULL);
    (void)pthread_cond_init(&w->cv, NULL);
    assert_int_equal(pthread_create(&w->thread, NULL, run, w), 0);
}

void served_stream_await(struct served_stream *w, const char *text)
{
    (void)pthread_mutex_lock(&w->mu);
    while (!w->data.len || !strstr(buf_str(&w->data), text))
        (void)pthread_cond_wait(&w->cv, &w->mu);
    (void)pthread_mutex_unlock(&w->mu);
}

void served_stream_leave(struct served_stream *w)
{
    (void)pthread_mutex_lock(&w->mu);
    w->leaves = true;
    (void)pthread_mutex_unlock(&w->mu);
}

int served_stream_join(struct served_stream *w)
{
    assert_int_equal(pthread_join(w->thread, NULL), 0);
    return w->rc;
}

void served_stream_release(struct served_stream *w)
{
    buf_release(&w->data);
    (void)pthread_cond_destroy(&w->cv);
    (void)pthread_mutex_destroy(&w->mu);
    free(w->url);
}
