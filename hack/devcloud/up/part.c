#include "hack/devcloud/up/part.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pkg/base/file.h"
#include "pkg/base/mem.h"

#define STORY_LINES 10
#define LOG_MAX ((size_t)64 << 20)

void part_command_release(struct part_command *c)
{
    strv_release(&c->args);
    strv_release(&c->env);
}

static void exec_child(const struct part_command *cmd, int log, pid_t parent)
{
    int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    sigset_t none;
    sigemptyset(&none);
    if (null < 0 || dup2(null, 0) < 0 || dup2(log, 1) < 0 || dup2(log, 2) < 0 ||
        setpgid(0, 0) < 0 || prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent ||
        pthread_sigmask(SIG_SETMASK, &none, NULL) != 0 || chdir(cmd->dir) < 0)
        _exit(126);
    execve(cmd->args.v[0], cmd->args.v, cmd->env.v);
    _exit(127);
}

int part_start(struct part *p, const char *name, char *log_path, const struct part_command *cmd,
               struct error **err)
{
    *p = (struct part){ .name = name, .log_path = log_path };
    pid_t parent = getpid();
    if (access(cmd->args.v[0], X_OK) < 0)
        return error_set_errno(err, errno, "%s: running %s", name, cmd->args.v[0]);
    int log = open(log_path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
    if (log < 0)
        return error_set_errno(err, errno, "opening %s", log_path);
    pid_t pid = fork();
    if (pid == 0)
        exec_child(cmd, log, parent);
    int problem = errno;
    if (pid > 0)
        (void)setpgid(pid, pid); /* the child does it, too: whichever comes first */
    (void)close(log);
    if (pid < 0)
        return error_set_errno(err, problem, "starting %s", name);
    p->pid = pid;
    return 0;
}

bool part_runs(struct part *p)
{
    if (p->pid > 0 && waitpid(p->pid, &p->exit, WNOHANG) == p->pid)
        p->pid = 0;
    return p->pid > 0;
}

void part_signal(const struct part *p, int sig)
{
    if (p->pid > 0)
        (void)kill(p->pid, sig);
}

/* Where the last lines of the text begin. */
static const char *find_end(const char *text, size_t len)
{
    size_t at = len;
    for (int lines = 0; at > 0; at--)
        if (text[at - 1] == '\n' && at != len && ++lines == STORY_LINES)
            break;
    return text + at;
}

char *part_give_story(const struct part *p)
{
    cleanup_free char *log = NULL;
    size_t len = 0;
    cleanup_free char *how = WIFSIGNALED(p->exit)
                                 ? xasprintf("was ended by signal %d", WTERMSIG(p->exit))
                                 : xasprintf("ended with status %d", WEXITSTATUS(p->exit));
    if (file_read(p->log_path, LOG_MAX, &log, &len, NULL) < 0)
        return xasprintf("%s %s; its log: %s", p->name, how, p->log_path);
    return xasprintf("%s %s; the end of its log, %s:\n%s", p->name, how, p->log_path,
                     len > 0 ? find_end(log, len) : "(it is empty)");
}

void part_release(struct part *p)
{
    if (part_runs(p)) {
        part_signal(p, SIGKILL);
        (void)waitpid(p->pid, NULL, 0);
    }
    free(p->log_path);
    *p = (struct part){ 0 };
}
