#include "rp/syncsets/types/types.h"
#include "test/unit/support/rp/syncsets/sets_rig.h"

static json *decode(enum api_type_id type, const char *nspace, const char *name, const char *body)
{
    json *object = NULL;
    assert_int_equal(
        api_decode(&api_types[type], nspace, name, sets_rig_parse(body), &object, NULL), 0);
    return object;
}

static void the_flat_form_unfolds_and_defaults_come(void **state)
{
    (void)state;
    cleanup_json json *o =
        decode(TYPE_CLUSTERS, NULL, NULL, "{'name':'a','namespace':'n','kubeconfig':'k'}");
    assert_string_equal(json_path_str(o, "metadata.name"), "a");
    assert_string_equal(json_path_str(o, "spec.kubeconfig"), "k");
    assert_true(json_path_bool(o, "spec.installed", false));
    assert_string_equal(json_path_str(o, "kind"), "Cluster");
}

static void the_path_fills_in_and_contradicts(void **state)
{
    (void)state;
    cleanup_json json *o = decode(TYPE_CLUSTERS, "n", "a", "{}");
    cleanup_error struct error *err = NULL;
    json *none = NULL;
    assert_string_equal(json_path_str(o, "metadata.namespace"), "n");
    assert_int_equal(api_decode(&api_types[TYPE_CLUSTERS], "n", "a",
                                sets_rig_parse("{'metadata':{'name':'b'}}"), &none, &err),
                     -1);
    assert_true(error_is(err, ERR_INVALID));
}

static void secrets_leave_the_object(void **state)
{
    (void)state;
    cleanup_json json *o =
        decode(TYPE_CLUSTERS, "n", "a", "{'spec':{'kubeconfig':'k','installed':false}}");
    const char *text = json_path_str(o, "spec.kubeconfig");
    cleanup_json_wiped json *secrets = api_take_secrets(&api_types[TYPE_CLUSTERS], o);
    assert_string_equal(json_path_str(secrets, "kubeconfig"), "k");
    assert_ptr_equal(json_path_str(secrets, "kubeconfig"), text); /* there is one, to be wiped */
    assert_false(json_path_has(o, "spec.kubeconfig"));
    assert_null(api_take_secrets(&api_types[TYPE_CLUSTERS], o));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("the flat form unfolds and defaults come", the_flat_form_unfolds_and_defaults_come),
        CASE("the path fills in and contradicts", the_path_fills_in_and_contradicts),
        CASE("secrets leave the object", secrets_leave_the_object),
    };
    return RUN_CASES("decode", tests);
}
