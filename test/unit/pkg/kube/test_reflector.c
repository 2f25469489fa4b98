#include <string.h>

#include "pkg/kube/reflector.h"
#include "test/unit/support/pkg/kube/informer_rig.h"
#include "test/unit/support/test.h"

#define FORBIDDEN \
    { \
        .request = RIG_FIRST, .status = 403, \
        .reply = RIG_STATUS("403", "Forbidden", "not allowed") \
    }
#define MISSING \
    { \
        .request = RIG_FIRST, .status = 404, \
        .reply = RIG_STATUS("404", "NotFound", "not installed") \
    }
#define LIST_A \
    { \
        .request = RIG_FIRST, .reply = RIG_ITEMS("10", RIG_ITEM("a", "1")) \
    }
#define END \
    { \
        .request = RIG_WATCH("&resourceVersion=10"), .hook = rig_stop, .hook_arg = &rig \
    }

static void growing_pauses(void **state)
{
    (void)state;
    static const int64_t want[] = { 800, 1600, 3200, 6400, 12800, 25600, 30000, 30000 };
    struct rig rig;
    struct script_step steps[ARRAY_LEN(want) + 2];
    for (size_t i = 0; i < ARRAY_LEN(want); i++)
        steps[i] = (struct script_step)FORBIDDEN;
    steps[ARRAY_LEN(want)] = (struct script_step)LIST_A;
    steps[ARRAY_LEN(want) + 1] = (struct script_step)END;
    rig_init(&rig, steps, ARRAY_LEN(steps), NULL);

    rig_run(&rig);

    for (size_t i = 0; i < ARRAY_LEN(want); i++)
        assert_int_equal(want[i], rig_gap_ms(&rig, i + 1));
    rig_heard(&rig, "+a:1i synced");
    rig_release(&rig);
}

static void jitter(void **state)
{
    (void)state;
    static const uint64_t most[] = { UINT64_MAX };
    struct rig rig;
    const struct script_step steps[] = { FORBIDDEN, FORBIDDEN, LIST_A };
    rig_init(&rig, steps, ARRAY_LEN(steps), NULL);
    fake_rng_init_values(&rig.rng, most, 1);

    rig_run(&rig);

    assert_in_range(rig_gap_ms(&rig, 1), 1598, 1600); /* up to twice the step */
    assert_in_range(rig_gap_ms(&rig, 2), 3198, 3200);
    rig_release(&rig);
}

static void reset(void **state)
{
    (void)state;
    struct rig rig;
    const struct script_step steps[] = {
        FORBIDDEN,
        FORBIDDEN,
        LIST_A,
        { .request = RIG_WATCH("&resourceVersion=10"),
          .reply = RIG_ERROR("410", "Expired", "old"),
          .hook = rig_pass_5m,
          .hook_arg = &rig },
        { .request = RIG_LIST("resourceVersion=10"), .reply = RIG_ITEMS("10", "") },
        END,
    };
    rig_init(&rig, steps, ARRAY_LEN(steps), NULL);

    rig_run(&rig);

    assert_int_equal(1600, rig_gap_ms(&rig, 2));
    assert_int_equal(300800, rig_gap_ms(&rig, 4)); /* the first step again */
    rig_release(&rig);
}

static size_t count_lines(struct rig *rig, const char *part)
{
    size_t n = 0;
    for (size_t i = 0; i < rig->sink.lines.len; i++)
        n += strstr(rig->sink.lines.v[i], part) != NULL;
    return n;
}

static void logged_once(void **state)
{
    (void)state;
    struct rig rig;
    const struct script_step steps[] = {
        FORBIDDEN, FORBIDDEN, FORBIDDEN, MISSING, MISSING, FORBIDDEN, LIST_A, END,
    };
    rig_init(&rig, steps, ARRAY_LEN(steps), NULL);

    rig_run(&rig);

    assert_int_equal(2, count_lines(&rig, "not allowed"));
    assert_int_equal(1, count_lines(&rig, "not installed"));
    assert_int_equal(1, count_lines(&rig, "recovered"));
    assert_true(log_capture_has(&rig.sink, "level=warning"));
    rig_release(&rig);
}

/* The client's own words tell of a server that is away; each watch would say the same. */
static void away(void **state)
{
    (void)state;
    struct rig rig;
    const struct script_step steps[] = {
        { .request = RIG_FIRST, .fail = ERR_CONN, .fail_code = HTTP_ERR_REFUSED },
        { .request = RIG_FIRST, .fail = ERR_CONN, .fail_code = HTTP_ERR_REFUSED },
        LIST_A,
        { .request = RIG_WATCH("&resourceVersion=10"),
          .fail = ERR_CONN,
          .fail_code = HTTP_ERR_REFUSED },
        END,
    };
    rig_init(&rig, steps, ARRAY_LEN(steps), NULL);

    rig_run(&rig);

    assert_int_equal(0, count_lines(&rig, "watching"));
    assert_int_equal(2, count_lines(&rig, "the API server https://k cannot be reached"));
    assert_int_equal(1, count_lines(&rig, "the API server https://k answers again, after 2 s"));
    rig_release(&rig);
}

static void optional(void **state)
{
    (void)state;
    struct rig rig;
    const struct informer_config cfg = { .gvr = &GVR_CONFIGMAPS, .optional = true };
    const struct script_step steps[] = { MISSING, LIST_A, END };
    rig_init(&rig, steps, ARRAY_LEN(steps), &(struct rig_options){ .informer = &cfg });
    assert_true(kube_cache_has_synced(rig.cache)); /* it does not hold up the process */
    assert_false(informer_has_synced(rig.informer));

    rig_run(&rig);

    assert_int_equal(1, count_lines(&rig, "not installed"));
    assert_false(log_capture_has(&rig.sink, "level=warning"));
    assert_true(informer_has_synced(rig.informer));
    rig_release(&rig);
}

static void stopped_before(void **state)
{
    (void)state;
    struct rig rig;
    rig_init(&rig, NULL, 0, NULL);
    rig_stop(&rig);

    rig_run(&rig);

    rig_heard(&rig, "");
    rig_release(&rig);
}

/* Each phase, stopped in its midst. */
static struct stop_case {
    const char *name;
    size_t at; /* the step that stops */
    const char *heard;
} stops[] = {
    { "stops during a list", 0, "" },
    { "stops during a later page", 1, "" },
    { "stops during a watch", 2, "+a:1i +b:2i synced" },
};

static void check_stop(void **state)
{
    const struct stop_case *c = *state;
    struct rig rig;
    struct script_step steps[] = {
        { .request = RIG_FIRST, .reply = RIG_PAGE("10", "t", RIG_ITEM("a", "1")) },
        { .request = RIG_LIST("limit=500&continue=t"),
          .reply = RIG_ITEMS("10", RIG_ITEM("b", "2")) },
        { .request = RIG_WATCH("&resourceVersion=10") },
    };
    steps[c->at] = (struct script_step){ .request = steps[c->at].request,
                                         .status = 200,
                                         .reply = "{\"kind\":\"ConfigMapList\",\"items\":[",
                                         .hang = true,
                                         .hook = rig_stop,
                                         .hook_arg = &rig };
    rig_init(&rig, steps, c->at + 1, NULL);

    rig_run(&rig);

    rig_heard(&rig, c->heard);
    assert_false(log_capture_has(&rig.sink, "level=warning"));
    rig_release(&rig);
}

static void bad_reference(void **state)
{
    (void)state;
    struct rig rig;
    const struct informer_config cfg = { .gvr = &GVR_CONFIGMAPS, .nspace = "a/b" };
    rig_init(&rig, NULL, 0, &(struct rig_options){ .informer = &cfg });
    struct opctx ctx = opctx_root(&rig.clock.base, &rig.rng.base, rig.stop, &rig.log);
    struct opctx bounded = opctx_with_timeout_ms(&ctx, 10000);

    reflector_run(rig.informer->reflector, &bounded);

    assert_int_equal(0, rig.times_len);
    assert_int_equal(1, count_lines(&rig, "namespace"));
    rig_release(&rig);
}

int main(void)
{
    struct CMUnitTest tests[] = {
        CASE("pauses double up to 30 seconds", growing_pauses),
        CASE("pauses have a jitter of up to their own length", jitter),
        CASE("pauses begin anew after two quiet minutes", reset),
        CASE("a failure is logged once per change of text", logged_once),
        CASE("a server that is away is not told of by each watch", away),
        CASE("an optional kind may be missing", optional),
        CASE("a stop before the first list sends nothing", stopped_before),
        CASE("a reference that is no path sends nothing", bad_reference),
        CASE_OF(stops[0].name, check_stop, &stops[0]),
        CASE_OF(stops[1].name, check_stop, &stops[1]),
        CASE_OF(stops[2].name, check_stop, &stops[2]),
    };
    return RUN_CASES("reflector", tests);
}
