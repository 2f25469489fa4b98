#include "pkg/kube/exec.h"

#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/kube/client_impl.h"
#include "pkg/kube/exec_session.h"
#include "pkg/kube/status.h"
#include "pkg/net/url.h"
#include "pkg/net/ws_client.h"

#define PROTOCOL_V5 "v5.channel.k8s.io"
#define PROTOCOL_V4 "v4.channel.k8s.io"
#define MESSAGE_MAX ((size_t)4 << 20)

struct ws_stream {
    struct exec_stream base;
    struct ws_conn *ws;
};

static int ws_stream_read(struct exec_stream *s, const struct opctx *ctx, bool *ret_binary,
                          const char **ret_data, size_t *ret_len, struct error **err)
{
    return ws_conn_read(container_of(s, struct ws_stream, base)->ws, ctx, ret_binary, ret_data,
                        ret_len, err);
}

static int ws_stream_send(struct exec_stream *s, const struct opctx *ctx, const void *data,
                          size_t len, struct error **err)
{
    return ws_conn_send(container_of(s, struct ws_stream, base)->ws, ctx, true, data, len, err);
}

static void add_query(struct buf *query, const struct kube_exec_options *opt)
{
    for (const char *const *word = opt->command; *word; word++)
        url_add_query(query, "command", *word);
    url_add_query(query, "container", opt->container);
    url_add_query(query, "stdin", opt->stdin_data ? "true" : NULL);
    url_add_query(query, "stdout", "true");
    url_add_query(query, "stderr", opt->tty ? NULL : "true"); /* a terminal has but one output */
    url_add_query(query, "tty", opt->tty ? "true" : NULL);
}

/* A refused handshake as the typed error that its body is. */
static int fail_open(struct kube_client *k, const struct kube_cred_stamp *stamp, struct error **e,
                     struct error **err)
{
    const char *body = error_get_body(*e);
    if (error_get_status(*e) == 401 && error_is(*e, ERR_UNAUTHORIZED))
        kube_cred_reject(k->cred, stamp);
    cleanup_json json *status = NULL;
    if (!body || json_parse_object(body, strlen(body), &status, NULL) < 0 ||
        !str_eq(json_path_str(status, "kind"), "Status"))
        return error_move(err, e);
    return status_set_error(status, error_get_status(*e), err);
}

static int open_ws(struct kube_client *k, const struct opctx *ctx, const struct kube_raw *raw,
                   struct http_peer *peer, const struct http_headers *headers,
                   const struct kube_cred_stamp *stamp, struct ws_conn **ret, struct error **err)
{
    static const char *const protocols[] = { PROTOCOL_V5, PROTOCOL_V4, NULL };
    cleanup_free char *url = request_give_url(k, raw, 0);
    const struct ws_conn_config cfg = {
        .url = url, .headers = headers, .subprotocols = protocols, .max_message = MESSAGE_MAX
    };
    cleanup_error struct error *e = NULL;
    return ws_conn_open(peer, ctx, &cfg, ret, &e) < 0 ? fail_open(k, stamp, &e, err) : 0;
}

static int run(struct kube_client *k, const struct opctx *ctx, const struct kube_raw *raw,
               const struct kube_exec_options *opt, int *ret_exit_code, struct error **err)
{
    struct http_headers headers = { 0 };
    struct kube_cred_stamp stamp;
    struct kube_conn_use use = { 0 };
    cleanup_ws_conn struct ws_conn *ws = NULL;
    int rc = request_add_headers(k, ctx, raw, &headers, &stamp, err);
    if (rc == 0)
        rc = k->conn->acquire(k->conn, ctx, &use, err);
    if (rc < 0) {
        http_headers_release(&headers);
        return -1;
    }
    if (use.peer)
        rc = open_ws(k, ctx, raw, use.peer, &headers, &stamp, &ws, err);
    else
        rc = error_set(err, ERR_UNSUPPORTED, "exec needs a client of a real peer");
    http_headers_release(&headers);
    if (rc == 0) {
        struct ws_stream stream = { .base = { .read = ws_stream_read, .send = ws_stream_send },
                                    .ws = ws };
        bool v5 = str_eq(ws_conn_subprotocol(ws), PROTOCOL_V5);
        rc = exec_session_run(&stream.base, ctx, v5, opt, ret_exit_code, err);
    }
    k->conn->done(k->conn, &use);
    return rc;
}

int kube_exec(struct kube_client *k, const struct opctx *ctx, const struct kube_exec_options *opt,
              int *ret_exit_code, struct error **err)
{
    struct kube_ref ref = {
        .gvr = &GVR_PODS, .nspace = opt->nspace, .name = opt->pod, .subresource = "exec"
    };
    cleanup_free char *path = NULL;
    if (!opt->command || !opt->command[0])
        return error_set(err, ERR_INVALID, "exec needs a command");
    if (!opt->pod)
        return error_set(err, ERR_INVALID, "exec needs a pod");
    if (kube_give_path(&ref, &path, err) < 0)
        return -1;
    if (k->opt.before_write && k->opt.before_write(k->opt.before_write_arg, err) < 0)
        return -1;
    if (bucket_take(k->bucket, ctx, NULL, err) < 0)
        return error_wrap(err, "waiting for the client's rate limit");
    cleanup_buf struct buf query = BUF_INIT(BUF_UNBOUNDED);
    add_query(&query, opt);
    struct kube_raw raw = {
        .method = "GET", .path = path, .query = buf_str(&query) + 1, .accept = "*/*"
    };
    return run(k, ctx, &raw, opt, ret_exit_code, err);
}
