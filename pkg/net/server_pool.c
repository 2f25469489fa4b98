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
    bool stopping;
    struct server_hub *hub;
    pthread_t *threads;
    int threads_len;
};

/* The next call; NULL when the pool stops. */
static struct http_call *next_call(struct server_pool *p)
{
    struct http_call *c = NULL;

    pthread_mutex_lock(&p->mu);
    while (!p->first && !p->stopping)
        pthread_cond_wait(&p->work, &p->mu);
    if (!p->stopping) {
        c = p->first;
        p->first = c->next;
        if (!p->first)
            p->end = &p->first;
        p->waiting--;
    }
    pthread_mutex_unlock(&p->mu);
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
        pthread_cond_signal(&p->work);
    }
    pthread_mutex_unlock(&p->mu);
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
