#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/crypt/crypt.h"
#include "rp/frontend/auth/common_name.h"
#include "rp/frontend/reply.h"
#include "test/unit/support/pkg/net/wire.h"
#include "test/unit/support/rp/frontend/frontend_rig.h"
#include "test/unit/support/test.h"

static int tell(struct request *req, struct error **err)
{
    (void)err;
    reply_status(req, 204);
    return 0;
}
static const struct route routes[] = { { "GET", "/admin/x", 0, tell, NULL } };

/* issuer NULL: an authority of its own. */
static struct wire_pair make(const char *name, bool is_ca, const struct wire_pair *issuer)
{
    const struct x509_request req = {
        .common_name = name,
        .is_ca = is_ca,
        .is_client = !is_ca,
        .not_before_wall_ns = clock_wall_ns(clock_system()) - 3600 * NS_PER_S,
        .not_after_wall_ns = clock_wall_ns(clock_system()) + 3600 * NS_PER_S,
        .issuer_cert_pem = issuer ? issuer->cert_pem : NULL,
        .issuer_key_pem = issuer ? issuer->key_pem : NULL,
    };
    struct wire_pair p = { 0 };
    assert_int_equal(x509_make(&req, &p.cert_pem, &p.key_pem, NULL), 0);
    return p;
}

/* Status and, of a refusal, what the log says. */
static void check_caller(const struct wire_pair *authority, const char *name,
                         const struct wire_pair *caller, const struct wire_pair *intermediate,
                         int want, const char *want_log)
{
    struct wire_pair server = wire_pair_make("localhost", NULL);
    cleanup_authorizer struct authorizer *a = NULL;
    struct front r;
    front_init(&r);
    assert_int_equal(common_name_new("the admin API", name, authority->cert_pem, &a, NULL), 0);
    r.cfg.admin = a;
    r.cfg.cert_pem = server.cert_pem;
    r.cfg.key_pem = server.key_pem;
    front_serve(&r, routes, ARRAY_LEN(routes));
    struct wire w = wire_connect_tls(http_server_port(r.server), caller, intermediate);

    cleanup_free char *reply = wire_give_answer(&w, "GET /admin/x HTTP/1.1\r\nHost: a\r\n\r\n");

    cleanup_free char *status = xstrndup(reply + 9, 3);
    cleanup_free char *wanted = xasprintf("%d", want);
    assert_string_equal(status, wanted);
    if (want_log)
        assert_true(log_capture_has(&r.capture, want_log));
    wire_close(&w);
    front_release(&r);
    wire_pair_release(&server);
}

static void takes_its_caller(void **state)
{
    (void)state;
    struct wire_pair ca = make("ca", true, NULL);
    struct wire_pair caller = make("admin.test", false, &ca);

    check_caller(&ca, "admin.test", &caller, NULL, 204, NULL);

    wire_pair_release(&caller);
    wire_pair_release(&ca);
}

static void takes_it_through_an_intermediate_authority(void **state)
{
    (void)state;
    struct wire_pair ca = make("ca", true, NULL);
    struct wire_pair between = make("between", true, &ca);
    struct wire_pair caller = make("admin.test", false, &between);

    check_caller(&ca, "admin.test", &caller, &between, 204, NULL);
    check_caller(&ca, "admin.test", &caller, NULL, 403, "not authorised: client certificate: ");

    wire_pair_release(&caller);
    wire_pair_release(&between);
    wire_pair_release(&ca);
}

static void refuses_another_name(void **state)
{
    (void)state;
    struct wire_pair ca = make("ca", true, NULL);
    struct wire_pair caller = make("admin.test.moon", false, &ca);

    check_caller(&ca, "admin.test", &caller, NULL, 403,
                 "the client certificate is that of 'admin.test.moon'");

    wire_pair_release(&caller);
    wire_pair_release(&ca);
}

static void refuses_another_authority(void **state)
{
    (void)state;
    struct wire_pair ca = make("ca", true, NULL), other = make("ca", true, NULL);
    struct wire_pair caller = make("admin.test", false, &other);

    check_caller(&ca, "admin.test", &caller, NULL, 403, "not authorised: client certificate: ");
    check_caller(&ca, "admin.test", NULL, NULL, 403, "not authorised: no client certificate");

    wire_pair_release(&caller);
    wire_pair_release(&ca);
    wire_pair_release(&other);
}

/* What a client sends along is no authority of ours. */
static void refuses_an_authority_that_the_caller_brings(void **state)
{
    (void)state;
    struct wire_pair ca = make("ca", true, NULL), other = make("other", true, NULL);
    struct wire_pair caller = make("admin.test", false, &other);

    check_caller(&ca, "admin.test", &caller, &other, 403, "not authorised: client certificate: ");

    wire_pair_release(&caller);
    wire_pair_release(&ca);
    wire_pair_release(&other);
}

static void needs_a_name_and_an_authority(void **state)
{
    (void)state;
    struct authorizer *a = NULL;
    cleanup_error struct error *err = NULL;

    assert_int_equal(common_name_new("the admin API", "", "x", &a, &err), -1);
    assert_string_equal(error_text(err), "the admin API: the common name of its callers is empty");
    assert_int_equal(common_name_new("the admin API", "n", "moon", &a, &err), -1);
    assert_non_null(strstr(error_text(err), "the admin API: its bundle of authorities: "));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("takes its caller", takes_its_caller),
        CASE("takes it through an intermediate authority that it sends along",
             takes_it_through_an_intermediate_authority),
        CASE("refuses another name", refuses_another_name),
        CASE("refuses another authority, and no certificate", refuses_another_authority),
        CASE("refuses an authority that the caller brings",
             refuses_an_authority_that_the_caller_brings),
        CASE("needs a name and an authority", needs_a_name_and_an_authority),
    };
    return RUN_CASES("callers by common name", tests);
}
