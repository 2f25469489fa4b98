#include "hack/devcloud/cluster/fail.h"
#include "test/unit/support/hack/devcloud/trees.h"
#include "test/unit/support/test.h"

static const struct fail_object web = {
    .group = "apps", .resource = "deployments", .kind = "Deployment", .name = "web"
};
static const struct fail_object pod = {
    .group = "", .resource = "pods", .kind = "Pod", .name = "p"
};

static void assert_status(struct error *err, const char *want)
{
    cleanup_json json *got = fail_give_status(err);
    assert_tree(got, want);
    error_free(err);
}

static void words_refusals(void **state)
{
    (void)state;
    struct error *err = NULL;
    assert_int_equal(fail_not_found(&err, &web), -1);
    assert_true(error_is(err, ERR_NOT_FOUND));
    assert_status(err, "{'kind':'Status','apiVersion':'v1','metadata':{},'status':'Failure',"
                       "'message':'deployments.apps \\\"web\\\" not found','reason':'NotFound',"
                       "'details':{'name':'web','group':'apps','kind':'deployments'},'code':404}");
    err = NULL;
    (void)fail_exists(&err, &pod);
    assert_status(err, "{'kind':'Status','apiVersion':'v1','metadata':{},'status':'Failure',"
                       "'message':'pods \\\"p\\\" already exists','reason':'AlreadyExists',"
                       "'details':{'name':'p','kind':'pods'},'code':409}");
    err = NULL;
    (void)fail_expired(&err, "too old");
    assert_status(err, "{'kind':'Status','apiVersion':'v1','metadata':{},'status':'Failure',"
                       "'message':'too old','reason':'Expired','code':410}");
}

static void one_field(void **state)
{
    (void)state;
    struct invalid v = { NULL };
    struct error *err = NULL;
    assert_int_equal(invalid_check(&v, &web, &err), 0);

    invalid_required(&v, "spec.selector", NULL);
    assert_int_equal(invalid_check(&v, &web, &err), -1);

    invalid_release(&v);
    assert_status(err,
                  "{'kind':'Status','apiVersion':'v1','metadata':{},'status':'Failure','message':"
                  "'Deployment.apps \\\"web\\\" is invalid: spec.selector: Required value',"
                  "'reason':'Invalid','details':{'name':'web','group':'apps','kind':'Deployment',"
                  "'causes':[{'reason':'FieldValueRequired','message':'Required value',"
                  "'field':'spec.selector'}]},'code':422}");
}

static void several_fields(void **state)
{
    (void)state;
    struct invalid v = { NULL };
    cleanup_error struct error *err = NULL;
    cleanup_json json *x = json_new_str("x");

    invalid_value(&v, "a", x, "must be %d", 1);
    invalid_forbidden(&v, "b", "no");
    invalid_unsupported(&v, "c", x, "\"y\"");
    invalid_duplicate(&v, "d", x);
    (void)invalid_check(&v, &pod, &err);

    invalid_release(&v);
    assert_string_equal(error_text(err),
                        "Pod \"p\" is invalid: [a: Invalid value: \"x\": must be 1, "
                        "b: Forbidden: no, c: Unsupported value: \"x\": supported "
                        "values: \"y\", d: Duplicate value: \"x\"]");
}

static void success(void **state)
{
    (void)state;
    cleanup_json json *got = fail_give_success(loose_tree("{'uid':'1'}"));
    assert_tree(got, "{'kind':'Status','apiVersion':'v1','metadata':{},'status':'Success',"
                     "'details':{'uid':'1'}}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("words refusals as the server does", words_refusals),
        CASE("one bad field is told plainly", one_field),
        CASE("several bad fields are told together", several_fields),
        CASE("success is a Status too", success),
    };
    return RUN_CASES("fail", tests);
}
