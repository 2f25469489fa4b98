#include "pkg/api/refuse.h"
#include "test/unit/pkg/api/api_rig.h"

static int parse(const char *body, json **ret, struct error **err)
{
    return api_preflight_parse(body, strlen(body), ret, err);
}

static void the_resources_are_given(void **state)
{
    (void)state;
    cleanup_json json *some = NULL, *none = NULL;

    assert_int_equal(parse("{\"resources\":[{\"name\":\"a\"}]}", &some, NULL), 0);
    assert_int_equal(parse("{}", &none, NULL), 0);

    rig_assert_json(some, "[{'name':'a'}]");
    rig_assert_json(none, "[]");
}

static void other_bodies_are_refused(void **state)
{
    (void)state;
    static const char *const bodies[] = { "", "[]", "{", "{\"resources\":{}}" };
    for (size_t i = 0; i < ARRAY_LEN(bodies); i++) {
        cleanup_json json *resources = NULL;
        cleanup_error struct error *err = NULL;

        assert_int_equal(parse(bodies[i], &resources, &err), -1);

        rig_assert_refused(&err, "InvalidRequestContent", NULL);
    }
}

static void only_clusters_are_looked_at(void **state)
{
    (void)state;
    cleanup_json json *cluster =
        rig_give_json("{'type':'MICROSOFT.RedHatOpenShift/OpenShiftClusters'}");
    cleanup_json json *other = rig_give_json("{'type':'Microsoft.Network/virtualNetworks'}");
    cleanup_json json *nothing = json_new_object();

    assert_true(api_preflight_is_cluster(cluster));
    assert_false(api_preflight_is_cluster(other));
    assert_false(api_preflight_is_cluster(nothing));
}

static void an_entry_is_decoded_in_its_own_version(void **state)
{
    (void)state;
    cleanup_json json *resource = rig_give_json(
        "{'apiVersion':'2023-11-22','id':'/i','location':'l','identity':{'type':'None'},"
        "'properties':{'clusterProfile':{'domain':'d'}}}");
    const struct api_version *v = NULL;
    cleanup_json json *ext = NULL;

    assert_int_equal(api_preflight_decode(resource, &v, &ext, NULL), 0);

    assert_string_equal(api_version_name(v), "2023-11-22");
    rig_assert_json(ext, "{'id':'/i','location':'l','properties':{'provisioningState':'Succeeded',"
                         "'clusterProfile':{'domain':'d'}}}");
}

static void unknown_versions_are_refused(void **state)
{
    (void)state;
    static const char *const names[] = { "2020-01-01", "admin", NULL };
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        cleanup_json json *resource = json_make("{'apiVersion':%s}", names[i]);
        const struct api_version *v = NULL;
        cleanup_json json *ext = NULL;
        cleanup_error struct error *err = NULL;

        assert_int_equal(api_preflight_decode(resource, &v, &ext, &err), -1);

        assert_null(ext);
        rig_assert_refused(&err, "InvalidResourceType", NULL);
    }
}

static void wrong_types_are_refused(void **state)
{
    (void)state;
    cleanup_json json *resource = rig_give_json("{'apiVersion':'2020-04-30','location':7}");
    const struct api_version *v = NULL;
    cleanup_json json *ext = NULL;
    cleanup_error struct error *err = NULL;

    assert_int_equal(api_preflight_decode(resource, &v, &ext, &err), -1);

    rig_assert_refused(&err, "InvalidRequestContent", NULL);
}

static void replies_tell_the_failure(void **state)
{
    (void)state;
    cleanup_error struct error *refused = NULL, *internal = NULL;
    (void)api_refuse_value(&refused, "a.b", "The value is bad.");
    (void)error_set(&internal, ERR_IO, "disk /dev/x is full");

    cleanup_json json *good = api_preflight_give_reply(NULL);
    cleanup_json json *bad = api_preflight_give_reply(refused);
    cleanup_json json *worse = api_preflight_give_reply(internal);

    rig_assert_json(good, "{'status':'Succeeded'}");
    rig_assert_json(bad, "{'status':'Failed','error':{'code':'InvalidParameter',"
                         "'message':'400: InvalidParameter: a.b: The value is bad.'}}");
    rig_assert_json(worse, "{'status':'Failed','error':{'code':'InternalServerError',"
                           "'message':'500: InternalServerError: : Internal server error.'}}");
}

int main(void)
{
    struct CMUnitTest tests[] = {
        CASE("the resources are given", the_resources_are_given),
        CASE("other bodies are refused", other_bodies_are_refused),
        CASE("only clusters are looked at", only_clusters_are_looked_at),
        CASE("an entry is decoded in its own version", an_entry_is_decoded_in_its_own_version),
        CASE("unknown versions are refused", unknown_versions_are_refused),
        CASE("wrong types are refused", wrong_types_are_refused),
        CASE("replies tell the failure, but not ours", replies_tell_the_failure),
    };
    return RUN_CASES("preflight", tests);
}
