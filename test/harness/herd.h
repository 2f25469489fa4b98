/*
 * herd.h - processes that are killed, frozen and told to end at random instants, and started again.
 *
 * A thread of its own harms them, and only while most of them serve: on a slow machine, where a start takes long, it waits,
 * so that there is always somebody to go on. A process serves once its log tells its port.
 *
 * Threads: starting, calming and ending from one; the port, strikes, freezes and their number from any.
 */
#ifndef TEST_HARNESS_HERD_H
#define TEST_HARNESS_HERD_H

#include <stdbool.h>
#include <stdint.h>

#include "pkg/base/clock.h"
#include "pkg/base/strv.h"

enum herd_harm {
    HERD_KILL = 1 << 0,       /* SIGKILL */
    HERD_FREEZE = 1 << 1,     /* SIGSTOP, SIGCONT later */
    HERD_TELL = 1 << 2,       /* SIGTERM */
    HERD_TELL_AGAIN = 1 << 3, /* SIGTERM, and at times once more before it ended */
};

/* A place that one process after another takes. All borrowed. */
struct herd_post {
    const char *name;        /* of its log */
    const char *const *argv; /* NULL-terminated; the first is looked for in PATH */
    const char *mark;        /* in the log, before the port; behind the port stands a '"' or ',' */
    bool serves;             /* herd_port may give its port */
};
struct herd_config {
    const char *folder; /* where the processes leave their logs; borrowed for the herd's life */
    const struct herd_post *posts;
    size_t len;
    unsigned harms;         /* of enum herd_harm */
    unsigned strike_one_in; /* looks, of which there are 50 a second, ends in harm */
    int64_t freeze_max_ms;  /* also longer than what the processes may miss */
    bool may_abort;         /* one that serves may end by SIGABRT, at nobody's wish */
    const struct rng *rng;  /* borrowed; used by one thread at a time */
};

struct herd;
struct herd *herd_start(const struct herd_config *cfg);
/* The port of any member with `serves` that is known; 0: there is none. Any thread. */
unsigned herd_port(struct herd *h, const struct rng *rng);
/* The member of this port is killed in so many nanoseconds, unless the herd is calm: amid what it was asked meanwhile. */
void herd_strike(struct herd *h, unsigned port, int64_t in_ns);
/* The member in that place of posts stands still for so long from now on: amid what it is at. Not when the herd is calm, nor when
 * somebody does already, or half of it, or everybody else that serves as it does, is away. */
void herd_freeze(struct herd *h, size_t post, int64_t ms);
size_t herd_held(struct herd *h); /* so many times it did */
void herd_calm(struct herd *h);   /* nothing happens any more; all run, or start again. Once only */
/* After herd_calm. All serve, then end by themselves. Each end, also before, that nobody meant is added to faults. */
void herd_end(struct herd *h, struct strv *faults);
void herd_print(const struct herd *h);
/* The lines of all logs that name somebody behind a '/', by time; the last max of them. */
void herd_print_log(const struct herd *h, const char *name, size_t max);
void herd_free(struct herd *h);

#endif
