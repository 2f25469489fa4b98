#include <string.h>

#include "test/unit/support/rp/hive/hive_rig.h"
#include "test/unit/support/test.h"

static int open_with(const char *const values[][2], size_t len, struct hive **ret,
                     struct error **err)
{
    struct fake_env env;
    struct scripted_transport server;
    cleanup_rp_env struct rp_env *rp = NULL;
    fake_env_init(&env);
    fake_env_set(&env, "RP_MODE", "test");
    for (size_t i = 0; i < len; i++)
        fake_env_set(&env, values[i][0], values[i][1]);
    assert_int_equal(rp_env_load(&env.base, &rp, NULL), 0);
    scripted_transport_init(&server, NULL, 0);
    const struct hive_config cfg = { .env = rp, .transport = &server.base };
    int status = hive_open(&cfg, ret, err);
    scripted_transport_release(&server);
    fake_env_release(&env);
    return status;
}

static void without_a_server_there_is_no_manager(void **state)
{
    (void)state;
    static const char *const values[][2] = { { "ARO_ADOPT_BY_HIVE", "true" } };
    struct hive *h;

    assert_int_equal(open_with(values, 1, &h, NULL), 0);

    assert_null(h);
    assert_false(hive_adopts(h));
    hive_close(h);
}

static void a_server_alone_adopts_nothing(void **state)
{
    (void)state;
    static const char *const values[][2] = { { "SYNCSETS_API_URL", "https://sets.test" } };
    struct hive *h;

    assert_int_equal(open_with(values, 1, &h, NULL), 0);

    assert_non_null(h);
    assert_false(hive_adopts(h));
    hive_close(h);
}

static void settings_that_cannot_be_used_are_told(void **state)
{
    (void)state;
    static const struct {
        const char *values[2][2], *want;
    } cases[] = {
        { { { "SYNCSETS_API_URL", "sets.test" }, { "RP_MODE", "test" } }, "SYNCSETS_API_URL: " },
        { { { "SYNCSETS_API_URL", "https://s" }, { "SYNCSETS_CLIENT_CERT", "/nowhere/x" } },
          "SYNCSETS_CLIENT_CERT: " },
        { { { "SYNCSETS_API_URL", "https://s" }, { "SYNCSETS_CLIENT_CERT", "/etc/hostname" } },
          "SYNCSETS_CLIENT_CERT and SYNCSETS_CLIENT_KEY belong together" },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct hive *h;
        cleanup_error struct error *err = NULL;
        assert_int_equal(open_with(cases[i].values, 2, &h, &err), -1);
        if (strncmp(error_text(err), cases[i].want, strlen(cases[i].want)) != 0)
            fail_msg("%s", error_text(err));
    }
}

static void a_list_is_all_pages(void **state)
{
    (void)state;
    static const struct script_step steps[] = {
        { .request = HIVE_ASKS("GET", "syncsets/aro-1?limit=5000&labelSelector=a%3Db"),
          .reply = "{\"kind\":\"SyncSetList\",\"metadata\":{\"continue\":\"c1\"},"
                   "\"items\":[{\"n\":1}]}" },
        { .request = HIVE_ASKS("GET", "syncsets/aro-1?limit=5000&labelSelector=a%3Db&continue=c1"),
          .reply = "{\"metadata\":{},\"items\":[{\"n\":2}]}" },
        { .request = HIVE_ASKS("GET", "selectorsyncsets?limit=5000"), .reply = "{\"items\":[]}" },
    };
    struct hive_rig r;
    cleanup_json json *some = NULL, *none = NULL;
    hive_rig_open(&r, steps, ARRAY_LEN(steps));

    assert_int_equal(hive_list_sets(r.hive, &r.ctx, "aro-1", "a=b", &some, NULL), 0);
    assert_int_equal(hive_list_sets(r.hive, &r.ctx, NULL, NULL, &none, NULL), 0);

    cleanup_free char *text = json_give_text(some);
    assert_string_equal(
        text, "{\"kind\":\"SyncSetList\",\"metadata\":{},\"items\":[{\"n\":1},{\"n\":2}]}");
    assert_int_equal(json_len(json_get(none, "items")), 0);
    hive_rig_close(&r);
}

static void one_is_asked_for_by_its_name(void **state)
{
    (void)state;
    static const struct script_step steps[] = {
        { .request = HIVE_ASKS("GET", "syncsets/aro-1/s"), .reply = "{\"n\":1}" },
        { .request = HIVE_ASKS("GET", "selectorsyncsets/s"), .reply = "{\"n\":2}" },
        { .request = HIVE_ASKS("GET", "clustersyncs/aro-1/cluster"), .reply = "{\"n\":3}" },
        HIVE_NONE,
    };
    struct hive_rig r;
    cleanup_json json *set = NULL, *global = NULL, *sync = NULL, *none = NULL;
    cleanup_error struct error *err = NULL;
    hive_rig_open(&r, steps, ARRAY_LEN(steps));

    assert_int_equal(hive_get_set(r.hive, &r.ctx, "aro-1", "s", &set, NULL), 0);
    assert_int_equal(hive_get_set(r.hive, &r.ctx, NULL, "s", &global, NULL), 0);
    assert_int_equal(hive_get_cluster_sync(r.hive, &r.ctx, "aro-1", &sync, NULL), 0);
    assert_int_equal(hive_get_set(r.hive, &r.ctx, NULL, "s", &none, &err), -1);

    assert_int_equal(json_path_int(set, "n", 0), 1);
    assert_int_equal(json_path_int(global, "n", 0), 2);
    assert_int_equal(json_path_int(sync, "n", 0), 3);
    assert_true(error_is(err, ERR_NOT_FOUND));
    hive_rig_close(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("without a server there is no manager", without_a_server_there_is_no_manager),
        CASE("a server alone adopts nothing", a_server_alone_adopts_nothing),
        CASE("settings that cannot be used are told", settings_that_cannot_be_used_are_told),
        CASE("a list is all pages", a_list_is_all_pages),
        CASE("one is asked for by its name", one_is_asked_for_by_its_name),
    };
    return RUN_CASES("hive", tests);
}
