#include "hack/devcloud/azure/forward.h"

#include <string.h>

#include "hack/devcloud/azure/arm_id.h"
#include "pkg/base/encoding.h"
#include "pkg/base/log.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/net/http_client.h"
#include "pkg/net/url.h"

#define TIMEOUT_MS 60000

struct forward {
    char *url, *outer, *body; /* the provider's; as the client asked; NULL: none */
    char *origin, *ca_pem;    /* of the provider; NULL: its certificate is not checked */
    struct http_headers headers;
    bool about_subscription; /* nobody waits for the reply */
};

static void forward_free(struct forward *f)
{
    free(f->url);
    free(f->outer);
    free(f->body);
    free(f->origin);
    free(f->ca_pem);
    http_headers_release(&f->headers);
    free(f);
}

static char *give_origin(const char *url)
{
    size_t len = strlen(url);
    while (len > 0 && url[len - 1] == '/')
        len--;
    return xstrndup(url, len);
}

/* NULL: the state names no provider. */
static struct forward *give_forward(struct sim_call *c, const char *path, const char *query)
{
    const char *url = json_path_str(c->sim->state, "rp.url");
    if (!url)
        return NULL;
    struct forward *f = xnew(struct forward);
    f->origin = give_origin(url);
    f->ca_pem = xstrdup(json_path_str(c->sim->state, "rp.ca"));
    f->url = xasprintf("%s%s%s%s", f->origin, path, query ? "?" : "", query ? query : "");
    f->outer =
        xasprintf("https://%s%s%s%s", sim_host(c), path, query ? "?" : "", query ? query : "");
    return f;
}

/* ---- the subscription ---- */

void forward_tell_subscription(struct sim_call *c)
{
    const char *state = provider_registration(c->sim, RP_NAMESPACE);
    bool on = str_eq(state, "Registering");
    const char *subscription = json_path_str(c->sim->state, "subscription");
    cleanup_free char *path = xasprintf("/subscriptions/%s", subscription);
    if ((!on && !str_eq(state, "Unregistering")) || c->forward || !c->http)
        return;
    c->forward = give_forward(c, path, "api-version=2.0");
    if (!c->forward)
        return;
    cleanup_json json *body =
        json_make("{'state':%s,'registrationDate':'Mon, 01 Jan 2024 00:00:00 GMT','properties':{"
                  "'tenantId':%s,'locationPlacementId':'Public_2014-09-01','quotaId':"
                  "'PayAsYouGo_2014-09-01','registeredFeatures':%j}}",
                  on ? "Registered" : "Unregistered", json_path_str(c->sim->state, "tenant"),
                  provider_give_features(c->sim, RP_NAMESPACE));
    c->forward->body = json_give_text(body);
    c->forward->about_subscription = true;
    http_headers_set(&c->forward->headers, "Content-Type", "application/json");
    http_headers_set(&c->forward->headers, "Referer", c->forward->outer);
}

static void subscription_told(struct sim_call *c, int status)
{
    const char *state = provider_registration(c->sim, RP_NAMESPACE);
    if (status / 100 == 2)
        provider_set_registration(c->sim, RP_NAMESPACE,
                                  str_eq(state, "Registering") ? "Registered" : "Unregistered");
}

/* ---- requests ---- */

static bool is_forwarded(const struct arm_id *at)
{
    return str_eq_nocase(at->provider, RP_NAMESPACE) && !str_eq_nocase(at->type, at->provider) &&
           !(at->names.len == 0 && str_ends_nocase(at->type, "register"));
}

/* The body as it came, or as a template made it. Owned; NULL: none. */
static char *give_body(const struct sim_call *c)
{
    size_t len;
    const char *text = c->http ? http_call_body(c->http, &len) : NULL;
    if (text)
        return len > 0 ? xstrndup(text, len) : NULL;
    return c->body ? json_give_text(c->body) : NULL;
}

void forward_prepare(struct sim_call *c)
{
    cleanup_free char *version = xasprintf("api-version=%s", c->api_version);
    cleanup_free char *path = percent_give_keeping(c->path, "/");
    c->forward =
        give_forward(c, c->http ? http_call_path(c->http) : path, c->http ? sim_query(c) : version);
    if (!c->forward) {
        sim_reply_error(c, 502, "BadGateway",
                        "No resource provider is known for " RP_NAMESPACE
                        ": set its address in the state, {\"rp\":{\"url\":URL}}.");
        return;
    }
    c->forward->body = give_body(c);
    forward_add_headers(c, c->forward->outer, &c->forward->headers);
}

bool forward_serve(struct sim_call *c)
{
    cleanup_arm_id struct arm_id at = { 0 };
    if (!arm_id_init(c->path, &at) || !is_forwarded(&at))
        return false;
    if (sim_is(c, "PUT") && !provider_is_registered(c, RP_NAMESPACE))
        return true;
    if (c->http)
        forward_prepare(c);
    else
        forward_ask_inside(c);
    return true;
}

/* ---- replies ---- */

/* Links to the provider lead through ARM. Owned by the caller. */
static char *give_link(const struct sim_call *c, const struct forward *f, const char *link)
{
    size_t len = strlen(f->origin);
    if (!str_starts(link, f->origin) || link[len] != '/')
        return xstrdup(link);
    return xasprintf("https://%s%s", sim_host(c), link + len);
}

static void pass_headers(struct sim_call *c, const struct forward *f,
                         const struct http_headers *headers)
{
    static const char *const links[] = { "Azure-AsyncOperation", "Location" };
    static const char *const others[] = { "Retry-After", "x-ms-request-id", "ETag" };
    for (size_t i = 0; i < ARRAY_LEN(links); i++) {
        const char *value = http_headers_get(headers, links[i]);
        cleanup_free char *link = value ? give_link(c, f, value) : NULL;
        if (link)
            sim_set_header(c, links[i], link);
    }
    for (size_t i = 0; i < ARRAY_LEN(others); i++)
        if (http_headers_get(headers, others[i]))
            sim_set_header(c, others[i], http_headers_get(headers, others[i]));
}

static void pass_reply(struct sim_call *c, const struct forward *f, const struct http_response *r)
{
    cleanup_json json *body = NULL;
    const char *text = buf_str(&r->body);
    const char *type = http_headers_get(&r->headers, "Content-Type");
    bool tree = json_parse(text, r->body.len, &body, NULL) == 0 && json_is_object(body);
    const struct forward_reply reply = {
        .status = r->status,
        .headers = &r->headers,
        .body = tree ? body : NULL,
        .system_data = http_headers_get(&f->headers, "x-ms-arm-resource-system-data"),
    };
    forward_remember(c, &reply);
    const char *next = tree ? json_path_str(body, "nextLink") : NULL;
    cleanup_free char *link = next ? give_link(c, f, next) : NULL;
    cleanup_free char *rewritten = NULL;
    if (link && !str_eq(link, next)) {
        json_put(body, "nextLink", json_new_str(link));
        rewritten = json_give_text(body);
    }
    sim_reply_text(c, r->status, type ? type : "application/json", rewritten ? rewritten : text);
    pass_headers(c, f, &r->headers);
}

static int ask(struct sim_call *c, const struct opctx *ctx, struct forward *f,
               struct http_response *ret, struct error **err)
{
    struct http_peer_config peer_cfg = { .ca_pem = f->ca_pem,
                                         .insecure = !f->ca_pem && str_starts(f->url, "https:"),
                                         .client_cert_pem = c->sim->arm_cert_pem,
                                         .client_key_pem = c->sim->arm_key_pem,
                                         .disable_http2 = true };
    cleanup_http_peer struct http_peer *peer = NULL;
    struct http_request req = { .method = f->about_subscription ? "PUT" : c->method,
                                .url = f->url,
                                .headers = f->headers,
                                .body = f->body,
                                .body_len = f->body ? strlen(f->body) : 0,
                                .timeout_ms = TIMEOUT_MS,
                                .ignore_proxy = true };
    if (http_peer_share(c->sim->client, &peer_cfg, &peer, err) < 0)
        return -1;
    return http_send(http_peer_transport(peer), ctx, &req, ret, err);
}

void forward_run(struct sim_call *c, const struct opctx *ctx)
{
    struct forward *f = take(c->forward);
    cleanup_response struct http_response resp = { 0 };
    cleanup_error struct error *err = NULL;
    int rcode = ask(c, ctx, f, &resp, &err);
    pthread_mutex_lock(&c->sim->mu);
    if (rcode == 0 && f->about_subscription)
        subscription_told(c, resp.status);
    else if (rcode == 0)
        pass_reply(c, f, &resp);
    else if (!f->about_subscription)
        sim_reply_error(c, 502, "BadGateway", "The resource provider at %s does not answer: %s",
                        f->origin, error_text(err));
    else
        log_warning(ctx->log, "the resource provider at %s was not told of the subscription: %s",
                    f->origin, error_text(err));
    pthread_mutex_unlock(&c->sim->mu);
    forward_free(f);
}
