#include <stdlib.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/syncsets/store/quota.h"
#include "test/unit/support/rp/syncsets/sets_rig.h"

#define SET \
    "{'metadata':{'name':'%s','namespace':'n'},'spec':{'clusterDeploymentRefs':[],'resources':[{" \
    "'apiVersion':'v1','kind':'ConfigMap','metadata':{'name':'x'},'data':{'a':'%s'}}]}}"

static char *give_body(const char *name, size_t bytes)
{
    cleanup_free char *pad = xcalloc(1, bytes + 1);
    memset(pad, 'x', bytes);
    return xasprintf(SET, name, pad);
}

static int create(struct sets_rig *r, const char *name, size_t bytes, struct error **err)
{
    cleanup_free char *body = give_body(name, bytes);
    return sets_rig_try_create(r, TYPE_SYNCSETS, body, NULL, err);
}

static int replace(struct sets_rig *r, const char *name, size_t bytes, struct error **err)
{
    cleanup_free char *body = give_body(name, bytes);
    cleanup_json json *object = NULL;
    assert_int_equal(
        api_decode(&api_types[TYPE_SYNCSETS], "n", name, sets_rig_parse(body), &object, NULL), 0);
    const struct sets_write w = { .type = &api_types[TYPE_SYNCSETS],
                                  .nspace = "n",
                                  .name = name,
                                  .object = object,
                                  .actor = "test" };
    return sets_replace(&r->ctx, r->store, &w, NULL, NULL, err);
}

static void is_refused(struct error **err)
{
    assert_true(error_is(*err, ERR_FORBIDDEN));
    assert_non_null(strstr(error_text(*err), "may hold 10000 bytes of syncsets"));
    error_clear(err);
}

static void sets_share_the_bytes_of_their_namespace(void **state)
{
    struct sets_rig r;
    struct error *err = NULL;
    (void)state;
    sets_rig_init(&r);
    json_free(sets_rig_create(&r, TYPE_NAMESPACES,
                              "{'metadata':{'name':'n'},'spec':{'maxSetBytes':10000}}"));
    assert_int_equal(create(&r, "a", 4000, NULL), 0);
    assert_int_equal(create(&r, "b", 4000, NULL), 0);
    assert_int_equal(create(&r, "c", 4000, &err), -1);
    is_refused(&err);
    assert_int_equal(replace(&r, "b", 7000, &err), -1);
    is_refused(&err);
    assert_int_equal(replace(&r, "b", 100, NULL), 0);
    assert_int_equal(create(&r, "c", 4000, NULL), 0);
    sets_rig_release(&r);
}

/* The limit was lowered behind what is there. */
static void what_shrinks_is_taken_in_a_namespace_that_is_too_full(void **state)
{
    struct sets_rig r;
    struct error *err = NULL;
    (void)state;
    sets_rig_init(&r);
    assert_int_equal(create(&r, "a", 20000, NULL), 0);
    assert_int_equal(create(&r, "b", 20000, NULL), 0);
    sets_rig_script(&r, "UPDATE namespaces SET data = '{\"spec\":{\"maxSetBytes\":10000}}'");
    assert_int_equal(replace(&r, "a", 19000, NULL), 0);
    assert_int_equal(replace(&r, "a", 19001, &err), -1);
    is_refused(&err);
    sets_rig_release(&r);
}

static void who_made_no_namespace_has_defaults(void **state)
{
    struct sets_rig r;
    cleanup_json json *nspace = NULL;
    (void)state;
    sets_rig_init(&r);
    assert_int_equal(create(&r, "a", 1, NULL), 0);
    assert_int_equal(sets_get(&r.ctx, r.store, &api_types[TYPE_NAMESPACES], "", "n", &nspace, NULL),
                     0);
    assert_int_equal(json_path_int(nspace, "spec.maxSetBytes", 0), QUOTA_SET_BYTES);
    assert_int_equal(json_path_int(nspace, "spec.maxSets", 0), QUOTA_SETS);
    assert_int_equal(json_path_int(nspace, "spec.maxClusters", 0), QUOTA_CLUSTERS);
    sets_rig_release(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("sets share the bytes of their namespace", sets_share_the_bytes_of_their_namespace),
        CASE("what shrinks is taken in a namespace that is too full",
             what_shrinks_is_taken_in_a_namespace_that_is_too_full),
        CASE("who made no namespace has defaults", who_made_no_namespace_has_defaults),
    };
    return RUN_CASES("quota", tests);
}
