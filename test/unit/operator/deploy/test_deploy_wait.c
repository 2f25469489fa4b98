/* Waiting for definitions and namespaces. The clock jumps over each pause. */
#include <string.h>

#include "operator/deploy/deploy_impl.h"
#include "test/unit/support/operator/fake_cluster.h"
#include "test/unit/support/test.h"

static json *give_crds(void)
{
    return json_make("[{'kind':'CustomResourceDefinition','metadata':{'name':'x'}},"
                     "{'kind':'Service','metadata':{'name':'y','namespace':'n'}}]");
}

static void add_crd(struct fake_cluster *f, const char *established, const char *accepted)
{
    fake_cluster_put(
        f, json_make("{'apiVersion':'apiextensions.k8s.io/v1','kind':'CustomResourceDefinition',"
                     "'metadata':{'name':'x'},'status':{'conditions':["
                     "{'type':'Established','status':%s},{'type':'NamesAccepted','status':%s}]}}",
                     established, accepted));
}

static void a_served_definition_is_not_waited_for(void **state)
{
    struct fake_cluster *f = *state;
    cleanup_json json *objects = give_crds();
    add_crd(f, "True", "True");

    assert_int_equal(deploy_wait_crds(f->kube, &f->ctx, objects, NULL), 0);

    assert_int_equal(f->reads, 1);
}

static void a_definition_that_is_never_served_ends_in_a_minute(void **state)
{
    struct fake_cluster *f = *state;
    cleanup_error struct error *err = NULL;
    cleanup_json json *objects = give_crds();
    add_crd(f, "True", "False");

    assert_int_equal(deploy_wait_crds(f->kube, &f->ctx, objects, &err), -1);

    assert_true(error_is(err, ERR_TIMEOUT));
    assert_non_null(strstr(error_text(err), "CustomResourceDefinition x"));
    assert_in_range(f->reads, 55, 65);
}

static void a_refusal_ends_the_wait_at_once(void **state)
{
    struct fake_cluster *f = *state;
    cleanup_error struct error *err = NULL;
    cleanup_json json *objects = give_crds();
    fake_cluster_fail(f, "GET ", 403, "Forbidden", 100);

    assert_int_equal(deploy_wait_crds(f->kube, &f->ctx, objects, &err), -1);

    assert_true(error_is(err, ERR_FORBIDDEN));
    assert_int_equal(f->reads, 1);
}

static void namespaces_of_the_set_are_not_waited_for(void **state)
{
    struct fake_cluster *f = *state;
    cleanup_json json *objects =
        json_make("[{'kind':'Service','metadata':{'name':'y','namespace':'n'}},"
                  "{'kind':'Namespace','metadata':{'name':'n'}}]");

    assert_int_equal(deploy_wait_namespaces(f->kube, &f->ctx, objects, NULL), 0);

    assert_int_equal(f->reads, 0);
}

static void a_missing_namespace_is_named(void **state)
{
    struct fake_cluster *f = *state;
    cleanup_error struct error *err = NULL;
    cleanup_json json *objects = give_crds();

    assert_int_equal(deploy_wait_namespaces(f->kube, &f->ctx, objects, &err), -1);

    assert_non_null(strstr(error_text(err), "Namespace n"));
    assert_true(log_capture_has(&f->capture, "waiting for Namespace n, at most 600 s"));
    assert_int_equal(log_capture_len(&f->capture), 1); /* said once */
    assert_in_range(f->reads, 590, 610);
}

static void the_callers_deadline_is_obeyed(void **state)
{
    struct fake_cluster *f = *state;
    cleanup_json json *objects = give_crds();
    struct opctx ctx = opctx_with_timeout_ms(&f->ctx, 5000);

    assert_int_equal(deploy_wait_namespaces(f->kube, &ctx, objects, NULL), -1);

    assert_in_range(f->reads, 4, 6);
}

#define LOGGING "openshift-azure-logging"

static void a_logging_namespace_on_its_way_out_is_waited_for(void **state)
{
    struct fake_cluster *f = *state;
    bool there;
    fake_cluster_add(f, "{apiVersion: v1, kind: Namespace, metadata: {name: " LOGGING
                        ", deletionTimestamp: t}}");
    struct opctx ctx = opctx_with_timeout_ms(&f->ctx, 5000);

    assert_int_equal(deploy_wait_logging(f->kube, &ctx, &there, NULL), -1);
    assert_in_range(f->reads, 4, 6);

    assert_true(log_capture_has(&f->capture, "waiting for the end of Namespace " LOGGING));

    fake_cluster_del(f, &GVR_NAMESPACES, NULL, LOGGING);
    assert_int_equal(deploy_wait_logging(f->kube, &f->ctx, &there, NULL), 0);
    assert_false(there);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FAKE_CASE("does not wait for a served definition", a_served_definition_is_not_waited_for),
        FAKE_CASE("waits a minute for a definition",
                  a_definition_that_is_never_served_ends_in_a_minute),
        FAKE_CASE("ends at a refusal", a_refusal_ends_the_wait_at_once),
        FAKE_CASE("does not wait for namespaces of the set",
                  namespaces_of_the_set_are_not_waited_for),
        FAKE_CASE("names a missing namespace", a_missing_namespace_is_named),
        FAKE_CASE("waits for the end of a logging namespace",
                  a_logging_namespace_on_its_way_out_is_waited_for),
        FAKE_CASE("obeys the caller's deadline", the_callers_deadline_is_obeyed),
    };
    return RUN_CASES("deploy_wait", tests);
}
