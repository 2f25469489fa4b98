/*
 * outage.h - one voice for a server that answers nobody: many ask it, one message tells. Private to
 * pkg/kube.
 *
 * The server is out when an attempt failed without an answer, or with one that says nothing about
 * what was asked for (credentials refused, a balancer without a server behind it), and nobody else
 * heard the server since that attempt began. One warning tells so, one more a minute while attempts
 * go on, and one line that it is over. Attempts that end in different ways (behind a balancer they may
 * alternate) have a warning for each way. Threads: safe from any.
 */
#ifndef PKG_KUBE_OUTAGE_H
#define PKG_KUBE_OUTAGE_H

#include <pthread.h>
#include <stdatomic.h>

#include "pkg/base/log.h"
#include "pkg/net/http.h"

enum outage_kind {
    OUTAGE_NONE,
    OUTAGE_UNREACHABLE,
    OUTAGE_UNAVAILABLE,
    OUTAGE_UNAUTHORIZED,
    OUTAGE_KINDS
};

struct outage {
    const char *server;
    const struct clock *clock;
    const struct log *log;
    void (*on_over)(void *arg); /* NULL: nobody wants to know */
    void *on_over_arg;
    atomic_int kind; /* enum outage_kind; changed with mu held */
    atomic_int_least64_t answered_ns;
    pthread_mutex_t mu; /* guards the rest */
    int64_t since_ns, since_wall_ns, told_ns[OUTAGE_KINDS];
};
/* An outage that was shorter than this is no news for on_over: back-offs have not grown long by then,
 * and a server that comes and goes must not make them short each time. */
#define OUTAGE_LONG_NS (5 * NS_PER_S)

/* server, clock and log are borrowed; log may be NULL. on_over (may be NULL) runs after each outage of
 * OUTAGE_LONG_NS or more, on the thread that was answered: it must not block. */
void outage_init(struct outage *o, const char *server, const struct clock *clock,
                 const struct log *log, void (*on_over)(void *arg), void *on_over_arg);
void outage_release(struct outage *o);

/* An attempt that began then ended without an answer. */
void outage_note_silence(struct outage *o, int64_t began_ns, const struct error *e);
/* ... with this one; e is what it means, NULL when it is no error. */
void outage_note_answer(struct outage *o, int64_t began_ns, const struct http_response *r,
                        const struct error *e);
/* Whether the server is out, and the error is of that: it has been told. Any layer of wraps. */
bool outage_explains(const struct outage *o, const struct error *e);

#endif
