#include <string.h>

#include "pkg/azure/token_impl.h"
#include "pkg/base/file.h"
#include "pkg/base/mem.h"
#include "pkg/crypt/crypt.h"
#include "pkg/net/url.h"
#include "test/unit/support/certs.h"
#include "test/unit/support/pkg/azure/azure_fixture.h"
#include "test/unit/support/test.h"

#define SCOPE "https://management.azure.com//.default"

static int fetch(struct azure_fixture *f, struct secret **ret, struct error **err)
{
    const struct azure_tokens_config cfg = { &f->transport.base,
                                             azure_cloud_find("AzurePublicCloud"), &f->credential,
                                             &f->clock.base, &f->rng.base };
    struct fetched_token fetched = { 0 };
    if (token_fetch_aad(&cfg, &f->ctx, SCOPE, &fetched, err) < 0)
        return -1;
    *ret = fetched.token;
    return 0;
}

static void check_secret(void **state)
{
    (void)state;
    static const struct script_step steps[] = { TOKEN_STEP };
    struct azure_fixture f;
    azure_fixture_init(&f, steps, ARRAY_LEN(steps));
    struct secret *token = NULL;

    assert_int_equal(fetch(&f, &token, NULL), 0);

    assert_string_equal(secret_reveal(token, NULL), "t1");
    secret_unref(token);
    azure_fixture_finish(&f);
}

#define CERTIFICATE_REQUEST \
    "POST https://login.microsoftonline.com/tenant/oauth2/v2.0/token\n" \
    "Content-Type: application/x-www-form-urlencoded\n" \
    "Accept: application/json\n" \
    "\n" \
    "grant_type=client_credentials&client_id=app&scope=https%3A%2F%2Fmanagement.azure.com%2F%2F." \
    "default&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-" \
    "bearer&client_assertion="
#define CLAIMS \
    "{\"aud\":\"https://login.microsoftonline.com/tenant/oauth2/v2.0/token\",\"iss\":\"app\"," \
    "\"sub\":\"app\",\"jti\":\"%s\",\"nbf\":1706933106,\"exp\":1706933706}"

/* The signature is another each time: everything before it is compared, it itself is verified. */
static void check_certificate(void **state)
{
    (void)state;
    static const struct script_step steps[] = { { .reply = TOKEN_REPLY } };
    struct pair authority = pair_make("authority", NULL, false, true);
    struct pair leaf = pair_make("app", &authority, true, true);
    struct azure_fixture f;
    struct fake_rng same;
    azure_fixture_init(&f, steps, ARRAY_LEN(steps));
    fake_rng_init(&same, 1);
    char id[UUID_LEN + 1];
    rng_uuid(&same.base, id);
    f.credential.type = AZURE_CLIENT_CERTIFICATE;
    f.credential.certificate_pem = leaf.cert;
    f.credential.key_pem = leaf.key;
    f.credential.send_chain = true;
    struct secret *token = NULL;

    assert_int_equal(fetch(&f, &token, NULL), 0);

    const char *sent = f.transport.requests.v[0];
    assert_int_equal(strncmp(sent, CERTIFICATE_REQUEST, strlen(CERTIFICATE_REQUEST)), 0);
    const char *jwt = sent + strlen(CERTIFICATE_REQUEST);
    cleanup_free char *claims = NULL, *want = xasprintf(CLAIMS, id);
    size_t len;
    assert_int_equal(jwt_verify(jwt, leaf.cert, NULL), 0);
    assert_int_equal(jwt_give_payload(jwt, &claims, &len, NULL), 0);
    assert_string_equal(claims, want);
    secret_unref(token);
    pair_release(&leaf);
    pair_release(&authority);
    azure_fixture_finish(&f);
}

static void check_federated(void **state)
{
    (void)state;
    static const struct script_step steps[] = {
        { .reply = TOKEN_REPLY },
        { .reply = TOKEN_REPLY },
    };
    char dir[] = "/tmp/azure-token-XXXXXX";
    assert_non_null(mkdtemp(dir));
    cleanup_free char *file = path_give_joined(dir, "token");
    struct azure_fixture f;
    azure_fixture_init(&f, steps, ARRAY_LEN(steps));
    f.credential.type = AZURE_FEDERATED_TOKEN;
    f.credential.federated_token_file = file;

    static const char *const contents[] = { "jwt-one\n", "jwt-two" };
    for (size_t i = 0; i < ARRAY_LEN(contents); i++) {
        struct secret *token = NULL;
        assert_int_equal(file_write_atomic(file, contents[i], strlen(contents[i]), 0600, NULL), 0);
        assert_int_equal(fetch(&f, &token, NULL), 0);
        secret_unref(token);
    }

    assert_non_null(strstr(f.transport.requests.v[0], "&client_assertion=jwt-one"));
    assert_null(strstr(f.transport.requests.v[0], "%0A"));
    assert_non_null(strstr(f.transport.requests.v[1], "&client_assertion=jwt-two"));
    azure_fixture_finish(&f);
    unlink(file);
    rmdir(dir);
}

static void check_missing_file(void **state)
{
    (void)state;
    char missing[] = "/nonexistent/token";
    struct azure_fixture f;
    azure_fixture_init(&f, NULL, 0);
    f.credential.type = AZURE_FEDERATED_TOKEN;
    f.credential.federated_token_file = missing;
    struct secret *token = NULL;
    cleanup_error struct error *err = NULL;

    assert_int_equal(fetch(&f, &token, &err), -1);

    assert_non_null(strstr(error_text(err), "/nonexistent/token"));
    azure_fixture_finish(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a secret is sent with the scope", check_secret),
        CASE("a certificate signs an assertion of ten minutes for this endpoint",
             check_certificate),
        CASE("a federated token is read anew for each request", check_federated),
        CASE("a missing federated token file is named", check_missing_file),
    };
    return RUN_CASES("token_aad", tests);
}
