/* commands.h - the subcommands of devcloud; each parses its own options and returns an exit status. */
#ifndef HACK_DEVCLOUD_MAIN_COMMANDS_H
#define HACK_DEVCLOUD_MAIN_COMMANDS_H

int command_cluster(int argc, char **argv);
int command_controllers(int argc, char **argv);

#endif
