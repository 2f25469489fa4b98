/* Where the lines of a watch go: a chunked reply, or a WebSocket with a message for each. */
#include <string.h>

#include "pkg/net/server.h"
#include "rp/syncsets/api/impl.h"

/* A WebSocket's own queue holds 4 MiB, with room for one more event and the error that ends it. */
#define SOCKET_QUEUE_MAX ((size_t)2 << 20)
#define CLOSE_NORMAL 1000

static void on_close(void *arg)
{
    struct sets_watch *w = arg;
    atomic_store(&w->closed, true);
    sets_watch_unref(w);
}

static void on_socket_close(struct ws *ws, void *arg)
{
    (void)ws;
    on_close(arg);
}

int sets_watch_open(struct sets_watch *w, struct http_call *call, struct error **err)
{
    static const struct ws_callbacks callbacks = { .on_close = on_socket_close };
    atomic_fetch_add(&w->refs, 1); /* on_close's */
    if (http_call_is_websocket(call)) {
        if (http_call_begin_ws(call, NULL, &callbacks, w, &w->socket, err) == 0)
            return 0;
        atomic_fetch_sub(&w->refs, 1);
        return -1;
    }
    http_call_set_header(call, "Content-Type", "application/json");
    http_call_set_status(call, 200);
    w->stream = http_call_begin_stream(call, w->queue_max + ((size_t)1 << 20), on_close, w);
    return 0;
}

size_t sets_watch_queued(const struct sets_watch *w)
{
    return w->socket ? ws_queued(w->socket) : http_stream_queued(w->stream);
}

bool sets_watch_has_room(const struct sets_watch *w, size_t len)
{
    return sets_watch_queued(w) + len <= (w->socket ? SOCKET_QUEUE_MAX : w->queue_max);
}

/* line ends with a line end, which a message goes without. */
int sets_watch_write(struct sets_watch *w, const char *line, size_t len)
{
    return w->socket ? ws_send(w->socket, false, line, len - 1)
                     : http_stream_write(w->stream, line, len);
}

void sets_watch_end(struct sets_watch *w)
{
    if (w->socket)
        ws_close(w->socket, CLOSE_NORMAL);
    else
        http_stream_end(w->stream);
}

void sets_watch_leave(struct sets_watch *w)
{
    if (w->socket)
        ws_unref(w->socket);
    else
        http_stream_unref(w->stream);
}
