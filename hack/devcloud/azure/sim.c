#include "hack/devcloud/azure/sim.h"

#include <string.h>

#include "hack/devcloud/azure/blob.h"
#include "hack/devcloud/azure/documents.h"
#include "hack/devcloud/azure/fault.h"
#include "hack/devcloud/azure/forward.h"
#include "hack/devcloud/azure/jsonc.h"
#include "hack/devcloud/azure/machines.h"
#include "pkg/base/encoding.h"
#include "pkg/base/env.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/base/thread.h"
#include "pkg/crypt/crypt.h"
#include "pkg/net/http_client.h"

#define BODY_MAX BLOB_BYTES_MAX
/* A provider that is asked may ask back, and so may its own workers. */
#define WORKERS 32
/* How long "for ever" is: longer than any client waits. */
#define HANG_MS (INT64_C(600) * 1000)
#define CERT_LIFE_NS (INT64_C(30) * 86400 * NS_PER_S)

/* Whom this server plays; the certificate covers them. */
static const char *const hosts[] = {
    "localhost",
    "login.microsoftonline.com",
    "login.microsoftonline.us",
    "management.azure.com",
    "admin.management.azure.com",
    "management.usgovcloudapi.net",
    "admin.management.usgovcloudapi.net",
    "graph.microsoft.com",
    "graph.microsoft.us",
    "graph.windows.net",
    "*.documents.azure.com",
    "*.documents.azure.us",
    "*.blob.core.windows.net",
    "*.blob.core.usgovcloudapi.net",
    "*.vault.azure.net",
    "*.vault.usgovcloudapi.net",
    "gcs.prod.monitoring.core.windows.net",
    "gcs.monitoring.core.usgovcloudapi.net",
    "arosvc.azurecr.io",
    NULL,
};

/* ---- routing ---- */

/* Hosts without an interface of their own only prove that they can be reached. */
static void serve(struct sim_call *c)
{
    if (control_serve(c) || machine_identity_serve(c) || blob_serve(c) || documents_serve(c) ||
        directory_serve(c) || graph_serve(c) || vault_serve(c) || compute_log_serve(c) ||
        metadata_serve(c))
        return;
    if (!arm_serve(c))
        http_call_reply(c->http, strcmp(c->path, "/") == 0 ? 200 : 404, "text/plain", "");
}

static char *give_path(const char *raw)
{
    char *decoded = NULL;
    if (!percent_parse(raw, &decoded))
        decoded = xstrdup(raw);
    size_t out = 0;
    for (size_t i = 0; decoded[i];
         i++) /* official clients double slashes and leave trailing ones */
        if (decoded[i] != '/' || out == 0 || decoded[out - 1] != '/')
            decoded[out++] = decoded[i];
    if (out > 1 && decoded[out - 1] == '/')
        out--;
    decoded[out] = '\0';
    return decoded;
}

static char *give_host(struct http_call *http)
{
    const char *host = http_call_header(http, "Host");
    return host ? xstrndup(host, strcspn(host, ":")) : xstrdup("");
}

/* The simulator's own interface takes JSON of any type, as "curl -d" sends it. */
static bool is_json_expected(const struct http_call *http, const char *path)
{
    const char *type = http_call_header(http, "Content-Type");
    return str_starts(path, "/_devcloud/") || (type && str_matches_nocase("*json*", type));
}

static int read_body(struct http_call *http, const char *path, json **ret)
{
    size_t len;
    const char *text = http_call_body(http, &len);
    *ret = NULL;
    if (len == 0 || !is_json_expected(http, path) || json_parse(text, len, ret, NULL) == 0)
        return 0;
    cleanup_free char *strict =
        str_matches_nocase("*/deployments/*", path) ? jsonc_give_strict(text, len) : NULL;
    return strict ? json_parse(strict, strlen(strict), ret, NULL) : -1;
}

static int handle(struct http_call *http, const struct opctx *ctx, void *arg, struct error **err)
{
    struct azure_sim *sim = arg;
    cleanup_free char *host = give_host(http);
    cleanup_free char *path = give_path(http_call_path(http));
    cleanup_fault struct fault_run fault;
    pthread_mutex_lock(&sim->mu);
    fault_begin(sim, http_call_method(http), host, path, false, &fault);
    pthread_mutex_unlock(&sim->mu);
    int64_t delay_ms = fault_delay_ms(&fault);
    if (delay_ms != 0 && opctx_sleep_ms(ctx, delay_ms < 0 ? HANG_MS : delay_ms, err) < 0)
        return -1;

    bool answered = fault_answer(&fault, http);
    struct sim_call c = {
        .sim = sim, .http = http, .method = http_call_method(http), .host = host, .path = path
    };
    pthread_mutex_lock(&sim->mu);
    if (!answered && !blob_is_host(host) && read_body(http, path, &c.body) < 0)
        sim_reply_error(&c, 400, "InvalidRequestContent",
                        "The request content was invalid and could not be deserialized.");
    else if (!answered) {
        fault_enter(sim, &fault, c.method, path);
        serve(&c);
        fault_leave(sim, &fault, c.operation);
    }
    pthread_mutex_unlock(&sim->mu);
    if (c.forward)
        forward_run(&c, ctx);
    if (c.documents)
        documents_run(&c, ctx);
    forward_run_inside(sim, ctx);
    fault_finish(&fault, http);
    pthread_mutex_lock(&sim->mu);
    control_record(sim, http, host, path);
    json_free(c.body);
    free(c.api_version);
    free(c.caller_id);
    pthread_mutex_unlock(&sim->mu);
    return 0;
}

static const struct http_route routes[] = {
    { NULL, NULL, handle, false },
};

/* ---- life ---- */

/* The simulator does not depend on its own surroundings. */
static const char *get_nothing(const struct env *env, const char *name)
{
    (void)env;
    (void)name;
    return NULL;
}
static const struct env no_env = { get_nothing };

/* The server's certificate, and ARM's own for resource providers. */
static int make_certificates(struct azure_sim *a, char **ret_cert, struct secret **ret_key,
                             struct error **err)
{
    static const char *const ips[] = { "127.0.0.1", NULL };
    int64_t now = clock_wall_ns(a->cfg.clock);
    struct x509_request ca = { .common_name = "devcloud azure authority",
                               .is_ca = true,
                               .not_before_wall_ns = now - 3600 * NS_PER_S,
                               .not_after_wall_ns = now + CERT_LIFE_NS };
    if (x509_make(&ca, &a->ca_pem, &a->ca_key_pem, err) < 0)
        return -1;
    struct x509_request leaf = { .common_name = "devcloud azure",
                                 .dns_names = hosts,
                                 .ip_addresses = ips,
                                 .is_server = true,
                                 .not_before_wall_ns = ca.not_before_wall_ns,
                                 .not_after_wall_ns = ca.not_after_wall_ns,
                                 .issuer_cert_pem = a->ca_pem,
                                 .issuer_key_pem = a->ca_key_pem };
    struct x509_request arm = leaf;
    arm.common_name = "devcloud azure resource manager";
    arm.dns_names = arm.ip_addresses = NULL;
    arm.is_server = false;
    arm.is_client = true;
    if (x509_make(&leaf, ret_cert, ret_key, err) < 0)
        return -1;
    return x509_make(&arm, &a->arm_cert_pem, &a->arm_key_pem, err);
}

static int start(struct azure_sim *a, struct error **err)
{
    cleanup_free char *cert = NULL;
    cleanup_secret struct secret *key = NULL;
    struct http_client_config client = { .clock = clock_system(),
                                         .env = &no_env,
                                         .log = a->cfg.log };
    if (azure_state_check(a->state, err) < 0 || make_certificates(a, &cert, &key, err) < 0 ||
        http_client_new(&client, &a->client, err) < 0)
        return -1;
    struct http_server_config http = { .name = "azure",
                                       .bind_address =
                                           a->cfg.bind_address ? a->cfg.bind_address : "127.0.0.1",
                                       .port = a->cfg.port,
                                       .cert_pem = cert,
                                       .key_pem = key,
                                       .routes = routes,
                                       .routes_len = ARRAY_LEN(routes),
                                       .arg = a,
                                       .workers = WORKERS,
                                       .max_body_bytes = BODY_MAX,
                                       .clock = a->clock.real, /* a leap cuts no connection */
                                       .rng = a->cfg.rng,
                                       .log = a->cfg.log };
    return http_server_start(&http, &a->http, err);
}

int azure_sim_start(const struct azure_sim_config *cfg, struct azure_sim **ret, struct error **err)
{
    struct azure_sim *a = xnew(struct azure_sim);
    a->cfg = *cfg;
    sim_clock_init(&a->clock, cfg->clock);
    a->cfg.clock = &a->clock.base;
    mutex_init(&a->mu);
    a->state = cfg->state ? cfg->state : azure_sim_give_default_state();
    a->requests = json_new_array();
    a->faults = json_new_array();
    a->before = json_new_object();
    a->buckets = json_new_object();
    control_adopt_state(a);
    a->operations = json_new_object();
    a->asked = json_new_object();
    if (start(a, err) < 0) {
        azure_sim_stop(a);
        return error_wrap(err, "starting the simulated Azure");
    }
    *ret = a;
    return 0;
}

void azure_sim_stop(struct azure_sim *a)
{
    if (!a)
        return;
    if (a->http)
        http_server_stop(a->http, 500);
    machines_unwatch(a);
    http_client_free(a->client);
    json_free(a->state);
    json_free(a->requests);
    json_free(a->faults);
    json_free(a->before);
    json_free(a->buckets);
    json_free(a->operations);
    json_free(a->asked);
    free(a->ca_pem);
    free(a->arm_cert_pem);
    secret_unref(a->arm_key_pem);
    secret_unref(a->ca_key_pem);
    pthread_mutex_destroy(&a->mu);
    free(a);
}

uint16_t azure_sim_port(const struct azure_sim *a)
{
    return http_server_port(a->http);
}

const char *azure_sim_ca_pem(const struct azure_sim *a)
{
    return a->ca_pem;
}

char *azure_sim_give_connect_to(const struct azure_sim *a)
{
    struct buf b = BUF_INIT(BUF_UNBOUNDED);
    for (size_t i = 1; hosts[i]; i++)
        buf_addf(&b, "%s:443 127.0.0.1:%u\n", hosts[i], azure_sim_port(a));
    return buf_give(&b);
}
