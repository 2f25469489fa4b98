/* devcloud down, status, env - about a cloud that 'devcloud up' started. */
#include <stdlib.h>

#include "hack/devcloud/main/commands.h"
#include "hack/devcloud/main/here.h"
#include "hack/devcloud/up/cloud.h"
#include "hack/devcloud/up/place.h"
#include "pkg/base/file.h"
#include "pkg/base/mem.h"

#define TEXT_MAX ((size_t)1 << 20)
#define END_MS 60000

static const struct cli_option options[] = { HERE_DIR_OPTION };
#define ABOUT_A_CLOUD .usage = "[--dir DIR]", .options = options, .options_len = ARRAY_LEN(options)

static int complain(const struct cli *cli, const struct error *e)
{
    fprintf(stderr, "%s: %s\n", cli->prog, error_text(e));
    return 1;
}

/* What the cloud wrote when it was ready. */
static int print_file(const struct cli *cli, const char *dir, const char *name)
{
    cleanup_error struct error *err = NULL;
    cleanup_free char *path = path_give_joined(dir, name);
    cleanup_free char *text = NULL;
    size_t len;
    if (place_holder(dir) == 0) {
        (void)place_refuse_nobody(dir, &err);
        return complain(cli, err);
    }
    if (!place_is_ready(dir) || file_read(path, TEXT_MAX, &text, &len, &err) < 0) {
        (void)error_set(&err, ERR_UNAVAILABLE, "the development cloud in %s is not ready yet", dir);
        return complain(cli, err);
    }
    fputs(text, stdout);
    return 0;
}

static const struct cli down_cli = {
    .prog = "devcloud down",
    .summary = "Ends the development cloud and waits for its end. None running is an error.",
    ABOUT_A_CLOUD,
};
static const struct cli status_cli = {
    .prog = "devcloud status",
    .summary =
        "Tells of each process of the development cloud where it is; fails when the cloud does not "
        "run, or has not become ready yet.",
    ABOUT_A_CLOUD,
};
static const struct cli env_cli = {
    .prog = "devcloud env",
    .summary = "Prints what a shell has to export to use the development cloud.",
    ABOUT_A_CLOUD,
    .epilog = "Example:\n  eval \"$(devcloud env)\"\n",
};

int command_down(int argc, char **argv)
{
    cleanup_error struct error *err = NULL;
    cleanup_cli struct cli_values *v = NULL;
    int status;
    if (!command_parse(&down_cli, argc, argv, &v, &status))
        return status;
    cleanup_free char *dir = here_give_dir(v);
    return place_end_holder(dir, END_MS, &err) < 0 ? complain(&down_cli, err) : 0;
}

int command_status(int argc, char **argv)
{
    cleanup_cli struct cli_values *v = NULL;
    int status;
    if (!command_parse(&status_cli, argc, argv, &v, &status))
        return status;
    cleanup_free char *dir = here_give_dir(v);
    return print_file(&status_cli, dir, CLOUD_STATUS);
}

int command_env(int argc, char **argv)
{
    cleanup_cli struct cli_values *v = NULL;
    int status;
    if (!command_parse(&env_cli, argc, argv, &v, &status))
        return status;
    cleanup_free char *dir = here_give_dir(v);
    return print_file(&env_cli, dir, CLOUD_ENV);
}
