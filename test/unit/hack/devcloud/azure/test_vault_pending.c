#include "test/unit/hack/devcloud/azure/vault_rig.h"

#define CREATE "/certificates/n/create" VAULT_VERSION
#define PENDING "/certificates/n/pending" VAULT_VERSION

/* What each look in turn says. */
static void expect_looks(struct rig *r, const char *const *statuses, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        cleanup_reply struct rig_reply reply = { 0 };
        assert_int_equal(rig_call(r, "GET", PENDING, NULL, &reply), 200);
        assert_string_equal(json_path_str(reply.body, "status"), statuses[i]);
        assert_int_equal(json_path(reply.body, "error") != NULL, str_eq(statuses[i], "failed"));
        assert_int_equal(json_path(reply.body, "target") != NULL, str_eq(statuses[i], "completed"));
    }
}

static void check_looks(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    vault_rig_open(&r);
    rig_patch(&r, "{'certificates':{'looks':2}}");
    cleanup_reply struct rig_reply reply = { 0 };
    static const char *const looks[] = { "inProgress", "inProgress", "completed", "completed" };

    assert_int_equal(rig_call(&r, "POST", CREATE, VAULT_WISH, &reply), 202);

    assert_non_null(
        strstr(http_headers_get(&reply.headers, "Location"), "/certificates/n/pending"));
    assert_string_equal(json_path_str(reply.body, "status"), "inProgress");
    assert_non_null(json_path_str(reply.body, "request_id"));
    rig_refused(&r, "POST", CREATE, VAULT_WISH, 409, "Conflict");
    rig_refused(&r, "GET", "/secrets/n" VAULT_VERSION, NULL, 404, "SecretNotFound");
    assert_int_equal(rig_call(&r, "GET", "/certificates/n" VAULT_VERSION, NULL, &reply), 200);
    assert_null(json_path_str(reply.body, "cer"));
    expect_looks(&r, looks, ARRAY_LEN(looks));
}

static void check_failures(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    vault_rig_open(&r);
    rig_patch(&r, "{'certificates':{'looks':1,'error':{'code':'ProviderError','message':"
                  "'busy [Status:FailedCanRetry]'}}}");
    static const char *const passes[] = { "inProgress", "failed", "inProgress", "completed" };
    static const char *const ends[] = { "inProgress", "failed", "failed" };
    rig_call(&r, "POST", CREATE, VAULT_WISH, NULL);
    expect_looks(&r, passes, ARRAY_LEN(passes));

    rig_patch(&r, "{'certificates':{'error':{'message':'no'}}}");
    rig_call(&r, "POST", CREATE, VAULT_WISH, NULL);

    expect_looks(&r, ends, ARRAY_LEN(ends));
    rig_patch(&r, "{'certificates':null}");
    vault_rig_issue(&r, "n", VAULT_WISH); /* again */
}

static void check_cancellation(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    vault_rig_open(&r);
    rig_patch(&r, "{'certificates':{'looks':9}}");
    static const char *const looks[] = { "cancelled", "cancelled" };
    rig_refused(&r, "GET", PENDING, NULL, 404, "PendingCertificateNotFound");
    rig_call(&r, "POST", CREATE, VAULT_WISH, NULL);

    assert_int_equal(rig_call(&r, "PATCH", PENDING, "{'cancellation_requested':true}", NULL), 200);

    expect_looks(&r, looks, ARRAY_LEN(looks));
    assert_int_equal(rig_call(&r, "DELETE", PENDING, NULL, NULL), 200);
    rig_refused(&r, "GET", PENDING, NULL, 404, "PendingCertificateNotFound");
    rig_refused(&r, "GET", "/certificates/n" VAULT_VERSION, NULL, 404, "CertificateNotFound");
    rig_refused(&r, "PUT", PENDING, "{}", 404, "PendingCertificateNotFound");
}

static void check_unknown_issuer(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    vault_rig_open(&r);
    static const char *const looks[] = { "inProgress", "inProgress", "inProgress" };

    rig_call(&r, "POST", CREATE, VAULT_POLICY("Unknown", "'subject':'CN=a'"), NULL);

    expect_looks(&r, looks, ARRAY_LEN(looks)); /* for ever */
}

static void check_second(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    vault_rig_open(&r);
    cleanup_reply struct rig_reply reply = { 0 };
    rig_refused(&r, "POST", CREATE, "{}", 400, "BadParameter");
    vault_rig_issue(&r, "n", VAULT_WISH);

    vault_rig_issue(&r, "n", "{}"); /* after the policy that is there */

    rig_call(&r, "GET", "/secrets/n/versions" VAULT_VERSION, NULL, &reply);
    assert_int_equal(json_len(json_get(reply.body, "value")), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a certificate is there after some looks", check_looks),
        CASE("an issuer may fail for a while, or for good", check_failures),
        CASE("what is being made can be cancelled", check_cancellation),
        CASE("an unknown issuer is waited for", check_unknown_issuer),
        CASE("a name has its policy for more", check_second),
    };
    return RUN_CASES("vault_pending", tests);
}
