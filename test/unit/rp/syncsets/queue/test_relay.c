/* The relay without a broker; with STORE_DSN and BROKER_URL set, on these. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/syncsets/queue/relay.h"
#include "rp/syncsets/queue/topology.h"
#include "rp/syncsets/queue/watcher.h"
#include "test/unit/support/pkg/amqp/broker_rig.h"
#include "test/unit/support/rp/syncsets/sets_rig.h"

static bool has_servers(void)
{
    return broker_is_there() && getenv("STORE_DSN");
}

static int number_of(struct metrics *m, const char *name)
{
    cleanup_buf struct buf text = BUF_INIT(1 << 20);
    metrics_write(m, &text);
    cleanup_free char *start = xasprintf("\n%s ", name);
    const char *at = strstr(buf_str(&text), start);
    return at ? (int)strtol(at + strlen(start), NULL, 10) : -1;
}

static void the_age_of_what_waits_is_measured(void **state)
{
    (void)state;
    struct sets_rig r;
    cleanup_amqp_address struct amqp_address *a = NULL;
    cleanup_metrics struct metrics *m = metrics_new();
    struct sets_relay *relay = NULL;
    sets_rig_init(&r);
    assert_int_equal(amqp_address_parse("amqp://127.0.0.1:1", env_process(), &a, NULL), 0);
    const struct sets_relay_config cfg = {
        .store = r.store, .broker = a, .metrics = m, .clock = clock_system(), .rng = rng_system()
    };
    assert_int_equal(sets_relay_start(&cfg, &relay, NULL), 0);
    assert_int_equal(number_of(m, "syncsets_outbox_lag_seconds"), 0);
    json_free(sets_rig_create(&r, TYPE_CLUSTERS, "{'name':'a','namespace':'n'}"));
    sets_rig_script(&r, "UPDATE events SET created_at = created_at - 1000");
    assert_true(number_of(m, "syncsets_outbox_lag_seconds") >= 1000);
    assert_int_equal(sets_cursor_set(&r.ctx, r.store, "relay", 100, NULL), 0);
    assert_int_equal(number_of(m, "syncsets_outbox_lag_seconds"), 0);
    sets_relay_stop(relay);
    sets_rig_release(&r);
}

/* ---- with both servers ---- */

struct relay_rig {
    struct sets_rig store;
    struct broker_rig broker;
    struct sets_watcher *watcher;
    int written;
    int64_t last; /* revision that came last */
};

static struct sets_relay *start_relay(struct relay_rig *r)
{
    const struct sets_relay_config cfg = { .store = r->store.store,
                                           .broker = r->broker.address,
                                           .prefix = r->broker.prefix,
                                           .clock = clock_system(),
                                           .rng = rng_system() };
    struct sets_relay *relay = NULL;
    cleanup_error struct error *err = NULL;
    if (sets_relay_start(&cfg, &relay, &err) < 0)
        fail_msg("%s", error_text(err));
    return relay;
}

static void set_up(struct relay_rig *r)
{
    *r = (struct relay_rig){ 0 };
    sets_rig_init(&r->store);
    broker_rig_init(&r->broker);
    const struct sets_watcher_config cfg = { .broker = r->broker.address,
                                             .prefix = r->broker.prefix,
                                             .consumer = "test",
                                             .type = "clusters" };
    assert_int_equal(sets_watcher_open(&r->broker.ctx, &cfg, &r->watcher, NULL), 0);
    sets_watcher_seen(r->watcher, 0);
}

static void tear_down(struct relay_rig *r)
{
    sets_watcher_close(r->watcher);
    broker_rig_release(&r->broker);
    sets_rig_release(&r->store);
}

static void write_some(struct relay_rig *r, int n)
{
    for (int i = 0; i < n; i++) {
        cleanup_free char *body = xasprintf("{'name':'c%d','namespace':'n'}", r->written++);
        json_free(sets_rig_create(&r->store, TYPE_CLUSTERS, body));
    }
}

/* The next one, which is of this object, and behind the one before; a lost connection to the broker is not a loss. */
static void expect(struct relay_rig *r, int number)
{
    cleanup_bus_event struct sets_bus_event e = { 0 };
    cleanup_free char *name = xasprintf("c%d", number);
    enum sets_watch_news news;
    cleanup_error struct error *err = NULL;
    do {
        if (sets_watcher_next(&r->broker.ctx, r->watcher, &news, &e, &r->last, &err) < 0)
            fail_msg("%s", error_text(err));
        if (news == WATCH_GAP)
            sets_watcher_seen(r->watcher, r->last);
    } while (news == WATCH_GAP);
    assert_string_equal(e.name, name);
    assert_string_equal(e.op, "ADDED");
    assert_true(e.revision > r->last);
    assert_true(e.prev <= r->last);
}

static void expect_all(struct relay_rig *r, int from)
{
    for (int i = from; i < r->written; i++)
        expect(r, i);
}

static void changes_come_in_order(void **state)
{
    (void)state;
    struct relay_rig r;
    int64_t at = 0, last;
    set_up(&r);
    write_some(&r, 5);
    struct sets_relay *relay = start_relay(&r);
    expect_all(&r, 0);
    write_some(&r, 5);
    expect_all(&r, 5);
    assert_int_equal(sets_revision(&r.store.ctx, r.store.store, &last, NULL), 0);
    while (at < last)
        assert_int_equal(sets_cursor_get(&r.store.ctx, r.store.store, "relay", &at, NULL), 0);
    sets_relay_stop(relay);
    tear_down(&r);
}

static void one_leads_and_another_follows_him(void **state)
{
    (void)state;
    struct relay_rig r;
    set_up(&r);
    struct sets_relay *first = start_relay(&r), *second = start_relay(&r);
    write_some(&r, 3);
    expect_all(&r, 0);
    sets_relay_stop(first);
    write_some(&r, 3);
    expect_all(&r, 3);
    sets_relay_stop(second);
    tear_down(&r);
}

/* Publishes for ever and dies: its cursor does not move. */
static void relay_in_a_child(const struct relay_rig *r)
{
    struct opctx ctx = opctx_root(clock_system(), rng_system(), NULL, NULL);
    const struct sql_config db_cfg = { .dsn = r->store.dsn };
    struct sql_db *db;
    struct sets_relay *relay;
    if (sql_open(&ctx, &db_cfg, &db, NULL) < 0)
        _exit(1);
    const struct sets_store_config store = { .db = db, .keys = r->store.keys };
    const struct sets_relay_config cfg = { .store = sets_store_new(&store),
                                           .broker = r->broker.address,
                                           .prefix = r->broker.prefix,
                                           .clock = clock_system(),
                                           .rng = rng_system() };
    if (sets_relay_start(&cfg, &relay, NULL) < 0)
        _exit(1);
    for (;;)
        (void)opctx_sleep_ms(&ctx, 1000, NULL);
}

static void one_that_is_killed_before_its_cursor_moved_leaves_no_gap(void **state)
{
    (void)state;
    struct relay_rig r;
    set_up(&r);
    sets_rig_script(&r.store, "CREATE FUNCTION stay() RETURNS trigger AS $$ BEGIN"
                              " RAISE EXCEPTION 'it stays'; END $$ LANGUAGE plpgsql;"
                              "CREATE TRIGGER stay BEFORE UPDATE ON cursors"
                              " FOR EACH ROW EXECUTE FUNCTION stay()");
    write_some(&r, 4);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        relay_in_a_child(&r);
    expect_all(&r, 0); /* confirmed, but not passed */
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, NULL, 0), child);
    sets_rig_script(&r.store, "DROP TRIGGER stay ON cursors");
    write_some(&r, 2);

    struct sets_relay *relay = start_relay(&r);
    expect_all(&r, 4); /* what came before came again, and was dropped */

    sets_relay_stop(relay);
    tear_down(&r);
}

static void a_broker_that_was_away_gets_all_in_order(void **state)
{
    (void)state;
    struct relay_rig r;
    set_up(&r);
    struct sets_relay *relay = start_relay(&r);
    write_some(&r, 2);
    expect_all(&r, 0);
    broker_rig_hold(&r.broker);
    write_some(&r, 300);
    broker_rig_let_go(&r.broker);
    broker_rig_await(&r.broker);
    expect_all(&r, 2);
    sets_relay_stop(relay);
    tear_down(&r);
}

static void an_exchange_of_another_kind_ends_the_start(void **state)
{
    (void)state;
    struct relay_rig r;
    struct sets_relay *relay = NULL;
    cleanup_error struct error *err = NULL;
    set_up(&r);
    struct amqp *c = broker_rig_open(&r.broker);
    cleanup_free char *prefix = broker_rig_name(&r.broker, "other");
    cleanup_free char *name = xasprintf("%s.events", prefix);
    const struct amqp_entity e = { .kind = AMQP_EXCHANGE, .name = name, .type = "fanout" };
    assert_int_equal(amqp_declare(c, &e, 1, NULL), 0);
    amqp_close(c);
    const struct sets_relay_config cfg = { .store = r.store.store,
                                           .broker = r.broker.address,
                                           .prefix = prefix,
                                           .clock = clock_system(),
                                           .rng = rng_system() };
    assert_int_equal(sets_relay_start(&cfg, &relay, &err), -1);
    assert_true(error_is(err, ERR_PRECONDITION));
    assert_non_null(strstr(error_text(err), "type"));
    tear_down(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("the age of what waits is measured", the_age_of_what_waits_is_measured),
        CASE("changes come in order", changes_come_in_order),
        CASE("one leads and another follows him", one_leads_and_another_follows_him),
        CASE("one that is killed before its cursor moved leaves no gap",
             one_that_is_killed_before_its_cursor_moved_leaves_no_gap),
        CASE("a broker that was away gets all in order", a_broker_that_was_away_gets_all_in_order),
        CASE("an exchange of another kind ends the start",
             an_exchange_of_another_kind_ends_the_start),
    };
    return RUN_CASES_IF(has_servers(), 1, "relay", tests, BY_SYNCSETS_CHECK);
}
