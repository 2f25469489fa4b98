#include <string.h>
#include <unistd.h>

#include "cmd/aro-rp/documents.h"
#include "pkg/base/mem.h"
#include "test/unit/support/fake_clock.h"
#include "test/unit/support/fake_env.h"
#include "test/unit/support/pkg/net/scripted_transport.h"
#include "test/unit/support/test.h"

struct documents_case {
    const char *name, *database, *account, *key;
    bool token;               /* of Azure AD, at hand */
    const char *want_error;   /* NULL: opens */
    const char *want_request; /* of a first read; NULL: none goes out */
};
static struct documents_case cases[] = {
    { "opens what the variable names", "sqlite::memory:", "acc", "a2V5", false, NULL, NULL },
    { "opens the account that has a key", NULL, "acc", "a2V5", true, NULL,
      "https://acc.documents.azure.com/dbs/ARO/colls/" },
    { "opens the account with tokens where there is no key", NULL, "acc", NULL, true, NULL,
      "\nAuthorization: type%3Daad%26ver%3D1.0%26sig%3Dtoken\n" },
    { "knows no other scheme", "moon:password", NULL, NULL, false,
      "ARO_RP_DATABASE: it begins neither with sqlite: nor with postgresql:", NULL },
    { "asks a PostgreSQL, and tells no password",
      "postgresql://u:password@127.0.0.1:1/d?connect_timeout=1", NULL, NULL, false, "connect",
      NULL },
    { "refuses a key that is none", NULL, "acc", "?", false, "key", NULL },
};

static int get_token(struct cosmos_tokens *tokens, const struct opctx *ctx, bool fresh,
                     struct secret **ret, struct error **err)
{
    (void)tokens;
    (void)ctx;
    (void)fresh;
    (void)err;
    *ret = secret_new("token", 5);
    return 0;
}

static void check(void **state)
{
    const struct documents_case *c = *state;
    const struct script_step steps[] = { { .status = 404, .reply = "{}" } };
    struct scripted_transport transport;
    scripted_transport_init(&transport, steps, c->want_request ? 1 : 0);
    struct fake_env env;
    fake_env_init(&env);
    fake_env_set(&env, "RP_MODE", "test");
    fake_env_set(&env, "ARO_RP_DATABASE", c->database);
    fake_env_set(&env, "COSMOSDB_ACCOUNT", c->account);
    fake_env_set(&env, "COSMOSDB_KEY", c->key);
    cleanup_rp_env struct rp_env *e = NULL;
    assert_int_equal(rp_env_load(&env.base, &e, NULL), 0);
    struct opctx ctx = opctx_root(clock_system(), rng_system(), NULL, NULL);
    struct store *store = NULL;
    cleanup_error struct error *err = NULL;

    struct cosmos_tokens tokens = { get_token };
    const struct documents_config cfg = { .env = e,
                                          .transport = &transport.base,
                                          .cloud = azure_cloud_find("AzurePublicCloud"),
                                          .tokens = c->token ? &tokens : NULL };

    int result = documents_open(&ctx, &cfg, &store, &err);

    if (c->want_error) {
        assert_int_equal(result, -1);
        if (!strstr(error_text(err), c->want_error))
            fail_msg("%s", error_text(err));
        assert_null(strstr(error_text(err), "password"));
    } else {
        cleanup_doc struct doc d = { 0 };
        assert_int_equal(result, 0);
        assert_int_equal(store_get(&ctx, store, COLL_SUBSCRIPTIONS, "s", "s", &d, NULL), -1);
        if (c->want_request)
            assert_non_null(strstr(transport.requests.v[0], c->want_request));
    }
    store_close(store);
    scripted_transport_check(&transport);
    scripted_transport_release(&transport);
    fake_env_release(&env);
}

static void sets_the_length_of_leases(void **state)
{
    (void)state;
    const struct doc_write w = { "s", "s", "{\"id\":\"s\"}", 10, TRIGGER_RENEW_LEASE };
    cleanup_doc struct doc d = { 0 };
    struct fake_env env;
    fake_env_init(&env);
    fake_env_set(&env, "RP_MODE", "test");
    fake_env_set(&env, "ARO_RP_DATABASE", "sqlite::memory:");
    fake_env_set(&env, "ARO_RP_LEASE_MS", "3000");
    fake_env_set(&env, "ARO_RP_BACKEND_LEASE_TRUST_MS", "2000");
    fake_env_set(&env, "ARO_RP_BACKEND_HEARTBEAT_MS", "500");
    cleanup_rp_env struct rp_env *e = NULL;
    assert_int_equal(rp_env_load(&env.base, &e, NULL), 0);
    struct opctx ctx = opctx_root(clock_system(), rng_system(), NULL, NULL);
    cleanup_store struct store *store = NULL;

    const struct documents_config cfg = { .env = e };
    assert_int_equal(documents_open(&ctx, &cfg, &store, NULL), 0);

    assert_int_equal(store_create(&ctx, store, COLL_SUBSCRIPTIONS, &w, &d, NULL), 0);
    cleanup_free char *want =
        xasprintf("{\"id\":\"s\",\"leaseExpires\":%lld}", (long long)d.ts_s + 3);
    assert_string_equal(d.body, want);
    fake_env_release(&env);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases) + 1];
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[i] = (struct CMUnitTest)CASE_OF(cases[i].name, check, &cases[i]);
    tests[ARRAY_LEN(cases)] =
        (struct CMUnitTest)CASE("sets the length of leases", sets_the_length_of_leases);
    return RUN_CASES("document store of the environment", tests);
}
