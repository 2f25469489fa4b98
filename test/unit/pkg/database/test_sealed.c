#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/database/documents.h"
#include "test/unit/support/pkg/database/database_rig.h"
#include "test/unit/support/test.h"

static struct secret *secret_of(const char *text)
{
    return secret_new(text, strlen(text));
}

static char *seal(struct database_rig *r, const char *text)
{
    cleanup_secret struct secret *plain = secret_of(text);
    char *sealed = NULL;
    assert_int_equal(database_seal(&r->ctx, r->db, plain, &sealed, NULL), 0);
    return sealed;
}

static void assert_opens(struct database_rig *r, const char *sealed, const char *want)
{
    cleanup_secret struct secret *plain = NULL;
    assert_non_null(sealed);
    assert_int_equal(database_open_sealed(&r->ctx, r->db, sealed, &plain, NULL), 0);
    assert_string_equal(secret_reveal(plain, NULL), want);
}

static void check_round(void **state)
{
    (void)state;
    cleanup_database_rig struct database_rig r;
    database_rig_open(&r);

    cleanup_free char *sealed = seal(&r, "pull secret");

    assert_null(strstr(sealed, "pull"));
    assert_opens(&r, sealed, "pull secret");
}

static void check_put(void **state)
{
    (void)state;
    cleanup_database_rig struct database_rig r;
    database_rig_open(&r);
    cleanup_json json *tree = json_new_object();
    cleanup_secret struct secret *one = secret_of("one");
    cleanup_secret struct secret *two = secret_of("two");

    assert_int_equal(database_put_sealed(&r.ctx, r.db, tree, "a.b", one, NULL), 0);
    cleanup_free char *first = xstrdup(json_path_str(tree, "a.b"));
    assert_int_equal(database_put_sealed(&r.ctx, r.db, tree, "a.b", one, NULL), 0);
    assert_string_equal(json_path_str(tree, "a.b"), first); /* unchanged: byte for byte */
    assert_int_equal(database_put_sealed(&r.ctx, r.db, tree, "a.b", two, NULL), 0);
    assert_opens(&r, json_path_str(tree, "a.b"), "two");
    assert_int_equal(database_put_sealed(&r.ctx, r.db, tree, "a.b", NULL, NULL), 0);

    rig_assert_tree(tree, "{'a':{}}");
}

static void check_put_over_corrupt(void **state)
{
    (void)state;
    cleanup_database_rig struct database_rig r;
    database_rig_open(&r);
    cleanup_json json *tree = rig_tree("{'a':'not sealed at all'}");
    cleanup_secret struct secret *one = secret_of("one");

    assert_int_equal(database_put_sealed(&r.ctx, r.db, tree, "a", one, NULL), 0);

    assert_opens(&r, json_path_str(tree, "a"), "one");
}

static void check_corrupt(void **state)
{
    (void)state;
    cleanup_database_rig struct database_rig r;
    database_rig_open(&r);
    cleanup_error struct error *err = NULL;
    struct secret *plain = NULL;

    assert_int_equal(database_open_sealed(&r.ctx, r.db, "AAAA", &plain, &err), -1);

    assert_int_equal(error_kind(err), ERR_INVALID);
    assert_string_equal(error_get_code(err), DATABASE_CORRUPT);
}

static void check_reseal(void **state)
{
    (void)state;
    cleanup_database_rig struct database_rig r;
    database_rig_open(&r);
    cleanup_free char *key = seal(&r, "key");
    cleanup_free char *password = seal(&r, "password");
    cleanup_json json *tree = json_make("{'openShiftCluster':{'properties':{'sshKey':%s,"
                                        "'infraId':'i','registryProfiles':[{'password':%s}]}}}",
                                        key, password);

    assert_int_equal(database_reseal_cluster(&r.ctx, r.db, tree, NULL), 0);

    const char *now = json_path_str(tree, "openShiftCluster.properties.sshKey");
    assert_string_not_equal(now, key);
    assert_opens(&r, now, "key");
    assert_opens(&r,
                 json_path_str(tree, "openShiftCluster.properties.registryProfiles[0].password"),
                 "password");
    assert_string_equal(json_path_str(tree, "openShiftCluster.properties.infraId"), "i");
}

static void check_reseal_corrupt(void **state)
{
    (void)state;
    cleanup_database_rig struct database_rig r;
    database_rig_open(&r);
    cleanup_json json *tree = rig_tree("{'openShiftCluster':{'properties':{'sshKey':'AAAA'}}}");
    cleanup_error struct error *err = NULL;

    assert_int_equal(database_reseal_cluster(&r.ctx, r.db, tree, &err), -1);

    assert_string_equal(error_get_code(err), DATABASE_CORRUPT);
    assert_non_null(strstr(error_text(err), "sshKey"));
}

static void check_no_keys(void **state)
{
    (void)state;
    cleanup_database_rig struct database_rig r;
    database_rig_open(&r);
    struct database *db = database_new(database_store(r.db), NULL);
    cleanup_secret struct secret *one = secret_of("one");
    cleanup_json json *tree = json_new_object();
    struct secret *plain = NULL;
    char *sealed = NULL;

    assert_int_equal(database_seal(&r.ctx, db, one, &sealed, NULL), -1);
    assert_int_equal(database_open_sealed(&r.ctx, db, "AAAA", &plain, NULL), -1);
    assert_int_equal(database_put_sealed(&r.ctx, db, tree, "a", one, NULL), -1);
    assert_int_equal(database_reseal_cluster(&r.ctx, db, tree, NULL), -1);

    free(db); /* the store is the rig's */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a sealed value opens again", check_round),
        CASE("a secret is sealed anew only when it changes", check_put),
        CASE("a secret is put over what cannot be opened", check_put_over_corrupt),
        CASE("what was never sealed is corrupt", check_corrupt),
        CASE("every secret of a cluster is sealed anew", check_reseal),
        CASE("a corrupt secret is named when it is sealed anew", check_reseal_corrupt),
        CASE("without keys nothing is opened or sealed", check_no_keys),
    };
    return RUN_CASES("sealed", tests);
}
