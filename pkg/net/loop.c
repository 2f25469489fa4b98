#include "pkg/net/loop.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "pkg/base/mem.h"
#include "pkg/base/thread.h"

#define TURN_MAX_NS NS_PER_S /* so that the heartbeat means something */
#define BATCH 64

struct loop {
    const struct clock *clock;
    pthread_t thread;
    int epoll_fd, event_fd;
    struct loop_io woken; /* event_fd */
    atomic_llong turned_ns;

    pthread_mutex_t mu; /* guards the posted tasks */
    struct loop_task *first, **last;
    bool ending;

    struct loop_timer **heap; /* heap[0] is unused: places count from 1 */
    size_t heap_len, heap_cap;

    struct epoll_event batch[BATCH]; /* under way; entries of deleted io are emptied */
    int batch_pos, batch_len;
};

int64_t loop_now_ns(const struct loop *l)
{
    return clock_mono_ns(l->clock);
}

int64_t loop_age_ms(const struct loop *l)
{
    int64_t age = loop_now_ns(l) - atomic_load_explicit(&l->turned_ns, memory_order_relaxed);
    return age > 0 ? age / NS_PER_MS : 0;
}

/* ---- io ---- */

static bool epoll_change(struct loop *l, int op, struct loop_io *io, uint32_t events)
{
    struct epoll_event ev = { .events = events, .data.ptr = io };
    return epoll_ctl(l->epoll_fd, op, io->fd, &ev) == 0;
}

void loop_io_set(struct loop *l, struct loop_io *io, uint32_t events)
{
    /* The kernel drops a descriptor that is closed, whatever we believe: so the other way round, too. */
    int first = io->added_ ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
    int second = io->added_ ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
    if (!epoll_change(l, first, io, events) && !epoll_change(l, second, io, events))
        abort(); /* not a descriptor, or memory ended */
    io->added_ = true;
}

void loop_io_del(struct loop *l, struct loop_io *io)
{
    if (!io->added_)
        return;
    (void)epoll_change(l, EPOLL_CTL_DEL, io, 0); /* fails when it is closed already */
    io->added_ = false;
    for (int i = l->batch_pos; i < l->batch_len; i++) {
        if (l->batch[i].data.ptr == io)
            l->batch[i].data.ptr = NULL;
    }
}

/* ---- timers ---- */

static void heap_put(struct loop *l, size_t place, struct loop_timer *t)
{
    l->heap[place] = t;
    t->place_ = place;
}

static void heap_up(struct loop *l, size_t place, struct loop_timer *t)
{
    while (place > 1 && l->heap[place / 2]->due_ns > t->due_ns) {
        heap_put(l, place, l->heap[place / 2]);
        place /= 2;
    }
    heap_put(l, place, t);
}

static void heap_down(struct loop *l, size_t place, struct loop_timer *t)
{
    for (size_t child; (child = place * 2) <= l->heap_len; place = child) {
        if (child < l->heap_len && l->heap[child + 1]->due_ns < l->heap[child]->due_ns)
            child++;
        if (l->heap[child]->due_ns >= t->due_ns)
            break;
        heap_put(l, place, l->heap[child]);
    }
    heap_put(l, place, t);
}

void loop_timer_clear(struct loop *l, struct loop_timer *t)
{
    size_t place = t->place_;
    if (place == 0)
        return;
    t->place_ = 0;
    struct loop_timer *moved = l->heap[l->heap_len--];
    if (moved == t)
        return;
    if (place > 1 && l->heap[place / 2]->due_ns > moved->due_ns)
        heap_up(l, place, moved);
    else
        heap_down(l, place, moved);
}

void loop_timer_set(struct loop *l, struct loop_timer *t, int64_t due_ns)
{
    loop_timer_clear(l, t);
    if (l->heap_len + 1 >= l->heap_cap) {
        l->heap_cap = l->heap_cap ? l->heap_cap * 2 : 16;
        l->heap = xreallocarray(l->heap, l->heap_cap, sizeof(struct loop_timer *));
    }
    t->due_ns = due_ns;
    heap_up(l, ++l->heap_len, t);
}

static void run_timers(struct loop *l)
{
    int64_t now = loop_now_ns(l); /* once: a timer set again for now waits for the next turn */
    while (l->heap_len > 0 && l->heap[1]->due_ns <= now) {
        struct loop_timer *t = l->heap[1];
        loop_timer_clear(l, t);
        t->fn(t);
    }
}

static int wait_ms(const struct loop *l)
{
    int64_t wait_ns = TURN_MAX_NS;
    if (l->heap_len > 0) {
        int64_t left = l->heap[1]->due_ns - loop_now_ns(l);
        if (left < wait_ns)
            wait_ns = left > 0 ? left : 0;
    }
    return (int)((wait_ns + NS_PER_MS - 1) / NS_PER_MS);
}

/* ---- tasks ---- */

static void wake(const struct loop *l)
{
    static const uint64_t one = 1;
    while (write(l->event_fd, &one, sizeof(one)) < 0 && errno == EINTR)
        ;
}

void loop_post(struct loop *l, struct loop_task *task)
{
    task->next_ = NULL;
    pthread_mutex_lock(&l->mu);
    bool idle = !l->first;
    *l->last = task;
    l->last = &task->next_;
    if (idle)
        wake(l); /* inside the lock: after it, a task that ends the loop may already have run */
    pthread_mutex_unlock(&l->mu);
}

static struct loop_task *take_tasks(struct loop *l, bool *ret_ending)
{
    pthread_mutex_lock(&l->mu);
    struct loop_task *task = l->first;
    l->first = NULL;
    l->last = &l->first;
    *ret_ending = l->ending;
    pthread_mutex_unlock(&l->mu);
    return task;
}

/* False when the loop has ended: then nothing posted is left. */
static bool run_tasks(struct loop *l)
{
    struct loop_task *task;
    bool ending;
    do {
        task = take_tasks(l, &ending);
        for (struct loop_task *t = task, *next; t; t = next) {
            next = t->next_;
            t->fn(t);
        }
    } while (task && ending);
    return !ending;
}

struct loop_wait {
    struct loop_task task;
    void (*fn)(void *arg);
    void *arg;
    pthread_mutex_t mu;
    pthread_cond_t cv;
    bool done;
};

static void call_and_tell(struct loop_task *task)
{
    struct loop_wait *w = container_of(task, struct loop_wait, task);
    w->fn(w->arg);
    pthread_mutex_lock(&w->mu);
    w->done = true;
    pthread_cond_signal(&w->cv);
    pthread_mutex_unlock(&w->mu);
}

void loop_call(struct loop *l, void (*fn)(void *arg), void *arg)
{
    struct loop_wait w = { .task.fn = call_and_tell,
                           .fn = fn,
                           .arg = arg,
                           .mu = PTHREAD_MUTEX_INITIALIZER,
                           .cv = PTHREAD_COND_INITIALIZER };
    loop_post(l, &w.task);
    pthread_mutex_lock(&w.mu);
    while (!w.done)
        pthread_cond_wait(&w.cv, &w.mu);
    pthread_mutex_unlock(&w.mu);
    pthread_cond_destroy(&w.cv);
    pthread_mutex_destroy(&w.mu);
}

/* ---- the thread ---- */

static void on_woken(struct loop_io *io, uint32_t events)
{
    (void)events;
    uint64_t ignored;
    (void)!read(io->fd, &ignored, sizeof(ignored));
}

static void run_io(struct loop *l)
{
    int n = epoll_wait(l->epoll_fd, l->batch, BATCH, wait_ms(l));
    l->batch_len = n > 0 ? n : 0; /* EINTR is a turn without events */
    for (l->batch_pos = 0; l->batch_pos < l->batch_len;) {
        struct epoll_event ev = l->batch[l->batch_pos++];
        struct loop_io *io = ev.data.ptr;
        if (io)
            io->fn(io, ev.events);
    }
    l->batch_len = 0;
}

static void run(void *arg)
{
    struct loop *l = arg;
    do {
        atomic_store_explicit(&l->turned_ns, loop_now_ns(l), memory_order_relaxed);
        run_io(l);
        run_timers(l);
    } while (run_tasks(l));
}

static void destroy(struct loop *l)
{
    if (l->epoll_fd >= 0)
        (void)close(l->epoll_fd);
    if (l->event_fd >= 0)
        (void)close(l->event_fd);
    pthread_mutex_destroy(&l->mu);
    free(l->heap);
    free(l);
}

int loop_new(const struct clock *clock, const char *name, struct loop **ret, struct error **err)
{
    struct loop *l = xnew(struct loop);
    l->clock = clock;
    l->last = &l->first;
    atomic_init(&l->turned_ns, clock_mono_ns(clock));
    mutex_init(&l->mu);
    l->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    l->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    /* It only ends the wait: tasks are run in every turn. */
    l->woken = (struct loop_io){ .fn = on_woken, .fd = l->event_fd };
    struct epoll_event ev = { .events = EPOLLIN, .data.ptr = &l->woken };
    if (l->epoll_fd < 0 || l->event_fd < 0 ||
        epoll_ctl(l->epoll_fd, EPOLL_CTL_ADD, l->event_fd, &ev) != 0)
        (void)error_set_errno(err, errno, "creating the I/O loop");
    else if (thread_start(&l->thread, name, run, l, err) == 0) {
        *ret = l;
        return 0;
    }
    destroy(l);
    return -1;
}

void loop_free(struct loop *l)
{
    if (!l)
        return;
    pthread_mutex_lock(&l->mu);
    l->ending = true;
    wake(l);
    pthread_mutex_unlock(&l->mu);
    pthread_join(l->thread, NULL);
    destroy(l);
}
