#include "test/unit/support/pkg/database/cosmos_subject.h"

#include <stdlib.h>
#include <string.h>

#include "pkg/database/store_cosmos.h"
#include "pkg/net/http_client.h"
#include "test/unit/support/pkg/database/store_suite.h"

struct account {
    const char *url;
    struct secret *key;
    struct http_transport *transport;
};

static int open_cosmos(void *arg, const struct opctx *ctx, struct store **ret, struct error **err)
{
    const struct account *a = arg;
    (void)ctx;
    const struct cosmos_config cfg = {
        .endpoint = a->url, .database = "ARO", .key = a->key, .transport = a->transport
    };
    return store_open_cosmos(&cfg, ret, err);
}

/* The server's clock is a real one. */
static void pass_real_s(void *arg, struct store *store, int64_t s)
{
    (void)arg;
    const struct opctx ctx = opctx_root(clock_system(), rng_system(), NULL, NULL);
    int64_t from, now;
    if (store_now_s(&ctx, store, &from, NULL) < 0)
        abort();
    do {
        if (opctx_sleep_ms(&ctx, 50, NULL) < 0 || store_now_s(&ctx, store, &now, NULL) < 0)
            abort();
    } while (now < from + s);
}

static int run(struct account *a)
{
    const struct store_subject subject = {
        .name = "cosmos",
        .open = open_cosmos,
        .pass_s = pass_real_s,
        .arg = a,
        .is_shared = true,
        .threads = 16,
    };
    const struct opctx ctx = opctx_root(clock_system(), rng_system(), NULL, NULL);
    cleanup_store struct store *s = NULL;
    if (open_cosmos(a, &ctx, &s, NULL) < 0 || store_cosmos_create_schema(&ctx, s, NULL) < 0)
        abort();
    struct CMUnitTest tests[STORE_SUITE_MAX];
    size_t n = store_suite_list(&subject, tests, 0);
    return _cmocka_run_group_tests(subject.name, tests, n, NULL, NULL);
}

int cosmos_subject_run(const char *url)
{
    const char *key = getenv("COSMOS_KEY");
    const struct http_client_config client_cfg = { .clock = clock_system(), .env = env_process() };
    const struct http_peer_config peer_cfg = { .proxy_url = "" };
    cleanup_http_client struct http_client *client = NULL;
    cleanup_http_peer struct http_peer *peer = NULL;
    cleanup_secret struct secret *secret = key ? secret_new(key, strlen(key)) : NULL;
    if (http_client_new(&client_cfg, &client, NULL) < 0 ||
        http_peer_new(client, &peer_cfg, &peer, NULL) < 0)
        abort();
    struct account a = { url, secret, http_peer_transport(peer) };
    return run(&a);
}
