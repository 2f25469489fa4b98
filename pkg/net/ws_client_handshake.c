#include <openssl/evp.h>
#include <openssl/rand.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/net/ws_client_impl.h"

#define HEAD_MAX ((size_t)64 << 10)
#define REFUSAL_MAX ((size_t)64 << 10) /* of the body that explains a refusal */
#define KEY_BYTES 16

/* ---- the request ---- */

static char *give_key(void)
{
    unsigned char key[KEY_BYTES];
    if (RAND_bytes(key, sizeof(key)) != 1)
        abort(); /* no randomness, no TLS either */
    return base64_give(key, sizeof(key));
}

static char *give_accept(const char *key)
{
    cleanup_free char *text = xasprintf("%s258EAFA5-E914-47DA-95CA-C5AB0DC85B11", key);
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    if (EVP_Digest(text, strlen(text), digest, &len, EVP_sha1(), NULL) != 1)
        abort(); /* the protocol has no other */
    return base64_give(digest, len);
}

static void add_authority(struct buf *b, const struct url *u)
{
    buf_addf(b, strchr(u->host, ':') ? "[%s]" : "%s", u->host);
    if (u->port_given)
        buf_addf(b, ":%u", u->port);
}

static int add_headers(struct buf *b, const struct http_headers *h, struct error **err)
{
    for (size_t i = 0; h && i < h->len; i++) {
        if (strpbrk(h->v[i].name, "\r\n: ") || strpbrk(h->v[i].value, "\r\n"))
            return error_set(err, ERR_INVALID, "a header of the WebSocket has a line end in it");
        buf_addf(b, "%s: %s\r\n", h->v[i].name, h->v[i].value);
    }
    return 0;
}

static int make_request(const struct ws_conn *c, const struct ws_conn_config *cfg, const char *key,
                        struct buf *b, struct error **err)
{
    const struct url *u = &c->target.url;
    buf_addf(b, "GET %s%s%s HTTP/1.1\r\n", u->path, u->query ? "?" : "", u->query ? u->query : "");
    if (!cfg->headers || !http_headers_get(cfg->headers, "Host")) {
        buf_adds(b, "Host: ");
        add_authority(b, u);
        buf_adds(b, "\r\n");
    }
    buf_addf(b,
             "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
             "Sec-WebSocket-Key: %s\r\n",
             key);
    for (size_t i = 0; cfg->subprotocols && cfg->subprotocols[i]; i++)
        buf_addf(b, "%s%s", i == 0 ? "Sec-WebSocket-Protocol: " : ", ", cfg->subprotocols[i]);
    if (cfg->subprotocols && cfg->subprotocols[0])
        buf_adds(b, "\r\n");
    if (add_headers(b, cfg->headers, err) < 0)
        return -1;
    buf_adds(b, "\r\n");
    return 0;
}

static int send_request(struct ws_conn *c, struct ws_wait *w, const struct ws_conn_config *cfg,
                        const char *key, struct error **err)
{
    cleanup_buf struct buf b = BUF_INIT(BUF_UNBOUNDED);
    int status = make_request(c, cfg, key, &b, err);
    uint64_t end = 0;
    if (status == 0)
        status = ws_queue(c, b.data, b.len, &end, err);
    buf_secure(&b); /* a token was in it */
    if (status < 0)
        return -1;
    int done;
    while ((done = ws_flush(c, end, err)) == 0) {
        if (ws_wait(w, c->fd, POLLOUT, INT64_MAX, err) < 0)
            return -1;
    }
    return done < 0 ? -1 : 0;
}

/* ---- the answer ---- */

struct answer {
    int status;
    struct http_headers headers;
};

static void answer_release(struct answer *a)
{
    http_headers_release(&a->headers);
}

static int read_more(struct ws_conn *c, struct ws_wait *w, struct error **err)
{
    int got;
    while ((got = ws_receive(c, err)) == 0) {
        if (ws_wait(w, c->fd, POLLIN, INT64_MAX, err) < 0)
            return -1;
    }
    return got;
}

static int fail_protocol(const struct ws_conn *c, const char *why, struct error **err)
{
    return error_set(err, ERR_INTERNAL, "WebSocket %s: %s", c->target.origin, why);
}

static int parse_head(const struct ws_conn *c, const char *text, size_t len, struct answer *a,
                      struct error **err)
{
    cleanup_free char *head = xstrndup(text, len);
    cleanup_strv struct strv lines = STRV_INIT;
    strv_split(&lines, head, "\r\n", false);
    if (lines.len == 0 || !str_starts(lines.v[0], "HTTP/1.") || strlen(lines.v[0]) < 12)
        return fail_protocol(c, "the answer is not HTTP/1.1", err);
    a->status = (int)strtol(lines.v[0] + 9, NULL, 10);
    for (size_t i = 1; i < lines.len; i++) {
        char *colon = strchr(lines.v[i], ':');
        if (!colon)
            return fail_protocol(c, "the answer has a broken header", err);
        *colon = '\0';
        cleanup_free char *value = str_give_trimmed(colon + 1);
        http_headers_add(&a->headers, lines.v[i], value);
    }
    return 0;
}

static int read_head(struct ws_conn *c, struct ws_wait *w, struct answer *a, struct error **err)
{
    const char *end;
    while (!(end = strstr(buf_str(&c->in), "\r\n\r\n"))) {
        if (c->in.len > HEAD_MAX)
            return error_set(err, ERR_TOO_LARGE, "the WebSocket's answer has too large a head");
        if (read_more(c, w, err) < 0)
            return -1;
    }
    size_t len = (size_t)(end - c->in.data) + 4;
    int status = parse_head(c, c->in.data, len, a, err);
    buf_consume(&c->in, len);
    return status;
}

/* ---- a refusal ---- */

/* Decodes in place what is there of a chunked body; true when its end was reached. */
static bool decode_chunks(const struct buf *in, struct buf *out)
{
    const char *p = buf_str(in), *end = p + in->len;
    buf_clear(out);
    for (;;) {
        char *line_end = memmem(p, (size_t)(end - p), "\r\n", 2);
        if (!line_end)
            return false;
        unsigned long size = strtoul(p, NULL, 16);
        p = line_end + 2;
        if (size == 0)
            return true;
        size_t have = (size_t)(end - p);
        buf_add(out, p, size < have ? size : have);
        if (size > have || have - size < 2)
            return false;
        p += size + 2;
    }
}

static bool body_is_complete(const struct ws_conn *c, const struct answer *a, struct buf *body)
{
    const char *coding = http_headers_get(&a->headers, "Transfer-Encoding");
    if (coding && str_ends_nocase(coding, "chunked"))
        return decode_chunks(&c->in, body);
    buf_clear(body);
    buf_add(body, buf_str(&c->in), c->in.len);
    long long len;
    return str_to_int(http_headers_get(&a->headers, "Content-Length"), 0, INT64_MAX, &len) &&
           body->len >= (size_t)len;
}

static int fail_refused(struct ws_conn *c, struct ws_wait *w, const struct answer *a,
                        struct error **err)
{
    cleanup_buf struct buf body = BUF_INIT(REFUSAL_MAX + HEAD_MAX);
    while (!body_is_complete(c, a, &body) && c->in.len < REFUSAL_MAX) {
        cleanup_error struct error *ended = NULL;
        if (read_more(c, w, &ended) < 0) {
            if (opctx_check(w->ctx, err) < 0)
                return -1;
            break; /* what came has to do */
        }
    }
    cleanup_error struct error *refused = NULL;
    (void)error_set(&refused, err_kind_from_http_status(a->status),
                    "WebSocket %s: the server answered %d", c->target.origin, a->status);
    error_status(&refused, a->status);
    error_retry_after(&refused, http_retry_after_ms(&a->headers, clock_wall_ns(w->ctx->clock)));
    if (body.len > 0)
        error_body(&refused, buf_str(&body));
    return error_move(err, &refused);
}

/* ---- both ---- */

static bool is_offered(const struct ws_conn_config *cfg, const char *name)
{
    for (size_t i = 0; cfg->subprotocols && cfg->subprotocols[i]; i++) {
        if (strcmp(cfg->subprotocols[i], name) == 0)
            return true;
    }
    return false;
}

static int check_answer(struct ws_conn *c, const struct ws_conn_config *cfg, const struct answer *a,
                        const char *key, struct error **err)
{
    const char *upgrade = http_headers_get(&a->headers, "Upgrade");
    const char *given = http_headers_get(&a->headers, "Sec-WebSocket-Accept");
    cleanup_free char *wanted = give_accept(key);
    if (!upgrade || !str_eq_nocase(upgrade, "websocket") || !given || strcmp(given, wanted) != 0)
        return fail_protocol(c, "the answer does not belong to the handshake", err);
    if (http_headers_get(&a->headers, "Sec-WebSocket-Extensions"))
        return fail_protocol(c, "the server uses an extension that was not offered", err);

    const char *chosen = http_headers_get(&a->headers, "Sec-WebSocket-Protocol");
    if (chosen && !is_offered(cfg, chosen))
        return fail_protocol(c, "the server chose a subprotocol that was not offered", err);
    if (!chosen && cfg->subprotocols && cfg->subprotocols[0])
        return error_set(err, ERR_UNSUPPORTED,
                         "WebSocket %s: the server knows none of our subprotocols",
                         c->target.origin);
    c->subprotocol = xstrdup(chosen ? chosen : "");
    return 0;
}

int ws_handshake(struct ws_conn *c, struct ws_wait *w, const struct ws_conn_config *cfg,
                 struct error **err)
{
    cleanup_free char *key = give_key();
    if (send_request(c, w, cfg, key, err) < 0)
        return -1;
    CLEANUP_WITH(answer_release) struct answer a = { 0 };
    if (read_head(c, w, &a, err) < 0)
        return -1;
    if (a.status != 101)
        return fail_refused(c, w, &a, err);
    return check_answer(c, cfg, &a, key, err);
}
