/* Where the keys of lists come from: here a server that has OpenAPI 3 documents. */
#include <string.h>

#include "pkg/base/mem.h"
#include "rp/syncsets/remote/remote_impl.h"
#include "test/unit/support/joint/syncsets/apply_rig.h"

static const struct gvr widgets = { "widgets.test", "v1", "widgets", "Widget", true };
static const struct gvr cronjobs = { "batch", "v1", "cronjobs", "CronJob", true };

static void documents_are_fetched_once(void **state)
{
    struct apply_rig *r = *state;
    const struct merge_keys *keys, *again;
    const struct merge_row *row;

    assert_int_equal(
        sets_remote_merge_keys(r->remote, &r->ctx, &GVR_DEPLOYMENTS, &keys, &row, NULL), 0);
    assert_non_null(row);
    assert_ptr_not_equal(keys, merge_keys_builtin());
    rig_count_from_zero(r);
    assert_int_equal(
        sets_remote_merge_keys(r->remote, &r->ctx, &GVR_DAEMONSETS, &again, &row, NULL), 0);

    assert_ptr_equal(again, keys);
    assert_int_equal(rig_count(r).gets, 0);
    const struct strategic_schema *s = merge_keys_schema(keys);
    const void *at = row;
    static const char *const path[] = { "spec", "template", "spec", "containers" };
    for (size_t i = 0; i < ARRAY_LEN(path); i++)
        at = s->at_key(s, at, path[i]);
    assert_string_equal(s->way_of(s, at).merge_key, "name");
    assert_string_equal(s->way_of(s, s->at_key(s, s->item_of(s, at), "ports")).merge_key,
                        "containerPort");
}

static void plain_kinds_need_no_document(void **state)
{
    struct apply_rig *r = *state;
    const struct merge_keys *keys;
    const struct merge_row *row;
    rig_count_from_zero(r);

    assert_int_equal(sets_remote_merge_keys(r->remote, &r->ctx, &GVR_SECRETS, &keys, &row, NULL),
                     0);

    assert_non_null(row);
    assert_int_equal(rig_count(r).gets, 0);
}

static void custom_resources_have_none(void **state)
{
    struct apply_rig *r = *state;
    const struct merge_keys *keys;
    const struct merge_row *row;

    assert_int_equal(sets_remote_merge_keys(r->remote, &r->ctx, &widgets, &keys, &row, NULL), 0);

    assert_null(row);
    assert_null(keys);
}

static void a_server_without_documents_has_the_built_in_kinds(void **state)
{
    struct apply_rig *r = *state;
    const struct merge_keys *keys;
    const struct merge_row *row;
    sets_remote_forget_kinds(r->remote);
    rig_fail_requests(r, "GET", "/openapi/v3", 404, 1);

    assert_int_equal(sets_remote_merge_keys(r->remote, &r->ctx, &GVR_PODS, &keys, &row, NULL), 0);

    assert_ptr_equal(keys, merge_keys_builtin());
    assert_non_null(row);
}

/* Of the index, and of a document that nobody has asked for before. */
static void what_is_refused_for_the_moment_is_asked_again(void **state)
{
    static const struct {
        const char *path;
        int status;
    } faults[] = {
        { "/openapi/v3", 400 },
        { "/openapi/v3", 401 },
        { "/openapi/v3/apis/batch/v1", 410 },
    };
    struct apply_rig *r = *state;
    const struct merge_keys *keys;
    const struct merge_row *row;
    sets_remote_forget_kinds(r->remote);
    for (size_t i = 0; i < ARRAY_LEN(faults); i++) {
        cleanup_error struct error *err = NULL;
        rig_fail_requests(r, "GET", faults[i].path, faults[i].status, 1);
        assert_int_equal(sets_remote_merge_keys(r->remote, &r->ctx, &cronjobs, &keys, &row, &err),
                         -1);
        assert_non_null(strstr(error_text(err), "asking how lists of a CronJob are merged"));
    }

    assert_int_equal(sets_remote_merge_keys(r->remote, &r->ctx, &cronjobs, &keys, &row, NULL), 0);

    assert_non_null(row);
    assert_ptr_not_equal(keys, merge_keys_builtin());
}

int main(void)
{
#define FRESH(sentence, fn) \
    { \
        .name = (sentence), .test_func = (fn), .setup_func = apply_rig_fresh \
    }
    const struct CMUnitTest tests[] = {
        FRESH("documents are fetched once", documents_are_fetched_once),
        FRESH("plain kinds need no document", plain_kinds_need_no_document),
        FRESH("custom resources have none", custom_resources_have_none),
        FRESH("what is refused for the moment is asked again",
              what_is_refused_for_the_moment_is_asked_again),
        FRESH("a server without documents has the built-in kinds",
              a_server_without_documents_has_the_built_in_kinds),
    };
    return cmocka_run_group_tests(tests, apply_rig_setup_newest, apply_rig_teardown);
}
