/*
 * Each request that is passed on has a thread of its own, which sends it and pushes the reply's bytes into the stream
 * towards the client as they come. The server's handler waits for the reply's head only: the server writes the head when
 * the handler returns.
 */
#include "test/harness/faultproxy/forward.h"

#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/base/thread.h"
#include "pkg/net/server.h"

#define REQUESTS_MAX 2000
#define QUEUE_MAX ((size_t)512 << 20)
#define BODY_MAX ((size_t)64 << 20)
#define WORKERS 128
#define STOP_GRACE_MS 500
#define PAD_PIECE 65536
#define CUT_PAUSE_MS 50

struct forward {
    struct forward_config cfg;
    struct http_server *server;
    struct stop *stop;
    pthread_mutex_t mu;
    pthread_cond_t quiet;
    int relays;     /* guarded by mu: threads that run */
    json *requests; /* guarded by mu */
};

/* One request on its way. Shared by the handler and the thread. */
struct relay {
    struct http_sink sink; /* first: callbacks get it */
    struct forward *forward;
    struct fault fault;
    struct http_request req;
    char *url, *method, *body;
    struct http_stream *stream;
    struct stop *stop; /* the client went, or everything ends */
    pthread_mutex_t mu;
    pthread_cond_t changed;
    int refs;
    /* guarded by mu until the head is there */
    bool has_head, failed;
    int status;
    struct http_headers headers;
    char *trouble;
    /* The I/O thread's, then the relay's. */
    int64_t sent; /* body bytes towards the client */
    bool over;    /* the fault has struck */
};

static bool is_ours(const char *name)
{
    static const char *const names[] = { "Host",       "Connection", "Content-Length",
                                         "Keep-Alive", "Expect",     "Transfer-Encoding",
                                         "Upgrade",    "Date" };
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (str_eq_nocase(names[i], name))
            return true;
    return false;
}

static void relay_unref(struct relay *r)
{
    pthread_mutex_lock(&r->mu);
    int left = --r->refs;
    pthread_mutex_unlock(&r->mu);
    if (left > 0)
        return;
    http_stream_unref(r->stream);
    http_request_release(&r->req);
    http_headers_release(&r->headers);
    fault_release(&r->fault);
    stop_unref(r->stop);
    pthread_cond_destroy(&r->changed);
    pthread_mutex_destroy(&r->mu);
    free(r->url);
    free(r->method);
    free(r->body);
    free(r->trouble);
    free(r);
}

/* ---- the reply, on the client's I/O thread ---- */

static bool take_head(struct http_sink *sink, const struct http_response *head)
{
    struct relay *r = container_of(sink, struct relay, sink);
    pthread_mutex_lock(&r->mu);
    r->status = head->status;
    for (size_t i = 0; i < head->headers.len; i++)
        if (!is_ours(head->headers.v[i].name))
            http_headers_add(&r->headers, head->headers.v[i].name, head->headers.v[i].value);
    r->has_head = true;
    pthread_cond_broadcast(&r->changed);
    pthread_mutex_unlock(&r->mu);
    return true;
}

/* Where the first of the faults strikes; -1: nowhere. */
static int64_t fault_at(const struct fault *f)
{
    const int64_t marks[] = { f->cut_after, f->end_after, f->stall_after };
    int64_t first = -1;
    for (size_t i = 0; i < ARRAY_LEN(marks); i++)
        if (marks[i] >= 0 && (first < 0 || marks[i] < first))
            first = marks[i];
    return first;
}

static int take_data(struct http_sink *sink, const char *data, size_t len, struct error **err)
{
    struct relay *r = container_of(sink, struct relay, sink);
    int64_t at = fault_at(&r->fault);
    bool strikes = at >= 0 && r->sent + (int64_t)len >= at;
    size_t pass = strikes ? (size_t)(at - r->sent) : len;
    r->sent += (int64_t)pass;
    if (http_stream_write(r->stream, data, pass) < 0)
        return error_set(err, ERR_CANCELLED, "the client is gone");
    r->over = strikes;
    return strikes ? error_set(err, ERR_CANCELLED, "a fault ends the reply") : 0;
}

static void pad(struct relay *r)
{
    cleanup_free char *blanks = xmalloc(PAD_PIECE);
    memset(blanks, ' ', PAD_PIECE);
    for (int64_t left = r->fault.pad; left > 0; left -= PAD_PIECE)
        if (http_stream_write(r->stream, blanks, left < PAD_PIECE ? (size_t)left : PAD_PIECE) < 0)
            return;
}

/* Until the client has gone, or all ends. */
static void hold(const struct opctx *ctx)
{
    while (opctx_sleep_ms(ctx, 3600 * 1000, NULL) == 0)
        ;
}

/* What the fault does to the rest of the reply. */
static void strike(struct relay *r, const struct opctx *ctx)
{
    int64_t at = fault_at(&r->fault);
    if (r->fault.cut_after == at) {
        (void)opctx_sleep_ms(ctx, CUT_PAUSE_MS, NULL); /* what is queued gets out, mostly */
        http_stream_abort(r->stream);
    } else if (r->fault.end_after == at) {
        http_stream_end(r->stream);
    } else {
        hold(ctx);
    }
}

static void run_relay(void *arg)
{
    struct relay *r = arg;
    struct forward *f = r->forward;
    struct opctx ctx = opctx_root(f->cfg.clock, f->cfg.rng, r->stop, f->cfg.log);
    cleanup_response struct http_response reply = { 0 };
    cleanup_error struct error *e = NULL;
    int rcode = http_send(f->cfg.transport, &ctx, &r->req, &reply, &e);

    pthread_mutex_lock(&r->mu);
    if (rcode < 0 && !r->has_head) {
        r->failed = true;
        r->trouble = xstrdup(error_text(e));
    } else if (!r->has_head) { /* a reply without body */
        pthread_mutex_unlock(&r->mu);
        take_head(&r->sink, &reply);
        pthread_mutex_lock(&r->mu);
    }
    pthread_cond_broadcast(&r->changed);
    bool failed = r->failed;
    pthread_mutex_unlock(&r->mu);

    if (r->over) {
        strike(r, &ctx);
    } else if (rcode < 0 && !failed) {
        http_stream_abort(r->stream); /* as the upstream's connection ended */
    } else if (!failed) {
        pad(r);
        http_stream_end(r->stream);
    }
    relay_unref(r);
    pthread_mutex_lock(&f->mu);
    f->relays--;
    pthread_cond_broadcast(&f->quiet);
    pthread_mutex_unlock(&f->mu);
}

/* ---- the request, on a thread of the server's pool ---- */

static void client_gone(void *arg)
{
    struct relay *r = arg;
    stop_request(r->stop);
    relay_unref(r);
}

static struct relay *relay_new(struct forward *f, struct http_call *call, struct fault *fault)
{
    struct relay *r = xnew(struct relay);
    const struct http_headers *headers = http_call_headers(call);
    const char *query = http_call_query(call);
    size_t body_len;
    const char *body = http_call_body(call, &body_len);
    r->sink = (struct http_sink){ take_head, take_data };
    r->forward = f;
    r->fault = *fault;
    *fault = (struct fault){ 0 };
    r->refs = 3; /* the handler's, the thread's, the stream's */
    r->stop = stop_new(f->stop);
    mutex_init(&r->mu);
    clock_cond_init(&r->changed);
    r->url = xasprintf("%s%s%s%s", f->cfg.upstream, http_call_path(call), query ? "?" : "",
                       query ? query : "");
    r->method = xstrdup(http_call_method(call));
    r->body = body_len ? xmemdup(body, body_len) : NULL;
    bool watches = query && strstr(query, "watch=");
    r->req = (struct http_request){ .method = r->method,
                                    .url = r->url,
                                    .body = r->body,
                                    .body_len = body_len,
                                    .traffic = watches ? HTTP_CLASS_WATCH : HTTP_CLASS_REQUEST,
                                    .sink = &r->sink };
    for (size_t i = 0; i < headers->len; i++)
        if (!is_ours(headers->v[i].name))
            http_headers_add(&r->req.headers, headers->v[i].name, headers->v[i].value);
    r->stream = http_call_begin_stream(call, QUEUE_MAX, client_gone, r);
    return r;
}

static int await_head(struct relay *r, struct http_call *call, struct error **err)
{
    pthread_mutex_lock(&r->mu);
    while (!r->has_head && !r->failed)
        pthread_cond_wait(&r->changed, &r->mu);
    bool failed = r->failed;
    if (!failed) {
        http_call_set_status(call, r->status);
        for (size_t i = 0; i < r->headers.len; i++)
            http_call_add_header(call, r->headers.v[i].name, r->headers.v[i].value);
    }
    pthread_mutex_unlock(&r->mu);
    return failed ? error_set(err, ERR_UNAVAILABLE, "fault proxy: %s", r->trouble) : 0;
}

static int pass_on(struct forward *f, struct http_call *call, struct fault *fault,
                   struct error **err)
{
    struct relay *r = relay_new(f, call, fault);
    pthread_t thread;
    pthread_mutex_lock(&f->mu);
    f->relays++;
    pthread_mutex_unlock(&f->mu);
    if (thread_start(&thread, "relay", run_relay, r, err) < 0) {
        pthread_mutex_lock(&f->mu);
        f->relays--;
        pthread_mutex_unlock(&f->mu);
        relay_unref(r);
        relay_unref(r);
        return -1;
    }
    pthread_detach(thread);
    int rcode = await_head(r, call, err);
    relay_unref(r);
    return rcode;
}

/* ---- faults that need no upstream ---- */

static void answer(struct http_call *call, const struct fault *fault)
{
    cleanup_json json *headers = NULL;
    if (fault->headers)
        (void)json_parse(fault->headers, strlen(fault->headers), &headers, NULL);
    http_call_reply(call, fault->status, "application/json", fault->body ? fault->body : "");
    for (struct json_iter it = json_each(headers); json_next(&it);)
        if (json_str(it.value))
            http_call_set_header(call, it.key, json_str(it.value));
}

/* The client waits for a head. Whether it is still there cannot be seen from here, so the fault must end the wait. */
static void stall(struct forward *f, struct http_call *call, const struct fault *fault,
                  const struct opctx *ctx)
{
    struct opctx ours = opctx_with_stop(ctx, fault->replaced);
    while (!stop_is_set(f->stop) && opctx_sleep_ms(&ours, 200, NULL) == 0)
        ;
    struct http_stream *cut = http_call_begin_stream(call, 0, NULL, NULL);
    http_stream_abort(cut);
    http_stream_unref(cut);
}

/* ---- requests so far ---- */

static void record(struct forward *f, const struct asked *a, bool fault)
{
    pthread_mutex_lock(&f->mu);
    if (json_len(f->requests) >= REQUESTS_MAX)
        json_remove_at(f->requests, 0);
    json_append(f->requests, json_make("{'method':%s,'path':%s,'query':%s,'agent':%s,'fault':%b}",
                                       a->method, a->path, a->query, a->agent, fault));
    pthread_mutex_unlock(&f->mu);
}

json *forward_give_requests(struct forward *f)
{
    pthread_mutex_lock(&f->mu);
    json *list = json_give_copy(f->requests);
    pthread_mutex_unlock(&f->mu);
    return list;
}

/* ---- the server ---- */

static int serve(struct http_call *call, const struct opctx *ctx, void *arg, struct error **err)
{
    struct forward *f = arg;
    struct asked asked = { http_call_method(call), http_call_path(call), http_call_query(call),
                           http_call_header(call, "User-Agent") };
    struct fault fault = rules_take(f->cfg.rules, &asked);
    record(f, &asked, fault.found);
    int rcode = 0;
    if (fault.delay_ms > 0)
        rcode = opctx_sleep_ms(ctx, fault.delay_ms, err);
    if (rcode == 0 && fault.stall)
        stall(f, call, &fault, ctx);
    else if (rcode == 0 && fault.status)
        answer(call, &fault);
    else if (rcode == 0)
        rcode = pass_on(f, call, &fault, err);
    fault_release(&fault);
    return rcode;
}

static const struct http_route routes[] = { { NULL, NULL, serve, false } };

int forward_start(const struct forward_config *cfg, struct forward **ret, struct error **err)
{
    struct forward *f = xnew(struct forward);
    f->cfg = *cfg;
    f->stop = stop_new(NULL);
    f->requests = json_new_array();
    mutex_init(&f->mu);
    pthread_cond_init(&f->quiet, NULL);
    struct http_server_config http = { .name = "faultproxy",
                                       .bind_address = "127.0.0.1",
                                       .cert_pem = cfg->cert_pem,
                                       .key_pem = cfg->key_pem,
                                       .routes = routes,
                                       .routes_len = ARRAY_LEN(routes),
                                       .arg = f,
                                       .workers = WORKERS,
                                       .max_body_bytes = BODY_MAX,
                                       .clock = cfg->clock,
                                       .rng = cfg->rng,
                                       .log = cfg->log };
    if (http_server_start(&http, &f->server, err) < 0) {
        forward_stop(f);
        return -1;
    }
    *ret = f;
    return 0;
}

void forward_stop(struct forward *f)
{
    if (!f)
        return;
    stop_request(f->stop);
    if (f->server)
        http_server_stop(f->server, STOP_GRACE_MS);
    pthread_mutex_lock(&f->mu);
    while (f->relays > 0)
        pthread_cond_wait(&f->quiet, &f->mu);
    pthread_mutex_unlock(&f->mu);
    stop_unref(f->stop);
    pthread_cond_destroy(&f->quiet);
    pthread_mutex_destroy(&f->mu);
    json_free(f->requests);
    free(f);
}

uint16_t forward_port(const struct forward *f)
{
    return http_server_port(f->server);
}
