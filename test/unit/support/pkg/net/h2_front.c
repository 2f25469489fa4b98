#include "test/unit/support/pkg/net/h2_front.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pkg/base/file.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

struct h2_front {
    char *dir, *cert_file, *key_file;
    unsigned port;
    pid_t pid;
};

#define INHERITED_FD 99

static void must(bool ok)
{
    if (!ok)
        abort();
}

/* The test owns the listening socket, so that the port is known and connections wait until nghttpx is up. */
static int listen_on_free_port(unsigned *ret_port)
{
    struct sockaddr_in addr = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t len = sizeof(addr);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    must(fd >= 0 && bind(fd, (struct sockaddr *)&addr, len) == 0 && listen(fd, 256) == 0 &&
         getsockname(fd, (struct sockaddr *)&addr, &len) == 0);
    *ret_port = ntohs(addr.sin_port);
    return fd;
}

/* In the child; only what is safe after a fork among threads. It dies with the test. */
static void become_nghttpx(char **args, char **env, int listener)
{
    int null = open("/dev/null", O_RDWR);
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && null >= 0 && dup2(null, 0) == 0 &&
        dup2(null, 1) == 1 && dup2(null, 2) == 2 && dup2(listener, INHERITED_FD) == INHERITED_FD)
        (void)execve("/usr/sbin/nghttpx", args, env);
    _exit(127);
}

static void spawn(struct h2_front *f, const struct strv *args, int listener)
{
    cleanup_free char *inherited = xasprintf("NGHTTPX_ACCEPT_1=tcp,%d", INHERITED_FD);
    char *env[] = { inherited, NULL };
    must(listener != INHERITED_FD); /* it would stay close-on-exec */
    f->pid = fork();
    must(f->pid >= 0);
    if (f->pid == 0)
        become_nghttpx(args->v, env, listener);
}

struct h2_front *h2_front_start(const struct test_cert *cert, unsigned backend_port,
                                const char *const *options)
{
    struct h2_front *f = xnew(struct h2_front);
    const char *tmp = getenv("TMPDIR"); /* NOLINT(concurrency-mt-unsafe) */
    f->dir = xasprintf("%s/front.XXXXXX", tmp ? tmp : "/tmp");
    must(mkdtemp(f->dir) != NULL);
    f->cert_file = path_give_joined(f->dir, "cert.pem");
    f->key_file = path_give_joined(f->dir, "key.pem");
    must(file_write_atomic(f->cert_file, cert->cert_pem, strlen(cert->cert_pem), 0600, NULL) == 0);
    must(file_write_atomic(f->key_file, cert->key_pem, strlen(cert->key_pem), 0600, NULL) == 0);
    int listener = listen_on_free_port(&f->port);

    cleanup_strv struct strv args = STRV_INIT;
    strv_add(&args, "nghttpx");
    strv_add(&args, "--conf=/dev/null");
    strv_add(&args, "--single-process");
    strv_add(&args, "--no-ocsp");
    strv_add(&args, "--log-level=FATAL");
    strv_addf(&args, "-f127.0.0.1,%u", f->port);
    strv_addf(&args, "-b127.0.0.1,%u", backend_port);
    for (size_t i = 0; options && options[i]; i++)
        strv_add(&args, options[i]);
    strv_add(&args, f->key_file);
    strv_add(&args, f->cert_file);
    spawn(f, &args, listener);
    (void)close(listener);
    return f;
}

unsigned h2_front_port(const struct h2_front *f)
{
    return f->port;
}

char *h2_front_give_url(const struct h2_front *f, const char *path)
{
    return xasprintf("https://127.0.0.1:%u%s", f->port, path);
}

void h2_front_stop(struct h2_front *f)
{
    if (!f)
        return;
    (void)kill(f->pid, SIGKILL);
    (void)waitpid(f->pid, NULL, 0);
    (void)unlink(f->cert_file);
    (void)unlink(f->key_file);
    (void)rmdir(f->dir);
    free(f->cert_file);
    free(f->key_file);
    free(f->dir);
    free(f);
}
