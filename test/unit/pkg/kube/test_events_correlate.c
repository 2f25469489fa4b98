#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/kube/events_correlate.h"
#include "test/unit/support/fake_clock.h"
#include "test/unit/support/fake_rng.h"
#include "test/unit/support/test.h"

struct rig {
    struct fake_clock clock;
    struct fake_rng rng;
    struct event_correlator *c;
};

static void set_up(struct rig *r)
{
    fake_clock_init(&r->clock);
    fake_rng_init(&r->rng, 1);
    r->c = event_correlator_new(&(struct event_correlator_config){
        .component = "aro", .host = "node1", .clock = &r->clock.base, .rng = &r->rng.base });
}

static void tear_down(struct rig *r)
{
    event_correlator_free(r->c);
    fake_clock_release(&r->clock);
}

static struct event_input *give_input(struct rig *r, const char *name, const char *message)
{
    struct event_input *in = xnew(struct event_input);
    *in = (struct event_input){
        .type = xstrdup("Warning"),
        .reason = xstrdup("Broken"),
        .message = xstrdup(message),
        .kind = xstrdup("Cluster"),
        .name = xstrdup(name),
        .api_version = xstrdup("aro.openshift.io/v1alpha1"),
        .nspace = xstrdup(""),
        .uid = xstrdup("u1"),
        .resource_version = xstrdup("7"),
        .wall_ns = clock_wall_ns(&r->clock.base),
    };
    return in;
}

/* Plans and keeps one event; false: it was spam. */
static bool plan(struct rig *r, const char *name, const char *message, struct event_plan *ret)
{
    struct event_input *in = give_input(r, name, message);
    bool writes = event_correlator_plan(r->c, in, ret) == EVENT_WRITE;
    event_input_free(in);
    if (writes)
        event_correlator_keep(r->c, ret);
    return writes;
}

static void check_first(void **state)
{
    (void)state;
    struct rig r;
    set_up(&r);
    cleanup_event_plan struct event_plan p = { 0 };

    assert_true(plan(&r, "cluster", "no luck", &p));

    assert_null(p.patch);
    assert_string_equal(p.nspace, "default");
    assert_string_equal(p.name, "cluster.17b03e9dbe7bf400");
    cleanup_free char *text = json_give_text(p.event);
    assert_string_equal(
        text,
        "{\"apiVersion\":\"v1\",\"kind\":\"Event\",\"metadata\":{\"name\":\"cluster."
        "17b03e9dbe7bf400\",\"namespace\":\"default\"},\"involvedObject\":{\"kind\":\"Cluster\","
        "\"name\":\"cluster\",\"apiVersion\":\"aro.openshift.io/v1alpha1\",\"uid\":\"u1\","
        "\"resourceVersion\":\"7\"},\"reason\":\"Broken\",\"message\":\"no luck\",\"source\":{"
        "\"component\":\"aro\",\"host\":\"node1\"},\"firstTimestamp\":\"2024-02-03T04:05:06Z\","
        "\"lastTimestamp\":\"2024-02-03T04:05:06Z\",\"count\":1,\"type\":\"Warning\","
        "\"eventTime\":null,\"reportingComponent\":\"aro\",\"reportingInstance\":\"node1\"}");
    tear_down(&r);
}

static void check_count(void **state)
{
    (void)state;
    struct rig r;
    set_up(&r);
    cleanup_event_plan struct event_plan first = { 0 }, second = { 0 }, third = { 0 };

    assert_true(plan(&r, "cluster", "no luck", &first));
    fake_clock_advance_ms(&r.clock, 60000);
    assert_true(plan(&r, "cluster", "no luck", &second));
    fake_clock_advance_ms(&r.clock, 60000);
    assert_true(plan(&r, "cluster", "no luck", &third));

    assert_string_equal(second.name, first.name);
    cleanup_free char *patch = json_give_text(third.patch);
    assert_string_equal(patch, "{\"count\":3,\"lastTimestamp\":\"2024-02-03T04:07:06Z\","
                               "\"message\":\"no luck\"}");
    /* What is created if the patched one is gone. */
    assert_int_equal(json_path_int(third.event, "count", 0), 3);
    assert_string_equal(json_path_str(third.event, "firstTimestamp"), "2024-02-03T04:05:06Z");
    assert_string_equal(json_path_str(third.event, "metadata.name"), first.name);
    tear_down(&r);
}

static void check_distinct(void **state)
{
    (void)state;
    struct rig r;
    set_up(&r);
    cleanup_event_plan struct event_plan a = { 0 }, b = { 0 }, other = { 0 };

    assert_true(plan(&r, "cluster", "no luck", &a));
    fake_clock_advance_ms(&r.clock, 1);
    assert_true(plan(&r, "cluster", "still none", &b));
    assert_true(plan(&r, "another", "no luck", &other));

    assert_null(b.patch);
    assert_null(other.patch);
    assert_string_not_equal(a.name, b.name);
    tear_down(&r);
}

static void check_unwritten(void **state)
{
    (void)state;
    struct rig r;
    set_up(&r);
    struct event_input *in = give_input(&r, "cluster", "no luck");
    cleanup_event_plan struct event_plan lost = { 0 }, again = { 0 };

    assert_int_equal(event_correlator_plan(r.c, in, &lost), EVENT_WRITE); /* and not kept */
    assert_int_equal(event_correlator_plan(r.c, in, &again), EVENT_WRITE);

    assert_null(again.patch);
    event_input_free(in);
    tear_down(&r);
}

static void check_folding(void **state)
{
    (void)state;
    struct rig r;
    set_up(&r);
    cleanup_free char *folded_name = NULL;

    for (int i = 1; i <= 12; i++) {
        cleanup_event_plan struct event_plan p = { 0 };
        cleanup_free char *message = xasprintf("message %d", i);
        assert_true(plan(&r, "cluster", message, &p));
        const char *text = json_path_str(p.event, "message");
        if (i < 10) {
            assert_string_equal(text, message);
            continue;
        }
        cleanup_free char *want = xasprintf("(combined from similar events): %s", message);
        assert_string_equal(text, want);
        assert_int_equal(json_path_int(p.event, "count", 0), i - 9);
        assert_true((i == 10) == !p.patch);
        if (i == 10)
            folded_name = xstrdup(p.name);
        assert_string_equal(p.name, folded_name);
    }
    tear_down(&r);
}

/* The same message again and again is counted, however often, and not folded. */
static void check_no_folding_of_same(void **state)
{
    (void)state;
    struct rig r;
    set_up(&r);

    for (int i = 1; i <= 20; i++) {
        cleanup_event_plan struct event_plan p = { 0 };
        assert_true(plan(&r, "cluster", "no luck", &p));
        assert_string_equal(json_path_str(p.event, "message"), "no luck");
        assert_int_equal(json_path_int(p.event, "count", 0), i);
    }
    tear_down(&r);
}

static void check_folding_ends(void **state)
{
    (void)state;
    struct rig r;
    set_up(&r);
    for (int i = 1; i <= 10; i++) {
        cleanup_event_plan struct event_plan p = { 0 };
        cleanup_free char *message = xasprintf("message %d", i);
        assert_true(plan(&r, "cluster", message, &p));
    }

    fake_clock_advance_ms(&r.clock, 600 * 1000 + 1);
    cleanup_event_plan struct event_plan p = { 0 };
    assert_true(plan(&r, "cluster", "message 11", &p));

    assert_string_equal(json_path_str(p.event, "message"), "message 11");
    tear_down(&r);
}

static void check_spam(void **state)
{
    (void)state;
    struct rig r;
    set_up(&r);
    cleanup_event_plan struct event_plan other = { 0 };

    for (int i = 1; i <= 25; i++) {
        cleanup_event_plan struct event_plan p = { 0 };
        assert_true(plan(&r, "cluster", "no luck", &p));
    }
    cleanup_event_plan struct event_plan p = { 0 };
    assert_false(plan(&r, "cluster", "no luck", &p));
    assert_false(plan(&r, "cluster", "something else", &p));
    assert_true(plan(&r, "another", "no luck", &other));
    fake_clock_advance_ms(&r.clock, 299 * 1000);
    assert_false(plan(&r, "cluster", "no luck", &p));
    fake_clock_advance_ms(&r.clock, 1000);
    assert_true(plan(&r, "cluster", "no luck", &p));
    assert_int_equal(json_path_int(p.event, "count", 0), 26);
    event_plan_release(&p);
    assert_false(plan(&r, "cluster", "no luck", &p));
    tear_down(&r);
}

struct name_case {
    const char *name, *object;
    bool is_uuid;
};
static struct name_case name_cases[] = {
    { "an ordinary name is kept in the event's", "aro-operator.master", false },
    { "upper case cannot be part of a name", "Cluster", true },
    { "an empty name cannot either", "", true },
    { "nor can a colon", "system:node", true },
    { "nor a label that begins with a dash", "a.-b", true },
    { "nor a label that ends with one", "a-", true },
    { "nor an empty label", "a..b", true },
};

static void check_name(void **state)
{
    const struct name_case *c = *state;
    struct rig r;
    set_up(&r);
    cleanup_event_plan struct event_plan p = { 0 };

    assert_true(plan(&r, c->object, "m", &p));

    if (c->is_uuid) {
        assert_int_equal(strlen(p.name), UUID_LEN);
    } else {
        cleanup_free char *want = xasprintf("%s.17b03e9dbe7bf400", c->object);
        assert_string_equal(p.name, want);
    }
    tear_down(&r);
}

static void check_long_name(void **state)
{
    (void)state;
    struct rig r;
    set_up(&r);
    char name[253];
    memset(name, 'a', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';
    cleanup_event_plan struct event_plan p = { 0 };

    assert_true(plan(&r, name, "m", &p));

    assert_int_equal(strlen(p.name), UUID_LEN);
    tear_down(&r);
}

int main(void)
{
    struct CMUnitTest tests[20] = {
        CASE("a first event is created", check_first),
        CASE("an identical event patches count and time", check_count),
        CASE("another message or object is another event", check_distinct),
        CASE("what was not written is not patched", check_unwritten),
        CASE("from the tenth distinct message on they are one event", check_folding),
        CASE("one message is never folded with itself", check_no_folding_of_same),
        CASE("folding ends after ten minutes of rest", check_folding_ends),
        CASE("of one object 25 events pass, then one in five minutes", check_spam),
        CASE("a name that gets too long becomes a UUID", check_long_name),
    };
    size_t n = 9;
    for (size_t i = 0; i < ARRAY_LEN(name_cases); i++)
        tests[n++] = (struct CMUnitTest)CASE_OF(name_cases[i].name, check_name, &name_cases[i]);
    return _cmocka_run_group_tests("events_correlate", tests, n, NULL, NULL);
}
