#include <string.h>

#include "pkg/base/encoding.h"
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

static size_t versions;

static int list_versions(struct aead_source *source, const struct opctx *ctx, struct aead_keys *ret,
                         struct error **err)
{
    (void)source;
    (void)ctx;
    for (size_t i = 0; i < versions; i++) {
        char raw[AEAD_V2_KEY_LEN];
        memset(raw, (int)i + 1, sizeof(raw));
        cleanup_free char *text = base64_give(raw, sizeof(raw));
        if (aead_keys_add(ret, AEAD_V2, secret_of(text), (int64_t)i + 1, false, err) < 0)
            return -1;
    }
    return 0;
}

/* The keys of the rig make way for those of list_versions. */
static void use_versions(struct database_rig *r, size_t n)
{
    static struct aead_source source = { list_versions };
    const struct aead_config cfg = { .source = &source };
    versions = n;
    aead_free(r->db->aead);
    assert_int_equal(aead_new(&cfg, &r->ctx, &r->db->aead, NULL), 0);
}

static void check_reseal(void **state)
{
    (void)state;
    cleanup_database_rig struct database_rig r;
    database_rig_open(&r);
    use_versions(&r, 1);
    cleanup_free char *key = seal(&r, "key");
    versions = 2;
    assert_int_equal(database_refresh_keys(&r.ctx, r.db, NULL), 0);
    cleanup_free char *password = seal(&r, "password");
    cleanup_json json *tree = json_make("{'openShiftCluster':{'properties':{'sshKey':%s,"
                                        "'infraId':'i','registryProfiles':[{'password':%s}]}}}",
                                        key, password);
    assert_true(database_is_stale(&r.ctx, r.db, tree));

    assert_int_equal(database_reseal_cluster(&r.ctx, r.db, tree, NULL), 0);

    const char *now = json_path_str(tree, "openShiftCluster.properties.sshKey");
    assert_false(database_is_stale(&r.ctx, r.db, tree));
    assert_string_not_equal(now, key);
    assert_opens(&r, now, "key");
    assert_string_equal(
        json_path_str(tree, "openShiftCluster.properties.registryProfiles[0].password"), password);
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
    assert_int_equal(database_refresh_keys(&r.ctx, db, NULL), -1);
    assert_false(database_is_stale(&r.ctx, db, tree));
    assert_false(database_has_keys(db));

    free(db); /* the store is the rig's */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a sealed value opens again", check_round),
        CASE("a secret is sealed anew only when it changes", check_put),
        CASE("a secret is put over what cannot be opened", check_put_over_corrupt),
        CASE("what was never sealed is corrupt", check_corrupt),
        CASE("what an old key sealed is sealed anew, and nothing else", check_reseal),
        CASE("a corrupt secret is named when it is sealed anew", check_reseal_corrupt),
        CASE("without keys nothing is opened or sealed", check_no_keys),
    };
    return RUN_CASES("sealed", tests);
}
