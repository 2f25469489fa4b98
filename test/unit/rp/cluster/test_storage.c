#include "rp/cluster/storage.h"
#include "test/unit/support/rp/cluster/azure_steps.h"

static void check_sas(void **state)
{
    (void)state;
    static const struct script_step script[] = {
        RIG_TOKEN_STEP,
        { .reply = "{\"accountSasToken\":\"sv=1&sig=x\"}" },
        { .request = "HEAD https://clusterabcde.blob.core.windows.net/aro/graph?sv=1&sig=x\n"
                     "x-ms-version: 2020-04-08\n",
          .status = 404 },
    };
    struct cluster_rig r;
    cluster_rig_open(&r, "{'storageSuffix':'abcde'}", script, ARRAY_LEN(script));
    cleanup_blobs struct blobs *blobs = NULL;
    bool exists = true;

    assert_int_equal(storage_open(r.c, &r.ctx, "r", "o", &blobs, NULL), 0);
    assert_int_equal(blobs_exists(blobs, &r.ctx, "aro", "graph", &exists, NULL), 0);

    assert_false(exists);
    cluster_rig_close(&r);
}

/* Accounts of such clusters know no signatures. */
static void check_identities(void **state)
{
    (void)state;
    static const struct script_step script[] = {
        RIG_TOKEN_STEP,
        { .request = "HEAD https://clusterabcde.blob.core.windows.net/aro/graph\n"
                     "x-ms-date: Sat, 03 Feb 2024 04:05:06 GMT\nx-ms-version: 2020-04-08\n",
          .status = 200 },
    };
    struct cluster_rig r;
    cluster_rig_open(&r, "{'storageSuffix':'abcde','platformWorkloadIdentityProfile':{'x':1}}",
                     script, ARRAY_LEN(script));
    cleanup_blobs struct blobs *blobs = NULL;
    bool exists = false;

    assert_int_equal(storage_open(r.c, &r.ctx, "r", "o", &blobs, NULL), 0);
    assert_int_equal(blobs_exists(blobs, &r.ctx, "aro", "graph", &exists, NULL), 0);

    assert_true(exists);
    cluster_rig_close(&r);
}

static void check_refused(void **state)
{
    (void)state;
    static const struct script_step script[] = { RIG_TOKEN_STEP,
                                                 ARM_ERROR(403, "AuthorizationFailed", "no") };
    struct cluster_rig r;
    cluster_rig_open(&r, "{'storageSuffix':'abcde'}", script, ARRAY_LEN(script));
    struct blobs *blobs = NULL;
    cleanup_error struct error *err = NULL;

    assert_int_equal(storage_open(r.c, &r.ctx, "r", "o", &blobs, &err), -1);

    assert_string_equal(error_get_code(err), "AuthorizationFailed");
    assert_null(blobs);
    cluster_rig_close(&r);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        CASE("an account is opened by a signature", check_sas),
        CASE("an account of a cluster with identities is opened by token", check_identities),
        CASE("a refused signature is told", check_refused),
    };
    return RUN_CASES("storage", tests);
}
