#include "test/unit/support/pkg/net/h2_front.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
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

#define INHERITED_FD 9

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

static void spawn(struct h2_front *f, const struct strv *args, int listener)
{
    cleanup_free char *inherited = xasprintf("NGHTTPX_ACCEPT_1=tcp,%d", INHERITED_FD);
    char *env[] = { inherited, NULL };
    posix_spawn_file_actions_t actions;
    must(posix_spawn_file_actions_init(&actions) == 0);
    must(posix_spawn_file_actions_adddup2(&actions, listener, INHERITED_FD) == 0);
    must(posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0) == 0);
    must(posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0) == 0);
    must(posix_spawn(&f->pid, "/usr/sbin/nghttpx", &actions, NULL, args->v, env) == 0);
    posix_spawn_file_actions_destroy(&actions);
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
