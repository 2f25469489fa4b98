#include <string.h>

#include "rp/cluster/installer/inputs.h"
#include "test/unit/support/rp/cluster/install_inputs.h"
#include "test/unit/support/test.h"

static struct install_inputs s;

static int set_up(void **state)
{
    (void)state;
    install_inputs_init(&s, INSTALLER_V2);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    install_inputs_release(&s);
    return 0;
}

static void takes_good_ones(void **state)
{
    (void)state;
    assert_int_equal(inputs_check(&s.in, NULL), 0);
    s.in.manifests = NULL;
    s.in.layout = INSTALLER_V1;
    assert_int_equal(inputs_check(&s.in, NULL), 0);
}

static void tells_everything_at_once(void **state)
{
    (void)state;
    cleanup_json json *manifests = json_make("{'../x.yaml':'','a.txt':'','b.yaml':1}");
    cleanup_error struct error *err = NULL;
    s.in.document_id = "0d7c9e2e";
    s.in.infra_id = "Upper-case";
    s.in.domain = "short";
    s.in.region = "";
    s.in.release_image = NULL;
    s.in.image.sku = NULL;
    s.in.platform.client_secret = NULL;
    s.in.manifests = manifests;
    json_path_del(s.config, "platform.azure.computeSubnet");
    assert_int_equal(json_set_str(s.config, "sshKey", "ssh-rsa", NULL), 0);
    assert_int_equal(json_set_str(s.config, "networking.serviceNetwork[0]", "fd00::/64", NULL), 0);

    assert_int_equal(inputs_check(&s.in, &err), -1);

    static const char *const wanted[] = {
        "the release image: missing",
        "the region: missing",
        "the SKU of the image: missing",
        "the client secret: missing",
        "the document's ID",
        "the infra ID",
        "the domain",
        "platform.azure.computeSubnet: missing",
        "SSH key",
        "networking.serviceNetwork[0]",
        "../x.yaml: not the name",
        "a.txt: not the name",
        "b.yaml: not a string",
    };
    assert_true(error_is(err, ERR_INVALID));
    for (size_t i = 0; i < ARRAY_LEN(wanted); i++)
        if (!strstr(error_text(err), wanted[i]))
            fail_msg("'%s' is not in: %s", wanted[i], error_text(err));
}

static void names_by_layout(void **state)
{
    (void)state;
    cleanup_free char *lb = inputs_give_public_lb(&s.in), *nsg = inputs_give_nsg(&s.in),
                      *internal = inputs_give_internal_lb(&s.in),
                      *routes = inputs_give_route_table(&s.in);
    s.in.layout = INSTALLER_V1;
    cleanup_free char *first_lb = inputs_give_public_lb(&s.in), *first_nsg = inputs_give_nsg(&s.in),
                      *first_internal = inputs_give_internal_lb(&s.in);

    assert_string_equal(lb, SAMPLE_INFRA_ID);
    assert_string_equal(nsg, SAMPLE_INFRA_ID "-nsg");
    assert_string_equal(internal, SAMPLE_INFRA_ID "-internal");
    assert_string_equal(routes, SAMPLE_INFRA_ID "-node-routetable");
    assert_string_equal(first_lb, SAMPLE_INFRA_ID "-public-lb");
    assert_string_equal(first_nsg, SAMPLE_INFRA_ID "-controlplane-nsg");
    assert_string_equal(first_internal, SAMPLE_INFRA_ID "-internal-lb");
}

static void finds_the_service_address(void **state)
{
    (void)state;
    char ip[INPUTS_IP_MAX];

    assert_int_equal(inputs_service_ip(&s.in, ip, NULL), 0);
    assert_string_equal(ip, "172.30.0.1");
    assert_int_equal(json_set_str(s.config, "networking.serviceNetwork[0]", "10.1.255.0/24", NULL),
                     0);
    assert_int_equal(inputs_service_ip(&s.in, ip, NULL), 0);
    assert_string_equal(ip, "10.1.255.1");
}

static void gives_urls(void **state)
{
    (void)state;
    cleanup_free char *internal = inputs_give_internal_url(&s.in, 22623, "/config/x");
    cleanup_free char *external = inputs_give_public_url(&s.in);

    assert_string_equal(internal, "https://api-int." SAMPLE_DOMAIN ":22623/config/x");
    assert_string_equal(external, "https://api." SAMPLE_DOMAIN ":6443");
}

int main(void)
{
    struct CMUnitTest tests[] = {
        CASE("good inputs are taken", takes_good_ones),
        CASE("everything that is wrong is told at once", tells_everything_at_once),
        CASE("names follow the layout", names_by_layout),
        CASE("the first address is the API's", finds_the_service_address),
        CASE("URLs have the cluster's names", gives_urls),
    };
    for (size_t i = 0; i < ARRAY_LEN(tests); i++) {
        tests[i].setup_func = set_up;
        tests[i].teardown_func = tear_down;
    }
    return RUN_CASES("inputs", tests);
}
