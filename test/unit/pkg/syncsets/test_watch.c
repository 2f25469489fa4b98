#include <sched.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/syncsets/client_impl.h"
#include "test/unit/support/pkg/net/scripted_transport.h"
#include "test/unit/support/test.h"

static const struct syncsets_operation op = { "listThing", "GET", "things", NULL, { "watch" } };

#define ADDED "{\"type\":\"ADDED\",\"object\":{\"n\":1}}\n"
#define GONE \
    "{\"type\":\"ERROR\",\"object\":{\"kind\":\"Status\",\"code\":410,\"reason\":\"Expired\"," \
    "\"message\":\"too old\"}}\n"

struct rig {
    struct scripted_transport t;
    struct opctx ctx;
    struct syncsets *c;
    struct syncsets_watch *w;
};
static void rig_open(struct rig *r, const struct script_step *step)
{
    const struct syncsets_subject subject = { 0 };
    *r = (struct rig){ .ctx = opctx_root(clock_system(), rng_system(), NULL, NULL) };
    scripted_transport_init(&r->t, step, 1);
    const struct syncsets_config cfg = { .url = "https://sets.test", .transport = &r->t.base };
    assert_int_equal(syncsets_new(&cfg, &r->c, NULL), 0);
    assert_int_equal(syncsets_follow(r->c, &r->ctx, &op, &subject, NULL, &r->w, NULL), 0);
}
static void rig_close(struct rig *r)
{
    syncsets_watch_close(r->w);
    syncsets_free(r->c);
    scripted_transport_check(&r->t);
    scripted_transport_release(&r->t);
}

static void events_come_in_pieces(void **state)
{
    (void)state;
    const struct script_step step = {
        .request = "GET https://sets.test:443/v1/things?watch=true\nAccept: "
                   "application/json\n@traffic: watch\n",
        .reply = ADDED "\n" ADDED,
        .piece = 5,
    };
    struct rig r;
    rig_open(&r, &step);
    for (int i = 0; i < 2; i++) {
        cleanup_syncsets_event struct syncsets_event e = { 0 };
        assert_int_equal(syncsets_watch_next(r.w, &r.ctx, &e, NULL), 0);
        assert_string_equal(e.type, "ADDED");
        assert_int_equal(json_path_int(e.object, "n", 0), 1);
    }
    for (int i = 0; i < 2; i++) {
        struct syncsets_event e;
        assert_int_equal(syncsets_watch_next(r.w, &r.ctx, &e, NULL), 0);
        assert_null(e.type);
    }
    rig_close(&r);
}

struct end {
    const char *name;
    struct script_step step;
    enum err_kind want;
};
static struct end ends[] = {
    { "an old version is told", { .reply = GONE }, ERR_GONE },
    { "a refusal is told", { .status = 403, .reply = "{\"kind\":\"Status\"}" }, ERR_FORBIDDEN },
    { "a lost connection is told", { .reply = "{\"type\":", .fail = ERR_CONN }, ERR_CONN },
    { "garbage is told", { .reply = "what\n" }, ERR_INVALID },
};

static void check_end(void **state)
{
    const struct end *end = *state;
    struct rig r;
    rig_open(&r, &end->step);
    cleanup_error struct error *err = NULL;
    struct syncsets_event e;

    assert_int_equal(syncsets_watch_next(r.w, &r.ctx, &e, &err), -1);

    assert_true(error_is(err, end->want));
    assert_null(e.type);
    rig_close(&r);
}

static void who_waits_in_vain_may_wait_again(void **state)
{
    (void)state;
    const struct script_step step = { .status = 200, .reply = ADDED, .hang = true };
    struct rig r;
    cleanup_error struct error *err = NULL;
    rig_open(&r, &step);
    cleanup_syncsets_event struct syncsets_event first = { 0 };
    struct syncsets_event none;
    assert_int_equal(syncsets_watch_next(r.w, &r.ctx, &first, NULL), 0);
    const struct opctx now = opctx_with_timeout_ms(&r.ctx, 1);

    assert_int_equal(syncsets_watch_next(r.w, &now, &none, &err), -1);

    assert_true(error_is(err, ERR_TIMEOUT));
    rig_close(&r); /* ends what hangs */
}

static void who_takes_nothing_is_cut_off(void **state)
{
    (void)state;
    struct buf many = BUF_INIT(BUF_UNBOUNDED);
    for (int i = 0; i < SYNCSETS_PENDING_MAX + 1; i++)
        buf_adds(&many, ADDED);
    const struct script_step step = { .reply = buf_str(&many) };
    struct rig r;
    cleanup_error struct error *err = NULL;
    struct syncsets_event e = { 0 };
    rig_open(&r, &step);
    while (!syncsets_watch_has_ended(r.w))
        (void)sched_yield();

    for (int i = 0; i < SYNCSETS_PENDING_MAX; i++) {
        assert_int_equal(syncsets_watch_next(r.w, &r.ctx, &e, NULL), 0);
        syncsets_event_release(&e);
    }
    assert_int_equal(syncsets_watch_next(r.w, &r.ctx, &e, &err), -1);

    assert_true(error_is(err, ERR_THROTTLED));
    rig_close(&r);
    buf_release(&many);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(ends) + 3] = {
        CASE("events come in pieces", events_come_in_pieces),
        CASE("who waits in vain may wait again", who_waits_in_vain_may_wait_again),
        CASE("who takes nothing is cut off", who_takes_nothing_is_cut_off),
    };
    for (size_t i = 0; i < ARRAY_LEN(ends); i++)
        tests[3 + i] = (struct CMUnitTest)CASE_OF(ends[i].name, check_end, &ends[i]);
    return RUN_CASES("watch", tests);
}
