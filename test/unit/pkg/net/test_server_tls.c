#include <openssl/x509.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "test/unit/support/pkg/net/server_fixture.h"
#include "test/unit/support/test.h"

static char *give_name_of_der(const void *der, size_t len)
{
    const unsigned char *p = der;
    char name[200] = "broken";
    X509 *cert = d2i_X509(NULL, &p, (long)len);
    if (cert)
        X509_NAME_get_text_by_NID(X509_get_subject_name(cert), NID_commonName, name, sizeof(name));
    X509_free(cert);
    return xstrdup(name);
}

/* Says who the client is, as far as its certificates tell. */
static int who(struct http_call *c, const struct opctx *ctx, void *arg, struct error **err)
{
    (void)ctx;
    (void)arg;
    (void)err;
    size_t len;
    const void *leaf = http_call_client_cert(c, &len);
    cleanup_free char *name = leaf ? give_name_of_der(leaf, len) : xstrdup("nobody");

    buf_adds(http_call_out(c), name);
    for (size_t i = 0; i < http_call_client_chain_len(c); i++) {
        const void *der = http_call_client_chain(c, i, &len);
        cleanup_free char *issuer = give_name_of_der(der, len);
        buf_addf(http_call_out(c), " by %s", issuer);
    }
    return 0;
}

static const struct http_route routes[] = { { NULL, NULL, who, false } };

struct fixture {
    struct wire_pair ca, server_cert, client_cert;
    struct http_server *server;
};

static int set_up(void **state)
{
    static struct fixture f;
    f.ca = wire_pair_make("authority", NULL);
    f.server_cert = wire_pair_make("server", &f.ca);
    f.client_cert = wire_pair_make("client", &f.ca);
    struct http_server_config cfg = fixture_config(routes, 1, NULL);
    cfg.cert_pem = f.server_cert.cert_pem;
    cfg.key_pem = f.server_cert.key_pem;
    cfg.request_client_cert = true;
    f.server = fixture_start(&cfg);
    *state = &f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    http_server_stop(f->server, FIXTURE_GRACE_MS);
    wire_pair_release(&f->ca);
    wire_pair_release(&f->server_cert);
    wire_pair_release(&f->client_cert);
    return 0;
}

static void assert_answer(struct wire *w, const char *want)
{
    cleanup_free char *reply = wire_give_answer(w, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_string_equal(strstr(reply, "\r\n\r\n") + 4, want);
}

static void shows_leaf_and_chain(void **state)
{
    struct fixture *f = *state;
    cleanup_wire struct wire w =
        wire_connect_tls(http_server_port(f->server), &f->client_cert, &f->ca);

    assert_answer(&w, "client by authority");
    assert_answer(&w, "client by authority"); /* the same on the kept connection */
}

static void accepts_a_client_without_certificate(void **state)
{
    struct fixture *f = *state;
    cleanup_wire struct wire w = wire_connect_tls(http_server_port(f->server), NULL, NULL);

    assert_answer(&w, "nobody");
}

static void accepts_a_certificate_that_nobody_signed(void **state)
{
    struct fixture *f = *state;
    struct wire_pair stranger = wire_pair_make("stranger", NULL);
    cleanup_wire struct wire w = wire_connect_tls(http_server_port(f->server), &stranger, NULL);

    assert_answer(&w, "stranger");
    wire_pair_release(&stranger);
}

static void changes_its_certificate_for_new_connections(void **state)
{
    struct fixture *f = *state;
    struct wire_pair renewed = wire_pair_make("renewed", &f->ca);
    cleanup_wire struct wire old = wire_connect_tls(http_server_port(f->server), NULL, NULL);
    struct error *e = NULL;

    assert_int_equal(http_server_set_cert(f->server, renewed.cert_pem, renewed.key_pem, &e), 0);
    cleanup_wire struct wire fresh = wire_connect_tls(http_server_port(f->server), NULL, NULL);

    cleanup_free char *old_name = wire_give_server_name(&old);
    cleanup_free char *new_name = wire_give_server_name(&fresh);
    assert_string_equal(old_name, "server");
    assert_string_equal(new_name, "renewed");
    assert_answer(&old, "nobody"); /* and the old connection lives on */
    wire_pair_release(&renewed);
}

static void keeps_the_certificate_when_the_new_one_is_bad(void **state)
{
    struct fixture *f = *state;
    struct error *e = NULL;

    assert_int_equal(http_server_set_cert(f->server, f->ca.cert_pem, f->server_cert.key_pem, &e),
                     -1);
    assert_non_null(strstr(error_text(e), "private key"));
    error_clear(&e);
    assert_int_equal(http_server_set_cert(f->server, "no PEM", f->server_cert.key_pem, &e), -1);
    error_clear(&e);
    cleanup_wire struct wire w = wire_connect_tls(http_server_port(f->server), NULL, NULL);

    cleanup_free char *name = wire_give_server_name(&w);
    assert_string_equal(name, "server");
}

static void closes_a_client_that_speaks_no_tls(void **state)
{
    struct fixture *f = *state;
    cleanup_wire struct wire w = fixture_dial(f->server);

    wire_send(&w, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    cleanup_free char *rest = wire_give_rest(&w);

    assert_null(strstr(rest, "200"));
}

static void closes_a_client_without_hello(void **state)
{
    struct fixture *f = *state;
    struct http_server_config cfg = fixture_config(routes, 1, NULL);
    cfg.cert_pem = f->server_cert.cert_pem;
    cfg.key_pem = f->server_cert.key_pem;
    cfg.header_timeout_ms = 50;
    cleanup_server struct http_server *s = fixture_start(&cfg);
    cleanup_wire struct wire w = fixture_dial(s);

    assert_true(wire_is_closed(&w));
}

static void refuses_a_request_with_a_reason_over_tls(void **state)
{
    struct fixture *f = *state;
    cleanup_wire struct wire w = wire_connect_tls(http_server_port(f->server), NULL, NULL);
    struct buf request = BUF_INIT(BUF_UNBOUNDED);
    buf_adds(&request, "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (int i = 0; i < 300; i++)
        buf_addf(&request, "1000\r\n%04096d\r\n", 0);
    cleanup_free char *text = buf_give(&request);

    cleanup_free char *reply = wire_give_answer(&w, text);

    assert_true(str_starts(reply, "HTTP/1.1 413 Payload Too Large\r\n"));
    assert_true(wire_is_closed(&w));
}

static int large(struct http_call *c, const struct opctx *ctx, void *arg, struct error **err)
{
    (void)ctx;
    (void)arg;
    (void)err;
    for (int i = 0; i < 4096; i++)
        buf_addf(http_call_out(c), "%01024d", i);
    return 0;
}

static void carries_a_large_reply(void **state)
{
    struct fixture *f = *state;
    const struct http_route large_routes[] = { { NULL, NULL, large, false } };
    struct http_server_config cfg = fixture_config(large_routes, 1, NULL);
    cfg.cert_pem = f->server_cert.cert_pem;
    cfg.key_pem = f->server_cert.key_pem;
    cleanup_server struct http_server *s = fixture_start(&cfg);
    cleanup_wire struct wire w = wire_connect_tls(http_server_port(s), NULL, NULL);

    cleanup_free char *reply = wire_give_answer(&w, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");

    assert_int_equal(strlen(strstr(reply, "\r\n\r\n") + 4), 4 << 20);
    assert_true(str_ends(reply, "04095"));
}

static void does_not_start_with_a_bad_key(void **state)
{
    struct fixture *f = *state;
    struct http_server_config cfg = fixture_config(routes, 1, NULL);
    struct http_server *s = NULL;
    struct error *e = NULL;
    cfg.cert_pem = f->server_cert.cert_pem;
    cfg.key_pem = f->client_cert.key_pem;

    assert_int_equal(http_server_start(&cfg, &s, &e), -1);

    assert_non_null(strstr(error_text(e), "private key"));
    error_clear(&e);
}

#define WITH_SERVER(sentence, fn) \
    { \
        .name = (sentence), .test_func = (fn), .setup_func = set_up, .teardown_func = tear_down \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_SERVER("shows handlers the client's leaf and chain", shows_leaf_and_chain),
        WITH_SERVER("accepts a client without certificate", accepts_a_client_without_certificate),
        WITH_SERVER("leaves the verification of clients to the handler",
                    accepts_a_certificate_that_nobody_signed),
        WITH_SERVER("changes its certificate for new connections",
                    changes_its_certificate_for_new_connections),
        WITH_SERVER("keeps its certificate when the new one is bad",
                    keeps_the_certificate_when_the_new_one_is_bad),
        WITH_SERVER("closes a client that speaks no TLS", closes_a_client_that_speaks_no_tls),
        WITH_SERVER("closes a client that sends no hello", closes_a_client_without_hello),
        WITH_SERVER("tells why it refuses while the body still comes",
                    refuses_a_request_with_a_reason_over_tls),
        WITH_SERVER("carries a large reply", carries_a_large_reply),
        WITH_SERVER("does not start with a key that does not fit", does_not_start_with_a_bad_key),
    };
    return RUN_CASES("server TLS", tests);
}
