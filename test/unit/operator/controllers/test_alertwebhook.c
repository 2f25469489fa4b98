#include <string.h>

#include "operator/controllers/alertwebhook.h"
#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "pkg/base/yaml.h"
#include "test/unit/support/operator/fake_cluster.h"
#include "test/unit/support/test.h"

#define URL \
    "http://aro-operator-master.openshift-azure-operator.svc.cluster.local:8080/healthz/ready"
#define OURS "webhook_configs: [{url: '" URL "'}]"

struct edit_case {
    const char *name, *text, *edited; /* edited NULL: no change */
};
static struct edit_case cases[] = {
    { "points both of our receivers at the operator",
      "{global: {resolve_timeout: 5m}, receivers: [{name: 'null'}, {name: Default}, {name: mine}]}",
      "{global: {resolve_timeout: 5m}, receivers: [{name: 'null', " OURS "}, {name: Default, " OURS
      "}, {name: mine}]}" },
    { "leaves good receivers alone", "{receivers: [{name: 'null', " OURS "}]}", NULL },
    { "overwrites a webhook on ours, keeps its other settings",
      "{receivers: [{name: Default, webhook_configs: [{url: 'http://mine'}], slack_configs: [1]}]}",
      "{receivers: [{name: Default, " OURS ", slack_configs: [1]}]}" },
    { "drops a second webhook",
      "{receivers: [{name: 'null', webhook_configs: [{url: '" URL "'}, {url: 'http://mine'}]}]}",
      "{receivers: [{name: 'null', " OURS "}]}" },
    { "drops further members of the webhook",
      "{receivers: [{name: 'null', webhook_configs: [{url: '" URL "', send_resolved: true}]}]}",
      "{receivers: [{name: 'null', " OURS "}]}" },
    { "compares names exactly", "{receivers: [{name: default}, {name: Null}, {name: Default2}]}",
      NULL },
    { "does not take null for a name", "{receivers: [{name: null}, {}, 7]}", NULL },
    { "needs no receivers", "{route: {receiver: x}}", NULL },
    { "takes receivers of another shape", "{receivers: {name: Default}}", NULL },
    { "takes an empty text", "", NULL },
};

static void check_edit(void **state)
{
    const struct edit_case *c = *state;
    cleanup_free char *got = NULL;

    assert_int_equal(alertwebhook_edit_config(c->text, strlen(c->text), &got, NULL), 0);

    if (!c->edited) {
        assert_null(got);
        return;
    }
    cleanup_json json *have = NULL;
    cleanup_json json *want = NULL;
    assert_non_null(got);
    assert_int_equal(yaml_parse(got, strlen(got), &have, NULL), 0);
    assert_int_equal(yaml_parse(c->edited, strlen(c->edited), &want, NULL), 0);
    if (!json_equal(have, want))
        fail_msg("got %s", got);
    cleanup_free char *again = NULL;
    assert_int_equal(alertwebhook_edit_config(got, strlen(got), &again, NULL), 0);
    assert_null(again); /* it comes to rest */
}

static void broken_yaml_is_an_error(void **state)
{
    (void)state;
    cleanup_free char *got = NULL;
    cleanup_error struct error *err = NULL;

    assert_int_equal(alertwebhook_edit_config("receivers: [", 12, &got, &err), -1);

    assert_true(error_is(err, ERR_INVALID));
    assert_non_null(strstr(error_text(err), "alertmanager-main"));
}

static json *start(struct fake_cluster *f, const char *text)
{
    fake_cluster_put(f, fake_cluster_give_cluster());
    cleanup_free char *encoded = base64_give(text, strlen(text));
    fake_cluster_put(f, json_make("{'apiVersion':'v1','kind':'Secret','metadata':"
                                  "{'name':'alertmanager-main','namespace':'openshift-monitoring'},"
                                  "'data':{'alertmanager.yaml':%s,'other':'eA=='}}",
                                  encoded));
    return fake_cluster_get(f, &GVR_CLUSTERS, NULL, "cluster");
}

static void the_secret_is_repaired_once(void **state)
{
    struct fake_cluster *f = *state;
    start(f, "receivers:\n- name: Default\n");

    fake_cluster_must(f, &alertwebhook_controller);
    fake_cluster_must(f, &alertwebhook_controller);

    assert_int_equal(f->writes.len, 1);
    assert_true(log_capture_has(&f->capture, "receivers in Secret openshift-monitoring/"
                                             "alertmanager-main were pointed at the operator"));
    json *secret = fake_cluster_get(f, &GVR_SECRETS, "openshift-monitoring", "alertmanager-main");
    assert_string_equal(json_path_str(secret, "data.other"), "eA==");
}

static void a_conflict_is_tried_again(void **state)
{
    struct fake_cluster *f = *state;
    start(f, "receivers:\n- name: Default\n");
    fake_cluster_fail(f, "PUT ", 409, "Conflict", 4);

    fake_cluster_must(f, &alertwebhook_controller);

    assert_int_equal(f->writes.len, 5);
}

static void a_missing_secret_is_an_error(void **state)
{
    struct fake_cluster *f = *state;
    cleanup_error struct error *err = NULL;
    start(f, "");
    fake_cluster_del(f, &GVR_SECRETS, "openshift-monitoring", "alertmanager-main");

    assert_int_equal(fake_cluster_reconcile(f, &alertwebhook_controller, NULL, NULL, &err), -1);

    assert_true(error_is(err, ERR_NOT_FOUND));
}

static void the_flag_turns_it_off(void **state)
{
    struct fake_cluster *f = *state;
    json *cluster = start(f, "receivers:\n- name: Default\n");
    json_put(json_path(cluster, "spec.operatorflags"), "aro.alertwebhook.enabled",
             json_new_str("false"));

    fake_cluster_must(f, &alertwebhook_controller);

    fake_cluster_must_not_write(f);
}

int main(void)
{
    struct CMUnitTest edits[ARRAY_LEN(cases) + 1];
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        edits[i] = (struct CMUnitTest)CASE_OF(cases[i].name, check_edit, &cases[i]);
    edits[ARRAY_LEN(cases)] =
        (struct CMUnitTest)CASE("refuses broken YAML", broken_yaml_is_an_error);
    const struct CMUnitTest tests[] = {
        FAKE_CASE("repairs the Secret once", the_secret_is_repaired_once),
        FAKE_CASE("reads again after a conflict", a_conflict_is_tried_again),
        FAKE_CASE("misses the Secret", a_missing_secret_is_an_error),
        FAKE_CASE("does nothing without its flag", the_flag_turns_it_off),
    };
    return RUN_CASES("alertwebhook_edit", edits) + RUN_CASES("alertwebhook", tests);
}
