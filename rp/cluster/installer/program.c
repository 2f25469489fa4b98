/* posix_spawn, because forking a process with threads is unsafe. */
#include "rp/cluster/installer/program.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>

#include "pkg/base/buf.h"
#include "pkg/base/mem.h"

#define SLICE_MS 100 /* how often a run looks at its context */
#define CHUNK 4096

struct child {
    const char *name;
    pid_t pid;
    int output;  /* read end of its outputs; -1: at its end */
    int process; /* becomes readable when it ends */
    struct buf tail;
    bool is_cut; /* something came before the tail */
};

/* Our threads block signals and ignore SIGPIPE; the child starts with neither. */
static void set_attributes(posix_spawnattr_t *attr)
{
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    sigdelset(&all, SIGKILL);
    sigdelset(&all, SIGSTOP);
    posix_spawnattr_init(attr);
    posix_spawnattr_setsigmask(attr, &none);
    posix_spawnattr_setsigdefault(attr, &all);
    posix_spawnattr_setpgroup(attr, 0);
    posix_spawnattr_setflags(attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
                                       POSIX_SPAWN_SETPGROUP);
}

/* Returns an errno value. */
static int spawn(const struct program *p, int output, pid_t *ret)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attr;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    if (p->output)
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, p->output,
                                         O_WRONLY | O_CREAT | O_EXCL, 0600);
    else
        posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO);
    posix_spawn_file_actions_addchdir_np(&actions, p->folder);
    set_attributes(&attr);
    int rc =
        posix_spawnp(ret, p->arguments->v[0], &actions, &attr, p->arguments->v, p->environment->v);
    posix_spawnattr_destroy(&attr);
    posix_spawn_file_actions_destroy(&actions);
    return rc;
}

static int start(const struct program *p, struct child *c, struct error **err)
{
    int fds[2];
    if (pipe2(fds, O_CLOEXEC) < 0)
        return error_set_errno(err, errno, "pipe");
    int rc = spawn(p, fds[1], &c->pid);
    (void)close(fds[1]);
    c->output = fds[0];
    c->process = rc == 0 ? pidfd_open(c->pid, 0) : -1;
    if (c->process >= 0) {
        (void)fcntl(c->output, F_SETFL, O_NONBLOCK);
        return 0;
    }
    int saved = rc != 0 ? rc : errno;
    if (rc == 0) {
        (void)kill(-c->pid, SIGKILL);
        (void)waitpid(c->pid, NULL, 0);
    }
    (void)close(c->output);
    return error_set_errno(err, saved, "running %s", c->name);
}

static void drain(struct child *c)
{
    while (c->output >= 0) {
        char chunk[CHUNK];
        ssize_t n = read(c->output, chunk, sizeof(chunk));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EAGAIN)
            return;
        if (n <= 0) {
            (void)close(c->output);
            c->output = -1;
            return;
        }
        buf_add(&c->tail, chunk, (size_t)n);
        c->is_cut = c->is_cut || c->tail.len > PROGRAM_TAIL_BYTES;
        if (c->tail.len > PROGRAM_TAIL_BYTES)
            buf_consume(&c->tail, c->tail.len - PROGRAM_TAIL_BYTES);
    }
}

static int wait_for(struct child *c, const struct opctx *ctx, struct error **err)
{
    for (;;) {
        struct pollfd fds[2] = { { .fd = c->process, .events = POLLIN },
                                 { .fd = c->output, .events = POLLIN } };
        if (poll(fds, 2, SLICE_MS) < 0 && errno != EINTR)
            return error_set_errno(err, errno, "waiting for %s", c->name);
        bool ended = fds[0].revents != 0;
        drain(c);
        if (ended)
            return 0;
        if (opctx_check(ctx, err) < 0)
            return error_wrap(err, "running %s", c->name);
    }
}

/* Before it is reaped its ID, and so its group's, belongs to nobody else. */
static int reap(struct child *c)
{
    int status = 0;
    (void)kill(-c->pid, SIGKILL);
    while (waitpid(c->pid, &status, 0) < 0 && errno == EINTR)
        ;
    (void)close(c->process);
    if (c->output >= 0)
        (void)close(c->output);
    return status;
}

static int check_status(const struct child *c, int status, struct error **err)
{
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return 0;
    if (WIFEXITED(status))
        return error_set(err, ERR_IO, "%s ended with exit code %d", c->name, WEXITSTATUS(status));
    return error_set(err, ERR_IO, "%s was ended by signal %d", c->name, WTERMSIG(status));
}

/* Whole lines: half a secret could not be told from other text. */
static char *give_tail(const struct child *c)
{
    const char *text = buf_str(&c->tail);
    const char *line_end = strchr(text, '\n');
    if (!c->is_cut)
        return xstrdup(text);
    return xstrdup(line_end ? line_end + 1 : "");
}

int program_run(const struct opctx *ctx, const struct program *p, char **ret_tail,
                struct error **err)
{
    struct child c = { .name = p->arguments->v[0], .tail = BUF_INIT(PROGRAM_TAIL_BYTES + CHUNK) };
    *ret_tail = NULL;
    if (opctx_check(ctx, err) < 0 || start(p, &c, err) < 0)
        return -1;
    int rc = wait_for(&c, ctx, err);
    int status = reap(&c);
    if (rc == 0)
        rc = check_status(&c, status, err);
    *ret_tail = give_tail(&c);
    buf_secure(&c.tail);
    return rc;
}
