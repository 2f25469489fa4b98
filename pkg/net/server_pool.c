#include <stdio.h>
#include <stdlib.h>

#include "pkg/base/mem.h"
#include "pkg/base/thread.h"
#include "pkg/net/server_impl.h"

struct server_pool {
    pthread_mutex_t mu;
    pthread_cond_t work;
    struct http_call *first, **end;
    int waiting, queue_max;
    int idle;    /* threads that wait for a call */
    bool waking; /* one of them was told that there is one, and has not come yet */
    bool stopping;
    struct server_hub *hub;
    pthread_t *threads;
    int threads_len;
};

/* With the lock held: whether a thread is to be woken. One at a time, and who comes has the next one woken: were each call
 * to wake a thread, those that still run would have taken most calls before the woken ones are there. */
static bool begin_waking(struct server_pool *p)
{
    bool wake = p->first && p->idle > 0 && !p->waking;
    p->waking |= wake;
    return wake;
}

/* Waits for a call with the lock held. */
static void await_call(struct server_pool *p)
{
    p->idle++;
    while (!p->first && !p->stopping) {
        pthread_cond_wait(&p->work, &p->mu);
        p->waking = false;
    }
    p->idle--;
}

/* The next call; NULL when the pool stops. */
static struct http_call *next_call(struct server_pool *p)
{
    struct http_call *c = NULL;
    bool wake = false;

    pthread_mutex_lock(&p->mu);
    await_call(p);
    if (!p->stopping) {
        c = p->first;
        p->first = c->next;
        if (!p->first)
            p->end = &p->first;
        p->waiting--;
        wake = begin_waking(p);
    }
    pthread_mutex_unlock(&p->mu);
    if (wake)
        pthread_cond_signal(&p->work);
    return c;
}

static void worker(void *arg)
{
    struct server_pool *p = arg;
    for (struct http_call *c; (c = next_call(p)) != NULL;) {
        call_run(c);
        server_hub_done(p->hub, c);
    }
}

int server_pool_start(const char *name, int workers, int queue_max, struct server_hub *hub,
                      struct server_pool **ret, struct error **err)
{
    struct server_pool *p = xnew(struct server_pool);

    mutex_init(&p->mu);
    pthread_cond_init(&p->work, NULL);
    p->end = &p->first;
    p->queue_max = queue_max;
    p->hub = server_hub_ref(hub);
    p->threads = xcalloc((size_t)workers, sizeof(*p->threads));
    while (p->threads_len < workers) {
        char thread_name[32];
        (void)snprintf(thread_name, sizeof(thread_name), "%.10s-%d", name, p->threads_len);
        if (thread_start(&p->threads[p->threads_len], thread_name, worker, p, err) < 0) {
            server_pool_stop(p);
            return -1;
        }
        p->threads_len++;
    }
    *ret = p;
    return 0;
}

bool server_pool_submit(struct server_pool *p, struct http_call *c)
{
    c->next = NULL;
    pthread_mutex_lock(&p->mu);
    bool room = p->waiting < p->queue_max;
    if (room) {
        *p->end = c;
        p->end = &c->next;
        p->waiting++;
    }
    bool wake = begin_waking(p);
    pthread_mutex_unlock(&p->mu);
    if (wake) /* after the lock: the thread would wait for it at once */
        pthread_cond_signal(&p->work);
    return room;
}

void server_pool_start_nothing(struct server_pool *p)
{
    pthread_mutex_lock(&p->mu);
    p->stopping = true;
    pthread_cond_broadcast(&p->work);
    pthread_mutex_unlock(&p->mu);
}

void server_pool_stop(struct server_pool *p)
{
    if (!p)
        return;
    server_pool_start_nothing(p);
    for (int i = 0; i < p->threads_len; i++)
        pthread_join(p->threads[i], NULL);
    while (p->first) {
        struct http_call *next = p->first->next;
        call_free(p->first);
        p->first = next;
    }
    server_hub_unref(p->hub);
    pthread_cond_destroy(&p->work);
    pthread_mutex_destroy(&p->mu);
    free(p->threads);
    free(p);
}
