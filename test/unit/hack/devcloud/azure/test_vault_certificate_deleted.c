#include "test/unit/hack/devcloud/azure/vault_rig.h"

#define CERTIFICATE "/certificates/n" VAULT_VERSION
#define DELETED "/deletedcertificates/n" VAULT_VERSION

static void check_deletion(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    vault_rig_open(&r);
    cleanup_reply struct rig_reply reply = { 0 };
    vault_rig_issue(&r, "n", VAULT_WISH);

    assert_int_equal(rig_call(&r, "DELETE", CERTIFICATE, NULL, &reply), 200);

    assert_non_null(strstr(json_path_str(reply.body, "recoveryId"), "/deletedcertificates/n"));
    assert_true(json_path_int(reply.body, "scheduledPurgeDate", 0) >
                json_path_int(reply.body, "deletedDate", 0));
    rig_refused(&r, "GET", CERTIFICATE, NULL, 404, "CertificateNotFound");
    rig_refused(&r, "GET", "/secrets/n" VAULT_VERSION, NULL, 404, "SecretNotFound");
    rig_refused(&r, "PUT", "/secrets/n" VAULT_VERSION, "{'value':'x'}", 409, "Conflict");
    rig_refused(&r, "POST", "/certificates/n/create" VAULT_VERSION, VAULT_WISH, 409, "Conflict");
    assert_int_equal(rig_call(&r, "GET", DELETED, NULL, NULL), 200);
    rig_call(&r, "GET", "/deletedcertificates" VAULT_VERSION, NULL, &reply);
    assert_int_equal(json_len(json_get(reply.body, "value")), 1);
}

static void check_recovery(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    vault_rig_open(&r);
    cleanup_reply struct rig_reply reply = { 0 };
    vault_rig_issue(&r, "n", VAULT_WISH);
    rig_call(&r, "DELETE", CERTIFICATE, NULL, NULL);

    assert_int_equal(
        rig_call(&r, "POST", "/deletedcertificates/n/recover" VAULT_VERSION, "{}", &reply), 200);

    assert_null(json_path(reply.body, "deletedDate"));
    assert_int_equal(rig_call(&r, "GET", CERTIFICATE, NULL, NULL), 200);
    assert_int_equal(rig_call(&r, "GET", "/secrets/n" VAULT_VERSION, NULL, NULL), 200);
    rig_refused(&r, "GET", DELETED, NULL, 404, "CertificateNotFound");
}

static void check_purge(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    vault_rig_open(&r);
    vault_rig_issue(&r, "n", VAULT_WISH);
    rig_call(&r, "DELETE", CERTIFICATE, NULL, NULL);
    rig_refused(&r, "PUT", DELETED, "{}", 405, "MethodNotAllowed");

    assert_int_equal(rig_call(&r, "DELETE", DELETED, NULL, NULL), 204);

    rig_refused(&r, "DELETE", DELETED, NULL, 404, "CertificateNotFound");
    vault_rig_issue(&r, "n", VAULT_WISH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a deleted certificate takes its secret along and keeps its name", check_deletion),
        CASE("it can be recovered", check_recovery),
        CASE("it can be purged", check_purge),
    };
    return RUN_CASES("vault_certificate_deleted", tests);
}
