#include <stdlib.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/syncsets/api/impl.h"
#include "test/unit/support/pkg/net/wire.h"
#include "test/unit/support/rp/syncsets/sets_rig.h"

#define JSON_TYPE "Content-Type: application/json\r\n"
#define CLUSTER "{\"name\":\"cluster1\",\"namespace\":\"foo\",\"kubeconfig\":\"foobar\"}"

static int ask(struct sets_rig *r, const char *method, const char *path, const char *headers,
               const char *body)
{
    int status;
    free(sets_rig_ask(r, method, path, headers, body, &status));
    return status;
}

#include "pkg/base/encoding.h"
#include "pkg/base/file.h"
#include "pkg/crypt/crypt.h"

#define AS(token) "Authorization: Bearer " token "\r\n"

static char *give_digest(const char *token)
{
    unsigned char digest[SHA256_LEN];
    sha256(token, strlen(token), digest);
    return hex_give(digest, sizeof(digest));
}

/* The tokens root (everything), ann (viewer of that namespace) and bob (editor of b); where they stand, owned. */
static char *write_access(const struct sets_rig *r, const char *ann_sees)
{
    cleanup_free char *root = give_digest("root"), *ann = give_digest("ann"),
                      *bob = give_digest("bob");
    char *path = path_give_joined(r->dir, "access.json");
    cleanup_free char *text =
        xasprintf("{\"identities\":[{\"name\":\"root\",\"tokenSHA256\":\"%s\"},{\"name\":\"ann\","
                  "\"tokenSHA256\":\"%s\"},"
                  "{\"name\":\"bob\",\"tokenSHA256\":\"%s\"}],\"bindings\":["
                  "{\"identity\":\"root\",\"namespace\":\"*\",\"role\":\"admin\"},"
                  "{\"identity\":\"ann\",\"namespace\":\"%s\",\"role\":\"viewer\"},"
                  "{\"identity\":\"bob\",\"namespace\":\"b\",\"role\":\"editor\"}]}",
                  root, ann, bob, ann_sees);
    assert_int_equal(file_write_atomic(path, text, strlen(text), 0600, NULL), 0);
    return path;
}

static struct sets_access *open_access(const struct sets_rig *r, int burst)
{
    cleanup_free char *path = write_access(r, "a");
    struct sets_access *a = NULL;
    const struct sets_access_config cfg = {
        .path = path, .clock = clock_system(), .rate = 0.001, .burst = burst
    };
    assert_int_equal(sets_access_open(&cfg, &a, NULL), 0);
    return a;
}

static void tenants_see_their_own(void **state)
{
    struct sets_rig r;
    (void)state;
    sets_rig_init(&r);
    struct sets_access *a = open_access(&r, 1000);
    sets_rig_serve(&r, a);
    json_free(sets_rig_create(&r, TYPE_CLUSTERS, "{'metadata':{'name':'x','namespace':'a'}}"));
    json_free(sets_rig_create(&r, TYPE_CLUSTERS, "{'metadata':{'name':'y','namespace':'b'}}"));
    assert_int_equal(ask(&r, "GET", "/v1/clusters", "", ""), 401);
    assert_int_equal(ask(&r, "GET", "/v1/clusters", AS("mallory"), ""), 401);
    assert_int_equal(ask(&r, "GET", "/v1/clusters/a/x", AS("ann"), ""), 200);
    assert_int_equal(ask(&r, "GET", "/v1/clusters/b/y", AS("ann"), ""), 403);
    assert_int_equal(ask(&r, "GET", "/v1/clusters/b", AS("ann"), ""), 403);
    assert_int_equal(ask(&r, "GET", "/v1/clusters/b?watch=true", AS("ann"), ""), 403);
    assert_int_equal(ask(&r, "DELETE", "/v1/clusters/a/x", AS("ann"), ""), 403);
    assert_int_equal(ask(&r, "POST", "/v1/clusters", AS("bob") JSON_TYPE,
                         "{\"name\":\"z\",\"namespace\":\"b\"}"),
                     201);
    assert_int_equal(ask(&r, "POST", "/v1/clusters", AS("bob") JSON_TYPE,
                         "{\"name\":\"z\",\"namespace\":\"a\"}"),
                     403);
    assert_int_equal(ask(&r, "GET", "/v1/selectorsyncsets", AS("bob"), ""), 403);
    assert_int_equal(ask(&r, "GET", "/v1/selectorsyncsets/s", AS("root"), ""), 404);
    cleanup_free char *all = sets_rig_ask(&r, "GET", "/v1/clusters", AS("ann"), "", NULL);
    assert_non_null(strstr(all, "\"name\":\"x\""));
    assert_null(strstr(all, "\"name\":\"y\""));
    sets_rig_release(&r);
    sets_access_free(a);
}

static void how_sets_stand_is_for_their_tenants(void **state)
{
    struct sets_rig r;
    (void)state;
    sets_rig_init(&r);
    struct sets_access *a = open_access(&r, 1000);
    sets_rig_serve(&r, a);
    json_free(sets_rig_create(
        &r, TYPE_SYNCSETS,
        "{'metadata':{'name':'s','namespace':'b'},'spec':{'clusterDeploymentRefs':[]}}"));
    json_free(sets_rig_create(&r, TYPE_SELECTORSYNCSETS,
                              "{'metadata':{'name':'s'},'spec':{'clusterDeploymentSelector':{}}}"));
    assert_int_equal(ask(&r, "GET", "/v1/syncsets/b/s:status", AS("ann"), ""), 403);
    assert_int_equal(ask(&r, "GET", "/v1/syncsets/b/s:status", AS("bob"), ""), 200);
    assert_int_equal(ask(&r, "GET", "/v1/selectorsyncsets/s:status", AS("ann"), ""), 403);
    assert_int_equal(ask(&r, "GET", "/v1/selectorsyncsets/s:status", AS("root"), ""), 200);
    assert_int_equal(ask(&r, "POST", "/v1/selectorsyncsets/s:preview", AS("bob"), ""), 403);
    assert_int_equal(ask(&r, "POST", "/v1/selectorsyncsets/s:resume", AS("bob"), ""), 403);
    sets_rig_release(&r);
    sets_access_free(a);
}

static void figures_of_all_are_for_who_sees_all(void **state)
{
    struct sets_rig r;
    (void)state;
    sets_rig_init(&r);
    struct sets_access *a = open_access(&r, 1000);
    sets_rig_serve(&r, a);
    assert_int_equal(ask(&r, "GET", "/metrics", "", ""), 401);
    assert_int_equal(ask(&r, "GET", "/metrics", AS("ann"), ""), 403);
    assert_int_equal(ask(&r, "GET", "/metrics", AS("root"), ""), 200);
    assert_int_equal(ask(&r, "GET", "/readyz", "", ""), 200);
    sets_rig_release(&r);
    sets_access_free(a);
}

static void a_watch_of_everything_shows_a_tenant_its_own(void **state)
{
    struct sets_rig r;
    (void)state;
    sets_rig_init(&r);
    struct sets_access *a = open_access(&r, 1000);
    sets_rig_serve(&r, a);
    json_free(sets_rig_create(&r, TYPE_CLUSTERS, "{'metadata':{'name':'y','namespace':'b'}}"));
    json_free(sets_rig_create(&r, TYPE_CLUSTERS, "{'metadata':{'name':'x','namespace':'a'}}"));
    {
        cleanup_wire struct wire w = wire_connect("127.0.0.1", sets_api_port(r.api));
        wire_send(&w, "GET /v1/clusters?watch=true HTTP/1.1\r\nHost: x\r\n" AS("ann") "\r\n");
        cleanup_free char *before = wire_give_until(&w, "initial-events-end");
        assert_int_equal(ask(&r, "POST", "/v1/clusters", AS("bob") JSON_TYPE,
                             "{\"name\":\"z\",\"namespace\":\"b\"}"),
                         201);
        assert_int_equal(ask(&r, "POST", "/v1/clusters", AS("root") JSON_TYPE,
                             "{\"name\":\"last\",\"namespace\":\"a\"}"),
                         201);
        cleanup_free char *after = wire_give_until(&w, "\"name\":\"last\"");
        assert_non_null(strstr(before, "\"name\":\"x\""));
        assert_null(strstr(before, "\"name\":\"y\""));
        assert_null(strstr(after, "\"name\":\"z\""));
    }
    sets_rig_release(&r);
    sets_access_free(a);
}

/* Looked at every ten seconds of a watch's life. */
static void a_watch_ends_with_the_rights_of_its_caller(void **state)
{
    struct sets_rig r;
    struct strv see_a = STRV_INIT, see_all = STRV_INIT;
    (void)state;
    sets_rig_init(&r);
    struct sets_access *a = open_access(&r, 1000);
    strv_add(&see_a, "a");
    struct {
        struct sets_watch w;
        bool goes_on;
    } watches[] = {
        { { .who = "ann", .nspace = "a" }, false },
        { { .who = "ann", .limited = true, .namespaces = see_a }, false },
        { { .who = "root", .nspace = "a" }, true },
        { { .who = "root", .namespaces = see_all }, true },
    };
    for (size_t i = 0; i < ARRAY_LEN(watches); i++) {
        watches[i].w.type = &api_types[TYPE_CLUSTERS];
        watches[i].w.end_ns = 100 * NS_PER_S;
        assert_true(sets_watch_may_go_on(&watches[i].w, a, 1));
    }

    free(write_access(&r, "elsewhere"));
    assert_int_equal(sets_access_refresh(a, NULL), 0);

    for (size_t i = 0; i < ARRAY_LEN(watches); i++) {
        assert_true(sets_watch_may_go_on(&watches[i].w, a, 2)); /* it is not time to look */
        assert_int_equal(sets_watch_may_go_on(&watches[i].w, a, 11 * NS_PER_S), watches[i].goes_on);
    }
    strv_release(&see_a);
    sets_rig_release(&r);
    sets_access_free(a);
}

static void too_many_requests_are_told_so(void **state)
{
    struct sets_rig r;
    (void)state;
    sets_rig_init(&r);
    struct sets_access *a = open_access(&r, 2);
    sets_rig_serve(&r, a);
    assert_int_equal(ask(&r, "GET", "/v1/clusters/a", AS("ann"), ""), 200);
    assert_int_equal(ask(&r, "GET", "/v1/clusters/a", AS("ann"), ""), 200);
    assert_int_equal(ask(&r, "GET", "/v1/clusters/a", AS("ann"), ""), 429);
    assert_int_equal(ask(&r, "GET", "/v1/clusters/b", AS("bob"), ""), 200);
    sets_rig_release(&r);
    sets_access_free(a);
}

static void a_broken_file_is_refused(void **state)
{
    struct sets_rig r;
    (void)state;
    sets_rig_init(&r);
    struct sets_access *a = open_access(&r, 2), *none = NULL;
    cleanup_free char *path = path_give_joined(r.dir, "access.json");
    static const char text[] =
        "{\"bindings\":[{\"identity\":\"ann\",\"namespace\":\"a\",\"role\":\"king\"}]}";
    assert_int_equal(file_write_atomic(path, text, strlen(text), 0600, NULL), 0);
    assert_int_equal(sets_access_refresh(a, NULL), -1);
    assert_int_equal(sets_access_role(a, "ann", "a"), ROLE_VIEWER); /* what was, stays */
    const struct sets_access_config cfg = { .path = path, .clock = clock_system() };
    assert_int_equal(sets_access_open(&cfg, &none, NULL), -1);
    sets_rig_release(&r);
    sets_access_free(a);
}

static struct wire_pair make_pair(const char *name, const struct wire_pair *issuer)
{
    const struct clock *clock = clock_system();
    const struct x509_request req = {
        .common_name = name,
        .is_ca = !issuer,
        .is_client = issuer != NULL,
        .not_before_wall_ns = clock_wall_ns(clock) - 3600 * NS_PER_S,
        .not_after_wall_ns = clock_wall_ns(clock) + 3600 * NS_PER_S,
        .issuer_cert_pem = issuer ? issuer->cert_pem : NULL,
        .issuer_key_pem = issuer ? issuer->key_pem : NULL,
    };
    struct wire_pair p = { 0 };
    assert_int_equal(x509_make(&req, &p.cert_pem, &p.key_pem, NULL), 0);
    return p;
}

static void check_login(const struct sets_rig *r, const struct wire_pair *identity,
                        const char *headers, int want)
{
    cleanup_wire struct wire w = wire_connect_tls(sets_api_port(r->api), identity, NULL);
    cleanup_free char *request =
        xasprintf("GET /v1/clusters HTTP/1.1\r\nHost: x\r\n%s\r\n", headers);
    wire_send(&w, request);
    cleanup_free char *reply = wire_give_reply(&w);
    cleanup_free char *head = xasprintf("HTTP/1.1 %d", want);
    if (!str_starts(reply, head))
        fail_msg("not %d: %s", want, reply);
}

static void certificates_name_callers(void **state)
{
    struct sets_rig r;
    struct wire_pair server = wire_pair_make("localhost", NULL), root = make_pair("root", NULL),
                     ops = make_pair("Ops", &root), other = make_pair("ops", &root);
    static const char text[] =
        "{\"identities\":[{\"name\":\"ops\",\"certificateCommonName\":\"Ops\"}],"
        "\"bindings\":[{\"identity\":\"ops\",\"namespace\":\"*\",\"role\":\"viewer\"}]}";
    (void)state;
    sets_rig_init(&r);
    cleanup_free char *path = path_give_joined(r.dir, "access.json");
    assert_int_equal(file_write_atomic(path, text, strlen(text), 0600, NULL), 0);
    struct sets_access *a = NULL;
    const struct sets_access_config cfg = { .path = path,
                                            .clock = clock_system(),
                                            .client_ca = server.cert_pem };
    assert_int_equal(sets_access_open(&cfg, &a, NULL), 0);
    sets_rig_serve_tls(&r, a, &server);
    check_login(&r, &ops, "", 401); /* another authority's */
    sets_access_set_client_ca(a, root.cert_pem);
    check_login(&r, &ops, "", 200);
    check_login(&r, &ops, AS("mallory"), 401); /* a token goes before the certificate */
    check_login(&r, &other, "", 401);          /* names have letter case */
    check_login(&r, NULL, "", 401);
    sets_rig_release(&r);
    sets_access_free(a);
    wire_pair_release(&server);
    wire_pair_release(&root);
    wire_pair_release(&ops);
    wire_pair_release(&other);
}

static int watch_as(struct sets_rig *r, const char *who, struct wire *ret)
{
    cleanup_free char *request = xasprintf(
        "GET /v1/clusters?watch=true HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n\r\n", who);
    *ret = wire_connect("127.0.0.1", sets_api_port(r->api));
    wire_send(ret, request);
    cleanup_free char *head = wire_give_until(ret, "\r\n");
    long long status = 0;
    cleanup_free char *word = xstrndup(head + strlen("HTTP/1.1 "), 3);
    assert_true(str_to_int(word, 100, 599, &status));
    return (int)status;
}

static void watches_are_limited_for_each_identity(void **state)
{
    struct sets_rig r;
    struct wire first, other;
    (void)state;
    sets_rig_init(&r);
    r.watches_each = 2;
    struct sets_access *a = open_access(&r, 1000);
    sets_rig_serve(&r, a);

    assert_int_equal(watch_as(&r, "ann", &first), 200);
    {
        cleanup_wire struct wire second = { .fd = -1 }, third = { .fd = -1 };
        assert_int_equal(watch_as(&r, "ann", &second), 200);
        assert_int_equal(watch_as(&r, "ann", &third), 429);
        cleanup_free char *why = wire_give_until(&third, "try again later");
        assert_non_null(strstr(why, "ann has 2 watches already"));
        assert_int_equal(watch_as(&r, "root", &other), 200);
    }

    int status; /* once the hub has seen that the second is gone */
    do {
        cleanup_wire struct wire again = { .fd = -1 };
        status = watch_as(&r, "ann", &again);
        if (status == 429)
            (void)opctx_sleep_ms(&r.ctx, 50, NULL);
    } while (status == 429);
    assert_int_equal(status, 200);
    wire_close(&first);
    wire_close(&other);
    sets_rig_release(&r);
    sets_access_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("tenants see their own", tenants_see_their_own),
        CASE("certificates name callers", certificates_name_callers),
        CASE("how sets stand is for their tenants", how_sets_stand_is_for_their_tenants),
        CASE("figures of all are for who sees all", figures_of_all_are_for_who_sees_all),
        CASE("a watch of everything shows a tenant its own",
             a_watch_of_everything_shows_a_tenant_its_own),
        CASE("a watch ends with the rights of its caller",
             a_watch_ends_with_the_rights_of_its_caller),
        CASE("watches are limited for each identity", watches_are_limited_for_each_identity),
        CASE("too many requests are told so", too_many_requests_are_told_so),
        CASE("a broken file is refused", a_broken_file_is_refused),
    };
    return RUN_CASES("access", tests);
}
