#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "pkg/base/mem.h"
#include "pkg/net/ws_client_impl.h"

#define SLICE_MS 1000 /* no single wait is longer: the context's clock need not be poll's */
#define CONNECT_SLICE_MS \
    50 /* curl 7.88 goes on to a host's next address only when it is called again */
#define PIECE_BYTES 16384

/* ---- waiting ---- */

static void wake(void *arg)
{
    static const uint64_t one = 1;
    const struct ws_wait *w = arg;
    (void)!write(w->event_fd, &one, sizeof(one)); /* an eventfd takes it, or is readable already */
}

int ws_wait_begin(struct ws_wait *w, const struct opctx *ctx, struct error **err)
{
    *w = (struct ws_wait){ .ctx = ctx, .watch = { .fn = wake, .arg = w } };
    if (opctx_check(ctx, err) < 0)
        return -1;
    w->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (w->event_fd < 0)
        return error_set_errno(err, errno, "waiting on a WebSocket");
    stop_watch(ctx->stop, &w->watch);
    return 0;
}

void ws_wait_end(struct ws_wait *w)
{
    stop_unwatch(w->ctx->stop, &w->watch);
    (void)close(w->event_fd);
}

static int slice_ms(const struct ws_wait *w, int64_t ms)
{
    int64_t left = opctx_remaining_ms(w->ctx);
    if (ms > left)
        ms = left;
    if (ms > SLICE_MS)
        ms = SLICE_MS;
    return ms > 0 ? (int)ms : 0;
}

int ws_wait(struct ws_wait *w, int fd, short events, int64_t ms, struct error **err)
{
    if (opctx_check(w->ctx, err) < 0)
        return -1;
    struct pollfd fds[2] = { { .fd = w->event_fd, .events = POLLIN },
                             { .fd = fd, .events = events } };
    (void)poll(fds, 2, slice_ms(w, ms)); /* EINTR: the caller looks again */
    return opctx_check(w->ctx, err);
}

/* ---- connecting ---- */

static int fail(const struct ws_conn *c, CURLcode result, struct error **err)
{
    enum err_kind kind;
    const char *code;
    const char *why = c->errbuf[0] ? c->errbuf : curl_easy_strerror(result);
    fail_classify(c->easy, result, why, c->target.proxy[0] != '\0', &kind, &code);
    (void)error_set(err, kind, "WebSocket %s: %s", c->target.origin, why);
    if (code)
        error_code(err, code);
    return -1;
}

static curl_socket_t open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *addr)
{
    (void)purpose;
    struct ws_conn *c = arg;
    tls_session_new_socket(&c->tls);
    return peer_open_socket(c->peer, addr);
}

static void set_options(struct ws_conn *c)
{
    CURL *easy = c->easy;
    cleanup_free char *url = xasprintf("%s/", c->target.origin);
    curl_easy_setopt(easy, CURLOPT_URL, url);
    curl_easy_setopt(easy, CURLOPT_CONNECT_ONLY, 1L);
    curl_easy_setopt(easy, CURLOPT_HTTPPROXYTUNNEL, 1L);
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_TIMEOUT_MS);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, c->errbuf);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, c);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    http_target_apply(&c->target, easy, &c->connect_list);
    c->tls = (struct tls_session){ .client = c->peer->tls,
                                   .host = c->target.url.host,
                                   .proxy_is_tls = c->target.proxy_is_tls };
    tls_session_apply(&c->tls, easy);
}

/* Drives curl until it is connected. */
static int drive(struct ws_conn *c, struct ws_wait *w, struct error **err)
{
    struct curl_waitfd stop = { .fd = w->event_fd, .events = CURL_WAIT_POLLIN };
    for (;;) {
        int ignored;
        (void)curl_multi_perform(c->multi, &ignored);
        const CURLMsg *msg = curl_multi_info_read(c->multi, &ignored);
        if (msg && msg->msg == CURLMSG_DONE)
            return msg->data.result == CURLE_OK ? 0 : fail(c, msg->data.result, err);
        (void)curl_multi_poll(c->multi, &stop, 1, slice_ms(w, CONNECT_SLICE_MS), NULL);
        if (opctx_check(w->ctx, err) < 0)
            return error_wrap(err, "connecting a WebSocket to %s", c->target.origin);
    }
}

int ws_connect(struct ws_conn *c, struct ws_wait *w, struct error **err)
{
    bool tls = strcmp(c->target.url.scheme, "https") == 0 || c->target.proxy_is_tls;
    if (tls && tls_client_needs_roots(c->peer->tls, c->target.proxy_is_tls) &&
        tls_roots_load(c->peer->client->roots, err) < 0)
        return -1;
    c->multi = curl_multi_init();
    c->easy = curl_easy_init();
    if (!c->multi || !c->easy)
        abort(); /* memory ended */
    set_options(c);
    if (curl_multi_add_handle(c->multi, c->easy) != CURLM_OK)
        abort(); /* memory ended */
    if (drive(c, w, err) < 0)
        return -1;
    curl_socket_t fd = CURL_SOCKET_BAD;
    CURLcode result = curl_easy_getinfo(c->easy, CURLINFO_ACTIVESOCKET, &fd);
    c->fd = fd;
    return result == CURLE_OK && fd != CURL_SOCKET_BAD ? 0 : fail(c, CURLE_COULDNT_CONNECT, err);
}

void ws_disconnect(struct ws_conn *c)
{
    if (c->easy) {
        (void)curl_multi_remove_handle(c->multi, c->easy);
        curl_easy_cleanup(c->easy);
        curl_multi_cleanup(c->multi);
    }
    curl_slist_free_all(c->connect_list);
}

/* ---- bytes ---- */

int ws_receive(struct ws_conn *c, struct error **err)
{
    size_t n = 0;
    char *room = buf_reserve(&c->in, PIECE_BYTES);
    if (!room)
        return error_set(err, ERR_INTERNAL, "the WebSocket's input is spoiled");
    pthread_mutex_lock(&c->mu);
    CURLcode result = curl_easy_recv(c->easy, room, PIECE_BYTES, &n);
    pthread_mutex_unlock(&c->mu);
    if (result == CURLE_AGAIN)
        return 0;
    if (result != CURLE_OK)
        return fail(c, result, err);
    if (n == 0) {
        (void)error_set(err, ERR_CONN, "WebSocket %s: the connection ended", c->target.origin);
        error_code(err, HTTP_ERR_EOF);
        return -1;
    }
    buf_advance(&c->in, n);
    return 1;
}

/* With the lock. */
static int write_some(struct ws_conn *c, struct error **err)
{
    while (c->out.len > 0) {
        size_t n = 0;
        size_t len = c->out.len < PIECE_BYTES ? c->out.len : PIECE_BYTES;
        CURLcode result = curl_easy_send(c->easy, c->out.data, len, &n);
        if (result == CURLE_AGAIN)
            return 0;
        if (result != CURLE_OK)
            return fail(c, result, err);
        buf_consume(&c->out, n);
        c->written += n;
    }
    return 0;
}

int ws_queue(struct ws_conn *c, const void *data, size_t len, uint64_t *ret_end, struct error **err)
{
    pthread_mutex_lock(&c->mu);
    buf_add(&c->out, data, len);
    c->queued += len;
    *ret_end = c->queued;
    int status = write_some(c, err);
    pthread_mutex_unlock(&c->mu);
    return status;
}

int ws_flush(struct ws_conn *c, uint64_t end, struct error **err)
{
    pthread_mutex_lock(&c->mu);
    int status = c->written < end ? write_some(c, err) : 0;
    bool done = c->written >= end;
    pthread_mutex_unlock(&c->mu);
    return status < 0 ? -1 : done;
}

bool ws_has_output(struct ws_conn *c)
{
    pthread_mutex_lock(&c->mu);
    bool has = c->out.len > 0;
    pthread_mutex_unlock(&c->mu);
    return has;
}
