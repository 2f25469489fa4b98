/* devcloud cluster - one virtual Kubernetes cluster as a process: the API server, and controllers as its clients. */
#include "hack/devcloud/cluster/cluster.h"

#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hack/devcloud/controllers/controllers.h"
#include "hack/devcloud/main/commands.h"
#include "pkg/base/cli.h"
#include "pkg/base/file.h"
#include "pkg/base/mem.h"
#include "pkg/base/thread.h"
#include "pkg/net/http_client.h"

static const struct cli_option options[] = {
    { "dir", CLI_STR, NULL, NULL, false, "DIR",
      "Where admin.kubeconfig and ca.crt are written; made when absent.", 0, 0 },
    { "address", CLI_STR, "127.0.0.1", NULL, false, "ADDRESS", "The address to listen on.", 0, 0 },
    { "port", CLI_INT, "0", NULL, false, "PORT", "The port to listen on; 0 = a free one.", 0,
      65535 },
    { "kube-minor", CLI_INT, "32", NULL, false, "N",
      "Behave as Kubernetes 1.N: field names, aggregated discovery, streaming lists.", 20,
      CLUSTER_MINOR_NEWEST },
    { "controllers", CLI_BOOL, "true", NULL, false, NULL,
      "Run what animates the cluster, and refuse pods whose service account does not exist; false: "
      "an API server alone.",
      0, 0 },
    { "bookmarks", CLI_DURATION_MS, "1m", NULL, false, "TIME", "Between bookmarks of a watch.", 10,
      3600000 },
    { "loglevel", CLI_STR, "warning", NULL, false, "LEVEL", "error, warning, info, debug or trace.",
      0, 0 },
};

static const struct cli cli = {
    .prog = "devcloud cluster",
    .usage = "--dir DIR [options]",
    .summary =
        "Serves a virtual Kubernetes cluster on loopback until SIGTERM or SIGINT. Prints one "
        "line when it is ready. SIGUSR1 forgets the past: watches and lists of older "
        "resourceVersions get 410 Gone.",
    .options = options,
    .options_len = ARRAY_LEN(options),
    .epilog = "Example:\n"
              "  devcloud cluster --dir /tmp/c &\n"
              "  KUBECONFIG=/tmp/c/admin.kubeconfig kubectl get namespaces\n"
              "Nodes, and the pods on them, are played by simkubelet.\n",
};

static int complain(const struct error *e)
{
    fprintf(stderr, "devcloud cluster: %s\n", error_text(e));
    return 1;
}

static int write_files(struct cluster *c, const char *dir, const char *url, struct error **err)
{
    const char *const groups[] = { "system:masters", NULL };
    cleanup_free char *text = NULL;
    if (mkdir(dir, 0700) < 0 && errno != EEXIST)
        return error_set_errno(err, errno, "making %s", dir);
    cleanup_free char *config = path_give_joined(dir, "admin.kubeconfig");
    cleanup_free char *ca = path_give_joined(dir, "ca.crt");
    if (cluster_give_kubeconfig(c, url, "devcloud-admin", groups, &text, err) < 0 ||
        file_write_atomic(ca, cluster_ca_cert(c), strlen(cluster_ca_cert(c)), 0644, err) < 0)
        return -1;
    return file_write_atomic(config, text, strlen(text), 0600, err);
}

/* Until a signal asks to stop. */
static void wait_for_end(struct cluster *c, const sigset_t *signals)
{
    int sig = SIGUSR1;
    while (sig == SIGUSR1) {
        if (sigwait(signals, &sig) != 0)
            return;
        if (sig == SIGUSR1)
            cluster_compact(c);
    }
}

/* ---- controllers ---- */

struct animation {
    struct controllers_config cfg;
    struct kube_config *kube;
    struct stop *stop;
    pthread_t thread;
    bool runs;
};

static void animate(void *arg)
{
    struct animation *a = arg;
    cleanup_error struct error *err = NULL;
    bool straggles = false;
    if (controllers_run(&a->cfg, a->stop, &straggles, &err) < 0)
        log_error(a->cfg.log, "controllers: %s", error_text(err));
    if (straggles)
        _exit(1); /* what they use must not be freed */
}

/* With an identity and connections of their own, as any client. */
static int start_animation(struct animation *a, struct cluster *c, const char *url,
                           const struct log *log, struct error **err)
{
    cleanup_free char *text = NULL;
    if (cluster_give_kubeconfig(c, url, "system:kube-controller-manager", NULL, &text, err) < 0 ||
        kube_config_parse(text, strlen(text), NULL, &a->kube, err) < 0)
        return error_wrap(err, "configuring the controllers");
    a->cfg = (struct controllers_config){ .kube = a->kube,
                                          .clock = clock_system(),
                                          .rng = rng_system(),
                                          .env = env_process(),
                                          .log = log };
    a->stop = stop_new(NULL);
    if (thread_start(&a->thread, "controllers", animate, a, err) < 0)
        return -1;
    a->runs = true;
    return 0;
}

static void end_animation(struct animation *a)
{
    if (a->runs) {
        stop_request(a->stop);
        pthread_join(a->thread, NULL);
    }
    stop_unref(a->stop);
    kube_config_free(a->kube);
}

/* ---- the process ---- */

static int serve(struct cluster *c, const struct cli_values *v, const struct log *log,
                 const sigset_t *signals, struct error **err)
{
    struct animation animation = { .runs = false };
    const char *dir = cli_str(v, "dir"), *address = cli_str(v, "address");
    struct cluster_server_config cfg = { .address = address, .port = (uint16_t)cli_int(v, "port") };
    struct cluster_server *server = NULL;
    if (cluster_server_start(c, &cfg, &server, err) < 0)
        return -1;
    cleanup_free char *url = xasprintf("https://%s:%u", address, cluster_server_port(server));
    int rc = write_files(c, dir, url, err);
    if (rc == 0 && cli_bool(v, "controllers"))
        rc = start_animation(&animation, c, url, log, err);
    if (rc == 0) {
        printf("devcloud: cluster ready at %s; KUBECONFIG=%s/admin.kubeconfig\n", url, dir);
        fflush(stdout);
        wait_for_end(c, signals);
    }
    end_animation(&animation);
    cluster_server_stop(server);
    return rc;
}

static int run(const struct cli_values *v, const sigset_t *signals, struct error **err)
{
    struct log_fd_sink sink;
    enum log_level level;
    cleanup_http_client struct http_client *http = NULL;
    cleanup_cluster struct cluster *c = NULL;
    if (!log_level_parse(cli_str(v, "loglevel"), &level))
        return error_set(err, ERR_INVALID, "unknown --loglevel '%s'", cli_str(v, "loglevel"));
    log_fd_sink_init(&sink, STDERR_FILENO, level, LOG_TEXT, clock_system());
    struct log log = log_root(&sink.base);
    struct http_client_config client = { .clock = clock_system(),
                                         .env = env_process(),
                                         .log = &log };
    if (http_client_new(&client, &http, err) < 0)
        return -1;
    struct cluster_config cfg = { .minor = (int)cli_int(v, "kube-minor"),
                                  .service_accounts = cli_bool(v, "controllers"),
                                  .owner_enforcement = true,
                                  .bookmark_ms = cli_int(v, "bookmarks"),
                                  .http = http,
                                  .clock = clock_system(),
                                  .rng = rng_system(),
                                  .log = &log };
    if (cluster_new(&cfg, &c, err) < 0)
        return -1;
    return serve(c, v, &log, signals, err);
}

int command_cluster(int argc, char **argv)
{
    cleanup_error struct error *err = NULL;
    cleanup_cli struct cli_values *v = NULL;
    enum cli_outcome outcome;
    sigset_t signals;
    if (cli_parse(&cli, argc, argv, env_process(), stdout, &outcome, &v, &err) < 0) {
        (void)complain(err);
        cli_usage(&cli, stderr);
        return 2;
    }
    if (outcome == CLI_EXIT_OK)
        return 0;
    if (!cli_str(v, "dir") || cli_args_len(v)) {
        cli_usage(&cli, stderr);
        return 2;
    }
    (void)mallopt(M_ARENA_MAX, 4); /* NOLINT(concurrency-mt-unsafe): no other thread runs yet */
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGUSR1);
    (void)pthread_sigmask(SIG_BLOCK, &signals, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
    return run(v, &signals, &err) < 0 ? complain(err) : 0;
}
