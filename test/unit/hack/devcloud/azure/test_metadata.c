#include <string.h>

#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "pkg/crypt/crypt.h"
#include "test/unit/support/hack/devcloud/azure_rig.h"
#include "test/unit/support/test.h"

static void check_certificate(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    free(r.token);
    r.token = NULL; /* everybody may ask */
    cleanup_reply struct rig_reply reply = { 0 };

    assert_int_equal(
        rig_call(&r, "GET", "/metadata/authentication?api-version=2015-01-01", NULL, &reply), 200);

    const char *base64 = json_path_str(reply.body, "clientCertificates[0].certificate");
    assert_non_null(base64);
    cleanup_free char *der = NULL;
    size_t len;
    assert_int_equal(base64_parse(base64, strlen(base64), &der, &len, NULL), 0);
    assert_int_equal(
        x509_verify_client(der, len, azure_sim_ca_pem(r.sim), clock_wall_ns(clock_system()), NULL),
        0);
    assert_int_equal(strlen(json_path_str(reply.body, "clientCertificates[0].thumbprint")), 40);
    int64_t from, to;
    assert_true(
        time_parse_rfc3339(json_path_str(reply.body, "clientCertificates[0].notBefore"), &from));
    assert_true(
        time_parse_rfc3339(json_path_str(reply.body, "clientCertificates[0].notAfter"), &to));
    assert_true(from < to);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("ARM's certificate is published", check_certificate),
    };
    return RUN_CASES("metadata", tests);
}
