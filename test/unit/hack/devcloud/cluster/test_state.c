#include "hack/devcloud/cluster/state.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "test/unit/support/hack/devcloud/trees.h"
#include "test/unit/support/test.h"

#define MAPS "/configmaps"

static json *give_map(const char *nspace, const char *name, int value)
{
    return json_make("{'apiVersion':'v1','kind':'ConfigMap','metadata':{'namespace':%s,'name':%s,"
                     "'uid':'u'},'data':%d}",
                     nspace, name, value);
}

/* Writes over whatever is there; returns the revision. */
static int64_t put(struct state *s, const char *nspace, const char *name, int value)
{
    cleanup_json json *obj = give_map(nspace, name, value);
    cleanup_record struct record *before = state_get(s, MAPS, nspace, name), *after = NULL;
    assert_int_equal(state_put(s, MAPS, obj, before, &after, NULL), 0);
    return after->revision;
}

static int64_t drop(struct state *s, const char *nspace, const char *name)
{
    cleanup_record struct record *before = state_get(s, MAPS, nspace, name), *after = NULL;
    assert_int_equal(state_delete(s, before, &after, NULL), 0);
    return after->revision;
}

/* "ns/name=value ..." at a revision. */
static void assert_list(struct state *s, const char *nspace, int64_t at, const char *want)
{
    cleanup_record_list struct record_list all = { 0 };
    cleanup_strv struct strv words = STRV_INIT;
    assert_int_equal(state_list(s, MAPS, nspace, at, &all, NULL), 0);
    for (size_t i = 0; i < all.len; i++) {
        cleanup_json json *tree = record_give_tree(all.v[i]);
        strv_addf(&words, "%s/%s=%d", all.v[i]->nspace, all.v[i]->name,
                  (int)json_path_int(tree, "data", -1));
    }
    cleanup_free char *got = strv_give_joined(&words, " ");
    assert_string_equal(got, want);
}

static void keeps_objects(void **state)
{
    (void)state;
    cleanup_state struct state *s = state_new(10, 100);

    assert_int_equal(put(s, "b", "x", 1), 11);
    assert_int_equal(put(s, "a", "y", 2), 12);
    assert_int_equal(put(s, "a", "x", 3), 13);

    assert_list(s, NULL, 0, "a/x=3 a/y=2 b/x=1");
    assert_list(s, "a", 0, "a/x=3 a/y=2");
    assert_list(s, "c", 0, "");
    assert_int_equal(state_count(s, MAPS), 3);
    assert_int_equal(state_revision(s), 13);
    cleanup_record struct record *r = state_get(s, MAPS, "a", "y");
    cleanup_json json *tree = record_give_tree(r);
    assert_string_equal(json_path_str(tree, "metadata.resourceVersion"), "12");
    assert_false(json_has(tree, "kind"));
}

static void refuses_lost_races(void **state)
{
    (void)state;
    cleanup_state struct state *s = state_new(1, 100);
    cleanup_json json *obj = give_map("a", "x", 9);
    cleanup_record struct record *ret = NULL;
    (void)put(s, "a", "x", 1);
    cleanup_record struct record *old = state_get(s, MAPS, "a", "x");
    (void)put(s, "a", "x", 2);
    cleanup_error struct error *err = NULL;

    assert_int_equal(state_put(s, MAPS, obj, NULL, &ret, &err), -1);
    assert_true(error_is(err, ERR_EXISTS));
    assert_int_equal(state_put(s, MAPS, obj, old, &ret, &err), -1);
    assert_true(error_is(err, ERR_CONFLICT));
    assert_int_equal(state_delete(s, old, &ret, &err), -1);
    assert_true(error_is(err, ERR_CONFLICT));
    assert_list(s, NULL, 0, "a/x=2");
}

static void shows_the_past(void **state)
{
    (void)state;
    cleanup_state struct state *s = state_new(1, 100);
    int64_t one = put(s, "a", "x", 1);
    int64_t two = put(s, "a", "y", 1);
    int64_t three = put(s, "a", "x", 2);
    int64_t four = drop(s, "a", "y");

    assert_list(s, NULL, one, "a/x=1");
    assert_list(s, NULL, two, "a/x=1 a/y=1");
    assert_list(s, NULL, three, "a/x=2 a/y=1");
    assert_list(s, NULL, four, "a/x=2");
}

static void forgets(void **state)
{
    (void)state;
    cleanup_state struct state *s = state_new(1, 2);
    int64_t one = put(s, "a", "x", 1);
    int64_t two = put(s, "a", "x", 2);
    (void)put(s, "a", "x", 3);
    (void)put(s, "a", "x", 4);
    cleanup_record_list struct record_list all = { 0 };
    cleanup_error struct error *err = NULL;

    assert_int_equal(state_list(s, MAPS, NULL, one, &all, &err), -1);
    assert_true(error_is(err, ERR_GONE));
    assert_list(s, NULL, two, "a/x=2");
    state_compact(s);
    assert_int_equal(state_list(s, MAPS, NULL, two, &all, &err), -1);
    assert_list(s, NULL, state_revision(s), "a/x=4");
}

/* ---- listeners ---- */

struct log {
    struct listener listener;
    struct strv lines;
};

static void write_down(struct listener *l, const struct change *c)
{
    static const char *const words[] = { "added", "modified", "deleted" };
    struct log *log = container_of(l, struct log, listener);
    strv_addf(&log->lines, "%s %s@%lld%s", words[c->type], c->now->name, (long long)c->revision,
              c->before ? " before" : "");
}

static void assert_log(const struct log *log, const char *want)
{
    cleanup_free char *got = strv_give_joined(&log->lines, ", ");
    assert_string_equal(got, want);
}

static void tells_changes(void **state)
{
    (void)state;
    cleanup_state struct state *s = state_new(1, 100);
    struct log present = { { .collection = MAPS, .on_change = write_down }, STRV_INIT };
    struct log since = { { .collection = MAPS, .on_change = write_down }, STRV_INIT };
    struct log other = { { .collection = "/secrets", .on_change = write_down }, STRV_INIT };
    int64_t revision;
    (void)put(s, "a", "x", 1);
    (void)put(s, "a", "y", 1);
    (void)put(s, "a", "x", 2);

    assert_int_equal(state_listen(s, &present.listener, 0, &revision, NULL), 0);
    assert_int_equal(revision, 4);
    assert_int_equal(state_listen(s, &since.listener, 2, NULL, NULL), 0);
    assert_int_equal(state_listen(s, &other.listener, 0, NULL, NULL), 0);
    (void)drop(s, "a", "y");
    state_unlisten(s, &since.listener);
    (void)put(s, "a", "z", 1);

    assert_log(&present, "added x@4, added y@3, deleted y@5 before, added z@6");
    assert_log(&since, "added y@3, modified x@4 before, deleted y@5 before");
    assert_log(&other, "");
    state_unlisten(s, &present.listener);
    state_unlisten(s, &other.listener);
    state_unlisten(s, &other.listener);
    strv_release(&present.lines);
    strv_release(&since.lines);
}

static void refuses_forgotten(void **state)
{
    (void)state;
    cleanup_state struct state *s = state_new(1, 100);
    struct log log = { { .collection = MAPS, .on_change = write_down }, STRV_INIT };
    (void)put(s, "a", "x", 1);
    (void)put(s, "a", "x", 2);
    state_compact(s);
    cleanup_error struct error *err = NULL;

    assert_int_equal(state_listen(s, &log.listener, 2, NULL, &err), -1);
    assert_true(error_is(err, ERR_GONE));
    assert_int_equal(state_listen(s, &log.listener, 3, NULL, NULL), 0);
    state_unlisten(s, &log.listener);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("keeps objects in order, one revision for all", keeps_objects),
        CASE("refuses who was too late", refuses_lost_races),
        CASE("lists what was there at a revision", shows_the_past),
        CASE("forgets the oldest changes, and all on demand", forgets),
        CASE("tells listeners what is, what was and what comes", tells_changes),
        CASE("a listener cannot begin in a forgotten past", refuses_forgotten),
    };
    return RUN_CASES("state", tests);
}
