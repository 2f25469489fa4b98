#include "hack/devcloud/controllers/behaviours.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "test/unit/support/hack/devcloud/control_rig.h"

#define NS "/api/v1/namespaces/default"
#define TOKENS NS "/secrets?fieldSelector=type%3Dkubernetes.io/service-account-token"
#define BY_HAND \
    "{'metadata':{'name':'by-hand','annotations':{'kubernetes.io/service-account.name':'a'}}," \
    "'type':'kubernetes.io/service-account-token'}"

static void open_rig(struct control_rig *r, bool secrets)
{
    control_rig_open(r);
    r->control.account_secrets = secrets;
    control_rig_create(r, NS "/serviceaccounts", "{'metadata':{'name':'a'}}");
}

static void sync_accounts(struct control_rig *r)
{
    (void)control_rig_reconcile(r, &account_secrets_behaviour, "default");
}

static void made(void **state)
{
    (void)state;
    struct control_rig r;
    open_rig(&r, true);

    sync_accounts(&r);
    sync_accounts(&r);

    cleanup_json json *secrets = control_rig_give(&r, TOKENS);
    cleanup_json json *account = control_rig_give(&r, NS "/serviceaccounts/a");
    assert_int_equal(json_len(json_get(secrets, "items")), 1);
    assert_string_equal(json_path_str(account, "secrets[0].name"),
                        json_path_str(secrets, "items[0].metadata.name"));
    assert_int_equal(json_len(json_path(account, "secrets")), 1);
    assert_contains(json_path(secrets, "items[0]"),
                    "{'metadata':{'ownerReferences':[{'kind':'ServiceAccount','name':'a'}]},"
                    "'data':{'ca.crt':'dGhlIHJvb3QgY2VydGlmaWNhdGUK','namespace':'ZGVmYXVsdA=='}}");
    assert_non_null(json_path_str(json_path(secrets, "items[0]"), "data.token"));
    control_rig_close(&r);
}

static void remade(void **state)
{
    (void)state;
    struct control_rig r;
    open_rig(&r, true);
    sync_accounts(&r);
    cleanup_json json *secrets = control_rig_give(&r, TOKENS);
    cleanup_free char *path =
        xasprintf(NS "/secrets/%s", json_path_str(secrets, "items[0].metadata.name"));
    control_rig_delete(&r, path);

    sync_accounts(&r);

    control_rig_expect_len(&r, TOKENS, 1);
    control_rig_close(&r);
}

static void newer_servers(void **state)
{
    (void)state;
    struct control_rig r;
    open_rig(&r, false);

    sync_accounts(&r);
    control_rig_expect_len(&r, TOKENS, 0);
    control_rig_create(&r, NS "/secrets", BY_HAND);
    sync_accounts(&r);

    cleanup_json json *secret = control_rig_give(&r, NS "/secrets/by-hand");
    assert_non_null(json_path_str(secret, "data.token"));
    cleanup_json json *account = control_rig_give(&r, NS "/serviceaccounts/a");
    assert_null(json_path(account, "secrets"));
    control_rig_close(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("an account gets one Secret with a token", made),
        CASE("a deleted Secret is made anew", remade),
        CASE("for newer servers only Secrets made by hand are filled", newer_servers),
    };
    return RUN_CASES("account_secrets", tests);
}
