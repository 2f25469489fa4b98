#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pkg/base/mem.h"
#include "pkg/base/thread.h"
#include "test/rpcrash/rp_crash.h"

#define LOOK_MS 20
#define FREEZE_MAX_MS 120000 /* twice a lease, by the run's own clock */
#define END_MAX_MS 1200000

struct member {
    pid_t pid;
    int64_t thaw_ns; /* 0: it runs */
    int64_t told_ns; /* 0: not told to end */
};

struct herd {
    const struct setup *s;
    const char *log_path;
    struct member *members; /* thaw_ns and, where it is not 0, pid: with the lock held */
    size_t len;
    /* A backend may be frozen while it holds SQLite's lock, and who writes to the database then waits: so others thaw. */
    pthread_mutex_t mu;
    pthread_t thawing;
    struct stop *calm;
    size_t kills, freezes, ends, double_ends, crashes, restarts;
};

static int64_t now_ns(void)
{
    return clock_mono_ns(clock_system());
}

static void start_member(const struct herd *h, struct member *m)
{
    const struct setup *s = h->s;
    char *const argv[] = { xstrdup("rpcrash"),
                           xstrdup("worker"),
                           xstrdup(s->dsn),
                           xstrdup(s->speed_text),
                           xstrdup(s->mono_text),
                           xstrdup(s->wall_text),
                           NULL };
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, h->log_path,
                                     O_WRONLY | O_CREAT | O_APPEND, 0600);
    *m = (struct member){ 0 };
    if (posix_spawn(&m->pid, "/proc/self/exe", &actions, NULL, argv, environ) != 0)
        abort();
    posix_spawn_file_actions_destroy(&actions);
    for (size_t i = 0; argv[i]; i++)
        free(argv[i]);
}

static void thaw(struct herd *h, int64_t until_ns)
{
    pthread_mutex_lock(&h->mu);
    for (size_t i = 0; i < h->len; i++) {
        struct member *m = &h->members[i];
        if (!m->thaw_ns || m->thaw_ns > until_ns)
            continue;
        m->thaw_ns = 0;
        (void)kill(m->pid, SIGCONT);
    }
    pthread_mutex_unlock(&h->mu);
}

static void freeze(struct herd *h, struct member *m, int64_t until_ns)
{
    pthread_mutex_lock(&h->mu);
    m->thaw_ns = until_ns;
    (void)kill(m->pid, SIGSTOP);
    pthread_mutex_unlock(&h->mu);
}

static void thaw_in_time(void *arg)
{
    struct herd *h = arg;
    const struct opctx ctx = opctx_root(clock_system(), NULL, h->calm, NULL);
    do
        thaw(h, now_ns());
    while (opctx_sleep_ms(&ctx, LOOK_MS, NULL) == 0);
}

struct herd *herd_start(const struct setup *s, const char *log_path, size_t backends)
{
    struct herd *h = xnew(struct herd);
    *h = (struct herd){ .s = s, .log_path = log_path, .len = backends };
    h->members = xcalloc(backends, sizeof(*h->members));
    mutex_init(&h->mu);
    h->calm = stop_new(NULL);
    /* Processes of killed backends become ours, and are missed when they stay. */
    (void)prctl(PR_SET_CHILD_SUBREAPER, 1);
    for (size_t i = 0; i < backends; i++)
        start_member(h, &h->members[i]);
    if (thread_start(&h->thawing, "thawing", thaw_in_time, h, NULL) < 0)
        abort();
    return h;
}

static struct member *find(struct herd *h, pid_t pid)
{
    for (size_t i = 0; i < h->len; i++)
        if (h->members[i].pid == pid)
            return &h->members[i];
    return NULL;
}

static void restart_dead(struct herd *h)
{
    int status;
    for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;) {
        struct member *m = find(h, pid);
        if (!m)
            continue; /* a process of a single cluster */
        if (WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT)
            h->crashes++;
        h->restarts++;
        pthread_mutex_lock(&h->mu);
        start_member(h, m);
        pthread_mutex_unlock(&h->mu);
    }
}

static bool is_frozen(struct herd *h, const struct member *m)
{
    pthread_mutex_lock(&h->mu);
    bool frozen = m->thaw_ns != 0;
    pthread_mutex_unlock(&h->mu);
    return frozen;
}

static void harm(struct herd *h, struct member *m, const struct rng *rng)
{
    uint64_t dice = rng_below(rng, 100);
    bool frozen = is_frozen(h, m);
    if (frozen && dice < 90)
        return; /* what it does after a long freeze is worth seeing */
    if (dice < 55 || frozen) {
        h->kills++;
        (void)kill(m->pid, SIGKILL);
    } else if (dice < 80) {
        int64_t ms = (int64_t)rng_below(rng, FREEZE_MAX_MS) / h->s->clock.speed;
        h->freezes++;
        freeze(h, m, now_ns() + ms * NS_PER_MS);
    } else if (!m->told_ns) {
        m->told_ns = now_ns();
        h->ends++;
        (void)kill(m->pid, SIGTERM);
    } else {
        h->double_ends++;
        (void)kill(m->pid, SIGTERM);
    }
}

void herd_stir(struct herd *h, const struct rng *rng)
{
    restart_dead(h);
    if (rng_below(rng, 10) == 0)
        harm(h, &h->members[rng_below(rng, h->len)], rng);
}

void herd_calm(struct herd *h)
{
    thaw(h, INT64_MAX - 1);
    restart_dead(h);
}

static void note_end(const struct herd *h, pid_t pid, int status, struct strv *faults)
{
    (void)h;
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        strv_addf(faults, "backend %ld ended badly (%d)", (long)pid, status);
}

void herd_end(struct herd *h, struct strv *faults)
{
    const struct opctx ctx = opctx_root(clock_system(), rng_system(), NULL, NULL);
    int64_t until_ns = now_ns() + END_MAX_MS / h->s->clock.speed * NS_PER_MS;
    for (size_t i = 0; i < h->len; i++)
        (void)kill(h->members[i].pid, SIGTERM);
    for (;;) {
        int status;
        pid_t pid = waitpid(-1, &status, WNOHANG);
        if (pid < 0)
            return;
        if (pid > 0 && find(h, pid))
            note_end(h, pid, status, faults);
        if (pid > 0)
            continue;
        if (now_ns() > until_ns)
            break;
        (void)opctx_sleep_ms(&ctx, LOOK_MS, NULL);
    }
    strv_add(faults, "processes did not end");
    for (size_t i = 0; i < h->len; i++)
        (void)kill(h->members[i].pid, SIGKILL);
}

void herd_print(const struct herd *h)
{
    printf("%zu backends: killed %zu times, frozen %zu, told to end %zu and once more %zu; crashed "
           "by clusters %zu; started again %zu\n",
           h->len, h->kills, h->freezes, h->ends, h->double_ends, h->crashes, h->restarts);
}

void herd_free(struct herd *h)
{
    stop_request(h->calm);
    (void)pthread_join(h->thawing, NULL);
    stop_unref(h->calm);
    (void)pthread_mutex_destroy(&h->mu);
    free(h->members);
    free(h);
}
