/* aro-operator - the in-cluster operator: `aro operator master` and `aro operator worker` end here. */
#include <locale.h>
#include <malloc.h>
#include <string.h>
#include <unistd.h>

#include "operator/operator.h"
#include "pkg/base/cli.h"
#include "pkg/base/signals.h"
#include "pkg/controller/crash.h"

static const struct cli_option options[] = {
    { "kubeconfig", CLI_STR, NULL, NULL, false, "FILE",
      "The cluster to work on. Default: $KUBECONFIG, the cluster that this runs in, "
      "~/.kube/config.",
      0, 0 },
    { "bind-address", CLI_STR, NULL, NULL, false, "ADDRESS",
      "The address that both ports listen on. Default: all.", 0, 0 },
    { "health-port", CLI_INT, "8080", NULL, false, "PORT",
      "Health checks, and the receiver of alertmanager's webhook; 0 = a free one.", 0, 65535 },
    { "metrics-port", CLI_INT, "8888", NULL, false, "PORT", "Prometheus metrics; 0 = a free one.",
      0, 65535 },
    { "leader-elect", CLI_BOOL, "true", NULL, false, NULL,
      "Masters: work only while holding the lease openshift-azure-operator/aro-operator-master.", 0,
      0 },
    { "loglevel", CLI_STR, "info", "ARO_LOG_LEVEL", true, "LEVEL",
      "error, warning, info, debug or trace.", 0, 0 },
    { "log-format", CLI_STR, "text", "ARO_LOG_FORMAT", true, "FORMAT", "text or json.", 0, 0 },
};

static const struct cli cli = {
    .prog = "aro-operator",
    .usage = "[options] master|worker",
    .summary = "Checks and repairs an Azure Red Hat OpenShift cluster from the inside and reports "
               "in the status of the "
               "resource clusters.aro.openshift.io/cluster. master runs all controllers, worker "
               "the internet check only.",
    .options = options,
    .options_len = ARRAY_LEN(options),
    .epilog = "Examples:\n"
              "  KUBECONFIG=admin.kubeconfig aro operator master\n"
              "  aro operator -loglevel debug --health-port 0 --metrics-port 0 worker\n",
};

static int complain(const struct error *e)
{
    fprintf(stderr, "aro-operator: %s\n", error_text(e));
    if (!error_is(e, ERR_INVALID))
        return 1;
    cli_usage(&cli, stderr);
    fputs("'aro-operator --help' tells more\n", stderr);
    return 2;
}

static int run(const struct cli_values *v, enum operator_role role, const struct log *log)
{
    cleanup_error struct error *err = NULL;
    cleanup_stop struct stop *stop = stop_new(NULL);
    struct operator_options opt = {
        .role = role,
        .kubeconfig = cli_str(v, "kubeconfig"),
        .bind_address = cli_str(v, "bind-address"),
        .health_port = (uint16_t)cli_int(v, "health-port"),
        .metrics_port = (uint16_t)cli_int(v, "metrics-port"),
        .leader_elect = cli_bool(v, "leader-elect"),
        .clock = clock_system(),
        .rng = rng_system(),
        .env = env_process(),
        .log = log,
    };
    bool busy = false;
    int status = signals_start(&stop, 1, SIGNALS_REST_EXIT, &err) < 0 ||
                 operator_run(&opt, stop, &busy, &err) < 0;
    if (status)
        log_error(log, "%s", error_text(err));
    else
        log_info(log, "stopped");
    /* Who lost its lease waits for nobody. Threads that still run must not see this stack and the libraries go. */
    if (busy)
        _exit(status);
    return status;
}

int main(int argc, char **argv)
{
    cleanup_error struct error *err = NULL;
    cleanup_cli struct cli_values *v = NULL;
    enum cli_outcome outcome;
    crash_forbid_dumps();
    crash_report_install(STDERR_FILENO);
    /* Many threads, little memory each. NOLINTNEXTLINE(concurrency-mt-unsafe): none of them runs yet */
    mallopt(M_ARENA_MAX, 2);
    if (cli_parse(&cli, argc, argv, env_process(), stdout, &outcome, &v, &err) < 0)
        return complain(err);
    if (outcome == CLI_EXIT_OK)
        return 0;
    enum log_level level;
    enum log_format format;
    if (cli_args_len(v) != 1) {
        error_set(&err, ERR_INVALID, "give exactly one role: master or worker");
        return complain(err);
    }
    if (!log_level_parse(cli_str(v, "loglevel"), &level)) {
        error_set(&err, ERR_INVALID,
                  "invalid log level '%s': use error, warning, info, debug or trace",
                  cli_str(v, "loglevel"));
        return complain(err);
    }
    if (!log_format_parse(cli_str(v, "log-format"), &format)) {
        error_set(&err, ERR_INVALID, "invalid log format '%s': use text or json",
                  cli_str(v, "log-format"));
        return complain(err);
    }
    enum operator_role role;
    if (!operator_role_parse(cli_arg(v, 0), &role)) {
        fprintf(stderr, "invalid role %s\n", cli_arg(v, 0));
        return 1;
    }
    struct log_fd_sink sink;
    log_fd_sink_init(&sink, STDERR_FILENO, level, format, clock_system());
    struct log log = log_root(&sink.base);
    return run(v, role, &log);
}
