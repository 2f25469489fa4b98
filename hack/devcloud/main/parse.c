#include "hack/devcloud/main/commands.h"

static bool refuse(const struct cli *cli, const char *why, int *ret_status)
{
    fprintf(stderr, "%s: %s\n", cli->prog, why);
    cli_usage(cli, stderr);
    *ret_status = 2;
    return false;
}

bool command_parse(const struct cli *cli, int argc, char **argv, struct cli_values **ret,
                   int *ret_status)
{
    cleanup_error struct error *err = NULL;
    enum cli_outcome outcome;
    *ret_status = 0;
    if (cli_parse(cli, argc, argv, env_process(), stdout, &outcome, ret, &err) < 0)
        return refuse(cli, error_text(err), ret_status);
    if (outcome == CLI_EXIT_OK)
        return false;
    return cli_args_len(*ret) == 0 || refuse(cli, "no arguments are taken", ret_status);
}
