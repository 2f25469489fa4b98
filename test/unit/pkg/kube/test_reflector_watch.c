#include "test/unit/support/pkg/kube/informer_rig.h"
#include "test/unit/support/test.h"

#define LIST_A \
    { \
        .request = RIG_FIRST, .reply = RIG_ITEMS("10", RIG_ITEM("a", "1")) \
    }
#define END_AT(version) \
    { \
        .request = RIG_WATCH("&resourceVersion=" version), .hook = rig_stop, .hook_arg = &rig \
    }
/* A watch that takes two seconds. */
#define WATCH(version, text) \
    { \
        .request = RIG_WATCH("&resourceVersion=" version), .reply = (text), .hook = rig_pass_2s, \
        .hook_arg = &rig \
    }
#define RELIST(version) \
    { \
        .request = RIG_LIST("resourceVersion=" version), \
        .reply = RIG_ITEMS("50", RIG_ITEM("a", "1")) \
    }

static struct stream_case {
    const char *name, *text, *heard;
    const char *version; /* where the next watch begins; NULL: the informer lists again */
    const char *logged;
} streams[] = {
    { "additions, changes and deletions move the version",
      RIG_EVENT("ADDED", "b", "11") RIG_EVENT("MODIFIED", "b", "12")
          RIG_EVENT("DELETED", "a", "13"),
      "+b:11 ~b:11>12 -a:13", "13", NULL },
    { "a bookmark moves the version only", RIG_BOOKMARK("44"), "", "44", NULL },
    { "an addition of a known object is an update", RIG_EVENT("ADDED", "a", "11"), "~a:1>11", "11",
      NULL },
    { "a change of an unknown object is an addition", RIG_EVENT("MODIFIED", "z", "11"), "+z:11",
      "11", NULL },
    { "a deletion of an unknown object tells nothing", RIG_EVENT("DELETED", "z", "11"), "", "11",
      NULL },
    { "another uid in the stream is a deletion and an addition",
      "{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"name\":\"a\",\"namespace\":\"n\","
      "\"resourceVersion\":\"11\",\"uid\":\"other\"}}}",
      "-a:1u +a:11", "11", NULL },
    { "unknown events are skipped",
      "{\"type\":\"RENAMED\",\"object\":{\"x\":1}}\n" RIG_EVENT("ADDED", "b", "11"), "+b:11", "11",
      "unknown type" },
    { "objects of another kind are skipped",
      "{\"type\":\"ADDED\",\"object\":{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{"
      "\"name\":\"x\",\"resourceVersion\":\"90\"}}}" RIG_EVENT("ADDED", "b", "11"),
      "+b:11", "11", "Pod instead of" },
    { "objects of another version are skipped",
      "{\"type\":\"ADDED\",\"object\":{\"apiVersion\":\"v2\",\"kind\":\"ConfigMap\",\"metadata\":{"
      "\"name\":\"x\",\"resourceVersion\":\"90\"}}}" RIG_EVENT("ADDED", "b", "11"),
      "+b:11", "11", "instead of v1 ConfigMap" },
    { "objects without metadata are skipped",
      "{\"type\":\"ADDED\",\"object\":{\"kind\":\"ConfigMap\"}}" RIG_EVENT("ADDED", "b", "11"),
      "+b:11", "11", "without metadata" },
    { "objects without a name are skipped",
      "{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"resourceVersion\":\"90\"}}}" RIG_EVENT(
          "ADDED", "b", "11"),
      "+b:11", "11", "metadata.name" },
    { "an object without a version forces a list",
      RIG_EVENT("ADDED", "b", "11") RIG_EVENT("ADDED", "c", ""), "+b:11 -b:11u", NULL,
      "without resourceVersion" },
    { "text that is no event forces a list", RIG_EVENT("ADDED", "b", "11") "oops\n", "+b:11 -b:11u",
      NULL, "watch event" },
    { "an unknown error in the stream forces a list",
      RIG_EVENT("ADDED", "b", "11") RIG_ERROR("403", "Forbidden", "no more"), "+b:11 -b:11u", NULL,
      "no more" },
    { "an undecodable object of the server forces a list",
      RIG_EVENT("ADDED", "b", "11") RIG_ERROR("500", "StoreReadError", "cannot decode"),
      "+b:11 -b:11u", NULL, "cannot decode" },
    { "an internal error in the stream forces a list",
      RIG_EVENT("ADDED", "b", "11") RIG_ERROR("500", "InternalError", "sorry"), "+b:11 -b:11u",
      NULL, "sorry" },
    { "an expired version forces a list without being logged",
      RIG_EVENT("ADDED", "b", "11") RIG_ERROR("410", "Expired", "too old"), "+b:11 -b:11u", NULL,
      NULL },
    { "an error event without a Status forces a list",
      RIG_EVENT("ADDED", "b", "11") "{\"type\":\"ERROR\",\"object\":7}", "+b:11 -b:11u", NULL, "" },
};

static void check_stream(void **state)
{
    const struct stream_case *c = *state;
    char next[512];
    struct rig rig;
    struct script_step steps[4] = { LIST_A, WATCH("10", c->text) };
    size_t n = 2;
    if (c->version) {
        (void)snprintf(next, sizeof(next), RIG_WATCH("&resourceVersion=%s"), c->version);
        steps[n++] = (struct script_step){ .request = next, .hook = rig_stop, .hook_arg = &rig };
    } else {
        steps[n++] = (struct script_step)RELIST("11");
        steps[n++] = (struct script_step)END_AT("50");
    }
    rig_init(&rig, steps, n, NULL);

    rig_run(&rig);

    const char *begin = "+a:1i synced";
    assert_memory_equal(begin, rig.recorder.text.data, strlen(begin));
    const char *rest = rig.recorder.text.data + strlen(begin);
    assert_string_equal(c->heard, *rest ? rest + 1 : rest);
    /* After a normal end the watch goes on at once; lists come after a pause. */
    assert_int_equal(c->version ? 2000 : 2800, rig_gap_ms(&rig, 2));
    if (c->logged)
        assert_true(log_capture_has(&rig.sink, c->logged));
    if (!c->version && !c->logged)
        assert_false(log_capture_has(&rig.sink, "level=warning"));
    rig_release(&rig);
}

/* Ends of watches: what comes next, and when. */
static struct end_case {
    const char *name;
    struct script_step watch;
    bool relist, quick; /* the watch takes no time */
    int64_t gap_ms;
} ends[] = {
    { "a stream that broke is taken up again at once",
      { .status = 200, .reply = RIG_BOOKMARK("10"), .fail = ERR_CONN, .fail_code = HTTP_ERR_RESET },
      false,
      true,
      0 },
    { "a lost connection is taken up again at once",
      { .status = 200, .reply = "", .fail = ERR_CONN, .fail_code = HTTP_ERR_LOST },
      false,
      false,
      2000 },
    { "a refused connection is tried again after a pause, without a list",
      { .fail = ERR_CONN, .fail_code = HTTP_ERR_REFUSED },
      false,
      true,
      800 },
    { "a throttled watch is tried again after a pause, without a list",
      { .status = 429, .reply = RIG_STATUS("429", "TooManyRequests", "later") },
      false,
      true,
      800 },
    { "a watch throttled in the stream is tried again after a pause, without a list",
      { .reply = RIG_ERROR("429", "TooManyRequests", "later") },
      false,
      true,
      800 },
    { "a watch that ends at once is left", { .reply = "" }, true, true, 800 },
    { "an expired watch is left",
      { .status = 410, .reply = RIG_STATUS("410", "Gone", "old") },
      true,
      true,
      800 },
    { "a forbidden watch is left",
      { .status = 403, .reply = RIG_STATUS("403", "Forbidden", "no") },
      true,
      true,
      800 },
    { "a watch that finds no server by that name is left",
      { .fail = ERR_CONN, .fail_code = HTTP_ERR_DNS },
      true,
      true,
      800 },
    { "a watch at a version that is too large is left",
      { .status = 504, .reply = RIG_STATUS("504", "Timeout", "Too large resource version: 10") },
      true,
      true,
      800 },
};

static void check_end(void **state)
{
    const struct end_case *c = *state;
    struct rig rig;
    struct script_step steps[4] = { LIST_A, c->watch };
    size_t n = 2;
    steps[1].request = RIG_WATCH("&resourceVersion=10");
    if (!c->quick) {
        steps[1].hook = rig_pass_2s;
        steps[1].hook_arg = &rig;
    }
    if (c->relist) {
        steps[n++] = (struct script_step)RELIST("10");
        steps[n++] = (struct script_step)END_AT("50");
    } else {
        steps[n++] = (struct script_step)END_AT("10");
    }
    rig_init(&rig, steps, n, NULL);

    rig_run(&rig);

    rig_heard(&rig, "+a:1i synced");
    assert_int_equal(c->gap_ms, rig_gap_ms(&rig, 2));
    rig_release(&rig);
}

static void half_line(void **state)
{
    (void)state;
    struct rig rig;
    const struct script_step steps[] = {
        LIST_A,
        { .request = RIG_WATCH("&resourceVersion=10"),
          .reply = RIG_EVENT("ADDED", "b", "11") "{\"type\":\"ADDED\",\"object\":{\"metad",
          .status = 200,
          .fail = ERR_CONN,
          .fail_code = HTTP_ERR_EOF },
        WATCH("11", RIG_EVENT("ADDED", "c", "12")),
        END_AT("12"),
    };
    rig_init(&rig, steps, ARRAY_LEN(steps), NULL);

    rig_run(&rig);

    rig_heard(&rig, "+a:1i synced +b:11 +c:12");
    rig_release(&rig);
}

static void over_time(void **state)
{
    (void)state;
    struct rig rig;
    const struct script_step steps[] = {
        LIST_A,
        { .request = RIG_WATCH("&resourceVersion=10"),
          .reply = RIG_BOOKMARK("12"),
          .hang = true,
          .status = 200 },
        END_AT("12"),
    };
    rig_init(&rig, steps, ARRAY_LEN(steps), NULL);

    rig_run(&rig);

    /* Five seconds more than the server was asked to take. */
    assert_int_equal(305000, rig_gap_ms(&rig, 2));
    rig_heard(&rig, "+a:1i synced");
    rig_release(&rig);
}

static void longest(void **state)
{
    (void)state;
    static const uint64_t largest[] = { 301 * 7 + 300 };
    struct rig rig;
    const struct script_step steps[] = {
        LIST_A,
        { .request = "GET " RIG_BASE "?watch=true&allowWatchBookmarks=true&resourceVersion=10&"
                     "timeoutSeconds=600\nAccept: application/json\n@traffic: watch",
          .hook = rig_stop,
          .hook_arg = &rig },
    };
    rig_init(&rig, steps, ARRAY_LEN(steps), NULL);
    fake_rng_init_values(&rig.rng, largest, 1);

    rig_run(&rig);

    rig_release(&rig);
}

static void unordered(void **state)
{
    (void)state;
    struct rig rig;
    const struct script_step steps[] = {
        { .request = RIG_FIRST, .reply = RIG_ITEMS("0", "") },
        WATCH("0", RIG_EVENT("ADDED", "b", "90") RIG_EVENT("ADDED", "a", "20")),
        WATCH("0", RIG_EVENT("ADDED", "b", "90") RIG_EVENT("MODIFIED", "a", "91")
                       RIG_EVENT("ADDED", "c", "92")),
        END_AT("92"),
    };
    rig_init(&rig, steps, ARRAY_LEN(steps), NULL);

    rig_run(&rig);

    rig_heard(&rig, "synced +b:90 +a:20 ~b:90>90 ~a:20>91 +c:92");
    rig_release(&rig);
}

static void error_window(void **state)
{
    (void)state;
    struct rig rig;
    const struct informer_config cfg = { .gvr = &GVR_CONFIGMAPS, .internal_error_window_ms = 3000 };
    const struct script_step steps[] = {
        LIST_A,
        WATCH("10", RIG_ERROR("500", "InternalError", "sorry")),
        WATCH("10", RIG_ERROR("500", "InternalError", "sorry")),
        WATCH("10", RIG_ERROR("500", "InternalError", "sorry")),
        RELIST("10"),
        END_AT("50"),
    };
    rig_init(&rig, steps, ARRAY_LEN(steps), &(struct rig_options){ .informer = &cfg });

    rig_run(&rig);

    assert_int_equal(2000, rig_gap_ms(&rig, 2)); /* at once */
    assert_int_equal(2000, rig_gap_ms(&rig, 3));
    rig_release(&rig);
}

/* ---- streaming lists ---- */

#define VERSION(minor) \
    { \
        .request = "GET https://k/version\nAccept: application/json", \
        .reply = "{\"major\":\"1\",\"minor\":\"" minor "\"}" \
    }
#define STREAM(query) \
    "GET " RIG_BASE "?watch=true&allowWatchBookmarks=true&sendInitialEvents=true&" \
    "resourceVersionMatch=NotOlderThan" query \
    "&timeoutSeconds=300\nAccept: application/json\n@traffic: watch"
#define LAST_BOOKMARK(version) \
    "{\"type\":\"BOOKMARK\",\"object\":{\"kind\":\"ConfigMap\",\"apiVersion\":\"v1\"," \
    "\"metadata\":{" \
    "\"resourceVersion\":\"" version \
    "\",\"annotations\":{\"k8s.io/initial-events-end\":\"true\"}}}}\n"

static const struct rig_options streaming = { .allow_streaming_list = true };

static void stream(void **state)
{
    (void)state;
    struct rig rig;
    const struct script_step steps[] = {
        VERSION("34+"),
        { .request = STREAM(""),
          .reply = RIG_EVENT("ADDED", "b", "2") RIG_EVENT("ADDED", "a", "1") LAST_BOOKMARK("10")
              RIG_EVENT("ADDED", "c", "11"),
          .piece = 7,
          .hook = rig_pass_2s,
          .hook_arg = &rig },
        END_AT("11"), /* the same stream was the watch */
    };
    rig_init(&rig, steps, ARRAY_LEN(steps), &streaming);

    rig_run(&rig);

    rig_heard(&rig, "+b:2i +a:1i synced +c:11");
    rig_release(&rig);
}

static void stream_changes(void **state)
{
    (void)state;
    struct rig rig;
    const struct script_step steps[] = {
        VERSION("34"),
        { .request = STREAM(""),
          .reply = RIG_EVENT("ADDED", "a", "1") RIG_EVENT("ADDED", "b", "2")
              RIG_EVENT("MODIFIED", "a", "12") RIG_EVENT("DELETED", "b", "13") LAST_BOOKMARK("13"),
          .hook = rig_pass_2s,
          .hook_arg = &rig },
        END_AT("13"),
    };
    rig_init(&rig, steps, ARRAY_LEN(steps), &streaming);

    rig_run(&rig);

    rig_heard(&rig, "+a:1i +b:2i ~a:1>12 -b:13 synced");
    assert_int_equal(1, informer_len(rig.informer));
    rig_release(&rig);
}

static void stream_cut(void **state)
{
    (void)state;
    struct rig rig;
    const struct script_step steps[] = {
        VERSION("34"),
        { .request = STREAM(""),
          .reply = RIG_EVENT("ADDED", "x", "1") RIG_EVENT("MODIFIED", "x", "5"),
          .status = 200,
          .fail = ERR_CONN,
          .fail_code = HTTP_ERR_EOF },
        { .request = STREAM("&resourceVersion=5"), .reply = RIG_EVENT("ADDED", "x", "5") },
        { .request = STREAM("&resourceVersion=5"),
          .reply = LAST_BOOKMARK("10") RIG_BOOKMARK("11") },
        END_AT("11"),
    };
    rig_init(&rig, steps, ARRAY_LEN(steps), &streaming);

    rig_run(&rig);

    rig_heard(&rig, "synced");
    assert_int_equal(800, rig_gap_ms(&rig, 2));
    assert_int_equal(1600, rig_gap_ms(&rig, 3));
    rig_release(&rig);
}

static void stream_relist(void **state)
{
    (void)state;
    struct rig rig;
    const struct script_step steps[] = {
        VERSION("34"),
        { .request = STREAM(""),
          .reply =
              RIG_EVENT("ADDED", "a", "1") LAST_BOOKMARK("10") RIG_ERROR("410", "Expired", "old") },
        { .request = STREAM("&resourceVersion=10"),
          .status = 410,
          .reply = RIG_STATUS("410", "Gone", "x") },
        { .request = STREAM(""), .reply = RIG_EVENT("ADDED", "b", "30") LAST_BOOKMARK("30") },
        END_AT("30"),
    };
    rig_init(&rig, steps, ARRAY_LEN(steps), &streaming);

    rig_run(&rig);

    rig_heard(&rig, "+a:1i synced -a:1u +b:30");
    rig_release(&rig);
}

static struct refusal_case {
    const char *name;
    struct script_step answer;
    bool retried;  /* as a stream */
    bool for_good; /* no stream is tried any more */
} refusals[] = {
    { "a server that calls streaming lists invalid is listed from then on",
      { .status = 422, .reply = RIG_STATUS("422", "Invalid", "forbidden field") },
      false,
      true },
    { "a server that calls streaming lists bad is listed from then on",
      { .status = 400, .reply = RIG_STATUS("400", "BadRequest", "what?") },
      false,
      true },
    { "a forbidden streaming list is listed this time",
      { .status = 403, .reply = RIG_STATUS("403", "Forbidden", "no watch") },
      false,
      false },
    { "a throttled streaming list is tried again",
      { .status = 429, .reply = RIG_STATUS("429", "TooManyRequests", "later") },
      true,
      false },
    { "a refused connection of a streaming list is tried again",
      { .fail = ERR_CONN, .fail_code = HTTP_ERR_REFUSED },
      true,
      false },
};

static void check_refusal(void **state)
{
    const struct refusal_case *c = *state;
    struct rig rig;
    struct script_step steps[8] = { VERSION("34"), c->answer };
    size_t n = 2;
    steps[1].request = STREAM("");
    if (c->retried) {
        steps[n++] = (struct script_step){ .request = STREAM(""), .reply = LAST_BOOKMARK("10") };
        steps[n++] = (struct script_step)END_AT("10");
    } else {
        steps[n++] = (struct script_step){ .request = RIG_FIRST, .reply = RIG_ITEMS("10", "") };
        steps[n++] = (struct script_step)WATCH("10", RIG_ERROR("410", "Expired", "old"));
        steps[n++] = (struct script_step){
            .request = c->for_good ? RIG_LIST("resourceVersion=10") : STREAM("&resourceVersion=10"),
            .reply = c->for_good ? RIG_ITEMS("50", "") : LAST_BOOKMARK("50")
        };
        steps[n++] = (struct script_step)END_AT("50");
    }
    rig_init(&rig, steps, n, &streaming);

    rig_run(&rig);

    rig_heard(&rig, "synced");
    rig_release(&rig);
}

static void old_server(void **state)
{
    (void)state;
    struct rig rig;
    const struct script_step steps[] = { VERSION("20"), LIST_A, END_AT("10") };
    rig_init(&rig, steps, ARRAY_LEN(steps), &streaming);

    rig_run(&rig);

    rig_heard(&rig, "+a:1i synced");
    rig_release(&rig);
}

static void unknown_server(void **state)
{
    (void)state;
    struct rig rig;
    const struct script_step steps[] = {
        { .request = "GET https://k/version\nAccept: application/json",
          .status = 403,
          .reply = RIG_STATUS("403", "Forbidden", "no") },
        LIST_A,
        WATCH("10", RIG_ERROR("410", "Expired", "old")),
        VERSION("33"), /* asked again */
        { .request = STREAM("&resourceVersion=10"), .reply = LAST_BOOKMARK("50") },
        END_AT("50"),
    };
    rig_init(&rig, steps, ARRAY_LEN(steps), &streaming);

    rig_run(&rig);

    rig_heard(&rig, "+a:1i synced -a:1u");
    rig_release(&rig);
}

int main(void)
{
    struct CMUnitTest tests[64] = {
        CASE("a line that was cut is forgotten", half_line),
        CASE("a watch that outlives its time is cut", over_time),
        CASE("the longest watch takes ten minutes", longest),
        CASE("additions of a watch at version 0 do not move the version", unordered),
        CASE("internal errors inside the window are followed by a watch at once", error_window),
        CASE("a streaming list goes on as the watch", stream),
        CASE("events before the last bookmark are part of the list", stream_changes),
        CASE("a streaming list that is cut begins again", stream_cut),
        CASE("an expired streaming list begins without a version", stream_relist),
        CASE("a server before 1.32 is listed", old_server),
        CASE("a server whose version is not told is listed this time", unknown_server),
    };
    size_t n = 11;
    for (size_t i = 0; i < ARRAY_LEN(streams); i++)
        tests[n++] = (struct CMUnitTest)CASE_OF(streams[i].name, check_stream, &streams[i]);
    for (size_t i = 0; i < ARRAY_LEN(ends); i++)
        tests[n++] = (struct CMUnitTest)CASE_OF(ends[i].name, check_end, &ends[i]);
    for (size_t i = 0; i < ARRAY_LEN(refusals); i++)
        tests[n++] = (struct CMUnitTest)CASE_OF(refusals[i].name, check_refusal, &refusals[i]);
    return _cmocka_run_group_tests("reflector_watch", tests, n, NULL, NULL);
}
