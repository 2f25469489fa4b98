/* faultproxy - stands before an API server and breaks connections and requests on demand (control.h). */
#include <signal.h>
#include <string.h>

#include "pkg/base/cli.h"
#include "pkg/base/encoding.h"
#include "pkg/base/file.h"
#include "pkg/base/mem.h"
#include "pkg/crypt/crypt.h"
#include "pkg/kube/config.h"
#include "pkg/net/connect_to.h"
#include "pkg/net/url.h"
#include "test/harness/faultproxy/control.h"

#define CERT_LIFE_NS (INT64_C(30) * 86400 * NS_PER_S)

static const struct cli_option options[] = {
    { "kubeconfig", CLI_STR, NULL, "KUBECONFIG", false, "FILE",
      "The cluster to stand before; its server must be an IPv4 address.", 0, 0 },
    { "dir", CLI_STR, NULL, NULL, false, "DIR",
      "Where kubeconfig (without user) and control (a URL) are written (mandatory).", 0, 0 },
    { "port", CLI_INT, "0", NULL, false, "PORT", "The port on 127.0.0.1; 0 = a free one.", 0,
      65535 },
    { "control-port", CLI_INT, "0", NULL, false, "PORT", "Of the control interface.", 0, 65535 },
};
static const struct cli cli = {
    .prog = "faultproxy",
    .usage = "[options] --dir DIR",
    .summary = "Passes connections to an API server on, byte by byte, or ends TLS and passes "
               "requests on, with the faults that it is told over its control interface.",
    .options = options,
    .options_len = ARRAY_LEN(options),
};

struct proxy {
    struct kube_config *config;
    struct http_client *http;
    struct http_peer *peer;
    struct rules *rules;
    struct forward *forward;
    struct tunnel *tunnel;
    struct control *control;
    char *upstream, *ip, *ca_pem, *cert_pem;
    uint16_t port;
    struct secret *key_pem;
};

/* An authority of its own, and a certificate for the names that the server is called by. */
static int make_certificate(struct proxy *p, struct error **err)
{
    const char *ips[] = { "127.0.0.1", p->ip, NULL };
    const char *names[] = { "localhost", p->config->server_name, NULL };
    int64_t now = clock_wall_ns(clock_system());
    struct x509_request ca = { .common_name = "faultproxy authority",
                               .is_ca = true,
                               .not_before_wall_ns = now - 3600 * NS_PER_S,
                               .not_after_wall_ns = now + CERT_LIFE_NS };
    cleanup_secret struct secret *ca_key = NULL;
    if (x509_make(&ca, &p->ca_pem, &ca_key, err) < 0)
        return -1;
    struct x509_request leaf = { .common_name = "faultproxy",
                                 .dns_names = names,
                                 .ip_addresses = ips,
                                 .is_server = true,
                                 .not_before_wall_ns = ca.not_before_wall_ns,
                                 .not_after_wall_ns = ca.not_after_wall_ns,
                                 .issuer_cert_pem = p->ca_pem,
                                 .issuer_key_pem = ca_key };
    return x509_make(&leaf, &p->cert_pem, &p->key_pem, err);
}

static int find_upstream(struct proxy *p, const struct cli_values *v, struct error **err)
{
    struct kube_config_options load = { .path = cli_str(v, "kubeconfig"), .env = env_process() };
    cleanup_url struct url url = { 0 };
    if (kube_config_load(&load, &p->config, err) < 0 || url_parse(p->config->server, &url, err) < 0)
        return error_wrap(err, "finding the cluster");
    uint16_t ignored = 0;
    if (!address_parse(url.host, &p->ip, &ignored))
        return error_set(err, ERR_INVALID, "the server %s is no address", url.host);
    p->upstream = xstrdup(p->config->server);
    p->port = url.port;
    return 0;
}

static int start(struct proxy *p, const struct cli_values *v, struct error **err)
{
    struct http_client_config http = { .clock = clock_system(), .env = env_process() };
    if (find_upstream(p, v, err) < 0 || make_certificate(p, err) < 0 ||
        http_client_new(&http, &p->http, err) < 0)
        return -1;
    struct http_peer_config peer = { .ca_pem = p->config->ca_pem,
                                     .server_name = p->config->server_name,
                                     .proxy_url = "" };
    if (http_peer_new(p->http, &peer, &p->peer, err) < 0)
        return -1;
    p->rules = rules_new();
    struct forward_config forward = { .upstream = p->upstream,
                                      .transport = http_peer_transport(p->peer),
                                      .rules = p->rules,
                                      .cert_pem = p->cert_pem,
                                      .key_pem = p->key_pem,
                                      .clock = clock_system(),
                                      .rng = rng_system() };
    if (forward_start(&forward, &p->forward, err) < 0)
        return -1;
    struct tunnel_config tunnel = { .port = (uint16_t)cli_int(v, "port"),
                                    .upstream_ip = p->ip,
                                    .upstream_port = p->port,
                                    .http_port = forward_port(p->forward) };
    if (tunnel_start(&tunnel, &p->tunnel, err) < 0)
        return -1;
    struct control_config control = { .port = (uint16_t)cli_int(v, "control-port"),
                                      .tunnel = p->tunnel,
                                      .forward = p->forward,
                                      .rules = p->rules,
                                      .clock = clock_system(),
                                      .rng = rng_system() };
    return control_start(&control, &p->control, err);
}

static int write_file(const char *dir, const char *name, const char *text, struct error **err)
{
    cleanup_free char *path = path_give_joined(dir, name);
    return file_write_atomic(path, text, strlen(text), 0600, err);
}

/* Both authorities are trusted, as both ends may answer. control comes last: who waits for it finds the other, too. */
static int announce(const struct proxy *p, const char *dir, struct error **err)
{
    cleanup_free char *server = xasprintf("https://127.0.0.1:%u", tunnel_port(p->tunnel));
    cleanup_free char *pem =
        xasprintf("%s%s", p->config->ca_pem ? p->config->ca_pem : "", p->ca_pem);
    cleanup_free char *ca = base64_give(pem, strlen(pem));
    cleanup_json json *config =
        json_make("{'apiVersion':'v1','kind':'Config','current-context':'proxy',"
                  "'clusters':[{'name':'proxy','cluster':{'server':%s,"
                  "'certificate-authority-data':%s}}],'users':[],"
                  "'contexts':[{'name':'proxy','context':{'cluster':'proxy','user':''}}]}",
                  server, ca);
    if (p->config->server_name)
        (void)json_set_str(config, "clusters[0].cluster.tls-server-name", p->config->server_name,
                           NULL);
    cleanup_free char *text = json_give_text(config);
    cleanup_free char *control = xasprintf("http://127.0.0.1:%u\n", control_port(p->control));
    if (write_file(dir, "kubeconfig", text, err) < 0)
        return -1;
    return write_file(dir, "control", control, err);
}

static void stop_all(struct proxy *p)
{
    control_stop(p->control);
    tunnel_stop(p->tunnel);
    forward_stop(p->forward);
    rules_free(p->rules);
    http_peer_unref(p->peer);
    http_client_free(p->http);
    kube_config_free(p->config);
    secret_unref(p->key_pem);
    free(p->upstream);
    free(p->ip);
    free(p->ca_pem);
    free(p->cert_pem);
}

int main(int argc, char **argv)
{
    cleanup_error struct error *err = NULL;
    cleanup_cli struct cli_values *v = NULL;
    enum cli_outcome outcome;
    if (cli_parse(&cli, argc, argv, env_process(), stdout, &outcome, &v, &err) < 0 ||
        (outcome == CLI_RUN && !cli_str(v, "dir"))) {
        fprintf(stderr, "faultproxy: %s\n", err ? error_text(err) : "--dir is missing");
        cli_usage(&cli, stderr);
        return 2;
    }
    if (outcome == CLI_EXIT_OK)
        return 0;
    sigset_t set;
    int sig;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
    struct proxy p = { 0 };
    int rcode = start(&p, v, &err);
    if (rcode == 0)
        rcode = announce(&p, cli_str(v, "dir"), &err);
    if (rcode == 0)
        (void)sigwait(&set, &sig);
    else
        fprintf(stderr, "faultproxy: %s\n", error_text(err));
    stop_all(&p);
    return rcode < 0;
}
