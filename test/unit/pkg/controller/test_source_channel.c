#include "pkg/base/mem.h"
#include "pkg/base/thread.h"
#include "pkg/controller/controller.h"
#include "test/unit/support/fake_clock.h"
#include "test/unit/support/test.h"

struct rig {
    struct fake_clock clock;
    struct workqueue *q;
    struct source *s;
    struct opctx ctx;
};

static void set_up(struct rig *r)
{
    fake_clock_init(&r->clock);
    r->q = workqueue_new(&(struct workqueue_config){ .name = "q", .clock = &r->clock.base });
    r->s = source_channel_new("alerts");
    r->ctx = opctx_root(&r->clock.base, NULL, NULL, NULL);
}

static void tear_down(struct rig *r)
{
    source_channel_free(r->s);
    workqueue_free(r->q);
    fake_clock_release(&r->clock);
}

static void expect(struct rig *r, const char *want)
{
    cleanup_free char *key = NULL;
    assert_true(workqueue_len(r->q) > 0);
    assert_true(workqueue_get(r->q, &key, NULL));
    assert_string_equal(key, want);
    workqueue_done(r->q, key);
}

static void check_buffered(void **state)
{
    (void)state;
    struct rig r;
    set_up(&r);

    assert_true(source_channel_send(r.s, "b"));
    assert_true(source_channel_send(r.s, "a"));
    assert_true(source_channel_send(r.s, "b"));
    assert_false(r.s->has_synced(r.s));
    assert_int_equal(r.s->start(r.s, r.q, &r.ctx, NULL), 0);

    assert_true(r.s->has_synced(r.s));
    expect(&r, "b");
    expect(&r, "a");
    assert_int_equal(workqueue_len(r.q), 0);
    r.s->stop(r.s);
    tear_down(&r);
}

static void check_started(void **state)
{
    (void)state;
    struct rig r;
    cleanup_error struct error *err = NULL;
    set_up(&r);
    assert_int_equal(r.s->start(r.s, r.q, &r.ctx, NULL), 0);

    assert_true(source_channel_send(r.s, "a"));
    expect(&r, "a");

    assert_int_equal(r.s->start(r.s, r.q, &r.ctx, &err), -1);
    assert_string_equal(error_text(err), "channel alerts: started twice");
    r.s->stop(r.s);
    assert_true(source_channel_send(r.s, "later")); /* waits for the next start */
    assert_int_equal(workqueue_len(r.q), 0);
    tear_down(&r);
}

static void check_closed(void **state)
{
    (void)state;
    struct rig r;
    set_up(&r);
    assert_true(source_channel_send(r.s, "a"));

    source_channel_close(r.s);

    assert_false(source_channel_send(r.s, "b"));
    assert_int_equal(r.s->start(r.s, r.q, &r.ctx, NULL), 0);
    expect(&r, "a");
    assert_int_equal(workqueue_len(r.q), 0);
    r.s->stop(r.s);
    tear_down(&r);
    source_channel_free(NULL);
}

static void send_many(void *arg)
{
    struct rig *r = arg;
    for (int i = 0; i < 1000; i++) {
        cleanup_free char *key = xasprintf("k%d", i);
        (void)source_channel_send(r->s, key);
    }
}

static void check_threads(void **state)
{
    (void)state;
    struct rig r;
    pthread_t thread;
    set_up(&r);
    assert_int_equal(thread_start(&thread, "sender", send_many, &r, NULL), 0);

    assert_int_equal(r.s->start(r.s, r.q, &r.ctx, NULL), 0);
    pthread_join(thread, NULL);

    assert_int_equal(workqueue_len(r.q), 1000);
    r.s->stop(r.s);
    tear_down(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("what is sent before the start waits, each key once", check_buffered),
        CASE("what is sent afterwards goes to the queue", check_started),
        CASE("a closed channel hands on what it has and takes nothing more", check_closed),
        CASE("no key is lost around the start", check_threads),
    };
    return RUN_CASES("source_channel", tests);
}
