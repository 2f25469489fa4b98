#include "pkg/base/thread.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "pkg/base/mem.h"

/* The sanitizers' red zones multiply the size of every frame. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define STACK_FACTOR 8
#else
#define STACK_FACTOR 1
#endif

struct thread_start {
    char name[16];
    void (*fn)(void *arg);
    void *arg;
};

static void *thread_main(void *raw)
{
    struct thread_start start = *(struct thread_start *)raw;
    free(raw);
    (void)pthread_setname_np(pthread_self(), start.name);
    start.fn(start.arg);
    return NULL;
}

/* All but those that a fault of the thread itself raises. */
static void blocked_signals(sigset_t *set)
{
    sigfillset(set);
    sigdelset(set, SIGSEGV);
    sigdelset(set, SIGBUS);
    sigdelset(set, SIGFPE);
    sigdelset(set, SIGILL);
    sigdelset(set, SIGABRT);
    sigdelset(set, SIGTRAP);
}

int thread_start(pthread_t *ret, const char *name, void (*fn)(void *arg), void *arg,
                 struct error **err)
{
    struct thread_start *start = xnew(struct thread_start);
    (void)snprintf(start->name, sizeof(start->name), "%s", name);
    start->fn = fn;
    start->arg = arg;

    pthread_attr_t attr;
    int errnum = pthread_attr_init(&attr);
    if (errnum == 0) {
        /* Blocked here, so that the thread never runs unblocked. */
        sigset_t set, former;
        blocked_signals(&set);
        (void)pthread_attr_setstacksize(&attr, (size_t)STACK_FACTOR * THREAD_STACK_BYTES);
        (void)pthread_sigmask(SIG_SETMASK, &set, &former);
        pthread_t thread;
        errnum = pthread_create(&thread, &attr, thread_main, start);
        (void)pthread_sigmask(SIG_SETMASK, &former, NULL);
        pthread_attr_destroy(&attr);
        if (errnum == 0) {
            *ret = thread;
            return 0;
        }
    }
    free(start);
    return error_set_errno(err, errnum, "starting thread %s", name);
}

void mutex_init(pthread_mutex_t *mu)
{
    if (pthread_mutex_init(mu, NULL) != 0)
        abort();
}
