#include <stdlib.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/syncsets/store/impl.h"
#include "test/unit/support/rp/syncsets/sets_rig.h"

static void rotation_changes_keys_and_nothing_else(void **state)
{
    (void)state;
    struct sets_rig r;
    size_t sealed, failed;
    cleanup_json json *before = NULL, *after = NULL;
    cleanup_json_wiped json *secrets = NULL;
    sets_rig_init(&r);
    before = sets_rig_create(&r, TYPE_CLUSTERS,
                             "{'metadata':{'name':'a','namespace':'n','labels':{'env':'prod'}},'"
                             "spec':{'kubeconfig':'foobar'}}");
    json_free(
        sets_rig_create(&r, TYPE_SECRETS,
                        "{'metadata':{'name':'s','namespace':'n'},'spec':{'data':{'k':'dg=='}}}"));
    cleanup_keyring struct keyring *newer = NULL;
    assert_int_equal(keyring_parse(RIG_NEWER_KEYS, &newer, NULL), 0);
    const struct sets_store_config cfg = { .db = r.db, .keys = newer };
    cleanup_sets_store struct sets_store *st = sets_store_new(&cfg);
    assert_int_equal(sets_rotate(&r.ctx, st, &sealed, &failed, NULL), 0);
    assert_int_equal(sealed, 2);
    assert_int_equal(failed, 0);
    assert_int_equal(sets_rotate(&r.ctx, st, &sealed, &failed, NULL), 0);
    assert_int_equal(sealed, 0);
    assert_int_equal(sets_get(&r.ctx, st, &api_types[TYPE_CLUSTERS], "n", "a", &after, NULL), 0);
    assert_true(json_equal(before, after));
    assert_int_equal(sets_reveal(&r.ctx, st, &api_types[TYPE_CLUSTERS], "n", "a", &secrets, NULL),
                     0);
    assert_string_equal(json_path_str(secrets, "kubeconfig"), "foobar");
    /* The old key alone opens it no more, and counts it as failed. */
    cleanup_error struct error *err = NULL;
    json *none = NULL;
    assert_int_equal(sets_reveal(&r.ctx, r.store, &api_types[TYPE_CLUSTERS], "n", "a", &none, &err),
                     -1);
    assert_string_equal(error_get_code(err), "DecryptFailed");
    assert_int_equal(sets_rotate(&r.ctx, r.store, &sealed, &failed, NULL), 0);
    assert_int_equal(failed, 2);
    sets_rig_release(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("rotation changes keys and nothing else", rotation_changes_keys_and_nothing_else),
    };
    return RUN_CASES("rotate", tests);
}
