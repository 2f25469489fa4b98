#include "test/unit/support/pkg/net/gate.h"

void gate_init(struct gate *g)
{
    *g = (struct gate){ 0 };
    pthread_mutex_init(&g->mu, NULL);
    pthread_cond_init(&g->changed, NULL);
}

void gate_release(struct gate *g)
{
    pthread_cond_destroy(&g->changed);
    pthread_mutex_destroy(&g->mu);
}

void gate_count(struct gate *g)
{
    pthread_mutex_lock(&g->mu);
    g->arrived++;
    pthread_cond_broadcast(&g->changed);
    pthread_mutex_unlock(&g->mu);
}

void gate_pass(struct gate *g)
{
    pthread_mutex_lock(&g->mu);
    g->arrived++;
    pthread_cond_broadcast(&g->changed);
    while (!g->open)
        pthread_cond_wait(&g->changed, &g->mu);
    pthread_mutex_unlock(&g->mu);
}

void gate_await(struct gate *g, int arrived)
{
    pthread_mutex_lock(&g->mu);
    while (g->arrived < arrived)
        pthread_cond_wait(&g->changed, &g->mu);
    pthread_mutex_unlock(&g->mu);
}

void gate_open(struct gate *g)
{
    pthread_mutex_lock(&g->mu);
    g->open = true;
    pthread_cond_broadcast(&g->changed);
    pthread_mutex_unlock(&g->mu);
}
