/*
 * Whoever runs this program starts a killed server again (test/harness/postgresql/run.sh, test/harness/rabbitmq/run.sh) and
 * names a file with its process. The next kill comes only once another process stands there and clients were answered
 * meanwhile, so that each start is a whole one.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "pkg/base/file.h"
#include "pkg/base/mem.h"
#include "pkg/base/thread.h"
#include "test/synccrash/synccrash.h"

#define FILE_MAX 4096
#define PAUSE_MIN_MS 3000
#define PAUSE_MAX_MS 9000
#define ANSWERS_MIN 10

struct victim {
    const char *pid_file; /* NULL: there is none */
    pid_t last;           /* who was killed there */
    size_t kills;
};
struct servers {
    struct world *w;
    struct chance chance;
    struct victim database, broker;
    struct stop *calm;
    pthread_t thread;
};

/* 0: nobody is there. */
static pid_t find(const struct victim *v)
{
    cleanup_free char *text = NULL;
    size_t len;
    if (!v->pid_file || file_read(v->pid_file, FILE_MAX, &text, &len, NULL) < 0)
        return 0;
    long pid = strtol(text, NULL, 10);
    return pid > 1 && kill((pid_t)pid, 0) == 0 ? (pid_t)pid : 0;
}

static void strike(struct victim *v)
{
    pid_t pid = find(v);
    if (pid == 0 || pid == v->last)
        return;
    v->last = pid;
    v->kills++;
    (void)kill(pid, SIGKILL);
}

static void run(void *arg)
{
    struct servers *s = arg;
    size_t answered = 0;
    struct opctx ctx = opctx_with_stop(s->w->ctx, s->calm);
    for (;;) {
        uint64_t ms = PAUSE_MIN_MS + rng_below(&s->chance.rng, PAUSE_MAX_MS - PAUSE_MIN_MS);
        if (opctx_sleep_ms(&ctx, (int64_t)ms, NULL) < 0)
            return;
        if (atomic_load(&s->w->writes) < answered + ANSWERS_MIN)
            continue;
        answered = atomic_load(&s->w->writes);
        strike(s->broker.pid_file && chance_one_in(&s->chance, 2) ? &s->broker : &s->database);
    }
}

struct servers *servers_start(struct world *w, const char *database_pid, const char *broker_pid)
{
    struct servers *s = xnew(struct servers);
    *s = (struct servers){ .w = w,
                           .database = { .pid_file = database_pid },
                           .broker = { .pid_file = broker_pid },
                           .calm = stop_new(NULL) };
    chance_init(&s->chance, w->seed, 6000);
    if (thread_start(&s->thread, "servers", run, s, NULL) < 0)
        abort();
    return s;
}

void servers_calm(struct servers *s)
{
    stop_request(s->calm);
    (void)pthread_join(s->thread, NULL);
}

void servers_print(const struct servers *s)
{
    if (s->database.pid_file)
        printf("the database was killed %zu times, the broker %zu times\n", s->database.kills,
               s->broker.kills);
}
