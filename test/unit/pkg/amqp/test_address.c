#include <string.h>

#include "pkg/amqp/address.h"
#include "test/unit/support/fake_env.h"
#include "test/unit/support/test.h"

struct address_case {
    const char *name, *url;
    bool tls;
    const char *user, *password, *host, *vhost;
    int port;
};
static struct address_case good[] = {
    { "a full one", "amqp://me:se%40cret@broker:1234/a%2fb", false, "me", "se@cret", "broker",
      "a/b", 1234 },
    { "defaults", "amqp://broker", false, "guest", "guest", "broker", "/", 5672 },
    { "TLS has another port", "amqps://me:x@broker/", true, "me", "x", "broker", "", 5671 },
    { "an address of IPv6", "amqp://me:x@[::1]:7", false, "me", "x", "::1", "/", 7 },
};

static void check_good(void **state)
{
    const struct address_case *t = *state;
    struct fake_env env;
    fake_env_init(&env);
    cleanup_amqp_address struct amqp_address *a = NULL;
    cleanup_error struct error *err = NULL;
    if (amqp_address_parse(t->url, &env.base, &a, &err) < 0)
        fail_msg("%s", error_text(err));
    assert_int_equal(a->tls, t->tls);
    assert_string_equal(a->user, t->user);
    assert_string_equal(secret_reveal(a->password, NULL), t->password);
    assert_string_equal(a->host, t->host);
    assert_string_equal(a->vhost, t->vhost);
    assert_int_equal(a->port, t->port);
    assert_null(strstr(a->text, t->password));
    assert_string_equal(a->ca_file, "/etc/ssl/certs/ca-certificates.crt");
    fake_env_release(&env);
}

static void files_are_told_in_the_query(void **state)
{
    (void)state;
    struct fake_env env;
    fake_env_init(&env);
    fake_env_set(&env, "SSL_CERT_FILE", "/env.pem");
    cleanup_amqp_address struct amqp_address *a = NULL, *b = NULL;
    assert_int_equal(amqp_address_parse("amqps://b/?cacertfile=%2fa.pem&certfile=/c&keyfile=/k",
                                        &env.base, &a, NULL),
                     0);
    assert_string_equal(a->ca_file, "/a.pem");
    assert_string_equal(a->cert_file, "/c");
    assert_string_equal(a->key_file, "/k");
    assert_int_equal(amqp_address_parse("amqps://b", &env.base, &b, NULL), 0);
    assert_string_equal(b->ca_file, "/env.pem");
    assert_null(b->cert_file);
    fake_env_release(&env);
}

static void nonsense_is_refused_without_being_told(void **state)
{
    (void)state;
    static const char *const urls[] = {
        "",
        "broker",
        "http://me:hidden@broker",
        "amqp://me:hidden@broker:port",
        "amqp://me:hidden@broker:1/%zz",
        "amqp://me:hidden@broker/?cacertfile=/a",
        "amqps://me:hidden@broker/?verify=verify_none",
        "amqps://me:hidden@broker/?certfile=/a",
    };
    struct fake_env env;
    fake_env_init(&env);
    for (size_t i = 0; i < ARRAY_LEN(urls); i++) {
        cleanup_amqp_address struct amqp_address *a = NULL;
        cleanup_error struct error *err = NULL;
        if (amqp_address_parse(urls[i], &env.base, &a, &err) == 0)
            fail_msg("%s", urls[i]);
        assert_true(error_is(err, ERR_INVALID));
        assert_null(strstr(error_text(err), "hidden"));
    }
    fake_env_release(&env);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(good) + 2] = {
        CASE("files are told in the query", files_are_told_in_the_query),
        CASE("nonsense is refused without being told", nonsense_is_refused_without_being_told),
    };
    for (size_t i = 0; i < ARRAY_LEN(good); i++)
        tests[2 + i] = (struct CMUnitTest)CASE_OF(good[i].name, check_good, &good[i]);
    return RUN_CASES("address", tests);
}
