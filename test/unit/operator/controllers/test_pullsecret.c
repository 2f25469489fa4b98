#include <string.h>

#include "operator/controllers/pullsecret.h"
#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "test/unit/support/operator/fake_cluster.h"
#include "test/unit/support/test.h"

#define OURS "{\"auths\":{\"arosvc.azurecr.io\":{\"auth\":\"b3Vycw==\"}}}"

/* ---- merging ---- */

struct merge_case {
    const char *name, *user, *merged; /* merged NULL: no change */
};
static struct merge_case merge_cases[] = {
    { "makes a configuration from nothing", NULL, OURS },
    { "makes a configuration from invalid JSON", "{\"auths\":", OURS },
    { "makes a configuration from an empty object", "{}", OURS },
    { "adds our registry", "{\"auths\":{\"mine\":{\"auth\":\"bQ==\"}}}",
      "{\"auths\":{\"mine\":{\"auth\":\"bQ==\"},\"arosvc.azurecr.io\":{\"auth\":\"b3Vycw==\"}}}" },
    { "replaces an edited entry as a whole",
      "{\"auths\":{\"arosvc.azurecr.io\":{\"auth\":\"eA==\",\"email\":\"e\"},\"mine\":{}}}",
      "{\"auths\":{\"arosvc.azurecr.io\":{\"auth\":\"b3Vycw==\"},\"mine\":{}}}" },
    { "leaves a good configuration alone",
      "{\"auths\":{\"arosvc.azurecr.io\":{\"auth\":\"b3Vycw==\"}},\"credsStore\":\"x\"}", NULL },
    { "keeps unknown top-level keys", "{\"credsStore\":\"x\"}",
      "{\"credsStore\":\"x\",\"auths\":{\"arosvc.azurecr.io\":{\"auth\":\"b3Vycw==\"}}}" },
    { "replaces auths of another shape", "{\"auths\":[1],\"k\":1}",
      "{\"k\":1,\"auths\":{\"arosvc.azurecr.io\":{\"auth\":\"b3Vycw==\"}}}" },
    { "survives entries of another shape", "{\"auths\":{\"mine\":7,\"arosvc.azurecr.io\":7}}",
      "{\"auths\":{\"mine\":7,\"arosvc.azurecr.io\":{\"auth\":\"b3Vycw==\"}}}" },
};

static void check_merge(void **state)
{
    const struct merge_case *c = *state;
    cleanup_free char *got = NULL;

    assert_int_equal(pullsecret_merge(c->user, OURS, &got, NULL), 0);

    if (!c->merged) {
        assert_null(got);
        return;
    }
    assert_non_null(got);
    cleanup_json json *have = NULL;
    cleanup_json json *want = NULL;
    assert_int_equal(json_parse(got, strlen(got), &have, NULL), 0);
    assert_int_equal(json_parse(c->merged, strlen(c->merged), &want, NULL), 0);
    if (!json_equal(have, want))
        fail_msg("got %s", got);
}

static void our_own_broken_secret_is_an_error(void **state)
{
    (void)state;
    cleanup_free char *got = NULL;
    cleanup_error struct error *err = NULL;

    assert_int_equal(pullsecret_merge("{}", "no JSON", &got, &err), -1);

    assert_non_null(strstr(error_text(err), "pull secret of the service"));
}

struct keys_case {
    const char *name, *text, *keys; /* keys NULL: an error */
};
static struct keys_case keys_cases[] = {
    { "finds no key", "{}", "[]" },
    { "finds all keys in a fixed order",
      "{\"auths\":{\"registry.connect.redhat.com\":{\"auth\":\"a\"},\"cloud.openshift.com\":"
      "{\"auth\":\"a\"},\"registry.redhat.io\":{\"auth\":\"a\"}}}",
      "[\"registry.redhat.io\",\"cloud.openshift.com\",\"registry.connect.redhat.com\"]" },
    { "does not count empty or odd keys",
      "{\"auths\":{\"registry.redhat.io\":{\"auth\":\"\"},\"cloud.openshift.com\":{\"auth\":7},"
      "\"registry.connect.redhat.com\":null}}",
      "[]" },
    { "refuses what is no JSON", "x", NULL },
};

static void check_keys(void **state)
{
    const struct keys_case *c = *state;
    cleanup_json json *keys = NULL;

    int rcode = pullsecret_give_red_hat_keys(c->text, &keys, NULL);

    assert_int_equal(rcode, c->keys ? 0 : -1);
    if (c->keys) {
        cleanup_free char *text = json_give_text(keys);
        assert_string_equal(text, c->keys);
    }
}

/* ---- whole runs ---- */

static void put_secret(struct fake_cluster *f, const char *ns, const char *name, const char *type,
                       const char *text)
{
    json *secret = json_make("{'apiVersion':'v1','kind':'Secret','metadata':{'name':%s,"
                             "'namespace':%s},'type':%s}",
                             name, ns, type);
    if (text) {
        cleanup_free char *encoded = base64_give(text, strlen(text));
        json_put(secret, "data", json_make("{'.dockerconfigjson':%s}", encoded));
    }
    fake_cluster_put(f, secret);
}

#define DOCKER "kubernetes.io/dockerconfigjson"

static void put_user(struct fake_cluster *f, const char *type, const char *text)
{
    put_secret(f, "openshift-config", "pull-secret", type, text);
}

static json *user_of(struct fake_cluster *f)
{
    return fake_cluster_get(f, &GVR_SECRETS, "openshift-config", "pull-secret");
}

static char *give_user_text(struct fake_cluster *f)
{
    const char *encoded = json_path_str(user_of(f), "data[\".dockerconfigjson\"]");
    char *text = NULL;
    size_t len;
    assert_non_null(encoded);
    assert_int_equal(base64_parse(encoded, strlen(encoded), &text, &len, NULL), 0);
    return text;
}

static json *start(struct fake_cluster *f)
{
    fake_cluster_put(f, fake_cluster_give_cluster());
    put_secret(f, "openshift-azure-operator", "cluster", "Opaque", OURS);
    return fake_cluster_get(f, &GVR_CLUSTERS, NULL, "cluster");
}

static double remediations(struct fake_cluster *f, const char *result)
{
    cleanup_buf struct buf out = BUF_INIT(BUF_UNBOUNDED);
    cleanup_free char *head = xasprintf("aro_pullsecret_remediation{result=\"%s\"} ", result);
    metrics_write(f->metrics, &out);
    const char *line = strstr(buf_str(&out), head);
    assert_non_null(line); /* known from the first run on */
    return strtod(line + strlen(head), NULL);
}

static void a_missing_secret_is_made(void **state)
{
    struct fake_cluster *f = *state;
    start(f);

    fake_cluster_must(f, &pullsecret_controller);

    cleanup_free char *text = give_user_text(f);
    assert_string_equal(text, OURS);
    assert_string_equal(json_path_str(user_of(f), "type"), DOCKER);
    assert_true(remediations(f, "success") == 1);
}

static void a_missing_service_secret_is_told_with_its_remedy(void **state)
{
    struct fake_cluster *f = *state;
    struct result result = { 0 };
    cleanup_error struct error *err = NULL;
    fake_cluster_put(f, fake_cluster_give_cluster());

    assert_int_equal(fake_cluster_reconcile(f, &pullsecret_controller, NULL, &result, &err), -1);

    assert_non_null(strstr(error_text(err), "Secret openshift-azure-operator/cluster is missing"));
    assert_non_null(strstr(error_text(err), "deploying the operator again restores it"));
    assert_true(error_is(err, ERR_NOT_FOUND));
    put_secret(f, "openshift-azure-operator", "cluster", "Opaque", OURS);
    fake_cluster_must(f, &pullsecret_controller);
}

static void a_secret_of_another_type_is_made_anew_with_its_keys(void **state)
{
    struct fake_cluster *f = *state;
    start(f);
    put_user(f, "Opaque", "{\"auths\":{\"mine\":{\"auth\":\"bQ==\"}}}");

    fake_cluster_must(f, &pullsecret_controller);

    cleanup_free char *text = give_user_text(f);
    assert_string_equal(json_path_str(user_of(f), "type"), DOCKER);
    assert_non_null(strstr(text, "mine"));
    assert_non_null(strstr(text, "arosvc.azurecr.io"));
    assert_int_equal(fake_cluster_writes(f, "DELETE "), 1);
}

static void a_secret_of_another_type_with_good_content_is_made_anew(void **state)
{
    struct fake_cluster *f = *state;
    start(f);
    put_user(f, "Opaque", OURS);

    fake_cluster_must(f, &pullsecret_controller);

    assert_string_equal(json_path_str(user_of(f), "type"), DOCKER);
}

static void a_secret_without_data_is_made_anew(void **state)
{
    struct fake_cluster *f = *state;
    start(f);
    put_user(f, DOCKER, NULL);

    fake_cluster_must(f, &pullsecret_controller);

    cleanup_free char *text = give_user_text(f);
    assert_string_equal(text, OURS);
}

static void a_secret_with_invalid_json_is_repaired_in_place(void **state)
{
    struct fake_cluster *f = *state;
    start(f);
    put_user(f, DOCKER, "{bad");

    fake_cluster_must(f, &pullsecret_controller);

    cleanup_free char *text = give_user_text(f);
    assert_string_equal(text, OURS);
    assert_int_equal(fake_cluster_writes(f, "DELETE "), 0);
}

static void the_customers_keys_survive_a_repair(void **state)
{
    struct fake_cluster *f = *state;
    json *cluster = start(f);
    put_user(f, DOCKER,
             "{\"auths\":{\"registry.redhat.io\":{\"auth\":\"cg==\"},\"arosvc.azurecr.io\":{}}}");

    fake_cluster_must(f, &pullsecret_controller);

    cleanup_free char *text = give_user_text(f);
    assert_non_null(strstr(text, "cg=="));
    assert_non_null(strstr(text, "b3Vycw=="));
    cluster = fake_cluster_get(f, &GVR_CLUSTERS, NULL, "cluster");
    assert_string_equal(json_str(json_path(cluster, "status.redHatKeysPresent[0]")),
                        "registry.redhat.io");
}

static void a_good_secret_is_left_alone(void **state)
{
    struct fake_cluster *f = *state;
    start(f);
    put_user(f, DOCKER, OURS);
    fake_cluster_must(f, &pullsecret_controller);
    fake_cluster_forget_writes(f);

    fake_cluster_must(f, &pullsecret_controller);

    fake_cluster_must_not_write(f);
    assert_true(remediations(f, "success") == 0);
}

static void keys_that_are_gone_are_reported_gone(void **state)
{
    struct fake_cluster *f = *state;
    json *cluster = start(f);
    put_user(f, DOCKER, OURS);
    json_path_put(cluster, "status", json_make("{'redHatKeysPresent':['registry.redhat.io']}"),
                  NULL);

    fake_cluster_must(f, &pullsecret_controller);

    cluster = fake_cluster_get(f, &GVR_CLUSTERS, NULL, "cluster");
    assert_int_equal(json_len(json_path(cluster, "status.redHatKeysPresent")), 0);
}

static void a_conflict_is_tried_again_and_counted_once(void **state)
{
    struct fake_cluster *f = *state;
    start(f);
    put_user(f, DOCKER, "{}");
    fake_cluster_fail(f, "PUT /api/v1/namespaces/openshift-config/secrets/", 409, "Conflict", 2);

    fake_cluster_must(f, &pullsecret_controller);

    cleanup_free char *text = give_user_text(f);
    assert_string_equal(text, OURS);
    assert_true(remediations(f, "success") == 1);
    assert_true(remediations(f, "failure") == 0);
    assert_true(log_capture_has(&f->capture, "openshift-config/pull-secret lacked registries"));
}

static void unmanaged_only_reports(void **state)
{
    struct fake_cluster *f = *state;
    json *cluster = start(f);
    json_put(json_path(cluster, "spec.operatorflags"), "aro.pullsecret.managed",
             json_new_str("false"));
    put_user(f, DOCKER, "{\"auths\":{\"cloud.openshift.com\":{\"auth\":\"cg==\"}}}");

    fake_cluster_must(f, &pullsecret_controller);

    assert_int_equal(fake_cluster_writes(f, "/secrets/"), 0);
    cluster = fake_cluster_get(f, &GVR_CLUSTERS, NULL, "cluster");
    assert_string_equal(json_str(json_path(cluster, "status.redHatKeysPresent[0]")),
                        "cloud.openshift.com");
}

static void unmanaged_reports_an_unreadable_secret(void **state)
{
    struct fake_cluster *f = *state;
    json *cluster = start(f);
    json_put(json_path(cluster, "spec.operatorflags"), "aro.pullsecret.managed",
             json_new_str("false"));
    put_user(f, DOCKER, "{bad");

    assert_int_equal(fake_cluster_reconcile(f, &pullsecret_controller, NULL, NULL, NULL), -1);

    assert_string_equal(fake_cluster_condition(f, "PullSecretControllerDegraded"), "True");
}

static void without_the_operators_secret_it_is_degraded(void **state)
{
    struct fake_cluster *f = *state;
    start(f);
    fake_cluster_del(f, &GVR_SECRETS, "openshift-azure-operator", "cluster");

    assert_int_equal(fake_cluster_reconcile(f, &pullsecret_controller, NULL, NULL, NULL), -1);

    assert_string_equal(fake_cluster_condition(f, "PullSecretControllerDegraded"), "True");
}

static void no_secret_ever_reaches_log_or_condition(void **state)
{
    struct fake_cluster *f = *state;
    start(f);
    put_user(f, DOCKER, "{bad \"c2VjcmV0\"");
    fake_cluster_fail(f, "PUT /api/v1/namespaces/openshift-config/secrets/", 403, "Forbidden", 1);

    assert_int_equal(fake_cluster_reconcile(f, &pullsecret_controller, NULL, NULL, NULL), -1);

    assert_false(log_capture_has(&f->capture, "b3Vycw=="));
    assert_false(log_capture_has(&f->capture, "c2VjcmV0"));
    assert_null(strstr(fake_cluster_message(f, "PullSecretControllerDegraded"), "b3Vycw=="));
    assert_true(remediations(f, "failure") == 1);
}

int main(void)
{
    struct CMUnitTest pure[ARRAY_LEN(merge_cases) + ARRAY_LEN(keys_cases) + 1];
    size_t n = 0;
    for (size_t i = 0; i < ARRAY_LEN(merge_cases); i++)
        pure[n++] = (struct CMUnitTest)CASE_OF(merge_cases[i].name, check_merge, &merge_cases[i]);
    for (size_t i = 0; i < ARRAY_LEN(keys_cases); i++)
        pure[n++] = (struct CMUnitTest)CASE_OF(keys_cases[i].name, check_keys, &keys_cases[i]);
    pure[n++] = (struct CMUnitTest)CASE("refuses a broken secret of the service",
                                        our_own_broken_secret_is_an_error);
    const struct CMUnitTest tests[] = {
        FAKE_CASE("makes a missing secret", a_missing_secret_is_made),
        FAKE_CASE("tells what restores the service's own secret",
                  a_missing_service_secret_is_told_with_its_remedy),
        FAKE_CASE("makes a secret of another type anew, with its keys",
                  a_secret_of_another_type_is_made_anew_with_its_keys),
        FAKE_CASE("makes a secret of another type anew, even with good content",
                  a_secret_of_another_type_with_good_content_is_made_anew),
        FAKE_CASE("makes a secret without data anew", a_secret_without_data_is_made_anew),
        FAKE_CASE("repairs invalid JSON in place", a_secret_with_invalid_json_is_repaired_in_place),
        FAKE_CASE("keeps the customer's keys", the_customers_keys_survive_a_repair),
        FAKE_CASE("leaves a good secret alone", a_good_secret_is_left_alone),
        FAKE_CASE("reports that keys are gone", keys_that_are_gone_are_reported_gone),
        FAKE_CASE("reads again after a conflict", a_conflict_is_tried_again_and_counted_once),
        FAKE_CASE("only reports when unmanaged", unmanaged_only_reports),
        FAKE_CASE("is degraded by an unreadable secret", unmanaged_reports_an_unreadable_secret),
        FAKE_CASE("is degraded without the operator's secret",
                  without_the_operators_secret_it_is_degraded),
        FAKE_CASE("tells no secret to anybody", no_secret_ever_reaches_log_or_condition),
    };
    return RUN_CASES("pullsecret_pure", pure) + RUN_CASES("pullsecret", tests);
}
