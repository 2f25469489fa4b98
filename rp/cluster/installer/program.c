#include "rp/cluster/installer/program.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/stat.h>
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

/* ---- the child ---- */

/* What it is given, made before it is there. */
struct ends {
    int input, output;
    int failed; /* takes the errno value of what it could not do; closed when the program has begun */
    pid_t parent;
};

/* Our threads block signals and ignore SIGPIPE; the child starts with neither. It ends with us, however we end, and with the thread
 * that waits for it. A process with threads was forked: nothing here takes a lock. */
static _Noreturn void become(const struct program *p, const struct ends *e)
{
    sigset_t none;
    sigemptyset(&none);
    for (int i = 1; i < NSIG; i++)
        (void)signal(i, SIG_DFL);
    int output =
        p->output ? open(p->output, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600) : e->output;
    if (output >= 0 && dup2(e->input, STDIN_FILENO) >= 0 && dup2(output, STDOUT_FILENO) >= 0 &&
        dup2(e->output, STDERR_FILENO) >= 0 && chdir(p->folder) == 0 && setpgid(0, 0) == 0 &&
        prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && getppid() == e->parent &&
        pthread_sigmask(SIG_SETMASK, &none, NULL) == 0)
        (void)execvpe(p->arguments->v[0], p->arguments->v, p->environment->v);
    const int saved = errno;
    (void)!write(e->failed, &saved, sizeof(saved));
    _exit(127);
}

/* Returns an errno value. */
static int spawn(const struct program *p, int input, int output, pid_t *ret)
{
    int fds[2], failed = 0;
    if (pipe2(fds, O_CLOEXEC) < 0)
        return errno;
    const struct ends ends = { input, output, fds[1], getpid() };
    pid_t pid = fork();
    if (pid == 0)
        become(p, &ends);
    const int saved = errno;
    (void)close(fds[1]);
    if (pid > 0)
        while (read(fds[0], &failed, sizeof(failed)) < 0 && errno == EINTR)
            ;
    (void)close(fds[0]);
    if (pid < 0)
        return saved;
    if (failed != 0)
        (void)waitpid(pid, NULL, 0);
    *ret = pid;
    return failed;
}

/* Memory alone holds it; a program may open it by name (/dev/stdin), and finds a file that its owner alone reads. */
static int open_input(const struct secret *input, int *ret, struct error **err)
{
    size_t len = 0, done = 0;
    const char *text = input ? secret_reveal(input, &len) : NULL;
    int fd = input ? memfd_create("input", MFD_CLOEXEC) : open("/dev/null", O_RDONLY | O_CLOEXEC);
    bool ok = fd >= 0 && (!input || fchmod(fd, 0600) == 0);
    while (ok && done < len) {
        ssize_t n = write(fd, text + done, len - done);
        ok = n > 0 || (n < 0 && errno == EINTR);
        done += n > 0 ? (size_t)n : 0;
    }
    if (ok && (!input || lseek(fd, 0, SEEK_SET) == 0)) {
        *ret = fd;
        return 0;
    }
    const int saved = errno;
    if (fd >= 0)
        (void)close(fd);
    return error_set_errno(err, saved, "the input of a program");
}

static int start(const struct program *p, struct child *c, struct error **err)
{
    int fds[2], input;
    if (open_input(p->input, &input, err) < 0)
        return -1;
    if (pipe2(fds, O_CLOEXEC) < 0) {
        const int saved = errno;
        (void)close(input);
        return error_set_errno(err, saved, "pipe");
    }
    int rc = spawn(p, input, fds[1], &c->pid);
    (void)close(fds[1]);
    (void)close(input);
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

/* ---- its run ---- */

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
