#include <string.h>

#include "pkg/base/json.h"
#include "pkg/base/mem.h"
#include "pkg/crypt/crypt.h"
#include "pkg/kube/plugin_reply.h"
#include "test/unit/support/fake_clock.h"
#include "test/unit/support/test.h"

#define V1 "client.authentication.k8s.io/v1"
#define REPLY(status) \
    "{\"kind\":\"ExecCredential\",\"apiVersion\":\"" V1 "\",\"status\":" status "}"

struct reply_case {
    const char *name, *text, *fails; /* part of the error; NULL: succeeds */
    const char *token;
    int64_t expires_wall_ns;
};

static struct reply_case cases[] = {
    { "a token without an expiry lasts for ever", REPLY("{\"token\":\"t\"}"), NULL, "t",
      INT64_MAX },
    { "an expiry is read",
      REPLY("{\"token\":\"t\",\"expirationTimestamp\":\"2024-02-03T04:05:06Z\"}"), NULL, "t",
      FAKE_WALL_NS },
    { "an expiry of null is none", REPLY("{\"token\":\"t\",\"expirationTimestamp\":null}"), NULL,
      "t", INT64_MAX },
    { "unknown fields do no harm", REPLY("{\"token\":\"t\",\"new\":{}}"), NULL, "t", INT64_MAX },
    { "a bad expiry is refused", REPLY("{\"token\":\"t\",\"expirationTimestamp\":\"soon\"}"),
      "expirationTimestamp", NULL, 0 },
    { "an expiry that is a number is refused", REPLY("{\"token\":\"t\",\"expirationTimestamp\":7}"),
      "expirationTimestamp", NULL, 0 },
    { "garbage is refused and not quoted", "s3cret", "not a JSON object", NULL, 0 },
    { "nothing is refused", "", "not a JSON object", NULL, 0 },
    { "a list is refused", "[]", "not a JSON object", NULL, 0 },
    { "another kind is refused", "{\"kind\":\"Status\",\"apiVersion\":\"" V1 "\"}", "kind", NULL,
      0 },
    { "another version is refused",
      "{\"kind\":\"ExecCredential\",\"apiVersion\":\"client.authentication.k8s.io/v1beta1\","
      "\"status\":{\"token\":\"t\"}}",
      "apiVersion", NULL, 0 },
    { "a missing version is refused", "{\"kind\":\"ExecCredential\",\"status\":{\"token\":\"t\"}}",
      "apiVersion", NULL, 0 },
    { "a missing status is refused", "{\"kind\":\"ExecCredential\",\"apiVersion\":\"" V1 "\"}",
      "no status", NULL, 0 },
    { "a status of null is refused", REPLY("null"), "no status", NULL, 0 },
    { "an empty status is refused", REPLY("{}"), "neither", NULL, 0 },
    { "an empty token is none", REPLY("{\"token\":\"\"}"), "neither", NULL, 0 },
    { "a certificate without its key is refused", REPLY("{\"clientCertificateData\":\"c\"}"),
      "half", NULL, 0 },
    { "a key without its certificate is refused",
      REPLY("{\"token\":\"t\",\"clientKeyData\":\"k\"}"), "half", NULL, 0 },
    { "a certificate that is none is refused",
      REPLY("{\"clientCertificateData\":\"c\",\"clientKeyData\":\"k\"}"), "clientCertificateData",
      NULL, 0 },
};

static void check_reply(void **state)
{
    const struct reply_case *c = *state;
    struct plugin_reply r = { 0 };
    cleanup_error struct error *err = NULL;

    int rc = plugin_reply_parse(c->text, strlen(c->text), V1, &r, &err);

    assert_int_equal(rc, c->fails ? -1 : 0);
    if (c->fails) {
        assert_int_equal(error_kind(err), ERR_INVALID);
        assert_non_null(strstr(error_text(err), c->fails));
        assert_null(strstr(error_text(err), "s3cret"));
        assert_null(r.token);
    } else {
        assert_string_equal(secret_reveal(r.token, NULL), c->token);
        assert_true(r.expires_wall_ns == c->expires_wall_ns);
    }
    plugin_reply_release(&r);
}

static void make_pair(char **cert, struct secret **key)
{
    struct x509_request req = { .common_name = "jane",
                                .is_client = true,
                                .not_before_wall_ns = FAKE_WALL_NS,
                                .not_after_wall_ns = FAKE_WALL_NS + 3600 * NS_PER_S };
    assert_int_equal(x509_make(&req, cert, key, NULL), 0);
}

static int parse_pair(const char *cert, const struct secret *key, struct plugin_reply *ret,
                      struct error **err)
{
    cleanup_json json *j =
        json_make("{'kind':'ExecCredential','apiVersion':%s,'status':{'clientCertificateData':%s,"
                  "'clientKeyData':%s}}",
                  V1, cert, secret_reveal(key, NULL));
    cleanup_free char *text = json_give_text(j);
    return plugin_reply_parse(text, strlen(text), V1, ret, err);
}

static void test_pair(void **state)
{
    (void)state;
    cleanup_free char *cert = NULL;
    cleanup_secret struct secret *key = NULL;
    make_pair(&cert, &key);
    struct plugin_reply r = { 0 };

    assert_int_equal(parse_pair(cert, key, &r, NULL), 0);

    assert_null(r.token);
    assert_string_equal(r.cert_pem, cert);
    assert_true(secret_equal(r.key_pem, key));
    plugin_reply_release(&r);
}

static void test_foreign_key(void **state)
{
    (void)state;
    cleanup_free char *cert = NULL;
    cleanup_free char *other_cert = NULL;
    cleanup_secret struct secret *key = NULL;
    cleanup_secret struct secret *other_key = NULL;
    make_pair(&cert, &key);
    make_pair(&other_cert, &other_key);
    struct plugin_reply r = { 0 };
    cleanup_error struct error *err = NULL;

    assert_int_equal(parse_pair(cert, other_key, &r, &err), -1);

    assert_non_null(strstr(error_text(err), "clientKeyData"));
    plugin_reply_release(&r);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases) + 2];
    size_t n = 0;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[n++] = (struct CMUnitTest)CASE_OF(cases[i].name, check_reply, &cases[i]);
    tests[n++] = (struct CMUnitTest)CASE("a certificate with its key is accepted", test_pair);
    tests[n++] =
        (struct CMUnitTest)CASE("a key of another certificate is refused", test_foreign_key);
    return RUN_CASES("plugin_reply", tests);
}
