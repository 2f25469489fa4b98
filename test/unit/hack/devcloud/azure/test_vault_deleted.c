#include "test/unit/hack/devcloud/azure/vault_rig.h"

#define DELETED "/deletedsecrets/key" VAULT_VERSION
#define SECRET "/secrets/key" VAULT_VERSION

static void open_deleted(struct rig *r)
{
    vault_rig_open(r);
    free(vault_rig_set(r, "key", "one"));
    assert_int_equal(rig_call(r, "DELETE", SECRET, NULL, NULL), 200);
}

static void check_waits(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    open_deleted(&r);
    cleanup_reply struct rig_reply one = { 0 }, list = { 0 }, again = { 0 };

    rig_refused(&r, "GET", SECRET, NULL, 404, "SecretNotFound");
    rig_refused(&r, "DELETE", SECRET, NULL, 404, "SecretNotFound");
    assert_int_equal(rig_call(&r, "PUT", SECRET, "{'value':'two'}", &again), 409);
    assert_int_equal(rig_call(&r, "GET", DELETED, NULL, &one), 200);
    assert_int_equal(rig_call(&r, "GET", "/deletedsecrets" VAULT_VERSION, NULL, &list), 200);

    assert_string_equal(json_path_str(again.body, "error.innererror.code"),
                        "ObjectIsDeletedButRecoverable");
    assert_non_null(strstr(json_path_str(one.body, "recoveryId"), "/deletedsecrets/key"));
    assert_int_equal(json_path_int(one.body, "scheduledPurgeDate", 0) -
                         json_path_int(one.body, "deletedDate", 0),
                     90 * 86400);
    assert_false(json_path_has(one.body, "value"));
    assert_int_equal(json_len(json_get(list.body, "value")), 1);
}

static void check_recover(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    open_deleted(&r);
    cleanup_reply struct rig_reply reply = { 0 };

    assert_int_equal(rig_call(&r, "POST", "/deletedsecrets/key/recover" VAULT_VERSION, "{}", NULL),
                     200);

    assert_int_equal(rig_call(&r, "GET", SECRET, NULL, &reply), 200);
    assert_string_equal(json_path_str(reply.body, "value"), "one");
    rig_refused(&r, "GET", DELETED, NULL, 404, "SecretNotFound");
}

static void check_purge(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    open_deleted(&r);

    assert_int_equal(rig_call(&r, "DELETE", DELETED, NULL, NULL), 204);

    rig_refused(&r, "DELETE", DELETED, NULL, 404, "SecretNotFound");
    free(vault_rig_set(&r, "key", "two"));
}

static void check_method(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    open_deleted(&r);

    rig_refused(&r, "PUT", DELETED, "{}", 405, "MethodNotAllowed");
    rig_refused(&r, "POST", "/deletedsecrets/key/moon" VAULT_VERSION, "{}", 405,
                "MethodNotAllowed");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("what was deleted waits, and keeps its name", check_waits),
        CASE("it can be recovered", check_recover),
        CASE("it can be purged, which sets its name free", check_purge),
        CASE("it takes no other method", check_method),
    };
    return RUN_CASES("vault_deleted", tests);
}
