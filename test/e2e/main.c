/* e2e - end-to-end tests of the operator in the cluster of a kubeconfig. */
#include <signal.h>
#include <string.h>

#include "pkg/base/cli.h"
#include "pkg/base/thread.h"
#include "test/e2e/runner.h"

#define HEALTHY_MS 90000

static const struct e2e_table *const tables[] = {
    &cases_operator, &cases_checkers, &cases_repair, &cases_logging,
    &cases_azure,    &cases_machines, &cases_nodes,
};

static const struct cli_option options[] = {
    { "kubeconfig", CLI_STR, NULL, NULL, false, "FILE",
      "The cluster, with an administrator's rights. Default: $KUBECONFIG.", 0, 0 },
    { "focus", CLI_STR, NULL, NULL, false, "REGEX", "Only cases whose names match.", 0, 0 },
    { "list", CLI_BOOL, "false", NULL, false, NULL, "Print the cases and end.", 0, 0 },
    { "timeout", CLI_DURATION_MS, "20m", NULL, false, "TIME", "Of the whole run.", 0, 0 },
    { "case-timeout", CLI_DURATION_MS, "4m", NULL, false, "TIME", "Of one case.", 0, 0 },
    { "junit", CLI_STR, NULL, NULL, false, "FILE", "Write a JUnit report, too.", 0, 0 },
    { "v", CLI_BOOL, "false", NULL, false, NULL, "Say what each case is about.", 0, 0 },
};
static const struct cli cli = {
    .prog = "e2e",
    .usage = "[options]",
    .summary = "Breaks what the operator looks after and sees it repaired. The cluster must be one "
               "for tests.",
    .options = options,
    .options_len = ARRAY_LEN(options),
    .epilog = "The environment names the fault interface: E2E_AZURE_URL and E2E_AZURE_CA.\n"
              "Example: e2e --kubeconfig admin.kubeconfig --focus \"ARO Operator\"\n",
};

static int recover(struct e2e *t, struct error **err)
{
    struct error *restore = NULL, *health = NULL;
    if (e2e_restore(t, &restore) < 0)
        error_wrap(&restore, "putting back what was changed");
    if (eventually(t, HEALTHY_MS, check_healthy, NULL, &health) < 0)
        error_join(&restore, &health);
    return restore ? error_move(err, &restore) : 0;
}

struct session {
    struct http_client *http;
    struct http_peer *direct;
    struct kube_config *config;
    struct e2e t;
};

static int open_session(struct session *s, const struct cli_values *v, const struct log *log,
                        struct error **err)
{
    struct kube_config_options load = { .path = cli_str(v, "kubeconfig"),
                                        .env = env_process(),
                                        .log = log };
    struct http_client_config http = { .clock = clock_system(), .env = env_process(), .log = log };
    struct http_peer_config direct = { .proxy_url = "" };
    struct kube_client_options client = { .user_agent = "e2e",
                                          .qps = -1,
                                          .request_timeout_ms = 30000,
                                          .clock = clock_system(),
                                          .rng = rng_system(),
                                          .env = env_process(),
                                          .log = log };
    s->t.env = env_process();
    s->t.saved = json_new_array();
    if (kube_config_load(&load, &s->config, err) < 0 || http_client_new(&http, &s->http, err) < 0 ||
        http_peer_new(s->http, &direct, &s->direct, err) < 0 ||
        kube_client_new(s->http, s->config, &client, &s->t.kube, err) < 0)
        return -1;
    s->t.http = http_peer_transport(s->direct);
    return faults_open(s->http, env_process(), &s->t.faults, err);
}

static void close_session(struct session *s)
{
    json_free(s->t.saved);
    json_free(s->t.saved_azure);
    faults_close(s->t.faults);
    kube_client_free(s->t.kube);
    kube_config_free(s->config);
    http_peer_unref(s->direct);
    http_client_free(s->http);
}

static void wait_for_signals(void *arg)
{
    sigset_t set;
    int sig;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    (void)sigwait(&set, &sig);
    stop_request(arg);
    (void)sigwait(&set, &sig);
    _exit(1);
}

static int run(const struct cli_values *v, const struct log *log, struct runner_result *ret,
               struct error **err)
{
    struct runner_options opt = { .focus = cli_str(v, "focus"),
                                  .case_ms = cli_int(v, "case-timeout"),
                                  .junit = cli_str(v, "junit"),
                                  .out = stdout,
                                  .verbose = cli_bool(v, "v"),
                                  .recover = recover };
    if (cli_bool(v, "list"))
        return runner_list(tables, ARRAY_LEN(tables), &opt, err);
    /* Never released: the signal thread may wait with it until the process ends. */
    struct stop *stop = stop_new(NULL);
    pthread_t signals;
    if (thread_start(&signals, "signals", wait_for_signals, stop, err) < 0)
        return -1;
    pthread_detach(signals);
    struct opctx root = opctx_root(clock_system(), rng_system(), stop, log);
    struct opctx ctx = opctx_with_timeout_ms(&root, cli_int(v, "timeout"));
    struct session s = { 0 };
    int rcode = open_session(&s, v, log, err);
    if (rcode == 0)
        rcode = runner_run(tables, ARRAY_LEN(tables), &opt, &s.t, &ctx, ret, err);
    close_session(&s);
    return rcode;
}

int main(int argc, char **argv)
{
    cleanup_error struct error *err = NULL;
    cleanup_cli struct cli_values *v = NULL;
    enum cli_outcome outcome;
    if (cli_parse(&cli, argc, argv, env_process(), stdout, &outcome, &v, &err) < 0) {
        fprintf(stderr, "e2e: %s\n", error_text(err));
        cli_usage(&cli, stderr);
        return 2;
    }
    if (outcome == CLI_EXIT_OK)
        return 0;
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
    struct log_fd_sink sink;
    log_fd_sink_init(&sink, STDERR_FILENO, LOG_ERROR, LOG_TEXT, clock_system());
    struct log log = log_root(&sink.base);
    struct runner_result result = { 0 };
    if (run(v, &log, &result, &err) < 0) {
        fprintf(stderr, "e2e: %s\n", error_text(err));
        return 2;
    }
    if (!cli_bool(v, "list"))
        printf("%d passed, %d failed\n", result.passed, result.failed);
    return result.failed > 0;
}
