#include "test/harness/herd.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pkg/base/file.h"
#include "pkg/base/mem.h"
#include "pkg/base/opctx.h"
#include "pkg/base/thread.h"

#define TICK_MS 1 /* strikes are that exact */
#define LOOK_TICKS 20
#define LOG_MAX ((size_t)256 << 20)

struct member {
    const struct herd_post *post;
    pid_t pid;
    char *log;
    size_t log_from; /* where the log of this process begins */
    unsigned port;   /* 0: not known yet */
    int64_t thaw_ns; /* 0: it runs */
    int64_t kill_ns; /* 0: nobody struck it */
    bool killed;     /* its end is not seen yet */
    int told;        /* how often, to end */
    bool tell_again;
};

struct herd {
    struct herd_config cfg;
    struct member *members;
    size_t len;
    pthread_mutex_t mu; /* guards the members */
    pthread_t thread;
    struct stop *calm, *over;
    struct strv faults;
    size_t kills, strikes, freezes, holds, ends, double_ends, crashes, restarts;
};

static int64_t now_ns(void)
{
    return clock_mono_ns(clock_system());
}

/* ---- processes ---- */

static size_t file_size(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    off_t size = fd < 0 ? 0 : lseek(fd, 0, SEEK_END);
    if (fd >= 0)
        (void)close(fd);
    return size > 0 ? (size_t)size : 0;
}

static void start_member(struct member *m)
{
    cleanup_strv struct strv argv = STRV_INIT;
    posix_spawn_file_actions_t actions;
    for (const char *const *arg = m->post->argv; *arg; arg++)
        strv_add(&argv, *arg);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, m->log, O_WRONLY | O_CREAT | O_APPEND,
                                     0600);
    *m = (struct member){ .post = m->post, .log = m->log, .log_from = file_size(m->log) };
    if (posix_spawnp(&m->pid, argv.v[0], &actions, NULL, argv.v, environ) != 0)
        abort();
    posix_spawn_file_actions_destroy(&actions);
}

static void find_port(struct member *m)
{
    char text[8192]; /* it is told at the start */
    int fd = m->port ? -1 : open(m->log, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return;
    ssize_t len = pread(fd, text, sizeof(text) - 1, (off_t)m->log_from);
    (void)close(fd);
    text[len > 0 ? len : 0] = '\0';
    const char *mark = strstr(text, m->post->mark);
    if (mark && strpbrk(mark, "\",")) /* all of the number is there */
        m->port = (unsigned)strtoul(mark + strlen(m->post->mark), NULL, 10);
}

static struct member *find(struct herd *h, pid_t pid)
{
    for (size_t i = 0; i < h->len; i++)
        if (h->members[i].pid == pid)
            return &h->members[i];
    return NULL;
}

/* Whether the herd made it end like this, or a cluster did, which crashes only who serves. */
static bool is_expected(const struct herd *h, const struct member *m, int status)
{
    /* A start fails where somebody who is frozen holds the store for long; it is made again. */
    if (WIFEXITED(status))
        return (m->told && WEXITSTATUS(status) == 0) || (!m->port && WEXITSTATUS(status) == 1);
    int sig = WTERMSIG(status);
    return (sig == SIGKILL && m->killed) || (sig == SIGABRT && m->port && h->cfg.may_abort) ||
           (sig == SIGTERM && m->told); /* so early that it did not take signals yet */
}

static void note_end(struct herd *h, const struct member *m, int status)
{
    strv_addf(&h->faults, "%s: process %ld ended badly (%d)", m->log, (long)m->pid, status);
}

static void restart_dead(struct herd *h)
{
    int status;
    for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;) {
        struct member *m = find(h, pid);
        if (!m)
            continue; /* a process of a single cluster */
        find_port(m);
        if (!is_expected(h, m, status))
            note_end(h, m, status);
        if (WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT)
            h->crashes++;
        h->restarts++;
        start_member(m);
    }
}

/* ---- harm ---- */

static void thaw(struct herd *h, int64_t until_ns)
{
    for (size_t i = 0; i < h->len; i++) {
        struct member *m = &h->members[i];
        if (!m->thaw_ns || m->thaw_ns > until_ns)
            continue;
        m->thaw_ns = 0;
        (void)kill(m->pid, SIGCONT);
    }
}

static bool is_serving(const struct member *m)
{
    return m->port && !m->thaw_ns && !m->killed && !m->told;
}

static size_t count_serving(struct herd *h)
{
    size_t n = 0;
    for (size_t i = 0; i < h->len; i++) {
        find_port(&h->members[i]);
        n += is_serving(&h->members[i]);
    }
    return n;
}

static void freeze(struct herd *h, struct member *m, int64_t ms)
{
    h->freezes++;
    m->thaw_ns = now_ns() + ms * NS_PER_MS + 1;
    (void)kill(m->pid, SIGSTOP);
}

static void kill_member(struct member *m)
{
    m->killed = true;
    (void)kill(m->pid, SIGKILL);
}

static void tell_to_end(struct herd *h, struct member *m)
{
    m->tell_again =
        (h->cfg.harms & HERD_TELL_AGAIN) && m->told == 0 && rng_below(h->cfg.rng, 2) == 0;
    m->told++ ? h->double_ends++ : h->ends++;
    (void)kill(m->pid, SIGTERM);
}

static void harm(struct herd *h, struct member *m)
{
    uint64_t dice = rng_below(h->cfg.rng, 100);
    if (m->thaw_ns && dice < 90)
        return; /* what it does after a long freeze is worth seeing */
    bool must_die = m->thaw_ns || m->told == 2;
    if (!must_die && dice >= 80 && (h->cfg.harms & (HERD_TELL | HERD_TELL_AGAIN))) {
        tell_to_end(h, m);
    } else if (!must_die && dice >= 55 && (h->cfg.harms & HERD_FREEZE)) {
        freeze(h, m, (int64_t)rng_below(h->cfg.rng, (uint64_t)h->cfg.freeze_max_ms));
    } else {
        h->kills++;
        kill_member(m);
    }
}

void herd_strike(struct herd *h, unsigned port, int64_t in_ns)
{
    pthread_mutex_lock(&h->mu);
    for (size_t i = 0; i < h->len; i++)
        if (h->members[i].port == port && !stop_is_set(h->calm) && count_serving(h) * 2 >= h->len)
            h->members[i].kill_ns = now_ns() + in_ns;
    pthread_mutex_unlock(&h->mu);
}

/* Somebody goes on with what it does, or nobody ever could; and all others move. */
static bool may_be_missed(const struct herd *h, const struct member *m)
{
    size_t peers = 0, serving = 0;
    for (size_t i = 0; i < h->len; i++) {
        const struct member *other = &h->members[i];
        if (other->thaw_ns)
            return false;
        if (other == m || other->post->serves != m->post->serves)
            continue;
        peers++;
        serving += is_serving(other);
    }
    return peers == 0 || serving > 0;
}

void herd_freeze(struct herd *h, size_t post, int64_t ms)
{
    struct member *m = &h->members[post];
    pthread_mutex_lock(&h->mu);
    if (!stop_is_set(h->calm) && count_serving(h) * 2 >= h->len && is_serving(m) &&
        may_be_missed(h, m)) {
        h->holds++;
        freeze(h, m, ms);
    }
    pthread_mutex_unlock(&h->mu);
}

size_t herd_held(struct herd *h)
{
    pthread_mutex_lock(&h->mu);
    size_t held = h->holds;
    pthread_mutex_unlock(&h->mu);
    return held;
}

static void kill_struck(struct herd *h)
{
    pthread_mutex_lock(&h->mu);
    for (size_t i = 0; i < h->len; i++) {
        struct member *m = &h->members[i];
        if (!m->kill_ns || m->kill_ns > now_ns())
            continue;
        m->kill_ns = 0;
        h->strikes++;
        kill_member(m);
    }
    pthread_mutex_unlock(&h->mu);
}

static void look(struct herd *h)
{
    pthread_mutex_lock(&h->mu);
    restart_dead(h);
    for (size_t i = 0; i < h->len; i++)
        if (h->members[i].tell_again)
            tell_to_end(h, &h->members[i]);
    thaw(h, now_ns());
    if (count_serving(h) * 2 >= h->len && !stop_is_set(h->calm) &&
        rng_below(h->cfg.rng, h->cfg.strike_one_in) == 0)
        harm(h, &h->members[rng_below(h->cfg.rng, h->len)]);
    pthread_mutex_unlock(&h->mu);
}

/* ---- the thread ---- */

/* Whoever was harmed must be back: an end is only judged of those who serve, and a start that is broken off proves nothing.
 * After a fault nobody may ever be back. */
static bool may_end(struct herd *h)
{
    pthread_mutex_lock(&h->mu);
    bool may = stop_is_set(h->over) && (h->faults.len || count_serving(h) == h->len);
    pthread_mutex_unlock(&h->mu);
    return may;
}

/* They take as long as they need: whoever never ends is found by who waits for this program. */
static void end_all(struct herd *h)
{
    int status;
    for (size_t i = 0; i < h->len; i++)
        (void)kill(h->members[i].pid, SIGTERM);
    for (pid_t pid; (pid = waitpid(-1, &status, 0)) > 0 || errno == EINTR;) {
        const struct member *m = pid > 0 ? find(h, pid) : NULL;
        if (m && (!WIFEXITED(status) || WEXITSTATUS(status) != 0))
            note_end(h, m, status);
    }
}

/* Also ends them: processes die with the thread that started them. */
static void run(void *arg)
{
    struct herd *h = arg;
    const struct opctx ctx = opctx_root(clock_system(), NULL, NULL, NULL);
    for (unsigned tick = 0; !may_end(h); tick++) {
        (void)opctx_sleep_ms(&ctx, TICK_MS, NULL);
        kill_struck(h);
        if (tick % LOOK_TICKS == 0)
            look(h);
    }
    end_all(h);
}

/* ---- the herd ---- */

struct herd *herd_start(const struct herd_config *cfg)
{
    struct herd *h = xnew(struct herd);
    *h = (struct herd){ .cfg = *cfg, .len = cfg->len };
    h->members = xcalloc(h->len, sizeof(*h->members));
    mutex_init(&h->mu);
    h->calm = stop_new(NULL);
    h->over = stop_new(NULL);
    /* Processes of killed members become ours, and are missed when they stay. */
    (void)prctl(PR_SET_CHILD_SUBREAPER, 1);
    for (size_t i = 0; i < h->len; i++) {
        h->members[i].post = &cfg->posts[i];
        h->members[i].log = xasprintf("%s/log.%s", cfg->folder, cfg->posts[i].name);
        start_member(&h->members[i]);
    }
    if (thread_start(&h->thread, "herd", run, h, NULL) < 0)
        abort();
    return h;
}

unsigned herd_port(struct herd *h, const struct rng *rng)
{
    unsigned port = 0;
    size_t from = rng_below(rng, h->len);
    pthread_mutex_lock(&h->mu);
    for (size_t i = 0; i < h->len && !port; i++) {
        const struct member *m = &h->members[(from + i) % h->len];
        port = m->post->serves ? m->port : 0;
    }
    pthread_mutex_unlock(&h->mu);
    return port;
}

void herd_calm(struct herd *h)
{
    pthread_mutex_lock(&h->mu);
    stop_request(h->calm);
    for (size_t i = 0; i < h->len; i++) {
        h->members[i].kill_ns = 0;
        h->members[i].tell_again = false;
    }
    thaw(h, INT64_MAX);
    pthread_mutex_unlock(&h->mu);
}

void herd_end(struct herd *h, struct strv *faults)
{
    stop_request(h->over);
    (void)pthread_join(h->thread, NULL);
    for (size_t i = 0; i < h->faults.len; i++)
        strv_add(faults, h->faults.v[i]);
}

void herd_print(const struct herd *h)
{
    printf("%zu processes: killed %zu times and %zu amid a change, frozen %zu, of these %zu amid "
           "work, told to end %zu and once more %zu; crashed by clusters %zu; started again %zu\n",
           h->len, h->kills, h->strikes, h->freezes, h->holds, h->ends, h->double_ends, h->crashes,
           h->restarts);
}

/* A line that says something of the cluster, but for what every request leaves. */
static bool concerns(const char *line, const char *name)
{
    static const char *const noise[] = { "audit event", "quality of service", "read request" };
    for (size_t i = 0; i < ARRAY_LEN(noise); i++)
        if (strstr(line, noise[i]))
            return false;
    for (const char *at = line; (at = strstr(at, name)); at += strlen(name)) {
        char next = at[strlen(name)];
        if (at > line && at[-1] == '/' && !(next >= '0' && next <= '9'))
            return true;
    }
    return false;
}

void herd_print_log(const struct herd *h, const char *name, size_t max)
{
    cleanup_strv struct strv lines = STRV_INIT, found = STRV_INIT;
    for (size_t i = 0; i < h->len; i++) {
        cleanup_free char *text = NULL;
        size_t len;
        if (file_read(h->members[i].log, LOG_MAX, &text, &len, NULL) == 0)
            strv_split(&lines, text, "\n", false);
    }
    for (size_t i = 0; i < lines.len; i++)
        if (concerns(lines.v[i], name))
            strv_add(&found, lines.v[i]);
    strv_sort(&found); /* each line begins with its time */
    for (size_t i = found.len > max ? found.len - max : 0; i < found.len; i++)
        printf("      %.400s\n", found.v[i]);
}

void herd_free(struct herd *h)
{
    stop_unref(h->calm);
    stop_unref(h->over);
    (void)pthread_mutex_destroy(&h->mu);
    for (size_t i = 0; i < h->len; i++)
        free(h->members[i].log);
    free(h->members);
    strv_release(&h->faults);
    free(h);
}
