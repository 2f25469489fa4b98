#include <string.h>

#include "operator/controllers/banner.h"
#include "pkg/base/strv.h"
#include "test/unit/support/operator/fake_cluster.h"
#include "test/unit/support/test.h"

static json *start(struct fake_cluster *f, const char *content)
{
    fake_cluster_put(f, fake_cluster_give_cluster());
    json *cluster = fake_cluster_get(f, &GVR_CLUSTERS, NULL, "cluster");
    json_put(json_path(cluster, "spec.operatorflags"), "aro.banner.enabled", json_new_str("true"));
    json_path_put(cluster, "spec.banner", json_make("{'content':%s}", content), NULL);
    return cluster;
}

static json *notification(struct fake_cluster *f)
{
    return fake_cluster_get(f, &GVR_CONSOLENOTIFICATIONS, NULL, "openshift-aro-sre");
}

static void the_banner_is_shown(void **state)
{
    struct fake_cluster *f = *state;
    start(f, "ContactSupport");

    fake_cluster_must(f, &banner_controller);

    json *spec = json_get(notification(f), "spec");
    assert_string_equal(json_path_str(spec, "location"), "BannerTop");
    assert_non_null(strstr(json_path_str(spec, "text"), "openShiftClusters/Name"));
}

static void a_shown_banner_is_left_alone(void **state)
{
    struct fake_cluster *f = *state;
    start(f, "ContactSupport");
    fake_cluster_must(f, &banner_controller);
    fake_cluster_forget_writes(f);

    fake_cluster_must(f, &banner_controller);

    fake_cluster_must_not_write(f);
}

static void an_edited_banner_is_repaired(void **state)
{
    struct fake_cluster *f = *state;
    start(f, "ContactSupport");
    fake_cluster_must(f, &banner_controller);
    json_path_put(notification(f), "spec.text", json_new_str("all is well"), NULL);
    json_path_put(notification(f), "metadata.labels", json_make("{'a':'b'}"), NULL);

    fake_cluster_must(f, &banner_controller);

    assert_non_null(strstr(json_path_str(notification(f), "spec.text"), "openShiftClusters/Name"));
    assert_string_equal(json_path_str(notification(f), "metadata.labels.a"), "b");
}

static void an_empty_content_removes_the_banner(void **state)
{
    struct fake_cluster *f = *state;
    start(f, "ContactSupport");
    fake_cluster_must(f, &banner_controller);
    start(f, "");

    fake_cluster_must(f, &banner_controller);
    fake_cluster_must(f, &banner_controller); /* absent is fine, too */

    assert_null(notification(f));
}

static void an_unknown_content_is_an_error(void **state)
{
    struct fake_cluster *f = *state;
    cleanup_error struct error *err = NULL;
    start(f, "Hello");

    assert_int_equal(fake_cluster_reconcile(f, &banner_controller, NULL, NULL, &err), -1);

    assert_string_equal(error_text(err), "spec.banner.content: wrong banner setting 'Hello'");
    assert_null(notification(f));
}

static void the_flag_is_off_by_default(void **state)
{
    struct fake_cluster *f = *state;
    json *cluster = start(f, "ContactSupport");
    json_del(json_path(cluster, "spec.operatorflags"), "aro.banner.enabled");

    fake_cluster_must(f, &banner_controller);

    assert_null(notification(f));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FAKE_CASE("shows the banner", the_banner_is_shown),
        FAKE_CASE("leaves a shown banner alone", a_shown_banner_is_left_alone),
        FAKE_CASE("repairs an edited banner", an_edited_banner_is_repaired),
        FAKE_CASE("removes the banner", an_empty_content_removes_the_banner),
        FAKE_CASE("refuses an unknown content", an_unknown_content_is_an_error),
        FAKE_CASE("does nothing without its flag", the_flag_is_off_by_default),
    };
    return RUN_CASES("banner", tests);
}
