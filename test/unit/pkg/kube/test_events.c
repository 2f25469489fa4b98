#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/kube/events.h"
#include "test/unit/support/pkg/kube/kube_fixture.h"
#include "test/unit/support/test.h"

#define POST "POST https://api.test:6443/api/v1/namespaces/ns/events\n"
#define PATCH "PATCH https://api.test:6443/api/v1/namespaces/ns/events/p1.17b03e9dbe7bf400\n"
#define STATUS(code, reason) \
    "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\",\"message\":\"" reason \
    "\",\"reason\":\"" reason "\",\"code\":" #code "}"

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
    r->pod = give_tree("{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"p1\","
                       "\"namespace\":\"ns\",\"uid\":\"u1\"}}");
    const struct event_recorder_config cfg = {
        .api = EVENT_API_CORE,
        .client = r->k.client,
        .component = "aro",
        .clock = &r->k.clock.base,
        .rng = &r->k.rng.base,
        .log = &r->k.log,
    };
    assert_int_equal(event_recorder_new(&cfg, &r->recorder, NULL), 0);
}

/* The clock moves by itself: only a flush without end waits for the writer. */
#define FLUSH_ALL INT64_MAX

static void tear_down(struct rig *r)
{
    event_recorder_stop(r->recorder, FLUSH_ALL);
    json_free(r->pod);
    kube_fixture_finish(&r->k);
}

static size_t count_requests(struct rig *r, const char *prefix)
{
    size_t n = 0;
    pthread_mutex_lock(&r->k.transport.mu);
    for (size_t i = 0; i < r->k.transport.requests.len; i++)
        n += str_starts(r->k.transport.requests.v[i], prefix);
    pthread_mutex_unlock(&r->k.transport.mu);
    return n;
}

/* A gate that holds the writer inside a request until the test opens it. */
struct gate {
    pthread_mutex_t mu;
    pthread_cond_t cv;
    bool reached, open;
};
#define GATE_INIT \
    { \
        .mu = PTHREAD_MUTEX_INITIALIZER, .cv = PTHREAD_COND_INITIALIZER \
    }

static void pass_gate(void *arg)
{
    struct gate *g = arg;
    pthread_mutex_lock(&g->mu);
    g->reached = true;
    pthread_cond_broadcast(&g->cv);
    while (!g->open)
        pthread_cond_wait(&g->cv, &g->mu);
    pthread_mutex_unlock(&g->mu);
}

static void await_gate(struct gate *g)
{
    pthread_mutex_lock(&g->mu);
    while (!g->reached)
        pthread_cond_wait(&g->cv, &g->mu);
    pthread_mutex_unlock(&g->mu);
}

static void open_gate(struct gate *g)
{
    pthread_mutex_lock(&g->mu);
    g->open = true;
    pthread_cond_broadcast(&g->cv);
    pthread_mutex_unlock(&g->mu);
}

static void check_write(void **state)
{
    (void)state;
    const struct script_step steps[] = {
        { .request =
              POST "Accept: application/json\nContent-Type: application/json\n\n"
                   "{\"apiVersion\":\"v1\",\"kind\":\"Event\",\"metadata\":{\"name\":\"p1."
                   "17b03e9dbe7bf400\",\"namespace\":\"ns\"},\"involvedObject\":{\"kind\":\"Pod\","
                   "\"name\":\"p1\",\"apiVersion\":\"v1\",\"namespace\":\"ns\",\"uid\":\"u1\"},"
                   "\"reason\":\"Scheduled\",\"message\":\"to node 7\",\"source\":{\"component\":"
                   "\"aro\"},\"firstTimestamp\":\"2024-02-03T04:05:06Z\",\"lastTimestamp\":"
                   "\"2024-02-03T04:05:06Z\",\"count\":1,\"type\":\"Normal\",\"eventTime\":null,"
                   "\"reportingComponent\":\"aro\",\"reportingInstance\":\"\"}",
          .status = 201,
          .reply = "{}" },
        { .request = PATCH "Accept: application/json\nContent-Type: "
                           "application/strategic-merge-patch+json\n\n"
                           "{\"count\":2,\"lastTimestamp\":\"2024-02-03T04:05:06Z\","
                           "\"message\":\"to node 7\"}",
          .reply = "{}" },
    };
    struct rig r;
    set_up(&r, steps, ARRAY_LEN(steps));

    event_record(r.recorder, r.pod, "Normal", "Scheduled", "to node %d", 7);
    event_record(r.recorder, r.pod, "Normal", "Scheduled", "to node %d", 7);

    tear_down(&r);
}

static void check_expired(void **state)
{
    (void)state;
    const struct script_step steps[] = {
        { .status = 201, .reply = "{}" },
        { .status = 404, .reply = STATUS(404, "NotFound") },
        { .status = 201, .reply = "{}" },
        { .status = 200, .reply = "{}" },
    };
    struct rig r;
    set_up(&r, steps, ARRAY_LEN(steps));

    for (int i = 0; i < 3; i++)
        event_record(r.recorder, r.pod, "Normal", "Scheduled", "again");
    event_recorder_stop(take(r.recorder), FLUSH_ALL);

    assert_int_equal(count_requests(&r, POST), 2);
    assert_int_equal(count_requests(&r, PATCH), 2);
    assert_non_null(strstr(r.k.transport.requests.v[2], "\"count\":2"));
    assert_null(strstr(r.k.transport.requests.v[2], "\"resourceVersion\""));
    assert_non_null(strstr(r.k.transport.requests.v[3], "\"count\":3"));
    tear_down(&r);
}

struct refusal_case {
    const char *name;
    struct script_step step;
    bool warns;
};
static struct refusal_case refusal_cases[] = {
    { "an event that exists is not written again",
      { .status = 409, .reply = STATUS(409, "AlreadyExists") },
      false },
    { "an invalid event is dropped", { .status = 422, .reply = STATUS(422, "Invalid") }, true },
    { "a forbidden event is dropped", { .status = 403, .reply = STATUS(403, "Forbidden") }, true },
    { "a broken API server's answer is an answer", { .status = 503, .reply = "down" }, true },
    { "events of a dying namespace are dropped",
      { .status = 403,
        .reply = "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\",\"reason\":"
                 "\"Forbidden\",\"code\":403,"
                 "\"details\":{\"causes\":[{\"reason\":\"NamespaceTerminating\"}]}}" },
      false },
};

static void check_refusal(void **state)
{
    const struct refusal_case *c = *state;
    struct rig r;
    set_up(&r, &c->step, 1);

    event_record(r.recorder, r.pod, "Normal", "Scheduled", "once");
    event_recorder_stop(take(r.recorder), FLUSH_ALL);

    assert_true(log_capture_has(&r.k.capture, "was not written"));
    assert_true(log_capture_has(&r.k.capture, "level=warning") == c->warns);
    tear_down(&r);
}

static void check_transport_retry(void **state)
{
    (void)state;
    const struct script_step steps[] = {
        { .fail = ERR_CONN, .fail_code = HTTP_ERR_REFUSED },
        { .fail = ERR_CONN, .fail_code = HTTP_ERR_REFUSED },
        { .hang = true },
        { .status = 201, .reply = "{}" },
    };
    struct rig r;
    set_up(&r, steps, ARRAY_LEN(steps));
    static const uint64_t half[] = { UINT64_C(1) << 63 };
    fake_rng_init_values(&r.k.rng, half, 1);

    event_record(r.recorder, r.pod, "Normal", "Scheduled", "once");
    event_recorder_stop(take(r.recorder), FLUSH_ALL);

    /* 5 s, 10 s, 30 s until the silent one is given up, 10 s */
    assert_int_equal((clock_mono_ns(&r.k.clock.base) - FAKE_MONO_NS) / NS_PER_S, 55);
    tear_down(&r);
}

static void check_lost_answer(void **state)
{
    (void)state;
    const struct script_step steps[] = {
        { .fail = ERR_CONN, .fail_code = HTTP_ERR_RESET },
        { .status = 409, .reply = STATUS(409, "AlreadyExists") },
        { .status = 200, .reply = "{}" },
    };
    struct rig r;
    set_up(&r, steps, ARRAY_LEN(steps));

    event_record(r.recorder, r.pod, "Normal", "Scheduled", "again");
    event_record(r.recorder, r.pod, "Normal", "Scheduled", "again");
    event_recorder_stop(take(r.recorder), FLUSH_ALL);

    assert_int_equal(count_requests(&r, POST), 2);
    assert_int_equal(count_requests(&r, PATCH), 1);
    assert_false(log_capture_has(&r.k.capture, "was not written"));
    tear_down(&r);
}

static void check_transport_gives_up(void **state)
{
    (void)state;
    struct script_step steps[13];
    for (size_t i = 0; i < 12; i++)
        steps[i] = (struct script_step){ .fail = ERR_CONN, .fail_code = HTTP_ERR_RESET };
    steps[12] = (struct script_step){ .status = 201, .reply = "{}" };
    struct rig r;
    set_up(&r, steps, ARRAY_LEN(steps));

    event_record(r.recorder, r.pod, "Normal", "First", "lost");
    event_record(r.recorder, r.pod, "Normal", "Second", "written");
    event_recorder_stop(take(r.recorder), FLUSH_ALL);

    assert_true(log_capture_has(&r.k.capture, "was not written"));
    assert_non_null(strstr(r.k.transport.requests.v[12], "\"reason\":\"Second\""));
    tear_down(&r);
}

static void check_overflow(void **state)
{
    (void)state;
    struct gate gate = GATE_INIT;
    static struct script_step steps[1001];
    for (size_t i = 0; i < ARRAY_LEN(steps); i++)
        steps[i] = (struct script_step){ .status = 201, .reply = "{}" };
    steps[0].hook = pass_gate;
    steps[0].hook_arg = &gate;
    struct rig r;
    set_up(&r, steps, ARRAY_LEN(steps));

    event_record(r.recorder, r.pod, "Normal", "First", "holds the writer");
    await_gate(&gate);
    for (int i = 0; i < 1100; i++) {
        cleanup_free char *name = xasprintf("p%d", i); /* each its own object: no spam */
        cleanup_json json *pod = json_make("{'apiVersion':'v1','kind':'Pod','metadata':{'name':%s,"
                                           "'namespace':'ns'}}",
                                           name);
        event_record(r.recorder, pod, "Normal", "Many", "m");
    }
    open_gate(&gate);
    event_recorder_stop(take(r.recorder), FLUSH_ALL);

    assert_int_equal(count_requests(&r, POST), 1001);
    size_t said = 0;
    for (size_t i = 0; i < r.k.capture.lines.len; i++)
        said += strstr(r.k.capture.lines.v[i], "queue is full") != NULL;
    assert_int_equal(said, 1);
    tear_down(&r);
}

static void check_stop_without_flush(void **state)
{
    (void)state;
    struct gate gate = GATE_INIT;
    gate.open = true;
    const struct script_step steps[] = { { .hook = pass_gate, .hook_arg = &gate, .hang = true } };
    struct rig r;
    set_up(&r, steps, ARRAY_LEN(steps));
    atomic_store(&r.k.clock.auto_advance, false);

    event_record(r.recorder, r.pod, "Normal", "First", "hangs");
    event_record(r.recorder, r.pod, "Normal", "Second", "is left");
    await_gate(&gate);
    event_recorder_stop(take(r.recorder), 0);

    assert_true(log_capture_has(&r.k.capture, "1 events were not written"));
    tear_down(&r);
}

static void check_bad_type(void **state)
{
    (void)state;
    struct rig r;
    set_up(&r, NULL, 0);

    event_record(r.recorder, r.pod, "Error", "Broken", "no such type");
    event_record(r.recorder, r.pod, NULL, "Broken", "no type");

    assert_true(log_capture_has(&r.k.capture, "must be Normal or Warning, not Error"));
    tear_down(&r);
}

static void check_message_cut(void **state)
{
    (void)state;
    const struct script_step steps[] = { { .status = 201, .reply = "{}" } };
    struct rig r;
    set_up(&r, steps, ARRAY_LEN(steps));
    char message[1200];
    memset(message, 'x', sizeof(message));
    memcpy(message + 1023, "\xc3\xa4", 2); /* a character across the limit */
    message[sizeof(message) - 1] = '\0';

    event_record(r.recorder, r.pod, "Normal", "Long", "%s", message);
    event_recorder_stop(take(r.recorder), FLUSH_ALL);

    const char *body = strstr(r.k.transport.requests.v[0], "\"message\":\"") + 11;
    assert_int_equal(strcspn(body, "\""), 1023);
    tear_down(&r);
}

int main(void)
{
    struct CMUnitTest tests[20] = {
        CASE("an event is created, its repetition is a patch", check_write),
        CASE("an event that has expired is created again", check_expired),
        CASE("a transport failure is retried after a random, then a fixed delay",
             check_transport_retry),
        CASE("a try whose answer got lost has written the event", check_lost_answer),
        CASE("after twelve tries the next event has its turn", check_transport_gives_up),
        CASE("a full queue drops events and says so once", check_overflow),
        CASE("a stop without time to flush does not wait", check_stop_without_flush),
        CASE("an unknown type is refused", check_bad_type),
        CASE("a long message is cut at a character", check_message_cut),
    };
    size_t n = 9;
    for (size_t i = 0; i < ARRAY_LEN(refusal_cases); i++)
        tests[n++] =
            (struct CMUnitTest)CASE_OF(refusal_cases[i].name, check_refusal, &refusal_cases[i]);
    return _cmocka_run_group_tests("events", tests, n, NULL, NULL);
}
