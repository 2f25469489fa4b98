/* The SSH server of a machine, asked by the SSH client of this one. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hack/devcloud/boot/ssh_server.h"
#include "hack/devcloud/kubelet/child.h"
#include "pkg/base/file.h"
#include "pkg/base/mem.h"
#include "test/unit/support/pkg/kube/temp_dir.h"
#include "test/unit/support/test.h"

#define ADDRESS "10.11.12.13" /* nobody is there */
#define ATTEMPTS 100

struct rig {
    char *dir, *log;
    struct strv keys;
    struct ssh_server *server;
};

/* Runs a program of words; its output replaces *ret_output (may be NULL). Returns its status. */
static int run(const struct rig *r, const char *file, const struct strv *args, char **ret_output)
{
    cleanup_strv struct strv env = STRV_INIT;
    cleanup_free char *text = NULL;
    size_t len;
    int status = 0;
    strv_add(&env, "PATH=/usr/bin:/bin");
    assert_int_equal(remove(r->log) == 0 || errno == ENOENT, true);
    pid_t pid = child_start(file, args, &env, r->log, NULL);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(file_read(r->log, 1 << 16, &text, &len, NULL), 0);
    if (ret_output) {
        free(*ret_output);
        *ret_output = take(text);
    }
    return WEXITSTATUS(status);
}

/* A key pair DIR/NAME; the public half is returned. */
static char *make_key(const struct rig *r, const char *name)
{
    cleanup_strv struct strv args = STRV_INIT;
    cleanup_free char *path = path_give_joined(r->dir, name);
    cleanup_free char *public_path = xasprintf("%s.pub", path);
    char *text = NULL;
    size_t len;
    strv_split(&args, "ssh-keygen -q -t ed25519 -f", " ", false);
    strv_add(&args, path);
    strv_add(&args, "-N");
    strv_add(&args, "");
    assert_int_equal(run(r, "/usr/bin/ssh-keygen", &args, NULL), 0);
    assert_int_equal(file_read(public_path, 4096, &text, &len, NULL), 0);
    text[strcspn(text, "\n")] = '\0';
    return text;
}

static void open_rig(struct rig *r)
{
    *r = (struct rig){ .dir = temp_dir_give() };
    r->log = path_give_joined(r->dir, "output");
    strv_take(&r->keys, make_key(r, "known"));
    free(make_key(r, "unknown"));
}

static void start(struct rig *r)
{
    const struct ssh_server_config cfg = {
        .dir = r->dir, .name = "bootstrap", .keys = &r->keys, .address = ADDRESS
    };
    assert_int_equal(ssh_server_write_index(r->dir, NULL), 0);
    assert_int_equal(ssh_server_start(&cfg, &r->server, NULL), 0);
}

static void close_rig(struct rig *r)
{
    ssh_server_free(r->server);
    temp_dir_free(r->dir);
    free(r->log);
    strv_release(&r->keys);
}

/* ssh to the machine's address as a user with a key; a server that is on its way is awaited. */
static int log_in(const struct rig *r, const char *user, const char *key, char **ret_output)
{
    cleanup_strv struct strv args = STRV_INIT;
    int status = 255;
    strv_add(&args, "ssh");
    strv_addf(&args, "-F%s/ssh_config", r->dir);
    strv_addf(&args, "-i%s/%s", r->dir, key);
    strv_split(&args,
               "-oIdentitiesOnly=yes -oStrictHostKeyChecking=no -oUserKnownHostsFile=/dev/null "
               "-oBatchMode=yes -oLogLevel=ERROR",
               " ", false);
    strv_addf(&args, "%s@" ADDRESS, user);
    strv_add(&args, "pwd; exit 7");
    for (int i = 0; i < ATTEMPTS; i++) {
        status = run(r, "/usr/bin/ssh", &args, ret_output);
        if (status != 255 || !strstr(*ret_output, "Connection refused"))
            break;
        usleep(100000);
    }
    return status;
}

static bool is_listening(uint16_t port)
{
    const struct sockaddr_in at = { .sin_family = AF_INET,
                                    .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                                    .sin_port = htons(port) };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool is = connect(fd, (const struct sockaddr *)&at, sizeof(at)) == 0;
    (void)close(fd);
    return is;
}

static void check_known(void **state)
{
    (void)state;
    struct rig r;
    cleanup_free char *output = NULL, *whole = NULL;
    open_rig(&r);
    start(&r);

    int status = log_in(&r, "core", "known", &output);

    whole = xasprintf("%s/bootstrap\n", r.dir);
    assert_string_equal(output, whole);
    assert_int_equal(status, 7);
    assert_int_equal(ssh_server_check(r.server, NULL), 0);
    close_rig(&r);
}

static void check_unknown(void **state)
{
    (void)state;
    struct rig r;
    cleanup_free char *output = NULL;
    open_rig(&r);
    start(&r);

    assert_int_equal(log_in(&r, "core", "unknown", &output), 255);
    assert_non_null(strstr(output, "Permission denied"));
    assert_int_equal(log_in(&r, "somebody", "known", &output), 255);
    assert_non_null(strstr(output, "Permission denied"));
    close_rig(&r);
}

static void check_end(void **state)
{
    (void)state;
    struct rig r;
    cleanup_free char *output = NULL;
    struct stat there;
    open_rig(&r);
    start(&r);
    assert_int_equal(log_in(&r, "core", "known", &output), 7);
    cleanup_free char *folder = path_give_joined(r.dir, "bootstrap");
    uint16_t port = ssh_server_port(r.server);
    assert_true(is_listening(port));

    ssh_server_free(take(r.server));

    assert_int_equal(stat(folder, &there), -1);
    assert_false(is_listening(port));
    close_rig(&r);
}

static void check_failure(void **state)
{
    (void)state;
    struct rig r;
    cleanup_error struct error *err = NULL;
    open_rig(&r);
    const struct ssh_server_config cfg = {
        .dir = "/no/such/folder", .name = "bootstrap", .keys = &r.keys, .address = ADDRESS
    };

    assert_int_equal(ssh_server_start(&cfg, &r.server, &err), -1);

    assert_non_null(strstr(error_text(err), "/no/such/folder"));
    close_rig(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("user core gets in with a key that is known, at the machine's address", check_known),
        CASE("nobody else gets in", check_unknown),
        CASE("at its end nobody is let in any more, and its folder is gone", check_end),
        CASE("a folder that is not there is told", check_failure),
    };
    return RUN_CASES("ssh_server", tests);
}
