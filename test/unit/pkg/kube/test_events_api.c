/* Which API the recorder speaks, and what it writes as events.k8s.io/v1. */
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/kube/events.h"
#include "test/unit/support/pkg/kube/kube_fixture.h"
#include "test/unit/support/test.h"

#define SERVER "https://api.test:6443"
#define ASK "GET " SERVER "/apis/events.k8s.io/v1\nAccept: application/json\n"
#define POST "POST " SERVER "/apis/events.k8s.io/v1/namespaces/ns/events\n"
#define PATCH "PATCH " SERVER "/apis/events.k8s.io/v1/namespaces/ns/events/p1.17b03e9dbe7bf400\n"
#define JSON_BODY "Accept: application/json\nContent-Type: application/json\n\n"
#define PATCH_BODY \
    "Accept: application/json\nContent-Type: application/strategic-merge-patch+json\n\n"
#define STATUS(code, reason) \
    "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\",\"message\":\"" reason \
    "\",\"reason\":\"" reason "\",\"code\":" #code "}"
#define EVENT(more) \
    "{\"apiVersion\":\"events.k8s.io/v1\",\"kind\":\"Event\",\"metadata\":{\"name\":\"p1." \
    "17b03e9dbe7bf400\",\"namespace\":\"ns\"},\"eventTime\":\"2024-02-03T04:05:06.000000Z\"," \
    "\"reportingController\":\"aro\",\"reportingInstance\":\"aro\",\"action\":\"Scheduled\"," \
    "\"reason\":\"Scheduled\",\"regarding\":{\"kind\":\"Pod\",\"name\":\"p1\"," \
    "\"apiVersion\":\"v1\",\"namespace\":\"ns\",\"uid\":\"u1\"},\"note\":\"to node 7\"," \
    "\"type\":\"Normal\"" more "}"
#define SERIES(count, time) "\"series\":{\"count\":" count ",\"lastObservedTime\":\"" time "\"}"
#define THEN "2024-02-03T04:05:06.000000Z"

struct rig {
    struct kube_fixture k;
    struct event_recorder *recorder;
    json *pod;
};

static void set_up(struct rig *r, const struct script_step *steps, size_t len)
{
    *r = (struct rig){ 0 };
    kube_fixture_init(&r->k, steps, len);
    kube_fixture_start(&r->k);
    atomic_store(&r->k.clock.auto_advance, false); /* nothing gets old while the test records */
    r->pod = give_tree("{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"p1\","
                       "\"namespace\":\"ns\",\"uid\":\"u1\"}}");
    const struct event_recorder_config cfg = { .client = r->k.client,
                                               .component = "aro",
                                               .clock = &r->k.clock.base,
                                               .rng = &r->k.rng.base,
                                               .log = &r->k.log };
    assert_int_equal(event_recorder_new(&cfg, &r->recorder, NULL), 0);
}

static void record(struct rig *r, int times)
{
    for (int i = 0; i < times; i++)
        event_record(r->recorder, r->pod, "Normal", "Scheduled", "to node %d", 7);
}

/* Everything is written before this returns. */
static void finish(struct rig *r)
{
    event_recorder_stop(take(r->recorder), INT64_MAX);
    json_free(r->pod);
    kube_fixture_finish(&r->k);
}

struct api_case {
    const char *name;
    int events;
    struct script_step steps[4];
    size_t len;
};
static struct api_case cases[] = {
    { "a server that has events.k8s.io/v1 gets that",
      1,
      { { .request = ASK, .reply = "{}" },
        { .request = POST JSON_BODY EVENT(""), .status = 201, .reply = "{}" } },
      2 },
    { "a server that lacks it gets v1, and is asked once",
      2,
      { { .request = ASK, .status = 404, .reply = STATUS(404, "NotFound") },
        { .status = 201, .reply = "{}" },
        { .reply = "{}" } },
      3 },
    { "who may not ask writes v1",
      1,
      { { .request = ASK, .status = 403, .reply = STATUS(403, "Forbidden") },
        { .status = 201, .reply = "{}" } },
      2 },
    { "who may write v1 only writes that",
      2,
      { { .request = ASK, .reply = "{}" },
        { .request = POST JSON_BODY EVENT(""), .status = 403, .reply = STATUS(403, "Forbidden") },
        { .status = 201, .reply = "{}" },
        { .reply = "{}" } },
      4 },
    { "a server that did not answer is asked again",
      2,
      { { .request = ASK, .status = 500, .reply = STATUS(500, "InternalError") },
        { .status = 201, .reply = "{}" },
        { .request = ASK, .reply = "{}" },
        { .request = POST JSON_BODY EVENT(""), .status = 201, .reply = "{}" } },
      4 },
    { "the second of a series is written at once, further ones when it ends",
      5,
      { { .request = ASK, .reply = "{}" },
        { .request = POST JSON_BODY EVENT(""), .status = 201, .reply = "{}" },
        { .request = PATCH PATCH_BODY "{" SERIES("2", THEN) "}", .reply = "{}" },
        { .request = PATCH PATCH_BODY "{" SERIES("5", THEN) "}", .reply = "{}" } },
      4 },
    { "a series whose Event has expired is created again",
      2,
      { { .request = ASK, .reply = "{}" },
        { .request = POST JSON_BODY EVENT(""), .status = 201, .reply = "{}" },
        { .request = PATCH PATCH_BODY "{" SERIES("2", THEN) "}",
          .status = 404,
          .reply = STATUS(404, "NotFound") },
        { .request = POST JSON_BODY EVENT("," SERIES("2", THEN)), .status = 201, .reply = "{}" } },
      4 },
};

static void check(void **state)
{
    const struct api_case *c = *state;
    struct rig r;
    set_up(&r, c->steps, c->len);

    record(&r, c->events);

    finish(&r);
}

/* Of a series that was over, the Event may have expired: then there is nothing to count in. */
static void expired_at_the_end(void **state)
{
    (void)state;
    const struct script_step steps[] = {
        { .request = ASK, .reply = "{}" },
        { .status = 201, .reply = "{}" },
        { .reply = "{}" },
        { .request = PATCH PATCH_BODY "{" SERIES("3", THEN) "}",
          .status = 404,
          .reply = STATUS(404, "NotFound") },
    };
    struct rig r;
    set_up(&r, steps, ARRAY_LEN(steps));

    record(&r, 3);
    event_recorder_stop(take(r.recorder), INT64_MAX);

    assert_false(log_capture_has(&r.k.capture, "level=warning"));
    finish(&r);
}

/* Further events of one object cost nothing as long as they are only counted. */
static void many(void **state)
{
    (void)state;
    const struct script_step steps[] = {
        { .request = ASK, .reply = "{}" },
        { .status = 201, .reply = "{}" },
        { .reply = "{}" },
        { .request = PATCH PATCH_BODY "{" SERIES("100", THEN) "}", .reply = "{}" },
    };
    struct rig r;
    set_up(&r, steps, ARRAY_LEN(steps));

    record(&r, 100);

    finish(&r);
}

/* Before 1.22 series about objects of cluster scope were refused outside kube-system. */
static void cluster_scope(void **state)
{
    (void)state;
    const struct script_step steps[] = {
        { .request = ASK, .reply = "{}" },
        { .status = 422, .reply = STATUS(422, "Invalid") }, /* of a Pod: its own fault */
        { .status = 422, .reply = STATUS(422, "Invalid") },
        { .status = 201, .reply = "{}" },
        { .status = 201, .reply = "{}" },
    };
    struct rig r;
    set_up(&r, steps, ARRAY_LEN(steps));
    cleanup_json json *node =
        give_tree("{\"apiVersion\":\"v1\",\"kind\":\"Node\",\"metadata\":{\"name\":\"n1\"}}");

    record(&r, 1);
    event_record(r.recorder, node, "Normal", "Ready", "m");
    record(&r, 1);
    event_recorder_stop(take(r.recorder), INT64_MAX);

    static const char *const want[] = { ASK, POST,
                                        "POST " SERVER
                                        "/apis/events.k8s.io/v1/namespaces/default/events\n",
                                        "POST " SERVER "/api/v1/namespaces/default/events\n",
                                        "POST " SERVER "/api/v1/namespaces/ns/events\n" };
    for (size_t i = 0; i < ARRAY_LEN(want); i++)
        assert_memory_equal(r.k.transport.requests.v[i], want[i], strlen(want[i]) - 1);
    finish(&r);
}

static void spam(void **state)
{
    (void)state;
    static struct script_step steps[26];
    for (size_t i = 0; i < ARRAY_LEN(steps); i++)
        steps[i] = (struct script_step){ .status = i ? 201 : 200, .reply = "{}" };
    struct rig r;
    set_up(&r, steps, ARRAY_LEN(steps));

    for (int i = 0; i < 40; i++) {
        cleanup_free char *reason = xasprintf("Reason%d", i);
        event_record(r.recorder, r.pod, "Normal", reason, "m");
    }

    finish(&r);
}

int main(void)
{
    struct CMUnitTest tests[4 + ARRAY_LEN(cases)] = {
        CASE("a server that refuses series of cluster scope gets v1", cluster_scope),
        CASE("the end of a series whose Event has expired is no trouble", expired_at_the_end),
        CASE("a hundred equal events are two writes and the last count", many),
        CASE("of forty different events of one object 25 pass", spam),
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[4 + i] = (struct CMUnitTest)CASE_OF(cases[i].name, check, &cases[i]);
    return RUN_CASES("events_api", tests);
}
