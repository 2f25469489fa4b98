/*
 * azuritecheck - the storage client against Azurite and against the simulated Azure, and the same literal requests to both.
 *
 * REFERENCE_ACCOUNT and SIMULATED_ACCOUNT name the accounts, STORAGE_KEY is the key of both; ARO_CONNECT_TO and SSL_CERT_FILE
 * lead there (run.sh).
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "pkg/base/encoding.h"
#include "pkg/base/env.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/crypt/crypt.h"
#include "pkg/net/http_client.h"
#include "test/azuritecheck/check.h"

#define SAS_VERSION "2020-04-08"

char *check_give_sas(const struct check *c, const char *account, const char *permissions,
                     const char *types)
{
    char start[TIME_TEXT_MAX], expiry[TIME_TEXT_MAX];
    int64_t now_ns = clock_wall_ns(clock_system());
    time_rfc3339(now_ns - 600 * NS_PER_S, start);
    time_rfc3339(now_ns + 600 * NS_PER_S, expiry);
    cleanup_free char *text = xasprintf("%s\n%s\nb\n%s\n%s\n%s\n\nhttps\n" SAS_VERSION "\n",
                                        account, permissions, types, start, expiry);
    cleanup_free char *key = NULL;
    size_t len;
    unsigned char mac[SHA256_LEN];
    if (base64_parse(c->key, strlen(c->key), &key, &len, NULL) < 0)
        return xstrdup("");
    hmac_sha256(key, len, text, strlen(text), mac);
    cleanup_free char *signature = base64_give(mac, sizeof(mac));
    cleanup_free char *escaped = percent_give(signature);
    return xasprintf("sv=" SAS_VERSION "&ss=b&srt=%s&sp=%s&st=%s&se=%s&spr=https&sig=%s", types,
                     permissions, start, expiry, escaped);
}

int check_send(struct check *c, const char *account, const char *method, const char *path,
               const char *query, const char *headers, const char *body, struct http_response *ret,
               struct error **err)
{
    cleanup_free char *url = xasprintf("https://%s.blob.core.windows.net%s%s%s", account, path,
                                       query ? "?" : "", query ? query : "");
    cleanup_request struct http_request req = { .method = method,
                                                .url = url,
                                                .body = body,
                                                .body_len = body ? strlen(body) : 0,
                                                .timeout_ms = 30000 };
    cleanup_strv struct strv lines = STRV_INIT;
    strv_split(&lines, headers ? headers : "", "\n", false);
    http_headers_set(&req.headers, "x-ms-version", SAS_VERSION);
    for (size_t i = 0; i < lines.len; i++) {
        cleanup_free char *name = xstrndup(lines.v[i], strcspn(lines.v[i], ":"));
        http_headers_set(&req.headers, name, lines.v[i] + strlen(name) + 2);
    }
    return http_send(c->transport, &c->ctx, &req, ret, err);
}

static void run(struct check *c, const char *account, int *passed, int *failed)
{
    for (const struct check_case *one = client_cases; one->name; one++) {
        cleanup_error struct error *err = NULL;
        bool good = one->run(c, account, &err) == 0;
        *(good ? passed : failed) += 1;
        printf("  %s %s: %s%s%s\n", good ? "ok    " : "FAILED", account, one->name,
               good ? "" : ": ", good ? "" : error_text(err));
    }
}

int main(void)
{
    const struct env *env = env_process();
    struct check c = { .ctx = opctx_root(clock_system(), rng_system(), NULL, NULL),
                       .reference = env_get(env, "REFERENCE_ACCOUNT"),
                       .simulated = env_get(env, "SIMULATED_ACCOUNT"),
                       .key = env_get(env, "STORAGE_KEY") };
    if (!c.reference || !c.simulated || !c.key) {
        fprintf(stderr, "azuritecheck: REFERENCE_ACCOUNT, SIMULATED_ACCOUNT or STORAGE_KEY is "
                        "missing: start it by run.sh\n");
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    cleanup_error struct error *err = NULL;
    const struct http_client_config client = { .clock = clock_system(), .env = env };
    const struct http_peer_config peer = { .disable_http2 = true };
    struct http_client *http = NULL;
    struct http_peer *to = NULL;
    int passed = 0, failed = 0;
    if (http_client_new(&client, &http, &err) < 0 || http_peer_new(http, &peer, &to, &err) < 0) {
        fprintf(stderr, "azuritecheck: %s\n", error_text(err));
        http_client_free(http);
        return 1;
    }
    c.transport = http_peer_transport(to);
    run(&c, c.reference, &passed, &failed);
    run(&c, c.simulated, &passed, &failed);
    check_compare(&c, &passed, &failed);
    http_peer_unref(to);
    http_client_free(http);
    printf("%d passed, %d failed\n", passed, failed);
    return failed != 0;
}
