#include <stdlib.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/syncsets/store/transact.h"
#include "test/unit/support/rp/syncsets/sets_rig.h"

struct job {
    const char *name, *version;
    bool changed;
};

static void edit(json *status, const json *object, void *arg)
{
    const struct job *job = arg;
    assert_string_equal(json_path_str(object, "metadata.name"), job->name);
    json_put(status, "version", json_new_str(job->version));
}

static int work(const struct opctx *ctx, struct sets_store *st, struct sql *c, void *arg,
                struct error **err)
{
    struct job *job = arg;
    cleanup_changes struct sets_changes ch = { 0 };
    if (sets_status_put(ctx, st, c, &api_types[TYPE_CLUSTERS], "n", job->name, edit, job, &ch,
                        &job->changed, err) < 0)
        return -1;
    return sets_changes_publish(ctx, st, c, &ch, NULL, err);
}

static int keep_last(void *arg, const struct sets_event *e, struct error **err)
{
    bool *status_only = arg;
    (void)err;
    *status_only = e->status_only;
    return 0;
}

static void a_status_is_written_once_and_told_as_such(void **state)
{
    (void)state;
    struct sets_rig r;
    struct job job = { "a", "4.15.1", false };
    int64_t before, after, last;
    bool status_only = true;
    sets_rig_init(&r);
    json_free(
        sets_rig_create(&r, TYPE_CLUSTERS, "{'metadata':{'name':'a','namespace':'n'},'spec':{}}"));
    assert_int_equal(sets_revision(&r.ctx, r.store, &before, NULL), 0);
    assert_int_equal(sets_events(&r.ctx, r.store, 0, 100, keep_last, &status_only, &last, NULL), 0);
    assert_false(status_only);

    assert_int_equal(sets_transact(&r.ctx, r.store, work, &job, NULL), 0);
    assert_true(job.changed);
    assert_int_equal(sets_transact(&r.ctx, r.store, work, &job, NULL), 0);
    assert_false(job.changed);

    assert_int_equal(sets_revision(&r.ctx, r.store, &after, NULL), 0);
    assert_int_equal(after, before + 1);
    assert_int_equal(
        sets_events(&r.ctx, r.store, before, 100, keep_last, &status_only, &last, NULL), 0);
    assert_true(status_only);
    cleanup_json json *cluster = NULL;
    assert_int_equal(sets_get(&r.ctx, r.store, &api_types[TYPE_CLUSTERS], "n", "a", &cluster, NULL),
                     0);
    assert_string_equal(json_path_str(cluster, "status.version"), "4.15.1");
    assert_int_equal(json_path_int(cluster, "metadata.generation", 0), 1);
    sets_rig_release(&r);
}

static void who_is_gone_has_no_status(void **state)
{
    (void)state;
    struct sets_rig r;
    struct job job = { "b", "4.15.1", false };
    cleanup_error struct error *err = NULL;
    sets_rig_init(&r);
    assert_int_equal(sets_transact(&r.ctx, r.store, work, &job, &err), -1);
    assert_true(error_is(err, ERR_NOT_FOUND));
    sets_rig_release(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a status is written once, and told as such",
             a_status_is_written_once_and_told_as_such),
        CASE("who is gone has no status", who_is_gone_has_no_status),
    };
    return RUN_CASES("status", tests);
}
