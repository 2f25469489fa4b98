/*
 * loop.h - one thread that runs epoll, timers (a heap) and what other threads post to it. Private to
 * pkg/net.
 *
 * Everything but loop_post, loop_call and loop_age_ms belongs to the loop's thread. Nothing that it runs may
 * block. io, timers and tasks are embedded in their owners; the loop does not look at one after its function
 * was called, so that the function may free it.
 */
#ifndef PKG_NET_LOOP_H
#define PKG_NET_LOOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pkg/base/clock.h"
#include "pkg/base/error.h"

struct loop;

struct loop_io {
    void (*fn)(struct loop_io *io, uint32_t events); /* EPOLLIN, EPOLLOUT, EPOLLERR ... */
    int fd;
    bool added_;
};
struct loop_timer {
    void (*fn)(struct loop_timer *t); /* once; set it again for more */
    int64_t due_ns;
    size_t place_; /* in the heap, from 1; 0: not set */
};
struct loop_task {
    void (*fn)(struct loop_task *task);
    struct loop_task *next_;
};

/* clock is of the timers and of the heartbeat; it has to run with real time, since epoll does. */
int loop_new(const struct clock *clock, const char *name, struct loop **ret, struct error **err);
/* Runs what was posted, then ends and joins the thread. Nothing may be posted any more. */
void loop_free(struct loop *l);

/* Any thread. The task belongs to the loop until its function is called. In the order of posting. */
void loop_post(struct loop *l, struct loop_task *task);
/* Any thread but the loop's: runs fn(arg) on it and returns when it is done. */
void loop_call(struct loop *l, void (*fn)(void *arg), void *arg);
/* Any thread: how long ago the loop was last seen alive; it turns at least once a second. */
int64_t loop_age_ms(const struct loop *l);

int64_t loop_now_ns(const struct loop *l);
void loop_io_set(struct loop *l, struct loop_io *io, uint32_t events); /* adds or changes */
void loop_io_del(struct loop *l, struct loop_io *io);                  /* before fd is closed */
void loop_timer_set(struct loop *l, struct loop_timer *t, int64_t due_ns);
void loop_timer_clear(struct loop *l, struct loop_timer *t);

DEFINE_RELEASE(struct loop *, loop_free)
#define cleanup_loop CLEANUP_WITH(loop_free_slot)

#endif
