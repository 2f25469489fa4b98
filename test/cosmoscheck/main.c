/*
 * cosmoscheck URL - the driver for Cosmos DB against a server that speaks its interface; COSMOS_KEY holds the account key.
 *
 * With COSMOS_ACCOUNT, the driver enters that account with tokens of the directory instead, as the application of
 * AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET; URL is then only where faults are asked for.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "pkg/azure/azure.h"
#include "pkg/base/env.h"
#include "pkg/base/mem.h"
#include "pkg/database/store_cosmos.h"
#include "pkg/net/http_client.h"
#include "test/cosmoscheck/check.h"

int expect(bool truth, const char *what, struct error **err)
{
    return truth ? 0 : error_set(err, ERR_INTERNAL, "not so: %s", what);
}

int expect_kind(int rcode, struct error **why, enum err_kind kind, const char *what,
                struct error **err)
{
    if (rcode < 0 && error_is(*why, kind)) {
        error_clear(why);
        return 0;
    }
    return error_set(err, ERR_INTERNAL, "%s: %s, not %s", what,
                     rcode < 0 ? error_text(*why) : "done", err_kind_name(kind));
}

json *check_tree(const char *quoted)
{
    cleanup_free char *text = xstrdup(quoted);
    for (char *p = text; *p; p++)
        if (*p == '\'')
            *p = '"';
    json *tree = NULL;
    (void)json_parse_object(text, strlen(text), &tree, NULL);
    return tree;
}

int break_writes(struct check *c, const char *kind, int times, struct error **err)
{
    cleanup_free char *url = xasprintf("%s/faults", c->url);
    cleanup_free char *body = xasprintf("{\"kind\":\"%s\",\"times\":%d}", kind, times);
    cleanup_request struct http_request req = {
        .method = "POST", .url = url, .body = body, .body_len = strlen(body), .timeout_ms = 30000
    };
    cleanup_response struct http_response res = { 0 };
    return http_send(c->transport, &c->ctx, &req, &res, err);
}

static void run(struct check *c, const struct check_case *cases, int *passed, int *failed)
{
    for (; cases->name; cases++) {
        cleanup_error struct error *err = NULL;
        bool good = cases->run(c, &err) == 0;
        *(good ? passed : failed) += 1;
        printf("  %s %s%s%s\n", good ? "ok    " : "FAILED", cases->name, good ? "" : ": ",
               good ? "" : error_text(err));
    }
}

/* Tokens for one account. */
struct account {
    struct cosmos_tokens base;
    struct azure_credential credential;
    struct azure_tokens *tokens;
    char *endpoint, *scope;
};

static int get_token(struct cosmos_tokens *base, const struct opctx *ctx, bool fresh,
                     struct secret **ret, struct error **err)
{
    struct account *a = container_of(base, struct account, base);
    return azure_token_get(a->tokens, ctx, a->scope, fresh, ret, err);
}

static void account_init(struct account *a, const char *name, struct http_transport *transport)
{
    const struct env *env = env_process();
    const char *secret = env_get_or(env, "AZURE_CLIENT_SECRET", "");
    *a = (struct account){
        .base.get = get_token,
        .credential = { .type = AZURE_CLIENT_SECRET,
                        .tenant_id = xstrdup(env_get_or(env, "AZURE_TENANT_ID", "")),
                        .client_id = xstrdup(env_get_or(env, "AZURE_CLIENT_ID", "")),
                        .client_secret = secret_new(secret, strlen(secret)) },
        .endpoint = xasprintf("https://%s.documents.azure.com", name),
        .scope = xasprintf("https://%s.documents.azure.com/.default", name),
    };
    const struct azure_tokens_config cfg = { transport, azure_cloud_find("AzurePublicCloud"),
                                             &a->credential, clock_system(), rng_system() };
    a->tokens = azure_tokens_new(&cfg);
}

static void account_release(struct account *a)
{
    azure_tokens_free(a->tokens);
    azure_credential_release(&a->credential);
    free(a->endpoint);
    free(a->scope);
}
#define cleanup_account CLEANUP_WITH(account_release)

static int check(struct check *c, const struct secret *key)
{
    const char *name = env_get(env_process(), "COSMOS_ACCOUNT");
    cleanup_account struct account account = { .tokens = NULL };
    if (name)
        account_init(&account, name, c->transport);
    const struct cosmos_config cfg = { .endpoint = name ? account.endpoint : c->url,
                                       .database = "ARO",
                                       .key = name ? NULL : key,
                                       .tokens = &account.base,
                                       .transport = c->transport };
    cleanup_error struct error *err = NULL;
    int passed = 0, failed = 0;
    if (store_open_cosmos(&cfg, &c->store, &err) < 0) {
        fprintf(stderr, "cosmoscheck: %s\n", error_text(err));
        return 1;
    }
    cleanup_database struct database *db = database_new(c->store, NULL);
    c->db = db;
    run(c, store_cases, &passed, &failed);
    run(c, document_cases, &passed, &failed);
    printf("%d passed, %d failed\n", passed, failed);
    return failed != 0;
}

int main(int argc, char **argv)
{
    const char *key_text = env_get(env_process(), "COSMOS_KEY");
    if (argc != 2 || !key_text) {
        fprintf(stderr, "usage: COSMOS_KEY=... cosmoscheck URL\n");
        return 2;
    }
    (void)signal(SIGPIPE, SIG_IGN);
    cleanup_secret struct secret *key = secret_new(key_text, strlen(key_text));
    const struct http_client_config client_cfg = { .clock = clock_system(), .env = env_process() };
    const struct http_peer_config peer_cfg = { .proxy_url = "" };
    cleanup_error struct error *err = NULL;
    cleanup_http_client struct http_client *client = NULL;
    cleanup_http_peer struct http_peer *peer = NULL;
    if (http_client_new(&client_cfg, &client, &err) < 0 ||
        http_peer_new(client, &peer_cfg, &peer, &err) < 0) {
        fprintf(stderr, "cosmoscheck: %s\n", error_text(err));
        return 1;
    }
    struct check c = { .url = argv[1],
                       .ctx = opctx_root(clock_system(), rng_system(), NULL, NULL),
                       .transport = http_peer_transport(peer) };
    return check(&c, key);
}
