#include <string.h>

#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "rp/syncsets/types/kubeconfig.h"
#include "test/unit/support/pkg/net/pki.h"
#include "test/unit/support/test.h"

static const struct config_case {
    const char *name, *text, *cause, *why;
} cases[] = {
    { "tells what is no kubeconfig", "foobar", NULL, "no YAML or JSON object" },
    { "tells what is no YAML, without a word of it", "{s3cret", NULL, "neither YAML nor JSON" },
    { "wants a context", "{}", NULL, "current-context" },
    { "refuses programs", "users: [{name: u, user: {exec: {command: x}}}]", "user.exec", NULL },
    { "refuses files of certificates", "users: [{name: u, user: {client-certificate: /x}}]",
      "client-certificate", NULL },
    { "refuses files of tokens", "users: [{name: u, user: {tokenFile: /x}}]", "tokenFile", NULL },
    { "refuses files of authorities", "clusters: [{name: c, cluster: {certificate-authority: /x}}]",
      "certificate-authority", NULL },
    { "refuses providers", "users: [{name: u, user: {auth-provider: {name: gcp}}}]",
      "auth-provider", NULL },
};

static void check(void **state)
{
    const struct config_case *c = *state;
    cleanup_free char *why = NULL;
    cleanup_causes struct api_causes causes;
    api_causes_init(&causes);
    assert_false(kubeconfig_check(c->text, strlen(c->text), "spec.kubeconfig", &causes, &why));
    cleanup_free char *told = json_give_text(causes.list);
    assert_int_equal(json_len(causes.list), c->cause ? 1 : 0);
    if (c->cause)
        assert_non_null(strstr(told, c->cause));
    if (c->why)
        assert_non_null(strstr(why, c->why));
    assert_null(strstr(why, "s3cret"));
}

static char *give_config(const char *server, const char *ca, const char *user)
{
    cleanup_free char *data = base64_give(ca, strlen(ca));
    return xasprintf(
        "{\"current-context\":\"x\",\"contexts\":[{\"name\":\"x\",\"context\":{\"cluster\":\"c\","
        "\"user\":"
        "\"u\"}}],\"clusters\":[{\"name\":\"c\",\"cluster\":{\"server\":\"%s\","
        "\"certificate-authority-data\":\"%s\"}}],\"users\":[{\"name\":\"u\",\"user\":%s}]}",
        server, data, user);
}

static bool is_usable(const char *server, const char *ca, const char *user)
{
    cleanup_free char *text = give_config(server, ca, user), *why = NULL;
    cleanup_causes struct api_causes causes;
    api_causes_init(&causes);
    return kubeconfig_check(text, strlen(text), "k", &causes, &why);
}

static void a_whole_one_can_be_used(void **state)
{
    (void)state;
    struct test_cert *ca = test_ca_new("ca"), *other = test_ca_new("other");
    cleanup_free char *cert = base64_give(ca->cert_pem, strlen(ca->cert_pem));
    cleanup_free char *key = base64_give(ca->key_pem, strlen(ca->key_pem));
    cleanup_free char *strange = base64_give(other->key_pem, strlen(other->key_pem));
    cleanup_free char *pair =
        xasprintf("{\"client-certificate-data\":\"%s\",\"client-key-data\":\"%s\"}", cert, key);
    cleanup_free char *odd =
        xasprintf("{\"client-certificate-data\":\"%s\",\"client-key-data\":\"%s\"}", cert, strange);
    assert_true(is_usable("https://api.x:6443", ca->cert_pem, "{\"token\":\"t\"}"));
    assert_true(is_usable("https://api.x:6443", ca->cert_pem, pair));
    assert_false(is_usable("https://api.x:6443", ca->cert_pem, odd));
    assert_false(is_usable("http://api.x:6443", ca->cert_pem, "{\"token\":\"t\"}"));
    assert_false(is_usable("https://api.x:6443", "none", "{\"token\":\"t\"}"));
    assert_false(is_usable("https://api.x:6443\",\"proxy-url\":\"https://elsewhere", ca->cert_pem,
                           "{\"token\":\"t\"}"));
    assert_false(is_usable("https://api.x:6443", ca->cert_pem, "{}"));
    test_cert_free(ca);
    test_cert_free(other);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases) + 1];
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[i] = (struct CMUnitTest)CASE_OF(cases[i].name, check, (void *)(uintptr_t)&cases[i]);
    tests[ARRAY_LEN(cases)] =
        (struct CMUnitTest)CASE("a whole one can be used", a_whole_one_can_be_used);
    return RUN_CASES("kubeconfig", tests);
}
