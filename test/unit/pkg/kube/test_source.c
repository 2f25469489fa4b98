#include <string.h>

#include "pkg/base/mem.h"
#include "test/unit/support/pkg/kube/informer_rig.h"
#include "test/unit/support/pkg/kube/objects.h"
#include "test/unit/support/test.h"

struct fixture {
    struct rig rig;
    struct workqueue *queue;
    struct source *source;
    struct opctx ctx;
};

static void setup(struct fixture *f, struct kube_source_config cfg)
{
    rig_init(&f->rig, NULL, 0, NULL);
    atomic_store(&f->rig.clock.auto_advance, false);
    f->queue =
        workqueue_new(&(struct workqueue_config){ .name = "test", .clock = &f->rig.clock.base });
    cfg.informer = f->rig.informer;
    f->source = kube_source_new(&cfg);
    f->ctx = opctx_root(&f->rig.clock.base, &f->rig.rng.base, f->rig.stop, NULL);
    assert_int_equal(0, f->source->start(f->source, f->queue, &f->ctx, NULL));
}

static void teardown(struct fixture *f)
{
    kube_source_free(f->source);
    workqueue_free(f->queue);
    rig_release(&f->rig);
}

/* One object as JSON text with these metadata members. */
static void apply(struct fixture *f, enum watch_type type, const char *metadata)
{
    cleanup_free char *text = xasprintf("{\"metadata\":{%s}}", metadata);
    struct draft d;
    struct json_scan s;
    draft_init(&d);
    json_scan_init(&s, text, strlen(text));
    assert_int_equal(0, draft_scan(&d, &s, PROJECT_FULL, NULL, NULL));
    assert_int_equal(0, draft_check(&d, NULL));
    informer_apply(f->rig.informer, type, &d);
    draft_release(&d);
}

/* Takes all keys that wait: "key@priority", blanks between. */
static void expect(struct fixture *f, const char *want)
{
    cleanup_buf struct buf got = BUF_INIT(BUF_UNBOUNDED);
    while (workqueue_len(f->queue)) {
        cleanup_free char *key = NULL;
        int priority;
        assert_true(workqueue_get(f->queue, &key, &priority));
        buf_addf(&got, "%s%s@%d", got.len ? " " : "", key, priority);
        workqueue_done(f->queue, key);
    }
    assert_string_equal(want, buf_str(&got));
}

#define OWNER(version, kind, name, controller) \
    "\"ownerReferences\":[{\"apiVersion\":\"" version "\",\"kind\":\"" kind "\",\"name\":\"" name \
    "\",\"controller\":" controller "}]"

static void self(void **state)
{
    (void)state;
    struct fixture f;
    setup(&f, (struct kube_source_config){ .map = WATCH_SELF });

    apply(&f, WATCH_ADDED, "\"namespace\":\"n\",\"name\":\"a\",\"resourceVersion\":\"1\"");
    expect(&f, "n/a@0");
    apply(&f, WATCH_MODIFIED, "\"namespace\":\"n\",\"name\":\"a\",\"resourceVersion\":\"2\"");
    expect(&f, "n/a@0");
    apply(&f, WATCH_DELETED, "\"namespace\":\"n\",\"name\":\"a\",\"resourceVersion\":\"3\"");
    expect(&f, "n/a@0");
    apply(&f, WATCH_ADDED, "\"name\":\"node\",\"resourceVersion\":\"4\"");
    expect(&f, "node@0");
    teardown(&f);
}

static void priorities(void **state)
{
    (void)state;
    struct fixture f;
    setup(&f, (struct kube_source_config){ .map = WATCH_SELF });
    assert_false(f.source->has_synced(f.source));
    struct draft d;
    objects_init_draft(&d, "n", "a", "1", NULL, "x");
    informer_stage_begin(f.rig.informer, false);
    informer_stage_add(f.rig.informer, &d);

    informer_stage_commit(f.rig.informer);
    expect(&f, "n/a@-100"); /* initial */
    assert_true(f.source->has_synced(f.source));
    informer_resync(f.rig.informer);
    expect(&f, "n/a@-100");
    informer_apply(f.rig.informer, WATCH_MODIFIED, &d); /* the same version again */
    expect(&f, "n/a@-100");
    draft_release(&d);
    teardown(&f);
}

static struct owner_case {
    const char *name, *group, *kind, *metadata, *want;
} owners[] = {
    { "the controller owner of cluster scope is a name", "aro.openshift.io", "Cluster",
      "\"namespace\":\"n\",\"name\":\"a\",\"resourceVersion\":\"1\"," OWNER(
          "aro.openshift.io/v1alpha1", "Cluster", "cluster", "true"),
      "cluster@0" },
    { "a namespaced owner is in the object's namespace", "apps", "Deployment",
      "\"namespace\":\"n\",\"name\":\"a\",\"resourceVersion\":\"1\"," OWNER("apps/v1", "Deployment",
                                                                            "d", "true"),
      "n/d@0" },
    { "an owner of an unknown kind is taken for a namespaced one", "example.com", "Thing",
      "\"namespace\":\"n\",\"name\":\"a\",\"resourceVersion\":\"1\"," OWNER("example.com/v1",
                                                                            "Thing", "t", "true"),
      "n/t@0" },
    { "another version of the owner's kind counts", "apps", "Deployment",
      "\"namespace\":\"n\",\"name\":\"a\",\"resourceVersion\":\"1\"," OWNER(
          "apps/v1beta9", "Deployment", "d", "true"),
      "n/d@0" },
    { "an owner that is no controller does not count", "apps", "Deployment",
      "\"namespace\":\"n\",\"name\":\"a\",\"resourceVersion\":\"1\"," OWNER("apps/v1", "Deployment",
                                                                            "d", "false"),
      "" },
    { "an owner of another group does not count", "apps", "Deployment",
      "\"namespace\":\"n\",\"name\":\"a\",\"resourceVersion\":\"1\"," OWNER(
          "extensions/v1", "Deployment", "d", "true"),
      "" },
    { "an object without owners concerns nobody", "apps", "Deployment",
      "\"namespace\":\"n\",\"name\":\"a\",\"resourceVersion\":\"1\"", "" },
};

static void check_owner(void **state)
{
    const struct owner_case *c = *state;
    struct fixture f;
    setup(&f, (struct kube_source_config){
                  .map = WATCH_OWNER, .owner_group = c->group, .owner_kind = c->kind });

    apply(&f, WATCH_ADDED, c->metadata);

    expect(&f, c->want);
    teardown(&f);
}

static void both_sides(void **state)
{
    (void)state;
    struct fixture f;
    setup(&f, (struct kube_source_config){
                  .map = WATCH_OWNER, .owner_group = "apps", .owner_kind = "Deployment" });
#define OWNED(version, owner) \
    "\"namespace\":\"n\",\"name\":\"a\",\"resourceVersion\":\"" version \
    "\"," OWNER("apps/v1", "Deployment", owner, "true")
    apply(&f, WATCH_ADDED, OWNED("1", "one"));
    expect(&f, "n/one@0");

    apply(&f, WATCH_MODIFIED, OWNED("2", "one"));
    expect(&f, "n/one@0"); /* once */
    apply(&f, WATCH_MODIFIED, OWNED("3", "two"));
    expect(&f, "n/two@0 n/one@0"); /* who lost it has to know, too */
    apply(&f, WATCH_MODIFIED, "\"namespace\":\"n\",\"name\":\"a\",\"resourceVersion\":\"4\"");
    expect(&f, "n/two@0");
    teardown(&f);
}

static void tombstone(void **state)
{
    (void)state;
    struct fixture f;
    setup(&f, (struct kube_source_config){
                  .map = WATCH_OWNER, .owner_group = "apps", .owner_kind = "Deployment" });
    apply(&f, WATCH_ADDED, OWNED("1", "one"));
    expect(&f, "n/one@0");

    informer_stage_begin(f.rig.informer, false);
    informer_stage_commit(f.rig.informer); /* a list without it */

    expect(&f, "n/one@0");
    teardown(&f);
}

static void fixed(void **state)
{
    (void)state;
    struct fixture f;
    setup(&f, (struct kube_source_config){ .map = WATCH_FIXED, .fixed_key = "cluster" });

    apply(&f, WATCH_ADDED, "\"namespace\":\"n\",\"name\":\"a\",\"resourceVersion\":\"1\"");
    apply(&f, WATCH_ADDED, "\"namespace\":\"n\",\"name\":\"b\",\"resourceVersion\":\"2\"");
    apply(&f, WATCH_DELETED, "\"namespace\":\"n\",\"name\":\"b\",\"resourceVersion\":\"3\"");

    expect(&f, "cluster@0");
    teardown(&f);
}

static void of_namespace(void **state)
{
    (void)state;
    struct fixture f;
    setup(&f, (struct kube_source_config){ .map = WATCH_NAMESPACE });

    apply(&f, WATCH_ADDED, "\"namespace\":\"n\",\"name\":\"a\",\"resourceVersion\":\"1\"");
    apply(&f, WATCH_ADDED, "\"namespace\":\"n\",\"name\":\"b\",\"resourceVersion\":\"2\"");
    apply(&f, WATCH_ADDED, "\"name\":\"of-the-cluster\",\"resourceVersion\":\"3\"");

    expect(&f, "n@0");
    teardown(&f);
}

static void predicates(void **state)
{
    (void)state;
    struct fixture f;
    const struct predicate both[] = {
        { .test = predicate_name_is, .nspace = "n", .name = "a" },
        { .test = predicate_resource_version_changed },
    };
    setup(&f, (struct kube_source_config){
                  .map = WATCH_SELF, .predicates = both, .predicates_len = ARRAY_LEN(both) });

    apply(&f, WATCH_ADDED, "\"namespace\":\"n\",\"name\":\"b\",\"resourceVersion\":\"1\"");
    expect(&f, "");
    apply(&f, WATCH_ADDED, "\"namespace\":\"n\",\"name\":\"a\",\"resourceVersion\":\"1\"");
    expect(&f, "n/a@0");
    apply(&f, WATCH_MODIFIED, "\"namespace\":\"n\",\"name\":\"a\",\"resourceVersion\":\"1\"");
    expect(&f, "");
    teardown(&f);
}

static void stopping(void **state)
{
    (void)state;
    struct fixture f;
    setup(&f, (struct kube_source_config){ .map = WATCH_SELF });
    assert_int_equal(-1, f.source->start(f.source, f.queue, &f.ctx, NULL)); /* twice */

    f.source->stop(f.source);
    apply(&f, WATCH_ADDED, "\"namespace\":\"n\",\"name\":\"a\",\"resourceVersion\":\"1\"");
    expect(&f, "");

    assert_string_equal("configmaps", f.source->name);
    f.source->stop(f.source); /* harmless */
    teardown(&f);
}

static void optional(void **state)
{
    (void)state;
    struct rig rig;
    const struct informer_config cfg = { .gvr = &GVR_CONFIGMAPS, .optional = true };
    rig_init(&rig, NULL, 0, &(struct rig_options){ .informer = &cfg });

    struct source *s = kube_source_new(&(struct kube_source_config){ .informer = rig.informer });
    assert_true(s->optional);
    kube_source_free(s);
    kube_source_free(NULL);
    rig_release(&rig);
}

int main(void)
{
    struct CMUnitTest tests[16] = {
        CASE("an object's own key is its namespace and name", self),
        CASE("what is there already, or unchanged, has low priority", priorities),
        CASE("an update concerns the owners of both sides, once each", both_sides),
        CASE("a deletion found by a list is a deletion", tombstone),
        CASE("a fixed key collapses", fixed),
        CASE("a namespace is queued for what happens in it, nothing for what is in none",
             of_namespace),
        CASE("all predicates must pass", predicates),
        CASE("a stopped source adds nothing, and starts only once", stopping),
        CASE("the source of an optional kind is optional", optional),
    };
    size_t n = 8;
    for (size_t i = 0; i < ARRAY_LEN(owners); i++)
        tests[n++] = (struct CMUnitTest)CASE_OF(owners[i].name, check_owner, &owners[i]);
    return _cmocka_run_group_tests("source", tests, n, NULL, NULL);
}
