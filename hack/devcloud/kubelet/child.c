#include "hack/devcloud/kubelet/child.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static void become(const char *file, const struct strv *args, const struct strv *env,
                   const char *log_path, pid_t parent)
{
    int log = open(log_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    sigset_t none;
    sigemptyset(&none);
    if (log < 0 || null < 0 || dup2(null, 0) < 0 || dup2(log, 1) < 0 || dup2(log, 2) < 0 ||
        setpgid(0, 0) < 0 || prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent ||
        pthread_sigmask(SIG_SETMASK, &none, NULL) != 0)
        _exit(126);
    execve(file, args->v, env->v);
    _exit(127);
}

pid_t child_start(const char *file, const struct strv *args, const struct strv *env,
                  const char *log_path, struct error **err)
{
    pid_t parent = getpid();
    if (access(file, X_OK) < 0) {
        error_set_errno(err, errno, "running %s", file);
        return 0;
    }
    pid_t pid = fork();
    if (pid < 0) {
        error_set_errno(err, errno, "starting a process");
        return 0;
    }
    if (pid == 0)
        become(file, args, env, log_path, parent);
    (void)setpgid(pid, pid); /* the child does it, too: whichever comes first */
    return pid;
}

bool child_has_ended(pid_t pid, int *ret_status)
{
    return waitpid(pid, ret_status, WNOHANG) == pid;
}

void child_kill(pid_t pid)
{
    (void)kill(-pid, SIGKILL);
    (void)waitpid(pid, NULL, 0);
}
