#include <stdlib.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/syncsets/store/impl.h"
#include "test/unit/support/rp/syncsets/sets_rig.h"

static void what_is_absent_is_not_found(void **state)
{
    (void)state;
    struct sets_rig r;
    cleanup_error struct error *err = NULL;
    json *none = NULL;
    sets_rig_init(&r);
    assert_int_equal(sets_get(&r.ctx, r.store, &api_types[TYPE_CLUSTERS], "n", "a", &none, &err),
                     -1);
    assert_true(error_is(err, ERR_NOT_FOUND));
    assert_null(strstr(error_text(err), "SELECT"));
    cleanup_json json *o = sets_rig_create(&r, TYPE_CLUSTERS,
                                           "{'metadata':{'name':'a','namespace':'n','labels':{'env'"
                                           ":'prod'}},'spec':{'kubeconfig':'foobar'}}");
    cleanup_json json *got = NULL;
    assert_int_equal(sets_get(&r.ctx, r.store, &api_types[TYPE_CLUSTERS], "n", "a", &got, NULL), 0);
    assert_true(json_equal(o, got));
    assert_ptr_equal(sets_store_db(r.store), r.db);
    sets_rig_release(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("what is absent is not found and what is there is as it was given",
             what_is_absent_is_not_found),
    };
    return RUN_CASES("store", tests);
}
