#include "hack/devcloud/cluster/watch.h"
#include "test/unit/support/hack/devcloud/cluster_rig.h"

#define MAPS "/api/v1/namespaces/default/configmaps"
#define WATCH MAPS "?watch=true"

static struct rig_case cases[] = {
    { "options of watches are checked before anything is sent",
      .asks = { { "GET " WATCH "&timeoutSeconds=x", NULL, 400,
                  "{'message':'strconv.ParseInt: parsing \\'x\\': invalid syntax'}" },
                { "GET " WATCH "&resourceVersion=abc", NULL, 500, NULL },
                { "GET " WATCH "&labelSelector=%2C", NULL, 400, NULL },
                { "GET " WATCH "&fieldSelector=a.b%3Dc", NULL, 400, NULL },
                { "GET " WATCH "&resourceVersion=1&resourceVersionMatch=Exact", NULL, 422,
                  "{'message':'~resourceVersionMatch is forbidden for watch'}" } } },
    { "initial events are for servers that know them", .minor = 32,
      .asks = { { "GET " WATCH "&sendInitialEvents=true", NULL, 422,
                  "{'message':'~sendInitialEvents requires setting resourceVersionMatch to "
                  "NotOlderThan'}" } } },
    { "a named object is read, not watched",
      .asks = { { "POST " MAPS, "{'metadata':{'name':'a'}}", 201, NULL },
                { "GET " MAPS "/a?watch=true", NULL, 200, "{'kind':'ConfigMap'}" } } },
};

/* ---- streams: what is done, and what the watch tells of it ---- */

struct stream_case {
    const char *name;
    int minor;
    const char *before[3], *query; /* requests, then the watch */
    const char *after[6];
    const char *want[7];
};

#define A "POST " MAPS " {'metadata':{'name':'a'}}"
#define B "POST " MAPS " {'metadata':{'name':'b'}}"
#define SET(name, patch) "PATCH " MAPS "/" name " " patch
#define DROP(name) "DELETE " MAPS "/" name
#define EVENT(type, name) \
    "{'type':'" type "','object':{'kind':'ConfigMap','metadata':{'name':'" name "'}}}"

static struct stream_case streams[] = {
    { "a watch without a version begins with what is there",
      0,
      { A },
      "",
      { B, DROP("a") },
      { EVENT("ADDED", "a"), EVENT("ADDED", "b"), EVENT("DELETED", "a") } },
    { "version 0 is the same", 0, { A }, "&resourceVersion=0", { 0 }, { EVENT("ADDED", "a") } },
    { "a watch goes on from a version",
      0,
      { A },
      "&resourceVersion=$rv",
      { SET("a", "{'data':{'k':'v'}}"), B },
      { "{'type':'MODIFIED','object':{'data':{'k':'v'}}}", EVENT("ADDED", "b") } },
    { "a write that changes nothing is no event",
      0,
      { A },
      "&resourceVersion=$rv",
      { SET("a", "{}") },
      { 0 } },
    { "objects enter and leave a selection",
      0,
      { A },
      "&resourceVersion=$rv&labelSelector=l",
      { SET("a", "{'metadata':{'labels':{'l':'1'}}}"), SET("a", "{'data':{'k':'v'}}"),
        SET("a", "{'data':{'k':'w'},'metadata':{'labels':null}}"), SET("a", "{'data':{'k':'x'}}") },
      { EVENT("ADDED", "a"), EVENT("MODIFIED", "a"),
        "{'type':'DELETED','object':{'data':{'k':'v'},'metadata':{'labels':{'l':'1'}}}}" } },
    { "what was never selected is not told of",
      0,
      { A },
      "&resourceVersion=$rv&fieldSelector=metadata.name%3Db",
      { SET("a", "{'data':{'k':'v'}}"), DROP("a"), B },
      { EVENT("ADDED", "b") } },
    { "other namespaces and kinds are not told of",
      0,
      { A },
      "&resourceVersion=$rv",
      { "POST /api/v1/namespaces/kube-system/configmaps {'metadata':{'name':'z'}}",
        "POST /api/v1/namespaces/default/secrets {'metadata':{'name':'z'}}", B },
      { EVENT("ADDED", "b") } },
    { "a finalizer makes two events of a deletion",
      0,
      { "POST " MAPS " {'metadata':{'name':'a','finalizers':['x.y/z']}}" },
      "&resourceVersion=$rv",
      { DROP("a"), SET("a", "{'metadata':{'finalizers':null}}") },
      { "{'type':'MODIFIED','object':{'metadata':{'deletionTimestamp':'~2024','finalizers':['x.y/"
        "z']}}}",
        "{'type':'DELETED','object':{'metadata':{'finalizers':['x.y/z']}}}" } },
    { "a streaming list ends its first part with a bookmark",
      32,
      { A },
      "&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true",
      { B },
      { EVENT("ADDED", "a"),
        "{'type':'BOOKMARK','object':{'kind':'ConfigMap','apiVersion':'v1','metadata':{'"
        "annotations':"
        "{'k8s.io/initial-events-end':'true'}}}}",
        EVENT("ADDED", "b") } },
    { "older servers do not know streaming lists",
      20,
      { A },
      "&resourceVersion=$rv&sendInitialEvents=true",
      { B },
      { EVENT("ADDED", "b") } },
};

static void run_line(struct cluster_rig *rig, const char *line)
{
    cleanup_strv struct strv words = STRV_INIT;
    strv_split(&words, line, " ", false);
    cleanup_buf struct buf request = BUF_INIT(BUF_UNBOUNDED);
    buf_addf(&request, "%s %s", words.v[0], words.v[1]);
    int status = cluster_rig_send(rig, buf_str(&request), words.len > 2 ? words.v[2] : NULL);
    if (status != 200 && status != 201)
        fail_msg("%s answered %d %s", line, status, rig->text);
}

static void check_stream(void **state)
{
    const struct stream_case *c = *state;
    cleanup_cluster_rig struct cluster_rig rig;
    cluster_rig_init(&rig);
    rig.cfg.minor = c->minor ? c->minor : RIG_MINOR;
    cluster_rig_start(&rig);
    for (size_t i = 0; i < ARRAY_LEN(c->before) && c->before[i]; i++)
        run_line(&rig, c->before[i]);
    cleanup_buf struct buf path = BUF_INIT(BUF_UNBOUNDED);
    buf_addf(&path, WATCH "%s", c->query);
    cleanup_rig_watch struct rig_watch w = { 0 };
    rig_watch_open(&w, &rig, buf_str(&path));
    for (size_t i = 0; i < ARRAY_LEN(c->after) && c->after[i]; i++)
        run_line(&rig, c->after[i]);

    for (size_t i = 0; i < ARRAY_LEN(c->want) && c->want[i]; i++)
        rig_watch_expect(&w, c->want[i]);
    rig_watch_expect(&w, NULL);
    assert_false(w.ended);
}

/* ---- single facts ---- */

static void ends_with_a_forgotten_past(void **state)
{
    (void)state;
    cleanup_cluster_rig struct cluster_rig rig;
    cluster_rig_open(&rig);
    run_line(&rig, A);
    run_line(&rig, SET("a", "{'data':{'k':'v'}}"));
    cluster_compact(rig.c);
    cleanup_rig_watch struct rig_watch w = { 0 };

    rig_watch_open(&w, &rig, WATCH "&resourceVersion=1");

    rig_watch_expect(&w,
                     "{'type':'ERROR','object':{'kind':'Status','code':410,'reason':'Expired'}}");
    assert_true(w.ended);
    run_line(&rig, B);
    rig_watch_expect(&w, NULL);
}

static void is_silent_after_its_client_went(void **state)
{
    (void)state;
    cleanup_cluster_rig struct cluster_rig rig;
    cluster_rig_open(&rig);
    cleanup_rig_watch struct rig_watch w = { .max = 1 };

    rig_watch_open(&w, &rig, WATCH "&resourceVersion=0");
    run_line(&rig, A);
    w.max = 0;
    run_line(&rig, B);

    rig_watch_expect(&w, NULL);
}

static void events_of_a_deletion_carry_its_version(void **state)
{
    (void)state;
    cleanup_cluster_rig struct cluster_rig rig;
    cluster_rig_open(&rig);
    run_line(&rig, A);
    cleanup_rig_watch struct rig_watch w = { 0 };
    rig_watch_open(&w, &rig, WATCH "&resourceVersion=$rv");
    int64_t made = state_revision(rig.c->state);

    run_line(&rig, DROP("a"));

    cleanup_json json *event = rig_watch_give(&w);
    long long version = 0;
    assert_true(str_to_int(json_path_str(event, "object.metadata.resourceVersion"), 0, INT64_MAX,
                           &version));
    assert_true(version > made);
}

static void a_bookmark_does_not_overtake(void **state)
{
    (void)state;
    cleanup_cluster_rig struct cluster_rig rig;
    cluster_rig_open(&rig);
    cleanup_rig_watch struct rig_watch w = { 0 };
    rig_watch_open(&w, &rig,
                   WATCH "&resourceVersion=0&allowWatchBookmarks=true&timeoutSeconds=100");
    run_line(&rig, A);

    fake_clock_advance_ms(&rig.clock, 60000);
    (void)hub_tick(rig.c->hub, clock_mono_ns(&rig.clock.base));

    rig_watch_expect(&w, EVENT("ADDED", "a"));
    cleanup_json json *bookmark = rig_watch_give(&w);
    assert_contains(
        bookmark,
        "{'type':'BOOKMARK','object':{'kind':'ConfigMap','apiVersion':'v1','data':null,'metadata':"
        "{'creationTimestamp':null,'annotations':null}}}");
    assert_string_equal(json_path_str(bookmark, "object.metadata.resourceVersion"), rig.known[0]);
}

int main(void)
{
    const struct CMUnitTest single[] = {
        CASE("a past that is forgotten is an error event, then the end",
             ends_with_a_forgotten_past),
        CASE("nothing is sent to a client that went", is_silent_after_its_client_went),
        CASE("the event of a deletion has the version of the deletion",
             events_of_a_deletion_carry_its_version),
        CASE("a bookmark has the version of what was sent before it", a_bookmark_does_not_overtake),
    };
    struct CMUnitTest more[ARRAY_LEN(streams) + ARRAY_LEN(single)];
    for (size_t i = 0; i < ARRAY_LEN(single); i++)
        more[i] = single[i];
    for (size_t i = 0; i < ARRAY_LEN(streams); i++)
        more[ARRAY_LEN(single) + i] =
            (struct CMUnitTest)CASE_OF(streams[i].name, check_stream, &streams[i]);
    return cluster_rig_run("watch", cases, ARRAY_LEN(cases), more, ARRAY_LEN(more));
}
