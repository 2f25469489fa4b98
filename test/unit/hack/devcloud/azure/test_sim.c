#include <string.h>

#include "hack/devcloud/azure/azure.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "test/unit/support/hack/devcloud/azure_rig.h"
#include "test/unit/support/test.h"

static void check_headers(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    static const char *const always[] = {
        "x-ms-request-id",        "x-ms-routing-request-id",
        "Cache-Control",          "Strict-Transport-Security",
        "X-Content-Type-Options", "x-ms-ratelimit-remaining-subscription-reads"
    };
    cleanup_reply struct rig_reply reply = { 0 };
    http_headers_set(&r.extra, "x-ms-client-request-id", "mine");
    http_headers_set(&r.extra, "x-ms-return-client-request-id", "true");
    http_headers_set(&r.extra, "x-ms-correlation-request-id", "ours");

    assert_int_equal(rig_call(&r, "GET", RIG_VNET RIG_VERSION, NULL, &reply), 200);

    for (size_t i = 0; i < ARRAY_LEN(always); i++)
        assert_non_null(http_headers_get(&reply.headers, always[i]));
    assert_string_equal(http_headers_get(&reply.headers, "x-ms-client-request-id"), "mine");
    assert_string_equal(http_headers_get(&reply.headers, "x-ms-correlation-request-id"), "ours");
    assert_true(str_starts(http_headers_get(&reply.headers, "Content-Type"), "application/json"));
}

static void check_counters(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    static const char *const rows[][2] = {
        { "PUT", "x-ms-ratelimit-remaining-subscription-writes" },
        { "DELETE", "x-ms-ratelimit-remaining-subscription-deletes" },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        cleanup_reply struct rig_reply reply = { 0 };
        rig_call(&r, rows[i][0], RIG_NSGS "/absent" RIG_VERSION, "{}", &reply);
        assert_non_null(http_headers_get(&reply.headers, rows[i][1]));
    }
}

static void check_spellings(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    static const char *const spellings[] = {
        RIG_VNET "/" RIG_VERSION,
        "/" RIG_VNET RIG_VERSION,
        RIG_VNET "?api%2Dversion=2025-05-01",
        RIG_VNET "?$expand=x&api-version=2018-11-01-preview&unknown=1",
        "/subscriptions%2F00000000-0000-0000-0000-000000000000/RESOURCEgroups/NET-RG/providers/"
        "microsoft.network/VirtualNetworks/DEV-vnet" RIG_VERSION,
    };
    for (size_t i = 0; i < ARRAY_LEN(spellings); i++) {
        cleanup_reply struct rig_reply reply = { 0 };
        assert_int_equal(rig_call(&r, "GET", spellings[i], NULL, &reply), 200);
        assert_string_equal(json_path_str(reply.body, "id"), RIG_VNET);
    }
}

static void check_refusals(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    static const struct {
        const char *path;
        int status;
        const char *code;
    } rows[] = {
        { RIG_VNET, 400, "MissingApiVersionParameter" },
        { RIG_VNET "?api-version=", 400, "MissingApiVersionParameter" },
        { RIG_VNET "?api-version=latest", 400, "InvalidApiVersionParameter" },
        { RIG_VNET "?api-version=2020-08-01x", 400, "InvalidApiVersionParameter" },
        { RIG_VNET "?api-version=2020-8-1", 400, "InvalidApiVersionParameter" },
        { RIG_SUBSCRIPTION "/providers/Microsoft.None/things" RIG_VERSION, 404,
          "InvalidResourceType" },
        { RIG_VNET "/virtualNetworkPeerings/p" RIG_VERSION, 404, "InvalidResourceType" },
        { "/subscriptions/other/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/"
          "v" RIG_VERSION,
          404, "SubscriptionNotFound" },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        rig_refused(&r, "GET", rows[i].path, NULL, rows[i].status, rows[i].code);
}

static void check_garbage(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    static const char *const bodies[] = { "{", "nonsense", "{'properties':", "{'a':1}}" };
    for (size_t i = 0; i < ARRAY_LEN(bodies); i++)
        rig_refused(&r, "PUT", RIG_VNET "/subnets/master" RIG_VERSION, bodies[i], 400,
                    "InvalidRequestContent");

    assert_int_equal(rig_send(&r, "PUT", RIG_VNET "/subnets/master" RIG_VERSION, NULL, "{", NULL),
                     400);
}

static void check_bystanders(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);

    assert_int_equal(rig_call(&r, "GET", "/", NULL, NULL), 200);
    assert_int_equal(rig_call(&r, "GET", "/what", NULL, NULL), 404);
}

static void check_connect_to(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    cleanup_free char *lines = azure_sim_give_connect_to(r.sim);
    cleanup_free char *arm = xasprintf("management.azure.com:443 %s\n", r.host);
    cleanup_free char *aad = xasprintf("login.microsoftonline.com:443 %s\n", r.host);

    assert_non_null(strstr(lines, arm));
    assert_non_null(strstr(lines, aad));
}

/* As a product process does it: the real names, dialled elsewhere. */
static void check_real_names(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    struct http_peer_config cfg = { .ca_pem = azure_sim_ca_pem(r.sim), .dial_address = r.host };
    cleanup_http_peer struct http_peer *peer = NULL;
    assert_int_equal(http_peer_new(r.client, &cfg, &peer, NULL), 0);
    cleanup_request struct http_request req = {
        .method = "GET", .url = "https://management.azure.com" RIG_VNET RIG_VERSION
    };
    cleanup_free char *bearer = xasprintf("Bearer %s", r.token);
    http_headers_set(&req.headers, "Authorization", bearer);
    cleanup_response struct http_response resp = { 0 };

    assert_int_equal(http_send(http_peer_transport(peer), &r.ctx, &req, &resp, NULL), 0);

    assert_int_equal(resp.status, 200);
}

static void check_bad_state(void **state)
{
    (void)state;
    struct azure_sim_config cfg = { .clock = clock_system(),
                                    .rng = rng_system(),
                                    .state = json_make("{'tenant':'t'}") };
    struct azure_sim *sim = NULL;
    cleanup_error struct error *err = NULL;

    assert_int_equal(azure_sim_start(&cfg, &sim, &err), -1);

    assert_non_null(strstr(error_text(err), "subscription"));
    assert_null(sim);
    azure_sim_stop(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("every answer carries ARM's headers", check_headers),
        CASE("writes and deletes have counters of their own", check_counters),
        CASE("every spelling of official clients leads to the resource", check_spellings),
        CASE("what ARM does not know is refused with its codes", check_refusals),
        CASE("garbage bodies are refused", check_garbage),
        CASE("other hosts only prove that they can be reached", check_bystanders),
        CASE("the lines for ARO_CONNECT_TO lead to the server", check_connect_to),
        CASE("the certificate covers the real names", check_real_names),
        CASE("a state without its parts is refused at the start", check_bad_state),
    };
    return RUN_CASES("sim", tests);
}
