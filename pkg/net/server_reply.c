#include <libwebsockets.h>
#include <string.h>

#include "pkg/base/strv.h"
#include "pkg/net/server_impl.h"

#define HEAD_BYTES (LWS_PRE + 512) /* of most replies; longer ones grow */

static void add_header(struct buf *wire, const char *name, const char *value)
{
    buf_adds(wire, name);
    buf_adds(wire, ": ");
    buf_adds(wire, value);
    buf_adds(wire, "\r\n");
}

static void add_number(struct buf *wire, const char *name, int64_t n)
{
    char text[INT_TEXT_MAX];
    int_to_str(n, text);
    add_header(wire, name, text);
}

static void begin_wire(struct buf *wire, const struct clock *clock, int status)
{
    static const char room[LWS_PRE];
    char date[TIME_TEXT_MAX];

    time_http(clock_wall_ns(clock), date);
    buf_add(wire, room, sizeof(room));
    buf_adds(wire, "HTTP/1.1 ");
    buf_add_int(wire, status);
    buf_addc(wire, ' ');
    buf_adds(wire, http_reason(status));
    buf_adds(wire, "\r\n");
    add_header(wire, "Date", date);
}

/* These are ours to say. */
static bool is_framing_header(const char *name)
{
    return str_eq_nocase(name, "Content-Length") || str_eq_nocase(name, "Transfer-Encoding") ||
           str_eq_nocase(name, "Connection") || str_eq_nocase(name, "Date");
}

static void add_headers(struct http_call *c)
{
    for (size_t i = 0; i < c->headers.len; i++) {
        const struct http_header *h = &c->headers.v[i];
        if (!is_framing_header(h->name))
            add_header(&c->wire, h->name, h->value);
    }
}

void call_build_wire(struct http_call *c)
{
    struct buf *wire = &c->wire;
    int status = http_call_get_status(c);
    const char *connection = http_headers_get(&c->headers, "Connection");
    bool bodyless = status == 204 || status == 304 || status < 200;

    buf_reserve(wire, HEAD_BYTES + (c->stream ? 0 : c->out.len));
    c->close_after = !c->req.keep_alive || (connection && str_eq_nocase(connection, "close"));
    if (c->stream && c->req.version == 10)
        c->close_after = true; /* nothing else ends the body */
    begin_wire(wire, c->server->cfg.clock, status);
    add_headers(c);
    if (c->ws)
        buf_adds(wire, "Connection: Upgrade\r\n");
    else if (c->close_after)
        buf_adds(wire, "Connection: close\r\n");
    else if (c->req.version == 10)
        buf_adds(wire, "Connection: keep-alive\r\n");

    if (c->stream && c->req.version == 11)
        buf_adds(wire, "Transfer-Encoding: chunked\r\n");
    else if (!c->stream && !bodyless)
        add_number(wire, "Content-Length", (int64_t)c->out.len);
    buf_adds(wire, "\r\n");

    if (!c->stream && !bodyless && !call_is_head(c))
        buf_add(wire, c->out.data, c->out.len);
    buf_release(&c->out);
}
