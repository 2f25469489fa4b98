/*
 * The data plane of Cosmos DB accounts. A caller with a token of the directory needs a data role on the account, which
 * sqlRoleAssignments give; a caller with the account's key is judged by the server that keeps the documents (the state's
 * "cosmos"). Requests go on there, signed with its key, without the lock.
 */
#include "hack/devcloud/azure/documents.h"

#include <string.h>

#include "hack/devcloud/azure/directory.h"
#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/crypt/crypt.h"
#include "pkg/net/http_client.h"

#define TIMEOUT_MS 60000
#define AAD "type=aad&ver=1.0&sig="

struct documents {
    char *url, *body; /* body NULL: none */
    struct http_headers headers;
};

static void refuse(struct sim_call *c, int status, const char *code, const char *message)
{
    cleanup_json json *body = json_make("{'code':%s,'message':%s}", code, message);
    sim_reply(c, status, body);
}

/* ---- who calls ---- */

/* Whether some assignment on the account names the principal. */
static bool has_role(const struct sim_call *c, const char *principal)
{
    cleanup_free char *account = xstrndup(c->host, strcspn(c->host, "."));
    cleanup_free char *pattern = xasprintf("*/databaseAccounts/%s/sqlRoleAssignments/*", account);
    for (struct json_iter it = json_each(json_get(c->sim->state, "resources")); json_next(&it);)
        if (str_matches_nocase(pattern, it.key) && principal &&
            str_eq(json_path_str(it.value, "properties.principalId"), principal))
            return true;
    return false;
}

static bool may_enter(struct sim_call *c, const char *token)
{
    const json *application = directory_check_token(c, SERVICE_COSMOS, token);
    if (!application)
        return false;
    if (has_role(c, json_path_str(application, "objectId")))
        return true;
    refuse(c, 403, "Forbidden",
           "Request blocked by Auth: Request for the account is blocked because the principal does "
           "not have the required RBAC permissions to perform the action.");
    return false;
}

/* ---- what goes on ---- */

/* The path of an item, or of what holds a list. Owned by the caller. */
static char *give_link(const char *path, const char **ret_type, struct strv *parts)
{
    strv_split(parts, path, "/", false);
    bool is_item = parts->len % 2 == 0;
    *ret_type = parts->len ? parts->v[parts->len - (is_item ? 2 : 1)] : "";
    char *link = xstrdup(path + 1);
    if (!is_item)
        link[parts->len > 1 ? strrchr(link, '/') - link : 0] = '\0';
    return link;
}

/* The signature of an account key, as it is documented. Owned by the caller. */
static char *give_signature(const struct sim_call *c, const char *key_text)
{
    cleanup_free char *key = NULL, *verb = str_give_lower(c->method);
    cleanup_free char *date =
        str_give_lower(sim_header(c, "x-ms-date") ? sim_header(c, "x-ms-date") : "");
    cleanup_strv struct strv parts = STRV_INIT;
    const char *type;
    size_t len;
    unsigned char mac[SHA256_LEN];
    if (base64_parse(key_text, strlen(key_text), &key, &len, NULL) < 0)
        return xstrdup("");
    cleanup_free char *link = give_link(c->path, &type, &parts);
    cleanup_free char *text = xasprintf("%s\n%s\n%s\n%s\n\n", verb, type, link, date);
    hmac_sha256(key, len, text, strlen(text), mac);
    cleanup_free char *sig = base64_give(mac, sizeof(mac));
    cleanup_free char *value = xasprintf("type=master&ver=1.0&sig=%s", sig);
    return percent_give(value);
}

static bool goes_on(const char *header)
{
    static const char *const names[] = { "A-IM", "Accept", "Content-Type", "If-Match",
                                         "If-None-Match" };
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (str_eq_nocase(header, names[i]))
            return true;
    return str_matches_nocase("x-ms-*", header);
}

static void prepare(struct sim_call *c, const char *authorization)
{
    const char *endpoint = json_path_str(c->sim->state, "cosmos.endpoint");
    size_t len = strlen(endpoint), body_len;
    const char *body = http_call_body(c->http, &body_len);
    const struct http_headers *given = http_call_headers(c->http);
    struct documents *d = xnew(struct documents);
    d->url = xasprintf("%.*s%s", (int)(endpoint[len - 1] == '/' ? len - 1 : len), endpoint,
                       http_call_path(c->http));
    d->body = body_len ? xstrndup(body, body_len) : NULL;
    for (size_t i = 0; i < given->len; i++)
        if (goes_on(given->v[i].name))
            http_headers_add(&d->headers, given->v[i].name, given->v[i].value);
    http_headers_set(&d->headers, "Authorization", authorization);
    c->documents = d;
}

bool documents_serve(struct sim_call *c)
{
    if (!str_matches_nocase("*.documents.*", c->host))
        return false;
    const char *given = sim_header(c, "Authorization");
    const char *key = json_path_str(c->sim->state, "cosmos.key");
    cleanup_free char *plain = NULL;
    bool readable = given && percent_parse(given, &plain);
    if (!key || !json_path_str(c->sim->state, "cosmos.endpoint")) {
        refuse(c, 503, "ServiceUnavailable", "No server of documents is known here.");
    } else if (!readable) {
        refuse(c, 401, "Unauthorized", "Required Header authorization is missing.");
    } else if (!str_starts(plain, AAD)) {
        prepare(c, given);
    } else if (may_enter(c, plain + strlen(AAD))) {
        cleanup_free char *signature = give_signature(c, key);
        prepare(c, signature);
    }
    return true;
}

/* ---- the answer ---- */

static void pass_reply(struct sim_call *c, const struct http_response *r)
{
    const char *type = http_headers_get(&r->headers, "Content-Type");
    sim_reply_text(c, r->status, type ? type : "application/json", buf_str(&r->body));
    for (size_t i = 0; i < r->headers.len; i++)
        if (str_eq_nocase(r->headers.v[i].name, "ETag") ||
            str_matches_nocase("x-ms-*", r->headers.v[i].name))
            sim_set_header(c, r->headers.v[i].name, r->headers.v[i].value);
}

void documents_run(struct sim_call *c, const struct opctx *ctx)
{
    struct documents *d = take(c->documents);
    const struct http_peer_config peer_cfg = { .insecure = str_starts(d->url, "https:"),
                                               .disable_http2 = true };
    struct http_request req = { .method = c->method,
                                .url = d->url,
                                .headers = d->headers,
                                .body = d->body,
                                .body_len = d->body ? strlen(d->body) : 0,
                                .timeout_ms = TIMEOUT_MS,
                                .ignore_proxy = true };
    cleanup_response struct http_response r = { 0 };
    cleanup_http_peer struct http_peer *peer = NULL;
    cleanup_error struct error *err = NULL;
    int rcode = http_peer_share(c->sim->client, &peer_cfg, &peer, &err);
    if (rcode == 0)
        rcode = http_send(http_peer_transport(peer), ctx, &req, &r, &err);
    pthread_mutex_lock(&c->sim->mu);
    if (rcode == 0)
        pass_reply(c, &r);
    else
        refuse(c, 503, "ServiceUnavailable", error_text(err));
    pthread_mutex_unlock(&c->sim->mu);
    free(d->url);
    free(d->body);
    http_headers_release(&d->headers);
    free(d);
}
