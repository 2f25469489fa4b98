#include <pthread.h>
#include <sched.h>

#include "pkg/controller/manager.h"
#include "test/unit/support/pkg/kube/informer_rig.h"
#include "test/unit/support/test.h"

static void same(void **state)
{
    (void)state;
    struct rig rig;
    rig_init(&rig, NULL, 0, NULL);
    const struct informer_config all = { .gvr = &GVR_CONFIGMAPS };
    const struct informer_config one = { .gvr = &GVR_CONFIGMAPS, .nspace = "n" };
    const struct informer_config keys = { .gvr = &GVR_CONFIGMAPS, .projection = PROJECT_KEY };
    const struct informer_config labelled = { .gvr = &GVR_CONFIGMAPS, .label_selector = "a=b" };

    assert_ptr_equal(rig.informer, kube_cache_informer(rig.cache, &all));
    struct informer *in_n = kube_cache_informer(rig.cache, &one);
    assert_ptr_not_equal(rig.informer, in_n);
    assert_ptr_equal(in_n, kube_cache_informer(rig.cache, &one));
    assert_ptr_not_equal(rig.informer, kube_cache_informer(rig.cache, &keys));
    assert_ptr_not_equal(rig.informer, kube_cache_informer(rig.cache, &labelled));
    rig_release(&rig);
}

static void optional(void **state)
{
    (void)state;
    struct rig rig;
    const struct informer_config cfg = { .gvr = &GVR_CONFIGMAPS, .optional = true };
    rig_init(&rig, NULL, 0, &(struct rig_options){ .informer = &cfg });

    assert_true(kube_cache_has_synced(rig.cache));
    const struct informer_config needed = { .gvr = &GVR_CONFIGMAPS };
    assert_ptr_equal(rig.informer, kube_cache_informer(rig.cache, &needed));
    assert_false(kube_cache_has_synced(rig.cache)); /* somebody depends on it */
    rig_release(&rig);
}

struct running {
    struct rig *rig;
    pthread_t thread;
    int status;
};

static void *run_cache(void *arg)
{
    struct running *r = arg;
    struct opctx ctx =
        opctx_root(&r->rig->clock.base, &r->rig->rng.base, r->rig->stop, &r->rig->log);
    struct runnable *runnable = kube_cache_runnable(r->rig->cache);
    r->status = runnable->run(runnable, &ctx, NULL);
    return NULL;
}

static void start(struct running *r, struct rig *rig)
{
    *r = (struct running){ .rig = rig, .status = -2 };
    atomic_store(&rig->clock.auto_advance, false);
    assert_int_equal(0, pthread_create(&r->thread, NULL, run_cache, r));
}

static void end(struct running *r)
{
    stop_request(r->rig->stop);
    assert_int_equal(0, pthread_join(r->thread, NULL));
    assert_int_equal(0, r->status);
}

static void wait_synced(struct informer *i)
{
    while (!informer_has_synced(i))
        sched_yield();
}

#define LIST \
    { \
        .request = RIG_FIRST, .reply = RIG_ITEMS("10", RIG_ITEM("a", "1")) \
    }
#define HANGING_WATCH \
    { \
        .request = RIG_WATCH("&resourceVersion=10"), .status = 200, .hang = true \
    }

static void runs(void **state)
{
    (void)state;
    struct rig rig;
    struct running r;
    const struct script_step steps[] = { LIST, HANGING_WATCH };
    rig_init(&rig, steps, ARRAY_LEN(steps), NULL);
    struct runnable *runnable = kube_cache_runnable(rig.cache);
    assert_false(runnable->is_ready(runnable));

    start(&r, &rig);
    wait_synced(rig.informer);
    assert_true(runnable->is_ready(runnable));
    end(&r);

    rig_heard(&rig, "+a:1i synced");
    rig_release(&rig);
}

static void added_later(void **state)
{
    (void)state;
    struct rig rig;
    struct running r;
    const struct script_step steps[] = {
        LIST,
        HANGING_WATCH,
        { .request = "GET https://k/api/v1/nodes?limit=500&resourceVersion=0\n"
                     "Accept: application/json",
          .reply =
              "{\"kind\":\"NodeList\",\"metadata\":{\"resourceVersion\":\"3\"},\"items\":[]}" },
        { .status = 200, .hang = true },
    };
    rig_init(&rig, steps, ARRAY_LEN(steps), NULL);
    start(&r, &rig);
    fake_clock_await(&rig.clock, 2); /* the watch, and the cache's own thread */

    const struct informer_config nodes = { .gvr = &GVR_NODES };
    struct informer *later = kube_cache_informer(rig.cache, &nodes);
    wait_synced(later);

    end(&r);
    rig_release(&rig);
}

static void periodic(void **state)
{
    (void)state;
    struct rig rig;
    struct running r;
    const struct script_step steps[] = { LIST, HANGING_WATCH };
    rig_init(&rig, steps, ARRAY_LEN(steps), &(struct rig_options){ .resync_ms = 100000 });
    start(&r, &rig);
    wait_synced(rig.informer);
    fake_clock_await(&rig.clock, 2);
    rig_heard(&rig, "+a:1i synced");

    fake_clock_advance_ms(&rig.clock, 89000);
    fake_clock_await(&rig.clock, 2);
    rig_heard(&rig, "");
    fake_clock_advance_ms(&rig.clock, 1001); /* 90 %: the shortest period */
    fake_clock_await(&rig.clock, 2);
    rig_heard(&rig, "~a:1>1r");
    fake_clock_advance_ms(&rig.clock, 90001);
    fake_clock_await(&rig.clock, 2);
    rig_heard(&rig, "~a:1>1r");

    end(&r);
    rig_release(&rig);
}

static void default_period(void **state)
{
    (void)state;
    struct rig rig;
    rig_init(&rig, NULL, 0, NULL);
    assert_int_equal(36000000, rig.cache->opt.resync_ms);
    rig_release(&rig);
    rig_init(&rig, NULL, 0, &(struct rig_options){ .resync_ms = 5 });
    assert_int_equal(1000, rig.cache->opt.resync_ms);
    rig_release(&rig);
}

static void run_twice(void **state)
{
    (void)state;
    struct rig rig;
    struct running r;
    const struct script_step steps[] = { LIST, HANGING_WATCH };
    rig_init(&rig, steps, ARRAY_LEN(steps), NULL);
    start(&r, &rig);
    wait_synced(rig.informer);

    struct opctx ctx = opctx_root(&rig.clock.base, &rig.rng.base, rig.stop, &rig.log);
    assert_int_equal(-1, kube_cache_run(rig.cache, &ctx, NULL));

    end(&r);
    rig_release(&rig);
}

static void not_after_stop(void **state)
{
    (void)state;
    struct rig rig;
    struct running r;
    const struct script_step steps[] = { LIST, HANGING_WATCH };
    rig_init(&rig, steps, ARRAY_LEN(steps), NULL);
    start(&r, &rig);
    wait_synced(rig.informer);
    end(&r);

    const struct informer_config nodes = { .gvr = &GVR_NODES };
    assert_false(informer_has_synced(kube_cache_informer(rig.cache, &nodes)));
    assert_false(kube_cache_informer(rig.cache, &nodes)->started);
    rig_release(&rig);
}

static void metrics(void **state)
{
    (void)state;
    struct rig rig;
    const struct script_step steps[] = { LIST, { .hook = rig_pass_2s, .hook_arg = &rig } };
    rig_init(&rig, steps, ARRAY_LEN(steps), NULL);

    rig_run(&rig);

    assert_int_equal(1, (int)rig_metric(&rig, "kr_store_objects"));
    assert_int_equal(informer_bytes(rig.informer), (size_t)rig_metric(&rig, "kr_store_bytes"));
    assert_int_equal(2, (int)rig_metric(&rig, "kr_last_event_age_seconds"));
    assert_int_equal(2, (int)rig_metric(&rig, "kr_reflector_watches_total"));
    informer_remove_handler(rig.informer, &rig.recorder.handler);
    kube_cache_free(take(rig.cache));
    assert_int_equal(-1, (int)rig_metric(&rig, "kr_store_objects")); /* gone with the informer */
    assert_int_equal(-1, (int)rig_metric(&rig, "kr_reflector_lists_total"));
    struct informer_config all = { .gvr = &GVR_CONFIGMAPS };
    struct kube_cache_options opt = { .clock = &rig.clock.base, .rng = &rig.rng.base };
    rig.cache = kube_cache_new(rig.client, &opt); /* for the release */
    rig.informer = kube_cache_informer(rig.cache, &all);
    rig_release(&rig);
}

/* Informers of one kind differ in what they select; their figures carry one label. */
static void metrics_of_kind(void **state)
{
    (void)state;
    struct rig rig;
    const struct informer_config other = { .gvr = &GVR_CONFIGMAPS, .nspace = "n" };
    const struct script_step steps[] = { LIST, { .hook = rig_pass_2s, .hook_arg = &rig } };
    rig_init(&rig, steps, ARRAY_LEN(steps), NULL);
    struct informer *silent = kube_cache_informer(rig.cache, &other);
    fake_clock_advance_ms(&rig.clock, 60000);

    rig_run(&rig);

    assert_int_equal(1, (int)rig_metric(&rig, "kr_store_objects"));
    assert_int_equal(informer_bytes(rig.informer) + informer_bytes(silent),
                     (size_t)rig_metric(&rig, "kr_store_bytes"));
    assert_int_equal(62, (int)rig_metric(&rig, "kr_last_event_age_seconds"));
    rig_release(&rig);
}

/* ---- streaming lists that do not end ---- */

/* The cache's thread logs when it gets to it; the runner's time limit ends a wait for what never comes. */
static void wait_logged(struct rig *rig, const char *text)
{
    while (!log_capture_has(&rig->sink, text))
        sched_yield();
}

static void endless_stream(void **state)
{
    (void)state;
    struct rig rig;
    struct running r;
    const struct script_step steps[] = {
        { .reply = "{\"major\":\"1\",\"minor\":\"34\"}" },
        { .status = 200, .reply = RIG_EVENT("ADDED", "x", "1"), .hang = true },
        LIST,
        HANGING_WATCH,
    };
    rig_init(&rig, steps, ARRAY_LEN(steps), &(struct rig_options){ .allow_streaming_list = true });
    start(&r, &rig);
    fake_clock_await(&rig.clock, 2);
    fake_clock_advance_ms(&rig.clock, 10001);
    wait_logged(&rig, "not complete after 10 s");
    fake_clock_advance_ms(&rig.clock, 10000);
    wait_logged(&rig, "not complete after 20 s");

    fake_clock_advance_ms(&rig.clock, 10000); /* 30 s of silence: the server does not know it */
    wait_synced(rig.informer);

    end(&r);
    rig_heard(&rig, "+a:1i synced");
    rig_release(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("equal configurations share an informer", same),
        CASE("an optional informer that somebody needs is optional no more", optional),
        CASE("the run starts informers and ends with the stop", runs),
        CASE("an informer added during the run starts at once", added_later),
        CASE("resyncs come every period, less or more a tenth", periodic),
        CASE("the period is ten hours and at least a second", default_period),
        CASE("a second run at the same time is refused", run_twice),
        CASE("nothing starts after the stop", not_after_stop),
        CASE("metrics live as long as the informer", metrics),
        CASE("informers of one kind are counted together", metrics_of_kind),
        CASE("a streaming list without an end is warned of, then listed", endless_stream),
    };
    return RUN_CASES("informer_cache", tests);
}
