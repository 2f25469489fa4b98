#include <string.h>

#include "pkg/azure/keyvault.h"
#include "test/unit/support/pkg/azure/azure_fixture.h"
#include "test/unit/support/test.h"

#define VAULT_TOKEN_STEP \
    { \
        .reply = TOKEN_REPLY \
    }
#define URL(more) \
    "https://aro-cls.vault.azure.net/certificates/d1-apiserver" more "?api-version=7.3"
#define COMMON "\nAuthorization: Bearer t1\nAccept: application/json\n"
#define PENDING "GET " URL("/pending") COMMON "@gzip: true\n"
#define NO_CERTIFICATE "{\"error\":{\"code\":\"CertificateNotFound\",\"message\":\"gone\"}}"
#define STATUS(word) "{\"status\":\"" word "\",\"issuer\":{\"name\":\"OneCertV2-PublicCA\"}}"

static const struct vault_certificate_wish wish = {
    .issuer = "OneCertV2-PublicCA",
    .common_name = "reserved.aro.example",
    .dns_name = "api.c1.aro.example",
    .validity_months = 3,
    .renew_days_before = 30,
};

static struct key_vault *open_vault(struct azure_fixture *f)
{
    const struct key_vault_config cfg = {
        .transport = &f->transport.base,
        .tokens = f->tokens,
        .cloud = azure_cloud_find("AzurePublicCloud"),
        .name = "aro-cls",
        .user_agent = "test",
        .clock = &f->clock.base,
        .rng = &f->rng.base,
    };
    return key_vault_new(&cfg);
}

static void check_made(void **state)
{
    (void)state;
    static const struct script_step steps[] = {
        VAULT_TOKEN_STEP,
        { .request = PENDING, .status = 404, .reply = NO_CERTIFICATE },
        { .request = "POST " URL("/create") COMMON
          "Content-Type: application/json\n@gzip: true\n\n"
          "{\"policy\":{\"issuer\":{\"name\":\"OneCertV2-PublicCA\"},"
          "\"key_props\":{\"exportable\":true,\"kty\":\"RSA\",\"key_size\":2048},"
          "\"secret_props\":{\"contentType\":\"application/x-pem-file\"},"
          "\"x509_props\":{\"subject\":\"CN=reserved.aro.example\","
          "\"ekus\":[\"1.3.6.1.5.5.7.3.1\"],"
          "\"key_usage\":[\"digitalSignature\",\"keyEncipherment\"],\"validity_months\":3,"
          "\"sans\":{\"dns_names\":[\"api.c1.aro.example\"]}},"
          "\"lifetime_actions\":[{\"trigger\":{\"days_before_expiry\":30},"
          "\"action\":{\"action_type\":\"AutoRenew\"}}]},\"attributes\":{\"enabled\":true}}",
          .status = 202,
          .reply = STATUS("inProgress") },
        { .request = PENDING, .reply = STATUS("inProgress") },
        { .request = PENDING,
          .reply = "{\"status\":\"failed\",\"error\":{\"code\":\"x\",\"message\":\"y "
                   "[Status:FailedCanRetry]\"}}" },
        { .request = PENDING, .reply = STATUS("completed") },
        { .request = "DELETE " URL("") COMMON "@gzip: true\n", .reply = "{}" },
        { .request = "DELETE " URL("") COMMON "@gzip: true\n",
          .status = 404,
          .reply = NO_CERTIFICATE },
    };
    struct azure_fixture f;
    azure_fixture_init(&f, steps, ARRAY_LEN(steps));
    cleanup_key_vault struct key_vault *v = open_vault(&f);
    int64_t begin_ns = clock_mono_ns(&f.clock.base);

    assert_int_equal(key_vault_begin_certificate(v, &f.ctx, "d1-apiserver", &wish, NULL), 0);
    assert_int_equal(key_vault_wait_certificate(v, &f.ctx, "d1-apiserver", NULL), 0);
    assert_int_equal((clock_mono_ns(&f.clock.base) - begin_ns) / NS_PER_S, 20);
    assert_int_equal(key_vault_delete_certificate(v, &f.ctx, "d1-apiserver", NULL), 0);
    assert_int_equal(key_vault_delete_certificate(v, &f.ctx, "d1-apiserver", NULL), 0);

    azure_fixture_finish(&f);
}

struct begin_case {
    const char *name, *pending;
    int create_status; /* 0: nothing is asked for */
    int want;
};
static struct begin_case begins[] = {
    { "one that is being made is left alone", STATUS("inProgress"), 0, 0 },
    { "one that was made is left alone", STATUS("completed"), 0, 0 },
    { "one that failed is begun anew", STATUS("failed"), 202, 0 },
    { "one that was begun meanwhile is fine", STATUS("cancelled"), 409, 0 },
    { "one that the vault refuses is an error", STATUS("cancelled"), 403, -1 },
};

static void check_begin(void **state)
{
    const struct begin_case *c = *state;
    const struct script_step steps[] = {
        VAULT_TOKEN_STEP,
        { .reply = c->pending },
        { .status = c->create_status, .reply = "{}" },
    };
    struct azure_fixture f;
    azure_fixture_init(&f, steps, ARRAY_LEN(steps) - (c->create_status ? 0 : 1));
    cleanup_key_vault struct key_vault *v = open_vault(&f);

    assert_int_equal(key_vault_begin_certificate(v, &f.ctx, "d1-apiserver", &wish, NULL), c->want);

    azure_fixture_finish(&f);
}

struct wait_case {
    const char *name;
    int status;
    const char *pending, *want_text, *want_code;
};
static struct wait_case waits[] = {
    { "an issuer's refusal ends the wait", 200,
      "{\"status\":\"failed\",\"error\":{\"code\":\"IssuerError\",\"message\":\"not that name\"}}",
      "the certificate d1-apiserver was not issued: failed: not that name", "IssuerError" },
    { "a cancelled one ends the wait", 200,
      "{\"status\":\"cancelled\",\"status_details\":\"by hand\"}",
      "the certificate d1-apiserver was not issued: cancelled: by hand", NULL },
    { "one that nobody began ends the wait", 404, NO_CERTIFICATE,
      "the certificate d1-apiserver was not issued: nobody asked for it", NULL },
};

static void check_wait(void **state)
{
    const struct wait_case *c = *state;
    const struct script_step steps[] = { VAULT_TOKEN_STEP,
                                         { .status = c->status, .reply = c->pending } };
    struct azure_fixture f;
    azure_fixture_init(&f, steps, ARRAY_LEN(steps));
    cleanup_key_vault struct key_vault *v = open_vault(&f);
    cleanup_error struct error *err = NULL;

    assert_int_equal(key_vault_wait_certificate(v, &f.ctx, "d1-apiserver", &err), -1);

    assert_string_equal(error_text(err), c->want_text);
    if (c->want_code)
        assert_string_equal(error_get_code(err), c->want_code);
    azure_fixture_finish(&f);
}

static void check_endless(void **state)
{
    (void)state;
    static struct script_step steps[92] = { VAULT_TOKEN_STEP };
    for (size_t i = 1; i < ARRAY_LEN(steps); i++)
        steps[i] = (struct script_step){ .request = PENDING, .reply = STATUS("inProgress") };
    struct azure_fixture f;
    azure_fixture_init(&f, steps, ARRAY_LEN(steps));
    cleanup_key_vault struct key_vault *v = open_vault(&f);
    cleanup_error struct error *err = NULL;

    assert_int_equal(key_vault_wait_certificate(v, &f.ctx, "d1-apiserver", &err), -1);

    assert_true(error_is(err, ERR_TIMEOUT));
    f.transport.len = f.transport.used;
    assert_in_range(f.transport.used, 90, 92);
    azure_fixture_finish(&f);
}

static void check_issuer(void **state)
{
    (void)state;
    static const struct script_step steps[] = {
        VAULT_TOKEN_STEP,
        { .request = "GET " URL("/policy") COMMON "@gzip: true\n",
          .status = 404,
          .reply = NO_CERTIFICATE },
        { .reply = "{\"issuer\":{\"name\":\"OneCertV2-PublicCA\"}}" },
        { .status = 403, .reply = "{\"error\":{\"code\":\"Forbidden\",\"message\":\"no\"}}" },
    };
    struct azure_fixture f;
    azure_fixture_init(&f, steps, ARRAY_LEN(steps));
    cleanup_key_vault struct key_vault *v = open_vault(&f);
    cleanup_error struct error *err = NULL;

    assert_int_equal(key_vault_correct_issuer(v, &f.ctx, "d1-apiserver", &wish, NULL), 0);
    assert_int_equal(key_vault_correct_issuer(v, &f.ctx, "d1-apiserver", &wish, NULL), 0);
    assert_int_equal(key_vault_correct_issuer(v, &f.ctx, "d1-apiserver", &wish, &err), -1);

    assert_string_equal(error_get_code(err), "Forbidden");
    azure_fixture_finish(&f);
}

int main(void)
{
    static const struct CMUnitTest plain[] = {
        CASE("a certificate is begun, waited for and deleted", check_made),
        CASE("one of the issuer, or none, is left alone", check_issuer),
        CASE("one that is not issued for a quarter of an hour is given up", check_endless),
    };
    struct CMUnitTest tests[ARRAY_LEN(plain) + ARRAY_LEN(begins) + ARRAY_LEN(waits)];
    size_t n = ARRAY_LEN(plain);
    memcpy(tests, plain, sizeof(plain));
    for (size_t i = 0; i < ARRAY_LEN(begins); i++)
        tests[n++] = (struct CMUnitTest)CASE_OF(begins[i].name, check_begin, &begins[i]);
    for (size_t i = 0; i < ARRAY_LEN(waits); i++)
        tests[n++] = (struct CMUnitTest)CASE_OF(waits[i].name, check_wait, &waits[i]);
    return RUN_CASES("keyvault_certificates", tests);
}
