/* cli_print.h - what cli.c prints beside the interface of cli.h. */
#ifndef PKG_BASE_CLI_PRINT_H
#define PKG_BASE_CLI_PRINT_H

#include "pkg/base/cli.h"

/* A bash script, to be sourced, that completes the option names of the table. */
void cli_print_completion(const struct cli *cli, FILE *out);

#endif
