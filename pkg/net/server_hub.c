#include <libwebsockets.h>
#include <stdlib.h>

#include "pkg/base/mem.h"
#include "pkg/base/thread.h"
#include "pkg/net/server_impl.h"

/* Lock order: an outlet's mu before the hub's. */

struct server_hub *server_hub_new(void)
{
    struct server_hub *h = xnew(struct server_hub);
    atomic_init(&h->refs, 1);
    mutex_init(&h->mu);
    h->done_end = &h->done;
    return h;
}

struct server_hub *server_hub_ref(struct server_hub *h)
{
    atomic_fetch_add(&h->refs, 1);
    return h;
}

void server_hub_unref(struct server_hub *h)
{
    if (!h || atomic_fetch_sub(&h->refs, 1) != 1)
        return;
    pthread_mutex_destroy(&h->mu);
    free(h);
}

void server_hub_open(struct server_hub *h, struct lws_context *cx)
{
    pthread_mutex_lock(&h->mu);
    h->cx = cx;
    pthread_mutex_unlock(&h->mu);
}

struct http_call *server_hub_pop_done(struct server_hub *h)
{
    pthread_mutex_lock(&h->mu);
    struct http_call *c = h->done;
    if (c) {
        h->done = c->next;
        if (!h->done)
            h->done_end = &h->done;
    }
    pthread_mutex_unlock(&h->mu);
    return c;
}

struct outlet *server_hub_pop_woken(struct server_hub *h)
{
    pthread_mutex_lock(&h->mu);
    struct outlet *o = h->woken;
    if (o) {
        h->woken = o->next_woken;
        o->woken = false;
    }
    pthread_mutex_unlock(&h->mu);
    return o;
}

void server_hub_close(struct server_hub *h)
{
    pthread_mutex_lock(&h->mu);
    h->cx = NULL; /* from here on nothing is added */
    pthread_mutex_unlock(&h->mu);

    for (struct http_call *c; (c = server_hub_pop_done(h)) != NULL;)
        call_free(c);
    for (struct outlet *o; (o = server_hub_pop_woken(h)) != NULL;)
        outlet_unref(o);
}

void server_hub_done(struct server_hub *h, struct http_call *c)
{
    c->next = NULL;
    pthread_mutex_lock(&h->mu);
    bool open = h->cx != NULL;
    if (open) {
        bool was_empty = !h->done;
        *h->done_end = c;
        h->done_end = &c->next;
        if (was_empty) /* else the service thread was told already */
            lws_cancel_service(h->cx);
    }
    pthread_mutex_unlock(&h->mu);
    if (!open)
        call_free(c);
}

void server_hub_wake(struct server_hub *h, struct outlet *o)
{
    pthread_mutex_lock(&h->mu);
    if (h->cx && !o->woken) {
        bool was_empty = !h->woken;
        o->woken = true;
        o->next_woken = h->woken;
        h->woken = outlet_ref(o);
        if (was_empty)
            lws_cancel_service(h->cx);
    }
    pthread_mutex_unlock(&h->mu);
}

void server_hub_stop(struct server_hub *h, int64_t grace_ms)
{
    pthread_mutex_lock(&h->mu);
    h->stopping = true;
    h->grace_ms = grace_ms;
    if (h->cx)
        lws_cancel_service(h->cx);
    pthread_mutex_unlock(&h->mu);
}

bool server_hub_is_stopping(struct server_hub *h, int64_t *ret_grace_ms)
{
    pthread_mutex_lock(&h->mu);
    bool stopping = h->stopping;
    *ret_grace_ms = h->grace_ms;
    pthread_mutex_unlock(&h->mu);
    return stopping;
}
