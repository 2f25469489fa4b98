/* devcloud controllers - what animates a cluster, for an API server that has no controllers of its own. */
#include "hack/devcloud/controllers/controllers.h"

#include <unistd.h>

#include "hack/devcloud/main/commands.h"
#include "pkg/base/cli.h"
#include "pkg/base/mem.h"
#include "pkg/base/signals.h"

static const struct cli_option options[] = {
    { "kubeconfig", CLI_STR, NULL, "KUBECONFIG", false, "FILE",
      "The cluster, with an administrator's rights.", 0, 0 },
    { "loglevel", CLI_STR, "warning", NULL, false, "LEVEL", "error, warning, info, debug or trace.",
      0, 0 },
};

static const struct cli cli = {
    .prog = "devcloud controllers",
    .usage = "[options]",
    .summary =
        "Plays controller manager and scheduler for an API server without them, until SIGTERM "
        "or SIGINT: Deployments, ReplicaSets, DaemonSets, Endpoints, service accounts, "
        "namespaces, garbage, placement of pods.",
    .options = options,
    .options_len = ARRAY_LEN(options),
};

static int run(const struct cli_values *v, struct error **err)
{
    struct log_fd_sink sink;
    enum log_level level;
    cleanup_kube_config struct kube_config *kube = NULL;
    if (!log_level_parse(cli_str(v, "loglevel"), &level))
        return error_set(err, ERR_INVALID, "unknown --loglevel '%s'", cli_str(v, "loglevel"));
    log_fd_sink_init(&sink, STDERR_FILENO, level, LOG_TEXT, clock_system());
    struct log log = log_root(&sink.base);
    struct kube_config_options load = { .path = cli_str(v, "kubeconfig"),
                                        .env = env_process(),
                                        .log = &log };
    cleanup_stop struct stop *stop = stop_new(NULL);
    if (signals_start(&stop, 1, SIGNALS_REST_IGNORE, err) < 0 ||
        kube_config_load(&load, &kube, err) < 0)
        return -1;
    struct controllers_config cfg = { .kube = kube,
                                      .clock = clock_system(),
                                      .rng = rng_system(),
                                      .env = env_process(),
                                      .log = &log };
    bool straggles = false;
    int rcode = controllers_run(&cfg, stop, &straggles, err);
    if (straggles) {
        log_error(&log, "controllers do not end in time");
        _exit(1); /* what they use must not be freed */
    }
    return rcode;
}

int command_controllers(int argc, char **argv)
{
    cleanup_error struct error *err = NULL;
    cleanup_cli struct cli_values *v = NULL;
    enum cli_outcome outcome;
    if (cli_parse(&cli, argc, argv, env_process(), stdout, &outcome, &v, &err) < 0) {
        fprintf(stderr, "devcloud controllers: %s\n", error_text(err));
        cli_usage(&cli, stderr);
        return 2;
    }
    if (outcome == CLI_EXIT_OK)
        return 0;
    if (run(v, &err) < 0) {
        fprintf(stderr, "devcloud controllers: %s\n", error_text(err));
        return 1;
    }
    return 0;
}
