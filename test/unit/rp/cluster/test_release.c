#include <string.h>

#include "pkg/database/published.h"
#include "rp/cluster/release.h"
#include "test/unit/support/rp/cluster/azure_steps.h"

static void offer(struct cluster_rig *r, const char *id, const char *version, bool enabled)
{
    json *tree = json_make("{'id':%s,'openShiftVersion':{'properties':{'version':%s,"
                           "'openShiftPullspec':'quay.io/release:x','enabled':%b}}}",
                           id, version, enabled);
    assert_int_equal(published_create(&r->ctx, r->db.db, PUBLISHED_VERSIONS, tree, NULL, NULL), 0);
}

static void check_found(void **state)
{
    (void)state;
    struct cluster_rig r;
    cluster_rig_open(&r, "{'clusterProfile':{'version':'4.17.3'}}", NULL, 0);
    cleanup_cluster_release struct cluster_release release = { 0 };
    offer(&r, "v1", "4.16.0", true);
    offer(&r, "v2", "4.17.3", true);

    assert_int_equal(cluster_find_release(r.c, &r.ctx, &release, NULL), 0);

    assert_string_equal(release.pullspec, "quay.io/release:x");
    assert_string_equal(release.image_sku, "aro_417");
    cluster_rig_close(&r);
}

static void check_not_offered(void **state)
{
    (void)state;
    static const char *const versions[] = { "'4.17.3'", "'4.18.0'", "'four'" };
    for (size_t i = 0; i < ARRAY_LEN(versions); i++) {
        struct cluster_rig r;
        char properties[64];
        (void)snprintf(properties, sizeof(properties), "{'clusterProfile':{'version':%s}}",
                       versions[i]);
        cluster_rig_open(&r, properties, NULL, 0);
        cleanup_cluster_release struct cluster_release release = { 0 };
        cleanup_error struct error *err = NULL;
        offer(&r, "v1", "4.17.3", false);

        assert_int_equal(cluster_find_release(r.c, &r.ctx, &release, &err), -1);

        assert_string_equal(error_get_code(err), "InvalidParameter");
        assert_string_equal(error_get_target(err), "properties.clusterProfile.version");
        cluster_rig_close(&r);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        CASE("a release is found by its version", check_found),
        CASE("a version that is not offered, or none, is refused", check_not_offered),
    };
    return RUN_CASES("release", tests);
}
