/* The watcher; with BROKER_URL set, on that broker, where the test itself plays the relay. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "rp/syncsets/queue/topology.h"
#include "rp/syncsets/queue/watcher.h"
#include "test/unit/support/pkg/amqp/broker_rig.h"

static void open_fails(const char *prefix, const char *consumer, enum err_kind kind)
{
    cleanup_amqp_address struct amqp_address *a = NULL;
    const struct opctx root = opctx_root(clock_system(), rng_system(), NULL, NULL);
    const struct opctx ctx = opctx_with_timeout_ms(&root, 20000);
    struct sets_watcher *w = NULL;
    cleanup_error struct error *err = NULL;
    assert_int_equal(amqp_address_parse("amqp://127.0.0.1:1", env_process(), &a, NULL), 0);
    const struct sets_watcher_config cfg = {
        .broker = a, .prefix = prefix, .consumer = consumer, .type = "clusters"
    };
    assert_int_equal(sets_watcher_open(&ctx, &cfg, &w, &err), -1);
    assert_true(error_is(err, kind));
}

static void bad_names_and_no_broker_are_told(void **state)
{
    (void)state;
    open_fails("a b", NULL, ERR_INVALID);
    open_fails(NULL, "a#", ERR_INVALID);
    open_fails(NULL, "me", ERR_CONN);
}

struct watch_rig {
    struct broker_rig base;
    struct bus_names names;
    struct amqp *c;
    struct sets_watcher *w;
};

static struct sets_watcher *open_watcher(struct watch_rig *r, const char *consumer)
{
    const struct sets_watcher_config cfg = { .broker = r->base.address,
                                             .prefix = r->base.prefix,
                                             .consumer = consumer,
                                             .type = "clusters" };
    struct sets_watcher *w = NULL;
    assert_int_equal(sets_watcher_open(&r->base.ctx, &cfg, &w, NULL), 0);
    return w;
}

static void set_up(struct watch_rig *r, const char *consumer)
{
    broker_rig_init(&r->base);
    bus_names_init(&r->names, r->base.prefix);
    r->c = broker_rig_open(&r->base);
    r->w = open_watcher(r, consumer);
}

static void tear_down(struct watch_rig *r)
{
    sets_watcher_close(r->w);
    amqp_close(r->c);
    bus_names_release(&r->names);
    broker_rig_release(&r->base);
}

static void publish(struct watch_rig *r, const char *type, int64_t revision, int64_t prev)
{
    const struct sets_event e = { .revision = revision,
                                  .prev = prev,
                                  .type = type,
                                  .op = "MODIFIED",
                                  .uid = "u",
                                  .nspace = "n",
                                  .name = "c",
                                  .labels = "{}" };
    cleanup_buf struct buf body = BUF_INIT(BUS_EVENT_MAX);
    cleanup_free char *key = bus_event_key(&e);
    bus_event_write(&body, &e);
    const struct amqp_message m = {
        .exchange = r->names.events, .key = key, .body = body.data, .len = body.len
    };
    assert_int_equal(amqp_publish(&r->base.ctx, r->c, &m, NULL), 0);
    assert_int_equal(amqp_flush(&r->base.ctx, r->c, NULL, NULL), 0);
}

/* The revision of the next event; -1: a gap behind *ret_last. */
static int64_t next(struct watch_rig *r, int64_t *ret_last)
{
    cleanup_bus_event struct sets_bus_event e = { 0 };
    enum sets_watch_news news;
    cleanup_error struct error *err = NULL;
    if (sets_watcher_next(&r->base.ctx, r->w, &news, &e, ret_last, &err) < 0)
        fail_msg("%s", error_text(err));
    return news == WATCH_GAP ? -1 : e.revision;
}

static void a_consumer_first_says_where_it_stands(void **state)
{
    (void)state;
    struct watch_rig r;
    int64_t last;
    set_up(&r, NULL);
    publish(&r, "clusters", 10, 8);
    publish(&r, "syncsets", 11, 0);
    publish(&r, "clusters", 12, 10);
    assert_int_equal(next(&r, &last), -1);
    sets_watcher_seen(r.w, 10); /* what its list had */
    assert_int_equal(next(&r, &last), 12);
    tear_down(&r);
}

static void what_comes_twice_is_given_once(void **state)
{
    (void)state;
    struct watch_rig r;
    int64_t last;
    set_up(&r, "me");
    sets_watcher_seen(r.w, 4);
    publish(&r, "clusters", 5, 4);
    publish(&r, "clusters", 6, 5);
    publish(&r, "clusters", 5, 4);
    publish(&r, "clusters", 6, 5);
    publish(&r, "clusters", 7, 6);
    assert_int_equal(next(&r, &last), 5);
    assert_int_equal(next(&r, &last), 6);
    assert_int_equal(next(&r, &last), 7);
    tear_down(&r);
}

static void a_dropped_message_is_noticed(void **state)
{
    (void)state;
    struct watch_rig r;
    int64_t last;
    set_up(&r, "me");
    sets_watcher_seen(r.w, 1);
    publish(&r, "clusters", 2, 1);
    assert_int_equal(next(&r, &last), 2);
    publish(&r, "clusters", 5, 3); /* 3 is lost */
    assert_int_equal(next(&r, &last), -1);
    assert_int_equal(last, 2);
    assert_int_equal(next(&r, &last), -1); /* until somebody did something */
    sets_watcher_seen(r.w, 3);             /* by an HTTP watch from 2 */
    assert_int_equal(next(&r, &last), 5);
    publish(&r, "clusters", 6, 5);
    assert_int_equal(next(&r, &last), 6);
    tear_down(&r);
}

static void a_named_consumers_events_wait_for_it(void **state)
{
    (void)state;
    struct watch_rig r;
    int64_t last;
    set_up(&r, "me");
    sets_watcher_seen(r.w, 1);
    publish(&r, "clusters", 2, 1);
    publish(&r, "clusters", 3, 2);
    assert_int_equal(next(&r, &last), 2);
    sets_watcher_close(r.w); /* before it said that it is done with 2 */
    publish(&r, "clusters", 4, 3);
    r.w = open_watcher(&r, "me");
    assert_int_equal(next(&r, &last), -1);
    sets_watcher_seen(r.w, 1);
    assert_int_equal(next(&r, &last), 2);
    assert_int_equal(next(&r, &last), 3);
    assert_int_equal(next(&r, &last), 4);
    tear_down(&r);
}

static void a_purged_queue_is_noticed_by_the_next_event(void **state)
{
    (void)state;
    struct watch_rig r;
    int64_t last;
    set_up(&r, "me");
    sets_watcher_close(r.w);
    publish(&r, "clusters", 2, 1);
    cleanup_free char *queue = xasprintf("%s.watch.me.clusters", r.base.prefix);
    uint32_t dropped = 0;
    assert_int_equal(amqp_purge(r.c, queue, &dropped, NULL), 0);
    assert_int_equal(dropped, 1);
    publish(&r, "clusters", 3, 2);
    r.w = open_watcher(&r, "me");
    sets_watcher_seen(r.w, 1);
    assert_int_equal(next(&r, &last), -1);
    assert_int_equal(last, 1);
    tear_down(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("bad names and no broker are told", bad_names_and_no_broker_are_told),
        CASE("a consumer first says where it stands", a_consumer_first_says_where_it_stands),
        CASE("what comes twice is given once", what_comes_twice_is_given_once),
        CASE("a dropped message is noticed", a_dropped_message_is_noticed),
        CASE("a named consumer's events wait for it", a_named_consumers_events_wait_for_it),
        CASE("a purged queue is noticed by the next event",
             a_purged_queue_is_noticed_by_the_next_event),
    };
    return RUN_CASES_IF(broker_is_there(), 1, "watcher", tests, BY_SYNCSETS_CHECK);
}
