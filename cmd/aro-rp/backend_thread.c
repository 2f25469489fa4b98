#include "cmd/aro-rp/backend_thread.h"

#include <stdlib.h>

#include "pkg/base/log.h"
#include "pkg/base/mem.h"
#include "pkg/base/thread.h"

struct backend_thread {
    struct backend *backend;
    struct opctx ctx;
    struct stop *stop, *at_once;
    struct stop_watch hasten;
    pthread_t thread;
    struct error *failure; /* of the run */
};

static void run(void *arg)
{
    struct backend_thread *t = arg;
    if (backend_run(t->backend, &t->ctx, &t->failure) < 0)
        stop_request(t->stop);
}

static void hand_over(void *arg)
{
    backend_hand_over(arg);
}

int backend_thread_start(const struct backend_config *cfg, struct stop *stop, struct stop *at_once,
                         struct backend_thread **ret, struct error **err)
{
    struct backend_thread *t = xnew(struct backend_thread);
    *t = (struct backend_thread){
        .backend = backend_new(cfg),
        .ctx = opctx_root(cfg->clock, cfg->rng, stop, cfg->log),
        .stop = stop,
        .at_once = at_once,
    };
    t->hasten = (struct stop_watch){ .fn = hand_over, .arg = t->backend };
    if (thread_start(&t->thread, "backend", run, t, err) < 0) {
        backend_free(t->backend);
        free(t);
        return -1;
    }
    stop_watch(at_once, &t->hasten);
    *ret = t;
    return 0;
}

int backend_thread_end(struct backend_thread *t, struct error **err)
{
    if (!t)
        return 0;
    pthread_join(t->thread, NULL);
    stop_unwatch(t->at_once, &t->hasten);
    backend_free(t->backend);
    int result = t->failure ? error_move(err, &t->failure) : 0;
    free(t);
    return result;
}
