#include "test/conformance/server.h"

#include <spawn.h>
#include <string.h>
#include <sys/wait.h>

#include "pkg/base/json.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/base/thread.h"
#include "pkg/kube/config.h"
#include "test/conformance/stream_lines.h"

#define BODY_MAX ((size_t)64 << 20)
#define REQUEST_TIMEOUT_MS 30000
#define LINE_TIMEOUT_NS (15 * NS_PER_S)

extern char **environ;

static int connect_to(struct server *s, struct http_client *http, const char *kubeconfig,
                      struct error **err)
{
    struct kube_config_options options = { .path = kubeconfig, .env = env_process() };
    cleanup_kube_config struct kube_config *cfg = NULL;
    if (kube_config_load(&options, &cfg, err) < 0)
        return -1;
    s->url = xstrdup(cfg->server);
    struct http_peer_config peer = { .ca_pem = cfg->ca_pem,
                                     .client_cert_pem = cfg->cert_pem,
                                     .client_key_pem = cfg->key_pem,
                                     .server_name = cfg->server_name,
                                     .proxy_url = "" };
    return http_peer_new(http, &peer, &s->peer, err);
}

static int read_version(struct server *s, struct error **err)
{
    cleanup_response struct http_response r = { 0 };
    cleanup_json json *doc = NULL;
    struct exchange x = { .method = "GET", .path = "/version" };
    if (server_send(s, &x, &r, err) < 0 ||
        json_parse_object(buf_str(&r.body), r.body.len, &doc, err) < 0)
        return -1;
    const char *minor = json_path_str(doc, "minor");
    s->minor = minor ? (int)strtol(minor, NULL, 10) : 0;
    return 0;
}

int server_open(struct http_client *http, const char *spec, struct server *ret, struct error **err)
{
    const char *sign = strchr(spec, '=');
    if (!sign)
        return error_set(err, ERR_INVALID, "--server %s: want NAME=KUBECONFIG", spec);
    const char *comma = strstr(sign, ",compact=");
    size_t len = comma ? (size_t)(comma - sign - 1) : strlen(sign + 1);
    cleanup_free char *kubeconfig = xstrndup(sign + 1, len);
    *ret = (struct server){ .name = xstrndup(spec, (size_t)(sign - spec)),
                            .compact = comma ? xstrdup(comma + strlen(",compact=")) : NULL,
                            .ctx = opctx_root(clock_system(), rng_system(), NULL, NULL) };
    if (connect_to(ret, http, kubeconfig, err) < 0 || read_version(ret, err) < 0) {
        server_close(ret);
        return error_wrap(err, "%s", spec);
    }
    return 0;
}

void server_close(struct server *s)
{
    free(s->name);
    free(s->url);
    free(s->compact);
    http_peer_unref(s->peer);
    *s = (struct server){ 0 };
}

int server_send(struct server *s, const struct exchange *x, struct http_response *ret,
                struct error **err)
{
    cleanup_free char *url = xasprintf("%s%s", s->url, x->path);
    cleanup_request struct http_request rq = { .method = x->method,
                                               .url = url,
                                               .body = x->body,
                                               .body_len = x->body ? strlen(x->body) : 0,
                                               .max_body = BODY_MAX,
                                               .timeout_ms = REQUEST_TIMEOUT_MS };
    http_headers_add(&rq.headers, "User-Agent", "conformance/1");
    for (size_t i = 0; x->headers && i < x->headers->len; i++) {
        const char *line = x->headers->v[i], *colon = strchr(line, ':');
        cleanup_free char *name = xstrndup(line, (size_t)(colon ? colon - line : 0));
        if (colon)
            http_headers_set(&rq.headers, name, colon + 1 + strspn(colon + 1, " "));
    }
    return http_send(http_peer_transport(s->peer), &s->ctx, &rq, ret, err);
}

int server_compact(struct server *s, struct error **err)
{
    char shell[] = "/bin/sh", flag[] = "-c";
    cleanup_free char *command = xstrdup(s->compact);
    char *argv[] = { shell, flag, command, NULL };
    pid_t pid;
    int status = 0;
    int rc = posix_spawn(&pid, shell, NULL, NULL, argv, environ);
    if (rc != 0)
        return error_set_errno(err, rc, "running %s", s->compact);
    if (waitpid(pid, &status, 0) < 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
        return error_set(err, ERR_IO, "%s failed", s->compact);
    return 0;
}

/* ---- streams ---- */

struct stream {
    struct http_sink sink;
    struct server *server;
    char *url;
    struct stop *stop;
    pthread_t thread;
    struct lines lines;
};

static bool take_any(struct http_sink *sink, const struct http_response *head)
{
    (void)sink;
    (void)head;
    return true;
}

static int take_data(struct http_sink *sink, const char *data, size_t len, struct error **err)
{
    (void)err;
    lines_add(&container_of(sink, struct stream, sink)->lines, data, len);
    return 0;
}

static void run_stream(void *arg)
{
    struct stream *st = arg;
    struct opctx ctx = opctx_with_stop(&st->server->ctx, st->stop);
    cleanup_response struct http_response r = { 0 };
    struct http_request rq = {
        .method = "GET", .url = st->url, .traffic = HTTP_CLASS_WATCH, .sink = &st->sink
    };
    (void)http_send(http_peer_transport(st->server->peer), &ctx, &rq, &r, NULL);
    lines_end(&st->lines);
}

int stream_open(struct server *s, const char *path, struct stream **ret, struct error **err)
{
    struct stream *st = xnew(struct stream);
    st->sink = (struct http_sink){ take_any, take_data };
    st->server = s;
    st->url = xasprintf("%s%s", s->url, path);
    st->stop = stop_new(NULL);
    lines_init(&st->lines);
    if (thread_start(&st->thread, "stream", run_stream, st, err) < 0) {
        lines_release(&st->lines);
        stop_unref(st->stop);
        free(st->url);
        free(st);
        return -1;
    }
    *ret = st;
    return 0;
}

char *stream_give_line(struct stream *st)
{
    return lines_give_next(&st->lines, clock_mono_ns(clock_system()) + LINE_TIMEOUT_NS);
}

void stream_close(struct stream *st)
{
    if (!st)
        return;
    stop_request(st->stop);
    (void)pthread_join(st->thread, NULL);
    lines_release(&st->lines);
    stop_unref(st->stop);
    free(st->url);
    free(st);
}
