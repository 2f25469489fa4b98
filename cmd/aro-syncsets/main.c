/* aro-syncsets - `aro syncsets` ends here. */
#include <malloc.h>
#include <stdio.h>
#include <unistd.h>

#include "cmd/aro-syncsets/commands.h"
#include "pkg/base/cli.h"
#include "pkg/base/log.h"
#include "pkg/base/mem.h"
#include "pkg/base/signals.h"
#include "pkg/base/strv.h"
#include "pkg/controller/crash.h"

static const struct cli_option options[] = {
    { "force", CLI_BOOL, "false", NULL, false, NULL, "migrate down: drop tables that hold objects.",
      0, 0 },
    { "v3", CLI_BOOL, "false", NULL, false, NULL, "swagger: OpenAPI 3 instead of Swagger 2.0.", 0,
      0 },
    { "require-namespaces", CLI_BOOL, "false", NULL, false, NULL,
      "api: objects go only into namespaces that were created.", 0, 0 },
    { "loglevel", CLI_STR, "info", "ARO_LOG_LEVEL", true, "LEVEL",
      "error, warning, info, debug or trace.", 0, 0 },
    { "log-format", CLI_STR, "json", "ARO_LOG_FORMAT", true, "FORMAT", "text or json.", 0, 0 },
};
static const struct cli cli = {
    .prog = "aro-syncsets",
    .usage = "[options] api|controller|migrate up|down [N]|status|version|swagger|rotate-keys",
    .summary =
        "Ships objects, secrets and patches to many clusters. Settings stand in the environment: "
        "docs/syncsets.md.",
    .options = options,
    .options_len = ARRAY_LEN(options),
    .epilog = "Examples:\n"
              "  aro syncsets api\n"
              "  POSTGRES_PARAMS='user=postgres dbname=syncsets host=localhost' aro syncsets "
              "migrate up\n"
              "  POSTGRES_PARAMS='user=postgres dbname=syncsets host=localhost' aro syncsets "
              "controller\n",
};
static const struct {
    const char *name;
    int (*run)(const struct command_options *opt, struct error **err);
} commands[] = { { "api", command_api },
                 { "controller", command_controller },
                 { "migrate", command_migrate },
                 { "swagger", command_swagger },
                 { "rotate-keys", command_rotate_keys } };

#define ARGS_MAX 8

static int run(const struct cli_values *v, const struct log *log, struct error **err)
{
    cleanup_stop struct stop *stop = stop_new(NULL);
    struct stop *const stops[] = { stop };
    const char *args[ARGS_MAX];
    size_t n = cli_args_len(v);
    if (n == 0 || n > ARGS_MAX)
        return error_set(err, ERR_INVALID, "which command?");
    for (size_t i = 1; i < n; i++)
        args[i - 1] = cli_arg(v, i);
    if (signals_start(stops, ARRAY_LEN(stops), SIGNALS_REST_EXIT, err) < 0)
        return -1;
    const struct command_options opt = {
        .env = env_process(),
        .clock = clock_system(),
        .rng = rng_system(),
        .log = log,
        .stop = stop,
        .out = stdout,
        .args = args,
        .args_len = n - 1,
        .force = cli_bool(v, "force"),
        .v3 = cli_bool(v, "v3"),
        .require_namespaces = cli_bool(v, "require-namespaces"),
    };
    for (size_t i = 0; i < ARRAY_LEN(commands); i++)
        if (str_eq(commands[i].name, cli_arg(v, 0)))
            return commands[i].run(&opt, err);
    return error_set(err, ERR_INVALID, "there is no command '%s'", cli_arg(v, 0));
}

static int start(const struct cli_values *v, struct error **err)
{
    enum log_level level;
    enum log_format format;
    struct log_fd_sink sink;
    if (!log_level_parse(cli_str(v, "loglevel"), &level))
        return error_set(err, ERR_INVALID, "invalid log level '%s'", cli_str(v, "loglevel"));
    if (!log_format_parse(cli_str(v, "log-format"), &format))
        return error_set(err, ERR_INVALID, "invalid log format '%s': use text or json",
                         cli_str(v, "log-format"));
    log_fd_sink_init(&sink, STDERR_FILENO, level, format, clock_system());
    const struct log log = log_root(&sink.base);
    return run(v, &log, err);
}

int main(int argc, char **argv)
{
    cleanup_error struct error *err = NULL;
    cleanup_cli struct cli_values *v = NULL;
    enum cli_outcome outcome = CLI_RUN;
    crash_forbid_dumps();
    crash_report_install(STDERR_FILENO);
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): no thread runs yet */
    mallopt(M_ARENA_MAX, 4);
    if (cli_parse(&cli, argc, argv, env_process(), stdout, &outcome, &v, &err) == 0 &&
        (outcome == CLI_EXIT_OK || start(v, &err) == 0))
        return 0;
    fprintf(stderr, "aro-syncsets: %s\n", error_text(err));
    if (!error_is(err, ERR_INVALID))
        return 1;
    fprintf(stderr, "'aro-syncsets --help' tells more\n");
    return 2;
}
