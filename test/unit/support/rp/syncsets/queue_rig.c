#include "test/unit/support/rp/syncsets/queue_rig.h"

#include <stdlib.h>
#include <string.h>

#include "pkg/base/mem.h"

#define LIMIT_MS 300000
#define MOMENT_MS 300

bool queue_rig_has_servers(void)
{
    return broker_is_there() && getenv("STORE_DSN");
}

struct sets_queue *queue_rig_open(struct queue_rig *r, unsigned takers)
{
    const struct sets_queue_config cfg = { .db = r->base.db,
                                           .broker = r->has_broker ? r->broker.address : NULL,
                                           .prefix = r->broker.prefix,
                                           .takers = takers,
                                           .fast_takers = 1,
                                           .metrics = r->metrics,
                                           .clock = clock_system(),
                                           .rng = rng_system() };
    struct sets_queue *q = NULL;
    assert_int_equal(sets_queue_open(&cfg, &q, NULL), 0);
    return q;
}

void queue_rig_await(struct queue_rig *r, struct sets_queue *q)
{
    const struct sets_hint h = { .uid = "probe" };
    struct sets_delivery d;
    while (sets_queue_put(&r->ctx, q, &h, NULL) < 0)
        assert_int_equal(opctx_sleep_ms(&r->ctx, MOMENT_MS, NULL), 0);
    assert_int_equal(sets_queue_take(&r->ctx, q, false, &d, NULL), 0);
    assert_string_equal(d.hint.uid, "probe");
    sets_queue_ack(q, &d);
}

static void init(struct queue_rig *r)
{
    sets_rig_init(&r->base);
    r->stop = stop_new(r->base.stop);
    struct opctx ctx = opctx_with_stop(&r->base.ctx, r->stop);
    r->ctx = opctx_with_timeout_ms(&ctx, LIMIT_MS);
    r->metrics = metrics_new();
    r->queue = queue_rig_open(r, 4);
    sets_store_free(r->base.store);
    const struct sets_store_config store = {
        .db = r->base.db, .keys = r->base.keys, .on_commit = sets_queue_committed, .arg = r->queue
    };
    r->base.store = sets_store_new(&store);
}

void queue_rig_init(struct queue_rig *r)
{
    *r = (struct queue_rig){ 0 };
    init(r);
}

void queue_rig_init_broker(struct queue_rig *r)
{
    *r = (struct queue_rig){ .has_broker = true };
    broker_rig_init(&r->broker);
    init(r);
    queue_rig_await(r, r->queue);
}

void queue_rig_release(struct queue_rig *r)
{
    sets_queue_close(r->queue);
    if (r->has_broker)
        broker_rig_release(&r->broker);
    metrics_free(r->metrics);
    stop_unref(r->stop);
    sets_rig_release(&r->base);
}

void queue_rig_put(struct queue_rig *r, const char *uid, int64_t revision, bool slow)
{
    struct sets_hint h = { .dirty_revision = revision, .slow = slow };
    (void)snprintf(h.uid, sizeof(h.uid), "%s", uid);
    cleanup_error struct error *err = NULL;
    if (sets_queue_put(&r->ctx, r->queue, &h, &err) < 0)
        fail_msg("%s", error_text(err));
}

struct sets_delivery queue_rig_take(struct queue_rig *r, bool fast_only)
{
    struct sets_delivery d = { 0 };
    cleanup_error struct error *err = NULL;
    if (sets_queue_take(&r->ctx, r->queue, fast_only, &d, &err) < 0)
        fail_msg("%s", error_text(err));
    return d;
}

void queue_rig_expect(struct queue_rig *r, bool fast_only, const char *uid, int64_t revision)
{
    struct sets_delivery d = queue_rig_take(r, fast_only);
    assert_string_equal(d.hint.uid, uid);
    assert_int_equal(d.hint.dirty_revision, revision);
    sets_queue_ack(r->queue, &d);
}

void queue_rig_expect_none(struct queue_rig *r, bool fast_only)
{
    struct sets_delivery d;
    struct opctx moment = opctx_with_timeout_ms(&r->ctx, MOMENT_MS);
    cleanup_error struct error *err = NULL;
    assert_int_equal(sets_queue_take(&moment, r->queue, fast_only, &d, &err), -1);
    assert_true(error_is(err, ERR_TIMEOUT));
}

void queue_rig_settle(struct queue_rig *r, int64_t *seen)
{
    int status;
    do {
        struct opctx moment = opctx_with_timeout_ms(&r->ctx, MOMENT_MS);
        status = sets_queue_wait_change(&moment, r->queue, seen, NULL);
    } while (status == 0);
}

int queue_rig_metric(struct queue_rig *r, const char *name)
{
    cleanup_buf struct buf text = BUF_INIT(1 << 20);
    metrics_write(r->metrics, &text);
    cleanup_free char *start = xasprintf("\n%s ", name);
    const char *at = strstr(buf_str(&text), start);
    return at ? (int)strtol(at + strlen(start), NULL, 10) : -1;
}
