#include <string.h>

#include "pkg/base/yaml.h"
#include "rp/cluster/installer/patch.h"
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

/* The objects of the patched text; NULL when nothing was patched. */
static json *patch(const char *text)
{
    cleanup_free char *patched = NULL;
    json *objects = NULL;
    assert_int_equal(patch_manifest(&s.in, NULL, text, strlen(text), &patched, NULL), 0);
    if (patched)
        assert_int_equal(yaml_parse_all(patched, strlen(patched), &objects, NULL), 0);
    return objects;
}

static void patches_sets_of_workers(void **state)
{
    (void)state;
    cleanup_json json *objects = patch(
        "kind: MachineSet\nspec:\n  replicas: 2\n  template:\n    spec:\n"
        "      providerSpec:\n        value:\n          image: {resourceID: /x}\n"
        "          managedIdentity: short-abcde-identity\n          vmSize: Standard_D4s_v3\n");

    const json *spec = json_path(json_at(objects, 0), "spec.template.spec.providerSpec.value");
    assert_string_equal(json_path_str(spec, "image.publisher"), "azureopenshift");
    assert_string_equal(json_path_str(spec, "image.sku"), "aro_43");
    assert_string_equal(json_path_str(spec, "image.resourceID"), "");
    assert_string_equal(json_path_str(spec, "managedIdentity"), "");
    assert_string_equal(json_path_str(spec, "publicLoadBalancer"), SAMPLE_INFRA_ID);
    assert_string_equal(json_path_str(spec, "vmSize"), "Standard_D4s_v3");
    assert_int_equal(json_path_int(json_at(objects, 0), "spec.replicas", 0), 2);
}

static void takes_the_balancer_out_where_there_is_none(void **state)
{
    (void)state;
    assert_int_equal(json_path_put(s.config, "platform.azure.outboundType",
                                   json_new_str("UserDefinedRouting"), NULL),
                     0);
    cleanup_json json *objects =
        patch("kind: MachineSet\nspec:\n  template:\n    spec:\n      providerSpec:\n"
              "        value: {publicLoadBalancer: short-abcde}\n");

    assert_false(json_path_has(json_at(objects, 0),
                               "spec.template.spec.providerSpec.value.publicLoadBalancer"));
}

static void patches_masters(void **state)
{
    (void)state;
    cleanup_json json *objects =
        patch("kind: Machine\nspec:\n  providerSpec:\n    value: {managedIdentity: x}\n"
              "---\nkind: ControlPlaneMachineSet\nspec:\n  template:\n"
              "    machines_v1beta1_machine_openshift_io:\n      spec:\n        providerSpec:\n"
              "          value: {managedIdentity: x}\n---\nkind: Other\n");

    assert_int_equal(json_len(objects), 3);
    const json *machine = json_path(json_at(objects, 0), "spec.providerSpec.value");
    const json *set =
        json_path(json_at(objects, 1),
                  "spec.template.machines_v1beta1_machine_openshift_io.spec.providerSpec.value");
    assert_string_equal(json_path_str(machine, "managedIdentity"), "");
    assert_false(json_path_has(machine, "publicLoadBalancer"));
    assert_string_equal(json_path_str(set, "managedIdentity"), "");
    assert_string_equal(json_path_str(set, "image.offer"), "aro4");
    assert_string_equal(json_path_str(json_at(objects, 2), "kind"), "Other");
}

static void patches_the_cloud_provider(void **state)
{
    (void)state;
    cleanup_json json *objects =
        patch("kind: ConfigMap\nmetadata: {name: cloud-provider-config}\n"
              "data:\n  config: '{\"useManagedIdentityExtension\":true,\"vnetName\":\"v\"}'\n");
    cleanup_json json *config = NULL;
    const char *text = json_path_str(json_at(objects, 0), "data.config");
    assert_non_null(text);
    assert_int_equal(json_parse_object(text, strlen(text), &config, NULL), 0);

    assert_false(json_path_bool(config, "useManagedIdentityExtension", true));
    assert_string_equal(json_path_str(config, "securityGroupName"), SAMPLE_INFRA_ID "-nsg");
    assert_string_equal(json_path_str(config, "routeTableName"),
                        SAMPLE_INFRA_ID "-node-routetable");
    assert_string_equal(json_path_str(config, "loadBalancerSku"), "standard");
    assert_string_equal(json_path_str(config, "vnetName"), "v");
}

static void leaves_others_alone(void **state)
{
    (void)state;
    cleanup_json json *map = patch("kind: ConfigMap\nmetadata: {name: other}\ndata: {config: x}\n");
    cleanup_json json *nothing = patch("");

    assert_null(map);
    assert_null(nothing);
}

static void refuses_rubbish(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "{ nothing",
        "kind: ConfigMap\nmetadata: {name: cloud-provider-config}\n",
        "kind: ConfigMap\nmetadata: {name: cloud-provider-config}\ndata: {config: '['}\n",
    };
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        char *patched = NULL;
        cleanup_error struct error *err = NULL;

        assert_int_equal(patch_manifest(&s.in, NULL, texts[i], strlen(texts[i]), &patched, &err),
                         -1);

        assert_true(error_is(err, ERR_INVALID));
        assert_null(patched);
    }
}

struct rename_case {
    const char *name, *text, *want;
    size_t count;
};
static struct rename_case renames[] = {
    { "a name alone is renamed", "a-b1", "new", 1 },
    { "so is one with more behind a hyphen", "name: a-b1-worker, a-b1", "name: new-worker, new",
      2 },
    { "a longer name stays", "a-b12 xa-b1 a-b1x", "a-b12 xa-b1 a-b1x", 0 },
    { "between quotes and slashes it is alone", "\"a-b1\"/a-b1/", "\"new\"/new/", 2 },
    { "an empty text stays", "", "", 0 },
};

static void check_rename(void **state)
{
    const struct rename_case *c = *state;
    size_t count = 9;

    cleanup_free char *text = patch_give_renamed(c->text, "a-b1", "new", &count);

    assert_string_equal(text, c->want);
    assert_int_equal(count, c->count);
}

int main(void)
{
    struct CMUnitTest tests[6 + ARRAY_LEN(renames)] = {
        CASE("sets of workers get image and load balancer", patches_sets_of_workers),
        CASE("sets lose a load balancer that there is not",
             takes_the_balancer_out_where_there_is_none),
        CASE("masters get their image, in every form", patches_masters),
        CASE("the cloud provider gets the service's names", patches_the_cloud_provider),
        CASE("other manifests stay as they are", leaves_others_alone),
        CASE("what is no manifest is refused", refuses_rubbish),
    };
    for (size_t i = 0; i < ARRAY_LEN(renames); i++)
        tests[6 + i] = (struct CMUnitTest)CASE_OF(renames[i].name, check_rename, &renames[i]);
    for (size_t i = 0; i < ARRAY_LEN(tests); i++) {
        tests[i].setup_func = set_up;
        tests[i].teardown_func = tear_down;
    }
    return RUN_CASES("patch", tests);
}
