#include <string.h>

#include "pkg/azure/azure.h"
#include "pkg/base/file.h"
#include "pkg/base/mem.h"
#include "test/unit/support/pkg/azure/azure_fixture.h"
#include "test/unit/support/test.h"

#define SCOPE "https://management.azure.com//.default"

static void check_cache(void **state)
{
    (void)state;
    static const struct script_step steps[] = {
        TOKEN_STEP,
        { .request = TOKEN_REQUEST, .reply = "{\"expires_in\":\"3599\",\"access_token\":\"t2\"}" },
        { .request = TOKEN_REQUEST, .reply = "{\"expires_in\":60,\"access_token\":\"t3\"}" },
    };
    struct azure_fixture f;
    azure_fixture_init(&f, steps, ARRAY_LEN(steps));
    struct secret *t[4] = { 0 };

    assert_int_equal(azure_token_get(f.tokens, &f.ctx, SCOPE, false, &t[0], NULL), 0);
    assert_int_equal(azure_token_get(f.tokens, &f.ctx, SCOPE, false, &t[1], NULL), 0); /* cached */
    fake_clock_advance_ms(&f.clock, (3599 - 299) * 1000); /* within the margin */
    assert_int_equal(azure_token_get(f.tokens, &f.ctx, SCOPE, false, &t[2], NULL), 0);
    assert_int_equal(azure_token_get(f.tokens, &f.ctx, SCOPE, true, &t[3], NULL),
                     0); /* asked for a new one */

    static const char *const want[] = { "t1", "t1", "t2", "t3" };
    for (size_t i = 0; i < ARRAY_LEN(want); i++) {
        assert_string_equal(secret_reveal(t[i], NULL), want[i]);
        secret_unref(t[i]);
    }
    azure_fixture_finish(&f);
}

static void check_refusal(void **state)
{
    (void)state;
    static const struct script_step steps[] = {
        { .request = TOKEN_REQUEST,
          .status = 401,
          .reply = "{\"error\":\"invalid_client\",\"error_description\":\"AADSTS7000215: Invalid "
                   "client secret provided.\"}" },
    };
    struct azure_fixture f;
    azure_fixture_init(&f, steps, ARRAY_LEN(steps));
    struct secret *token = NULL;
    cleanup_error struct error *err = NULL;

    assert_int_equal(azure_token_get(f.tokens, &f.ctx, SCOPE, false, &token, &err), -1);

    assert_string_equal(error_get_code(err), "AADSTS7000215");
    assert_true(error_is(err, ERR_UNAUTHORIZED));
    assert_non_null(strstr(error_text(err), "Invalid client secret"));
    assert_null(strstr(error_text(err), "s&cret"));
    azure_fixture_finish(&f);
}

static void check_no_token(void **state)
{
    (void)state;
    static const char *const replies[] = {
        "{}",
        "<html>",
        "",
        "{\"access_token\":7}",
        "{\"access_token\":\"t\",\"expires_in\":9223372036854775807}",
        "{\"access_token\":\"t\",\"expires_in\":-1}",
    };
    for (size_t i = 0; i < ARRAY_LEN(replies); i++) {
        const struct script_step steps[] = { { .request = TOKEN_REQUEST, .reply = replies[i] } };
        struct azure_fixture f;
        azure_fixture_init(&f, steps, ARRAY_LEN(steps));
        struct secret *token = NULL;
        cleanup_error struct error *err = NULL;

        assert_int_equal(azure_token_get(f.tokens, &f.ctx, SCOPE, false, &token, &err), -1);

        assert_non_null(err);
        azure_fixture_finish(&f);
    }
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
        assert_int_equal(azure_token_get(f.tokens, &f.ctx, SCOPE, true, &token, NULL), 0);
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

    assert_int_equal(azure_token_get(f.tokens, &f.ctx, SCOPE, false, &token, &err), -1);

    assert_non_null(strstr(error_text(err), "/nonexistent/token"));
    azure_fixture_finish(&f);
}

static void check_claims(void **state)
{
    (void)state;
    cleanup_secret struct secret *token = secret_new("e30.eyJvaWQiOiJ4In0.", 20); /* {"oid":"x"} */
    cleanup_secret struct secret *opaque = secret_new("opaque", 6);
    cleanup_json json *claims = NULL;

    assert_int_equal(azure_token_claims(token, &claims, NULL), 0);
    assert_string_equal(json_path_str(claims, "oid"), "x");
    assert_int_equal(azure_token_claims(opaque, &claims, NULL), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a token is kept until five minutes before its end, or until a new one is asked for",
             check_cache),
        CASE("a refusal tells Azure's code and never the secret", check_refusal),
        CASE("an answer without a usable token is an error", check_no_token),
        CASE("a federated token is read anew for each request", check_federated),
        CASE("a missing federated token file is named", check_missing_file),
        CASE("claims are read without verification", check_claims),
    };
    return RUN_CASES("token", tests);
}
