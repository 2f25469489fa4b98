#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "pkg/database/cosmos.h"

#define VERSION "2018-12-31"
#define TRY_MS 30000
/* Cosmos DB's pages hold 4 MiB at most, its documents 2. */
#define BODY_MAX ((size_t)16 << 20)
#define PAUSE_MS 100      /* where the server names none */
#define PAUSE_MAX_MS 5000 /* of one; a server that asks for more gets it */
#define MESSAGE_MAX 300

/* ---- what to do about an answer ---- */

enum verdict {
    DONE,         /* the caller judges */
    AGAIN,        /* it was not carried out: the same once more */
    LOST,         /* nobody knows */
    UNAUTHORIZED, /* with another token, once */
};

/* 449: two writes met, and the server asks to repeat. */
static const struct {
    int status;
    enum verdict verdict;
} verdicts[] = {
    { 401, UNAUTHORIZED }, { 408, LOST }, { 429, AGAIN }, { 449, AGAIN },
    { 500, LOST },         { 502, LOST }, { 503, LOST },  { 504, LOST },
};

static enum verdict judge(int status)
{
    for (size_t i = 0; i < ARRAY_LEN(verdicts); i++)
        if (verdicts[i].status == status)
            return verdicts[i].verdict;
    return DONE;
}

/* What failed before anything was sent was surely not carried out. */
static bool may_be_done(const struct error *e)
{
    static const char *const unsent[] = { HTTP_ERR_REFUSED, HTTP_ERR_DNS, HTTP_ERR_PROXY };
    for (size_t i = 0; i < ARRAY_LEN(unsent); i++)
        if (str_eq(error_get_code(e), unsent[i]))
            return false;
    return true;
}

/* ---- one try ---- */

struct tries {
    int n;
    int64_t paused_ms;
    bool fresh_token;
    bool sent;     /* the last one got as far as the transport */
    bool doubtful; /* one may have been carried out, though its answer was lost */
};

char *cosmos_give_link(const struct cosmos *c, enum collection coll)
{
    return xasprintf("dbs/%s/colls/%s", c->database, collections[coll].name);
}

/* JSON in a header: what is not ASCII is escaped (as UTF-16, as JSON has it). */
static void add_ascii(struct buf *b, const char *text)
{
    const unsigned char *p = (const unsigned char *)text;
    while (*p) {
        if (*p < 0x80) {
            buf_addc(b, (char)*p++);
            continue;
        }
        int more = *p >= 0xf0 ? 3 : *p >= 0xe0 ? 2 : 1;
        uint32_t c = *p++ & (0x3fU >> more);
        for (; more && (*p & 0xc0) == 0x80; more--)
            c = c << 6 | (*p++ & 0x3fU);
        if (c >= 0x10000)
            buf_addf(b, "\\u%04x\\u%04x", (unsigned)(0xd800 + ((c - 0x10000) >> 10)),
                     (unsigned)(0xdc00 + ((c - 0x10000) & 0x3ff)));
        else
            buf_addf(b, "\\u%04x", (unsigned)c);
    }
}

void cosmos_set_partition(struct cosmos_call *call, const char *partition)
{
    cleanup_json json *key = json_new_array();
    json_append(key, json_new_str(partition));
    cleanup_free char *text = json_give_text(key);
    cleanup_buf struct buf b = BUF_INIT(BUF_UNBOUNDED);
    add_ascii(&b, text);
    http_headers_add(&call->headers, "x-ms-documentdb-partitionkey", buf_str(&b));
}

static int give_auth(const struct opctx *ctx, struct cosmos *c, const struct cosmos_call *call,
                     const char *link, const char *date, bool fresh, char **ret, struct error **err)
{
    cleanup_secret struct secret *token = NULL;
    if (c->key) {
        *ret = cosmos_give_key_auth(c->key, call->verb, call->type, link, date);
        return 0;
    }
    if (c->tokens->get(c->tokens, ctx, fresh, &token, err) < 0)
        return error_wrap(err, "getting a token for Cosmos DB");
    *ret = cosmos_give_token_auth(token);
    return 0;
}

static int send_once(const struct opctx *ctx, struct cosmos *c, const struct cosmos_call *call,
                     struct tries *t, struct http_response *ret, struct error **err)
{
    char date[TIME_TEXT_MAX];
    time_http(clock_wall_ns(ctx->clock), date);
    const char *slash = *call->parent ? "/" : "";
    cleanup_free char *id = call->id ? percent_give(call->id) : NULL;
    cleanup_free char *url = xasprintf("%s/%s%s%s%s%s", c->endpoint, call->parent, slash,
                                       call->type, id ? "/" : "", id ? id : "");
    cleanup_free char *link =
        call->id ? xasprintf("%s%s%s/%s", call->parent, slash, call->type, call->id)
                 : xstrdup(call->parent);
    cleanup_free char *auth = NULL;
    t->sent = false;
    memset(ret, 0, sizeof(*ret));
    if (give_auth(ctx, c, call, link, date, t->fresh_token, &auth, err) < 0)
        return -1;

    cleanup_request struct http_request req = {
        .method = call->verb,
        .url = url,
        .body = call->body,
        .body_len = call->body ? strlen(call->body) : 0,
        .max_body = BODY_MAX,
        .timeout_ms = TRY_MS,
        .traffic = call->renews ? HTTP_CLASS_LEASE : HTTP_CLASS_REQUEST,
    };
    http_headers_add(&req.headers, "Accept", "application/json");
    http_headers_add(&req.headers, "Authorization", auth);
    secret_wipe(auth, strlen(auth));
    if (call->body)
        http_headers_add(&req.headers, "Content-Type",
                         call->content_type ? call->content_type : "application/json");
    http_headers_add(&req.headers, "x-ms-date", date);
    http_headers_add(&req.headers, "x-ms-version", VERSION);
    for (size_t i = 0; i < call->headers.len; i++)
        http_headers_add(&req.headers, call->headers.v[i].name, call->headers.v[i].value);
    t->sent = true;
    return http_send(c->transport, ctx, &req, ret, err);
}

/* ---- all tries ---- */

/* How long to wait before the next try; the server's word counts. */
static int64_t pause_ms(const struct opctx *ctx, const struct tries *t,
                        const struct http_response *r)
{
    int64_t asked = http_retry_after_ms(&r->headers, clock_wall_ns(ctx->clock));
    if (asked >= 0)
        return asked;
    int64_t ms = (int64_t)PAUSE_MS << (t->n < 6 ? t->n : 6);
    if (ms > PAUSE_MAX_MS)
        ms = PAUSE_MAX_MS;
    return rng_jitter_ns(ctx->rng, ms * NS_PER_MS, 0.5) / NS_PER_MS;
}

/* 1 = once more; -1 = that was the last. */
static int pause_or_end(const struct opctx *ctx, struct tries *t, const struct http_response *r,
                        struct error **err)
{
    int64_t ms = pause_ms(ctx, t, r);
    if (++t->n >= COSMOS_TRIES || t->paused_ms + ms > COSMOS_PAUSES_MAX_MS)
        return -1;
    t->paused_ms += ms;
    return ms && opctx_sleep_ms(ctx, ms, err) < 0 ? -1 : 1;
}

static int unknown_outcome(const struct cosmos_call *call, const struct tries *t,
                           struct error **err)
{
    if (!call->writes || !t->doubtful)
        return -1;
    cleanup_error struct error *why = err ? take(*err) : NULL;
    if (error_is(why, ERR_CANCELLED) || error_is(why, ERR_TIMEOUT))
        return error_move(err, &why);
    (void)error_set(err, ERR_UNAVAILABLE, "nobody knows whether this was written: %s",
                    error_text(why));
    error_code(err, STORE_CODE_UNKNOWN);
    return -1;
}

/* 1 = once more, 0 = *ret is the answer, -1 = error. */
static int try_once(const struct opctx *ctx, struct cosmos *c, const struct cosmos_call *call,
                    struct tries *t, struct cosmos_reply *ret, struct error **err)
{
    http_response_release(&ret->http);
    cleanup_error struct error *why = NULL;
    if (send_once(ctx, c, call, t, &ret->http, &why) < 0) {
        int more = -1;
        t->doubtful = t->doubtful || (t->sent && may_be_done(why));
        if (t->sent && opctx_check(ctx, NULL) == 0 && error_is_retriable(why))
            more = pause_or_end(ctx, t, &ret->http, &why);
        return more > 0 ? 1 : error_move(err, &why);
    }
    enum verdict v = judge(ret->http.status);
    if (v == UNAUTHORIZED && !c->key && !t->fresh_token) {
        t->fresh_token = true;
        return 1;
    }
    if (v != AGAIN && v != LOST)
        return 0;
    t->doubtful = t->doubtful || v == LOST;
    (void)cosmos_fail(ret, "Cosmos DB", &why);
    return pause_or_end(ctx, t, &ret->http, &why) > 0 ? 1 : error_move(err, &why);
}

int cosmos_send(const struct opctx *ctx, struct cosmos *c, const struct cosmos_call *call,
                struct cosmos_reply *ret, struct error **err)
{
    struct tries t = { 0 };
    int more;
    while ((more = try_once(ctx, c, call, &t, ret, err)) > 0)
        ;
    ret->doubtful = t.doubtful;
    return more < 0 ? unknown_outcome(call, &t, err) : 0;
}

/* ---- errors ---- */

static enum err_kind kind_of(int status)
{
    switch (status) {
    case 409:
        return ERR_EXISTS;
    case 449:
    case 408:
    case 410:
        return ERR_UNAVAILABLE;
    default:
        return status >= 500 ? ERR_UNAVAILABLE : err_kind_from_http_status(status);
    }
}

/* {"code":"NotFound","message":"Message: {...}\r\nActivityId: ..."}: the first line will do. The code stays within
 * the text: a client would take it, as that of our error, for an answer about its cluster. */
int cosmos_fail(const struct cosmos_reply *r, const char *what, struct error **err)
{
    cleanup_json json *body = NULL;
    (void)json_parse(buf_str(&r->http.body), r->http.body.len, &body, NULL);
    const char *code = json_path_str(body, "code");
    const char *message = json_path_str(body, "message");
    size_t len = message ? strcspn(message, "\r\n") : 0;
    if (len > MESSAGE_MAX)
        len = MESSAGE_MAX;
    (void)error_set(err, kind_of(r->http.status), "%s answered %d%s%s%s%.*s", what, r->http.status,
                    code ? " " : "", code ? code : "", len ? ": " : "", (int)len,
                    message ? message : "");
    error_status(err, r->http.status);
    error_retry_after(err, http_retry_after_ms(&r->http.headers, 0));
    return -1;
}
