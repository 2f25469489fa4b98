#include "hack/devcloud/cluster/hub.h"
#include "test/unit/support/hack/devcloud/cluster_rig.h"

#define WATCH "/api/v1/namespaces/default/configmaps?watch=true&resourceVersion=0"
#define BOOKMARK "{'type':'BOOKMARK'}"

static int64_t now(struct cluster_rig *rig)
{
    return clock_mono_ns(&rig->clock.base);
}

static int64_t tick_after_s(struct cluster_rig *rig, int64_t s)
{
    fake_clock_advance_ms(&rig->clock, s * 1000);
    return hub_tick(rig->c->hub, now(rig));
}

static void nothing_is_pending(void **state)
{
    (void)state;
    cleanup_cluster_rig struct cluster_rig rig;
    cluster_rig_open(&rig);

    assert_int_equal(hub_tick(rig.c->hub, now(&rig)), CLOCK_NEVER);
}

static void watches_end_in_time(void **state)
{
    (void)state;
    cleanup_cluster_rig struct cluster_rig rig;
    cluster_rig_open(&rig);
    cleanup_rig_watch struct rig_watch first = { 0 }, second = { 0 };
    rig_watch_open(&first, &rig, WATCH "&timeoutSeconds=10");
    rig_watch_open(&second, &rig, WATCH "&timeoutSeconds=20");
    int64_t start = now(&rig);

    assert_int_equal(hub_tick(rig.c->hub, start), start + 10 * NS_PER_S);
    (void)tick_after_s(&rig, 9);
    assert_false(first.ended);
    assert_int_equal(tick_after_s(&rig, 1), start + 20 * NS_PER_S);
    assert_true(first.ended);
    assert_false(second.ended);
    assert_int_equal(tick_after_s(&rig, 10), CLOCK_NEVER);
    assert_true(second.ended);
}

/* After its end a watch tells nothing more. */
static void ended_watches_are_silent(void **state)
{
    (void)state;
    cleanup_cluster_rig struct cluster_rig rig;
    cluster_rig_open(&rig);
    cleanup_rig_watch struct rig_watch w = { 0 };
    rig_watch_open(&w, &rig, WATCH "&timeoutSeconds=1");
    (void)tick_after_s(&rig, 1);

    assert_int_equal(cluster_rig_send(&rig, "POST /api/v1/namespaces/default/configmaps",
                                      "{'metadata':{'name':'a'}}"),
                     201);

    rig_watch_expect(&w, NULL);
}

static void no_limit_means_half_an_hour_or_more(void **state)
{
    (void)state;
    cleanup_cluster_rig struct cluster_rig rig;
    cluster_rig_open(&rig);
    static const char *const queries[] = { WATCH, WATCH "&timeoutSeconds=0",
                                           WATCH "&timeoutSeconds=-5" };
    for (size_t i = 0; i < ARRAY_LEN(queries); i++) {
        cleanup_rig_watch struct rig_watch w = { 0 };
        rig_watch_open(&w, &rig, queries[i]);
        int64_t left = hub_tick(rig.c->hub, now(&rig)) - now(&rig);
        assert_true(left >= 1800 * NS_PER_S && left < 3600 * NS_PER_S);
    }
}

static void bookmarks_come_regularly_and_before_the_end(void **state)
{
    (void)state;
    cleanup_cluster_rig struct cluster_rig rig;
    cluster_rig_init(&rig);
    rig.cfg.bookmark_ms = 60000;
    cluster_rig_start(&rig);
    cleanup_rig_watch struct rig_watch w = { 0 };
    rig_watch_open(&w, &rig, WATCH "&allowWatchBookmarks=true&timeoutSeconds=150");
    int64_t start = now(&rig);

    assert_int_equal(tick_after_s(&rig, 59), start + 60 * NS_PER_S);
    rig_watch_expect(&w, NULL);
    assert_int_equal(tick_after_s(&rig, 1), start + 120 * NS_PER_S);
    rig_watch_expect(&w, BOOKMARK);
    assert_int_equal(tick_after_s(&rig, 60), start + 148 * NS_PER_S);
    rig_watch_expect(&w, BOOKMARK);
    (void)tick_after_s(&rig, 28);
    rig_watch_expect(&w, BOOKMARK);
    rig_watch_expect(&w, NULL);
    assert_false(w.ended);
    (void)tick_after_s(&rig, 2);
    assert_true(w.ended);
}

static void a_short_watch_has_its_bookmark_too(void **state)
{
    (void)state;
    cleanup_cluster_rig struct cluster_rig rig;
    cluster_rig_open(&rig);
    cleanup_rig_watch struct rig_watch w = { 0 };
    rig_watch_open(&w, &rig, WATCH "&allowWatchBookmarks=true&timeoutSeconds=10");

    (void)tick_after_s(&rig, 7);
    rig_watch_expect(&w, NULL);
    (void)tick_after_s(&rig, 1);
    rig_watch_expect(&w, BOOKMARK);
    rig_watch_expect(&w, NULL);
    assert_false(w.ended);
}

static void bookmarks_come_only_when_asked_for(void **state)
{
    (void)state;
    cleanup_cluster_rig struct cluster_rig rig;
    cluster_rig_open(&rig);
    cleanup_rig_watch struct rig_watch w = { 0 };
    rig_watch_open(&w, &rig, WATCH "&timeoutSeconds=150");

    (void)tick_after_s(&rig, 149);

    rig_watch_expect(&w, NULL);
}

static void a_stopping_server_ends_its_own(void **state)
{
    (void)state;
    cleanup_cluster_rig struct cluster_rig rig;
    cluster_rig_open(&rig);
    cleanup_rig_watch struct rig_watch first = { 0 }, other = { 0 }, last = { 0 };
    rig_watch_open(&first, &rig, WATCH);
    rig_watch_open(&other, &rig, WATCH "&timeoutSeconds=30");
    rig_watch_open(&last, &rig, WATCH);
    first.sink.owner = last.sink.owner = &rig;
    int64_t start = now(&rig);

    hub_end_of(rig.c->hub, &rig);

    assert_true(first.ended && last.ended);
    assert_false(other.ended);
    assert_int_equal(hub_tick(rig.c->hub, start), start + 30 * NS_PER_S);
}

/* Watches may go in any order, also between the others. */
static void a_freed_watch_is_forgotten(void **state)
{
    (void)state;
    cleanup_cluster_rig struct cluster_rig rig;
    cluster_rig_open(&rig);
    cleanup_rig_watch struct rig_watch first = { 0 }, last = { 0 };
    struct rig_watch middle = { 0 };
    rig_watch_open(&first, &rig, WATCH "&timeoutSeconds=30");
    rig_watch_open(&middle, &rig, WATCH "&timeoutSeconds=10");
    rig_watch_open(&last, &rig, WATCH "&timeoutSeconds=20");

    rig_watch_close(&middle);

    int64_t start = now(&rig);
    assert_int_equal(hub_tick(rig.c->hub, start), start + 20 * NS_PER_S);
    (void)tick_after_s(&rig, 20);
    assert_true(last.ended);
    assert_false(first.ended);
}

struct signalling {
    struct watch_sink sink;
    pthread_mutex_t mu;
    pthread_cond_t cv;
    bool ended;
};

static int drop_line(struct watch_sink *sink, const char *data, size_t len)
{
    (void)sink;
    (void)data;
    (void)len;
    return 0;
}

static void signal_end(struct watch_sink *sink)
{
    struct signalling *s = container_of(sink, struct signalling, sink);
    (void)pthread_mutex_lock(&s->mu);
    s->ended = true;
    (void)pthread_cond_signal(&s->cv);
    (void)pthread_mutex_unlock(&s->mu);
}

/* The hub's own thread does what hub_tick does. */
static void the_thread_keeps_time(void **state)
{
    (void)state;
    cleanup_cluster_rig struct cluster_rig rig;
    cluster_rig_open(&rig);
    struct signalling s = { .sink = { drop_line, signal_end } };
    (void)pthread_mutex_init(&s.mu, NULL);
    (void)pthread_cond_init(&s.cv, NULL);
    cleanup_rig_op struct rig_op o;
    rig_op_init(&o, &rig, "GET " WATCH "&timeoutSeconds=10", NULL);
    struct watch *w;
    assert_int_equal(watch_open(&o.op, &w, NULL), 0);
    assert_int_equal(hub_start(rig.c->hub, NULL), 0);
    assert_int_equal(hub_start(rig.c->hub, NULL), 0); /* the same thread */

    watch_start(w, &s.sink);
    fake_clock_await(&rig.clock, 1);
    while (fake_clock_step(&rig.clock) == 0)
        ;
    (void)pthread_mutex_lock(&s.mu);
    while (!s.ended)
        (void)pthread_cond_wait(&s.cv, &s.mu);
    (void)pthread_mutex_unlock(&s.mu);

    assert_int_equal(now(&rig), FAKE_MONO_NS + 10 * NS_PER_S);
    watch_free(w);
    (void)pthread_cond_destroy(&s.cv);
    (void)pthread_mutex_destroy(&s.mu);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("without watches nothing is pending", nothing_is_pending),
        CASE("watches end in time, each its own", watches_end_in_time),
        CASE("a watch that has ended is silent", ended_watches_are_silent),
        CASE("a watch without a limit lasts half an hour or more",
             no_limit_means_half_an_hour_or_more),
        CASE("bookmarks come regularly, and once more before the end",
             bookmarks_come_regularly_and_before_the_end),
        CASE("a watch shorter than that has one before its end",
             a_short_watch_has_its_bookmark_too),
        CASE("bookmarks come only when asked for", bookmarks_come_only_when_asked_for),
        CASE("a server that stops ends its own watches", a_stopping_server_ends_its_own),
        CASE("a watch that is freed is forgotten", a_freed_watch_is_forgotten),
        CASE("the hub's thread keeps the time", the_thread_keeps_time),
    };
    return RUN_CASES("hub", tests);
}
