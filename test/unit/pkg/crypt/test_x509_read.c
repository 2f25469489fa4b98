#include <string.h>

#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "pkg/crypt/crypt.h"
#include "test/unit/support/certs.h"
#include "test/unit/support/test.h"

struct der {
    char *data;
    size_t len;
};

static struct der der_of(const char *pem)
{
    cleanup_free char *body = xstrdup(strchr(pem, '\n') + 1);
    *strstr(body, "-----END") = '\0';
    size_t out = 0;
    for (size_t i = 0; body[i]; i++)
        if (body[i] != '\n')
            body[out++] = body[i];
    struct der d = { 0 };
    assert_int_equal(base64_parse(body, out, &d.data, &d.len, NULL), 0);
    return d;
}

static void check_facts(void **state)
{
    (void)state;
    struct pair ca = pair_make("ca", NULL, false, false);
    struct pair jane = pair_make("jane", &ca, true, false);
    struct der der = der_of(jane.cert);
    struct x509_facts facts;

    assert_int_equal(x509_read_der(der.data, der.len, &facts, NULL), 0);

    assert_string_equal(facts.common_name, "jane");
    assert_int_equal(facts.organizations.len, 1);
    assert_string_equal(facts.organizations.v[0], "system:masters");
    assert_true(strv_has(&facts.dns_names, "api.example"));
    assert_true(strv_has(&facts.ip_addresses, "127.0.0.1"));
    assert_true(strv_has(&facts.ip_addresses, "::1"));
    assert_int_equal(facts.not_after_wall_ns - facts.not_before_wall_ns, DAY_NS);
    x509_facts_release(&facts);
    free(der.data);
    pair_release(&jane);
    pair_release(&ca);
}

static bool names_own_key(const char *pem)
{
    struct der der = der_of(pem);
    struct x509_facts facts;
    assert_int_equal(x509_read_der(der.data, der.len, &facts, NULL), 0);
    bool same = facts.names_own_key;
    x509_facts_release(&facts);
    free(der.data);
    return same;
}

static void check_key_identifiers(void **state)
{
    (void)state;
    struct pair ca = pair_make("ca", NULL, false, false);
    struct pair server = pair_make("server", &ca, false, false);

    cleanup_free char *defect = cert_give_own_issuer();

    assert_true(names_own_key(defect));
    assert_false(names_own_key(server.cert));
    pair_release(&server);
    pair_release(&ca);
}

static void refuses_a_chain_that_is_none(void **state)
{
    (void)state;
    struct pair ca = pair_make("ca", NULL, false, false);
    struct pair jane = pair_make("jane", &ca, true, false);
    struct der client = der_of(jane.cert);
    const struct x509_der unrelated = { client.data, client.len }, garbage = { "moon", 4 };
    int64_t noon = CERT_EPOCH_NS + DAY_NS / 2;

    assert_int_equal(
        x509_verify_client_chain(client.data, client.len, &unrelated, 1, ca.cert, noon, NULL), 0);
    assert_int_equal(
        x509_verify_client_chain(client.data, client.len, &garbage, 1, ca.cert, noon, NULL), -1);
    free(client.data);
    pair_release(&jane);
    pair_release(&ca);
}

static void check_client(void **state)
{
    (void)state;
    struct pair ca = pair_make("ca", NULL, false, false);
    struct pair other = pair_make("ca", NULL, false, false);
    struct pair jane = pair_make("jane", &ca, true, false);
    struct pair server = pair_make("server", &ca, false, false);
    struct der client = der_of(jane.cert), not_client = der_of(server.cert);
    int64_t noon = CERT_EPOCH_NS + DAY_NS / 2;

    assert_int_equal(x509_verify_client(client.data, client.len, ca.cert, noon, NULL), 0);
    assert_int_equal(x509_verify_client(client.data, client.len, other.cert, noon, NULL), -1);
    assert_int_equal(x509_verify_client(client.data, client.len, ca.cert, noon + DAY_NS, NULL), -1);
    assert_int_equal(x509_verify_client(client.data, client.len, ca.cert, noon - DAY_NS, NULL), -1);
    assert_int_equal(x509_verify_client(not_client.data, not_client.len, ca.cert, noon, NULL), -1);
    free(client.data);
    free(not_client.data);
    pair_release(&server);
    pair_release(&jane);
    pair_release(&other);
    pair_release(&ca);
}

static void check_garbage(void **state)
{
    (void)state;
    struct x509_facts facts;
    cleanup_error struct error *err = NULL;

    assert_int_equal(x509_read_der("\x30\x82garbage", 9, &facts, &err), -1);
    assert_true(error_is(err, ERR_INVALID));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("subject, names and times of a certificate are read", check_facts),
        CASE("a client certificate counts only from its authority, in its time, for its purpose",
             check_client),
        CASE("overlooks unrelated links of a chain, and refuses garbage",
             refuses_a_chain_that_is_none),
        CASE("a certificate that names its own key is told from others", check_key_identifiers),
        CASE("garbage is refused", check_garbage),
    };
    return RUN_CASES("x509_read", tests);
}
