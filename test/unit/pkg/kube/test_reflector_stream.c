/* Streaming lists at their edges; the rest is in test_reflector_watch.c. */
#include "test/unit/support/pkg/kube/informer_rig.h"
#include "test/unit/support/test.h"

#define VERSION \
    { \
        .request = "GET https://k/version\nAccept: application/json", \
        .reply = "{\"major\":\"1\",\"minor\":\"34\"}" \
    }
#define STREAM(query) \
    "GET " RIG_BASE "?watch=true&allowWatchBookmarks=true&sendInitialEvents=true&" \
    "resourceVersionMatch=NotOlderThan" query \
    "&timeoutSeconds=300\nAccept: application/json\n@traffic: watch"
#define LAST_BOOKMARK(version) \
    "{\"type\":\"BOOKMARK\",\"object\":{\"kind\":\"ConfigMap\",\"apiVersion\":\"v1\"," \
    "\"metadata\":{\"resourceVersion\":\"" version \
    "\",\"annotations\":{\"k8s.io/initial-events-end\":\"true\"}}}}\n"

static const struct rig_options streaming = { .allow_streaming_list = true };

static void empty(void **state)
{
    (void)state;
    struct rig rig;
    const struct script_step steps[] = {
        VERSION,
        { .request = STREAM(""),
          .reply = LAST_BOOKMARK("10") RIG_EVENT("ADDED", "a", "11"),
          .hook = rig_pass_2s,
          .hook_arg = &rig },
        { .request = RIG_WATCH("&resourceVersion=11"), .hook = rig_stop, .hook_arg = &rig },
    };
    rig_init(&rig, steps, ARRAY_LEN(steps), &streaming);

    rig_run(&rig);

    rig_heard(&rig, "synced +a:11");
    assert_int_equal(1, informer_len(rig.informer));
    rig_release(&rig);
}

static void stopped(void **state)
{
    (void)state;
    struct rig rig;
    const struct script_step steps[] = {
        VERSION,
        { .request = STREAM(""),
          .status = 200,
          .reply = RIG_EVENT("ADDED", "a", "1"),
          .hang = true,
          .hook = rig_stop,
          .hook_arg = &rig },
    };
    rig_init(&rig, steps, ARRAY_LEN(steps), &streaming);

    rig_run(&rig);

    rig_heard(&rig, "");
    assert_false(informer_has_synced(rig.informer));
    assert_int_equal(0, informer_len(rig.informer)); /* nothing of a list that is not complete */
    assert_false(log_capture_has(&rig.sink, "level=warning"));
    rig_release(&rig);
}

/* Both ways to list end in the same store. */
static void consistent(void **state)
{
    (void)state;
    struct rig listed, streamed;
    const struct script_step list[] = {
        { .request = RIG_FIRST,
          .reply = RIG_ITEMS("10", RIG_ITEM("a", "3") "," RIG_ITEM("b", "2")) },
        { .request = RIG_WATCH("&resourceVersion=10"), .hook = rig_stop, .hook_arg = &listed },
    };
    const struct script_step stream[] = {
        VERSION,
        { .request = STREAM(""),
          .reply = RIG_EVENT("ADDED", "a", "1") RIG_EVENT("ADDED", "c", "1")
              RIG_EVENT("ADDED", "b", "2") RIG_EVENT("MODIFIED", "a", "3")
                  RIG_EVENT("DELETED", "c", "4") LAST_BOOKMARK("10"),
          .hook = rig_stop,
          .hook_arg = &streamed },
    };
    rig_init(&listed, list, ARRAY_LEN(list), NULL);
    rig_init(&streamed, stream, ARRAY_LEN(stream), &streaming);

    rig_run(&listed);
    rig_run(&streamed);

    static const char *const names[] = { "a", "b", "c" };
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        cleanup_kube_object struct kube_object *x = informer_get(listed.informer, "n", names[i]);
        cleanup_kube_object struct kube_object *y = informer_get(streamed.informer, "n", names[i]);
        assert_int_equal(x == NULL, y == NULL);
        if (x)
            assert_string_equal(kube_object_resource_version(x), kube_object_resource_version(y));
    }
    assert_int_equal(2, informer_len(streamed.informer));
    rig_release(&listed);
    rig_release(&streamed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("an empty streaming list is a list", empty),
        CASE("a stop during a streaming list shows nothing of it", stopped),
        CASE("a list and a streaming list end in the same store", consistent),
    };
    return RUN_CASES("reflector_stream", tests);
}
