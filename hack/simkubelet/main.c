/* simkubelet - plays the kubelets of a cluster whose control plane is real (or virtual) and whose nodes are not. */
#include "hack/devcloud/kubelet/kubelet.h"
#include "pkg/base/cli.h"
#include "pkg/base/signals.h"

static const struct cli_option options[] = {
    { "kubeconfig", CLI_STR, NULL, "KUBECONFIG", false, "FILE",
      "The cluster, with an administrator's rights.", 0, 0 },
    { "pod-kubeconfig", CLI_STR, NULL, NULL, false, "FILE",
      "Where its pods find the API server, if elsewhere: only server and authority are read.", 0,
      0 },
    { "namespace", CLI_STR, "openshift-azure-operator", NULL, false, "NAME",
      "Pods of this namespace run as local processes; all others only look Running.", 0, 0 },
    { "bin-dir", CLI_STR, "build/bin", NULL, false, "DIR",
      "Where the executables of this build are, whatever the image says.", 0, 0 },
    { "dir", CLI_STR, NULL, NULL, false, "DIR",
      "Private folder for the pods' logs and credentials (mandatory).", 0, 0 },
    { "token-period", CLI_DURATION_MS, "60s", NULL, false, "TIME",
      "How often the pods' tokens are replaced.", 0, 0 },
    { "loglevel", CLI_STR, "info", NULL, false, "LEVEL", "error, warning, info, debug or trace.", 0,
      0 },
};
static const struct cli cli = {
    .prog = "simkubelet",
    .usage = "[options] --dir DIR",
    .summary = "Keeps the nodes of a cluster Ready and plays the pods on them.",
    .options = options,
    .options_len = ARRAY_LEN(options),
};

static int run(const struct cli_values *v, const struct log *log, struct error **err)
{
    struct kube_config_options load = { .path = cli_str(v, "kubeconfig"),
                                        .env = env_process(),
                                        .log = log };
    struct http_client_config http_config = { .clock = clock_system(),
                                              .env = env_process(),
                                              .log = log };
    struct kube_config_options load_pods = { .path = cli_str(v, "pod-kubeconfig"),
                                             .env = env_process(),
                                             .log = log };
    cleanup_kube_config struct kube_config *config = NULL;
    cleanup_kube_config struct kube_config *pod_config = NULL;
    cleanup_http_client struct http_client *http = NULL;
    cleanup_kube_client struct kube_client *kube = NULL;
    struct kube_client_options client = { .user_agent = "simkubelet",
                                          .qps = -1,
                                          .clock = clock_system(),
                                          .rng = rng_system(),
                                          .env = env_process(),
                                          .log = log };
    cleanup_stop struct stop *stop = stop_new(NULL);
    if (signals_start(&stop, 1, SIGNALS_REST_IGNORE, err) < 0 ||
        kube_config_load(&load, &config, err) < 0 ||
        (load_pods.path && kube_config_load(&load_pods, &pod_config, err) < 0) ||
        http_client_new(&http_config, &http, err) < 0 ||
        kube_client_new(http, config, &client, &kube, err) < 0)
        return -1;
    struct kubelet_config cfg = {
        .kube = kube,
        .pod_config = pod_config ? pod_config : config,
        .real_namespace = cli_str(v, "namespace"),
        .bin_dir = cli_str(v, "bin-dir"),
        .dir = cli_str(v, "dir"),
        .token_period_ms = cli_int(v, "token-period"),
        .clock = clock_system(),
        .rng = rng_system(),
        .env = env_process(),
        .log = log,
    };
    return kubelet_run(&cfg, stop, err);
}

int main(int argc, char **argv)
{
    cleanup_error struct error *err = NULL;
    cleanup_cli struct cli_values *v = NULL;
    enum cli_outcome outcome;
    enum log_level level;
    if (cli_parse(&cli, argc, argv, env_process(), stdout, &outcome, &v, &err) < 0) {
        fprintf(stderr, "simkubelet: %s\n", error_text(err));
        return 2;
    }
    if (outcome == CLI_EXIT_OK)
        return 0;
    if (!cli_str(v, "dir") || !log_level_parse(cli_str(v, "loglevel"), &level)) {
        fprintf(stderr,
                "simkubelet: --dir is missing, or the log level is none of those in --help\n");
        cli_usage(&cli, stderr);
        return 2;
    }
    struct log_fd_sink sink;
    log_fd_sink_init(&sink, STDERR_FILENO, level, LOG_TEXT, clock_system());
    struct log log = log_root(&sink.base);
    if (run(v, &log, &err) < 0) {
        log_error(&log, "%s", error_text(err));
        return 1;
    }
    return 0;
}
