/* Whole sets: order, failures, deletion and what is tracked. */
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "test/unit/support/joint/syncsets/apply_rig.h"

#define MAPS "/api/v1/namespaces/NS/configmaps"
#define MAP(name, value) \
    "{'apiVersion':'v1','kind':'ConfigMap','metadata':{'name':'" name \
    "','namespace':'NS'},'data':{'k':'" value "'}}"
#define BAD(name) \
    "{'apiVersion':'v1','kind':'ConfigMap','metadata':{'name':'" name \
    "','namespace':'nowhere-at-all'}}"
#define SYNC "'resourceApplyMode':'Sync',"

static void marks_what_it_creates_and_then_rests(void **state)
{
    struct apply_rig *r = *state;

    rig_must_apply(r, "'resources':[" MAP("a", "1") "]");
    rig_check(r, MAPS "/a", "metadata.labels[\"hive.openshift.io/managed\"]", "true");
    rig_check(r, MAPS "/a", "metadata.annotations[\"syncsets.aro.openshift.io/applied-by\"]",
              "SyncSet/tenant/s");
    rig_count_from_zero(r);
    rig_must_apply(r, "'resources':[" MAP("a", "1") "]");

    const struct rig_counts n = rig_count(r);
    assert_int_equal(n.posts + n.patches + n.deletes, 0);
}

static void restores_drift_and_keeps_foreign_fields(void **state)
{
    struct apply_rig *r = *state;
    rig_must_apply(r, "'resources':[" MAP("a", "1") "]");
    rig_merge(r, MAPS "/a", "{'data':{'k':'drifted','other':'x'},'metadata':{'labels':{'l':'v'}}}");

    rig_must_apply(r, "'resources':[" MAP("a", "1") "]");

    rig_check(r, MAPS "/a", "data", "{'k':'1','other':'x'}");
    rig_check(r, MAPS "/a", "metadata.labels.l", "v");
}

static void applies_in_order_and_deletes_last(void **state)
{
    struct apply_rig *r = *state;
    r->secret =
        "{'metadata':{'uid':'u','resourceVersion':'1'},'spec':{'type':'Opaque','data':{'p':'cA=="
        "'}}}";
    rig_must_apply(r, SYNC "'resources':[" MAP("old", "1") "]");

    rig_must_apply(
        r,
        SYNC "'resources':[" MAP("b", "1") "," MAP(
            "a", "1") "],"
                      "'secretMappings':[{'sourceRef':{'name':'x'},'targetRef':{'name':'copy',"
                      "'namespace':'NS'}}],'patches':[{'apiVersion':'v1','kind':'ConfigMap','name':"
                      "'a','namespace':'NS','patch':'{\\'data\\':{\\'p\\':\\'1\\'}}',"
                      "'patchType':'merge'}]");

    assert_string_equal(buf_str(&r->log), "+b +a +copy =b =a =copy -old ");
    rig_check(r, MAPS "/a", "data.p", "1");
    rig_check(r, "/api/v1/namespaces/NS/secrets/copy", "data", "{'p':'cA=='}");
    assert_null(rig_get(r, MAPS "/old"));
}

static void the_first_failure_stops_the_rest(void **state)
{
    struct apply_rig *r = *state;

    rig_must_fail(r, "'resources':[" MAP("a", "1") "," BAD("b") "," MAP("c", "1") "]",
                  "failed to apply resource 1: ConfigMap nowhere-at-all/b: ");

    rig_check(r, MAPS "/a", "data.k", "1");
    assert_null(rig_get(r, MAPS "/c"));
}

static void it_goes_on_when_told_to(void **state)
{
    struct apply_rig *r = *state;

    rig_must_fail(
        r, "'continueOnError':true,'resources':[" BAD("a") "," MAP("b", "1") "," BAD("c") "]",
        "; failed to apply resource 2: ");

    rig_check(r, MAPS "/b", "data.k", "1");
}

static void what_cannot_be_rendered_changes_and_deletes_nothing(void **state)
{
    struct apply_rig *r = *state;
    rig_must_apply(r, SYNC "'resources':[" MAP("a", "1") "," MAP("b", "1") "]");

    rig_must_fail(r,
                  SYNC "'enableResourceTemplates':true,'resources':[" MAP("c", "1") "," MAP(
                      "b", "{{ nonsense }}") "]",
                  "failed to parameterize resource 1: ");

    rig_check(r, MAPS "/a", "data.k", "1");
    assert_null(rig_get(r, MAPS "/c"));
    assert_int_equal(r->tracked_len, 2);
}

static void sync_deletes_and_upsert_never(void **state)
{
    struct apply_rig *r = *state;
    rig_must_apply(r, "'resources':[" MAP("u", "1") "]");
    rig_must_apply(r, "'resources':[]");
    rig_check(r, MAPS "/u", "data.k", "1");

    rig_must_apply(r, SYNC "'resources':[" MAP("a", "1") "," MAP("b", "1") "]");
    rig_must_apply(r, SYNC "'resources':[" MAP("b", "1") "]");
    assert_null(rig_get(r, MAPS "/a"));
    assert_true(rig_delete_set(r, true));

    assert_null(rig_get(r, MAPS "/b"));
    assert_int_equal(r->tracked_len, 0);
}

static void going_over_to_upsert_forgets(void **state)
{
    struct apply_rig *r = *state;
    rig_must_apply(r, SYNC "'resources':[" MAP("a", "1") "," MAP("b", "1") "]");

    rig_must_apply(r, "'resources':[" MAP("a", "1") "]");
    assert_int_equal(r->tracked_len, 0);
    rig_must_apply(r, SYNC "'resources':[" MAP("a", "1") "]");

    assert_int_equal(r->tracked_len, 1);
    rig_check(r, MAPS "/b", "data.k", "1");
}

static void what_another_set_wants_stays(void **state)
{
    struct apply_rig *r = *state;
    rig_must_apply(r, SYNC "'resources':[" MAP("moved", "1") "]");
    cleanup_json json *before = rig_get(r, MAPS "/moved");
    r->elsewhere = "moved";

    rig_must_apply(r, SYNC "'resources':[]");

    assert_int_equal(r->tracked_len, 0);
    rig_check(r, MAPS "/moved", "metadata.uid", json_path_str(before, "metadata.uid"));
}

static void another_version_of_an_api_is_the_same_object(void **state)
{
    struct apply_rig *r = *state;
#define CRON(version) \
    SYNC "'resources':[{'apiVersion':'rbac.authorization.k8s.io/" version "','kind':'Role'," \
         "'metadata':{'name':'r','namespace':'NS'},'rules':[]}]"
    rig_must_apply(r, CRON("v1"));
    cleanup_json json *before =
        rig_get(r, "/apis/rbac.authorization.k8s.io/v1/namespaces/NS/roles/r");
    free((void *)(uintptr_t)r->tracked[0].version); /* as it was written by an older set */
    r->tracked[0].version = xstrdup("v1beta1");

    rig_must_apply(r, CRON("v1"));

    rig_check(r, "/apis/rbac.authorization.k8s.io/v1/namespaces/NS/roles/r", "metadata.uid",
              json_path_str(before, "metadata.uid"));
}

static void a_lost_lease_ends_the_work(void **state)
{
    struct apply_rig *r = *state;
    r->mutations_left = 1;

    assert_false(rig_apply(r, SYNC "'resources':[" MAP("a", "1") "," MAP("b", "1") "]"));

    assert_string_equal(error_text(r->ended), "the lease is lost");
    assert_string_equal(buf_str(&r->log), "+a +b =a ");
    assert_null(rig_get(r, MAPS "/b"));
}

static void a_missing_secret_fails_and_stays(void **state)
{
    struct apply_rig *r = *state;
    r->secret = "{'metadata':{'uid':'u','resourceVersion':'1'},'spec':{'data':{}}}";
#define COPY \
    SYNC "'secretMappings':[{'sourceRef':{'name':'x'},'targetRef':{'name':'copy','namespace':'NS'" \
         "}}]"
    rig_must_apply(r, COPY);
    r->secret = NULL;

    rig_must_fail(r, COPY, "failed to apply secret 0: Secret ");

    rig_check(r, "/api/v1/namespaces/NS/secrets/copy", "type", "Opaque");
    assert_int_equal(r->tracked_len, 1);
}

int main(void)
{
#define FRESH(sentence, fn) \
    { \
        .name = (sentence), .test_func = (fn), .setup_func = apply_rig_fresh \
    }
    const struct CMUnitTest tests[] = {
        FRESH("marks what it creates and then rests", marks_what_it_creates_and_then_rests),
        FRESH("restores drift and keeps foreign fields", restores_drift_and_keeps_foreign_fields),
        FRESH("applies in order and deletes last", applies_in_order_and_deletes_last),
        FRESH("the first failure stops the rest", the_first_failure_stops_the_rest),
        FRESH("it goes on when told to", it_goes_on_when_told_to),
        FRESH("what cannot be rendered changes and deletes nothing",
              what_cannot_be_rendered_changes_and_deletes_nothing),
        FRESH("Sync deletes, Upsert never", sync_deletes_and_upsert_never),
        FRESH("going over to Upsert forgets", going_over_to_upsert_forgets),
        FRESH("what another set wants stays", what_another_set_wants_stays),
        FRESH("another version of an API is the same object",
              another_version_of_an_api_is_the_same_object),
        FRESH("a lost lease ends the work", a_lost_lease_ends_the_work),
        FRESH("a missing secret fails, and its copy stays", a_missing_secret_fails_and_stays),
    };
    return cmocka_run_group_tests(tests, apply_rig_setup, apply_rig_teardown);
}
