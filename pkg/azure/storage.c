#include "pkg/azure/storage.h"

#include <string.h>

#include "pkg/azure/api_versions.h"
#include "pkg/azure/retry.h"
#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

#define BLOBS_VERSION "2020-04-08"
#define TOKEN_SCOPE "https://storage.azure.com/.default"
#define ERROR_MAX ((size_t)64 << 10) /* XML of a few lines */

/* ---- signatures ---- */

json *storage_give_sas_parameters(const struct storage_sas *want)
{
    char start[TIME_TEXT_MAX], expiry[TIME_TEXT_MAX];
    time_rfc3339(want->start_wall_ns, start);
    time_rfc3339(want->expiry_wall_ns, expiry);
    return json_make("{'signedServices':'b','signedResourceTypes':%s,'signedPermission':%s,"
                     "'signedProtocol':'https','signedStart':%s,'signedExpiry':%s}",
                     want->resource_types, want->permissions, start, expiry);
}

int storage_sign(struct arm *a, const struct opctx *ctx, const char *account_id,
                 const struct storage_sas *want, struct secret **ret, struct error **err)
{
    cleanup_free char *path = xasprintf("%s/ListAccountSas", account_id);
    cleanup_json json *body = storage_give_sas_parameters(want);
    const struct arm_call call = { .method = "POST",
                                   .path = path,
                                   .api_version = API_VERSION_STORAGE,
                                   .body = body,
                                   .only_asks = true };
    cleanup_json_wiped json *answer = NULL;
    const char *token;
    if (arm_send(a, ctx, &call, &answer, err) < 0)
        return -1;
    if (json_need_str(answer, "accountSasToken", &token, err) < 0)
        return error_wrap(err, "%s", path);
    token += *token == '?';
    *ret = secret_new(token, strlen(token));
    return 0;
}

/* ---- the client ---- */

struct blobs {
    struct blobs_config cfg;
    char *account;
};

struct blobs *blobs_new(const struct blobs_config *cfg)
{
    struct blobs *b = xnew(struct blobs);
    b->cfg = *cfg;
    b->account = xstrdup(cfg->account);
    b->cfg.sas = cfg->sas ? secret_ref(cfg->sas) : NULL;
    return b;
}

void blobs_free(struct blobs *b)
{
    if (!b)
        return;
    secret_unref(b->cfg.sas);
    free(b->account);
    free(b);
}

/* ---- one exchange ---- */

struct blob_call {
    const char *method, *container, *name; /* name NULL: the container itself */
    const void *data;                      /* NULL: none */
    size_t len, max;                       /* max: of the answer */
    const char *content_type;
};

/* "https://ACCOUNT.blob.HOST/CONTAINER/NAME": what errors may show. */
static char *give_address(const struct blobs *b, const struct blob_call *c)
{
    cleanup_free char *name = c->name ? percent_give_keeping(c->name, "/") : NULL;
    return xasprintf("https://%s.blob.%s/%s%s%s", b->account, b->cfg.cloud->storage, c->container,
                     name ? "/" : "", name ? name : "");
}

static char *give_url(const struct blobs *b, const struct blob_call *c, const char *address)
{
    const char *query = c->name ? "" : "?restype=container";
    if (!b->cfg.sas)
        return xasprintf("%s%s", address, query);
    return xasprintf("%s%s%s%s", address, query, *query ? "&" : "?",
                     secret_reveal(b->cfg.sas, NULL));
}

static int add_token(struct blobs *b, const struct opctx *ctx, bool fresh, struct http_headers *h,
                     struct error **err)
{
    if (b->cfg.sas)
        return 0;
    cleanup_secret struct secret *token = NULL;
    char date[TIME_TEXT_MAX];
    if (azure_token_get(b->cfg.tokens, ctx, TOKEN_SCOPE, fresh, &token, err) < 0)
        return -1;
    time_http(clock_wall_ns(b->cfg.clock), date);
    http_headers_set_bearer(h, token);
    http_headers_set(h, "x-ms-date", date);
    return 0;
}

static void add_headers(const struct blobs *b, const struct blob_call *c, struct http_headers *h)
{
    char id[UUID_LEN + 1];
    rng_uuid(b->cfg.rng, id);
    http_headers_set(h, "x-ms-version", BLOBS_VERSION);
    http_headers_set(h, "x-ms-client-request-id", id);
    http_headers_set(h, "User-Agent", b->cfg.user_agent);
    if (!c->data)
        return;
    http_headers_set(h, "x-ms-blob-type", "BlockBlob");
    http_headers_set(h, "Content-Type", c->content_type);
}

/* Any status is success. */
static int exchange_once(struct blobs *b, const struct opctx *ctx, const struct blob_call *c,
                         const char *address, bool fresh_token, struct http_response *ret,
                         struct error **err)
{
    cleanup_secret_text char *url = give_url(b, c, address);
    cleanup_request struct http_request req = {
        .method = c->method,
        .url = url,
        .body = c->data,
        .body_len = c->len,
        .max_body = c->max > ERROR_MAX ? c->max : ERROR_MAX,
    };
    const struct azure_retry retry = {
        .transport = b->cfg.transport,
        .clock = b->cfg.clock,
        .idempotent = true,
    };
    if (add_token(b, ctx, fresh_token, &req.headers, err) < 0)
        return -1;
    add_headers(b, c, &req.headers);
    return azure_send_retrying(&retry, ctx, &req, ret, err);
}

static int exchange(struct blobs *b, const struct opctx *ctx, const struct blob_call *c,
                    const char *address, struct http_response *ret, struct error **err)
{
    if (exchange_once(b, ctx, c, address, false, ret, err) < 0)
        return -1;
    if (ret->status != 401 || b->cfg.sas)
        return 0;
    http_response_release(ret);
    *ret = (struct http_response){ 0 };
    return exchange_once(b, ctx, c, address, true, ret, err);
}

/* ---- errors ---- */

/* "AuthorizationFailure"; from <Code> where the header is missing. The caller's, NULL: none. */
static char *give_element(const struct http_response *r, const char *open, const char *close)
{
    const char *begin = strstr(buf_str(&r->body), open);
    const char *end = begin ? strstr(begin, close) : NULL;
    if (!end)
        return NULL;
    begin += strlen(open);
    return xstrndup(begin, (size_t)(end - begin));
}

static bool is_absent(const struct http_response *r, const char *code)
{
    static const char *const codes[] = { "BlobNotFound", "ContainerNotFound", "ResourceNotFound",
                                         "CannotVerifyCopySource" };
    for (size_t i = 0; i < ARRAY_LEN(codes); i++)
        if (str_eq(code, codes[i]))
            return true;
    return r->status == 404;
}

static int fail(const struct blobs *b, const struct http_response *r, struct error **err)
{
    const char *header = http_headers_get(&r->headers, "x-ms-error-code");
    cleanup_free char *code = header ? xstrdup(header) : give_element(r, "<Code>", "</Code>");
    cleanup_free char *message = give_element(r, "<Message>", "</Message>");
    enum err_kind kind = is_absent(r, code) ? ERR_NOT_FOUND : err_kind_from_http_status(r->status);
    if (code || message)
        error_set(err, kind, "%s%s%s", code ? code : "", code && message ? ": " : "",
                  message ? message : "");
    else
        error_set(err, kind, "the storage account answered %d", r->status);
    if (code)
        error_code(err, code);
    error_status(err, r->status);
    error_retry_after(err, http_retry_after_ms(&r->headers, clock_wall_ns(b->cfg.clock)));
    return -1;
}

/* An answer that is not 2xx is an error. */
static int send_call(struct blobs *b, const struct opctx *ctx, const struct blob_call *c,
                     struct http_response *ret, struct error **err)
{
    cleanup_free char *address = give_address(b, c);
    if (exchange(b, ctx, c, address, ret, err) < 0 ||
        ((ret->status < 200 || ret->status > 299) && fail(b, ret, err) < 0))
        return error_wrap(err, "%s %s", c->method, address);
    return 0;
}

/* ---- calls ---- */

int blobs_put(struct blobs *b, const struct opctx *ctx, const char *container, const char *name,
              const void *data, size_t len, const char *content_type, struct error **err)
{
    const struct blob_call call = {
        .method = "PUT",
        .container = container,
        .name = name,
        .data = data,
        .len = len,
        .content_type = content_type ? content_type : "application/octet-stream",
    };
    cleanup_response struct http_response r = { 0 };
    return send_call(b, ctx, &call, &r, err);
}

int blobs_get(struct blobs *b, const struct opctx *ctx, const char *container, const char *name,
              size_t max, char **ret, size_t *ret_len, struct error **err)
{
    const struct blob_call call = {
        .method = "GET", .container = container, .name = name, .max = max
    };
    cleanup_response struct http_response r = { 0 };
    if (send_call(b, ctx, &call, &r, err) < 0)
        return -1;
    if (r.body.len > max)
        return error_set(err, ERR_TOO_LARGE, "the blob %s/%s is longer than %zu bytes", container,
                         name, max);
    *ret_len = r.body.len;
    *ret = xmemdup(buf_str(&r.body), r.body.len);
    return 0;
}

int blobs_exists(struct blobs *b, const struct opctx *ctx, const char *container, const char *name,
                 bool *ret, struct error **err)
{
    const struct blob_call call = { .method = "HEAD", .container = container, .name = name };
    cleanup_response struct http_response r = { 0 };
    struct error *e = NULL;
    int rcode = send_call(b, ctx, &call, &r, &e);
    if (rcode < 0 && !error_is(e, ERR_NOT_FOUND))
        return error_move(err, &e);
    error_free(e);
    *ret = rcode == 0;
    return 0;
}

static int remove_one(struct blobs *b, const struct opctx *ctx, const char *container,
                      const char *name, struct error **err)
{
    const struct blob_call call = { .method = "DELETE", .container = container, .name = name };
    cleanup_response struct http_response r = { 0 };
    struct error *e = NULL;
    if (send_call(b, ctx, &call, &r, &e) < 0 && !error_is(e, ERR_NOT_FOUND) &&
        !str_eq(error_get_code(e), "ContainerBeingDeleted"))
        return error_move(err, &e);
    error_free(e);
    return 0;
}

int blobs_delete(struct blobs *b, const struct opctx *ctx, const char *container, const char *name,
                 struct error **err)
{
    return remove_one(b, ctx, container, name, err);
}

int blobs_delete_container(struct blobs *b, const struct opctx *ctx, const char *container,
                           struct error **err)
{
    return remove_one(b, ctx, container, NULL, err);
}
