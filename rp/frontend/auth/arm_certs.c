#include "rp/frontend/auth/arm_certs.h"

#include <string.h>

#include "pkg/base/bytes.h"
#include "pkg/base/encoding.h"
#include "pkg/base/json.h"
#include "pkg/base/log.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/base/thread.h"

#define PATH "/metadata/authentication?api-version=2015-01-01"
#define METADATA_MAX ((size_t)1 << 20)
#define CERTS_MAX 1000
#define FETCH_TIMEOUT_MS 30000
#define RETRY_MAX_MS (INT64_C(5) * 60 * 1000)

struct cert {
    struct bytes *der;
    int64_t not_before_ns, not_after_ns; /* wall time */
};

struct cert_set {
    struct cert *v;
    size_t len;
};

struct arm_certs {
    struct authorizer base;
    struct arm_certs_config cfg;
    char *url;
    struct stop *stop;
    pthread_t thread;
    pthread_mutex_t mu;
    /* Under mu. */
    struct cert_set certs;
    int64_t fetched_ns; /* mono; -1 never */
};

static const struct {
    const char *cloud, *endpoint;
} endpoints[] = {
    { "AzurePublicCloud", "https://admin.management.azure.com" },
    { "AzureUSGovernmentCloud", "https://admin.management.usgovcloudapi.net" },
};

char *arm_certs_give_url(const struct rp_env *env, const char *arm_url)
{
    const char *own = rp_env_text(env, ENV_ARM_METADATA_URL);
    if (own) {
        size_t len = strlen(own);
        return xasprintf("%.*s%s", (int)(len && own[len - 1] == '/' ? len - 1 : len), own, PATH);
    }
    for (size_t i = 0; i < ARRAY_LEN(endpoints); i++)
        if (str_eq_nocase(endpoints[i].cloud, rp_env_text(env, ENV_AZURE_ENVIRONMENT)))
            return xasprintf("%s%s", endpoints[i].endpoint, PATH);
    size_t len = arm_url ? strlen(arm_url) : 0;
    return xasprintf("%.*s:24582%s", (int)(len && arm_url[len - 1] == '/' ? len - 1 : len),
                     arm_url ? arm_url : "", PATH);
}

/* ---- sets ---- */

static void set_release(struct cert_set *s)
{
    for (size_t i = 0; i < s->len; i++)
        bytes_unref(s->v[i].der);
    free(s->v);
    *s = (struct cert_set){ 0 };
}

static bool is_valid(const struct cert *c, int64_t now_ns)
{
    return c->not_before_ns <= now_ns && now_ns <= c->not_after_ns;
}

static bool has_valid(const struct cert_set *s, int64_t now_ns)
{
    for (size_t i = 0; i < s->len; i++)
        if (is_valid(&s->v[i], now_ns))
            return true;
    return false;
}

static int parse_cert(const json *item, struct cert *ret, struct error **err)
{
    const char *text, *from, *to;
    char *der;
    size_t len;
    if (json_need_str(item, "certificate", &text, err) < 0 ||
        json_need_str(item, "notBefore", &from, err) < 0 ||
        json_need_str(item, "notAfter", &to, err) < 0)
        return -1;
    if (!time_parse_rfc3339(from, &ret->not_before_ns) ||
        !time_parse_rfc3339(to, &ret->not_after_ns))
        return error_set(err, ERR_INVALID, "notBefore or notAfter is no time");
    if (base64_parse(text, strlen(text), &der, &len, err) < 0)
        return -1;
    ret->der = bytes_new(der, len);
    free(der);
    return 0;
}

static int parse_set(const char *text, size_t len, int64_t now_ns, struct cert_set *ret,
                     struct error **err)
{
    cleanup_json json *doc = NULL;
    struct cert_set set = { 0 };
    if (json_parse_object(text, len, &doc, err) < 0)
        return -1;
    const json *list = json_get(doc, "clientCertificates");
    size_t n = json_len(list);
    if (!json_is_array(list) || n > CERTS_MAX)
        return error_set(err, ERR_INVALID, "clientCertificates: missing or not a list");
    set.v = xcalloc(n + 1, sizeof(*set.v));
    for (size_t i = 0; i < n; i++) {
        if (parse_cert(json_at(list, i), &set.v[set.len], err) < 0) {
            set_release(&set);
            return error_wrap(err, "clientCertificates[%zu]", i);
        }
        set.len++;
    }
    if (!has_valid(&set, now_ns)) {
        set_release(&set);
        return error_set(err, ERR_INVALID, "none of the certificates is valid now");
    }
    *ret = set;
    return 0;
}

/* ---- fetching ---- */

static int check_reply(const struct http_response *resp, struct error **err)
{
    const char *type = http_headers_get(&resp->headers, "Content-Type");
    cleanup_free char *media = xstrndup(type ? type : "", strcspn(type ? type : "", "; "));
    if (resp->status != 200)
        return error_set(err, ERR_UNAVAILABLE, "status %d", resp->status);
    if (!str_eq_nocase(media, "application/json"))
        return error_set(err, ERR_UNSUPPORTED, "media type '%s'", media);
    return 0;
}

static int fetch(struct arm_certs *a, const struct opctx *ctx, struct error **err)
{
    cleanup_response struct http_response resp = { 0 };
    struct http_request req = {
        .method = "GET", .url = a->url, .max_body = METADATA_MAX, .timeout_ms = FETCH_TIMEOUT_MS
    };
    int64_t now_ns = clock_wall_ns(a->cfg.clock);
    struct cert_set set;

    if (http_send(a->cfg.transport, ctx, &req, &resp, err) < 0 || check_reply(&resp, err) < 0 ||
        parse_set(buf_str(&resp.body), resp.body.len, now_ns, &set, err) < 0)
        return error_wrap(err, "fetching ARM's client certificates from %s", a->url);
    pthread_mutex_lock(&a->mu);
    struct cert_set old = a->certs;
    a->certs = set;
    a->fetched_ns = clock_mono_ns(a->cfg.clock);
    pthread_mutex_unlock(&a->mu);
    set_release(&old);
    return 0;
}

static void run(void *arg)
{
    struct arm_certs *a = arg;
    const struct arm_certs_config *cfg = &a->cfg;
    struct opctx ctx = opctx_root(cfg->clock, cfg->rng, a->stop, cfg->log);
    int64_t pause_ms = rp_env_ms(cfg->env, INTERVAL_ARM_CERTS_RETRY);

    while (opctx_check(&ctx, NULL) == 0) {
        cleanup_error struct error *err = NULL;
        int64_t wait_ms = rp_env_ms(cfg->env, INTERVAL_ARM_CERTS_POLL);
        if (fetch(a, &ctx, &err) == 0) {
            pause_ms = rp_env_ms(cfg->env, INTERVAL_ARM_CERTS_RETRY);
        } else if (!error_is(err, ERR_CANCELLED)) {
            log_error(cfg->log, "%s", error_text(err));
            wait_ms = pause_ms < wait_ms ? pause_ms : wait_ms;
            pause_ms = 2 * pause_ms < RETRY_MAX_MS ? 2 * pause_ms : RETRY_MAX_MS;
        }
        (void)opctx_sleep_ms(&ctx, wait_ms, NULL);
    }
}

/* ---- the authorizer ---- */

static int check(struct authorizer *base, const struct opctx *ctx, struct http_call *call,
                 struct error **err)
{
    struct arm_certs *a = container_of(base, struct arm_certs, base);
    size_t len;
    const void *leaf = http_call_client_cert(call, &len);
    int64_t now_ns = clock_wall_ns(a->cfg.clock);
    bool found = false;

    (void)ctx;
    if (!leaf)
        return error_set(err, ERR_FORBIDDEN, "no client certificate");
    pthread_mutex_lock(&a->mu);
    for (size_t i = 0; i < a->certs.len && !found; i++) {
        const struct cert *c = &a->certs.v[i];
        found = c->der->len == len && memcmp(c->der->data, leaf, len) == 0 && is_valid(c, now_ns);
    }
    pthread_mutex_unlock(&a->mu);
    return found ? 0 : error_set(err, ERR_FORBIDDEN, "the client certificate is not one of ARM's");
}

static bool is_ready(struct authorizer *base, const struct opctx *ctx)
{
    struct arm_certs *a = container_of(base, struct arm_certs, base);
    int64_t age_max_ns = rp_env_ms(a->cfg.env, INTERVAL_ARM_CERTS_AGE) * NS_PER_MS;

    (void)ctx;
    pthread_mutex_lock(&a->mu);
    bool ready = a->fetched_ns >= 0 && clock_mono_ns(a->cfg.clock) - a->fetched_ns < age_max_ns &&
                 has_valid(&a->certs, clock_wall_ns(a->cfg.clock));
    pthread_mutex_unlock(&a->mu);
    return ready;
}

static void free_certs(struct authorizer *base)
{
    struct arm_certs *a = container_of(base, struct arm_certs, base);
    stop_request(a->stop);
    pthread_join(a->thread, NULL);
    stop_unref(a->stop);
    set_release(&a->certs);
    pthread_mutex_destroy(&a->mu);
    free(a->url);
    free(a);
}

int arm_certs_new(const struct arm_certs_config *cfg, struct authorizer **ret, struct error **err)
{
    struct arm_certs *a = xnew(struct arm_certs);
    a->base = (struct authorizer){ check, is_ready, free_certs };
    a->cfg = *cfg;
    a->url = arm_certs_give_url(cfg->env, cfg->arm_url);
    a->stop = stop_new(NULL);
    a->fetched_ns = -1;
    mutex_init(&a->mu);
    if (thread_start(&a->thread, "arm-certs", run, a, err) < 0) {
        stop_unref(a->stop);
        pthread_mutex_destroy(&a->mu);
        free(a->url);
        free(a);
        return -1;
    }
    *ret = &a->base;
    return 0;
}
