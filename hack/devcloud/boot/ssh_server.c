#include "hack/devcloud/boot/ssh_server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hack/devcloud/kubelet/child.h"
#include "pkg/base/file.h"
#include "pkg/base/mem.h"

#define SERVER "dropbear"
#define KEY_MAKER "dropbearkey"
#define ADVICE "install dropbear-bin and libnss-wrapper"
#define LOG_MAX ((size_t)1 << 20)
#define LOG_SHOWN ((size_t)500)
#define CONFIG "ssh_config"

struct ssh_server {
    char *dir, *log;
    pid_t pid; /* 0: it does not run */
    uint16_t port;
};

/* ---- what this machine has ---- */

/* The first of these files that is there; NULL: none. Owned by the caller. */
static char *find(const char *const *places)
{
    for (; *places; places++)
        if (access(*places, R_OK) == 0)
            return xstrdup(*places);
    return NULL;
}

static int find_program(const char *name, char **ret, struct error **err)
{
    cleanup_free char *sbin = xasprintf("/usr/sbin/%s", name);
    cleanup_free char *bin = xasprintf("/usr/bin/%s", name);
    const char *const places[] = { sbin, bin, NULL };
    *ret = find(places);
    return *ret ? 0 : error_set(err, ERR_UNSUPPORTED, "there is no %s: " ADVICE, name);
}

static int find_wrapper(char **ret, struct error **err)
{
    static const char *const places[] = { "/usr/lib/x86_64-linux-gnu/libnss_wrapper.so",
                                          "/usr/lib/aarch64-linux-gnu/libnss_wrapper.so",
                                          "/usr/lib64/libnss_wrapper.so",
                                          "/usr/lib/libnss_wrapper.so", NULL };
    *ret = find(places);
    return *ret ? 0 : error_set(err, ERR_UNSUPPORTED, "there is no libnss_wrapper.so: " ADVICE);
}

/* A port that is free now. Who is faster takes it, and the server has to be started again. */
static int find_port(uint16_t *ret, struct error **err)
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t len = sizeof(at);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int rcode = fd < 0 || bind(fd, (const struct sockaddr *)&at, len) < 0 ||
                        getsockname(fd, (struct sockaddr *)&at, &len) < 0
                    ? error_set_errno(err, errno, "finding a free port of 127.0.0.1")
                    : 0;
    if (fd >= 0)
        (void)close(fd);
    *ret = ntohs(at.sin_port);
    return rcode;
}

/* ---- its folder ---- */

static int write_in(const struct ssh_server *s, const char *name, char *text, struct error **err)
{
    cleanup_free char *owned = text, *path = path_give_joined(s->dir, name);
    return file_write_atomic(path, owned, strlen(owned), 0600, err);
}

static int make_dirs(const struct ssh_server *s, struct error **err)
{
    cleanup_free char *ssh = path_give_joined(s->dir, ".ssh");
    if (dir_remove(s->dir, err) < 0)
        return -1;
    if (mkdir(s->dir, 0700) < 0 || mkdir(ssh, 0700) < 0)
        return error_set_errno(err, errno, "making %s", ssh);
    return 0;
}

static int write_files(const struct ssh_server *s, const struct ssh_server_config *cfg,
                       struct error **err)
{
    char *keys = strv_give_joined(cfg->keys, "\n");
    char *user = xasprintf("core:x:%u:%u:CoreOS Admin:%s:/bin/bash\n", (unsigned)getuid(),
                           (unsigned)getgid(), s->dir);
    char *group = xasprintf("core:x:%u:\n", (unsigned)getgid());
    char *config =
        xasprintf("Host %s\n    HostName 127.0.0.1\n    Port %u\n", cfg->address, s->port);
    return write_in(s, ".ssh/authorized_keys", keys, err) < 0 ||
                   write_in(s, "passwd", user, err) < 0 || write_in(s, "group", group, err) < 0 ||
                   write_in(s, CONFIG, config, err) < 0
               ? -1
               : 0;
}

/* Clients and the user database take a relative path for another one. */
static int make_absolute(const char *dir, char **ret, struct error **err)
{
    *ret = realpath(dir, NULL);
    return *ret ? 0 : error_set_errno(err, errno, "%s", dir);
}

int ssh_server_write_index(const char *dir, struct error **err)
{
    cleanup_free char *whole = NULL;
    if (mkdir(dir, 0700) < 0 && errno != EEXIST)
        return error_set_errno(err, errno, "making %s", dir);
    if (make_absolute(dir, &whole, err) < 0)
        return -1;
    cleanup_free char *path = path_give_joined(whole, CONFIG);
    cleanup_free char *text = xasprintf("# Virtual machines of devcloud, for ssh -F.\n"
                                        "Include \"%s/*/" CONFIG "\"\n",
                                        whole);
    return file_write_atomic(path, text, strlen(text), 0600, err);
}

/* ---- processes ---- */

/* The end of its log, for who is told that it failed. */
static int fail(const struct ssh_server *s, const char *name, int status, struct error **err)
{
    cleanup_free char *log = NULL;
    size_t len = 0;
    const char *shown = "";
    if (file_read(s->log, LOG_MAX, &log, &len, NULL) == 0)
        shown = len > LOG_SHOWN ? log + (len - LOG_SHOWN) : log;
    return error_set(err, ERR_INTERNAL, "%s ended with status %d: %s", name,
                     WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), shown);
}

static int make_host_key(const struct ssh_server *s, const char *path, struct error **err)
{
    cleanup_free char *program = NULL;
    cleanup_strv struct strv args = STRV_INIT;
    cleanup_strv struct strv env = STRV_INIT;
    int status = 0;
    if (find_program(KEY_MAKER, &program, err) < 0)
        return -1;
    strv_add(&env, "LC_ALL=C");
    strv_split(&args, KEY_MAKER " -t ed25519 -f", " ", false);
    strv_add(&args, path);
    pid_t pid = child_start(program, &args, &env, s->log, err);
    if (pid == 0)
        return -1;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    return status ? fail(s, KEY_MAKER, status, err) : 0;
}

/* In the foreground, with its log on its error output, without passwords. */
static int start(struct ssh_server *s, struct error **err)
{
    cleanup_free char *program = NULL, *wrapper = NULL, *key = path_give_joined(s->dir, "host_key");
    cleanup_strv struct strv args = STRV_INIT;
    cleanup_strv struct strv env = STRV_INIT;
    if (find_program(SERVER, &program, err) < 0 || find_wrapper(&wrapper, err) < 0 ||
        make_host_key(s, key, err) < 0)
        return -1;
    strv_split(&args, SERVER " -F -E -s -r", " ", false);
    strv_add(&args, key);
    strv_add(&args, "-P");
    strv_addf(&args, "%s/pid", s->dir);
    strv_add(&args, "-p");
    strv_addf(&args, "127.0.0.1:%u", s->port);
    strv_addf(&env, "LD_PRELOAD=%s", wrapper);
    strv_addf(&env, "NSS_WRAPPER_PASSWD=%s/passwd", s->dir);
    strv_addf(&env, "NSS_WRAPPER_GROUP=%s/group", s->dir);
    strv_add(&env, "PATH=/usr/local/bin:/usr/bin:/bin");
    s->pid = child_start(program, &args, &env, s->log, err);
    return s->pid > 0 ? 0 : -1;
}

/* ---- life ---- */

int ssh_server_start(const struct ssh_server_config *cfg, struct ssh_server **ret,
                     struct error **err)
{
    cleanup_free char *whole = NULL;
    if (make_absolute(cfg->dir, &whole, err) < 0)
        return -1;
    struct ssh_server *s = xnew(struct ssh_server);
    s->dir = path_give_joined(whole, cfg->name);
    s->log = path_give_joined(s->dir, "log");
    if (find_port(&s->port, err) < 0 || make_dirs(s, err) < 0 || write_files(s, cfg, err) < 0 ||
        start(s, err) < 0) {
        ssh_server_free(s);
        return -1;
    }
    *ret = s;
    return 0;
}

uint16_t ssh_server_port(const struct ssh_server *s)
{
    return s->port;
}

int ssh_server_check(struct ssh_server *s, struct error **err)
{
    int status = 0;
    if (s->pid > 0 && !child_has_ended(s->pid, &status))
        return 0;
    s->pid = 0;
    return fail(s, SERVER, status, err);
}

void ssh_server_free(struct ssh_server *s)
{
    if (!s)
        return;
    if (s->pid > 0)
        child_kill(s->pid);
    (void)dir_remove(s->dir, NULL);
    free(s->dir);
    free(s->log);
    free(s);
}
