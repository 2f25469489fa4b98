#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/net/server_impl.h"
#include "test/unit/support/test.h"

/* An outlet by itself; its hub is closed, so that nobody is woken. */
struct probe {
    struct outlet outlet;
    int *closed, *freed;
};

static void on_close(void *arg)
{
    (*(int *)arg)++;
}

static void probe_free(struct outlet *o)
{
    struct probe *p = container_of(o, struct probe, outlet);
    (*p->freed)++;
    outlet_release(o);
    free(p);
}

static int closed, freed;

static struct outlet *make(size_t max_queued)
{
    struct server_hub *hub = server_hub_new();
    struct probe *p = xnew(struct probe);
    closed = freed = 0;
    p->freed = &freed;
    outlet_init(&p->outlet, hub, 1, max_queued, probe_free);
    p->outlet.on_close = on_close;
    p->outlet.arg = &closed;
    server_hub_unref(hub);
    return &p->outlet;
}

static int append(struct outlet *o, const char *text)
{
    return outlet_append(o, "<", 1, text, strlen(text), ">", 1);
}

static void drains_in_order(void **state)
{
    (void)state;
    struct outlet *o = make(100);
    cleanup_buf struct buf out = BUF_INIT(1000);

    assert_int_equal(append(o, "a"), 0);
    assert_int_equal(append(o, "b"), 0);
    assert_int_equal(outlet_drain(o, &out), OUTLET_OPEN);
    assert_int_equal(append(o, "c"), 0);
    assert_int_equal(outlet_drain(o, &out), OUTLET_OPEN);

    assert_string_equal(buf_str(&out), "<a><b><c>");
    outlet_unref(o);
    assert_int_equal(freed, 1);
}

static void is_cut_when_too_much_waits(void **state)
{
    (void)state;
    struct outlet *o = make(10);
    cleanup_buf struct buf out = BUF_INIT(1000);

    assert_int_equal(append(o, "12345"), 0);
    assert_int_equal(append(o, "1234"), -1);
    assert_false(outlet_is_open(o));
    assert_int_equal(append(o, ""), -1);
    assert_int_equal(outlet_drain(o, &out), OUTLET_CUT);

    outlet_unref(o);
}

static void counts_what_the_socket_has_not_taken(void **state)
{
    (void)state;
    struct outlet *o = make(10);
    cleanup_buf struct buf out = BUF_INIT(1000);

    assert_int_equal(append(o, "12345"), 0);
    outlet_drain(o, &out);
    outlet_set_in_flight(o, 2);
    assert_int_equal(append(o, "123456"), 0);
    outlet_drain(o, &out); /* 2 + 8 in flight */
    assert_int_equal(append(o, "1"), -1);

    outlet_unref(o);
}

static void leaves_with_last_bytes_once(void **state)
{
    (void)state;
    struct outlet *o = make(10);
    cleanup_buf struct buf out = BUF_INIT(1000);

    append(o, "a");
    outlet_leave(o, OUTLET_ENDING, "end", 3);
    outlet_leave(o, OUTLET_ENDING, "end", 3);
    assert_int_equal(append(o, "b"), -1);
    assert_int_equal(outlet_drain(o, &out), OUTLET_ENDING);
    assert_string_equal(buf_str(&out), "<a>end");
    outlet_leave(o, OUTLET_CUT, NULL, 0); /* an abort still counts */
    assert_int_equal(outlet_drain(o, &out), OUTLET_CUT);

    outlet_unref(o);
}

static void closes_once(void **state)
{
    (void)state;
    struct outlet *o = make(10);

    append(o, "a");
    outlet_close(o);
    outlet_close(o);
    outlet_leave(o, OUTLET_CUT, NULL, 0);

    assert_int_equal(closed, 1);
    assert_int_equal(append(o, "b"), -1);
    outlet_ref(o);
    outlet_unref(o);
    assert_int_equal(freed, 0);
    outlet_unref(o);
    assert_int_equal(freed, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("drains what was appended, in order", drains_in_order),
        CASE("is cut when too much waits", is_cut_when_too_much_waits),
        CASE("counts what the socket has not taken yet", counts_what_the_socket_has_not_taken),
        CASE("leaves with its last bytes once", leaves_with_last_bytes_once),
        CASE("closes once", closes_once),
    };
    return RUN_CASES("outlet", tests);
}
