#include <string.h>

#include "pkg/base/strv.h"
#include "pkg/net/proxy.h"
#include "test/unit/support/fake_env.h"
#include "test/unit/support/test.h"

struct find_case {
    const char *sentence, *no_proxy, *url, *dial_ip;
    bool proxied;
};
static struct find_case find_cases[] = {
    { "without exceptions everything is proxied", NULL, "https://a.test/", NULL, true },
    { "a star excepts everything", "*", "https://a.test/", NULL, false },
    { "a domain excepts itself", "x.test, A.test", "https://a.test/", NULL, false },
    { "a domain excepts what is below", "a.test", "https://b.a.test/", NULL, false },
    { "a domain ends at a dot", "a.test", "https://ba.test/", NULL, true },
    { "a dot excepts only what is below", ".a.test", "https://a.test/", NULL, true },
    { "a dot excepts what is below", ".a.test", "https://c.b.a.test/", NULL, false },
    { "a star and dot mean the same", "*.a.test", "https://b.a.test/", NULL, false },
    { "a star and dot do not except the domain", "*.a.test", "https://a.test/", NULL, true },
    { "a port limits the exception", "a.test:8443", "https://a.test/", NULL, true },
    { "a fitting port excepts", "a.test:8443", "https://a.test:8443/", NULL, false },
    { "an address excepts itself", "10.1.2.3", "https://10.1.2.3/", NULL, false },
    { "an address with a port", "10.1.2.3:443", "https://10.1.2.3/", NULL, false },
    { "an IPv6 address excepts itself", "[fd00::1]:443", "https://[fd00::1]/", NULL, false },
    { "an IPv6 address however it is spelt", "fd00:0::1", "https://[fd00::1]/", NULL, false },
    { "a block excepts its addresses", "10.0.0.0/12", "https://10.15.255.255/", NULL, false },
    { "a block ends where it ends", "10.0.0.0/12", "https://10.16.0.0/", NULL, true },
    { "a block of all", "0.0.0.0/0", "https://192.0.2.1/", NULL, false },
    { "a block of one", "192.0.2.1/32", "https://192.0.2.2/", NULL, true },
    { "an IPv6 block", "fd00::/9", "https://[fd7f::1]/", NULL, false },
    { "an IPv4 block is not for IPv6", "0.0.0.0/0", "https://[fd00::1]/", NULL, true },
    { "a broken block excepts nothing", "10.0.0.0/x,10.0.0.0/33", "https://10.0.0.1/", NULL, true },
    { "a block is not for names", "0.0.0.0/0", "https://a.test/", NULL, true },
    { "the dialled address counts too", "10.0.0.0/8", "https://a.test/", "10.1.1.1", false },
    { "another dialled address does not", "10.0.0.0/8", "https://a.test/", "11.1.1.1", true },
    { "localhost is never proxied", NULL, "https://localhost:8443/", NULL, false },
    { "loopback is never proxied", NULL, "https://127.9.9.9/", NULL, false },
    { "IPv6 loopback is never proxied", NULL, "https://[::1]/", NULL, false },
};

static void check_find(void **state)
{
    const struct find_case *c = *state;
    struct fake_env env;
    fake_env_init(&env);
    fake_env_set(&env, "HTTPS_PROXY", "http://user:pw@proxy.test:3128");
    fake_env_set(&env, "NO_PROXY", c->no_proxy);
    struct proxy_rules *p = NULL;
    assert_int_equal(proxy_rules_new(&env.base, &p, NULL), 0);
    struct url u;
    assert_int_equal(url_parse(c->url, &u, NULL), 0);

    const char *proxy = proxy_find(p, &u, c->dial_ip);

    assert_true(str_eq(proxy, c->proxied ? "http://user:pw@proxy.test:3128" : NULL));
    url_release(&u);
    proxy_rules_free(p);
    fake_env_release(&env);
}

static const char *give_found(struct fake_env *env, const char *url, char out[128])
{
    struct proxy_rules *p = NULL;
    assert_int_equal(proxy_rules_new(&env->base, &p, NULL), 0);
    struct url u;
    assert_int_equal(url_parse(url, &u, NULL), 0);
    const char *proxy = proxy_find(p, &u, NULL);
    (void)snprintf(out, 128, "%s", proxy ? proxy : "none");
    url_release(&u);
    proxy_rules_free(p);
    return out;
}

static void test_scheme_chooses_the_variable(void **state)
{
    (void)state;
    char out[128];
    struct fake_env env;
    fake_env_init(&env);
    fake_env_set(&env, "https_proxy", "lower.test:1");
    fake_env_set(&env, "HTTP_PROXY", "http://upper.test:2");
    fake_env_set(&env, "http_proxy", "http://lower.test:3");

    assert_string_equal(give_found(&env, "https://a.test", out), "http://lower.test:1");
    assert_string_equal(give_found(&env, "http://a.test", out), "http://upper.test:2");
    fake_env_set(&env, "HTTP_PROXY", "");
    assert_string_equal(give_found(&env, "http://a.test", out), "http://lower.test:3");
    fake_env_set(&env, "REQUEST_METHOD", "GET");
    assert_string_equal(give_found(&env, "http://a.test", out), "none");
    fake_env_release(&env);
}

static void test_proxy_urls_are_checked_and_completed(void **state)
{
    (void)state;
    static const struct {
        const char *text, *want;
    } cases[] = {
        { "proxy:3128", "http://proxy:3128" },
        { "http://u:p@proxy:3128", "http://u:p@proxy:3128" },
        { "https://proxy", "https://proxy" },
        { "socks5://proxy:1080", "socks5h://proxy:1080" },
        { "ftp://proxy", NULL },
        { "socks4://proxy", NULL },
        { "http://", NULL },
        { "http://a b", NULL },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        cleanup_free char *url = NULL;
        struct error *err = NULL;
        assert_int_equal(proxy_give_url(cases[i].text, &url, &err), cases[i].want ? 0 : -1);
        assert_true(str_eq(url, cases[i].want));
        error_free(err);
    }
}

static void test_bad_proxy_of_the_environment_is_an_error_without_its_text(void **state)
{
    (void)state;
    struct fake_env env;
    fake_env_init(&env);
    fake_env_set(&env, "HTTPS_PROXY", "ftp://user:hunter2@proxy");
    struct proxy_rules *p = NULL;
    struct error *err = NULL;

    assert_int_equal(proxy_rules_new(&env.base, &p, &err), -1);

    assert_non_null(strstr(error_text(err), "HTTPS_PROXY"));
    assert_null(strstr(error_text(err), "hunter2"));
    error_free(err);
    fake_env_release(&env);
}

int main(void)
{
    struct CMUnitTest tests[3 + ARRAY_LEN(find_cases)] = {
        CASE("the URL's scheme chooses the variable", test_scheme_chooses_the_variable),
        CASE("proxy URLs are checked and completed", test_proxy_urls_are_checked_and_completed),
        CASE("a bad proxy in the environment is an error without its text",
             test_bad_proxy_of_the_environment_is_an_error_without_its_text),
    };
    for (size_t i = 0; i < ARRAY_LEN(find_cases); i++)
        tests[3 + i] =
            (struct CMUnitTest)CASE_OF(find_cases[i].sentence, check_find, &find_cases[i]);
    return RUN_CASES("proxy", tests);
}
