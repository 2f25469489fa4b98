/* Tokens of Azure AD: v2 endpoint, client credentials flow. */
#include <string.h>

#include "pkg/azure/retry.h"
#include "pkg/azure/token_impl.h"
#include "pkg/base/buf.h"
#include "pkg/base/encoding.h"
#include "pkg/base/file.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/crypt/crypt.h"

#define ASSERTION_LIFE_S 600
#define TOKEN_FILE_MAX ((size_t)64 << 10)
#define FORM_MAX ((size_t)256 << 10)

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

static int add_certificate(const struct azure_tokens_config *cfg, const char *url, struct buf *form,
                           struct error **err)
{
    const struct azure_credential *c = cfg->credential;
    char id[UUID_LEN + 1];
    rng_uuid(cfg->rng, id);
    int64_t now_s = clock_wall_ns(cfg->clock) / NS_PER_S;
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

static int add_proof(const struct azure_tokens_config *cfg, const char *url, struct buf *form,
                     struct error **err)
{
    const struct azure_credential *c = cfg->credential;
    switch (c->type) {
    case AZURE_CLIENT_SECRET:
        add_field(form, "client_secret", secret_reveal(c->client_secret, NULL));
        return 0;
    case AZURE_CLIENT_CERTIFICATE:
        return add_certificate(cfg, url, form, err);
    case AZURE_FEDERATED_TOKEN:
        return add_federated(c, form, err);
    case AZURE_MANAGED_IDENTITY: /* has no proof of its own */
        break;
    }
    return error_set(err, ERR_INTERNAL, "unknown kind of Azure credential");
}

int token_fetch_aad(const struct azure_tokens_config *cfg, const struct opctx *ctx,
                    const char *scope, struct fetched_token *ret, struct error **err)
{
    const struct azure_credential *c = cfg->credential;
    cleanup_free char *url = xasprintf("%s%s/oauth2/v2.0/token", cfg->cloud->aad, c->tenant_id);
    struct buf form = BUF_INIT(FORM_MAX);
    buf_reserve(&form, 4096); /* growing would leave copies of the secret behind */
    add_field(&form, "grant_type", "client_credentials");
    add_field(&form, "client_id", c->client_id);
    add_field(&form, "scope", scope);
    int rcode = add_proof(cfg, url, &form, err);
    if (rcode == 0)
        rcode = buf_check(&form, err);
    cleanup_request struct http_request req = {
        .method = "POST", .url = url, .body = form.data, .body_len = form.len
    };
    http_headers_set(&req.headers, "Content-Type", "application/x-www-form-urlencoded");
    http_headers_set(&req.headers, "Accept", "application/json");
    cleanup_response struct http_response response = { 0 };
    struct azure_retry retry = { .transport = cfg->transport,
                                 .clock = cfg->clock,
                                 .idempotent = true };
    if (rcode == 0)
        rcode = azure_send_retrying(&retry, ctx, &req, &response, err);
    buf_secure(&form);
    if (rcode == 0)
        rcode = token_read(&response, "Azure AD", clock_wall_ns(cfg->clock), ret, err);
    secret_wipe(response.body.data, response.body.data ? response.body.len : 0);
    return rcode;
}
