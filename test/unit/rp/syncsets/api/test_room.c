/* What watches may take of a process. */
#include <stdlib.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "rp/syncsets/api/impl.h"
#include "rp/syncsets/api/room.h"
#include "test/unit/support/pkg/net/wire.h"
#include "test/unit/support/test.h"

static void each_identity_has_its_part(void **state)
{
    const struct room_limits limits = { .watches = 5, .watches_each = 2 };
    struct room *r = room_new(&limits);
    cleanup_error struct error *err = NULL;
    (void)state;
    assert_int_equal(room_enter(r, "ann", NULL), 0);
    assert_int_equal(room_enter(r, "ann", NULL), 0);
    assert_int_equal(room_enter(r, "ann", &err), -1);
    assert_true(error_is(err, ERR_THROTTLED));
    assert_non_null(strstr(error_text(err), "ann has 2 watches already"));
    assert_int_equal(room_enter(r, "bob", NULL), 0);
    room_leave(r, "ann");
    assert_int_equal(room_enter(r, "ann", NULL), 0);
    room_free(r);
}

static void who_has_no_identity_shares_only_the_whole(void **state)
{
    const struct room_limits limits = { .watches = 3, .watches_each = 1 };
    struct room *r = room_new(&limits);
    cleanup_error struct error *err = NULL;
    (void)state;
    for (int i = 0; i < 3; i++)
        assert_int_equal(room_enter(r, NULL, NULL), 0);
    assert_int_equal(room_enter(r, "ann", &err), -1);
    assert_non_null(strstr(error_text(err), "there are 3 watches already"));
    room_leave(r, NULL);
    assert_int_equal(room_enter(r, "ann", NULL), 0);
    room_free(r);
}

static void the_last_quarter_is_for_who_keeps_up(void **state)
{
    const struct room_limits limits = { .bytes = (size_t)1 << 20 };
    const size_t quarter = limits.bytes / 4;
    struct room *r = room_new(&limits);
    size_t slow = 0, quick = 0, begins = 0;
    (void)state;
    assert_true(room_take(r, &slow, 0, quarter));
    assert_false(room_is_short(r));
    assert_true(room_take(r, &slow, quarter, 2 * quarter));
    assert_true(room_is_short(r));
    assert_false(room_take(r, &slow, 3 * quarter, 1));

    assert_false(room_take_early(r, &begins, 0, quarter / 2 + 1));
    assert_true(room_take_early(r, &begins, 0, quarter / 2));
    room_settle(r, &begins, 0);
    assert_true(room_take(r, &quick, 0, quarter));
    assert_false(room_take(r, &quick, ROOM_KEEPS_UP, quarter));
    assert_true(room_take(r, &quick, 0, quarter)); /* it has taken all meanwhile */
    room_settle(r, &slow, 0);
    assert_false(room_is_short(r));
    assert_int_equal(slow, 0);
    room_free(r);
}

static void what_can_never_fit_is_refused(void **state)
{
    const struct room_limits limits = { .bytes = 1000 };
    struct room *r = room_new(&limits);
    size_t account = 0;
    (void)state;
    assert_false(room_take(r, &account, 0, 1001));
    assert_int_equal(account, 0);
    assert_true(room_take(NULL, &account, 0, 1001)); /* nobody counts */
    room_free(r);
}

/* ---- watches in it ---- */

#define LINE ((size_t)100 << 10)

struct scene {
    struct room *room;
    struct sets_watch *slow;
    size_t sent;
    bool others_go_on;
};

/* What a handler writes waits until it has returned. */
static int write_until_refused(struct http_call *call, const struct opctx *ctx, void *arg,
                               struct error **err)
{
    struct scene *s = arg;
    cleanup_free char *line = xcalloc(1, LINE + 1);
    (void)ctx;
    (void)err;
    memset(line, 'x', LINE - 1);
    line[LINE - 1] = '\n';
    s->slow->stream = http_call_begin_stream(call, (size_t)16 << 20, NULL, NULL);
    while (sets_watch_send(s->slow, line, LINE) == 0)
        s->sent++;
    size_t account = 0; /* of one that keeps up */
    s->others_go_on = room_take(s->room, &account, 0, LINE);
    http_stream_unref(s->slow->stream);
    return 0;
}

static void a_watch_that_is_not_read_fills_no_more_than_its_part(void **state)
{
    const struct room_limits limits = { .bytes = (size_t)1 << 20 };
    struct scene s = { .room = room_new(&limits) };
    cleanup_free struct sets_watch *slow = xnew(struct sets_watch);
    const struct http_route routes[] = { { "GET", "/", write_until_refused, false } };
    const struct http_server_config cfg = { .name = "test",
                                            .bind_address = "127.0.0.1",
                                            .routes = routes,
                                            .routes_len = 1,
                                            .arg = &s,
                                            .clock = clock_system(),
                                            .rng = rng_system() };
    struct http_server *server;
    (void)state;
    slow->room = s.room;
    slow->queue_max = WATCH_QUEUE_MAX;
    s.slow = slow;
    assert_int_equal(http_server_start(&cfg, &server, NULL), 0);
    {
        cleanup_wire struct wire c = wire_connect("127.0.0.1", http_server_port(server));
        wire_send(&c, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        cleanup_free char *all = wire_give_until(&c, "0\r\n\r\n");
        assert_null(strstr(all, "ERROR")); /* what has no room is not its end */
    }
    http_server_stop(server, 1000);
    assert_true(s.others_go_on);
    assert_int_equal(s.sent, (limits.bytes / 4 * 3) / LINE);
    room_free(s.room);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("each identity has its part", each_identity_has_its_part),
        CASE("who has no identity shares only the whole",
             who_has_no_identity_shares_only_the_whole),
        CASE("the last quarter is for who keeps up", the_last_quarter_is_for_who_keeps_up),
        CASE("what can never fit is refused", what_can_never_fit_is_refused),
        CASE("a watch that is not read fills no more than its part",
             a_watch_that_is_not_read_fills_no_more_than_its_part),
    };
    return RUN_CASES("room", tests);
}
