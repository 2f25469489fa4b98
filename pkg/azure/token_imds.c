/*
 * Tokens of a managed identity: the instance metadata service (IMDS) of the virtual machine gives them to whoever runs on it.
 * Source: Microsoft's "How to use managed identities for Azure resources on an Azure VM to acquire an access token", with
 * its advice on retries: 404 and 410 come while the service is being renewed, which may take 70 s.
 */
#include <string.h>

#include "pkg/azure/retry.h"
#include "pkg/azure/token_impl.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/net/url.h"

#define TOKEN_URL "http://169.254.169.254/metadata/identity/oauth2/token"
#define VERSION "2018-02-01"
#define SCOPE_SUFFIX "/.default"
#define URL_MAX ((size_t)4 << 10)
/* The pauses of so many tries are longer than those 70 s. */
#define TRIES 8
#define TRY_MS 5000

static const int renewing[] = { 404, 410, 0 };

/* IMDS wants the resource of the older endpoint. */
static char *give_resource(const char *scope)
{
    size_t len = strlen(scope);
    return str_ends(scope, SCOPE_SUFFIX) ? xstrndup(scope, len - strlen(SCOPE_SUFFIX))
                                         : xstrdup(scope);
}

static int give_url(const struct azure_credential *c, const char *scope, char **ret,
                    struct error **err)
{
    cleanup_free char *resource = give_resource(scope);
    cleanup_buf struct buf b = BUF_INIT(URL_MAX);
    buf_adds(&b, TOKEN_URL);
    url_add_query(&b, "api-version", VERSION);
    url_add_query(&b, "resource", resource);
    if (c->client_id) /* else the one identity that the machine has */
        url_add_query(&b, "client_id", c->client_id);
    return buf_take(&b, ret, err);
}

int token_fetch_imds(const struct azure_tokens_config *cfg, const struct opctx *ctx,
                     const char *scope, struct fetched_token *ret, struct error **err)
{
    cleanup_free char *url = NULL;
    if (give_url(cfg->credential, scope, &url, err) < 0)
        return -1;
    cleanup_request struct http_request req = { .method = "GET", .url = url, .ignore_proxy = true };
    http_headers_set(&req.headers, "Metadata", "true");
    http_headers_set(&req.headers, "Accept", "application/json");
    const struct azure_retry retry = { .transport = cfg->transport,
                                       .clock = cfg->clock,
                                       .idempotent = true,
                                       .also = renewing,
                                       .tries = TRIES,
                                       .try_ms = TRY_MS };
    cleanup_response struct http_response response = { 0 };
    int rcode = azure_send_retrying(&retry, ctx, &req, &response, err);
    if (rcode == 0)
        rcode = token_read(&response, "the instance metadata service", clock_wall_ns(cfg->clock),
                           ret, err);
    secret_wipe(response.body.data, response.body.data ? response.body.len : 0);
    return rcode;
}
