/* azuresim - the simulated Azure as a process of its own, for development and tests. */
#include <malloc.h>
#include <signal.h>
#include <string.h>

#include "hack/devcloud/azure/azure.h"
#include "hack/devcloud/boot/boot.h"
#include "pkg/base/cli.h"
#include "pkg/base/file.h"
#include "pkg/base/log.h"
#include "pkg/base/mem.h"

static const struct cli_option options[] = {
    { "dir", CLI_STR, NULL, NULL, false, "DIR",
      "Where ca.crt, connect-to and url are written once the server listens (mandatory).", 0, 0 },
    { "port", CLI_INT, "0", NULL, false, "PORT", "The port on 127.0.0.1; 0 = a free one.", 0,
      65535 },
    { "state", CLI_STR, NULL, NULL, false, "FILE",
      "The state to begin with (JSON). Default: the fixture cluster's.", 0, 0 },
    { "rp", CLI_STR, NULL, NULL, false, "URL",
      "The resource provider of Microsoft.RedHatOpenShift; ARM's requests for it go there.", 0, 0 },
    { "rp-ca", CLI_STR, NULL, NULL, false, "FILE",
      "What its certificate is checked against (PEM). Default: it is not checked.", 0, 0 },
    { "clusters-dir", CLI_STR, NULL, NULL, false, "DIR",
      "Private folder for what runs in clusters; virtual clusters come up from bootstrap machines. "
      "Default: machines are only machines.",
      0, 0 },
    { "bin", CLI_STR, "build/bin", NULL, false, "DIR",
      "Where the executables of this build are, for pods of clusters.", 0, 0 },
    { "loglevel", CLI_STR, "warning", NULL, false, "LEVEL", "error, warning, info, debug or trace.",
      0, 0 },
};
static const struct cli cli = {
    .prog = "azuresim",
    .usage = "[options] --dir DIR",
    .summary =
        "Simulates Azure on loopback: sign-in, resource groups, networks, ARM before the provider.",
    .options = options,
    .options_len = ARRAY_LEN(options),
    .epilog = "Clients reach it with SSL_CERT_FILE=DIR/ca.crt and ARO_CONNECT_TO=DIR/connect-to.\n",
};

static int load_state(const char *path, json **ret, struct error **err)
{
    cleanup_free char *text = NULL;
    size_t len;
    *ret = NULL;
    if (!path)
        return 0;
    if (file_read(path, (size_t)16 << 20, &text, &len, err) < 0 ||
        json_parse_object(text, len, ret, err) < 0)
        return error_wrap(err, "reading the state from %s", path);
    return 0;
}

/* The provider's address becomes a part of the state. */
static int name_provider(const struct cli_values *v, json **state, struct error **err)
{
    cleanup_free char *ca = NULL;
    const char *path = cli_str(v, "rp-ca");
    size_t len;
    if (!cli_str(v, "rp"))
        return 0;
    if (path && file_read(path, (size_t)1 << 20, &ca, &len, err) < 0)
        return error_wrap(err, "reading --rp-ca");
    if (!*state)
        *state = azure_sim_give_default_state();
    json_put(*state, "rp", json_make("{'url':%s}", cli_str(v, "rp")));
    if (ca)
        json_put(json_get(*state, "rp"), "ca", json_new_str(ca));
    return 0;
}

static int write_file(const char *dir, const char *name, const char *text, struct error **err)
{
    cleanup_free char *path = path_give_joined(dir, name);
    return file_write_atomic(path, text, strlen(text), 0644, err);
}

/* url comes last: who waits for it finds the others, too. */
static int announce(const struct azure_sim *sim, const char *dir, struct error **err)
{
    cleanup_free char *connect_to = azure_sim_give_connect_to(sim);
    cleanup_free char *url = xasprintf("https://127.0.0.1:%u\n", azure_sim_port(sim));
    if (write_file(dir, "ca.crt", azure_sim_ca_pem(sim), err) < 0 ||
        write_file(dir, "connect-to", connect_to, err) < 0)
        return -1;
    return write_file(dir, "url", url, err);
}

/* Serves until a signal, with clusters if they have a folder. */
static int serve(const struct cli_values *v, struct azure_sim *sim, const struct log *log,
                 const sigset_t *signals, struct error **err)
{
    const char *dir = cli_str(v, "dir");
    cleanup_free char *connect_to = xasprintf("ARO_CONNECT_TO=%s/connect-to", dir);
    cleanup_free char *ca = xasprintf("SSL_CERT_FILE=%s/ca.crt", dir);
    const char *const pod_env[] = { connect_to, ca, NULL };
    struct boot_config clusters = { .sim = sim,
                                    .dir = cli_str(v, "clusters-dir"),
                                    .bin_dir = cli_str(v, "bin"),
                                    .pod_env = pod_env,
                                    .clock = clock_system(),
                                    .rng = rng_system(),
                                    .env = env_process(),
                                    .log = log };
    struct boot *boot = NULL;
    int sig;
    if (clusters.dir && boot_start(&clusters, &boot, err) < 0)
        return -1;
    int rcode = announce(sim, dir, err);
    if (rcode == 0)
        (void)sigwait(signals, &sig);
    boot_stop(boot);
    return rcode;
}

static int run(const struct cli_values *v, const sigset_t *signals, struct error **err)
{
    struct log_fd_sink sink;
    enum log_level level;
    if (!log_level_parse(cli_str(v, "loglevel"), &level))
        return error_set(err, ERR_INVALID, "unknown --loglevel '%s'", cli_str(v, "loglevel"));
    log_fd_sink_init(&sink, STDERR_FILENO, level, LOG_TEXT, clock_system());
    struct log log = log_root(&sink.base);
    struct azure_sim_config cfg = {
        .port = (uint16_t)cli_int(v, "port"),
        .clock = clock_system(),
        .rng = rng_system(),
    };
    struct azure_sim *sim = NULL;
    if (load_state(cli_str(v, "state"), &cfg.state, err) < 0)
        return -1;
    if (name_provider(v, &cfg.state, err) < 0) {
        json_free(cfg.state);
        return -1;
    }
    if (azure_sim_start(&cfg, &sim, err) < 0)
        return -1;
    int rcode = serve(v, sim, &log, signals, err);
    azure_sim_stop(sim);
    return rcode;
}

int main(int argc, char **argv)
{
    cleanup_error struct error *err = NULL;
    cleanup_cli struct cli_values *v = NULL;
    enum cli_outcome outcome;
    if (cli_parse(&cli, argc, argv, env_process(), stdout, &outcome, &v, &err) < 0) {
        fprintf(stderr, "azuresim: %s\n", error_text(err));
        return 2;
    }
    if (outcome == CLI_EXIT_OK)
        return 0;
    if (!cli_str(v, "dir")) {
        fprintf(stderr, "azuresim: --dir is missing\n");
        cli_usage(&cli, stderr);
        return 2;
    }
    (void)mallopt(M_ARENA_MAX, 4); /* NOLINT(concurrency-mt-unsafe): no other thread runs yet */
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
    if (run(v, &set, &err) < 0) {
        fprintf(stderr, "azuresim: %s\n", error_text(err));
        return 1;
    }
    return 0;
}
