/* What both drivers make of it is in the contract (installer_contract.h); here is what the parts leave alone. */
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/yaml.h"
#include "rp/cluster/installer/config_server.h"
#include "test/unit/support/rp/cluster/install_inputs.h"
#include "test/unit/support/test.h"

static struct install_inputs s;

static int open_second(void **state)
{
    (void)state;
    install_inputs_init(&s, INSTALLER_V2);
    return 0;
}

static int open_first(void **state)
{
    (void)state;
    install_inputs_init(&s, INSTALLER_V1);
    return 0;
}

static int shut(void **state)
{
    (void)state;
    install_inputs_release(&s);
    return 0;
}

static void expect_url(const char *want)
{
    cleanup_free char *url = config_server_give_url(&s.in, "worker");
    assert_string_equal(url, want);
}

static void by_address(void **state)
{
    (void)state;
    expect_url("https://" SAMPLE_API_INT_IP ":22623/config/worker");
    cleanup_free char *made = config_server_give_redirected(
        &s.in, "{\"source\":\"https://api-int." SAMPLE_DOMAIN ":22623/config/master\"}");
    assert_string_equal(made, "{\"source\":\"https://" SAMPLE_API_INT_IP ":22623/config/master\"}");
    s.in.api_int_ip = NULL;
    expect_url("https://api-int." SAMPLE_DOMAIN ":22623/config/worker");
}

static void by_name(void **state)
{
    (void)state;
    cleanup_json json *graph = json_new_object();
    cleanup_json json *object =
        json_make("{'kind':'Secret','metadata':{'name':'machine-config-server-tls'},'data':{}}");
    bool changed = true;

    expect_url("https://api-int." SAMPLE_DOMAIN ":22623/config/worker");
    assert_null(config_server_give_redirected(&s.in, "api-int." SAMPLE_DOMAIN ":22623"));
    assert_int_equal(config_server_certify(&s.in, 0, graph, NULL), 0);
    assert_int_equal(json_len(graph), 0);
    assert_int_equal(config_server_patch(&s.in, graph, object, &changed, NULL), 0);
    assert_false(changed);
}

static void others(void **state)
{
    (void)state;
    cleanup_json json *graph = json_new_object();
    cleanup_json json *object =
        json_make("{'kind':'Secret','metadata':{'name':'else'},'data':{'tls.crt':'x'}}");
    bool changed = true;
    cleanup_error struct error *err = NULL;

    assert_null(config_server_give_redirected(&s.in, "https://api-int." SAMPLE_DOMAIN
                                                     ":6443, https://api-int.other:22623"));
    assert_int_equal(config_server_patch(&s.in, graph, object, &changed, NULL), 0);
    assert_false(changed);
    assert_int_equal(config_server_certify(&s.in, 0, graph, &err), -1); /* no authority */
}

#define CASE_WITH(sentence, fn, open) \
    { \
        .name = (sentence), .test_func = (fn), .setup_func = (open), .teardown_func = shut \
    }

int main(void)
{
    static const struct CMUnitTest tests[] = {
        CASE_WITH("the second layout names the address, if it is known", by_address, open_second),
        CASE_WITH("the first layout has a zone for the name", by_name, open_first),
        CASE_WITH("what is none of it stays", others, open_second),
    };
    return RUN_CASES("config_server", tests);
}
