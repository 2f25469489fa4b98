#include <linux/tcp.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/net/http_impl.h"

#define TCP_STATE_ESTABLISHED \
    1 /* of tcpi_state; glibc's header has a name for it, the kernel's has not */

/* ---- what arrives ---- */

static size_t fail_body(struct http_exchange *ex, enum err_kind kind, const char *why)
{
    if (!ex->err)
        ex->err = fail_give(ex, kind, NULL, why);
    return CURL_WRITEFUNC_ERROR;
}

/* "HTTP/1.1 200 OK": another head begins (100 Continue and the like come first). */
static void begin_head(struct http_exchange *ex, const char *line)
{
    struct http_response *resp = ex->resp;
    http_headers_release(&resp->headers);
    ex->head_done = false;
    char *rest;
    long major = strtol(line + 5, &rest, 10);
    long minor = *rest == '.' ? strtol(rest + 1, &rest, 10) : 0;
    resp->version = (int)(major * 10 + minor);
    resp->status = (int)strtol(rest, NULL, 10);
}

static bool will_redirect(const struct http_exchange *ex)
{
    int status = ex->resp->status;
    bool moved = status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
    return moved && ex->req->max_redirects > 0 &&
           http_headers_get(&ex->resp->headers, "Location") != NULL;
}

static void end_head(struct http_exchange *ex)
{
    if (ex->resp->status < 200)
        return;
    ex->head_done = true;
    struct http_sink *sink = ex->req->sink;
    if (sink && !will_redirect(ex))
        ex->to_sink = !sink->on_head || sink->on_head(sink, ex->resp);
}

static size_t on_header(char *data, size_t one, size_t len, void *arg)
{
    (void)one;
    struct http_exchange *ex = arg;
    ex->header_bytes += len;
    if (ex->header_bytes > HEADERS_MAX_BYTES)
        return fail_body(ex, ERR_TOO_LARGE, "the reply's headers are too large");

    cleanup_free char *line = xstrndup(data, len);
    line[strcspn(line, "\r\n")] = '\0';
    if (str_starts(line, "HTTP/")) {
        begin_head(ex, line);
        return len;
    }
    if (ex->head_done) /* a trailer */
        return len;
    char *colon = strchr(line, ':');
    if (!*line) {
        end_head(ex);
    } else if (colon && colon != line) {
        *colon = '\0';
        cleanup_free char *value = str_give_trimmed(colon + 1);
        http_headers_add(&ex->resp->headers, line, value);
    }
    return len;
}

static size_t on_body(char *data, size_t one, size_t len, void *arg)
{
    (void)one;
    struct http_exchange *ex = arg;
    ex->lane->received += len;
    if (ex->is_probe || ex->is_host_probe)
        return len;
    if (ex->to_sink) {
        if (ex->req->sink->on_data(ex->req->sink, data, len, &ex->err) == 0)
            return len;
        return fail_body(ex, ERR_INTERNAL, "the reader ended the transfer");
    }
    buf_add(&ex->resp->body, data, len);
    if (ex->resp->body.spoiled)
        return fail_body(ex, ERR_TOO_LARGE, "the reply's body is too large");
    return len;
}

/* ---- when it is sent ---- */

bool transfer_is_replayable(const struct http_exchange *ex)
{
    static const char *const methods[] = { "GET", "HEAD", "OPTIONS", "TRACE" };
    for (size_t i = 0; i < ARRAY_LEN(methods); i++) {
        if (strcmp(methods[i], ex->req->method) == 0)
            return true;
    }
    return false;
}

/* The connection's SSL when it speaks HTTP/2, else NULL. */
static SSL *http2_ssl(CURL *easy)
{
    struct curl_tlssessioninfo *info = NULL;
    if (curl_easy_getinfo(easy, CURLINFO_TLS_SSL_PTR, &info) != CURLE_OK || !info ||
        !info->internals)
        return NULL;
    const unsigned char *protocol = NULL;
    unsigned len = 0;
    SSL_get0_alpn_selected(info->internals, &protocol, &len);
    return len == 2 && memcmp(protocol, "h2", 2) == 0 ? info->internals : NULL;
}

static void note_connection(struct http_exchange *ex, int local_port, int remote_port)
{
    struct http_conn *conn = lane_find_conn(ex->lane, local_port, remote_port);
    if (conn && !conn->used) {
        conn->used = true;
        conn->ssl = http2_ssl(ex->easy);
        conn->h2 = conn->ssl != NULL;
        atomic_fetch_add(&ex->peer->opened, 1);
    }
    lane_attach(ex, conn);
}

/* CURLOPT_PREREQFUNCTION */
static int on_sending(void *arg, char *remote_ip, char *local_ip, int remote_port, int local_port)
{
    (void)remote_ip;
    (void)local_ip;
    struct http_exchange *ex = arg;
    ex->tls.handshaking = false;
    note_connection(ex, local_port, remote_port);
    if (ex->is_probe) {
        if (!ex->probe_of || ex->conn != ex->probe_of)
            return CURL_PREREQFUNC_ABORT;
        probe_sent(ex);
        return CURL_PREREQFUNC_OK;
    }
    if (ex->evicted) {
        ex->displaced = true;
        return CURL_PREREQFUNC_ABORT;
    }
    /* Whoever was stopped for long, as a frozen process is, must not send what nobody may send any more. A probe of the host
     * has no caller. */
    if (!ex->is_host_probe && !ex->err && opctx_check(ex->waker.ctx, &ex->err) < 0)
        return CURL_PREREQFUNC_ABORT;
    bool again = ex->sendings++ > 0;
    if (again && !ex->refused && !transfer_is_replayable(ex)) {
        ex->err = fail_give_lost_reply(ex);
        return CURL_PREREQFUNC_ABORT;
    }
    ex->refused = false;
    return CURL_PREREQFUNC_OK;
}

static bool is_alive(const struct http_conn *conn)
{
    struct tcp_info info = { 0 };
    socklen_t len = sizeof(info);
    return getsockopt(conn->fd, IPPROTO_TCP, TCP_INFO, &info, &len) == 0 &&
           info.tcpi_state == TCP_STATE_ESTABLISHED &&
           !(SSL_get_shutdown(conn->ssl) & SSL_RECEIVED_SHUTDOWN);
}

/* curl is about to send a request again, or has done so too often, while the connection is still as it was. */
static void on_again(struct http_exchange *ex, const char *text)
{
    (void)text;
    ex->refused = ex->conn && ex->conn->h2 && is_alive(ex->conn);
    if (ex->refused)
        lane_refused(ex);
}

static void on_stream(struct http_exchange *ex, const char *text)
{
    ex->stream = strtoll(text, NULL, 10);
    ex->left_out = false;
}

/* It may be heard by any of the connection's exchanges. curl itself has those sent again that are left out, but for
 * the last one: then it finds "nothing to do in this session". */
static void on_goaway(struct http_exchange *ex, const char *text)
{
    const char *last = strstr(text, "last_stream=");
    for (struct http_exchange *other = ex->lane->exchanges; last && other; other = other->next) {
        if (other->conn && other->conn == ex->conn)
            other->left_out = other->stream > strtoll(last + strlen("last_stream="), NULL, 10);
    }
}

/* What curl 7.88 says in its messages only. */
static const struct remark {
    const char *begin;
    void (*fn)(struct http_exchange *ex, const char *rest);
} remarks[] = {
    { "Connection died, ", on_again },
    { "Using Stream ID: ", on_stream },
    { "recveived GOAWAY, ", on_goaway }, /* its spelling */
    { "received GOAWAY, ", on_goaway },
};

static int on_debug(CURL *easy, curl_infotype type, char *data, size_t len, void *arg)
{
    (void)easy;
    for (size_t i = 0; type == CURLINFO_TEXT && i < ARRAY_LEN(remarks); i++) {
        size_t begin = strlen(remarks[i].begin);
        if (len < begin || memcmp(data, remarks[i].begin, begin) != 0)
            continue;
        cleanup_free char *rest = xstrndup(data + begin, len - begin);
        remarks[i].fn(arg, rest);
    }
    return 0;
}

/* ---- options ---- */

static void add_header(struct http_exchange *ex, const char *line)
{
    struct curl_slist *longer = curl_slist_append(ex->headers, line);
    if (!longer)
        abort(); /* memory ended */
    ex->headers = longer;
}

static void set_headers(struct http_exchange *ex)
{
    const struct http_headers *h = &ex->req->headers;
    for (size_t i = 0; i < h->len; i++) {
        const struct http_header *one = &h->v[i];
        /* A semicolon is curl's spelling of "without value"; with a colon it would be left out. */
        cleanup_free char *line =
            *one->value ? xasprintf("%s: %s", one->name, one->value) : xasprintf("%s;", one->name);
        add_header(ex, line);
        secret_wipe(line, strlen(line));
    }
    /* What curl would add by itself. */
    if (!http_headers_get(h, "Content-Type"))
        add_header(ex, "Content-Type:");
    if (!http_headers_get(h, "Expect"))
        add_header(ex, "Expect:");
    curl_easy_setopt(ex->easy, CURLOPT_HTTPHEADER, ex->headers);
}

static void set_request(struct http_exchange *ex)
{
    const struct http_request *req = ex->req;
    CURL *easy = ex->easy;
    curl_easy_setopt(easy, CURLOPT_URL, req->url);
    curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    bool posts = strcmp(req->method, "POST") == 0 || strcmp(req->method, "PUT") == 0 ||
                 strcmp(req->method, "PATCH") == 0;
    if (strcmp(req->method, "HEAD") == 0) {
        curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    } else if (req->body || posts) { /* these say "Content-Length: 0" without a body */
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)req->body_len);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, req->body ? req->body : "");
        curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, req->method);
    } else {
        curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
        curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, req->method);
    }
    if (req->gzip)
        curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "gzip");
    set_headers(ex);
}

static void set_connection(struct http_exchange *ex)
{
    const struct http_request *req = ex->req;
    CURL *easy = ex->easy;
    int64_t connect_ms = req->connect_timeout_ms > 0 ? req->connect_timeout_ms : CONNECT_TIMEOUT_MS;
    bool https = strcmp(ex->target.url.scheme, "https") == 0;
    bool http2 = https && !ex->peer->disable_http2;
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    /* A resolver thread that hangs is left behind: removing a transfer must not wait for it. */
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
    curl_easy_setopt(easy, CURLOPT_DNS_CACHE_TIMEOUT, 5L);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)connect_ms);
    curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, (long)(LANE_IDLE_NS / NS_PER_S));
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION,
                     (long)(http2 ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1));
    curl_easy_setopt(easy, CURLOPT_PIPEWAIT, http2 ? 1L : 0L);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, ex);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, lane_open_socket);
    curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, lane_close_socket);
    if (req->fresh_connection) {
        curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
        curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
    }
    http_target_apply(&ex->target, easy, &ex->connect_list);
    ex->tls = (struct tls_session){ .client = ex->peer->tls,
                                    .host = ex->target.url.host,
                                    .proxy_is_tls = ex->target.proxy_is_tls };
    tls_session_apply(&ex->tls, easy);
}

static void set_callbacks(struct http_exchange *ex)
{
    CURL *easy = ex->easy;
    curl_easy_setopt(easy, CURLOPT_PRIVATE, ex);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, ex->errbuf);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, ex);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, ex);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_PREREQDATA, ex);
    curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_sending);
    curl_easy_setopt(easy, CURLOPT_VERBOSE, 1L); /* for on_debug; nothing is printed */
    curl_easy_setopt(easy, CURLOPT_DEBUGDATA, ex);
    curl_easy_setopt(easy, CURLOPT_DEBUGFUNCTION, on_debug);
}

void transfer_open(struct http_exchange *ex)
{
    ex->easy = curl_easy_init();
    if (!ex->easy)
        abort(); /* memory ended */
    set_request(ex);
    set_connection(ex);
    set_callbacks(ex);
}

void transfer_close(struct http_exchange *ex)
{
    curl_easy_cleanup(ex->easy);
    ex->easy = NULL;
    for (struct curl_slist *h = ex->headers; h; h = h->next)
        secret_wipe(h->data, strlen(h->data));
    curl_slist_free_all(ex->headers);
    curl_slist_free_all(ex->connect_list);
    ex->headers = ex->connect_list = NULL;
}
