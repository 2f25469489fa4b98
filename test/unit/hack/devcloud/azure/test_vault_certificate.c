#include "test/unit/hack/devcloud/azure/vault_rig.h"

static void check_views(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    vault_rig_open(&r);
    cleanup_reply struct rig_reply one = { 0 }, named = { 0 }, list = { 0 }, versions = { 0 };
    vault_rig_issue(&r, "Doc-apiserver", VAULT_WISH);
    vault_rig_issue(&r, "doc-apiserver", VAULT_WISH);

    assert_int_equal(rig_call(&r, "GET", "/certificates/doc-apiserver" VAULT_VERSION, NULL, &one),
                     200);

    const char *id = json_path_str(one.body, "id");
    cleanup_free char *path =
        xasprintf("/certificates/doc-apiserver/%s" VAULT_VERSION, strrchr(id, '/') + 1);
    assert_non_null(strstr(id, "/certificates/Doc-apiserver/"));
    assert_non_null(strstr(json_path_str(one.body, "sid"), "/secrets/Doc-apiserver/"));
    assert_non_null(json_path_str(one.body, "cer"));
    assert_int_equal(strlen(json_path_str(one.body, "x5t")), 27);
    assert_string_equal(json_path_str(one.body, "policy.issuer.name"), "OneCertV2-PublicCA");
    assert_int_equal(rig_call(&r, "GET", path, NULL, &named), 200);
    assert_true(json_equal(one.body, named.body));
    rig_call(&r, "GET", "/certificates" VAULT_VERSION, NULL, &list);
    assert_int_equal(json_len(json_get(list.body, "value")), 1);
    rig_call(&r, "GET", "/certificates/doc-apiserver/versions" VAULT_VERSION, NULL, &versions);
    assert_int_equal(json_len(json_get(versions.body, "value")), 2);
    assert_null(json_path(versions.body, "value[0].cer"));
}

static void check_absence(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    vault_rig_open(&r);
    vault_rig_issue(&r, "there", VAULT_WISH);
    static const struct {
        const char *method, *path, *body;
    } rows[] = {
        { "GET", "/certificates/x" VAULT_VERSION, NULL },
        { "GET", "/certificates/there/0123" VAULT_VERSION, NULL },
        { "PATCH", "/certificates/x" VAULT_VERSION, "{}" },
        { "GET", "/certificates/x/policy" VAULT_VERSION, NULL },
        { "DELETE", "/certificates/x" VAULT_VERSION, NULL },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        rig_refused(&r, rows[i].method, rows[i].path, rows[i].body, 404, "CertificateNotFound");
    rig_refused(&r, "PUT", "/certificates/there" VAULT_VERSION, "{}", 405, "MethodNotAllowed");
}

static void check_changes(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    vault_rig_open(&r);
    cleanup_reply struct rig_reply reply = { 0 };
    vault_rig_issue(&r, "n", VAULT_WISH);

    assert_int_equal(rig_call(&r, "PATCH", "/certificates/n/policy" VAULT_VERSION,
                              "{'issuer':{'name':'Other'}}", &reply),
                     200);
    assert_string_equal(json_path_str(reply.body, "issuer.name"), "Other");
    assert_string_equal(json_path_str(reply.body, "x509_props.subject"), "CN=api.example.com");
    rig_refused(&r, "PATCH", "/certificates/n/policy" VAULT_VERSION,
                "{'x509_props':{'subject':'O=none'}}", 400, "BadParameter");
    rig_call(&r, "PATCH", "/certificates/n" VAULT_VERSION,
             "{'attributes':{'enabled':false},'tags':{'a':'b'}}", &reply);

    assert_false(json_path_bool(reply.body, "attributes.enabled", true));
    assert_string_equal(json_path_str(reply.body, "tags.a"), "b");
    rig_call(&r, "GET", "/certificates/n/policy" VAULT_VERSION, NULL, &reply);
    assert_string_equal(json_path_str(reply.body, "issuer.name"), "Other");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a certificate is read, with its versions", check_views),
        CASE("what is not there is told so", check_absence),
        CASE("policy, tags and attributes change", check_changes),
    };
    return RUN_CASES("vault_certificate", tests);
}
