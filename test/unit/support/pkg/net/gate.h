/* gate.h - lets a test and a server's handlers wait for one another. Threads: safe from any. */
#ifndef TEST_UNIT_SUPPORT_PKG_NET_GATE_H
#define TEST_UNIT_SUPPORT_PKG_NET_GATE_H

#include <pthread.h>
#include <stdbool.h>

struct gate {
    pthread_mutex_t mu;
    pthread_cond_t changed;
    int arrived;
    bool open;
};

void gate_init(struct gate *g); /* closed */
void gate_release(struct gate *g);
/* A handler: counts itself as arrived and waits until the gate is open. */
void gate_pass(struct gate *g);
/* Counts an arrival without waiting. */
void gate_count(struct gate *g);
/* The test. */
void gate_await(struct gate *g, int arrived);
void gate_open(struct gate *g);

#endif
