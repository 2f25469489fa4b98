#include <string.h>

#include "hack/devcloud/boot/apply.h"
#include "pkg/base/mem.h"
#include "test/unit/support/hack/devcloud/view_rig.h"

#define MAP(name, ns, value) \
    "{'apiVersion':'v1','kind':'ConfigMap','metadata':{'name':'" name "','namespace':'" ns \
    "'},'data':{'k':'" value "'}}"

static void what_is_there_stays(void **state)
{
    (void)state;
    cleanup_view_rig struct view_rig r;
    view_rig_open(&r);
    cleanup_json json *first = json_make("[" MAP("a", "default", "1") "]");
    cleanup_json json *second =
        json_make("[" MAP("a", "default", "2") "," MAP("b", "default", "2") "]");
    size_t left = 9;

    assert_int_equal(apply_objects(&r.view.api, first, &left, NULL), 0);
    assert_int_equal(apply_objects(&r.view.api, second, &left, NULL), 0);

    assert_int_equal(left, 0);
    view_rig_expect(&r, &GVR_CONFIGMAPS, "default", "a", "{'data':{'k':'1'}}");
    view_rig_expect(&r, &GVR_CONFIGMAPS, "default", "b", "{'data':{'k':'2'}}");
}

static void all_are_tried(void **state)
{
    (void)state;
    cleanup_view_rig struct view_rig r;
    view_rig_open(&r);
    cleanup_json json *list = json_make(
        "[" MAP("a", "nowhere",
                "1") ",{'apiVersion':'x.y/v1','kind':'Z','metadata':{'name':'z'}},"
                     "{'apiVersion':'v1','kind':'Namespace','metadata':{'name':'nowhere'}}]");
    cleanup_error struct error *err = NULL;
    size_t left = 0;

    assert_int_equal(apply_objects(&r.view.api, list, &left, &err), -1);
    assert_int_equal(left, 2);
    assert_non_null(strstr(error_text(err), "ConfigMap a"));
    assert_non_null(strstr(error_text(err), "Z z"));
    error_clear(&err);
    assert_int_equal(apply_objects(&r.view.api, list, &left, &err),
                     -1); /* the namespace is there */

    assert_int_equal(left, 1);
}

static void statuses(void **state)
{
    (void)state;
    cleanup_view_rig struct view_rig r;
    view_rig_open(&r);
    cleanup_json json *list = json_make("[{'apiVersion':'config.openshift.io/"
                                        "v1','kind':'ClusterOperator','metadata':{'name':'dns'},"
                                        "'spec':{},'status':{'versions':[]}},{'apiVersion':'config."
                                        "openshift.io/v1','kind':'Network',"
                                        "'metadata':{'name':'cluster'},'spec':{}}]");
    cleanup_json json *status = json_make("{'networkType':'OVNKubernetes'}"), *live = NULL;
    size_t left;
    assert_int_equal(apply_objects(&r.view.api, list, &left, NULL), 0);

    assert_int_equal(apply_status(&r.view.api, json_at(list, 0), status, NULL), 0);
    assert_int_equal(apply_status(&r.view.api, json_at(list, 1), status, NULL), 0);

    for (size_t i = 0; i < 2; i++) { /* with a subresource, and without */
        assert_int_equal(apply_find(&r.view.api, json_at(list, i), &live, NULL), 0);
        assert_string_equal(json_path_str(live, "status.networkType"), "OVNKubernetes");
        json_free(take(live));
    }
    json_set_str(json_at(list, 0), "metadata.name", "none", NULL);
    cleanup_error struct error *err = NULL;
    assert_int_equal(apply_find(&r.view.api, json_at(list, 0), &live, NULL), 0);
    assert_null(live);
    assert_int_equal(apply_status(&r.view.api, json_at(list, 0), status, &err), -1);
    assert_true(error_is(err, ERR_NOT_FOUND));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("what is there already stays as it is", what_is_there_stays),
        CASE("all are tried, and what is refused is told", all_are_tried),
        CASE("a status is written wherever it is kept", statuses),
    };
    return RUN_CASES("apply", tests);
}
