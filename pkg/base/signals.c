#include "pkg/base/signals.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "pkg/base/mem.h"
#include "pkg/base/thread.h"

struct signals {
    struct stop *stops[SIGNALS_STOPS_MAX];
    size_t n;
    enum signals_rest rest;
};

static sigset_t end_signals(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    return set;
}

static void wait_for_signals(void *arg)
{
    const struct signals *s = arg;
    sigset_t set = end_signals();
    int sig;
    for (size_t i = 0; i < s->n; i++) {
        (void)sigwait(&set, &sig);
        stop_request(s->stops[i]);
    }
    if (s->rest == SIGNALS_REST_IGNORE)
        return;
    (void)sigwait(&set, &sig);
    _exit(1);
}

int signals_start(struct stop *const *stops, size_t n, enum signals_rest rest, struct error **err)
{
    /* Never released: the thread waits with them until the process ends. */
    struct signals *s = xnew(struct signals);
    s->n = n;
    s->rest = rest;
    for (size_t i = 0; i < n; i++)
        s->stops[i] = stop_ref(stops[i]);
    sigset_t set = end_signals();
    (void)pthread_sigmask(SIG_BLOCK, &set, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
    pthread_t thread;
    if (thread_start(&thread, "signals", wait_for_signals, s, err) < 0)
        return -1;
    (void)pthread_detach(thread);
    return 0;
}
