#include "rp/cluster/manager.h"
#include "test/unit/support/rp/cluster/inside_rig.h"
#include "test/unit/support/test.h"

static void steps_wait_as_long_as_the_environment_says(void **state)
{
    (void)state;
    static const char *const env[] = { "ARO_RP_STEP_POLL_MS=50", "ARO_RP_STEP_RETRY_MS=70", NULL };
    cleanup_cluster_rig struct cluster_rig r;
    const struct step *steps;
    size_t len;
    cluster_rig_open_env(&r, "{}", env, NULL, 0);

    assert_int_equal(cluster_manager.steps(r.manager, &steps, &len, NULL), 0);

    assert_true(len > 0);
    for (size_t i = 0; i < len; i++) {
        assert_non_null(steps[i].name);
        if (steps[i].kind == STEP_CONDITION)
            assert_int_equal(steps[i].poll_ms, 50);
        if (steps[i].kind == STEP_RETRYING)
            assert_int_equal(steps[i].poll_ms, 70);
    }
}

static void a_document_that_asks_for_the_impossible_opens_nothing(void **state)
{
    (void)state;
    cleanup_cluster_rig struct cluster_rig r;
    cleanup_error struct error *err = NULL;
    void *manager = NULL;
    cluster_rig_open(&r, "{}", NULL, 0);
    cleanup_json json *doc = json_give_copy(r.c->doc);
    struct cluster_job job = r.c->job;
    job.cluster = doc;
    assert_int_equal(json_path_put(doc, PROPERTIES "install.phase", json_new_int(7), NULL), 0);

    assert_int_equal(cluster_manager.open(&r.cfg, &r.ctx, &job, &manager, &err), -1);

    assert_null(manager);
    assert_string_equal(error_text(err), "properties.install.phase: there is no phase 7");
}

static void after_a_failure_the_cluster_is_asked_what_ails_it(void **state)
{
    (void)state;
    const struct step step = { .name = "x" };
    cleanup_error struct error *e = NULL;
    cleanup_inside_rig struct inside_rig r;
    inside_rig_open(&r, "{}");
    fake_cluster_add(&r.inside,
                     "{'apiVersion':'v1','kind':'Node','metadata':{'name':'w1'},'status':"
                     "{'conditions':[{'type':'Ready','status':'False'}]}}");

    cluster_manager.on_end(r.outer.manager, &step, 1, NULL);
    assert_int_equal(r.inside.reads, 0);
    (void)error_set(&e, ERR_INTERNAL, "it failed");
    cluster_manager.on_end(r.outer.manager, &step, 1, e);

    assert_true(log_capture_has(&r.outer.capture, "Node w1; Ready=False"));
}

static void without_an_installer_no_cluster_is_created(void **state)
{
    (void)state;
    cleanup_cluster_rig struct cluster_rig r;
    cleanup_error struct error *err = NULL;
    void *manager = NULL;
    cluster_rig_open(&r, "{}", NULL, 0);
    struct cluster_job job = r.c->job;
    job.cluster = r.c->doc;
    r.cfg.installer = NULL;

    assert_int_equal(cluster_manager.open(&r.cfg, &r.ctx, &job, &manager, &err), -1);
    assert_string_equal(error_get_code(err), CLUSTER_NO_INSTALLER);
    assert_string_equal(error_text(err),
                        "This resource provider has no installer and cannot create clusters. "
                        "Nothing was changed in Azure. Set ARO_RP_INSTALLER, then delete the "
                        "cluster and create it again.");
    job.operation = CLUSTER_DELETE;
    assert_int_equal(cluster_manager.open(&r.cfg, &r.ctx, &job, &manager, NULL), 0);
    cluster_manager.close(manager);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("steps wait as long as the environment says",
             steps_wait_as_long_as_the_environment_says),
        CASE("a document that asks for the impossible opens nothing",
             a_document_that_asks_for_the_impossible_opens_nothing),
        CASE("after a failure the cluster is asked what ails it",
             after_a_failure_the_cluster_is_asked_what_ails_it),
        CASE("without an installer no cluster is created, but others are deleted",
             without_an_installer_no_cluster_is_created),
    };
    return RUN_CASES("manager", tests);
}
