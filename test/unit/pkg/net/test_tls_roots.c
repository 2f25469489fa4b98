/* Trusted roots that change while the process runs. */
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pkg/base/file.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/net/tls_roots.h"
#include "test/unit/support/fake_clock.h"
#include "test/unit/support/log_capture.h"
#include "test/unit/support/pkg/net/gate.h"
#include "test/unit/support/pkg/net/net_fixture.h"
#include "test/unit/support/test.h"

static const char corrupt[] = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";

/* A folder, a clock, a log, two authorities with a leaf each. */
struct rig {
    struct fake_clock clock;
    struct log_capture capture;
    struct log log;
    struct fake_env env;
    char *dir, *file;
    struct test_cert *ca[2], *leaf[2];
};

static void rig_init(struct rig *r)
{
    *r = (struct rig){ 0 };
    fake_clock_init(&r->clock);
    log_capture_init(&r->capture, &r->clock.base);
    r->log = log_root(&r->capture.base);
    fake_env_init(&r->env);
    const char *tmp = getenv("TMPDIR"); /* NOLINT(concurrency-mt-unsafe) */
    r->dir = xasprintf("%s/roots.XXXXXX", tmp ? tmp : "/tmp");
    assert_non_null(mkdtemp(r->dir));
    r->file = path_give_joined(r->dir, "roots.pem");
    for (size_t i = 0; i < ARRAY_LEN(r->ca); i++) {
        r->ca[i] = test_ca_new(i == 0 ? "First authority" : "Second authority");
        r->leaf[i] = test_cert_new(r->ca[i], "x", "DNS:api.test,IP:127.0.0.1");
    }
}

static void rig_release(struct rig *r)
{
    (void)unlink(r->file);
    (void)rmdir(r->dir);
    for (size_t i = 0; i < ARRAY_LEN(r->ca); i++) {
        test_cert_free(r->ca[i]);
        test_cert_free(r->leaf[i]);
    }
    free(r->file);
    free(r->dir);
    fake_env_release(&r->env);
    log_capture_release(&r->capture);
    fake_clock_release(&r->clock);
}

static void write_text(const char *path, const char *text)
{
    assert_int_equal(file_write_atomic(path, text, strlen(text), 0600, NULL), 0);
}

static struct tls_roots *rig_load(struct rig *r, const char *name, const char *value)
{
    fake_env_set(&r->env, name, value);
    struct tls_roots *roots = tls_roots_new(&r->env.base, &r->clock.base, &r->log);
    assert_int_equal(tls_roots_load(roots, NULL), 0);
    return roots;
}

static void look_again(struct rig *r, struct tls_roots *roots)
{
    fake_clock_advance_ns(&r->clock, TLS_ROOTS_LOOK_EVERY_NS);
    assert_int_equal(tls_roots_load(roots, NULL), 0);
}

static X509 *read_cert(const char *pem)
{
    BIO *bio = BIO_new_mem_buf(pem, -1);
    X509 *cert = PEM_read_bio_X509(bio, NULL, NULL, NULL);
    BIO_free(bio);
    assert_non_null(cert);
    return cert;
}

static bool trusts(struct tls_roots *roots, const struct test_cert *leaf)
{
    X509_STORE *store = tls_roots_give_store(roots);
    X509 *cert = read_cert(leaf->cert_pem);
    X509_STORE_CTX *ctx = X509_STORE_CTX_new();
    assert_int_equal(X509_STORE_CTX_init(ctx, store, cert, NULL), 1);
    bool good = X509_verify_cert(ctx) == 1;
    X509_STORE_CTX_free(ctx);
    X509_free(cert);
    X509_STORE_free(store);
    return good;
}

static void test_changed_file_is_followed(void **state)
{
    (void)state;
    struct rig r;
    rig_init(&r);
    write_text(r.file, r.ca[0]->cert_pem);
    struct tls_roots *roots = rig_load(&r, "SSL_CERT_FILE", r.file);
    assert_true(trusts(roots, r.leaf[0]));
    unsigned generation = tls_roots_generation(roots);

    write_text(r.file, r.ca[1]->cert_pem);
    fake_clock_advance_ns(&r.clock, TLS_ROOTS_LOOK_EVERY_NS - 1);
    assert_int_equal(tls_roots_load(roots, NULL), 0);
    assert_true(trusts(roots, r.leaf[0])); /* it is not time yet */
    assert_int_equal(tls_roots_generation(roots), generation);
    fake_clock_advance_ns(&r.clock, 1);
    assert_int_equal(tls_roots_load(roots, NULL), 0);

    assert_true(trusts(roots, r.leaf[1]));
    assert_false(trusts(roots, r.leaf[0]));
    assert_int_not_equal(tls_roots_generation(roots), generation);
    assert_true(log_capture_has(&r.capture, "the trusted roots have changed"));
    tls_roots_free(roots);
    rig_release(&r);
}

static void test_unchanged_bytes_do_nothing(void **state)
{
    (void)state;
    struct rig r;
    rig_init(&r);
    write_text(r.file, r.ca[0]->cert_pem);
    struct tls_roots *roots = rig_load(&r, "SSL_CERT_FILE", r.file);
    unsigned generation = tls_roots_generation(roots);

    write_text(r.file, r.ca[0]->cert_pem); /* another file with the same bytes */
    look_again(&r, roots);

    assert_int_equal(tls_roots_generation(roots), generation);
    assert_int_equal(log_capture_len(&r.capture), 0);
    tls_roots_free(roots);
    rig_release(&r);
}

struct bad_case {
    const char *sentence;
    const char *text; /* NULL: the file goes away */
};
static struct bad_case bad_cases[] = {
    { "a file that is gone keeps the former roots until it is back", NULL },
    { "an empty file keeps the former roots until it is mended", "" },
    { "a corrupt file keeps the former roots until it is mended", corrupt },
    { "a file without certificates keeps the former roots until it is mended", "# none\n" },
};

static void check_bad(void **state)
{
    const struct bad_case *c = *state;
    struct rig r;
    rig_init(&r);
    write_text(r.file, r.ca[0]->cert_pem);
    struct tls_roots *roots = rig_load(&r, "SSL_CERT_FILE", r.file);
    unsigned generation = tls_roots_generation(roots);

    if (c->text)
        write_text(r.file, c->text);
    else
        assert_int_equal(unlink(r.file), 0);
    look_again(&r, roots);
    look_again(&r, roots);

    assert_true(trusts(roots, r.leaf[0]));
    assert_int_equal(tls_roots_generation(roots), generation);
    assert_int_equal(log_capture_len(&r.capture), 1); /* told once */
    assert_true(log_capture_has(&r.capture, "roots.pem"));
    write_text(r.file, r.ca[1]->cert_pem);
    look_again(&r, roots);
    assert_true(trusts(roots, r.leaf[1]));
    tls_roots_free(roots);
    rig_release(&r);
}

static char *give_hashed_path(const struct rig *r, const struct test_cert *ca)
{
    X509 *cert = read_cert(ca->cert_pem);
    char *path = xasprintf("%s/%08lx.0", r->dir, X509_subject_name_hash(cert));
    X509_free(cert);
    return path;
}

static void test_changed_folder_is_followed(void **state)
{
    (void)state;
    struct rig r;
    rig_init(&r);
    cleanup_free char *first = give_hashed_path(&r, r.ca[0]);
    cleanup_free char *second = give_hashed_path(&r, r.ca[1]);
    cleanup_free char *dirs = xasprintf("/nonexistent:%s", r.dir);
    write_text(first, r.ca[0]->cert_pem);
    struct tls_roots *roots = rig_load(&r, "SSL_CERT_DIR", dirs);
    assert_true(trusts(roots, r.leaf[0]));

    write_text(second, r.ca[1]->cert_pem);
    assert_int_equal(unlink(first), 0);
    look_again(&r, roots);

    assert_true(trusts(roots, r.leaf[1]));
    assert_false(trusts(roots, r.leaf[0]));
    assert_int_equal(unlink(second), 0);
    look_again(&r, roots); /* nothing left: that cannot be meant */
    assert_int_equal(tls_roots_generation(roots), 2);
    tls_roots_free(roots);
    rig_release(&r);
}

static void test_first_load_may_fail_and_be_tried_again(void **state)
{
    (void)state;
    struct rig r;
    rig_init(&r);
    fake_env_set(&r.env, "SSL_CERT_FILE", r.file);
    cleanup_tls_roots struct tls_roots *roots = tls_roots_new(&r.env.base, &r.clock.base, &r.log);
    cleanup_error struct error *err = NULL;

    assert_int_equal(tls_roots_load(roots, &err), -1);
    assert_non_null(strstr(error_text(err), "roots.pem"));
    assert_null(tls_roots_give_store(roots));
    write_text(r.file, r.ca[0]->cert_pem);
    assert_int_equal(tls_roots_load(roots, NULL), 0); /* at once */

    assert_true(trusts(roots, r.leaf[0]));
    rig_release(&r);
}

/* ---- connections ---- */

static bool answer_or_hold(struct server_call *c)
{
    if (strcmp(c->req->target, "/hold") == 0)
        gate_pass(c->arg);
    call_reply(c, 200, "", "ok");
    return true;
}

/* What runs goes on, what is idle is left, what is new sees the new roots. */
static void test_connections_follow_the_roots(void **state)
{
    (void)state;
    struct rig r;
    rig_init(&r);
    struct gate gate;
    gate_init(&gate);
    write_text(r.file, r.ca[0]->cert_pem);
    struct net_fixture f;
    net_setup(&f);
    fake_env_set(&r.env, "SSL_CERT_FILE", r.file);
    http_client_free(f.client);
    const struct http_client_config cfg = { .clock = &r.clock.base, .env = &r.env.base };
    assert_int_equal(http_client_new(&cfg, &f.client, NULL), 0);
    struct tls_server *s = tls_server_start(
        &(struct tls_server_config){ .cert = r.leaf[0], .script = answer_or_hold, .arg = &gate });
    struct http_peer *p = NULL;
    assert_int_equal(http_peer_new(f.client, &(struct http_peer_config){ 0 }, &p, NULL), 0);
    cleanup_free char *held = tls_server_give_url(s, "127.0.0.1", "/hold");
    struct net_call call;
    net_call_init(&call, &f, p, held);
    net_call_start(&call);
    gate_await(&gate, 1);
    assert_int_equal(net_get(&f, p, tls_server_give_url(s, "127.0.0.1", "/"), NULL, NULL), 200);
    assert_int_equal(net_get(&f, p, tls_server_give_url(s, "127.0.0.1", "/"), NULL, NULL), 200);
    assert_int_equal(tls_server_connections(s), 2);

    cleanup_free char *both = xasprintf("%s%s", r.ca[0]->cert_pem, r.ca[1]->cert_pem);
    write_text(r.file, both);
    fake_clock_advance_ns(&r.clock, TLS_ROOTS_LOOK_EVERY_NS);
    assert_int_equal(net_get(&f, p, tls_server_give_url(s, "127.0.0.1", "/"), NULL, NULL), 200);
    assert_int_equal(tls_server_connections(s), 3);
    write_text(r.file, r.ca[1]->cert_pem);
    fake_clock_advance_ns(&r.clock, TLS_ROOTS_LOOK_EVERY_NS);
    struct error *err = NULL;
    assert_int_equal(net_get(&f, p, tls_server_give_url(s, "127.0.0.1", "/"), NULL, &err), -1);
    assert_string_equal(error_get_code(err), HTTP_ERR_TLS);

    gate_open(&gate);
    assert_int_equal(net_call_join(&call), 200);
    error_free(err);
    net_call_release(&call);
    http_peer_unref(p);
    tls_server_stop(s);
    net_teardown(&f);
    gate_release(&gate);
    rig_release(&r);
}

int main(void)
{
    enum { FIXED = 5 };
    struct CMUnitTest tests[FIXED + ARRAY_LEN(bad_cases)] = {
        CASE("a changed file is followed after 5 minutes", test_changed_file_is_followed),
        CASE("unchanged bytes do nothing", test_unchanged_bytes_do_nothing),
        CASE("a changed folder is followed, one that is empty is not",
             test_changed_folder_is_followed),
        CASE("a first load that fails is tried again at once",
             test_first_load_may_fail_and_be_tried_again),
        CASE("running transfers go on, idle connections are left, new ones see the new roots",
             test_connections_follow_the_roots),
    };
    for (size_t i = 0; i < ARRAY_LEN(bad_cases); i++)
        tests[FIXED + i] =
            (struct CMUnitTest)CASE_OF(bad_cases[i].sentence, check_bad, &bad_cases[i]);
    return RUN_CASES("tls_roots", tests);
}
