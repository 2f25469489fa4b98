#include <stdlib.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/syncsets/store/adopt.h"
#include "rp/syncsets/store/impl.h"
#include "rp/syncsets/store/migrate.h"
#include "test/unit/support/rp/syncsets/sets_rig.h"

static void make_prototype(struct sets_rig *r, const char *data)
{
    cleanup_free char *text =
        xasprintf("CREATE TABLE goose_db_version (id INTEGER, version_id BIGINT);"
                  "INSERT INTO goose_db_version VALUES (1, " PROTOTYPE_VERSION ");"
                  "CREATE TABLE clusters (id INTEGER PRIMARY KEY, name VARCHAR(255), namespace "
                  "VARCHAR(255), data %s,"
                  " UNIQUE (name, namespace));"
                  "CREATE TABLE syncsets (id INTEGER PRIMARY KEY, name VARCHAR(255), namespace "
                  "VARCHAR(255), data %s);"
                  "INSERT INTO clusters VALUES (1, 'a', 'n', '%s');"
                  "INSERT INTO syncsets VALUES (1, 's', 'n', '{\"name\":\"s\",\"resources\":[]}');",
                  sql_dialect(r->db) == SQL_SQLITE ? "TEXT" : "JSONB",
                  sql_dialect(r->db) == SQL_SQLITE ? "TEXT" : "JSONB", data);
    sets_rig_script(r, text);
}

static void the_prototype_is_taken_over_and_sealed(void **state)
{
    (void)state;
    struct sets_rig r;
    int steps;
    sets_rig_empty(&r);
    make_prototype(&r, "{\"name\":\"a\",\"namespace\":\"n\",\"kubeconfig\":\"foobar\"}");
    assert_int_equal(sets_migrate_up(&r.ctx, r.db, NULL, &steps, NULL),
                     -1); /* nothing to seal with */
    assert_int_equal(sets_migrate_up(&r.ctx, r.db, r.keys, &steps, NULL), 0);

    const struct sets_store_config cfg = { .db = r.db, .keys = r.keys };
    r.store = sets_store_new(&cfg);
    cleanup_json json *cluster = NULL, *set = NULL;
    cleanup_json_wiped json *secrets = NULL;
    assert_int_equal(sets_get(&r.ctx, r.store, &api_types[TYPE_CLUSTERS], "n", "a", &cluster, NULL),
                     0);
    assert_int_equal(sets_get(&r.ctx, r.store, &api_types[TYPE_SYNCSETS], "n", "s", &set, NULL), 0);
    assert_int_equal(
        sets_reveal(&r.ctx, r.store, &api_types[TYPE_CLUSTERS], "n", "a", &secrets, NULL), 0);
    assert_string_equal(json_path_str(secrets, "kubeconfig"), "foobar");
    sets_rig_release(&r);
}

static void a_bad_row_leaves_all_as_it_was(void **state)
{
    (void)state;
    struct sets_rig r;
    int steps;
    struct sets_schema_state s;
    cleanup_error struct error *err = NULL;
    sets_rig_empty(&r);
    make_prototype(&r, "{\"nonsense\":1}");
    assert_int_equal(sets_migrate_up(&r.ctx, r.db, r.keys, &steps, &err), -1);
    assert_non_null(strstr(error_text(err), "clusters n/a"));
    assert_int_equal(sets_schema_state(&r.ctx, r.db, &s, NULL), 0);
    assert_true(s.is_prototype);
    sets_rig_release(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("the prototype is taken over and sealed", the_prototype_is_taken_over_and_sealed),
        CASE("a bad row leaves all as it was", a_bad_row_leaves_all_as_it_was),
    };
    return RUN_CASES("adopt", tests);
}
