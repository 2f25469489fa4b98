/*
 * Tokens of Azure AD, v2 endpoint, client credentials flow. Callers that need the same token wait for the one fetch
 * instead of starting their own; other scopes are not held up.
 */
#include <string.h>

#include "pkg/azure/azure.h"
#include "pkg/azure/retry.h"
#include "pkg/base/buf.h"
#include "pkg/base/encoding.h"
#include "pkg/base/file.h"
#include "pkg/base/flight.h"
#include "pkg/base/map.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/base/thread.h"
#include "pkg/crypt/crypt.h"

#define EXPIRY_MARGIN_NS (INT64_C(300) * NS_PER_S)
#define ASSERTION_LIFE_S 600
#define TOKEN_FILE_MAX ((size_t)64 << 10)
#define FORM_MAX ((size_t)256 << 10)

/* Of one scope; stays while the source lives: scopes are few. */
struct cached_token {
    struct flight flight;
    struct secret *token; /* NULL: none */
    int64_t expires_wall_ns;
    struct error *failure; /* of the last fetch; NULL: it succeeded */
    bool gave_up;          /* the last fetch ended with its caller's context */
};

struct azure_tokens {
    struct azure_tokens_config cfg;
    pthread_mutex_t mu;
    struct map *by_scope; /* struct cached_token; with what they hold guarded by mu */
};

static void cached_token_free(void *p)
{
    struct cached_token *t = p;
    secret_unref(t->token);
    error_free(t->failure);
    free(t);
}

struct azure_tokens *azure_tokens_new(const struct azure_tokens_config *cfg)
{
    struct azure_tokens *t = xnew(struct azure_tokens);
    t->cfg = *cfg;
    mutex_init(&t->mu);
    t->by_scope = map_new(cached_token_free);
    return t;
}

void azure_tokens_free(struct azure_tokens *t)
{
    if (!t)
        return;
    map_free(t->by_scope);
    pthread_mutex_destroy(&t->mu);
    free(t);
}

/* ---- the request ---- */

static void add_field(struct buf *form, const char *name, const char *value)
{
    cleanup_free char *escaped = percent_give(value);
    buf_addf(form, "%s%s=", form->len ? "&" : "", name);
    buf_adds(form, escaped);
    secret_wipe(escaped, strlen(escaped));
}

static void add_assertion(struct buf *form, const char *assertion)
{
    add_field(form, "client_assertion_type",
              "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
    add_field(form, "client_assertion", assertion);
}

static int add_certificate(struct azure_tokens *t, const char *url, struct buf *form,
                           struct error **err)
{
    const struct azure_credential *c = t->cfg.credential;
    char id[UUID_LEN + 1];
    rng_uuid(t->cfg.rng, id);
    int64_t now_s = clock_wall_ns(t->cfg.clock) / NS_PER_S;
    cleanup_json json *claims =
        json_make("{'aud':%s,'iss':%s,'sub':%s,'jti':%s,'nbf':%ld,'exp':%ld}", url, c->client_id,
                  c->client_id, id, now_s, now_s + ASSERTION_LIFE_S);
    cleanup_free char *text = json_give_text(claims);
    struct jwt_assertion a = { c->certificate_pem, c->key_pem, true, c->send_chain, text };
    cleanup_free char *jwt = NULL;
    if (jwt_give_assertion(&a, &jwt, err) < 0)
        return -1;
    add_assertion(form, jwt);
    return 0;
}

static int add_federated(const struct azure_credential *c, struct buf *form, struct error **err)
{
    cleanup_free char *text = NULL;
    size_t len;
    if (file_read(c->federated_token_file, TOKEN_FILE_MAX, &text, &len, err) < 0)
        return error_wrap(err, "reading the federated token");
    cleanup_free char *token = str_give_trimmed(text);
    add_assertion(form, token);
    secret_wipe(text, len);
    secret_wipe(token, strlen(token));
    return 0;
}

static int add_proof(struct azure_tokens *t, const char *url, struct buf *form, struct error **err)
{
    const struct azure_credential *c = t->cfg.credential;
    switch (c->type) {
    case AZURE_CLIENT_SECRET:
        add_field(form, "client_secret", secret_reveal(c->client_secret, NULL));
        return 0;
    case AZURE_CLIENT_CERTIFICATE:
        return add_certificate(t, url, form, err);
    case AZURE_FEDERATED_TOKEN:
        return add_federated(c, form, err);
    }
    return error_set(err, ERR_INTERNAL, "unknown kind of Azure credential");
}

/* ---- the reply ---- */

static int fail(const struct http_response *response, const json *body, struct error **err)
{
    const char *description = json_path_str(body, "error_description");
    const char *code = json_path_str(body, "error");
    if (description)
        error_set(err, err_kind_from_http_status(response->status), "%s", description);
    else
        error_set(err, err_kind_from_http_status(response->status), "Azure AD answered %d%s%s",
                  response->status, code ? " " : "", code ? code : "");
    error_status(err, response->status);
    /* The number behind AADSTS is what callers tell failures apart by. */
    const char *at = description ? strstr(description, "AADSTS") : NULL;
    if (at) {
        cleanup_free char *number =
            xstrndup(at, strlen("AADSTS") + strspn(at + strlen("AADSTS"), "0123456789"));
        error_code(err, number);
    }
    return -1;
}

static int read_reply(struct azure_tokens *t, const struct http_response *response,
                      struct secret **ret, int64_t *ret_expires_wall_ns, struct error **err)
{
    cleanup_json json *body = NULL;
    bool readable =
        json_parse_object(buf_str(&response->body), response->body.len, &body, NULL) == 0;
    if (response->status != 200)
        return fail(response, body, err);
    const char *token = json_path_str(body, "access_token");
    if (!readable || !token)
        return error_set(err, ERR_INTERNAL, "Azure AD answered 200 without an access token");
    int64_t lifetime_s = 0;
    const char *text =
        json_path_str(body, "expires_in"); /* the v1 endpoint writes numbers as text */
    long long number;
    if (text && str_to_int(text, 0, INT32_MAX, &number))
        lifetime_s = number;
    else
        lifetime_s = json_path_int(body, "expires_in", 0);
    if (lifetime_s < 0 || lifetime_s > INT32_MAX)
        return error_set(err, ERR_INTERNAL, "Azure AD's token has no sensible lifetime");
    *ret = secret_new(token, strlen(token));
    *ret_expires_wall_ns = clock_wall_ns(t->cfg.clock) + lifetime_s * NS_PER_S;
    return 0;
}

static int fetch(struct azure_tokens *t, const struct opctx *ctx, const char *scope,
                 struct secret **ret, int64_t *ret_expires_wall_ns, struct error **err)
{
    const struct azure_credential *c = t->cfg.credential;
    cleanup_free char *url = xasprintf("%s%s/oauth2/v2.0/token", t->cfg.cloud->aad, c->tenant_id);
    struct buf form = BUF_INIT(FORM_MAX);
    buf_reserve(&form, 4096); /* growing would leave copies of the secret behind */
    add_field(&form, "grant_type", "client_credentials");
    add_field(&form, "client_id", c->client_id);
    add_field(&form, "scope", scope);
    int rcode = add_proof(t, url, &form, err);
    if (rcode == 0)
        rcode = buf_check(&form, err);
    cleanup_request struct http_request req = {
        .method = "POST", .url = url, .body = form.data, .body_len = form.len
    };
    http_headers_set(&req.headers, "Content-Type", "application/x-www-form-urlencoded");
    http_headers_set(&req.headers, "Accept", "application/json");
    cleanup_response struct http_response response = { 0 };
    struct azure_retry retry = { .transport = t->cfg.transport,
                                 .clock = t->cfg.clock,
                                 .idempotent = true };
    if (rcode == 0)
        rcode = azure_send_retrying(&retry, ctx, &req, &response, err);
    buf_secure(&form);
    if (rcode == 0)
        rcode = read_reply(t, &response, ret, ret_expires_wall_ns, err);
    secret_wipe(response.body.data, response.body.data ? response.body.len : 0);
    return rcode;
}

/* ---- one fetch for all ---- */

/* With the lock held. */
static struct cached_token *entry(struct azure_tokens *t, const char *scope)
{
    struct cached_token *c = map_get(t->by_scope, scope);
    if (!c) {
        c = xnew(struct cached_token);
        map_set(t->by_scope, scope, c);
    }
    return c;
}

static bool is_current(const struct azure_tokens *t, const struct cached_token *c)
{
    return c->token && c->expires_wall_ns - EXPIRY_MARGIN_NS > clock_wall_ns(t->cfg.clock);
}

/* In flight, with the lock held on entry and return: fetches for all who wait. */
static void lead(struct azure_tokens *t, const struct opctx *ctx, const char *scope,
                 struct cached_token *c)
{
    struct secret *token = NULL;
    struct error *e = NULL;
    int64_t expires_wall_ns = 0;
    pthread_mutex_unlock(&t->mu);
    int rcode = fetch(t, ctx, scope, &token, &expires_wall_ns, &e);
    pthread_mutex_lock(&t->mu);

    error_free(c->failure);
    c->failure = e;
    c->gave_up = rcode < 0 && opctx_check(ctx, NULL) < 0;
    if (rcode == 0) {
        secret_unref(c->token);
        c->token = token;
        c->expires_wall_ns = expires_wall_ns;
    }
    flight_end(&c->flight);
}

/* With the lock held on entry and return: c holds a token when 0. */
static int refresh(struct azure_tokens *t, const struct opctx *ctx, const char *scope,
                   struct cached_token *c, struct error **err)
{
    for (;;) {
        bool led = flight_begin(&c->flight);
        if (led)
            lead(t, ctx, scope, c);
        else if (flight_wait(&c->flight, &t->mu, ctx, err) < 0)
            return -1;
        /* Who gave up speaks for itself only: the next one takes over. */
        if (c->failure && (led || !c->gave_up)) {
            struct error *copy = error_give_copy(c->failure);
            return error_move(err, &copy);
        }
        if (!c->failure && c->token) /* even when it expires at once */
            return 0;
    }
}

int azure_token_get(struct azure_tokens *t, const struct opctx *ctx, const char *scope, bool fresh,
                    struct secret **ret, struct error **err)
{
    pthread_mutex_lock(&t->mu);
    struct cached_token *c = entry(t, scope);
    int rcode = fresh || !is_current(t, c) ? refresh(t, ctx, scope, c, err) : 0;
    if (rcode == 0)
        *ret = secret_ref(c->token);
    pthread_mutex_unlock(&t->mu);
    return rcode < 0 ? error_wrap(err, "getting a token for %s", scope) : 0;
}

void azure_token_drop(struct azure_tokens *t, const char *scope)
{
    pthread_mutex_lock(&t->mu);
    struct cached_token *c = map_get(t->by_scope, scope);
    if (c)
        secret_unref(take(c->token));
    pthread_mutex_unlock(&t->mu);
}

int azure_token_claims(const struct secret *token, json **ret, struct error **err)
{
    cleanup_free char *text = NULL;
    size_t len;
    if (jwt_give_payload(secret_reveal(token, NULL), &text, &len, err) < 0)
        return -1;
    return json_parse_object(text, len, ret, err);
}
