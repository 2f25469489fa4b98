#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/crypt/crypt.h"
#include "rp/frontend/admin/admin.h"
#include "rp/frontend/auth/common_name.h"
#include "test/unit/support/pkg/net/wire.h"
#include "test/unit/support/rp/frontend/admin/admin_rig.h"
#include "test/unit/support/test.h"

/* A path that the pattern matches and whose parts are in order. */
static char *give_target(const char *pattern)
{
    static const struct {
        const char *param, *value;
    } values[] = { { "{sub}", FRONT_SUB },
                   { "{rg}", "group" },
                   { "{ns}", "Microsoft.RedHatOpenShift" },
                   { "{type}", "openShiftClusters" } };
    cleanup_buf struct buf out = BUF_INIT(BUF_UNBOUNDED);
    for (const char *at = pattern; *at;) {
        if (*at != '{') {
            buf_addc(&out, *at++);
            continue;
        }
        const char *value = "x";
        for (size_t i = 0; i < ARRAY_LEN(values); i++)
            if (str_starts(at, values[i].param))
                value = values[i].value;
        buf_adds(&out, value);
        at += strcspn(at, "}") + 1;
    }
    return buf_give(&out);
}

static void every_route_is_an_administrators(void **state)
{
    (void)state;
    for (size_t i = 0; i < admin_routes_len; i++) {
        const struct route *r = &admin_routes[i];
        cleanup_free char *lower = str_give_lower(r->pattern);
        assert_string_equal(r->pattern, lower);
        assert_true(str_starts(r->pattern, "/admin/"));
        assert_true(r->flags & ROUTE_ADMIN);
        assert_int_equal(r->flags & (ROUTE_OPEN | ROUTE_API_VERSION | ROUTE_PREFLIGHT_VERSION), 0);
        assert_non_null(r->handle);
        assert_true(strlen(r->doc) > 0);
    }
}

static void no_two_routes_are_the_same(void **state)
{
    (void)state;
    for (size_t i = 0; i < admin_routes_len; i++)
        for (size_t k = 0; k < i; k++)
            assert_false(str_eq(admin_routes[i].method, admin_routes[k].method) &&
                         str_eq(admin_routes[i].pattern, admin_routes[k].pattern));
}

/* ---- callers ---- */

static struct wire_pair make(const char *name, const struct wire_pair *issuer)
{
    const struct x509_request req = {
        .common_name = name,
        .is_ca = issuer == NULL,
        .is_client = issuer != NULL,
        .not_before_wall_ns = clock_wall_ns(clock_system()) - 3600 * NS_PER_S,
        .not_after_wall_ns = clock_wall_ns(clock_system()) + 3600 * NS_PER_S,
        .issuer_cert_pem = issuer ? issuer->cert_pem : NULL,
        .issuer_key_pem = issuer ? issuer->key_pem : NULL,
    };
    struct wire_pair p = { 0 };
    assert_int_equal(x509_make(&req, &p.cert_pem, &p.key_pem, NULL), 0);
    return p;
}

/* As in production: two authorities, and a name for each kind of caller. */
struct doors {
    struct clusters c;
    struct wire_pair server, admin_ca, arm_ca, admin, arm;
};

static void doors_init(struct doors *d)
{
    admin_rig_begin(&d->c);
    d->server = wire_pair_make("localhost", NULL);
    d->admin_ca = make("admin ca", NULL);
    d->arm_ca = make("arm ca", NULL);
    d->admin = make("admin.test", &d->admin_ca);
    d->arm = make("arm.test", &d->arm_ca);
    struct frontend_config *cfg = &d->c.front.cfg;
    assert_int_equal(
        common_name_new("admin", "admin.test", d->admin_ca.cert_pem, &cfg->admin, NULL), 0);
    assert_int_equal(common_name_new("ARM", "arm.test", d->arm_ca.cert_pem, &cfg->arm, NULL), 0);
    cfg->cert_pem = d->server.cert_pem;
    cfg->key_pem = d->server.key_pem;
    admin_rig_serve(&d->c);
}

static void doors_release(struct doors *d)
{
    struct authorizer *admin = d->c.front.cfg.admin, *arm = d->c.front.cfg.arm;
    struct wire_pair *pairs[] = { &d->server, &d->admin_ca, &d->arm_ca, &d->admin, &d->arm };
    clusters_release(&d->c);
    authorizer_free(admin);
    authorizer_free(arm);
    for (size_t i = 0; i < ARRAY_LEN(pairs); i++)
        wire_pair_release(pairs[i]);
}

/* Whether this caller is let in to every route, or to none. */
static void check_caller(struct doors *d, const struct wire_pair *caller, const char *query,
                         bool is_let_in)
{
    cleanup_wire struct wire w =
        wire_connect_tls(http_server_port(d->c.front.server), caller, NULL);
    for (size_t i = 0; i < admin_routes_len; i++) {
        cleanup_free char *target = give_target(admin_routes[i].pattern);
        cleanup_free char *request =
            xasprintf("%s %s%s HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
                      admin_routes[i].method, target, query);
        cleanup_free char *reply = wire_give_answer(&w, request);
        bool got_in = !strstr(reply, " 403 ") || !strstr(reply, "\"Forbidden.\"");
        if (got_in != is_let_in || strstr(reply, "The requested path"))
            fail_msg("%s: %s", request, reply);
    }
}

static void only_administrators_are_let_in(void **state)
{
    (void)state;
    struct doors d;
    doors_init(&d);

    check_caller(&d, NULL, "", false);
    check_caller(&d, &d.arm, "", false);
    check_caller(&d, &d.arm, "?api-version=2025-07-25", false);
    check_caller(&d, &d.admin, "", true);
    check_caller(&d, &d.admin, "?api-version=2025-07-25", true);

    doors_release(&d);
}

/* ---- what every route has ---- */

/* But for the id of a request. */
static void api_version_means_nothing(void **state)
{
    (void)state;
    struct clusters c;
    admin_rig_init(&c);
    for (size_t i = 0; i < admin_routes_len; i++) {
        const char *method = admin_routes[i].method;
        cleanup_free char *target = give_target(admin_routes[i].pattern);
        cleanup_free char *versioned = xasprintf("%s?api-version=moon", target);

        cleanup_free char *without = front_give_answer(&c.front, method, target, "{}");
        cleanup_free char *with = front_give_answer(&c.front, method, versioned, "{}");

        assert_string_equal(without, with);
    }
    clusters_release(&c);
}

static void callers_are_recorded(void **state)
{
    (void)state;
    struct clusters c;
    admin_rig_init(&c);

    cleanup_free char *reply = front_give_reply(&c.front, "GET", ADMIN_CLUSTER "/selectors",
                                                "x-ms-client-principal-name: engineer@test\r\n"
                                                "x-ms-correlation-request-id: correlation-7\r\n",
                                                NULL);

    assert_non_null(strstr(reply, " 404 "));
    http_server_stop(take(c.front.server), 10000);
    assert_true(log_capture_has(&c.front.capture, "aro-admin"));
    assert_true(log_capture_has(&c.front.capture, "engineer@test"));
    assert_true(log_capture_has(&c.front.capture, "correlation_id=correlation-7"));
    clusters_release(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("every route is an administrator's", every_route_is_an_administrators),
        CASE("no two routes are the same", no_two_routes_are_the_same),
        CASE("only administrators are let in", only_administrators_are_let_in),
        CASE("api-version means nothing", api_version_means_nothing),
        CASE("callers are recorded", callers_are_recorded),
    };
    return RUN_CASES("route table of administrators", tests);
}
