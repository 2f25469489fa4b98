/* What a kubeconfig's text becomes, or what is wrong with it. */
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/kube/config_impl.h"
#include "test/unit/support/pkg/kube/config_text.h"
#include "test/unit/support/test.h"

#define HEAD(cluster, user, context) \
    "current-context: c\n" \
    "contexts: [{name: c, context: {cluster: k, user: u" context "}}]\n" \
    "clusters: [{name: k, cluster: {" cluster "}}]\n" \
    "users: [{name: u, user: {" user "}}]\n"
#define SERVER "server: 'https://h:6443'"
#define BASE "server=https://h:6443\nnamespace=default\n"

struct text_case {
    const char *name, *text, *context;
    const char *want;        /* config_text; NULL: fails */
    const char *problems[6]; /* each is in the error's text */
};

/* clang-format off */
static struct text_case cases[] = {
    { "server and token", HEAD(SERVER, "token: t", ""), NULL, BASE "token=t\n", { 0 } },
    { "a chosen context beats the current one", "current-context: x\n"
      "contexts: [{name: c, context: {cluster: k}}, {name: x, context: {cluster: gone}}]\n"
      "clusters: [{name: k, cluster: {" SERVER "}}]", "c", BASE, { 0 } },
    { "a context without a user has no credentials", "current-context: c\n"
      "contexts: [{name: c, context: {cluster: k}}]\nclusters: [{name: k, cluster: {" SERVER "}}]", NULL, BASE, { 0 } },
    { "a namespace of the context", HEAD(SERVER, "", ", namespace: ns"), NULL, "server=https://h:6443\nnamespace=ns\n", { 0 } },
    { "the server's prefix is kept, query and fragment are dropped", HEAD("server: 'https://h/a/b/?x=1#y'", "", ""), NULL,
      "server=https://h/a/b\nnamespace=default\n", { 0 } },
    { "a scheme in capitals is the same scheme", HEAD("server: 'HTTPS://h:6443'", "token: t", ""), NULL, BASE "token=t\n", { 0 } },
    { "a host without a scheme is plain HTTP", HEAD("server: 'h:8080'", "", ""), NULL, "server=http://h:8080\nnamespace=default\n", { 0 } },
    { "a host without a scheme is HTTPS when verification is off", HEAD("server: h, insecure-skip-tls-verify: true", "token: t", ""), NULL,
      "server=https://h\nnamespace=default\ninsecure=true\ntoken=t\n", { 0 } },
    { "credentials are withheld from plain HTTP", HEAD("server: 'http://h'", "token: t, username: a, password: b, as: jane", ""), NULL, NULL, { "basic" } },
    { "a token is withheld from plain HTTP, impersonation is not", HEAD("server: 'http://h'", "token: t, as: jane", ""), NULL,
      "server=http://h\nnamespace=default\nas=jane\n", { 0 } },
    { "an IPv6 server keeps its brackets", HEAD("server: 'https://[::1]:6443'", "", ""), NULL, "server=https://[::1]:6443\nnamespace=default\n", { 0 } },
    { "every field of a cluster", HEAD(SERVER ", tls-server-name: n, proxy-url: 'http://p:3128', disable-compression: true", "", ""), NULL,
      BASE "server_name=n\nproxy=http://p:3128\ndisable_compression=true\n", { 0 } },
    { "basic authentication", HEAD(SERVER, "username: a, password: b", ""), NULL, BASE "user=a\npassword=b\n", { 0 } },
    { "a token file with an absolute path", HEAD(SERVER, "token: t, tokenFile: /var/token", ""), NULL, BASE "token=t\ntoken_file=/var/token\n", { 0 } },
    { "impersonation in full", HEAD(SERVER, "as: jane, as-uid: '7', as-groups: [a, b], as-user-extra: {Scopes: [x, y], z: [w]}", ""), NULL,
      BASE "as=jane\nas_uid=7\nas_group=a\nas_group=b\nas_extra.Scopes=x\nas_extra.Scopes=y\nas_extra.z=w\n", { 0 } },
    { "an exec plugin in full", HEAD(SERVER ", extensions: [{name: other, extension: 1}, {name: client.authentication.k8s.io/exec, extension: {a: b}}]",
        "exec: {apiVersion: client.authentication.k8s.io/v1, command: /bin/x, args: [a, ''], env: [{name: E, value: v}, {name: F}],"
        " installHint: get it, provideClusterInfo: true, interactiveMode: Never}", ""), NULL,
      BASE "exec=/bin/x\nexec.version=client.authentication.k8s.io/v1\nexec.hint=get it\nexec.mode=Never\nexec.cluster_info=true\n"
      "exec.arg=a\nexec.arg=\nexec.env.E=v\nexec.env.F=\nexec.config={\"a\":\"b\"}\n", { 0 } },
    { "interactiveMode may be left out in v1beta1", HEAD(SERVER, "exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: x}", ""), NULL,
      BASE "exec=x\nexec.version=client.authentication.k8s.io/v1beta1\nexec.mode=IfAvailable\n", { 0 } },
    { "null and unknown fields do no harm", HEAD(SERVER ", certificate-authority: null, new: {a: 1}", "token: null, exec: null, x: [1]", ", extensions: null"), NULL, BASE, { 0 } },
    { "JSON is YAML", "{\"kind\":\"Config\",\"apiVersion\":\"v1\",\"current-context\":\"c\",\"contexts\":[{\"name\":\"c\",\"context\":{\"cluster\":\"k\"}}],"
      "\"clusters\":[{\"name\":\"k\",\"cluster\":{\"server\":\"https://h:6443\"}}]}", NULL, BASE, { 0 } },

    { "an empty configuration is told apart", "", NULL, NULL, { "no configuration" } },
    { "so is one of empty maps", "clusters: []\nusers: null\ncontexts: []\n", NULL, NULL, { "no configuration" } },
    { "no current context", "clusters: [{name: k, cluster: {" SERVER "}}]", NULL, NULL, { "no context" } },
    { "a current context that does not exist", "current-context: x", NULL, NULL, { "context 'x' does not exist" } },
    { "a chosen context that does not exist", HEAD(SERVER, "", ""), "y", NULL, { "context 'y' does not exist" } },
    { "missing references are told together", "current-context: c\ncontexts: [{name: c, context: {cluster: k, user: u, namespace: A_b}}]", NULL, NULL,
      { "cluster 'k' does not exist", "user 'u' does not exist", "namespace 'A_b'" } },
    { "a context without a cluster", "current-context: c\ncontexts: [{name: c}]", NULL, NULL, { "cluster is missing" } },
    { "many defects are told together", HEAD("server: '', proxy-url: 'ftp://p', certificate-authority-data: '!', insecure-skip-tls-verify: 7",
        "client-certificate-data: Yw==, token: 5, as-groups: [a]", ", namespace: '-'"), NULL, NULL,
      { "server is missing", "proxy-url", "certificate-authority-data is not base64", "needs a client key", "token is not a string", "need the user in as" } },
    { "a server that is no URL", HEAD("server: 'https://'", "", ""), NULL, NULL, { "the server 'https://'" } },
    { "a server of another scheme", HEAD("server: 'ftp://h'", "", ""), NULL, NULL, { "the server 'ftp://h'" } },
    { "a bad proxy URL does not show its password", HEAD(SERVER ", proxy-url: 'socks4://a:s3cret@h'", "", ""), NULL, NULL, { "proxy-url is not" } },
    { "verification off and an authority exclude each other", HEAD(SERVER ", insecure-skip-tls-verify: true, certificate-authority-data: QQ==", "", ""), NULL, NULL,
      { "insecure-skip-tls-verify are both given" } },
    { "an authority without certificates", HEAD(SERVER ", certificate-authority-data: QQ==", "", ""), NULL, NULL, { "certificate authority" } },
    { "data and file of one thing exclude each other", HEAD(SERVER ", certificate-authority-data: QQ==, certificate-authority: /a",
        "client-certificate-data: QQ==, client-certificate: /a, client-key-data: QQ==, client-key: /b", ""), NULL, NULL,
      { "certificate-authority-data and certificate-authority", "client-certificate-data and client-certificate", "client-key-data and client-key" } },
    { "a key without a certificate", HEAD(SERVER, "client-key-data: QQ==", ""), NULL, NULL, { "needs a client certificate" } },
    { "files that cannot be read", HEAD(SERVER ", certificate-authority: /nonexistent/ca", "client-certificate: /nonexistent/c, client-key: /nonexistent/k", ""), NULL, NULL,
      { "/nonexistent/ca", "/nonexistent/c", "/nonexistent/k" } },
    { "a directory instead of a file", HEAD(SERVER ", certificate-authority: /", "", ""), NULL, NULL, { "certificate-authority: " } },
    { "relative paths without a file", HEAD(SERVER ", certificate-authority: ca", "client-certificate: c, client-key: k, tokenFile: t,"
        " exec: {apiVersion: client.authentication.k8s.io/v1, command: ./x, interactiveMode: Never}", ""), NULL, NULL,
      { "certificate-authority is a relative path", "client-certificate is a relative", "client-key is a relative", "tokenFile is a relative", "command is a relative" } },
    { "basic authentication and a token exclude each other", HEAD(SERVER, "token: t, username: a", ""), NULL, NULL, { "basic authentication and a token" } },
    { "impersonation of nobody", HEAD(SERVER, "as-uid: '7'", ""), NULL, NULL, { "need the user in as" } },
    { "impersonation of wrong types", HEAD(SERVER, "as: jane, as-groups: x, as-user-extra: {a: b, c: [1]}", ""), NULL, NULL,
      { "as-groups is not a list", "as-user-extra 'a' is not a list", "as-user-extra 'c' holds" } },
    { "an empty exec", HEAD(SERVER, "exec: {}", ""), NULL, NULL, { "command is missing", "apiVersion is missing" } },
    { "exec of an old version", HEAD(SERVER, "exec: {apiVersion: client.authentication.k8s.io/v1alpha1, command: x}", ""), NULL, NULL, { "not supported" } },
    { "interactiveMode is mandatory in v1", HEAD(SERVER, "exec: {apiVersion: client.authentication.k8s.io/v1, command: x}", ""), NULL, NULL, { "interactiveMode is missing" } },
    { "an unknown interactiveMode", HEAD(SERVER, "exec: {apiVersion: client.authentication.k8s.io/v1, command: x, interactiveMode: Maybe}", ""), NULL, NULL, { "'Maybe'" } },
    { "exec with an unnamed environment entry", HEAD(SERVER, "exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: x, env: [{value: s3cret}], args: [1]}", ""), NULL, NULL,
      { "environment entry has no name", "argument is not a string" } },
    { "exec that is no map", HEAD(SERVER, "exec: x", ""), NULL, NULL, { "exec is not a map" } },
    { "exec and an auth provider exclude each other", HEAD(SERVER, "exec: {}, auth-provider: {name: oidc}", ""), NULL, NULL, { "exec and auth-provider" } },
    { "auth providers are refused in favour of exec", HEAD(SERVER, "auth-provider: {name: gcp}", ""), NULL, NULL, { "'gcp' is not supported; use an exec plugin" } },
    { "an entry of another kind", "kind: Pod", NULL, NULL, { "kind is 'Pod'" } },
    { "text that is no YAML", "a: [", NULL, NULL, { "kubeconfig" } },
};
/* clang-format on */

static void check_text(void **state)
{
    const struct text_case *c = *state;
    cleanup_kube_config struct kube_config *cfg = NULL;
    cleanup_error struct error *err = NULL;

    int rc = kube_config_parse(c->text, strlen(c->text), c->context, &cfg, &err);

    if (c->want) {
        if (rc < 0)
            fail_msg("%s", error_text(err));
        cleanup_free char *text = give_config_text(cfg);
        assert_string_equal(text, c->want);
        return;
    }
    assert_int_equal(rc, -1);
    assert_null(strstr(error_text(err), "s3cret"));
    for (size_t i = 0; i < ARRAY_LEN(c->problems) && c->problems[i]; i++) {
        if (!strstr(error_text(err), c->problems[i]))
            fail_msg("no '%s' in: %s", c->problems[i], error_text(err));
    }
}

/* ---- overrides ---- */

struct override_case {
    const char *name, *text;
    struct kube_config_options opt;
    const char *want;
};

#define FULL HEAD(SERVER ", tls-server-name: n", "token: t, tokenFile: /f", ", namespace: ns")

static struct override_case override_cases[] = {
    { "a server drops the inherited name",
      FULL,
      { .server = "https://other" },
      "server=https://other\nnamespace=ns\ntoken=t\ntoken_file=/f\n" },
    { "a server may come with its name",
      FULL,
      { .server = "https://other", .server_name = "o" },
      "server=https://other\nnamespace=ns\nserver_name=o\ntoken=t\ntoken_file=/f\n" },
    { "a token replaces all credentials",
      FULL,
      { .token = "x" },
      "server=https://h:6443\nnamespace=ns\nserver_name=n\ntoken=x\n" },
    { "a namespace beats that of the context",
      FULL,
      { .nspace = "mine" },
      "server=https://h:6443\nnamespace=mine\nserver_name=n\ntoken=t\ntoken_file=/f\n" },
    { "a server alone is enough",
      "",
      { .server = "h:1" },
      "server=http://h:1\nnamespace=default\n" },
};

static void check_override(void **state)
{
    const struct override_case *c = *state;
    struct kubeconfig k;
    kubeconfig_init(&k);
    assert_int_equal(kubeconfig_add_text(&k, c->text, strlen(c->text), NULL, NULL), 0);
    cleanup_kube_config struct kube_config *cfg = NULL;
    cleanup_error struct error *err = NULL;

    int rc = config_build(&k, &c->opt, &cfg, &err);

    if (rc < 0)
        fail_msg("%s", error_text(err));
    cleanup_free char *text = give_config_text(cfg);
    assert_string_equal(text, c->want);
    kubeconfig_release(&k);
}

static void test_ca_file_replaces_data(void **state)
{
    (void)state;
    static const char text[] = HEAD(SERVER ", certificate-authority-data: QQ==", "", "");
    struct kubeconfig k;
    kubeconfig_init(&k);
    assert_int_equal(kubeconfig_add_text(&k, text, strlen(text), NULL, NULL), 0);
    struct kube_config *cfg = NULL;
    cleanup_error struct error *err = NULL;

    assert_int_equal(
        config_build(&k, &(struct kube_config_options){ .ca_file = "/nonexistent/ca" }, &cfg, &err),
        -1);

    /* Only the file is complained about: the data, bad in itself, is not looked at. */
    assert_non_null(strstr(error_text(err), "/nonexistent/ca"));
    assert_null(strchr(error_text(err), '\n'));
    kubeconfig_release(&k);
}

static void test_empty_has_a_code(void **state)
{
    (void)state;
    struct kube_config *cfg = NULL;
    cleanup_error struct error *err = NULL;
    assert_int_equal(kube_config_parse("", 0, NULL, &cfg, &err), -1);
    assert_int_equal(error_kind(err), ERR_NOT_FOUND);
    assert_string_equal(error_get_code(err), CONFIG_ERR_EMPTY);
}

static const char *const good_proxies[] = { "http://p", "https://p:1", "socks5://p",
                                            "http://user:pa%40ss@p:3128", "http://[::1]:1" };
static const char *const bad_proxies[] = { "p:3128", "http://", "socks4://p", "http://a:b@" };

static int parse_proxy(const char *url)
{
    cleanup_free char *text = xasprintf(HEAD(SERVER ", proxy-url: '%s'", "", ""), url);
    cleanup_kube_config struct kube_config *cfg = NULL;
    return kube_config_parse(text, strlen(text), NULL, &cfg, NULL);
}

static void test_proxies(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(good_proxies); i++)
        assert_int_equal(parse_proxy(good_proxies[i]), 0);
    for (size_t i = 0; i < ARRAY_LEN(bad_proxies); i++)
        assert_int_equal(parse_proxy(bad_proxies[i]), -1);
}

static void test_free_null(void **state)
{
    (void)state;
    kube_config_free(NULL);
}

int main(void)
{
    static const struct CMUnitTest single[] = {
        CASE("overriding the authority's file drops its data", test_ca_file_replaces_data),
        CASE("an empty configuration has a code of its own", test_empty_has_a_code),
        CASE("proxies are http, https or socks5, with or without a user", test_proxies),
        CASE("freeing nothing is allowed", test_free_null),
    };
    struct CMUnitTest tests[ARRAY_LEN(single) + ARRAY_LEN(cases) + ARRAY_LEN(override_cases)];
    size_t n = 0;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[n++] = (struct CMUnitTest)CASE_OF(cases[i].name, check_text, &cases[i]);
    for (size_t i = 0; i < ARRAY_LEN(override_cases); i++)
        tests[n++] =
            (struct CMUnitTest)CASE_OF(override_cases[i].name, check_override, &override_cases[i]);
    for (size_t i = 0; i < ARRAY_LEN(single); i++)
        tests[n++] = single[i];
    return RUN_CASES("config_build", tests);
}
