#include "pkg/base/mem.h"
#include "pkg/base/thread.h"
#include "pkg/net/server_impl.h"

void outlet_init(struct outlet *o, struct server_hub *hub, uint64_t conn_id, size_t max_queued,
                 void (*free_whole)(struct outlet *o))
{
    atomic_init(&o->refs, 1);
    mutex_init(&o->mu);
    buf_init(&o->queue, BUF_UNBOUNDED); /* outlet_append watches max_queued */
    o->hub = server_hub_ref(hub);
    o->conn_id = conn_id;
    o->max_queued = max_queued;
    o->free_whole = free_whole;
}

void outlet_release(struct outlet *o)
{
    buf_release(&o->queue);
    server_hub_unref(o->hub);
    pthread_mutex_destroy(&o->mu);
}

struct outlet *outlet_ref(struct outlet *o)
{
    atomic_fetch_add(&o->refs, 1);
    return o;
}

void outlet_unref(struct outlet *o)
{
    if (o && atomic_fetch_sub(&o->refs, 1) == 1)
        o->free_whole(o);
}

int outlet_append(struct outlet *o, const void *head, size_t head_len, const void *data, size_t len,
                  const void *tail, size_t tail_len)
{
    bool wake = false;
    int result = -1;

    pthread_mutex_lock(&o->mu);
    if (o->state == OUTLET_OPEN) {
        wake = o->queue.len == 0; /* else the service thread was told already */
        if (o->queue.len + o->in_flight + len > o->max_queued) {
            o->state = OUTLET_CUT;
            wake = true;
        } else {
            buf_add(&o->queue, head, head_len);
            buf_add(&o->queue, data, len);
            buf_add(&o->queue, tail, tail_len);
            result = 0;
        }
    }
    pthread_mutex_unlock(&o->mu);
    if (wake)
        server_hub_wake(o->hub, o);
    return result;
}

void outlet_leave(struct outlet *o, enum outlet_state to, const void *last, size_t last_len)
{
    pthread_mutex_lock(&o->mu);
    bool leaves = o->state == OUTLET_OPEN || (o->state == OUTLET_ENDING && to == OUTLET_CUT);
    if (leaves) {
        o->state = to;
        buf_add(&o->queue, last, last_len);
    }
    pthread_mutex_unlock(&o->mu);
    if (leaves)
        server_hub_wake(o->hub, o);
}

bool outlet_is_open(struct outlet *o)
{
    pthread_mutex_lock(&o->mu);
    bool open = o->state == OUTLET_OPEN;
    pthread_mutex_unlock(&o->mu);
    return open;
}

enum outlet_state outlet_drain(struct outlet *o, struct buf *out)
{
    pthread_mutex_lock(&o->mu);
    buf_add(out, o->queue.data, o->queue.len);
    o->in_flight += o->queue.len;
    if (o->queue.cap > 65536) /* one burst must not stay with us */
        buf_release(&o->queue);
    else
        buf_clear(&o->queue);
    enum outlet_state state = o->state;
    pthread_mutex_unlock(&o->mu);
    return state;
}

void outlet_set_in_flight(struct outlet *o, size_t n)
{
    pthread_mutex_lock(&o->mu);
    o->in_flight = n;
    pthread_mutex_unlock(&o->mu);
}

void outlet_close(struct outlet *o)
{
    pthread_mutex_lock(&o->mu);
    bool first = o->state != OUTLET_CLOSED;
    o->state = OUTLET_CLOSED;
    buf_release(&o->queue);
    o->in_flight = 0;
    pthread_mutex_unlock(&o->mu);
    if (first && o->on_close)
        o->on_close(o->arg);
}
