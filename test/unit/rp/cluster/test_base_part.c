#include <string.h>

#include "rp/cluster/base_part.h"
#include "test/unit/support/rp/cluster/azure_steps.h"

#define ENDPOINTS "Microsoft.Network/privateEndpoints"
#define GATEWAY "{'infraId':'a-12345','featureProfile':{'gatewayEnabled':true}}"
static const char *const env[] = { "GATEWAY_RESOURCEGROUP=gwy", NULL };
static const struct strv none = STRV_INIT;

static void a_part_is_given_as_a_new_cluster_has_it(void **state)
{
    (void)state;
    cleanup_cluster_rig struct cluster_rig r;
    cleanup_json json *part = NULL;
    cluster_rig_open_env(&r, GATEWAY, env, NULL, 0);

    assert_int_equal(base_part_give(r.c, &none, ENDPOINTS, "a-12345-pe", &part, NULL), 0);

    const char *service = json_path_str(part, "properties.manualPrivateLinkServiceConnections[0]"
                                              ".properties.privateLinkServiceId");
    assert_non_null(strstr(service, "/gwy/providers/Microsoft.Network/privateLinkServices/"));
}

static void a_part_that_the_cluster_does_not_have_is_an_error(void **state)
{
    (void)state;
    cleanup_cluster_rig struct cluster_rig r;
    cleanup_error struct error *err = NULL;
    json *part = NULL;
    cluster_rig_open(&r, "{'infraId':'a-12345'}", NULL, 0);

    assert_int_equal(base_part_give(r.c, &none, ENDPOINTS, "a-12345-pe", &part, &err), -1);

    assert_non_null(strstr(error_text(err), "no " ENDPOINTS " a-12345-pe"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a part is given as a new cluster has it", a_part_is_given_as_a_new_cluster_has_it),
        CASE("a part that the cluster does not have is an error",
             a_part_that_the_cluster_does_not_have_is_an_error),
    };
    return RUN_CASES("base_part", tests);
}
