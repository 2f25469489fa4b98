#include <string.h>

#include "test/unit/hack/devcloud/azure/vault_rig.h"

static void check_challenge(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    free(take(r.token));
    cleanup_reply struct rig_reply reply = { 0 };

    assert_int_equal(rig_call(&r, "PUT", "/secrets/n" VAULT_VERSION, NULL, &reply), 401);

    assert_string_equal(http_headers_get(&reply.headers, "WWW-Authenticate"),
                        "Bearer authorization=\"https://login.microsoftonline.com/" RIG_TENANT
                        "\", resource=\"https://vault.azure.net\"");
    assert_string_equal(json_path_str(reply.body, "error.code"), "Unauthorized");
}

static void check_token_of_another_service(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r); /* signed in for ARM */

    rig_refused(&r, "GET", "/secrets/n" VAULT_VERSION, NULL, 401, "Unauthorized");
}

static void check_versions(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    vault_rig_open(&r);
    cleanup_free char *first = vault_rig_set(&r, "Key", "one");
    cleanup_free char *second = vault_rig_set(&r, "key", "two");
    cleanup_free char *path = xasprintf("/secrets/KEY/%s" VAULT_VERSION, first);
    cleanup_reply struct rig_reply newest = { 0 }, named = { 0 }, list = { 0 };

    assert_int_equal(rig_call(&r, "GET", "/secrets/Key/" VAULT_VERSION, NULL, &newest), 200);
    assert_int_equal(rig_call(&r, "GET", path, NULL, &named), 200);
    assert_int_equal(rig_call(&r, "GET", "/secrets/Key/versions" VAULT_VERSION, NULL, &list), 200);

    assert_string_equal(json_path_str(newest.body, "value"), "two");
    assert_string_equal(json_path_str(named.body, "value"), "one");
    assert_int_equal(strlen(first), 32);
    assert_int_equal(json_len(json_get(list.body, "value")), 2);
    assert_non_null(strstr(json_path_str(list.body, "value[1].id"), second));
    assert_false(json_path_has(list.body, "value[0].value"));
    assert_true(json_path_bool(list.body, "value[0].attributes.enabled", false));
}

static void check_disabled(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    vault_rig_open(&r);
    cleanup_free char *version = vault_rig_set(&r, "key", "one");
    cleanup_free char *path = xasprintf("/secrets/key/%s" VAULT_VERSION, version);
    cleanup_reply struct rig_reply reply = { 0 };

    assert_int_equal(rig_call(&r, "PATCH", path, "{'attributes':{'enabled':false}}", NULL), 200);

    assert_int_equal(rig_call(&r, "GET", "/secrets/key" VAULT_VERSION, NULL, &reply), 403);
    assert_string_equal(json_path_str(reply.body, "error.code"), "Forbidden");
    assert_string_equal(json_path_str(reply.body, "error.innererror.code"), "SecretDisabled");
}

static void check_vaults_are_apart(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    vault_rig_open(&r);
    free(vault_rig_set(&r, "key", "one"));
    cleanup_reply struct rig_reply reply = { 0 };

    http_headers_set(&r.extra, "Host", "aro-svc.vault.azure.net");
    assert_int_equal(rig_call(&r, "GET", "/secrets/key" VAULT_VERSION, NULL, &reply), 404);
    http_headers_set(&r.extra, "Host", "aro-svc.vault.azure.net");
    assert_int_equal(rig_call(&r, "PUT", "/secrets/key" VAULT_VERSION, "{'value':'x'}", &reply),
                     200);
    assert_true(strncmp(json_path_str(reply.body, "id"),
                        "https://aro-svc.vault.azure.net/secrets/key/", 44) == 0);
    assert_int_equal(rig_call(&r, "GET", "/_devcloud/state", NULL, &reply), 200);
    assert_string_equal(json_path_str(reply.body, "vaults[\"aro-svc\"].secrets.key[0].value"), "x");
    assert_string_equal(json_path_str(reply.body, "vaults[\"127.0.0.1\"].secrets.key[0].value"),
                        "one");
}

static void check_pages(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    vault_rig_open(&r);
    rig_patch(&r, "{'page_size':1}");
    free(vault_rig_set(&r, "a", "one"));
    free(vault_rig_set(&r, "b", "two"));
    cleanup_reply struct rig_reply reply = { 0 };

    assert_int_equal(rig_call(&r, "GET", "/secrets" VAULT_VERSION, NULL, &reply), 200);

    assert_int_equal(json_len(json_get(reply.body, "value")), 1);
    assert_non_null(strstr(json_path_str(reply.body, "nextLink"), "$skiptoken=1"));
}

struct refused_case {
    const char *name, *method, *path, *body;
    int status;
    const char *code;
};
static struct refused_case refused[] = {
    { "a secret that is not there", "GET", "/secrets/n" VAULT_VERSION, NULL, 404,
      "SecretNotFound" },
    { "a change of what is not there", "PATCH", "/secrets/n" VAULT_VERSION, "{}", 404,
      "SecretNotFound" },
    { "a request without a version", "GET", "/secrets/n", NULL, 400, "BadParameter" },
    { "a secret without a value", "PUT", "/secrets/n" VAULT_VERSION, "{}", 400, "BadParameter" },
    { "a method that no secret has", "POST", "/secrets/n" VAULT_VERSION, "{}", 405,
      "MethodNotAllowed" },
    { "a path that leads nowhere", "GET", "/secrets/n/v/w" VAULT_VERSION, NULL, 404, "NotFound" },
};

static void check_refused(void **state)
{
    const struct refused_case *c = *state;
    cleanup_rig struct rig r;
    vault_rig_open(&r);

    rig_refused(&r, c->method, c->path, c->body, c->status, c->code);
}

int main(void)
{
    static const struct CMUnitTest plain[] = {
        CASE("a caller without a token is told where to get one", check_challenge),
        CASE("a token of another service is none", check_token_of_another_service),
        CASE("a secret has versions, its name any letter case", check_versions),
        CASE("a disabled version is not given", check_disabled),
        CASE("each host is a vault", check_vaults_are_apart),
        CASE("lists come in pages", check_pages),
    };
    struct CMUnitTest tests[ARRAY_LEN(plain) + ARRAY_LEN(refused)];
    memcpy(tests, plain, sizeof(plain));
    for (size_t i = 0; i < ARRAY_LEN(refused); i++)
        tests[ARRAY_LEN(plain) + i] =
            (struct CMUnitTest)CASE_OF(refused[i].name, check_refused, &refused[i]);
    return RUN_CASES("vault", tests);
}
