#include <stdlib.h>

#include "cmd/aro-rp/show.h"
#include "pkg/database/openshiftclusters.h"
#include "test/unit/support/pkg/database/database_rig.h"
#include "test/unit/support/test.h"

#define RESOURCE \
    "/SUBSCRIPTIONS/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/" \
    "Microsoft.RedHatOpenShift/openShiftClusters/a"

static int put_secret(json *tree, void *arg, struct error **err)
{
    struct database_rig *r = arg;
    cleanup_secret struct secret *secret = secret_new("kubeconfig: yes\n", 16);
    return database_put_sealed(&r->ctx, r->db, tree, "openShiftCluster.properties.adminKubeconfig",
                               secret, err);
}

static void open_rig(struct database_rig *r)
{
    database_rig_open(r);
    rig_create_cluster(r, "a", "Succeeded");
    assert_int_equal(
        openshiftclusters_patch(&r->ctx, r->db, RIG_KEY("a"), put_secret, r, NULL, NULL), 0);
}

static int show(struct database_rig *r, const char *key, const char *member, char *text,
                size_t size, struct error **err)
{
    FILE *out = fmemopen(text, size, "w");
    assert_non_null(out);
    int rcode = show_cluster(&r->ctx, r->db, key, member, out, err);
    fclose(out);
    return rcode;
}

static void a_sealed_member_is_opened(void **state)
{
    (void)state;
    cleanup_database_rig struct database_rig r;
    char text[100] = "";
    open_rig(&r);
    assert_int_equal(show(&r, RESOURCE, "properties.adminKubeconfig", text, sizeof(text), NULL), 0);
    assert_string_equal(text, "kubeconfig: yes\n");
}

static void another_member_is_printed_bare(void **state)
{
    (void)state;
    cleanup_database_rig struct database_rig r;
    char text[100] = "";
    open_rig(&r);
    assert_int_equal(show(&r, RESOURCE, "properties.provisioningState", text, sizeof(text), NULL),
                     0);
    assert_string_equal(text, "Succeeded\n");
}

static void the_whole_document_keeps_its_secrets(void **state)
{
    (void)state;
    cleanup_database_rig struct database_rig r;
    char text[4000] = "";
    open_rig(&r);
    assert_int_equal(show(&r, RESOURCE, NULL, text, sizeof(text), NULL), 0);
    assert_non_null(strstr(text, "\"provisioningState\": \"Succeeded\""));
    assert_null(strstr(text, "kubeconfig: yes"));
}

static void what_is_not_there_is_told(void **state)
{
    (void)state;
    cleanup_database_rig struct database_rig r;
    cleanup_error struct error *no_member = NULL, *no_cluster = NULL;
    char text[100] = "";
    open_rig(&r);
    assert_int_equal(show(&r, RESOURCE, "properties.sshKey", text, sizeof(text), &no_member), -1);
    assert_string_equal(error_text(no_member), "the cluster has no properties.sshKey");
    assert_int_equal(show(&r, RIG_KEY("b"), NULL, text, sizeof(text), &no_cluster), -1);
    assert_true(error_is(no_cluster, ERR_NOT_FOUND));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a sealed member is opened", a_sealed_member_is_opened),
        CASE("another member is printed bare", another_member_is_printed_bare),
        CASE("the whole document keeps its secrets", the_whole_document_keeps_its_secrets),
        CASE("what is not there is told", what_is_not_there_is_told),
    };
    return RUN_CASES("show", tests);
}
