#include "pkg/net/framer.h"

#include <llhttp.h>
#include <string.h>
#include <strings.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/net/framer_head.h"

/*
 * The head is gathered until its empty line, checked and split by framer_head.c, and only then given
 * to llhttp in one piece; llhttp reads it for Content-Length, Transfer-Encoding and Connection, and
 * goes on with the body, which comes in any pieces. Both parsers must agree that the head is good.
 */

/* Empty lines that a sloppy client may put before a request (RFC 9112, 2.2). */
#define EMPTY_LINES_MAX 4

struct framer {
    llhttp_t parser;
    llhttp_settings_t settings;
    struct framer_limits limits;
    enum framer_state state;
    struct buf head;
    size_t scanned; /* of head: no empty line ends before this */
    int empty_lines;
    struct framer_request req;
    bool complete; /* llhttp saw the end of the message */
    bool wants_continue;
    size_t extra_bytes;   /* of chunk extensions and trailers */
    size_t framing_bytes; /* all of a body that is not payload */
    int bad_status;
    const char *bad_reason;
};

static void set_bad(struct framer *f, int status, const char *reason)
{
    f->state = FRAMER_BAD;
    f->bad_status = status;
    f->bad_reason = reason;
}

static void set_too_large(struct framer *f)
{
    if (!f->limits.give_cut) {
        set_bad(f, 413, "request body too large");
        return;
    }
    f->state = FRAMER_DONE;
    f->req.body_is_cut = true;
    f->req.keep_alive = false;
    buf_clear(&f->req.body);
}

static int on_body(llhttp_t *parser, const char *data, size_t len)
{
    struct framer *f = parser->data;
    if (len > f->limits.body_bytes - f->req.body.len) {
        set_too_large(f);
        return HPE_USER;
    }
    buf_add(&f->req.body, data, len);
    return 0;
}

/* Chunk extensions and trailers: unused, but not endless. (Of the head this sees nothing new.) */
static int on_extra(llhttp_t *parser, const char *data, size_t len)
{
    struct framer *f = parser->data;
    (void)data;
    if (f->state != FRAMER_BODY)
        return 0;
    f->extra_bytes += len;
    if (f->extra_bytes > f->limits.header_bytes) {
        set_bad(f, 431, "chunk extensions or trailers too large");
        return HPE_USER;
    }
    return 0;
}

static int on_message_complete(llhttp_t *parser)
{
    struct framer *f = parser->data;
    f->complete = true;
    f->req.keep_alive = llhttp_should_keep_alive(parser);
    return HPE_PAUSED; /* one request at a time */
}

/* An upgrade is the handler's decision; until then this is an ordinary request with ordinary bytes
 * behind it. */
static int on_headers_complete(llhttp_t *parser)
{
    struct framer *f = parser->data;
    f->req.websocket = parser->upgrade && parser->method == HTTP_GET;
    parser->upgrade = 0;
    return 0;
}

struct framer *framer_new(const struct framer_limits *limits)
{
    struct framer *f = xnew(struct framer);

    f->limits = *limits;
    buf_init(&f->head, limits->header_bytes);
    buf_init(&f->req.body, limits->body_bytes);
    llhttp_settings_init(&f->settings);
    f->settings.on_body = on_body;
    f->settings.on_chunk_extension_name = on_extra;
    f->settings.on_chunk_extension_value = on_extra;
    f->settings.on_header_field = on_extra;
    f->settings.on_header_value = on_extra;
    f->settings.on_headers_complete = on_headers_complete;
    f->settings.on_message_complete = on_message_complete;
    llhttp_init(&f->parser, HTTP_REQUEST, &f->settings);
    f->parser.data = f;
    return f;
}

void framer_request_release(struct framer_request *r)
{
    free(r->method);
    free(r->target);
    http_headers_release(&r->headers);
    buf_release(&r->body);
    *r = (struct framer_request){ 0 };
}

void framer_free(struct framer *f)
{
    if (!f)
        return;
    buf_release(&f->head);
    framer_request_release(&f->req);
    free(f);
}

enum framer_state framer_get_state(const struct framer *f)
{
    return f->state;
}

bool framer_has_begun(const struct framer *f)
{
    return f->state == FRAMER_BODY || f->head.len > 0;
}

bool framer_wants_continue(const struct framer *f)
{
    return f->state == FRAMER_BODY && f->wants_continue;
}

int framer_bad_status(const struct framer *f, const char **ret_reason)
{
    *ret_reason = f->bad_reason;
    return f->bad_status;
}

void framer_take_request(struct framer *f, struct framer_request *ret)
{
    *ret = f->req;
    f->req = (struct framer_request){ .body = BUF_INIT(f->limits.body_bytes) };
    f->state = FRAMER_HEAD;
    f->complete = false;
    f->wants_continue = false;
    f->extra_bytes = f->framing_bytes = 0;
    f->empty_lines = 0;
    llhttp_init(&f->parser, HTTP_REQUEST, &f->settings);
    f->parser.data = f;
}

void framer_give_up(struct framer *f, struct framer_request *ret)
{
    *ret = f->req;
    f->req = (struct framer_request){ 0 };
    f->state = FRAMER_BAD;
    buf_release(&ret->body);
    if (!ret->method)
        ret->method = xstrdup("-");
    if (!ret->target)
        ret->target = xstrdup("-");
    if (!ret->version)
        ret->version = 11;
    ret->keep_alive = ret->websocket = false;
}

/* ---- the head ---- */

static void set_bad_from_llhttp(struct framer *f, llhttp_errno_t code)
{
    if (f->state == FRAMER_BAD)
        return; /* a callback of ours said why */
    switch (code) {
    case HPE_INVALID_METHOD:
        set_bad(f, 501, "unknown method");
        break;
    case HPE_INVALID_VERSION:
    case HPE_PAUSED_H2_UPGRADE:
        set_bad(f, 505, "HTTP version not supported");
        break;
    default:
        set_bad(f, 400, "malformed request");
    }
}

/* The fields that decide about framing and about the 100 reply. */
static void check_fields(struct framer *f)
{
    const struct http_headers *h = &f->req.headers;
    int hosts = 0, codings = 0;
    const char *expect = http_headers_get(h, "Expect");

    for (size_t i = 0; i < h->len; i++) {
        if (strcasecmp(h->v[i].name, "Host") == 0)
            hosts++;
        if (strcasecmp(h->v[i].name, "Transfer-Encoding") != 0)
            continue;
        codings++;
        if (strcasecmp(h->v[i].value, "chunked") != 0)
            set_bad(f, 501, "transfer coding not supported");
    }
    if (hosts > 1 || (hosts == 0 && f->req.version == 11))
        set_bad(f, 400, hosts ? "more than one Host" : "no Host");
    else if (codings > 1 || (codings && f->req.version == 10))
        set_bad(f, 400, "misplaced Transfer-Encoding");
    else if (expect && f->req.version == 11) {
        f->wants_continue = strcasecmp(expect, "100-continue") == 0;
        if (!f->wants_continue)
            set_bad(f, 417, "unknown Expect");
    }
}

static void parse_head(struct framer *f, const char *data, size_t len)
{
    struct framer_head_error bad;
    if (framer_head_parse(data, len, &f->req, &bad) < 0) {
        set_bad(f, bad.status, bad.reason);
        return;
    }
    llhttp_errno_t code = llhttp_execute(&f->parser, data, len);
    if (code != HPE_OK && !(code == HPE_PAUSED && f->complete)) {
        set_bad_from_llhttp(f, code);
        return;
    }
    f->state = f->complete ? FRAMER_DONE : FRAMER_BODY;
    if (f->req.websocket) {
        const char *upgrade = http_headers_get(&f->req.headers, "Upgrade");
        f->req.websocket = upgrade && f->req.version == 11 && strcasecmp(upgrade, "websocket") == 0;
    }
    if (f->parser.method == HTTP_CONNECT)
        set_bad(f, 501, "CONNECT is not supported");
    else if (f->parser.content_length > f->limits.body_bytes)
        set_too_large(f);
    if (f->state != FRAMER_BAD)
        check_fields(f);
}

/* Where the head ends (behind its empty line) within data; 0 when it does not yet. */
static size_t find_head_end(const char *data, size_t from, size_t len)
{
    const char *p = data + from, *end = data + len;
    while ((p = memchr(p, '\n', (size_t)(end - p))) != NULL) {
        /* "\n\n" also ends it: the check of the lines refuses that at once */
        size_t at = (size_t)(p - data);
        if (at >= 1 && (data[at - 1] == '\n' || (at >= 2 && memcmp(p - 2, "\n\r", 2) == 0)))
            return at + 1;
        p++;
    }
    return 0;
}

static void check_head_size(struct framer *f)
{
    size_t len = f->head.len;
    const char *line_end = len ? memchr(f->head.data, '\n', len) : NULL;
    if (!line_end && len > FRAMER_TARGET_MAX)
        set_bad(f, 414, "request target too long");
    else if (len > f->limits.header_bytes)
        set_bad(f, line_end ? 431 : 414, line_end ? "header too large" : "request target too long");
}

/* CRLF before the request line. */
static size_t skip_empty_lines(struct framer *f, const char *data, size_t len)
{
    size_t used = 0;
    while (len - used >= 2 && memcmp(data + used, "\r\n", 2) == 0) {
        used += 2;
        if (++f->empty_lines > EMPTY_LINES_MAX) {
            set_bad(f, 400, "empty lines instead of a request");
            break;
        }
    }
    return used;
}

static size_t feed_head(struct framer *f, const char *data, size_t len)
{
    if (f->head.len == 0) { /* often the whole head comes at once: no copy */
        size_t empty = skip_empty_lines(f, data, len);
        if (empty)
            return empty;
        size_t end = find_head_end(data, 0, len);
        if (end && end <= f->limits.header_bytes) {
            parse_head(f, data, end);
            return end;
        }
    }
    struct buf *head = &f->head;
    size_t room = f->limits.header_bytes + 1 - head->len;
    size_t n = len < room ? len : room;
    head->max = f->limits.header_bytes + 1; /* one more byte shows that the limit is passed */
    buf_add(head, data, n);
    size_t skipped = skip_empty_lines(f, head->data, f->scanned ? 0 : head->len);
    buf_consume(head, skipped);
    size_t end = find_head_end(head->data, f->scanned, head->len);
    if (!end || end > f->limits.header_bytes) {
        f->scanned = head->len > 2 ? head->len - 2 : 0;
        if (f->state == FRAMER_HEAD)
            check_head_size(f);
        return n;
    }
    size_t unused = head->len - end;
    parse_head(f, head->data, end);
    buf_release(head);
    buf_init(head, 0);
    f->scanned = 0;
    return n - unused;
}

/* ---- the body ---- */

static size_t feed_body(struct framer *f, const char *data, size_t len)
{
    size_t body_before = f->req.body.len;
    size_t used = len;

    f->wants_continue = false;
    llhttp_errno_t code = llhttp_execute(&f->parser, data, len);
    if (code == HPE_PAUSED && f->complete) {
        used = (size_t)(llhttp_get_error_pos(&f->parser) - data);
        f->state = FRAMER_DONE;
    } else if (f->req.body_is_cut) {
        return used; /* what follows is dropped, too */
    } else if (code != HPE_OK) {
        set_bad_from_llhttp(f, code);
        return used;
    }
    /* Chunks of one byte are legal, sizes with endless zeros in front are not. */
    f->framing_bytes += used - (f->req.body.len - body_before);
    if (f->framing_bytes > f->limits.header_bytes + 16 * f->limits.body_bytes)
        set_bad(f, 431, "chunk framing too large");
    return used;
}

size_t framer_feed(struct framer *f, const char *data, size_t len)
{
    size_t used = 0;
    while (used < len && f->state == FRAMER_HEAD)
        used += feed_head(f, data + used, len - used);
    if (used == 0 && len > 0 && f->state == FRAMER_BODY)
        used = feed_body(f, data, len);
    return used;
}
