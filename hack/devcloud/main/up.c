/* devcloud up - a whole development cloud: simulated Azure, a resource provider, and what a first user needs. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "hack/devcloud/main/commands.h"
#include "hack/devcloud/main/here.h"
#include "hack/devcloud/main/whole_cloud.h"
#include "hack/devcloud/up/place.h"
#include "pkg/base/file.h"
#include "pkg/base/mem.h"

static const struct cli_option options[] = {
    HERE_DIR_OPTION,
    { "detach", CLI_BOOL, "false", NULL, false, NULL,
      "Return once the cloud is ready; it goes on until 'devcloud down'.", 0, 0 },
    { "rp", CLI_STR, "rp-scripted", NULL, false, "NAME",
      "The resource provider's executable, beside this one. rp-scripted: clusters exist in "
      "documents only, and succeed; aro-rp: that of 'aro rp', whose clusters are made in the "
      "simulated Azure, each with a virtual Kubernetes behind its API.",
      0, 0 },
    WHOLE_CLOUD_PORTS,
};

static const struct cli cli = {
    .prog = "devcloud up",
    .usage = "[options]",
    .summary =
        "Starts a simulated Azure and a resource provider behind it, makes a subscription ready "
        "for "
        "clusters, and tells what to do next. Ends at Ctrl-C or by 'devcloud down'; a later start "
        "begins "
        "anew. When one of its processes ends, it tells why and ends.",
    .options = options,
    .options_len = ARRAY_LEN(options),
    .epilog = "Exit status: 0 after a regular end, 1 when something failed, 2 for wrong options.\n",
};

/* ---- in the background ---- */

/* Who waits at the other end of the pipe goes when it gets a byte. */
struct background {
    int wait; /* -1: nobody does */
    char *log;
};

static int move_to_log(const char *path, struct error **err)
{
    int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    int log = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
    int rcode = 0;
    if (null < 0 || log < 0 || dup2(null, 0) < 0 || dup2(log, 1) < 0 || dup2(log, 2) < 0)
        rcode = error_set_errno(err, errno, "opening %s", path);
    if (null >= 0)
        (void)close(null);
    if (log >= 0)
        (void)close(log);
    return rcode;
}

/* Nobody waits any more: nobody wants the cloud. */
static int let_go(void *arg, const struct cloud_session *session, struct error **err)
{
    (void)session;
    struct background *b = arg;
    if (b->wait < 0)
        return 0;
    if (move_to_log(b->log, err) < 0)
        return -1;
    if (write(b->wait, "", 1) != 1)
        return error_set_errno(err, errno, "whoever started this is gone");
    (void)close(b->wait);
    b->wait = -1;
    return 0;
}

/* In the parent: -1, or the exit status; in the child 0 and b->wait is set. */
static int detach(struct background *b, bool *ret_parent, struct error **err)
{
    int ends[2];
    char byte;
    if (pipe2(ends, O_CLOEXEC) < 0)
        return error_set_errno(err, errno, "making a pipe");
    pid_t pid = fork();
    if (pid < 0)
        return error_set_errno(err, errno, "going to the background");
    *ret_parent = pid > 0;
    (void)close(ends[pid > 0 ? 1 : 0]);
    if (pid > 0)
        return read(ends[0], &byte, 1) == 1 ? 0 : 1;
    (void)setsid();
    b->wait = ends[1];
    return 0;
}

/* ---- the command ---- */

static int complain(const struct error *e)
{
    fprintf(stderr, "devcloud up: error: %s\n", error_text(e));
    return 1;
}

static int run_detached(const struct cli_values *v, const char *dir)
{
    cleanup_error struct error *err = NULL;
    cleanup_free char *log = path_give_joined(dir, PLACE_LOG);
    struct background b = { .wait = -1, .log = log };
    bool parent = false;
    int status = cli_bool(v, "detach") ? detach(&b, &parent, &err) : 0;
    if (status < 0)
        return complain(err);
    const struct whole_cloud w = { .prog = cli.prog, .on_ready = let_go, .arg = &b };
    return parent ? status : whole_cloud_run(&w, v, dir);
}

int command_up(int argc, char **argv)
{
    cleanup_cli struct cli_values *v = NULL;
    int status;
    if (!command_parse(&cli, argc, argv, &v, &status))
        return status;
    cleanup_free char *dir = here_give_dir(v);
    return run_detached(v, dir);
}
