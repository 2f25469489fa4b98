#include <string.h>

#include "pkg/azure/storage.h"
#include "test/unit/support/pkg/azure/torture.h"
#include "test/unit/support/test.h"

#define ACCOUNT \
    "/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/clusterabc12"
#define SAS "sv=2015-04-05&ss=b&srt=o&sp=cw&sig=a%2Bb"
#define BLOB "https://clusterabc12.blob.core.windows.net/aro/graph"
#define VERSION "x-ms-version: 2020-04-08\n"
#define T0 (INT64_C(1590969600) * NS_PER_S) /* 2020-06-01T00:00:00Z */

static struct blobs *open_blobs(struct azure_fixture *f, struct secret *sas)
{
    const struct blobs_config cfg = {
        .transport = &f->transport.base,
        .cloud = azure_cloud_find("AzurePublicCloud"),
        .account = "clusterabc12",
        .sas = sas,
        .tokens = f->tokens,
        .user_agent = "test",
        .clock = &f->clock.base,
        .rng = &f->rng.base,
    };
    return blobs_new(&cfg);
}

/* ---- signatures ---- */

static const struct storage_sas wish = { "cw", "o", T0, T0 + 86400 * NS_PER_S };

#define SIGN_STEP \
    { \
        .request = \
            "POST https://management.azure.com" ACCOUNT "/ListAccountSas?api-version=2021-09-01\n" \
            "Authorization: Bearer t1\nAccept: application/json\n" \
            "Content-Type: application/json\n@gzip: true\n\n" \
            "{\"signedServices\":\"b\",\"signedResourceTypes\":\"o\"," \
            "\"signedPermission\":\"cw\",\"signedProtocol\":\"https\"," \
            "\"signedStart\":\"2020-06-01T00:00:00Z\"," \
            "\"signedExpiry\":\"2020-06-02T00:00:00Z\"}", \
        .reply = "{\"accountSasToken\":\"" SAS "\"}" \
    }

static void check_sign(void **state)
{
    (void)state;
    static const struct script_step steps[] = { TOKEN_STEP, SIGN_STEP };
    struct azure_fixture f;
    azure_fixture_init(&f, steps, ARRAY_LEN(steps));
    cleanup_secret struct secret *sas = NULL;

    assert_int_equal(storage_sign(f.arm, &f.ctx, ACCOUNT, &wish, &sas, NULL), 0);

    assert_string_equal(secret_reveal(sas, NULL), SAS);
    azure_fixture_finish(&f);
}

static void check_sign_nothing(void **state)
{
    (void)state;
    static const struct script_step steps[] = { TOKEN_STEP, { .reply = "{}" } };
    struct azure_fixture f;
    azure_fixture_init(&f, steps, ARRAY_LEN(steps));
    cleanup_secret struct secret *sas = NULL;
    cleanup_error struct error *err = NULL;

    assert_int_equal(storage_sign(f.arm, &f.ctx, ACCOUNT, &wish, &sas, &err), -1);

    assert_non_null(strstr(error_text(err), "accountSasToken"));
    assert_null(sas);
    azure_fixture_finish(&f);
}

/* ---- blobs ---- */

#define PUT_STEP \
    { \
        .request = "PUT " BLOB "?" SAS "\n" VERSION \
                   "x-ms-blob-type: BlockBlob\nContent-Type: application/octet-stream\n\n{}", \
        .status = 201 \
    }
#define HEAD_STEP \
    { \
        .request = "HEAD " BLOB "?" SAS "\n" VERSION, .status = 200 \
    }
#define GET_STEP \
    { \
        .request = "GET " BLOB "?" SAS "\n" VERSION, .reply = "\0b", .reply_len = 2 \
    }
#define DELETE_STEP \
    { \
        .request = "DELETE " BLOB "?" SAS "\n" VERSION, .status = 202 \
    }
#define DELETE_CONTAINER_STEP \
    { \
        .request = \
            "DELETE https://clusterabc12.blob.core.windows.net/ignition?restype=container&" SAS \
            "\n" VERSION, \
        .status = 202 \
    }
static const struct script_step life[] = {
    TOKEN_STEP, SIGN_STEP, PUT_STEP, HEAD_STEP, GET_STEP, DELETE_STEP, DELETE_CONTAINER_STEP,
};

static void live(struct azure_fixture *f)
{
    cleanup_secret struct secret *sas = NULL;
    assert_int_equal(storage_sign(f->arm, &f->ctx, ACCOUNT, &wish, &sas, NULL), 0);
    cleanup_blobs struct blobs *b = open_blobs(f, sas);
    bool exists = false;
    cleanup_free char *data = NULL;
    size_t len = 0;

    assert_int_equal(blobs_put(b, &f->ctx, "aro", "graph", "{}", 2, NULL, NULL), 0);
    assert_int_equal(blobs_exists(b, &f->ctx, "aro", "graph", &exists, NULL), 0);
    assert_int_equal(blobs_get(b, &f->ctx, "aro", "graph", 2, &data, &len, NULL), 0);
    assert_int_equal(blobs_delete(b, &f->ctx, "aro", "graph", NULL), 0);
    assert_int_equal(blobs_delete_container(b, &f->ctx, "ignition", NULL), 0);

    assert_true(exists);
    assert_int_equal(len, 2);
    assert_memory_equal(data, "\0b", 3);
}

static void check_life(void **state)
{
    (void)state;
    struct azure_fixture f;
    azure_fixture_init(&f, life, ARRAY_LEN(life));

    live(&f);

    azure_fixture_finish(&f);
}

static void check_torture(void **state)
{
    (void)state;
    torture(life, ARRAY_LEN(life), live);
}

/* Accounts that know no shared keys take tokens, and a refused one is replaced. */
static void check_token(void **state)
{
    (void)state;
    static const struct script_step steps[] = {
        { .reply = TOKEN_REPLY },
        { .status = 401, .headers = "x-ms-error-code: InvalidAuthenticationInfo" },
        { .reply = TOKEN_REPLY },
        { .request = "HEAD " BLOB "\nAuthorization: Bearer t1\n"
                     "x-ms-date: Mon, 01 Jun 2020 00:00:00 GMT\n" VERSION,
          .status = 404,
          .headers = "x-ms-error-code: BlobNotFound" },
    };
    struct azure_fixture f;
    azure_fixture_init(&f, steps, ARRAY_LEN(steps));
    fake_clock_set_wall_ns(&f.clock, T0);
    cleanup_blobs struct blobs *b = open_blobs(&f, NULL);
    bool exists = true;
    cleanup_error struct error *err = NULL;

    if (blobs_exists(b, &f.ctx, "aro", "graph", &exists, &err) < 0)
        fail_msg("%s", error_text(err));

    assert_false(exists);
    assert_non_null(
        strstr(f.transport.requests.v[0], "scope=https%3A%2F%2Fstorage.azure.com%2F.default"));
    azure_fixture_finish(&f);
}

static void check_absent_deletes(void **state)
{
    (void)state;
    static const struct script_step steps[] = {
        { .status = 404, .headers = "x-ms-error-code: BlobNotFound" },
        { .status = 404, .headers = "x-ms-error-code: ContainerNotFound" },
        { .status = 409, .headers = "x-ms-error-code: ContainerBeingDeleted" },
    };
    struct azure_fixture f;
    azure_fixture_init(&f, steps, ARRAY_LEN(steps));
    cleanup_secret struct secret *sas = secret_new(SAS, strlen(SAS));
    cleanup_blobs struct blobs *b = open_blobs(&f, sas);

    assert_int_equal(blobs_delete(b, &f.ctx, "aro", "graph", NULL), 0);
    assert_int_equal(blobs_delete_container(b, &f.ctx, "ignition", NULL), 0);
    assert_int_equal(blobs_delete_container(b, &f.ctx, "ignition", NULL), 0);

    azure_fixture_finish(&f);
}

static void check_too_long(void **state)
{
    (void)state;
    static const struct script_step steps[] = { { .reply = "four" } };
    struct azure_fixture f;
    azure_fixture_init(&f, steps, ARRAY_LEN(steps));
    cleanup_secret struct secret *sas = secret_new(SAS, strlen(SAS));
    cleanup_blobs struct blobs *b = open_blobs(&f, sas);
    char *data = NULL;
    size_t len;
    cleanup_error struct error *err = NULL;

    assert_int_equal(blobs_get(b, &f.ctx, "aro", "graph", 3, &data, &len, &err), -1);

    assert_true(error_is(err, ERR_TOO_LARGE));
    assert_null(data);
    azure_fixture_finish(&f);
}

struct error_case {
    const char *name;
    int status;
    const char *headers, *reply;
    enum err_kind want;
    const char *want_code; /* NULL: none */
};
static struct error_case errors[] = {
    { "an error's code stands in a header", 403, "x-ms-error-code: AuthorizationFailure", "",
      ERR_FORBIDDEN, "AuthorizationFailure" },
    { "an error's code stands in the document", 403, NULL,
      "\xEF\xBB\xBF<?xml version=\"1.0\"?><Error><Code>AuthenticationFailed</Code><Message>Server "
      "failed to authenticate the request.\nRequestId:1</Message></Error>",
      ERR_FORBIDDEN, "AuthenticationFailed" },
    { "an absent source counts as not found", 400, "x-ms-error-code: CannotVerifyCopySource", "",
      ERR_NOT_FOUND, "CannotVerifyCopySource" },
    { "an answer that says nothing keeps its status", 400, NULL, "", ERR_INVALID, NULL },
};

static void check_error(void **state)
{
    const struct error_case *c = *state;
    const struct script_step steps[] = {
        { .status = c->status, .headers = c->headers, .reply = c->reply },
    };
    struct azure_fixture f;
    azure_fixture_init(&f, steps, ARRAY_LEN(steps));
    cleanup_secret struct secret *sas = secret_new(SAS, strlen(SAS));
    cleanup_blobs struct blobs *b = open_blobs(&f, sas);
    char *data = NULL;
    size_t len;
    cleanup_error struct error *err = NULL;

    assert_int_equal(blobs_get(b, &f.ctx, "aro", "graph", 100, &data, &len, &err), -1);

    assert_int_equal(error_kind(err), c->want);
    assert_int_equal(error_get_status(err), c->status);
    if (c->want_code)
        assert_string_equal(error_get_code(err), c->want_code);
    else
        assert_null(error_get_code(err));
    assert_non_null(strstr(error_text(err), BLOB));
    assert_null(strstr(error_text(err), "sig="));
    azure_fixture_finish(&f);
}

int main(void)
{
    static const struct CMUnitTest plain[] = {
        CASE("a signature is asked for", check_sign),
        CASE("an answer without a signature is an error", check_sign_nothing),
        CASE("a blob is written, found, read and deleted, then its container", check_life),
        CASE("each exchange may fail once", check_torture),
        CASE("an account without shared keys is opened by token", check_token),
        CASE("what is gone already is deleted", check_absent_deletes),
        CASE("a blob longer than asked for is refused", check_too_long),
    };
    struct CMUnitTest tests[ARRAY_LEN(plain) + ARRAY_LEN(errors)];
    memcpy(tests, plain, sizeof(plain));
    for (size_t i = 0; i < ARRAY_LEN(errors); i++)
        tests[ARRAY_LEN(plain) + i] =
            (struct CMUnitTest)CASE_OF(errors[i].name, check_error, &errors[i]);
    return RUN_CASES("storage", tests);
}
