#include <stdlib.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "test/rpcrash/rp_crash.h"

#define API_VERSION "2020-04-30"
#define OPERATION_MARK "/operationsstatus/"

void reply_release(struct reply *r)
{
    free(r->operation);
    free(r->text);
    *r = (struct reply){ 0 };
}

static char *give_operation(const struct http_headers *h)
{
    const char *url = http_headers_get(h, "Azure-AsyncOperation");
    const char *mark = url ? strstr(url, OPERATION_MARK) : NULL;
    if (!mark)
        return NULL;
    const char *id = mark + strlen(OPERATION_MARK);
    return xstrndup(id, strcspn(id, "?/"));
}

/* Nothing was sent: another frontend will do. */
static bool was_not_sent(const struct error *e)
{
    return str_eq(error_get_code(e), HTTP_ERR_REFUSED);
}

/* One change in so many is amid its work when its frontend is killed. */
#define STRIKE_ONE_IN 6

static void strike(struct world *w, unsigned port)
{
    uint64_t took_ns = (uint64_t)atomic_load(&w->took_ns);
    if (rng_below(w->ctx->rng, STRIKE_ONE_IN) == 0)
        herd_strike(w->herd, port, (int64_t)rng_below(w->ctx->rng, took_ns * 2 + 1));
}

/* false: that one is not there. */
static bool try_send(struct world *w, unsigned port, struct http_request *req, const char *path,
                     struct reply *ret)
{
    bool changes = !str_eq(req->method, "GET");
    int64_t began_ns = clock_mono_ns(w->ctx->clock);
    const char *version = strchr(path, '?') ? "" : "?api-version=" API_VERSION;
    cleanup_free char *url = xasprintf("http://127.0.0.1:%u%s%s", port, path, version);
    cleanup_response struct http_response res = { 0 };
    cleanup_error struct error *e = NULL;
    req->url = url;
    if (changes)
        strike(w, port);
    if (http_send(w->transport, w->ctx, req, &res, &e) < 0) {
        if (was_not_sent(e))
            return false;
        *ret = (struct reply){ .answer = ANSWER_UNKNOWN, .text = xstrdup(error_text(e)) };
        return true;
    }
    *ret = (struct reply){ .status = res.status, .text = xstrdup(buf_str(&res.body)) };
    for (char *p = ret->text; (p = strchr(p, '\n'));)
        *p = ' ';
    ret->answer = res.status >= 500 || res.status == 429 ? ANSWER_UNKNOWN
                  : res.status >= 300                    ? ANSWER_REFUSED
                                                         : ANSWER_DONE;
    if (ret->answer == ANSWER_DONE)
        ret->operation = give_operation(&res.headers);
    if (ret->answer == ANSWER_DONE && changes)
        atomic_store(&w->took_ns, clock_mono_ns(w->ctx->clock) - began_ns);
    return true;
}

void client_send(struct world *w, const char *method, const char *path, const char *body,
                 struct reply *ret)
{
    cleanup_request struct http_request req = { .method = method,
                                                .body = body,
                                                .body_len = body ? strlen(body) : 0 };
    if (body)
        http_headers_set(&req.headers, "Content-Type", "application/json");
    for (;;) {
        unsigned port = herd_port(w->herd, w->ctx->rng);
        if (port && try_send(w, port, &req, path, ret))
            return;
        world_pause(w);
    }
}
