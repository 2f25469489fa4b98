#include "test/unit/support/pkg/net/scripted_transport.h"

#include <string.h>

#include "pkg/base/mem.h"
#include "test/unit/support/test.h"

static const char *const traffic_names[HTTP_CLASSES] = {
    [HTTP_CLASS_REQUEST] = "request",
    [HTTP_CLASS_WATCH] = "watch",
    [HTTP_CLASS_LEASE] = "lease",
    [HTTP_CLASS_LOG] = "log",
};

static bool is_hidden(const struct scripted_transport *t, const char *name)
{
    for (const char *const *h = t->hidden; h && *h; h++) {
        if (str_eq_nocase(*h, name))
            return true;
    }
    return false;
}

char *scripted_transport_give_text(const struct scripted_transport *t,
                                   const struct http_request *req)
{
    cleanup_buf struct buf b = BUF_INIT(BUF_UNBOUNDED);
    buf_addf(&b, "%s %s\n", req->method, req->url);
    for (size_t i = 0; i < req->headers.len; i++) {
        const struct http_header *h = &req->headers.v[i];
        if (!is_hidden(t, h->name))
            buf_addf(&b, "%s: %s\n", h->name, h->value);
    }
    if (req->traffic != HTTP_CLASS_REQUEST)
        buf_addf(&b, "@traffic: %s\n", traffic_names[req->traffic]);
    if (req->gzip)
        buf_adds(&b, "@gzip: true\n");
    if (req->timeout_ms)
        buf_addf(&b, "@timeout_ms: %lld\n", (long long)req->timeout_ms);
    if (req->max_redirects)
        buf_addf(&b, "@redirects: %d\n", req->max_redirects);
    if (req->fresh_connection)
        buf_adds(&b, "@fresh: true\n");
    if (req->ignore_proxy)
        buf_adds(&b, "@no_proxy: true\n");
    if (req->body) {
        buf_addc(&b, '\n');
        buf_add(&b, req->body, req->body_len);
    }
    return buf_give(&b);
}

/* Whether both are the same but for line ends behind them. */
static bool same_request(const char *want, const char *got)
{
    size_t want_len = strlen(want), got_len = strlen(got);
    while (want_len > 0 && want[want_len - 1] == '\n')
        want_len--;
    while (got_len > 0 && got[got_len - 1] == '\n')
        got_len--;
    return want_len == got_len && memcmp(want, got, want_len) == 0;
}

/* The step that answers this request; NULL when the request was not expected. */
static const struct script_step *next_step(struct scripted_transport *t,
                                           const struct http_request *req)
{
    cleanup_free char *text = scripted_transport_give_text(t, req);
    pthread_mutex_lock(&t->mu);
    const struct script_step *step = t->used < t->len ? &t->steps[t->used] : NULL;
    if (step)
        t->used++;
    bool expected = step && (!step->request || same_request(step->request, text));
    if (!expected) {
        t->surprises++;
        print_message("request %zu:\n%s\nexpected:\n%s\n", t->requests.len + 1, text,
                      step ? step->request : "no further request");
    }
    strv_add(&t->requests, text);
    pthread_mutex_unlock(&t->mu);
    return expected ? step : NULL;
}

static void add_reply_headers(struct http_headers *headers, const char *lines)
{
    cleanup_strv struct strv split = STRV_INIT;
    if (lines)
        strv_split(&split, lines, "\n", false);
    for (size_t i = 0; i < split.len; i++) {
        char *colon = strchr(split.v[i], ':');
        if (!colon)
            abort(); /* a defect of the script; asserting is for the test's own thread */
        *colon = '\0';
        cleanup_free char *value = str_give_trimmed(colon + 1);
        http_headers_add(headers, split.v[i], value);
    }
}

static int deliver(const struct script_step *step, const struct http_request *req,
                   struct http_response *ret, struct error **err)
{
    const char *data = step->reply ? step->reply : "";
    size_t len = step->reply_len ? step->reply_len : strlen(data);
    bool to_sink = req->sink && (!req->sink->on_head || req->sink->on_head(req->sink, ret));
    if (!to_sink) {
        buf_add(&ret->body, data, len);
        return buf_check(&ret->body, err);
    }
    size_t piece = step->piece ? step->piece : len;
    for (size_t at = 0; at < len; at += piece) {
        size_t n = len - at < piece ? len - at : piece;
        /* A copy of its own size, so that a read beyond it is caught. */
        cleanup_free char *copy = xmalloc(n);
        memcpy(copy, data + at, n);
        if (req->sink->on_data(req->sink, copy, n, err) < 0)
            return -1;
    }
    return 0;
}

static int wait_for_end(const struct opctx *ctx, struct error **err)
{
    struct waker w;
    waker_init(&w, ctx);
    waker_lock(&w);
    int rc = 0;
    while (rc == 0)
        rc = waker_wait(&w, CLOCK_NEVER, err);
    waker_unlock(&w);
    waker_release(&w);
    return rc;
}

static int scripted_send(struct http_transport *base, const struct opctx *ctx,
                         const struct http_request *req, struct http_response *ret,
                         struct error **err)
{
    struct scripted_transport *t = container_of(base, struct scripted_transport, base);
    *ret = (struct http_response){ .version = 11 };
    buf_init(&ret->body, req->max_body ? req->max_body : HTTP_BODY_MAX_DEFAULT);
    if (opctx_check(ctx, err) < 0)
        return -1;
    const struct script_step *step = next_step(t, req);
    if (!step)
        return error_set(err, ERR_INTERNAL, "unexpected request");

    if (step->hook)
        step->hook(step->hook_arg);
    bool replies = step->status || step->fail == ERR_INTERNAL;
    if (replies && !(step->hang && !step->status)) {
        ret->status = step->status ? step->status : 200;
        add_reply_headers(&ret->headers, step->headers);
        if (deliver(step, req, ret, err) < 0)
            return -1;
    }
    if (step->hang)
        return wait_for_end(ctx, err);
    if (step->fail == ERR_INTERNAL)
        return 0;
    error_set(err, step->fail, "scripted failure");
    if (step->fail_code)
        error_code(err, step->fail_code);
    return -1;
}

void scripted_transport_init(struct scripted_transport *t, const struct script_step *steps,
                             size_t len)
{
    *t = (struct scripted_transport){ .base.send = scripted_send, .steps = steps, .len = len };
    pthread_mutex_init(&t->mu, NULL);
}

void scripted_transport_release(struct scripted_transport *t)
{
    strv_release(&t->requests);
    pthread_mutex_destroy(&t->mu);
}

void scripted_transport_check(struct scripted_transport *t)
{
    assert_int_equal(t->surprises, 0);
    assert_int_equal(t->used, t->len);
}
