/* Whom a client trusts, and what it proves. */
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pkg/base/file.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/net/tls_client.h"
#include "test/unit/support/pkg/net/h2_front.h"
#include "test/unit/support/pkg/net/net_fixture.h"
#include "test/unit/support/pkg/net/relay.h"
#include "test/unit/support/test.h"

static bool say_names(struct server_call *c)
{
    cleanup_free char *text =
        xasprintf("host=%s sni=%s client=%s", http_headers_get(&c->req->headers, "Host"),
                  c->req->sni, c->req->client_name);
    call_reply(c, 200, "", text);
    return true;
}

/* ---- names ---- */

struct name_case {
    const char *sentence, *common_name, *alt_names, *url_host, *server_name;
    const char *sni; /* NULL: refused */
};
static struct name_case name_cases[] = {
    { "the URL's name is verified and sent", "x", "DNS:api.test", "api.test", NULL, "api.test" },
    { "another name is refused", "x", "DNS:other.test", "api.test", NULL, NULL },
    { "a common name alone is refused", "api.test", NULL, "api.test", NULL, NULL },
    { "a common name does not help beside alternative names", "api.test", "DNS:other.test",
      "api.test", NULL, NULL },
    { "a wildcard stands for one label", "x", "DNS:*.example.test", "api.example.test", NULL,
      "api.example.test" },
    { "a wildcard does not stand for two labels", "x", "DNS:*.example.test", "a.b.example.test",
      NULL, NULL },
    { "a part of a label is no wildcard", "x", "DNS:a*.example.test", "api.example.test", NULL,
      NULL },
    { "an address needs an address in the certificate", "x", "DNS:127.0.0.1", "127.0.0.1", NULL,
      NULL },
    { "an address is verified, and no name sent", "x", "IP:127.0.0.1", "127.0.0.1", NULL, "" },
    { "a server name replaces the URL's name", "x", "DNS:real.test", "api.test", "real.test",
      "real.test" },
    { "a server name replaces an address", "x", "DNS:real.test", "127.0.0.1", "real.test",
      "real.test" },
    { "a server name makes the URL's name worthless", "x", "DNS:api.test", "api.test", "real.test",
      NULL },
    { "a server name may be an address", "x", "IP:10.0.0.1", "api.test", "10.0.0.1", "" },
};

static void check_name(void **state)
{
    const struct name_case *c = *state;
    struct net_fixture f;
    net_setup(&f);
    struct test_cert *cert = test_cert_new(f.ca, c->common_name, c->alt_names);
    struct tls_server *s =
        tls_server_start(&(struct tls_server_config){ .cert = cert, .script = say_names });
    cleanup_free char *dial = xasprintf("127.0.0.1:%u", tls_server_port(s));
    struct http_peer *p = net_peer(
        &f, &(struct http_peer_config){ .server_name = c->server_name, .dial_address = dial });
    struct http_response resp;
    struct error *err = NULL;

    int status = net_get(&f, p, xasprintf("https://%s/", c->url_host), &resp, &err);

    if (c->sni) {
        cleanup_free char *want = xasprintf("host=%s sni=%s client=", c->url_host, c->sni);
        assert_int_equal(status, 200);
        assert_string_equal(buf_str(&resp.body), want); /* the Host header stays the URL's */
    } else {
        assert_int_equal(status, -1);
        assert_int_equal(error_kind(err), ERR_CONN);
        assert_string_equal(error_get_code(err), HTTP_ERR_TLS);
    }
    error_free(err);
    http_response_release(&resp);
    http_peer_unref(p);
    tls_server_stop(s);
    test_cert_free(cert);
    net_teardown(&f);
}

/* ---- trust ---- */

static int get_api(struct net_fixture *f, const struct http_peer_config *cfg, struct tls_server *s,
                   struct error **err)
{
    struct http_peer *p = NULL;
    if (http_peer_new(f->client, cfg, &p, err) < 0)
        return -2;
    int status = net_get(f, p, tls_server_give_url(s, "127.0.0.1", "/"), NULL, err);
    http_peer_unref(p);
    return status;
}

static void test_only_the_given_bundle_is_trusted(void **state)
{
    (void)state;
    struct net_fixture f;
    net_setup(&f);
    struct test_cert *other = test_ca_new("Other authority");
    cleanup_free char *both = xasprintf("# a comment\n%s\n%s", other->cert_pem, f.ca->cert_pem);
    struct tls_server *s = net_serve(&f, true, say_names, NULL);
    struct error *err = NULL;

    assert_int_equal(get_api(&f, &(struct http_peer_config){ .ca_pem = other->cert_pem }, s, &err),
                     -1);
    assert_string_equal(error_get_code(err), HTTP_ERR_TLS);
    assert_int_equal(get_api(&f, &(struct http_peer_config){ .ca_pem = both }, s, NULL), 200);
    assert_int_equal(get_api(&f, &(struct http_peer_config){ .ca_pem = f.cert->cert_pem }, s, NULL),
                     200); /* any certificate may be an anchor, the server's own, too */

    error_free(err);
    tls_server_stop(s);
    test_cert_free(other);
    net_teardown(&f);
}

static void test_system_roots_do_not_know_the_test_authority(void **state)
{
    (void)state;
    struct net_fixture f;
    net_setup(&f);
    struct tls_server *s = net_serve(&f, true, say_names, NULL);
    struct error *err = NULL;

    assert_int_equal(get_api(&f, &(struct http_peer_config){ 0 }, s, &err), -1);
    assert_string_equal(error_get_code(err), HTTP_ERR_TLS);
    assert_int_equal(get_api(&f, &(struct http_peer_config){ .insecure = true }, s, NULL), 200);

    error_free(err);
    tls_server_stop(s);
    net_teardown(&f);
}

static char *give_temp(const char *name)
{
    const char *tmp = getenv("TMPDIR"); /* NOLINT(concurrency-mt-unsafe) */
    return xasprintf("%s/%s", tmp ? tmp : "/tmp", name);
}

static void test_ssl_cert_file_is_honoured(void **state)
{
    (void)state;
    struct net_fixture server;
    net_setup(&server);
    struct tls_server *s = net_serve(&server, true, say_names, NULL);
    cleanup_free char *path = give_temp("roots.pem");
    const char *pem = server.ca->cert_pem;
    assert_int_equal(file_write_atomic(path, pem, strlen(pem), 0600, NULL), 0);
    struct net_fixture f;
    net_setup_env(&f, "SSL_CERT_FILE", path);

    assert_int_equal(get_api(&f, &(struct http_peer_config){ 0 }, s, NULL), 200);
    assert_int_equal(get_api(&f, &(struct http_peer_config){ .ca_pem = f.ca->cert_pem }, s, NULL),
                     -1);

    net_teardown(&f);
    tls_server_stop(s);
    net_teardown(&server);
    unlink(path);
}

static unsigned long subject_hash(const char *pem)
{
    BIO *bio = BIO_new_mem_buf(pem, -1);
    X509 *cert = PEM_read_bio_X509(bio, NULL, NULL, NULL);
    unsigned long hash = X509_subject_name_hash(cert);
    X509_free(cert);
    BIO_free(bio);
    return hash;
}

static void test_ssl_cert_dir_is_honoured(void **state)
{
    (void)state;
    struct net_fixture server;
    net_setup(&server);
    struct tls_server *s = net_serve(&server, true, say_names, NULL);
    cleanup_free char *dir = give_temp("roots.XXXXXX");
    assert_non_null(mkdtemp(dir));
    const char *pem = server.ca->cert_pem;
    cleanup_free char *path = xasprintf("%s/%08lx.0", dir, subject_hash(pem));
    assert_int_equal(file_write_atomic(path, pem, strlen(pem), 0600, NULL), 0);
    cleanup_free char *dirs = xasprintf("/nonexistent:%s", dir);
    struct net_fixture f;
    net_setup_env(&f, "SSL_CERT_DIR", dirs);

    assert_int_equal(get_api(&f, &(struct http_peer_config){ 0 }, s, NULL), 200);

    net_teardown(&f);
    tls_server_stop(s);
    net_teardown(&server);
    unlink(path);
    rmdir(dir);
}

static void test_unreadable_ssl_cert_file_is_an_error(void **state)
{
    (void)state;
    struct net_fixture f;
    net_setup_env(&f, "SSL_CERT_FILE", "/nonexistent/roots.pem");
    struct tls_server *s = net_serve(&f, true, say_names, NULL);
    struct error *err = NULL;

    assert_int_equal(get_api(&f, &(struct http_peer_config){ 0 }, s, &err), -1);

    assert_non_null(strstr(error_text(err), "/nonexistent/roots.pem"));
    assert_int_equal(tls_server_connections(s), 0);
    error_free(err);
    tls_server_stop(s);
    net_teardown(&f);
}

/* ---- the client's own certificate ---- */

static void test_client_certificate_is_shown(void **state)
{
    (void)state;
    struct net_fixture f;
    net_setup(&f);
    struct test_cert *own = test_cert_new(f.ca, "system:admin", NULL);
    struct secret *key = secret_new(own->key_pem, strlen(own->key_pem));
    struct tls_server *s = tls_server_start(
        &(struct tls_server_config){ .cert = f.cert, .client_ca = f.ca, .script = say_names });
    struct http_peer *p = net_peer(
        &f, &(struct http_peer_config){ .client_cert_pem = own->cert_pem, .client_key_pem = key });
    secret_unref(key);
    struct http_response resp;

    int status = net_get(&f, p, tls_server_give_url(s, "127.0.0.1", "/"), &resp, NULL);

    assert_int_equal(status, 200);
    assert_true(str_ends(buf_str(&resp.body), "client=system:admin"));
    http_response_release(&resp);
    http_peer_unref(p);
    tls_server_stop(s);
    test_cert_free(own);
    net_teardown(&f);
}

struct material_case {
    const char *sentence;
    bool ca, cert, key, other_key;
    const char *ca_text, *cert_text, *key_text; /* instead */
};
static struct material_case material_cases[] = {
    { .sentence = "an empty bundle is an error", .ca = true, .ca_text = "" },
    { .sentence = "a bundle without certificates is an error", .ca = true, .ca_text = "# none\n" },
    { .sentence = "a bundle with a broken certificate is an error",
      .ca = true,
      .ca_text = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n" },
    { .sentence = "a certificate without key is an error", .cert = true },
    { .sentence = "a key without certificate is an error", .key = true },
    { .sentence = "a key of another certificate is an error",
      .cert = true,
      .key = true,
      .other_key = true },
    { .sentence = "a key that is none is an error",
      .cert = true,
      .key = true,
      .key_text = "hunter2" },
    { .sentence = "an encrypted key is an error, and nobody is asked",
      .cert = true,
      .key = true,
      .key_text = "-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: "
                  "AES-128-CBC,00112233445566778899AABBCCDDEEFF\n\nAAAA\n-----END EC PRIVATE "
                  "KEY-----\n" },
};

static void check_material(void **state)
{
    const struct material_case *c = *state;
    struct net_fixture f;
    net_setup(&f);
    struct test_cert *own = test_cert_new(f.ca, "me", NULL);
    const char *key_pem = c->key_text ? c->key_text : c->other_key ? f.cert->key_pem : own->key_pem;
    struct secret *key = secret_new(key_pem, strlen(key_pem));
    struct http_peer_config cfg = { .ca_pem = c->ca ? c->ca_text : NULL,
                                    .client_cert_pem = c->cert ? own->cert_pem : NULL,
                                    .client_key_pem = c->key ? key : NULL };
    struct http_peer *p = NULL;
    struct error *err = NULL;

    assert_int_equal(http_peer_new(f.client, &cfg, &p, &err), -1);

    assert_int_equal(error_kind(err), ERR_INVALID);
    assert_null(strstr(error_text(err), "hunter2"));
    error_free(err);
    secret_unref(key);
    test_cert_free(own);
    net_teardown(&f);
}

/* ---- proxies that speak TLS ---- */

/* nghttpx as TLS forward proxy hands CONNECT on to a plain one, the relay. */
static void test_tls_proxy_is_verified_by_its_own_name(void **state)
{
    (void)state;
    struct net_fixture pki;
    net_setup(&pki);
    struct test_cert *inner_ca = test_ca_new("Inner authority");
    struct test_cert *inner = test_cert_new(inner_ca, "x", "DNS:real.test");
    struct tls_server *s =
        tls_server_start(&(struct tls_server_config){ .cert = inner, .script = say_names });
    struct relay *plain = relay_start(&(struct relay_config){ .proxied_port = tls_server_port(s) });
    const char *const options[] = { "--http2-proxy", NULL };
    struct h2_front *tls = h2_front_start(pki.cert, relay_port(plain), options);
    cleanup_free char *path = give_temp("proxy-roots.pem");
    assert_int_equal(
        file_write_atomic(path, pki.ca->cert_pem, strlen(pki.ca->cert_pem), 0600, NULL), 0);
    struct net_fixture f;
    net_setup_env(&f, "SSL_CERT_FILE", path); /* trusted for the proxy only */
    cleanup_free char *url = xasprintf("https://127.0.0.1:%u", h2_front_port(tls));
    cleanup_free char *bad_url = xasprintf("https://localhost:%u", h2_front_port(tls));
    struct http_peer_config cfg = { .ca_pem = inner_ca->cert_pem,
                                    .server_name = "real.test",
                                    .proxy_url = url };
    struct http_peer *good = net_peer(&f, &cfg);
    cfg.proxy_url = bad_url; /* not in the proxy's certificate */
    struct http_peer *bad = net_peer(&f, &cfg);
    struct http_response resp;
    struct error *err = NULL;

    int status = net_get(&f, good, xstrdup("https://api.test/"), &resp, &err);
    assert_string_equal(error_text(err), "");
    assert_int_equal(status, 200);
    assert_string_equal(buf_str(&resp.body), "host=api.test sni=real.test client=");
    assert_int_equal(net_get(&f, bad, xstrdup("https://api.test/"), NULL, &err), -1);
    assert_string_equal(error_get_code(err), HTTP_ERR_TLS);

    error_free(err);
    http_response_release(&resp);
    http_peer_unref(good);
    http_peer_unref(bad);
    net_teardown(&f);
    h2_front_stop(tls);
    relay_stop(plain);
    tls_server_stop(s);
    test_cert_free(inner);
    test_cert_free(inner_ca);
    net_teardown(&pki);
    unlink(path);
}

int main(void)
{
    enum { FIXED = 7, NAMES = ARRAY_LEN(name_cases), MATERIAL = ARRAY_LEN(material_cases) };
    struct CMUnitTest tests[FIXED + NAMES + MATERIAL] = {
        CASE("only the given bundle is trusted", test_only_the_given_bundle_is_trusted),
        CASE("the system's roots are the default, and can be left out",
             test_system_roots_do_not_know_the_test_authority),
        CASE("SSL_CERT_FILE is honoured where no bundle is given", test_ssl_cert_file_is_honoured),
        CASE("SSL_CERT_DIR is honoured where no bundle is given", test_ssl_cert_dir_is_honoured),
        CASE("an unreadable SSL_CERT_FILE is an error", test_unreadable_ssl_cert_file_is_an_error),
        CASE("the client's certificate is shown", test_client_certificate_is_shown),
        CASE("a TLS proxy is verified by its own name and the default roots",
             test_tls_proxy_is_verified_by_its_own_name),
    };
    struct CMUnitTest *t = tests + FIXED;
    for (size_t i = 0; i < NAMES; i++)
        *t++ = (struct CMUnitTest)CASE_OF(name_cases[i].sentence, check_name, &name_cases[i]);
    for (size_t i = 0; i < MATERIAL; i++)
        *t++ = (struct CMUnitTest)CASE_OF(material_cases[i].sentence, check_material,
                                          &material_cases[i]);
    return RUN_CASES("tls_client", tests);
}
