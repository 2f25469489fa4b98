#include <stdlib.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/net/http_impl.h"

void exchange_unref(struct http_exchange *ex)
{
    if (!ex || atomic_fetch_sub_explicit(&ex->refs, 1, memory_order_acq_rel) != 1)
        return;
    http_target_release(&ex->target);
    error_free(ex->err); /* NOLINT(clang-analyzer-unix.Malloc): it does not follow the count */
    free(ex->redirect_url);
    free(ex);
}

/* ---- on the I/O thread ---- */

void exchange_start(struct http_exchange *ex)
{
    transfer_open(ex);
    lane_add(ex);
}

static void start(struct loop_task *task)
{
    exchange_start(container_of(task, struct http_exchange, start_task));
}

static void tell_caller(struct http_exchange *ex)
{
    waker_lock(&ex->waker);
    ex->done = true;
    pthread_cond_broadcast(&ex->waker.cv);
    waker_unlock(&ex->waker); /* from here on the waker is the caller's */
}

void exchange_finish(struct http_exchange *ex, struct error *why)
{
    ex->finished = true;
    error_free(ex->err);
    ex->err = why;
    lane_remove(ex);
    transfer_close(ex);
    if (ex->is_probe || ex->is_host_probe)
        probe_over(ex);
    else
        tell_caller(ex);
    exchange_unref(ex);
}

/* Whether the transfer failed for reasons that another lane does not have. */
static bool may_move(struct http_exchange *ex, CURLcode result)
{
    if (result == CURLE_OK || ex->is_probe || ex->err)
        return false;
    if (ex->displaced) /* nothing was sent */
        return true;
    if (ex->left_out && result == CURLE_HTTP2 && !ex->head_done)
        ex->refused = true;
    else if (!strstr(ex->errbuf, "before giving up"))
        return false;
    return (ex->refused || transfer_is_replayable(ex)) && ex->moves++ < MOVES_MAX;
}

/* An address in place of a name takes no time worth telling. */
static void note_resolution(struct http_exchange *ex)
{
    long connections = 0;
    curl_off_t us = 0;
    if (!http_target_resolves(&ex->target) ||
        curl_easy_getinfo(ex->easy, CURLINFO_NUM_CONNECTS, &connections) != CURLE_OK ||
        curl_easy_getinfo(ex->easy, CURLINFO_NAMELOOKUP_TIME_T, &us) != CURLE_OK)
        return;
    if (connections > 0 && us > 0)
        ex->resp->dns_ns = us * (NS_PER_MS / 1000);
}

void exchange_ended(struct http_exchange *ex, CURLcode result)
{
    if (may_move(ex, result)) {
        ex->errbuf[0] = '\0';
        lane_move(ex);
        return;
    }
    note_resolution(ex);
    if (result != CURLE_OK) {
        exchange_finish(ex, ex->err ? take(ex->err) : fail_give_error(ex, result));
        return;
    }
    const char *url = NULL;
    if (curl_easy_getinfo(ex->easy, CURLINFO_REDIRECT_URL, &url) == CURLE_OK && url)
        ex->redirect_url = xstrdup(url);
    exchange_finish(ex, NULL);
}

static void cancel(struct loop_task *task)
{
    struct http_exchange *ex = container_of(task, struct http_exchange, cancel_task);
    if (!ex->finished)
        exchange_finish(ex, NULL);
    exchange_unref(ex);
}

/* ---- on the caller's ---- */

/* True when it ended by itself; else *err says why the context ended, and nothing of it runs any more. */
static bool wait_for(struct http_exchange *ex, struct error **err)
{
    struct waker *w = &ex->waker;
    waker_lock(w);
    while (!ex->done && waker_wait(w, CLOCK_NEVER, err) == 0)
        ;
    bool done = ex->done;
    waker_unlock(w);
    if (done)
        return true;

    atomic_fetch_add_explicit(&ex->refs, 1, memory_order_relaxed);
    loop_post(ex->peer->client->loop, &ex->cancel_task);
    waker_lock(w);
    while (!ex->done)
        pthread_cond_wait(&w->cv, &w->mu);
    waker_unlock(w);
    return false;
}

static bool is_token(const char *s)
{
    if (!*s)
        return false;
    for (; *s; s++) {
        bool alnum =
            (*s >= '0' && *s <= '9') || (*s >= 'A' && *s <= 'Z') || (*s >= 'a' && *s <= 'z');
        if (!alnum && !strchr("!#$%&'*+-.^_`|~", *s))
            return false;
    }
    return true;
}

/* A line end inside a value would begin another header. */
static int check_request(const struct http_request *req, struct error **err)
{
    if (!is_token(req->method))
        return error_set(err, ERR_INVALID, "the method is not a token");
    for (size_t i = 0; i < req->headers.len; i++) {
        const struct http_header *h = &req->headers.v[i];
        if (!is_token(h->name) || h->value[strcspn(h->value, "\r\n")])
            return error_set(err, ERR_INVALID, "header '%s' has bytes that no header may have",
                             is_token(h->name) ? h->name : "?");
    }
    return 0;
}

static int load_roots(const struct http_exchange *ex, struct error **err)
{
    const struct http_peer *peer = ex->peer;
    bool proxy_is_tls = ex->target.proxy_is_tls;
    bool tls = strcmp(ex->target.url.scheme, "https") == 0 || proxy_is_tls;
    if (!tls || !tls_client_needs_roots(peer->tls, proxy_is_tls))
        return 0;
    return tls_roots_load(peer->client->roots, err);
}

static int prepare(struct http_exchange *ex, struct error **err)
{
    const struct http_request *req = ex->req;
    if (check_request(req, err) < 0 ||
        http_target_init(&ex->target, ex->peer, req->url, req->ignore_proxy, err) < 0)
        return error_wrap(err, "making a request");
    return load_roots(ex, err);
}

int exchange_run(struct http_peer *peer, const struct opctx *ctx, const struct http_request *req,
                 struct http_response *resp, char **ret_redirect, struct error **err)
{
    struct http_exchange *ex = xnew(struct http_exchange);
    ex->peer = peer;
    ex->req = req;
    ex->resp = resp;
    ex->start_task.fn = start;
    ex->cancel_task.fn = cancel;
    atomic_init(&ex->refs, 1);
    if (prepare(ex, err) < 0) {
        exchange_unref(ex);
        return -1;
    }

    int status = -1;
    atomic_fetch_add_explicit(&ex->refs, 1, memory_order_relaxed);
    waker_init(&ex->waker, ctx);
    loop_post(peer->client->loop, &ex->start_task);
    if (!wait_for(ex, err)) {
        (void)error_wrap(err, "%s %s", req->method, ex->target.origin);
    } else if (ex->err) {
        (void)error_move(err, &ex->err);
    } else {
        *ret_redirect = take(ex->redirect_url);
        status = 0;
    }
    waker_release(&ex->waker);
    exchange_unref(ex);
    return status;
}
