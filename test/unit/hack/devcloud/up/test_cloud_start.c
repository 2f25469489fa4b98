/* The real start, with its requests, is that of test/az and test/sdk; here is what the processes are given. */
#include "hack/devcloud/azure/azure.h"
#include "hack/devcloud/up/cloud_impl.h"
#include "pkg/base/json.h"
#include "pkg/base/strv.h"
#include "test/unit/hack/devcloud/up/cloud_rig.h"

#define TELL "printf '%s\\n' \"$@\" >args; env >env\n"
/* Ports, then an end, so that the start is over. */
#define RP_SAYS "echo 'msg=\"listening on port 71\"'; echo 'msg=\"without TLS on 127.0.0.1:72\"'\n"

static void gives_azure_its_state(void **state)
{
    struct cloud_rig *r = *state;
    cloud_rig_put(r, "azuresim", TELL "exit 1\n");

    cloud_rig_start(r, 0);

    assert_int_equal(cloud_rig_await(r), 1);
    cleanup_free char *args = cloud_rig_give_text(r, "cloud/azure/args");
    cleanup_free char *want = xasprintf(
        "--dir=%s/azure\n--state=%s/azure/state.json\n--port=0\n--clusters-dir=%s/clusters\n"
        "--bin=%s\n",
        r->place, r->place, r->place, r->bin);
    assert_string_equal(args, want);
    cleanup_free char *text = cloud_rig_give_text(r, "cloud/azure/state.json");
    cleanup_json json *tree = NULL;
    assert_int_equal(json_parse_object(text, strlen(text), &tree, NULL), 0);
    /* the provider's two groups with its role in each, its two networks with a subnet each, its zone */
    assert_int_equal(json_len(json_get(tree, "resources")), 9);
    assert_true(json_path_bool(tree, "applications[\"" AZURE_SIM_PROVIDER "\"].by_roles", false));
    assert_non_null(json_path_str(tree, "public_addresses"));
    const char *secret = json_path_str(tree, "applications[\"" AZURE_SIM_APPLICATION "\"].secret");
    assert_int_equal(strlen(secret), UUID_LEN);
}

static void gives_the_provider_its_settings(void **state)
{
    struct cloud_rig *r = *state;
    cloud_rig_put(r, "azuresim", AZURE_STARTS);
    cloud_rig_put(r, "rp", TELL "exit 1\n");
    assert_int_equal(setenv("COSMOSDB_KEY", "of another cloud", 1), 0);

    cloud_rig_start(r, 0);

    assert_int_equal(cloud_rig_await(r), 1);
    cleanup_free char *args = cloud_rig_give_text(r, "cloud/rp/args");
    cleanup_free char *text = cloud_rig_give_text(r, "cloud/rp/env");
    cleanup_strv struct strv env = STRV_INIT;
    strv_split(&env, text, "\n", false);
    cleanup_free char *connect = xasprintf("ARO_CONNECT_TO=%s/azure/connect-to", r->place);
    cleanup_free char *trust = xasprintf("SSL_CERT_FILE=%s/azure/ca.crt", r->place);
    assert_string_equal(args, "--port=0\n--plain-port=0\n");
    assert_true(strv_has(&env, connect));
    assert_true(strv_has(&env, trust));
    assert_true(strv_has(&env, "RP_MODE=development"));
    assert_true(strv_has(&env, "ARO_RP_AZURE_CHECKS=true"));
    assert_null(strstr(text, "COSMOSDB_KEY"));
    assert_null(strstr(text, "SYNCSETS_API_URL"));
}

/* And where clusters are to be registered, to the resource provider. */
static void gives_syncsets_its_settings(void **state)
{
    struct cloud_rig *r = *state;
    r->syncsets = true;
    cloud_rig_put(r, "azuresim", AZURE_STARTS);
    cloud_rig_put(r, "aro-syncsets",
                  TELL "echo 'msg=\"listening on 127.0.0.1 port 73, without TLS\"'\n" STAY);
    cloud_rig_put(r, "rp", TELL "exit 1\n");
    assert_int_equal(setenv("POSTGRES_PARAMS", "of another cloud", 1), 0);

    cloud_rig_start(r, 0);

    assert_int_equal(cloud_rig_await(r), 1);
    cleanup_free char *args = cloud_rig_give_text(r, "cloud/syncsets/args");
    cleanup_free char *text = cloud_rig_give_text(r, "cloud/syncsets/env");
    cleanup_free char *rp_text = cloud_rig_give_text(r, "cloud/rp/env");
    cleanup_strv struct strv env = STRV_INIT, rp_env = STRV_INIT;
    strv_split(&env, text, "\n", false);
    strv_split(&rp_env, rp_text, "\n", false);
    cleanup_free char *connect = xasprintf("ARO_CONNECT_TO=%s/azure/connect-to", r->place);
    assert_string_equal(args, "api\n");
    assert_true(strv_has(&env, connect));
    assert_true(strv_has(&env, "SYNCSETS_LISTEN=127.0.0.1:0"));
    assert_true(strv_has(&env, "SYNCSETS_DIAL_ALLOWED=127.0.0.0/8"));
    assert_null(strstr(text, "POSTGRES_PARAMS"));
    assert_true(strv_has(&rp_env, "SYNCSETS_API_URL=http://127.0.0.1:73"));
    assert_true(strv_has(&rp_env, "ARO_ADOPT_BY_HIVE=true"));
}

/* It listens and makes no certificate: nothing to vouch for it. */
static void needs_the_certificate_of_the_provider(void **state)
{
    struct cloud_rig *r = *state;
    cloud_rig_put(r, "azuresim", AZURE_STARTS);
    cloud_rig_put(r, "rp", RP_SAYS STAY);

    cloud_rig_start(r, 0);

    assert_int_equal(cloud_rig_await(r), 1);
    cleanup_free char *out = cloud_rig_give_text(r, "out");
    assert_non_null(strstr(out, "devcloud: putting Azure Resource Manager before it\n"));
    assert_null(strstr(out, "devcloud: making groups"));
    assert_string_not_equal(r->said, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        { "gives the simulated Azure its state", gives_azure_its_state, cloud_rig_set_up,
          cloud_rig_tear_down, NULL },
        { "gives the resource provider its settings", gives_the_provider_its_settings,
          cloud_rig_set_up, cloud_rig_tear_down, NULL },
        { "gives SyncSets its settings", gives_syncsets_its_settings, cloud_rig_set_up,
          cloud_rig_tear_down, NULL },
        { "needs the certificate of the resource provider", needs_the_certificate_of_the_provider,
          cloud_rig_set_up, cloud_rig_tear_down, NULL },
    };
    return RUN_CASES("cloud start", tests);
}
