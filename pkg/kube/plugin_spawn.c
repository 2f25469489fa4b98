/* Runs a credential plugin: posix_spawn, because forking a process with threads is unsafe. */
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
#include "pkg/kube/plugin.h"

#define SLICE_MS 100 /* how often a run looks at its context and limit */

struct child {
    pid_t pid;
    int output;  /* read end of its stdout; -1: at its end */
    int process; /* becomes readable when it ends */
};

/* The environment of the child: ours, the configured entries over it, and KUBERNETES_EXEC_INFO. */
static void build_environment(const struct kube_exec_config *exec, const char *exec_info,
                              struct strv *ret)
{
    cleanup_strv struct strv own = STRV_INIT;
    for (size_t i = 0; i < exec->env_names.len; i++)
        strv_addf(&own, "%s=%s", exec->env_names.v[i], exec->env_values.v[i]);
    strv_addf(&own, "KUBERNETES_EXEC_INFO=%s", exec_info);
    for (char *const *e = environ; e && *e; e++) {
        bool replaced = false;
        for (size_t i = 0; i < own.len && !replaced; i++)
            replaced = strncmp(*e, own.v[i], strcspn(own.v[i], "=") + 1) == 0;
        if (!replaced)
            strv_add(ret, *e);
    }
    for (size_t i = 0; i < own.len; i++)
        strv_add(ret, own.v[i]);
}

static void build_arguments(const struct kube_exec_config *exec, struct strv *ret)
{
    strv_add(ret, exec->command);
    for (size_t i = 0; i < exec->args.len; i++)
        strv_add(ret, exec->args.v[i]);
}

/* Our threads block signals and ignore SIGPIPE; the child starts with neither, and in a group of
 * its own, so that its children can be ended with it. */
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
static int spawn(const struct kube_exec_config *exec, const char *exec_info, int output, pid_t *ret)
{
    cleanup_strv struct strv argv = STRV_INIT, envp = STRV_INIT;
    build_arguments(exec, &argv);
    build_environment(exec, exec_info, &envp);
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attr;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    set_attributes(&attr);
    int rc = posix_spawnp(ret, exec->command, &actions, &attr, argv.v, envp.v);
    posix_spawnattr_destroy(&attr);
    posix_spawn_file_actions_destroy(&actions);
    for (size_t i = 0; i < envp.len; i++) /* it holds what the user configured as secret */
        secret_wipe(envp.v[i], strlen(envp.v[i]));
    return rc;
}

static int start(const struct kube_exec_config *exec, const char *exec_info, struct child *ret,
                 struct error **err)
{
    int pipe_fds[2];
    if (pipe2(pipe_fds, O_CLOEXEC) < 0)
        return error_set_errno(err, errno, "pipe");
    int rc = spawn(exec, exec_info, pipe_fds[1], &ret->pid);
    (void)close(pipe_fds[1]);
    ret->output = pipe_fds[0];
    if (rc != 0) {
        (void)close(ret->output);
        return error_set_errno(err, rc, "running %s", exec->command);
    }
    ret->process = pidfd_open(ret->pid, 0);
    if (ret->process < 0) {
        int saved = errno;
        (void)kill(-ret->pid, SIGKILL);
        (void)waitpid(ret->pid, NULL, 0);
        (void)close(ret->output);
        return error_set_errno(err, saved, "watching %s", exec->command);
    }
    (void)fcntl(ret->output, F_SETFL, O_NONBLOCK);
    return 0;
}

/* Takes what is there. */
static int drain(struct child *c, struct buf *out, const char *command, struct error **err)
{
    while (c->output >= 0) {
        char *room = buf_reserve(out, 4096);
        ssize_t n = room ? read(c->output, room, 4096) : 0;
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EAGAIN)
            return 0;
        if (n < 0)
            return error_set_errno(err, errno, "reading from %s", command);
        if (n == 0) {
            (void)close(c->output);
            c->output = -1;
        } else {
            buf_advance(out, (size_t)n);
        }
        if (buf_check(out, err) < 0)
            return error_wrap(err, "output of %s", command);
    }
    return 0;
}

/* Until the process ends. What its own children print after that is not waited for. */
static int collect(struct child *c, const struct opctx *ctx, struct buf *out, const char *command,
                   struct error **err)
{
    for (;;) {
        struct pollfd fds[2] = { { .fd = c->process, .events = POLLIN },
                                 { .fd = c->output, .events = POLLIN } };
        if (poll(fds, 2, SLICE_MS) < 0 && errno != EINTR)
            return error_set_errno(err, errno, "waiting for %s", command);
        bool ended = fds[0].revents != 0;
        if (drain(c, out, command, err) < 0)
            return -1;
        if (ended)
            return 0;
        if (opctx_check(ctx, err) < 0)
            return error_wrap(err, "running %s", command);
    }
}

static int check_status(int status, const char *command, struct error **err)
{
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return 0;
    /* Where spawning cannot report a missing file, the child exits with 127. */
    if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
        return error_set(err, ERR_NOT_FOUND, "%s ended with exit code 127", command);
    if (WIFEXITED(status))
        return error_set(err, ERR_IO, "%s ended with exit code %d", command, WEXITSTATUS(status));
    return error_set(err, ERR_IO, "%s was ended by signal %d", command, WTERMSIG(status));
}

static void finish(struct child *c, bool by_force, int *ret_status)
{
    if (by_force)
        (void)kill(-c->pid, SIGKILL);
    while (waitpid(c->pid, ret_status, 0) < 0 && errno == EINTR)
        ;
    (void)close(c->process);
    if (c->output >= 0)
        (void)close(c->output);
}

int plugin_spawn(void *arg, const struct opctx *ctx, const struct kube_exec_config *exec,
                 const char *exec_info, char **ret_output, size_t *ret_len, struct error **err)
{
    (void)arg;
    struct opctx limited = opctx_with_timeout_ms(ctx, PLUGIN_TIME_LIMIT_MS);
    struct buf out = BUF_INIT(PLUGIN_OUTPUT_MAX);
    buf_reserve(&out, PLUGIN_OUTPUT_MAX + 4096); /* never grows, so that no copy stays behind */
    struct child c;
    if (start(exec, exec_info, &c, err) < 0) {
        buf_release(&out);
        return -1;
    }
    int status = 0;
    int rc = collect(&c, &limited, &out, exec->command, err);
    finish(&c, rc < 0, &status);
    if (rc == 0)
        rc = check_status(status, exec->command, err);
    if (rc == 0) {
        *ret_len = out.len;
        *ret_output = xmemdup(buf_str(&out), out.len);
    }
    buf_secure(&out);
    return rc;
}
