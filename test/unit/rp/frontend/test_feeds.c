#include "pkg/base/mem.h"
#include "pkg/database/published.h"
#include "rp/frontend/feeds.h"
#include "test/unit/support/rp/frontend/cluster_rig.h"
#include "test/unit/support/test.h"

static int set_member(json *tree, void *arg, struct error **err)
{
    return json_path_put(tree, arg, json_new_bool(false), err);
}

static void patch_first(struct clusters *c, const char *path)
{
    cleanup_document_page struct document_page page = { 0 };
    cleanup_free char *copy = xstrdup(path);
    assert_int_equal(published_list(&c->ctx, c->db, PUBLISHED_VERSIONS, 10, NULL, &page, NULL), 0);
    assert_int_equal(page.len, 1);
    assert_int_equal(published_patch(&c->ctx, c->db, PUBLISHED_VERSIONS,
                                     json_path_str(page.docs[0].tree, "id"), set_member, copy, NULL,
                                     NULL),
                     0);
    assert_int_equal(feeds_drain(c->front.f.feeds, &c->ctx, NULL), 0);
}

static void begin(struct clusters *c)
{
    clusters_begin(c);
    clusters_serve(c);
}

static void knows_what_is_enabled(void **state)
{
    (void)state;
    struct clusters c;
    begin(&c);
    clusters_add_version(&c, "4.10.1", true, true);
    clusters_add_version(&c, "4.10.2", false, false);
    struct feeds *fs = c.front.f.feeds;

    cleanup_json json *all = feeds_give_all(fs, FEED_VERSIONS);
    cleanup_json json *one = feeds_give_one(fs, FEED_VERSIONS, "4.10.1");
    cleanup_json json *disabled = feeds_give_one(fs, FEED_VERSIONS, "4.10.2");
    cleanup_free char *dflt = feeds_give_default_version(fs);

    assert_int_equal(json_len(all), 1);
    assert_string_equal(json_path_str(one, "properties.openShiftPullspec"), "p");
    assert_null(disabled);
    assert_string_equal(dflt, "4.10.1");
    clusters_release(&c);
}

static void sees_a_version_go(void **state)
{
    (void)state;
    struct clusters c;
    begin(&c);
    clusters_add_version(&c, "4.10.1", true, true);

    patch_first(&c, "openShiftVersion.properties.enabled");

    cleanup_json json *gone = feeds_give_one(c.front.f.feeds, FEED_VERSIONS, "4.10.1");
    cleanup_free char *dflt = feeds_give_default_version(c.front.f.feeds);
    assert_null(gone);
    assert_null(dflt);
    assert_true(log_capture_has(&c.front.capture, "no longer the default, and none is"));
    clusters_release(&c);
}

static void sees_the_default_move(void **state)
{
    (void)state;
    struct clusters c;
    begin(&c);
    clusters_add_version(&c, "4.10.1", true, true);
    clusters_add_version(&c, "4.11.0", true, true);

    cleanup_free char *dflt = feeds_give_default_version(c.front.f.feeds);

    assert_string_equal(dflt, "4.11.0");
    clusters_release(&c);
}

static void is_drained_when_it_has_read(void **state)
{
    (void)state;
    struct clusters c;
    begin(&c);
    struct feeds *fresh = feeds_new(&c.front.f);

    assert_false(feeds_are_drained(fresh));
    assert_int_equal(feeds_drain(fresh, &c.ctx, NULL), 0);
    assert_true(feeds_are_drained(fresh));

    feeds_free(fresh);
    clusters_release(&c);
}

static void reads_role_sets_by_minor_version(void **state)
{
    (void)state;
    struct clusters c;
    begin(&c);
    clusters_add_role_set(&c, "4.14");

    cleanup_json json *one = feeds_give_one(c.front.f.feeds, FEED_ROLE_SETS, "4.14");
    cleanup_json json *none = feeds_give_one(c.front.f.feeds, FEED_ROLE_SETS, "4.15");

    assert_string_equal(
        json_path_str(one, "properties.platformWorkloadIdentityRoles[0].operatorName"), "ccm");
    assert_null(none);
    clusters_release(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("knows what is enabled, and the default", knows_what_is_enabled),
        CASE("sees a version go, and says when no default is left", sees_a_version_go),
        CASE("sees the default move", sees_the_default_move),
        CASE("is drained when it has read", is_drained_when_it_has_read),
        CASE("reads role sets by minor version", reads_role_sets_by_minor_version),
    };
    return RUN_CASES("feeds", tests);
}
