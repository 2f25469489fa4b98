/* deploy-operator - puts the operator into a cluster as the resource provider does. */
#include <signal.h>
#include <string.h>

#include "hack/deploy-operator/defaults.h"
#include "pkg/base/cli.h"
#include "pkg/base/file.h"
#include "pkg/base/log.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/base/thread.h"
#include "pkg/net/http_client.h"

#define FILE_MAX (1 << 20)
#define POLL_MS 2000

static const struct cli_option options[] = {
    { "image", CLI_STR, NULL, "ARO_IMAGE", false, "IMAGE",
      "The operator's image. Default: this build's commit in the service's registry.", 0, 0 },
    { "kubeconfig", CLI_STR, NULL, NULL, false, "FILE",
      "The cluster. Default: $KUBECONFIG, ~/.kube/config.", 0, 0 },
    { "cluster-spec", CLI_STR, NULL, NULL, false, "FILE",
      "Spec of the Cluster resource, or the whole resource, in YAML or JSON. Default: an existing "
      "resource is left alone, a missing one is derived from the cluster.",
      0, 0 },
    { "pull-secret", CLI_STR, NULL, NULL, false, "FILE",
      "Pull secret that the operator keeps in the cluster. Default: $PULL_SECRET, else the one "
      "that "
      "is there.",
      0, 0 },
    { "wait", CLI_BOOL, "false", NULL, false, NULL, "Wait until both Deployments are rolled out.",
      0, 0 },
    { "timeout", CLI_DURATION_MS, "20m", NULL, false, "TIME", "How long everything may take.", 0,
      0 },
    { "loglevel", CLI_STR, "info", "ARO_LOG_LEVEL", true, "LEVEL",
      "error, warning, info, debug or trace.", 0, 0 },
};
static const struct cli cli = {
    .prog = "deploy-operator",
    .usage = "[options]",
    .summary =
        "Installs or updates the Azure Red Hat OpenShift operator in a cluster: definitions, "
        "roles, secrets, both Deployments and the Cluster resource.",
    .options = options,
    .options_len = ARRAY_LEN(options),
    .epilog =
        "Examples:\n"
        "  KUBECONFIG=admin.kubeconfig ARO_IMAGE=registry.example/aro:1a2b3c4 deploy-operator "
        "--wait\n"
        "  deploy-operator --kubeconfig admin.kubeconfig --cluster-spec cluster.yaml\n",
};

struct run {
    const struct cli_values *values;
    struct opctx ctx;
    struct http_client *http;
    struct kube_config *config;
    struct kube_client *kube;
    char *cluster_spec, *pull_secret; /* texts of files; may be NULL */
};

static int read_option(const struct cli_values *v, const char *name, char **ret, struct error **err)
{
    size_t len;
    const char *path = cli_str(v, name);
    if (!path)
        return 0;
    if (file_read(path, FILE_MAX, ret, &len, err) < 0)
        return error_wrap(err, "--%s", name);
    return 0;
}

static int connect_cluster(struct run *r, const struct log *log, struct error **err)
{
    const struct http_client_config http = { .clock = clock_system(),
                                             .env = env_process(),
                                             .log = log };
    const struct kube_config_options load = { .path = cli_str(r->values, "kubeconfig"),
                                              .env = env_process(),
                                              .log = log };
    const struct kube_client_options opt = { .user_agent = "deploy-operator",
                                             .request_timeout_ms = 60000,
                                             .clock = clock_system(),
                                             .rng = rng_system(),
                                             .env = env_process(),
                                             .log = log };
    if (kube_config_load(&load, &r->config, err) < 0)
        return error_wrap(err, "finding the cluster");
    if (http_client_new(&http, &r->http, err) < 0)
        return -1;
    return kube_client_new(r->http, r->config, &opt, &r->kube, err);
}

/* Prints a state of affairs only when it is another one than before. */
static void print_news(char **last, char *why)
{
    if (why && !str_eq(*last, why))
        printf("waiting: %s\n", why);
    fflush(stdout);
    free(*last);
    *last = why;
}

static int wait_ready(struct run *r, struct error **err)
{
    cleanup_free char *last = NULL;
    for (;;) {
        bool ready;
        char *why = NULL;
        if (deploy_is_ready(r->kube, &r->ctx, &ready, &why, err) < 0)
            return -1;
        if (ready)
            return 0;
        print_news(&last, why);
        if (opctx_sleep_ms(&r->ctx, POLL_MS, err) < 0)
            return error_wrap(err, "the operator is not ready");
    }
}

static int deploy(struct run *r, const struct defaults *d, struct error **err)
{
    cleanup_free char *version = deploy_give_version(d->image);
    bool install = d->cluster_spec != NULL;
    printf("%s the operator %s (%s) at %s\n", install ? "installing" : "updating", version,
           d->image, r->config->server);
    fflush(stdout);
    if ((install ? deploy_install(r->kube, &r->ctx, &d->options, err)
                 : deploy_update(r->kube, &r->ctx, &d->options, err)) < 0)
        return -1;
    printf("deployed: namespace openshift-azure-operator, Cluster resource %s\n",
           install ? "written" : "left alone");
    if (!cli_bool(r->values, "wait"))
        return 0;
    if (wait_ready(r, err) < 0)
        return -1;
    printf("ready: aro-operator-master and aro-operator-worker run %s\n", version);
    return 0;
}

static int run(struct run *r, const struct log *log, struct error **err)
{
    if (read_option(r->values, "cluster-spec", &r->cluster_spec, err) < 0 ||
        read_option(r->values, "pull-secret", &r->pull_secret, err) < 0 ||
        connect_cluster(r, log, err) < 0)
        return -1;
    const struct defaults_config cfg = { .image = cli_str(r->values, "image"),
                                         .cluster_spec_text = r->cluster_spec,
                                         .pull_secret_text = r->pull_secret,
                                         .env = env_process() };
    struct defaults d = { 0 };
    int rcode = defaults_find(r->kube, &r->ctx, &cfg, &d, err);
    if (rcode == 0)
        rcode = deploy(r, &d, err);
    defaults_release(&d);
    return rcode;
}

static void release(struct run *r)
{
    kube_client_free(r->kube);
    http_client_free(r->http);
    kube_config_free(r->config);
    free(r->cluster_spec);
    free(r->pull_secret);
}

static void complain(const struct error *e)
{
    fprintf(stderr, "deploy-operator: %s\n", error_text(e));
}

int main(int argc, char **argv)
{
    cleanup_error struct error *err = NULL;
    cleanup_cli struct cli_values *v = NULL;
    enum cli_outcome outcome;
    enum log_level level;
    if (cli_parse(&cli, argc, argv, env_process(), stdout, &outcome, &v, &err) == 0 &&
        outcome == CLI_EXIT_OK)
        return 0;
    if (!err && cli_args_len(v) > 0)
        error_set(&err, ERR_INVALID, "unknown argument '%s'", cli_arg(v, 0));
    if (!err && !log_level_parse(cli_str(v, "loglevel"), &level))
        error_set(&err, ERR_INVALID,
                  "invalid log level '%s': use error, warning, info, debug or trace",
                  cli_str(v, "loglevel"));
    if (err) {
        complain(err);
        cli_usage(&cli, stderr);
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    struct log_fd_sink sink;
    log_fd_sink_init(&sink, 2, level, LOG_TEXT, clock_system());
    struct log log = log_root(&sink.base);
    struct opctx root = opctx_root(clock_system(), rng_system(), NULL, &log);
    struct run r = { .values = v, .ctx = opctx_with_timeout_ms(&root, cli_int(v, "timeout")) };
    int rcode = run(&r, &log, &err);
    release(&r);
    if (rcode < 0) {
        complain(err);
        return 1;
    }
    return 0;
}
