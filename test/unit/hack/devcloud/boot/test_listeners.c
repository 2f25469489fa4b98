#include <string.h>

#include "hack/devcloud/boot/listeners.h"
#include "pkg/base/mem.h"
#include "pkg/net/http_client.h"
#include "test/unit/support/fake_env.h"
#include "test/unit/support/hack/devcloud/boot_files.h"

static void where_azure_says(void **state)
{
    (void)state;
    cleanup_json json *frontends = json_make(
        "[{'address':'127.130.0.1','ports':[6443,22623]},{'address':'10.0.0.5','ports':[6443]},"
        "{'address':'127.130.0.2','ports':[443]},{'address':'127.130.0.1','ports':[6443]}]");
    cleanup_json json *endpoints =
        json_make("[{'address':'127.64.0.4','status':'Approved'},{'address':'127.64.0.5','status':"
                  "'Pending'}]");
    cleanup_strv struct strv found = STRV_INIT;

    listeners_find(frontends, endpoints, 6443, &found);

    cleanup_free char *text = strv_give_joined(&found, " ");
    assert_string_equal(text, "127.130.0.1 127.64.0.4");
}

struct rig {
    struct fake_env env;
    struct http_client *http;
    struct cluster *cluster;
    struct bootstrap *boot;
    struct http_peer *peer;
    struct listeners *l;
    struct opctx ctx;
    uint16_t port;
    char *address;
};

static void open_rig(struct rig *r)
{
    cleanup_boot_files struct boot_files files;
    boot_files_init(&files);
    r->boot = boot_files_give_bootstrap(&files);
    fake_env_init(&r->env);
    struct http_client_config http = { .clock = clock_system(), .env = &r->env.base };
    struct cluster_config cluster = { .clock = clock_system(), .rng = rng_system() };
    struct http_peer_config peer = { .ca_pem = files.serving_ca_pem,
                                     .server_name = "api." BOOT_DOMAIN };
    assert_int_equal(http_client_new(&http, &r->http, NULL), 0);
    assert_int_equal(cluster_new(&cluster, &r->cluster, NULL), 0);
    assert_int_equal(http_peer_new(r->http, &peer, &r->peer, NULL), 0);
    r->port = (uint16_t)(20000 + rng_below(rng_system(), 20000));
    r->address = xasprintf("127.%d.%d.1", (int)rng_below(rng_system(), 60) + 64,
                           (int)rng_below(rng_system(), 250) + 1);
    struct listeners_config cfg = { .cluster = r->cluster, .boot = r->boot, .port = r->port };
    assert_int_equal(listeners_new(&cfg, &r->l, NULL), 0);
    r->ctx = opctx_root(clock_system(), rng_system(), NULL, NULL);
}

static void close_rig(struct rig *r)
{
    listeners_free(r->l);
    http_peer_unref(r->peer);
    cluster_free(r->cluster);
    http_client_free(r->http);
    bootstrap_free(r->boot);
    fake_env_release(&r->env);
    free(r->address);
}

/* The status of /readyz; -1: nobody is there. */
static int ask(struct rig *r, const char *address, uint16_t port)
{
    cleanup_free char *url = xasprintf("https://%s:%u/readyz", address, port);
    struct http_request rq = {
        .method = "GET", .url = url, .timeout_ms = 60000, .fresh_connection = true
    };
    cleanup_response struct http_response response = { 0 };
    return http_send(http_peer_transport(r->peer), &r->ctx, &rq, &response, NULL) < 0
               ? -1
               : response.status;
}

static void addresses_come_and_go(void **state)
{
    (void)state;
    struct rig r;
    open_rig(&r);
    cleanup_strv struct strv some = STRV_INIT, none = STRV_INIT;
    strv_add(&some, r.address);

    assert_int_equal(ask(&r, "127.0.0.1", listeners_inner_port(r.l)), 200);
    assert_int_equal(ask(&r, r.address, r.port), -1);
    assert_int_equal(listeners_set(r.l, &some, NULL), 0);
    assert_int_equal(listeners_set(r.l, &some, NULL), 0);
    assert_int_equal(listeners_len(r.l), 1);
    assert_int_equal(ask(&r, r.address, r.port), 200);
    assert_int_equal(listeners_set(r.l, &none, NULL), 0);

    assert_int_equal(ask(&r, r.address, r.port), -1);
    assert_int_equal(ask(&r, "127.0.0.1", listeners_inner_port(r.l)), 200);
    close_rig(&r);
}

static void one_that_cannot_be_had(void **state)
{
    (void)state;
    struct rig r;
    open_rig(&r);
    cleanup_strv struct strv wanted = STRV_INIT;
    cleanup_error struct error *err = NULL;
    strv_add(&wanted, "192.0.2.1"); /* of no machine (RFC 5737) */
    strv_add(&wanted, r.address);

    assert_int_equal(listeners_set(r.l, &wanted, &err), -1);

    assert_non_null(strstr(error_text(err), "192.0.2.1"));
    assert_int_equal(ask(&r, r.address, r.port), 200);
    close_rig(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("frontends with the port and approved endpoints are addresses", where_azure_says),
        CASE("addresses are served as long as they are given", addresses_come_and_go),
        CASE("an address that cannot be had does not hold up the others", one_that_cannot_be_had),
    };
    return RUN_CASES("listeners", tests);
}
