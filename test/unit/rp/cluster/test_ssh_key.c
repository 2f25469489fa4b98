#include <string.h>

#include "pkg/crypt/rsa_key.h"
#include "rp/cluster/ssh_key.h"
#include "test/unit/support/rp/cluster/cluster_rig.h"
#include "test/unit/support/test.h"

static void is_made_once(void **state)
{
    (void)state;
    cleanup_cluster_rig struct cluster_rig r;
    cleanup_free char *first = NULL, *second = NULL;
    cluster_rig_open(&r, "{}", NULL, 0);

    assert_int_equal(cluster_ensure_ssh_key(r.c, &r.ctx, NULL), 0);
    assert_int_equal(cluster_give_ssh_public(r.c, &r.ctx, &first, NULL), 0);
    cluster_rig_reopen(&r);
    assert_int_equal(cluster_ensure_ssh_key(r.c, &r.ctx, NULL), 0);
    assert_int_equal(cluster_give_ssh_public(r.c, &r.ctx, &second, NULL), 0);

    assert_int_equal(ssh_public_check(first, NULL), 0);
    assert_string_equal(first, second);
}

static void is_sealed(void **state)
{
    (void)state;
    cleanup_cluster_rig struct cluster_rig r;
    cleanup_secret struct secret *der = NULL, *pem = NULL;
    cluster_rig_open(&r, "{}", NULL, 0);

    assert_int_equal(cluster_ensure_ssh_key(r.c, &r.ctx, NULL), 0);

    assert_int_equal(cluster_open_secret(r.c, &r.ctx, "sshKey", &der, NULL), 0);
    assert_int_equal(rsa_give_pem(der, &pem, NULL), 0);
    cleanup_free char *stored = cluster_rig_give_text(&r, "sshKey");
    assert_null(strstr(stored, "MII")); /* what the base64 text of a key begins with */
}

static void is_not_kept_by_who_lost_the_lease(void **state)
{
    (void)state;
    cleanup_cluster_rig struct cluster_rig r;
    cleanup_error struct error *err = NULL;
    cluster_rig_open(&r, "{}", NULL, 0);
    cluster_rig_lose_lease(&r);

    assert_int_equal(cluster_ensure_ssh_key(r.c, &r.ctx, &err), -1);

    assert_string_equal(error_get_code(err), DATABASE_LOST_LEASE);
    cluster_rig_assert(&r, "sshKey", NULL);
}

static void has_no_public_part_before(void **state)
{
    (void)state;
    cleanup_cluster_rig struct cluster_rig r;
    cleanup_error struct error *err = NULL;
    char *text = NULL;
    cluster_rig_open(&r, "{}", NULL, 0);

    assert_int_equal(cluster_give_ssh_public(r.c, &r.ctx, &text, &err), -1);

    assert_string_equal(error_text(err), "the cluster has no SSH key yet");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        CASE("the key is made once", is_made_once),
        CASE("the key is sealed", is_sealed),
        CASE("it is not kept by who lost the lease", is_not_kept_by_who_lost_the_lease),
        CASE("it has no public part before it is there", has_no_public_part_before),
    };
    return RUN_CASES("SSH key", tests);
}
