/*
 * The request under all verbs.
 *
 *   first try   limiter (not for opening a watch), credentials, send
 *   each retry  wait as the server said (or 1 s), limiter, credentials, send
 *
 * Retried, at most 10 times: 429 and 5xx that say Retry-After; for GET a connection that broke; for
 * opening a watch also a time-out, and when those do not end, the watch is empty instead of an
 * error. Nothing is retried once a sink has seen bytes, nor is a resourceVersion that the server has
 * not reached yet (each try would take it 3 s; the reflector lists without it instead).
 * A patient client goes on behind that while nobody is there who could answer.
 */
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/kube/client_impl.h"
#include "pkg/kube/status.h"

#define BROKEN_CONNECTION_DELAY_MS 1000
#define PATIENT_DELAY_MS 5000
#define ATTEMPT_MS_DEFAULT 65000 /* the API server itself gives up after a minute */
#define WATCH_SILENCE_MS 75000   /* the API server sends a bookmark every minute */
#define LOG_WAIT_DEBUG_MS 50
#define LOG_WAIT_INFO_MS 1000
#define LOG_WAIT_INFO_EVERY_NS (10 * NS_PER_S)

/* Stands before the caller's sink: keeps error bodies away from it and knows whether it began. */
struct head_sink {
    struct http_sink base;
    struct http_sink *inner;
    bool began;
    size_t bytes;
};

struct call {
    struct kube_client *k;
    const struct opctx *ctx;
    const struct kube_raw *raw;
    unsigned flags;
    int attempt;
    struct head_sink sink;
    bool transport_failed;
    int64_t began_ns;         /* when this attempt was sent */
    struct error *before;     /* of the attempt before this one */
    int64_t patient_until_ns; /* 0: no patience was needed yet */
};

static bool sink_on_head(struct http_sink *sink, const struct http_response *head)
{
    struct head_sink *s = container_of(sink, struct head_sink, base);
    const struct call *c = container_of(s, struct call, sink);
    if (head->status < 200 || head->status > 299)
        return false;
    outage_note_answer(&c->k->outage, c->began_ns, head, NULL); /* a watch goes on for long */
    if (s->inner->on_head && !s->inner->on_head(s->inner, head))
        return false;
    s->began = true;
    return true;
}

static int sink_on_data(struct http_sink *sink, const char *data, size_t len, struct error **err)
{
    struct head_sink *s = container_of(sink, struct head_sink, base);
    s->bytes += len;
    return s->inner->on_data(s->inner, data, len, err);
}

static bool is_get(const struct kube_raw *raw)
{
    return strcmp(raw->method, "GET") == 0;
}

static bool is_watch(const struct kube_raw *raw)
{
    return raw->traffic == HTTP_CLASS_WATCH && raw->sink && is_get(raw);
}

static bool is_write(const struct kube_raw *raw)
{
    return !is_get(raw) && strcmp(raw->method, "HEAD") != 0;
}

int64_t request_timeout_ms(const struct kube_client *k, const struct kube_raw *raw, unsigned flags)
{
    bool none = (flags & CALL_NO_TIMEOUT) || raw->traffic == HTTP_CLASS_WATCH;
    return none || k->opt.request_timeout_ms < 0 ? 0 : k->opt.request_timeout_ms;
}

/* A client without a time-out of its own does not wait for ever either. That is not told to the server, whose own
 * end comes first. */
static struct opctx attempt_context(const struct call *c)
{
    bool endless = (c->flags & CALL_NO_TIMEOUT) || c->raw->traffic == HTTP_CLASS_WATCH;
    return endless || c->k->opt.request_timeout_ms != 0
               ? *c->ctx
               : opctx_with_timeout_ms(c->ctx, ATTEMPT_MS_DEFAULT);
}

char *request_give_url(const struct kube_client *k, const struct kube_raw *raw, int64_t timeout_ms)
{
    cleanup_buf struct buf url = BUF_INIT(BUF_UNBOUNDED);
    buf_adds(&url, k->base);
    buf_adds(&url, raw->path);
    bool has_query = raw->query && *raw->query;
    if (has_query)
        buf_addf(&url, "?%s", raw->query);
    bool whole = timeout_ms % 1000 == 0;
    if (timeout_ms > 0)
        buf_addf(&url, "%ctimeout=%lld%s", has_query ? '&' : '?',
                 (long long)(whole ? timeout_ms / 1000 : timeout_ms), whole ? "s" : "ms");
    return buf_give(&url);
}

int request_add_headers(struct kube_client *k, const struct opctx *ctx, const struct kube_raw *raw,
                        struct http_headers *headers, struct kube_cred_stamp *ret,
                        struct error **err)
{
    http_headers_add(headers, "Accept", raw->accept ? raw->accept : "application/json");
    if (raw->body)
        http_headers_add(headers, "Content-Type",
                         raw->content_type ? raw->content_type : "application/json");
    http_headers_add(headers, "User-Agent", k->user_agent);
    return kube_cred_authorize(k->cred, ctx, headers, ret, err);
}

static void log_wait(struct kube_client *k, const struct kube_raw *raw, int64_t waited_ms)
{
    if (waited_ms <= LOG_WAIT_DEBUG_MS)
        return;
    enum log_level level = LOG_DEBUG;
    if (waited_ms > LOG_WAIT_INFO_MS) {
        long long now = clock_mono_ns(k->opt.clock), last = atomic_load(&k->slow_logged_ns);
        bool due = last == 0 || now - last >= LOG_WAIT_INFO_EVERY_NS;
        if (due && atomic_compare_exchange_strong(&k->slow_logged_ns, &last, now))
            level = LOG_INFO;
    }
    log_at(k->opt.log, level, "waited %lld ms for the client's own rate limit: %s %s",
           (long long)waited_ms, raw->method, raw->path);
}

static int throttle(struct call *c, struct error **err)
{
    if (c->attempt == 0 && c->raw->unthrottled_first_try)
        return 0;
    int64_t waited_ms = 0;
    if (bucket_take(c->k->bucket, c->ctx, &waited_ms, err) < 0)
        return error_wrap(err, "waiting for the client's rate limit");
    request_metrics_add_wait(&c->k->metrics, c->raw->method, waited_ms);
    log_wait(c->k, c->raw, waited_ms);
    return 0;
}

static void measure(const struct call *c, const struct http_response *r, const struct error *e,
                    int64_t started_ns)
{
    struct kube_client *k = c->k;
    bool failed = c->transport_failed;
    int64_t duration_ns = clock_mono_ns(k->opt.clock) - started_ns;
    request_metrics_add(&k->metrics, &(struct request_sample){
                                         .method = c->raw->method,
                                         .status = failed ? 0 : r->status,
                                         .attempt = c->attempt,
                                         .lost = failed && str_eq(error_get_code(e), HTTP_ERR_LOST),
                                         .duration_ns = duration_ns,
                                         .dns_ns = r->dns_ns,
                                         .request_bytes = c->raw->body_len,
                                         .response_bytes = r->body.len + c->sink.bytes,
                                     });
    if (k->opt.on_attempt)
        k->opt.on_attempt(
            k->opt.on_attempt_arg,
            &(struct kube_attempt){
                .method = c->raw->method,
                .path = c->raw->path,
                .status = failed ? 0 : r->status,
                .given_up = failed && (error_is(e, ERR_CANCELLED) || error_is(e, ERR_TIMEOUT)),
                .duration_ns = duration_ns,
            });
}

static int transfer(struct call *c, struct kube_cred_stamp *stamp, struct http_response *ret,
                    struct error **err)
{
    struct kube_client *k = c->k;
    const struct kube_raw *raw = c->raw;
    int64_t timeout_ms = request_timeout_ms(k, raw, c->flags);
    cleanup_free char *url = request_give_url(k, raw, timeout_ms);
    cleanup_request struct http_request req = {
        .method = raw->method,
        .url = url,
        .body = raw->body,
        .body_len = raw->body_len,
        .traffic = raw->traffic,
        .max_body = raw->max_body,
        .timeout_ms = timeout_ms,
        .silence_ms = is_watch(raw) ? WATCH_SILENCE_MS : 0,
        .gzip = raw->gzip && !k->cfg->disable_compression,
        .sink = raw->sink ? &c->sink.base : NULL,
    };
    if (request_add_headers(k, c->ctx, raw, &req.headers, stamp, err) < 0)
        return -1;
    struct kube_conn_use use;
    if (k->conn->acquire(k->conn, c->ctx, &use, err) < 0)
        return -1;

    int64_t started_ns = c->began_ns = clock_mono_ns(k->opt.clock);
    struct opctx ctx = attempt_context(c);
    cleanup_error struct error *e = NULL;
    c->transport_failed = http_send(use.transport, &ctx, &req, ret, &e) < 0;
    measure(c, ret, e, started_ns);
    k->conn->done(k->conn, &use);
    if (!c->transport_failed)
        return 0;
    error_move(err, &e);
    return error_wrap(err, "%s %s", raw->method, raw->path);
}

/* What the reply means; a sink's body was judged by the sink. */
static int judge(struct call *c, const struct kube_cred_stamp *stamp, const struct http_response *r,
                 struct error **err)
{
    struct kube_client *k = c->k;
    warnings_log(&k->warnings, &r->headers, k->opt.log);
    if (r->status == 401)
        kube_cred_reject(k->cred, stamp);
    if (r->status == 429)
        log_debug(k->opt.log, "throttled by the API server: %s %s, flow schema %s", c->raw->method,
                  c->raw->path, http_headers_get(&r->headers, "X-Kubernetes-PF-FlowSchema-UID"));
    if (r->status < 200 || r->status > 299)
        return status_set_error_from_response(r, c->raw->method, clock_wall_ns(k->opt.clock), err);
    return r->body.len > 0 ? status_check_body(r->body.data, r->body.len, err) : 0;
}

static int attempt(struct call *c, struct http_response *ret, struct error **err)
{
    c->transport_failed = false;
    http_response_release(ret); /* of the attempt before */
    if (throttle(c, err) < 0)
        return -1;
    if (is_write(c->raw) && c->k->opt.before_write &&
        c->k->opt.before_write(c->k->opt.before_write_arg, err) < 0)
        return -1;
    struct kube_cred_stamp stamp;
    if (transfer(c, &stamp, ret, err) < 0)
        return -1;
    return judge(c, &stamp, ret, err);
}

static bool is_broken_connection(const struct error *e)
{
    const char *code = error_get_code(e);
    return str_eq(code, HTTP_ERR_RESET) || str_eq(code, HTTP_ERR_EOF) ||
           str_eq(code, HTTP_ERR_LOST);
}

/* The context of the call goes on, so that the time-out was the attempt's. */
static bool is_own_timeout(const struct call *c, const struct error *e)
{
    return error_is(e, ERR_TIMEOUT) && opctx_check(c->ctx, NULL) == 0;
}

/* How long to wait before the next attempt; -1: there is none. */
static int64_t retry_delay_ms(const struct call *c, const struct http_response *r,
                              const struct error *e)
{
    if (c->attempt >= KUBE_RETRIES_MAX || c->sink.began)
        return -1;
    if (c->transport_failed) {
        bool again = (is_get(c->raw) && is_broken_connection(e)) ||
                     (is_watch(c->raw) && is_own_timeout(c, e));
        return again ? BROKEN_CONNECTION_DELAY_MS : -1;
    }
    if (status_is_too_large_rv(e)) /* the caller has a better answer than to ask for it again */
        return -1;
    bool asks = r->status == 429 ? !(c->flags & CALL_NO_429_RETRY) : r->status >= 500;
    return asks ? http_retry_after_ms(&r->headers, clock_wall_ns(c->k->opt.clock)) : -1;
}

/* Whether sending it once more cannot do it twice: nothing was sent, or twice is as once. */
static bool is_safe_to_repeat(const struct call *c, const struct http_response *r,
                              const struct error *e)
{
    const char *code = error_get_code(e);
    if (strcmp(c->raw->method, "POST") != 0 || (c->flags & CALL_REPEATABLE))
        return true;
    return c->transport_failed ? str_eq(code, HTTP_ERR_REFUSED) || str_eq(code, HTTP_ERR_DNS)
                               : r->status == 429;
}

/* The server, or what stands before it, may be away for a while, and does not say so of the object alone. A certificate that is no
 * good stays so. */
static bool is_away(const struct call *c, const struct http_response *r, const struct error *e)
{
    if (c->transport_failed)
        return (error_is(e, ERR_CONN) && !str_eq(error_get_code(e), HTTP_ERR_TLS)) ||
               is_own_timeout(c, e);
    bool throttled = r->status == 429 && !(c->flags & CALL_NO_429_RETRY);
    return throttled || r->status == 502 || r->status == 503 ||
           (r->status == 504 && !status_is_too_large_rv(e));
}

/* As retry_delay_ms, behind it: of a client that has patience. */
static int64_t patient_delay_ms(struct call *c, const struct http_response *r,
                                const struct error *e)
{
    const struct kube_client *k = c->k;
    if (k->opt.patience_ms <= 0 || c->sink.began || is_watch(c->raw) || !is_away(c, r, e) ||
        !is_safe_to_repeat(c, r, e))
        return -1;
    int64_t now_ns = clock_mono_ns(k->opt.clock);
    int64_t asked_ms =
        c->transport_failed ? -1 : http_retry_after_ms(&r->headers, clock_wall_ns(k->opt.clock));
    int64_t delay_ms = asked_ms > 0 ? asked_ms : PATIENT_DELAY_MS;
    bool first = c->patient_until_ns == 0;
    if (first)
        c->patient_until_ns = now_ns + k->opt.patience_ms * NS_PER_MS;
    if (now_ns + delay_ms * NS_PER_MS > c->patient_until_ns)
        return -1;
    log_at(k->opt.log, first ? LOG_INFO : LOG_DEBUG, "sent again for up to %lld s: %s",
           (long long)((c->patient_until_ns - now_ns) / NS_PER_S), error_text(e));
    return delay_ms;
}

/* An error that the caller's context caused hides why the request was being repeated: tell both. */
static int fail(struct call *c, const struct http_response *r, struct error **e, struct error **err)
{
    bool answered = !c->transport_failed && r->status != 0;
    bool by_context = error_is(*e, ERR_CANCELLED) || error_is(*e, ERR_TIMEOUT);
    bool of_attempt = c->transport_failed && opctx_check(c->ctx, NULL) == 0;
    if (!c->before || answered || !by_context || of_attempt)
        return error_move(err, e);
    return error_set(err, error_kind(*e), "%s; the attempt before failed: %s", error_text(*e),
                     error_text(c->before));
}

/* As fail, for a wait that ended early or would have outlived the context. */
static int fail_waiting(const struct call *c, struct error **e, struct error **err)
{
    return error_set(err, error_kind(*e),
                     "%s while waiting to retry; the attempt before failed: %s", error_text(*e),
                     error_text(c->before));
}

static bool ends_empty(const struct call *c, const struct error *e)
{
    return is_watch(c->raw) && c->transport_failed && !c->sink.began &&
           (is_broken_connection(e) || is_own_timeout(c, e));
}

/* A connection that was kept may have ended meanwhile: only breaking a second time tells something. A reply that is
 * too large was one. */
static void note_outcome(const struct call *c, const struct http_response *r, const struct error *e)
{
    struct outage *o = &c->k->outage;
    bool counts = !c->sink.began && (c->attempt > 0 || !is_broken_connection(e)) &&
                  !error_is(e, ERR_TOO_LARGE);
    if (!c->transport_failed && r->status)
        outage_note_answer(o, c->began_ns, r, e);
    else if (c->transport_failed && counts && opctx_check(c->ctx, NULL) == 0)
        outage_note_silence(o, c->began_ns, e);
}

static int run(struct call *c, struct http_response *ret, struct error **err)
{
    for (;; c->attempt++) {
        cleanup_error struct error *e = NULL;
        int rcode = attempt(c, ret, &e);
        note_outcome(c, ret, e);
        if (rcode == 0)
            return 0;
        int64_t delay_ms = retry_delay_ms(c, ret, e);
        if (delay_ms < 0 && ends_empty(c, e)) {
            http_response_release(ret);
            ret->status = 200;
            return 0;
        }
        if (delay_ms < 0)
            delay_ms = patient_delay_ms(c, ret, e);
        if (delay_ms < 0)
            return fail(c, ret, &e, err);
        error_move(&c->before, &e);
        if (opctx_sleep_ms(c->ctx, delay_ms, &e) < 0)
            return fail_waiting(c, &e, err);
    }
}

int request_send(struct kube_client *k, const struct opctx *ctx, const struct kube_raw *raw,
                 unsigned flags, struct http_response *ret, struct error **err)
{
    *ret = (struct http_response){ 0 };
    buf_init(&ret->body, BUF_UNBOUNDED);
    if (!raw->path || raw->path[0] != '/')
        return error_set(err, ERR_INVALID, "the path of a request must begin with '/'");
    struct call c = {
        .k = k,
        .ctx = ctx,
        .raw = raw,
        .flags = flags,
        .sink = { .base = { .on_head = sink_on_head, .on_data = sink_on_data },
                  .inner = raw->sink },
    };
    int rc = run(&c, ret, err);
    error_free(c.before);
    return rc;
}

int kube_send_raw(struct kube_client *k, const struct opctx *ctx, const struct kube_raw *raw,
                  struct http_response *ret, struct error **err)
{
    return request_send(k, ctx, raw, 0, ret, err);
}
