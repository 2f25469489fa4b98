/*
 * cli.h - command lines as tables: one table drives parsing, --help, --version and shell completion.
 *
 * Options: `--name value`, `--name=value`, `-name value`, `-name=value` (one dash too, as the older operator
 * accepts -loglevel), `-h`, `--help`, `--version`, `--completion=bash`. Booleans take no value or `=true|false`. `--` ends
 * options; until then options may stand between arguments. The last of repeated options counts. argv and env must
 * outlive the values.
 */
#ifndef PKG_BASE_CLI_H
#define PKG_BASE_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "pkg/base/env.h"
#include "pkg/base/error.h"

/* Durations: 500ms, 10s, 2m, 1h30m, or plain ms. */
enum cli_type { CLI_STR, CLI_BOOL, CLI_INT, CLI_DURATION_MS };

struct cli_option {
    const char *name; /* without dashes */
    enum cli_type type;
    const char *dflt;       /* text as typed; NULL = unset */
    const char *env_name;   /* NULL: none; used when the option is absent */
    bool env_wins;          /* the variable beats the option */
    const char *value_name; /* shown in help, e.g. "FILE" */
    const char *doc;
    long long min, max; /* CLI_INT and CLI_DURATION_MS; both 0 = any non-negative */
};

struct cli {
    const char *prog;    /* "aro-operator" */
    const char *usage;   /* "[options] master|worker" */
    const char *summary; /* one or more sentences */
    const struct cli_option *options;
    size_t options_len;
    const char *epilog; /* examples; may be NULL */
};

struct cli_values; /* opaque */

/* CLI_RUN: go on. CLI_EXIT_OK: help or version was printed to out. Errors are ERR_INVALID: the caller prints
 * them with the usage line and exits 2; or another kind: out took nothing, the caller prints it and exits 1. */
enum cli_outcome { CLI_RUN, CLI_EXIT_OK };
int cli_parse(const struct cli *cli, int argc, char **argv, const struct env *env, FILE *out,
              enum cli_outcome *ret_outcome, struct cli_values **ret, struct error **err);
void cli_usage(const struct cli *cli, FILE *out);
void cli_help(const struct cli *cli, FILE *out);
/* Borrowed; NULL when unset. */
const char *cli_str(const struct cli_values *v, const char *name);
bool cli_bool(const struct cli_values *v, const char *name);
int64_t cli_int(const struct cli_values *v, const char *name); /* also durations, in ms */
/* By the command line or the environment. */
bool cli_is_set(const struct cli_values *v, const char *name);
size_t cli_args_len(const struct cli_values *v);           /* positional */
const char *cli_arg(const struct cli_values *v, size_t i); /* NULL beyond the end */
void cli_values_free(struct cli_values *v);

DEFINE_RELEASE(struct cli_values *, cli_values_free)
#define cleanup_cli CLEANUP_WITH(cli_values_free_slot)

#endif
