/* commands.h - the subcommands of devcloud; each parses its own options and returns an exit status. */
#ifndef HACK_DEVCLOUD_MAIN_COMMANDS_H
#define HACK_DEVCLOUD_MAIN_COMMANDS_H

#include "pkg/base/cli.h"

int command_run(int argc, char **argv);
int command_up(int argc, char **argv);
int command_down(int argc, char **argv);
int command_status(int argc, char **argv);
int command_env(int argc, char **argv);
int command_cluster(int argc, char **argv);
int command_controllers(int argc, char **argv);

/* Options alone, no arguments. false: the command is over, with *ret_status. */
bool command_parse(const struct cli *cli, int argc, char **argv, struct cli_values **ret,
                   int *ret_status);

#endif
