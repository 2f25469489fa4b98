#include <string.h>

#include "pkg/base/buf.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/kube/cred.h"
#include "test/unit/support/fake_clock.h"
#include "test/unit/support/fake_rng.h"
#include "test/unit/support/test.h"

struct fixture {
    struct fake_clock clock;
    struct fake_rng rng;
    struct opctx ctx;
    struct kube_config cfg;
    struct http_headers headers;
};

static void init(struct fixture *f)
{
    *f = (struct fixture){ 0 };
    fake_clock_init(&f->clock);
    fake_rng_init(&f->rng, 1);
    f->ctx = opctx_root(&f->clock.base, &f->rng.base, NULL, NULL);
}

/* The headers after authorizing one request, a line each. */
static char *give_headers(struct fixture *f, int want_rc)
{
    struct kube_cred *cred =
        kube_cred_new(&(struct kube_cred_config){ .cfg = &f->cfg, .clock = &f->clock.base });
    struct kube_cred_stamp stamp;
    assert_int_equal(kube_cred_authorize(cred, &f->ctx, &f->headers, &stamp, NULL), want_rc);
    cleanup_buf struct buf b = BUF_INIT(BUF_UNBOUNDED);
    for (size_t i = 0; i < f->headers.len; i++)
        buf_addf(&b, "%s: %s\n", f->headers.v[i].name, f->headers.v[i].value);
    kube_cred_free(cred);
    return xstrdup(buf_str(&b));
}

static void release(struct fixture *f)
{
    http_headers_release(&f->headers);
    secret_unref(f->cfg.token);
    secret_unref(f->cfg.password);
    strv_release(&f->cfg.as_groups);
    strv_release(&f->cfg.as_extra_keys);
    strv_release(&f->cfg.as_extra_values);
    fake_clock_release(&f->clock);
}

static void test_nothing(void **state)
{
    (void)state;
    struct fixture f;
    init(&f);
    cleanup_free char *headers = give_headers(&f, 0);
    assert_string_equal(headers, "");
    release(&f);
}

static void test_basic(void **state)
{
    (void)state;
    struct fixture f;
    init(&f);
    f.cfg.username = (char[]){ "Aladdin" };
    f.cfg.password = secret_new("open sesame", 11);
    cleanup_free char *headers = give_headers(&f, 0);
    assert_string_equal(headers, "Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\n");
    release(&f);
}

static void test_token_before_plugin(void **state)
{
    (void)state;
    struct fixture f;
    init(&f);
    struct kube_exec_config exec = { .command = (char[]){ "/nonexistent/never-run" },
                                     .api_version = (char[]){ "client.authentication.k8s.io/v1" } };
    f.cfg.exec = &exec;
    f.cfg.token = secret_new("t", 1);
    cleanup_free char *headers = give_headers(&f, 0);
    assert_string_equal(headers, "Authorization: Bearer t\n");
    release(&f);
}

static void test_own_authorization(void **state)
{
    (void)state;
    struct fixture f;
    init(&f);
    struct kube_exec_config exec = { .command = (char[]){ "/nonexistent/never-run" },
                                     .api_version = (char[]){ "client.authentication.k8s.io/v1" } };
    f.cfg.exec = &exec;
    http_headers_add(&f.headers, "authorization", "Custom x");
    cleanup_free char *headers = give_headers(&f, 0);
    assert_string_equal(headers, "authorization: Custom x\n");
    release(&f);
}

static void test_plugin_failure(void **state)
{
    (void)state;
    struct fixture f;
    init(&f);
    struct kube_exec_config exec = { .command = (char[]){ "/nonexistent/never-run" },
                                     .api_version = (char[]){ "client.authentication.k8s.io/v1" } };
    f.cfg.exec = &exec;
    cleanup_free char *headers = give_headers(&f, -1);
    assert_string_equal(headers, "");
    release(&f);
}

static void test_missing_token_file(void **state)
{
    (void)state;
    struct fixture f;
    init(&f);
    f.cfg.token_file = (char[]){ "/nonexistent/token" };
    cleanup_free char *headers = give_headers(&f, -1);
    assert_string_equal(headers, "");
    release(&f);
}

static void test_impersonation(void **state)
{
    (void)state;
    struct fixture f;
    init(&f);
    f.cfg.as_user = (char[]){ "system:admin" };
    f.cfg.as_uid = (char[]){ "u-1" };
    strv_add(&f.cfg.as_groups, "g 1");
    strv_add(&f.cfg.as_groups, "g2");
    static const char *const extra[][2] = {
        { "Scopes", "a" }, { "Scopes", "b" }, { "example.com/50%", "c" }, { "\xc3\xa4", "\xc3\xb6" }
    };
    for (size_t i = 0; i < ARRAY_LEN(extra); i++) {
        strv_add(&f.cfg.as_extra_keys, extra[i][0]);
        strv_add(&f.cfg.as_extra_values, extra[i][1]);
    }

    cleanup_free char *headers = give_headers(&f, 0);

    assert_string_equal(headers, "Impersonate-User: system:admin\n"
                                 "Impersonate-Uid: u-1\n"
                                 "Impersonate-Group: g 1\n"
                                 "Impersonate-Group: g2\n"
                                 "Impersonate-Extra-scopes: a\n"
                                 "Impersonate-Extra-scopes: b\n"
                                 "Impersonate-Extra-example.com%2F50%25: c\n"
                                 "Impersonate-Extra-%C3%A4: \xc3\xb6\n");
    release(&f);
}

static void test_no_certificate_without_plugin(void **state)
{
    (void)state;
    struct fixture f;
    init(&f);
    struct kube_cred *cred =
        kube_cred_new(&(struct kube_cred_config){ .cfg = &f.cfg, .clock = &f.clock.base });
    char *cert = NULL;
    struct secret *key = NULL;
    assert_int_equal(kube_cred_give_cert(cred, &f.ctx, &cert, &key, NULL), 0);
    assert_null(cert);
    assert_null(key);
    kube_cred_reject(cred, &(struct kube_cred_stamp){ 0 }); /* does no harm */
    kube_cred_free(cred);
    release(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a configuration without credentials adds nothing", test_nothing),
        CASE("user and password become basic authorization", test_basic),
        CASE("a token is used instead of the plugin", test_token_before_plugin),
        CASE("an Authorization that is there is left alone, and runs no plugin",
             test_own_authorization),
        CASE("a plugin that cannot run is an error", test_plugin_failure),
        CASE("a token file that cannot be read is an error", test_missing_token_file),
        CASE("impersonation keys are lower case, with percent signs and UTF-8 escaped",
             test_impersonation),
        CASE("only plugins give certificates", test_no_certificate_without_plugin),
    };
    return RUN_CASES("cred", tests);
}
