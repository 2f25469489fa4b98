#include "hack/devcloud/azure/sim.h"

#include <stdarg.h>
#include <string.h>

#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/crypt/crypt.h"
#include "pkg/net/url.h"

#define BODY_MAX ((size_t)4 << 20)
#define CERT_LIFE_NS (INT64_C(30) * 86400 * NS_PER_S)

/* Whom this server plays; the certificate covers them. */
static const char *const hosts[] = {
    "localhost",
    "login.microsoftonline.com",
    "login.microsoftonline.us",
    "management.azure.com",
    "management.usgovcloudapi.net",
    "graph.microsoft.com",
    "graph.microsoft.us",
    "gcs.prod.monitoring.core.windows.net",
    "gcs.monitoring.core.usgovcloudapi.net",
    "arosvc.azurecr.io",
    NULL,
};

/* ---- answers ---- */

const char *sim_host(const struct sim_call *c)
{
    const char *host = http_call_header(c->http, "Host");
    return host ? host : "";
}

/* REGION:YYYYMMDDTHHMMSSZ:UUID */
static void add_routing_id(struct sim_call *c, const char *id)
{
    char when[TIME_TEXT_MAX];
    time_rfc3339(clock_wall_ns(c->sim->cfg.clock), when);
    size_t out = 0;
    for (size_t i = 0; when[i]; i++)
        if (when[i] != '-' && when[i] != ':')
            when[out++] = when[i];
    when[out] = '\0';
    cleanup_free char *text =
        xasprintf("%s:%s:%s", json_path_str(c->sim->state, "location"), when, id);
    http_call_set_header(c->http, "x-ms-routing-request-id", text);
}

static const char *counter_of(const char *method)
{
    if (strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0)
        return "x-ms-ratelimit-remaining-subscription-reads";
    return strcmp(method, "DELETE") == 0 ? "x-ms-ratelimit-remaining-subscription-deletes"
                                         : "x-ms-ratelimit-remaining-subscription-writes";
}

static void add_arm_headers(struct sim_call *c)
{
    char id[UUID_LEN + 1];
    rng_uuid(c->sim->cfg.rng, id);
    const char *correlation = http_call_header(c->http, "x-ms-correlation-request-id");
    http_call_set_header(c->http, "x-ms-request-id", id);
    http_call_set_header(c->http, "x-ms-correlation-request-id", correlation ? correlation : id);
    add_routing_id(c, id);
    http_call_set_header(c->http, "Cache-Control", "no-cache");
    http_call_set_header(c->http, "Strict-Transport-Security",
                         "max-age=31536000; includeSubDomains");
    http_call_set_header(c->http, "X-Content-Type-Options", "nosniff");
    http_call_set_header(c->http, counter_of(c->method), "199");
    const char *client_id = http_call_header(c->http, "x-ms-client-request-id");
    const char *wanted = http_call_header(c->http, "x-ms-return-client-request-id");
    if (client_id && str_eq_nocase(wanted, "true"))
        http_call_set_header(c->http, "x-ms-client-request-id", client_id);
}

void sim_reply(struct sim_call *c, int status, const json *body)
{
    add_arm_headers(c);
    cleanup_free char *text = body ? json_give_text(body) : xstrdup("");
    http_call_reply(c->http, status, "application/json; charset=utf-8", text);
}

void sim_reply_error(struct sim_call *c, int status, const char *code, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    cleanup_free char *message = xvasprintf(fmt, ap);
    va_end(ap);
    cleanup_json json *body = json_make("{'error':{'code':%s,'message':%s}}", code, message);
    sim_reply(c, status, body);
}

/* ---- routing ---- */

static bool is_arm_path(const char *path)
{
    return pattern_matches("/subscriptions/*", path);
}

/* YYYY-MM-DD, with a suffix or without: clients of every age are welcome. */
static bool is_version(const char *text)
{
    static const char form[] = "dddd-dd-dd";
    size_t i = 0;
    while (form[i] && (form[i] == 'd' ? text[i] >= '0' && text[i] <= '9' : text[i] == '-'))
        i++;
    return !form[i] && (!text[i] || strcmp(text + i, "-preview") == 0);
}

static bool is_in_subscription(struct sim_call *c)
{
    const char *name = c->path + strlen("/subscriptions/");
    cleanup_free char *asked = xstrndup(name, strcspn(name, "/"));
    if (str_eq_nocase(asked, json_path_str(c->sim->state, "subscription")))
        return true;
    sim_reply_error(c, 404, "SubscriptionNotFound", "The subscription '%s' could not be found.",
                    asked);
    return false;
}

static void serve_arm(struct sim_call *c)
{
    operations_advance(c->sim);
    c->caller = directory_authenticate(c);
    if (!c->caller)
        return;
    c->api_version = query_give(http_call_query(c->http), "api-version");
    if (!c->api_version || !*c->api_version)
        sim_reply_error(c, 400, "MissingApiVersionParameter",
                        "The api-version query parameter (?api-version=) is required for all "
                        "requests.");
    else if (!is_version(c->api_version))
        sim_reply_error(c, 400, "InvalidApiVersionParameter", "The api-version '%s' is invalid.",
                        c->api_version);
    else if (!is_in_subscription(c))
        return;
    else if (!operation_serve(c) && !permissions_serve(c) && !network_serve(c))
        sim_reply_error(c, 404, "InvalidResourceType",
                        "The resource type of %s could not be found.", c->path);
}

/* Hosts without an interface of their own only prove that they can be reached. */
static void serve(struct sim_call *c)
{
    if (control_serve(c) || directory_serve(c))
        return;
    if (is_arm_path(c->path))
        serve_arm(c);
    else
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
    return str_starts(path, "/_devcloud/") || (type && pattern_matches("*json*", type));
}

static int read_body(struct http_call *http, const char *path, json **ret)
{
    size_t len;
    const char *text = http_call_body(http, &len);
    *ret = NULL;
    return len == 0 || !is_json_expected(http, path) ? 0 : json_parse(text, len, ret, NULL);
}

static int handle(struct http_call *http, const struct opctx *ctx, void *arg, struct error **err)
{
    struct azure_sim *sim = arg;
    cleanup_free char *host = give_host(http);
    cleanup_free char *path = give_path(http_call_path(http));
    int64_t delay_ms;
    pthread_mutex_lock(&sim->mu);
    bool answered = control_apply_fault(sim, http, host, path, &delay_ms);
    pthread_mutex_unlock(&sim->mu);
    if (delay_ms > 0 && opctx_sleep_ms(ctx, delay_ms, err) < 0)
        return -1;

    struct sim_call c = {
        .sim = sim, .http = http, .method = http_call_method(http), .host = host, .path = path
    };
    pthread_mutex_lock(&sim->mu);
    if (!answered && read_body(http, path, &c.body) < 0)
        sim_reply_error(&c, 400, "InvalidRequestContent",
                        "The request content was invalid and could not be deserialized.");
    else if (!answered)
        serve(&c);
    control_record(sim, http, host, path);
    json_free(c.body);
    free(c.api_version);
    pthread_mutex_unlock(&sim->mu);
    return 0;
}

static const struct http_route routes[] = {
    { NULL, NULL, handle, false },
};

/* ---- life ---- */

static int make_certificate(struct azure_sim *a, char **ret_cert, struct secret **ret_key,
                            struct error **err)
{
    static const char *const ips[] = { "127.0.0.1", NULL };
    int64_t now = clock_wall_ns(a->cfg.clock);
    struct x509_request ca = { .common_name = "devcloud azure authority",
                               .is_ca = true,
                               .not_before_wall_ns = now - 3600 * NS_PER_S,
                               .not_after_wall_ns = now + CERT_LIFE_NS };
    cleanup_secret struct secret *ca_key = NULL;
    if (x509_make(&ca, &a->ca_pem, &ca_key, err) < 0)
        return -1;
    struct x509_request leaf = { .common_name = "devcloud azure",
                                 .dns_names = hosts,
                                 .ip_addresses = ips,
                                 .is_server = true,
                                 .not_before_wall_ns = ca.not_before_wall_ns,
                                 .not_after_wall_ns = ca.not_after_wall_ns,
                                 .issuer_cert_pem = a->ca_pem,
                                 .issuer_key_pem = ca_key };
    return x509_make(&leaf, ret_cert, ret_key, err);
}

int azure_sim_start(const struct azure_sim_config *cfg, struct azure_sim **ret, struct error **err)
{
    struct azure_sim *a = xnew(struct azure_sim);
    a->cfg = *cfg;
    pthread_mutex_init(&a->mu, NULL);
    a->state = cfg->state ? cfg->state : azure_sim_give_default_state();
    a->requests = json_new_array();
    a->faults = json_new_array();
    a->operations = json_new_object();
    cleanup_free char *cert = NULL;
    cleanup_secret struct secret *key = NULL;
    struct http_server_config http = { .name = "azure",
                                       .bind_address =
                                           cfg->bind_address ? cfg->bind_address : "127.0.0.1",
                                       .port = cfg->port,
                                       .routes = routes,
                                       .routes_len = ARRAY_LEN(routes),
                                       .arg = a,
                                       .workers = 4,
                                       .max_body_bytes = BODY_MAX,
                                       .clock = cfg->clock,
                                       .rng = cfg->rng,
                                       .log = cfg->log };
    int rcode = azure_state_check(a->state, err);
    if (rcode == 0)
        rcode = make_certificate(a, &cert, &key, err);
    http.cert_pem = cert;
    http.key_pem = key;
    if (rcode < 0 || http_server_start(&http, &a->http, err) < 0) {
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
    json_free(a->state);
    json_free(a->requests);
    json_free(a->faults);
    json_free(a->operations);
    free(a->ca_pem);
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
