#include "cmd/aro-rp/process.h"

#include <malloc.h>
#include <unistd.h>

#include "cmd/aro-rp/service.h"
#include "pkg/base/cli.h"
#include "pkg/base/mem.h"
#include "pkg/base/signals.h"
#include "pkg/base/strv.h"
#include "pkg/controller/crash.h"
#include "rp/backend/child.h"

static const struct cli_option options[] = {
    { "bind-address", CLI_STR, NULL, NULL, false, "ADDRESS",
      "The address that the TLS port listens on. Default: all, in development 127.0.0.1.", 0, 0 },
    { "port", CLI_INT, "8443", NULL, false, "PORT", "The TLS port; 0 = a free one.", 0, 65535 },
    { "plain-port", CLI_INT, "8080", NULL, false, "PORT",
      "Development only: the port without TLS on 127.0.0.1; 0 = a free one.", 0, 65535 },
    { "loglevel", CLI_STR, "info", "ARO_LOG_LEVEL", true, "LEVEL",
      "error, warning, info, debug or trace.", 0, 0 },
    { "log-format", CLI_STR, "text", "ARO_LOG_FORMAT", true, "FORMAT", "text or json.", 0, 0 },
};

/* Not in the help: aro-rp OPTIONS work-on-cluster KEY LEASE, which the backend runs. */
#define CHILD_COMMAND "work-on-cluster"
#define CHILD_ARGS 3

/* Prints a document: aro-rp OPTIONS show RESOURCE [MEMBER]. */
#define SHOW_COMMAND "show"
#define SHOW_ARGS_MAX 3

static const struct cli cli_base = {
    .usage = "[options] [show RESOURCE [MEMBER]]",
    .summary = "Serves the requests of Azure Resource Manager for OpenShift clusters. Everything "
               "else is set in the environment: docs/reference/rp-settings.md.",
    .options = options,
    .options_len = ARRAY_LEN(options),
    .epilog = "show prints the document of a cluster, or a member of it with its secret opened.\n\n"
              "Examples:\n"
              "  . ./env && aro rp\n"
              "  RP_MODE=development ARO_RP_DATABASE=sqlite::memory: aro rp -loglevel debug\n"
              "  aro rp show /subscriptions/S/resourceGroups/G/providers/"
              "Microsoft.RedHatOpenShift/openShiftClusters/N properties.adminKubeconfig\n",
};

static int complain(const struct cli *cli, const struct error *e)
{
    fprintf(stderr, "%s: %s\n", cli->prog, error_text(e));
    if (!error_is(e, ERR_INVALID))
        return 1;
    cli_usage(cli, stderr);
    fprintf(stderr, "'%s --help' tells more\n", cli->prog);
    return 2;
}

static bool is_child(const struct cli_values *v)
{
    return cli_args_len(v) == CHILD_ARGS && str_eq(cli_arg(v, 0), CHILD_COMMAND);
}

static bool is_show(const struct cli_values *v)
{
    size_t len = cli_args_len(v);
    return len > 1 && len <= SHOW_ARGS_MAX && str_eq(cli_arg(v, 0), SHOW_COMMAND);
}

static int run_show(const struct service_options *opt, const struct cli_values *v)
{
    cleanup_error struct error *err = NULL;
    const char *member = cli_args_len(v) == SHOW_ARGS_MAX ? cli_arg(v, SHOW_ARGS_MAX - 1) : NULL;
    if (service_show(opt, cli_arg(v, 1), member, stdout, &err) == 0 && fflush(stdout) == 0)
        return 0;
    log_error(opt->log, "%s", err ? error_text(err) : "the output cannot be written");
    return 1;
}

static int run(const struct service_options *opt)
{
    cleanup_error struct error *err = NULL;
    cleanup_stop struct stop *stop = stop_new(NULL), *at_once = stop_new(NULL);
    struct stop *const stops[] = { stop, at_once };
    if (signals_start(stops, ARRAY_LEN(stops), SIGNALS_REST_EXIT, &err) < 0 ||
        service_run(opt, stop, at_once, &err) < 0) {
        log_error(opt->log, "%s", error_text(err));
        return 1;
    }
    log_info(opt->log, "stopped");
    return 0;
}

static int run_child(const struct service_options *opt, const struct cli_values *v)
{
    cleanup_error struct error *err = NULL;
    int code = 1;
    if (!backend_child_is_called()) {
        log_error(opt->log, "only a backend runs " CHILD_COMMAND);
        return code;
    }
    if (service_run_child(opt, cli_arg(v, 1), cli_arg(v, 2), &code, &err) < 0)
        log_error(opt->log, "%s", error_text(err));
    return code;
}

static int serve(const struct cli_values *v, const struct process *p, const struct log *log)
{
    /* This very file, also when another one was put in its place since. */
    const char *const child[] = { "/proc/self/exe",
                                  "--loglevel",
                                  cli_str(v, "loglevel"),
                                  "--log-format",
                                  cli_str(v, "log-format"),
                                  CHILD_COMMAND,
                                  NULL };
    const struct service_options opt = {
        .bind_address = cli_str(v, "bind-address"),
        .port = (uint16_t)cli_int(v, "port"),
        .plain_port = (uint16_t)cli_int(v, "plain-port"),
        .env = env_process(),
        .clock = clock_system(),
        .rng = rng_system(),
        .log = log,
        .manager = p->manager,
        .manager_arg = p->manager_arg,
        .patient = p->patient,
        .child = child,
    };
    if (is_show(v))
        return run_show(&opt, v);
    return is_child(v) ? run_child(&opt, v) : run(&opt);
}

static int check(const struct cli_values *v, enum log_level *ret_level, enum log_format *ret_format,
                 struct error **err)
{
    if (cli_args_len(v) != 0 && !is_child(v) && !is_show(v))
        return error_set(err, ERR_INVALID, "unexpected argument '%s'", cli_arg(v, 0));
    if (!log_level_parse(cli_str(v, "loglevel"), ret_level))
        return error_set(err, ERR_INVALID,
                         "invalid log level '%s': use error, warning, info, debug or trace",
                         cli_str(v, "loglevel"));
    if (!log_format_parse(cli_str(v, "log-format"), ret_format))
        return error_set(err, ERR_INVALID, "invalid log format '%s': use text or json",
                         cli_str(v, "log-format"));
    return 0;
}

int process_main(const struct process *p, int argc, char **argv)
{
    cleanup_error struct error *err = NULL;
    cleanup_cli struct cli_values *v = NULL;
    enum cli_outcome outcome;
    enum log_level level;
    enum log_format format;
    struct cli cli = cli_base;
    cli.prog = p->prog;
    crash_forbid_dumps();
    crash_report_install(STDERR_FILENO);
    /* Many threads, little memory each. NOLINTNEXTLINE(concurrency-mt-unsafe): none of them runs yet */
    mallopt(M_ARENA_MAX, 4);
    if (cli_parse(&cli, argc, argv, env_process(), stdout, &outcome, &v, &err) < 0)
        return complain(&cli, err);
    if (outcome == CLI_EXIT_OK)
        return 0;
    if (check(v, &level, &format, &err) < 0)
        return complain(&cli, err);
    struct log_fd_sink sink;
    log_fd_sink_init(&sink, STDERR_FILENO, level, format, clock_system());
    struct log log = log_root(&sink.base);
    return serve(v, p, &log);
}
