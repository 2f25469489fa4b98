/*
 * The HTTP framer. The first byte says how the rest is cut into pieces: however it is cut, the same requests come out,
 * and the same refusal. What comes out keeps the promises of framer.h.
 *
 * One freedom: trailers and chunk extensions that are both malformed and too large may be refused for either fault. llhttp
 * hands them over in pieces that end with its input, so the cut decides which one is seen first.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/net/framer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct framer_limits limits = { 600, 100, false };

static void must(bool truth)
{
    if (!truth)
        abort();
}

static void check_request(const struct framer_request *r)
{
    int hosts = 0, lengths = 0, codings = 0;

    must(r->version == 10 || r->version == 11);
    must(r->target[0] == '/' || strcmp(r->target, "*") == 0);
    for (const unsigned char *p = (const unsigned char *)r->target; *p; p++)
        must(*p > ' ' && *p < 0x7f);
    for (size_t i = 0; i < r->headers.len; i++) {
        const struct http_header *h = &r->headers.v[i];
        hosts += strcasecmp(h->name, "Host") == 0;
        lengths += strcasecmp(h->name, "Content-Length") == 0;
        codings += strcasecmp(h->name, "Transfer-Encoding") == 0;
        must(*h->name && !strpbrk(h->name, " \t:") && !strpbrk(h->value, "\r\n"));
    }
    must(hosts == 1 || (hosts == 0 && r->version == 10));
    must(lengths + codings <= 1);
    must(r->body.len <= limits.body_bytes && !r->body.spoiled);
    must(r->body.len == 0 || lengths + codings == 1);
    if (lengths)
        must(strtoull(http_headers_get(&r->headers, "Content-Length"), NULL, 10) == r->body.len);
}

static void render(struct buf *out, const struct framer_request *r)
{
    buf_addf(out, "%s %s %d %d %d ", r->method, r->target, r->version, r->keep_alive, r->websocket);
    for (size_t i = 0; i < r->headers.len; i++)
        buf_addf(out, "%s=%s ", r->headers.v[i].name, r->headers.v[i].value);
    buf_add(out, r->body.data, r->body.len);
    buf_addc(out, '\n');
}

static void render_refusal(struct buf *out, const struct framer *f, bool in_body)
{
    const char *reason;
    int status = framer_bad_status(f, &reason);
    buf_addf(out, "%d", in_body && status == 431 ? 400 : status);
}

static char *give_result(const char *in, size_t len, size_t piece)
{
    cleanup_framer struct framer *f = framer_new(&limits);
    struct buf out = BUF_INIT(BUF_UNBOUNDED);
    bool in_body = false;

    for (size_t at = 0; at < len && framer_get_state(f) != FRAMER_BAD;) {
        size_t n = len - at < piece ? len - at : piece;
        char *copy = malloc(n); /* the sanitizer sees reads beyond a piece */
        memcpy(copy, in + at, n);
        in_body = framer_get_state(f) == FRAMER_BODY;
        size_t used = framer_feed(f, copy, n);
        free(copy);
        must(used <= n && (used > 0 || framer_get_state(f) == FRAMER_BAD));
        at += used;
        if (framer_get_state(f) != FRAMER_DONE)
            continue;
        struct framer_request r;
        framer_take_request(f, &r);
        check_request(&r);
        render(&out, &r);
        framer_request_release(&r);
    }
    if (framer_get_state(f) == FRAMER_BAD)
        render_refusal(&out, f, in_body);
    struct framer_request rest;
    framer_give_up(f, &rest);
    must(rest.method && rest.target && rest.body.len == 0 && !rest.keep_alive);
    framer_request_release(&rest);
    return buf_give(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    const char *in = (const char *)data + 1;
    cleanup_free char *whole = give_result(in, size - 1, size - 1);
    cleanup_free char *cut = give_result(in, size - 1, data[0] % 40 + 1U);
    must(strcmp(whole, cut) == 0);
    return 0;
}
