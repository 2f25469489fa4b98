#include "hack/devcloud/cluster/catalog.h"
#include "pkg/base/strv.h"
#include "test/unit/support/test.h"

static const struct schema *at(const struct schema *schema, const char *path)
{
    cleanup_strv struct strv keys = STRV_INIT;
    strv_split(&keys, path, ".", false);
    for (size_t i = 0; i < keys.len; i++) {
        if (schema->type == SCHEMA_ARRAY)
            schema = schema->items;
        schema = schema_at_key(schema, keys.v[i]);
        assert_non_null(schema);
    }
    return schema;
}

static void follows_types(void **state)
{
    (void)state;
    cleanup_catalog struct catalog *c = catalog_new();
    const struct schema *d = catalog_type(c, "apps.v1.Deployment");

    const struct schema *containers = at(d, "spec.template.spec.containers");
    assert_int_equal(containers->list, LIST_MAP);
    assert_string_equal(containers->keys[0], "name");
    assert_string_equal(containers->merge_key, "name");
    const struct schema *ports = at(containers, "ports");
    assert_int_equal(ports->keys_len, 2);
    assert_string_equal(ports->merge_key, "containerPort");
    assert_int_equal(at(d, "metadata.finalizers")->list, LIST_SET);
    assert_int_equal(at(containers, "args")->list, LIST_ATOMIC);
    assert_int_equal(at(containers, "resources.limits.cpu")->type, SCHEMA_QUANTITY);
    assert_int_equal(at(containers, "livenessProbe.httpGet.port")->type, SCHEMA_INT_OR_STRING);
}

static void marks_options(void **state)
{
    (void)state;
    cleanup_catalog struct catalog *c = catalog_new();
    const struct schema *spec = catalog_type(c, "apps.v1.DeploymentSpec");

    assert_true(at(spec, "selector")->atomic);
    assert_non_null(schema_field(at(spec, "selector"), "matchLabels"));
    assert_false(catalog_type(c, "meta.v1.LabelSelector")->atomic);
    assert_true(at(spec, "strategy")->retains_keys);
    assert_true(schema_field(spec, "strategy")->always);
    assert_true(schema_field(spec, "template")->required);
    assert_string_equal(schema_field(spec, "replicas")->dflt, "1");
    assert_true(schema_field(spec, "minReadySeconds")->omit_zero);
}

static void recursion(void **state)
{
    (void)state;
    cleanup_catalog struct catalog *c = catalog_new();
    const struct schema *props = catalog_type(c, "apiextensions.v1.JSONSchemaProps");

    assert_ptr_equal(at(props, "properties")->values, props);
    assert_null(catalog_type(c, "apps.v1.None"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("types lead to the types of their fields", follows_types),
        CASE("fields carry atomic, strategy and default", marks_options),
        CASE("a type may contain itself", recursion),
    };
    return RUN_CASES("catalog", tests);
}
