#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/database/published.h"
#include "rp/cluster/release.h"
#include "test/unit/support/rp/cluster/azure_steps.h"

#define CLUSTER "{'clusterProfile':{'version':'4.17.3'}}"

static void record(struct cluster_rig *r, const char *id, const char *version, bool enabled,
                   const char *pullspec, const char *image)
{
    json *tree = json_make("{'id':%s,'openShiftVersion':{'properties':{'version':%s,"
                           "'openShiftPullspec':%s,'enabled':%b,"
                           "'machineImage':%j}}}",
                           id, version, pullspec, enabled, image ? json_make(image) : NULL);
    assert_int_equal(published_create(&r->ctx, r->db.db, PUBLISHED_VERSIONS, tree, NULL, NULL), 0);
}

static void offer(struct cluster_rig *r, const char *id, const char *version, const char *image)
{
    record(r, id, version, true, "quay.io/release:x", image);
}

static void check_found(void **state)
{
    (void)state;
    struct cluster_rig r;
    cluster_rig_open(&r, CLUSTER, NULL, 0);
    cleanup_cluster_release struct cluster_release release = { 0 };
    offer(&r, "v1", "4.16.0", NULL);
    offer(&r, "v2", "4.17.3", NULL);

    assert_int_equal(cluster_find_release(r.c, &r.ctx, &release, NULL), 0);

    assert_string_equal(release.pullspec, "quay.io/release:x");
    assert_null(release.image.sku);
    cluster_rig_close(&r);
}

/* It was offered when the cluster was asked for. */
static void check_disabled(void **state)
{
    (void)state;
    static const struct {
        bool offered_again;
        const char *pullspec;
    } cases[] = { { false, "quay.io/release:old" }, { true, "quay.io/release:new" } };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct cluster_rig r;
        cluster_rig_open(&r, CLUSTER, NULL, 0);
        cleanup_cluster_release struct cluster_release release = { 0 };
        record(&r, "v1", "4.17.3", false, "quay.io/release:old",
               "{'sku':'aro_417','version':'1.2.3'}");
        if (cases[i].offered_again)
            record(&r, "v2", "4.17.3", true, "quay.io/release:new", NULL);

        assert_int_equal(cluster_find_release(r.c, &r.ctx, &release, NULL), 0);

        assert_string_equal(release.pullspec, cases[i].pullspec);
        assert_int_equal(release.image.sku == NULL, cases[i].offered_again);
        cluster_rig_close(&r);
    }
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
        record(&r, "v1", "4.17.3", true, "", NULL);

        assert_int_equal(cluster_find_release(r.c, &r.ctx, &release, &err), -1);

        assert_string_equal(error_get_code(err), "InvalidParameter");
        assert_string_equal(error_get_target(err), "properties.clusterProfile.version");
        cluster_rig_close(&r);
    }
}

/* ---- the image of the machines ---- */

struct asked {
    int count;
    bool knows_none;
};

static int find_image(void *arg, const struct opctx *ctx, const char *id, struct machine_image *ret,
                      struct error **err)
{
    struct asked *asked = arg;
    (void)ctx;
    (void)id;
    asked->count++;
    if (asked->knows_none)
        return error_set(err, ERR_INVALID, "knows none");
    *ret = (struct machine_image){ xstrdup("aro_417"), xstrdup("417.94.20240905") };
    return 0;
}
static const struct installer_ops ops = { .find_image = find_image };

static void open_rig(struct cluster_rig *r, struct asked *asked, const char *image)
{
    cluster_rig_open(r, CLUSTER, NULL, 0);
    offer(r, "v1", "4.17.3", image);
    r->installer = (struct installer){ &ops, asked };
    r->cfg.installer = &r->installer;
}

static void assert_image(struct cluster_rig *r, const char *version)
{
    cleanup_machine_image struct machine_image image = { 0 };
    assert_int_equal(cluster_ensure_image(r->c, &r->ctx, &image, NULL), 0);
    assert_string_equal(image.sku, "aro_417");
    assert_string_equal(image.version, version);
}

static void check_recorded_image(void **state)
{
    (void)state;
    struct cluster_rig r;
    struct asked asked = { 0 };
    open_rig(&r, &asked, "{'sku':'aro_417','version':'417.94.20250101'}");

    assert_image(&r, "417.94.20250101");

    assert_int_equal(asked.count, 0);
    cluster_rig_close(&r);
}

/* By whoever goes on with the installation, too. */
static void check_installer_s_image(void **state)
{
    (void)state;
    struct cluster_rig r;
    struct asked asked = { 0 };
    open_rig(&r, &asked, "{'sku':'aro_417'}");

    assert_image(&r, "417.94.20240905");
    cluster_rig_reopen(&r);
    assert_image(&r, "417.94.20240905");

    assert_int_equal(asked.count, 1);
    cluster_rig_close(&r);
}

static void check_no_image(void **state)
{
    (void)state;
    struct cluster_rig r;
    struct asked asked = { .knows_none = true };
    open_rig(&r, &asked, NULL);
    cleanup_machine_image struct machine_image image = { 0 };
    cleanup_error struct error *err = NULL;

    assert_int_equal(cluster_ensure_image(r.c, &r.ctx, &image, &err), -1);

    assert_string_equal(error_text(err), "looking for the image of the machines, since the record "
                                         "of OpenShift 4.17.3 has no machineImage: knows none");
    assert_null(json_path(r.c->doc, PROPERTIES "machineImage"));
    cluster_rig_close(&r);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        CASE("a release is found by its version", check_found),
        CASE("a version that is offered no more is found, one that is offered before it",
             check_disabled),
        CASE("a version without a record, or none, is refused", check_not_offered),
        CASE("the image is the one of the version's record", check_recorded_image),
        CASE("else the installer's, which is asked once", check_installer_s_image),
        CASE("where neither knows one, both are named", check_no_image),
    };
    return RUN_CASES("release", tests);
}
