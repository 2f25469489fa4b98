/* Frames of a peer that is no broker: their sizes are judged before anything is kept. The test is the server's end of a
 * socket pair, behind a connection that was made without a login. */
#include <amqp_tcp_socket.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include "pkg/amqp/impl.h"
#include "pkg/base/mem.h"
#include "test/unit/support/test.h"

struct peer {
    struct amqp *c;
    int fd;
    unsigned char out[4096];
    size_t len;
};

static void set_up(struct peer *p)
{
    int fds[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
    *p = (struct peer){ .c = xnew(struct amqp), .fd = fds[1] };
    p->c->conn = amqp_new_connection();
    p->c->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    p->c->where = xstrdup("b");
    p->c->end = &p->c->first;
    buf_init(&p->c->body, AMQP_BODY_MAX);
    confirms_init(&p->c->confirms);
    amqp_tcp_socket_set_sockfd(amqp_tcp_socket_new(p->c->conn), fds[0]);
    /* As after the greeting. */
    assert_int_equal(send(p->fd, "AMQP\0\0\x09\x01", 8, 0), 8);
    amqp_frame_t f;
    assert_int_equal(amqp_simple_wait_frame(p->c->conn, &f), 0);
}

static void tear_down(struct peer *p)
{
    p->c->is_broken = true;
    amqp_close(p->c);
    (void)close(p->fd);
}

static void add(struct peer *p, uint64_t n, size_t bytes)
{
    for (size_t i = bytes; i-- > 0;)
        p->out[p->len++] = (unsigned char)(n >> (8 * i));
}

static void add_short(struct peer *p, const char *s)
{
    add(p, strlen(s), 1);
    memcpy(p->out + p->len, s, strlen(s));
    p->len += strlen(s);
}

static void begin_frame(struct peer *p, unsigned type)
{
    p->len = 0;
    add(p, type, 1);
    add(p, CHANNEL, 2);
    add(p, 0, 4);
}

static void send_frame(struct peer *p)
{
    size_t len = p->len - 7;
    for (size_t i = 0; i < 4; i++)
        p->out[3 + i] = (unsigned char)(len >> (8 * (3 - i)));
    add(p, 0xCE, 1);
    assert_int_equal(send(p->fd, p->out, p->len, 0), p->len);
}

static void send_deliver(struct peer *p)
{
    begin_frame(p, AMQP_FRAME_METHOD);
    add(p, AMQP_BASIC_DELIVER_METHOD, 4);
    add_short(p, "me");
    add(p, 77, 8);
    add(p, 0, 1);
    add_short(p, "x");
    add_short(p, "k");
    send_frame(p);
}

static void send_header(struct peer *p, uint64_t size)
{
    begin_frame(p, AMQP_FRAME_HEADER);
    add(p, AMQP_BASIC_CLASS, 2);
    add(p, 0, 2);
    add(p, size, 8);
    add(p, 0, 2);
    send_frame(p);
}

static void send_body(struct peer *p, const char *text)
{
    begin_frame(p, AMQP_FRAME_BODY);
    memcpy(p->out + p->len, text, strlen(text));
    p->len += strlen(text);
    send_frame(p);
}

static void a_message_in_pieces_is_put_together(void **state)
{
    (void)state;
    struct peer p;
    set_up(&p);
    send_deliver(&p);
    assert_int_equal(amqp_take_frames(p.c, NULL), 0);
    send_header(&p, 6);
    send_body(&p, "one");
    assert_int_equal(amqp_take_frames(p.c, NULL), 0);
    assert_null(p.c->first);
    send_body(&p, "two");
    assert_int_equal(amqp_take_frames(p.c, NULL), 0);
    assert_non_null(p.c->first);
    assert_string_equal(p.c->first->d.body, "onetwo");
    assert_string_equal(p.c->first->d.consumer, "me");
    assert_int_equal(p.c->first->d.tag, 77);
    tear_down(&p);
}

static void what_is_too_large_is_not_waited_for(void **state)
{
    (void)state;
    struct peer p;
    cleanup_error struct error *err = NULL;
    set_up(&p);
    send_deliver(&p);
    send_header(&p, (uint64_t)1 << 62);
    assert_int_equal(amqp_take_frames(p.c, &err), -1);
    assert_non_null(strstr(error_text(err), "too large"));
    assert_int_equal(amqp_take_frames(p.c, NULL), -1);
    tear_down(&p);
}

static void more_than_was_announced_is_refused(void **state)
{
    (void)state;
    struct peer p;
    set_up(&p);
    send_deliver(&p);
    send_header(&p, 2);
    send_body(&p, "three");
    assert_int_equal(amqp_take_frames(p.c, NULL), -1);
    tear_down(&p);
}

static void a_body_without_a_message_is_refused(void **state)
{
    (void)state;
    struct peer p;
    set_up(&p);
    send_body(&p, "lost");
    assert_int_equal(amqp_take_frames(p.c, NULL), -1);
    tear_down(&p);
}

static void a_peer_that_hangs_up_is_told(void **state)
{
    (void)state;
    struct peer p;
    cleanup_error struct error *err = NULL;
    set_up(&p);
    (void)shutdown(p.fd, SHUT_RDWR);
    assert_int_equal(amqp_take_frames(p.c, &err), -1);
    assert_true(error_is(err, ERR_CONN));
    tear_down(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a message in pieces is put together", a_message_in_pieces_is_put_together),
        CASE("what is too large is not waited for", what_is_too_large_is_not_waited_for),
        CASE("more than was announced is refused", more_than_was_announced_is_refused),
        CASE("a body without a message is refused", a_body_without_a_message_is_refused),
        CASE("a peer that hangs up is told", a_peer_that_hangs_up_is_told),
    };
    return RUN_CASES("frames", tests);
}
