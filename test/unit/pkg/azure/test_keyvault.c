#include <string.h>

#include "pkg/azure/keyvault.h"
#include "test/unit/support/pkg/azure/azure_fixture.h"
#include "test/unit/support/test.h"

#define VAULT_TOKEN_STEP \
    { \
        .request = "POST https://login.microsoftonline.com/tenant/oauth2/v2.0/token\n" \
                   "Content-Type: application/x-www-form-urlencoded\n" \
                   "Accept: application/json\n" \
                   "\n" \
                   "grant_type=client_credentials&client_id=app&scope=https%3A%2F%2Fvault.azure." \
                   "net%2F.default&client_secret=s%26cret", \
        .reply = TOKEN_REPLY \
    }
#define GET(path) \
    "GET https://aro-svc.vault.azure.net" path "\n" \
    "Authorization: Bearer t1\nAccept: application/json\n@gzip: true\n"
#define ID "https://aro-svc.vault.azure.net/secrets/rp-server/"
#define VERSION_1 "5c3b1e9a7f0d4a6c8e2b0d1f3a5c7e90"
#define VERSION_2 "6d4c2f0b8a1e4b7d9f3c1e2a4b6d8f01"
/* As documented. */
#define SECRET_REPLY \
    "{\"value\":\"mysecretvalue\",\"contentType\":\"application/x-pem-file\",\"id\":\"" ID \
        VERSION_1 \
    "\",\"attributes\":{\"enabled\":true,\"created\":1493938410,\"updated\":1493938410," \
    "\"recoveryLevel\":\"Recoverable+Purgeable\"}}"

static struct key_vault *open_vault(struct azure_fixture *f, const char *cloud)
{
    const struct key_vault_config cfg = {
        .transport = &f->transport.base,
        .tokens = f->tokens,
        .cloud = azure_cloud_find(cloud),
        .name = "aro-svc",
        .user_agent = "test",
        .clock = &f->clock.base,
        .rng = &f->rng.base,
    };
    return key_vault_new(&cfg);
}

static void check_get(void **state)
{
    (void)state;
    static const struct script_step steps[] = {
        VAULT_TOKEN_STEP,
        { .request = GET("/secrets/rp-server?api-version=7.3"), .reply = SECRET_REPLY },
        { .request = GET("/secrets/rp-server/" VERSION_1 "?api-version=7.3"),
          .reply = SECRET_REPLY },
    };
    struct azure_fixture f;
    azure_fixture_init(&f, steps, ARRAY_LEN(steps));
    cleanup_key_vault struct key_vault *v = open_vault(&f, "AzurePublicCloud");
    cleanup_vault_secret struct vault_secret newest = { 0 }, named = { 0 };

    assert_int_equal(key_vault_get_secret(v, &f.ctx, "rp-server", NULL, &newest, NULL), 0);
    assert_int_equal(key_vault_get_secret(v, &f.ctx, "rp-server", VERSION_1, &named, NULL), 0);

    assert_string_equal(secret_reveal(newest.value, NULL), "mysecretvalue");
    assert_string_equal(newest.version, VERSION_1);
    assert_string_equal(newest.content_type, "application/x-pem-file");
    assert_int_equal(newest.created_s, 1493938410);
    assert_true(newest.enabled);
    assert_true(secret_equal(newest.value, named.value));
    azure_fixture_finish(&f);
}

/* The vault's links name the port that everybody knows. */
static void check_versions(void **state)
{
    (void)state;
    static const struct script_step steps[] = {
        VAULT_TOKEN_STEP,
        { .request = GET("/secrets/rp-server/versions?api-version=7.3"),
          .reply = "{\"value\":[{\"id\":\"" ID VERSION_1 "\",\"attributes\":{\"enabled\":false,"
                   "\"created\":100,\"updated\":100}}],\"nextLink\":\"https://aro-svc.vault.azure."
                   "net:443/secrets/rp-server/versions?api-version=7.3&$skiptoken=eyJOZX&"
                   "maxresults=25\"}" },
        { .request = GET(":443/secrets/rp-server/versions?api-version=7.3&$skiptoken=eyJOZX&"
                         "maxresults=25"),
          .reply = "{\"value\":[{\"id\":\"" ID VERSION_2 "\",\"attributes\":{\"enabled\":true,"
                   "\"created\":200,\"updated\":200}}],\"nextLink\":null}" },
    };
    struct azure_fixture f;
    azure_fixture_init(&f, steps, ARRAY_LEN(steps));
    cleanup_key_vault struct key_vault *v = open_vault(&f, "AzurePublicCloud");
    cleanup_vault_secrets struct vault_secrets list = { 0 };
    cleanup_error struct error *err = NULL;

    if (key_vault_list_versions(v, &f.ctx, "rp-server", &list, &err) < 0)
        fail_msg("%s", error_text(err));

    assert_int_equal(list.len, 2);
    assert_string_equal(list.v[0].version, VERSION_1);
    assert_false(list.v[0].enabled);
    assert_null(list.v[0].value);
    assert_string_equal(list.v[1].version, VERSION_2);
    assert_int_equal(list.v[1].created_s, 200);
    azure_fixture_finish(&f);
}

static void check_no_versions(void **state)
{
    (void)state;
    static const struct script_step steps[] = {
        VAULT_TOKEN_STEP,
        { .reply = "{\"value\":[],\"nextLink\":null}" },
        { .status = 404,
          .reply = "{\"error\":{\"code\":\"SecretNotFound\",\"message\":\"gone\"}}" },
    };
    struct azure_fixture f;
    azure_fixture_init(&f, steps, ARRAY_LEN(steps));
    cleanup_key_vault struct key_vault *v = open_vault(&f, "AzurePublicCloud");

    for (int i = 0; i < 2; i++) {
        cleanup_vault_secrets struct vault_secrets list = { 0 };
        assert_int_equal(key_vault_list_versions(v, &f.ctx, "encryption-key", &list, NULL), 0);
        assert_int_equal(list.len, 0);
    }

    azure_fixture_finish(&f);
}

static void check_set(void **state)
{
    (void)state;
    static const struct script_step steps[] = {
        VAULT_TOKEN_STEP,
        { .request =
              "PUT https://aro-svc.vault.azure.net/secrets/encryption-key-v2?api-version=7.3\n"
              "Authorization: Bearer t1\nAccept: application/json\n"
              "Content-Type: application/json\n@gzip: true\n"
              "\n{\"value\":\"a\\\"b\"}",
          .reply = SECRET_REPLY },
        { .request = "PUT https://aro-svc.vault.azure.net/secrets/portal-server?api-version=7.3\n"
                     "Authorization: Bearer t1\nAccept: application/json\n"
                     "Content-Type: application/json\n@gzip: true\n"
                     "\n{\"value\":\"a\\\"b\",\"contentType\":\"application/x-pem-file\"}",
          .reply = SECRET_REPLY },
    };
    struct azure_fixture f;
    azure_fixture_init(&f, steps, ARRAY_LEN(steps));
    cleanup_key_vault struct key_vault *v = open_vault(&f, "AzurePublicCloud");
    cleanup_secret struct secret *value = secret_new("a\"b", 3);

    assert_int_equal(key_vault_set_secret(v, &f.ctx, "encryption-key-v2", value, NULL, NULL), 0);
    assert_int_equal(
        key_vault_set_secret(v, &f.ctx, "portal-server", value, "application/x-pem-file", NULL), 0);

    azure_fixture_finish(&f);
}

static void check_other_cloud(void **state)
{
    (void)state;
    static const struct script_step steps[] = {
        { .reply = TOKEN_REPLY },
        { .request = "GET https://aro-svc.vault.usgovcloudapi.net/secrets/a%2Fb?api-version=7.3\n"
                     "Authorization: Bearer t1\nAccept: application/json\n@gzip: true\n",
          .reply = SECRET_REPLY },
    };
    struct azure_fixture f;
    azure_fixture_init(&f, steps, ARRAY_LEN(steps));
    cleanup_key_vault struct key_vault *v = open_vault(&f, "AzureUSGovernmentCloud");
    cleanup_vault_secret struct vault_secret s = { 0 };

    assert_int_equal(key_vault_get_secret(v, &f.ctx, "a/b", NULL, &s, NULL), 0);

    assert_non_null(strstr(f.transport.requests.v[0],
                           "&scope=https%3A%2F%2Fvault.usgovcloudapi.net%2F.default"));
    azure_fixture_finish(&f);
}

/* A vault in trouble is asked again; one that has forgotten the token, with another. */
static void check_throttled(void **state)
{
    (void)state;
    static const struct script_step steps[] = {
        VAULT_TOKEN_STEP,
        { .status = 401,
          .headers = "WWW-Authenticate: Bearer authorization=\"https://login.microsoftonline.com/"
                     "tenant\", resource=\"https://vault.azure.net\"",
          .reply = "{\"error\":{\"code\":\"Unauthorized\",\"message\":\"AKV10000\"}}" },
        VAULT_TOKEN_STEP,
        { .status = 429,
          .headers = "Retry-After: 5",
          .reply = "{\"error\":{\"code\":\"Throttled\",\"message\":\"Request was not processed "
                   "because too many requests were received.\"}}" },
        { .request = GET("/secrets/rp-server?api-version=7.3"), .reply = SECRET_REPLY },
    };
    struct azure_fixture f;
    azure_fixture_init(&f, steps, ARRAY_LEN(steps));
    cleanup_key_vault struct key_vault *v = open_vault(&f, "AzurePublicCloud");
    cleanup_vault_secret struct vault_secret s = { 0 };
    int64_t begin_ns = clock_mono_ns(&f.clock.base);

    assert_int_equal(key_vault_get_secret(v, &f.ctx, "rp-server", NULL, &s, NULL), 0);

    assert_int_equal((clock_mono_ns(&f.clock.base) - begin_ns) / NS_PER_MS, 5000);
    azure_fixture_finish(&f);
}

struct error_case {
    const char *name;
    int status;
    const char *reply;
    enum err_kind want;
    const char *want_code; /* NULL: none */
};
static struct error_case errors[] = {
    { "a secret that is not there", 404,
      "{\"error\":{\"code\":\"SecretNotFound\",\"message\":\"A secret with (name/id) x was not "
      "found "
      "in this key vault.\"}}",
      ERR_NOT_FOUND, "SecretNotFound" },
    { "a version that is disabled", 403,
      "{\"error\":{\"code\":\"Forbidden\",\"message\":\"Operation get is not allowed on a disabled "
      "secret.\",\"innererror\":{\"code\":\"SecretDisabled\"}}}",
      ERR_FORBIDDEN, "Forbidden" },
    { "an answer without a value", 200, "{\"id\":\"" ID VERSION_1 "\",\"attributes\":{}}",
      ERR_INTERNAL, NULL },
    { "an answer without an id", 200, "{\"value\":\"mysecretvalue\"}", ERR_INVALID, NULL },
    { "an empty answer", 200, "", ERR_INVALID, NULL },
};

static void check_error(void **state)
{
    const struct error_case *c = *state;
    const struct script_step steps[] = { VAULT_TOKEN_STEP,
                                         { .status = c->status, .reply = c->reply } };
    struct azure_fixture f;
    azure_fixture_init(&f, steps, ARRAY_LEN(steps));
    cleanup_key_vault struct key_vault *v = open_vault(&f, "AzurePublicCloud");
    cleanup_vault_secret struct vault_secret s = { 0 };
    cleanup_error struct error *err = NULL;

    assert_int_equal(key_vault_get_secret(v, &f.ctx, "rp-server", NULL, &s, &err), -1);

    assert_int_equal(error_kind(err), c->want);
    if (c->want_code)
        assert_string_equal(error_get_code(err), c->want_code);
    assert_non_null(strstr(error_text(err), "/secrets/rp-server"));
    assert_null(strstr(error_text(err), "mysecretvalue"));
    azure_fixture_finish(&f);
}

int main(void)
{
    static const struct CMUnitTest plain[] = {
        CASE("a secret is read, its newest version or a named one", check_get),
        CASE("versions are listed over all pages", check_versions),
        CASE("a secret that is not there has no versions", check_no_versions),
        CASE("a secret is set, with its type or without", check_set),
        CASE("other clouds have other hosts and scopes", check_other_cloud),
        CASE("a busy vault is asked again, and a refused token replaced", check_throttled),
    };
    struct CMUnitTest tests[ARRAY_LEN(plain) + ARRAY_LEN(errors)];
    memcpy(tests, plain, sizeof(plain));
    for (size_t i = 0; i < ARRAY_LEN(errors); i++)
        tests[ARRAY_LEN(plain) + i] =
            (struct CMUnitTest)CASE_OF(errors[i].name, check_error, &errors[i]);
    return RUN_CASES("keyvault", tests);
}
