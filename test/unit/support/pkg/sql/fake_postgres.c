#include "test/unit/support/pkg/sql/fake_postgres.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "pkg/base/buf.h"
#include "pkg/base/map.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/base/thread.h"

#define CLIENTS_MAX 32
#define PROTOCOL_3 196608
#define MESSAGE_MAX (4 * 1024 * 1024)

struct client {
    struct fake_postgres *server;
    pthread_t thread;
    int fd;
    bool in_transaction, ended;
    struct map *statements;  /* name -> text */
    struct fake_reply reply; /* of what is bound */
    const char *text;
};

struct fake_postgres {
    fake_reply_fn *fn;
    void *arg;
    char *dsn, *path;
    int fd;
    pthread_t thread;
    pthread_mutex_t mu;
    struct client clients[CLIENTS_MAX];
    int len;
    bool stopping;
};

/* ---- bytes ---- */

static bool read_all(int fd, void *p, size_t len)
{
    char *at = p;
    while (len) {
        ssize_t n = read(fd, at, len);
        if (n <= 0)
            return false;
        at += n;
        len -= (size_t)n;
    }
    return true;
}

static uint32_t read_u32(int fd, bool *ok)
{
    uint32_t n = 0;
    *ok = *ok && read_all(fd, &n, sizeof(n));
    return ntohl(n);
}

static void add_u32(struct buf *b, uint32_t n)
{
    n = htonl(n);
    buf_add(b, &n, sizeof(n));
}

static void add_u16(struct buf *b, uint16_t n)
{
    n = htons(n);
    buf_add(b, &n, sizeof(n));
}

static void add_text(struct buf *b, const char *s)
{
    buf_add(b, s, strlen(s) + 1);
}

static void say(const struct client *c, char type, const struct buf *body)
{
    cleanup_buf struct buf m = BUF_INIT(MESSAGE_MAX);
    buf_addc(&m, type);
    add_u32(&m, (uint32_t)(body ? body->len : 0) + 4);
    if (body)
        buf_add(&m, body->data, body->len);
    (void)send(c->fd, m.data, m.len, MSG_NOSIGNAL);
}

/* ---- what a server says ---- */

static void say_parameter(const struct client *c, const char *name, const char *value)
{
    cleanup_buf struct buf b = BUF_INIT(MESSAGE_MAX);
    add_text(&b, name);
    add_text(&b, value);
    say(c, 'S', &b);
}

static void say_ready(const struct client *c)
{
    cleanup_buf struct buf b = BUF_INIT(8);
    buf_addc(&b, c->in_transaction ? 'T' : 'I');
    say(c, 'Z', &b);
}

static void say_row_type(const struct client *c)
{
    cleanup_buf struct buf b = BUF_INIT(MESSAGE_MAX);
    add_u16(&b, 1);
    add_text(&b, "value");
    add_u32(&b, 0);
    add_u16(&b, 0);
    add_u32(&b, 25); /* text */
    add_u16(&b, UINT16_MAX);
    add_u32(&b, UINT32_MAX);
    add_u16(&b, 0);
    say(c, 'T', &b);
}

static void say_row(const struct client *c, const char *value)
{
    cleanup_buf struct buf b = BUF_INIT(MESSAGE_MAX);
    add_u16(&b, 1);
    add_u32(&b, (uint32_t)strlen(value));
    buf_adds(&b, value);
    say(c, 'D', &b);
}

static void say_error(const struct client *c, const char *sqlstate)
{
    cleanup_buf struct buf b = BUF_INIT(MESSAGE_MAX);
    buf_addf(&b, "SERROR%cC%s%cMas the test wants%cDKey (id)=(s3cret) exists%c%c", 0, sqlstate, 0,
             0, 0, 0);
    say(c, 'E', &b);
}

static void say_notification(const struct client *c, const char *payload)
{
    cleanup_buf struct buf b = BUF_INIT(MESSAGE_MAX);
    add_u32(&b, 1);
    add_text(&b, "channel");
    add_text(&b, payload);
    say(c, 'A', &b);
}

static void say_done(struct client *c)
{
    cleanup_buf struct buf b = BUF_INIT(MESSAGE_MAX);
    char *word = xstrndup(c->text, strcspn(c->text, " ;"));
    const char *tag = c->reply.tag ? c->reply.tag : word;
    add_text(&b, tag);
    say(c, 'C', &b);
    if (str_eq(tag, "BEGIN"))
        c->in_transaction = true;
    if (str_eq(tag, "COMMIT") || str_eq(tag, "ROLLBACK"))
        c->in_transaction = false;
    free(word);
}

/* ---- what a client says ---- */

/* False: the connection ends. */
static bool ask(struct client *c, const char *text)
{
    c->text = text;
    c->reply = (struct fake_reply){ 0 };
    c->server->fn(c->server->arg, text, &c->reply);
    return !c->reply.hang_up;
}

static void answer(struct client *c)
{
    if (c->reply.sqlstate) {
        say_error(c, c->reply.sqlstate);
        return;
    }
    if (c->reply.value)
        say_row(c, c->reply.value);
    say_done(c);
    if (c->reply.notify)
        say_notification(c, c->reply.notify);
}

static bool on_simple(struct client *c, const char *body)
{
    if (!ask(c, body))
        return false;
    if (c->reply.keep_silent)
        return true;
    if (c->reply.value && !c->reply.sqlstate)
        say_row_type(c);
    answer(c);
    say_ready(c);
    return true;
}

static bool on_message(struct client *c, char type, const char *body)
{
    const char *second = body + strlen(body) + 1;
    switch (type) {
    case 'Q':
        return on_simple(c, body);
    case 'P':
        map_set(c->statements, body, xstrdup(second));
        say(c, '1', NULL);
        return true;
    case 'B':
        if (!ask(c, map_get(c->statements, second)))
            return false;
        say(c, '2', NULL);
        return true;
    case 'D':
        if (c->reply.value)
            say_row_type(c);
        else
            say(c, 'n', NULL);
        return true;
    case 'E':
        if (!c->reply.keep_silent)
            answer(c);
        return true;
    case 'S':
        if (!c->reply.keep_silent)
            say_ready(c);
        return true;
    default:
        return type != 'X';
    }
}

static bool greet(struct client *c)
{
    bool ok = true;
    for (;;) {
        uint32_t len = read_u32(c->fd, &ok);
        if (!ok || len < 8 || len > MESSAGE_MAX)
            return false;
        cleanup_free char *body = xmalloc(len);
        uint32_t protocol = read_u32(c->fd, &ok);
        if (!ok || !read_all(c->fd, body, len - 8))
            return false;
        if (protocol == PROTOCOL_3)
            break;
        (void)send(c->fd, "N", 1, MSG_NOSIGNAL); /* no encryption */
    }
    cleanup_buf struct buf b = BUF_INIT(64);
    add_u32(&b, 0);
    say(c, 'R', &b);
    static const char *const parameters[][2] = {
        { "server_version", "15.0" },
        { "client_encoding", "UTF8" },
        { "standard_conforming_strings", "on" },
        { "default_transaction_read_only", "off" },
        { "in_hot_standby", "off" },
    };
    for (size_t i = 0; i < ARRAY_LEN(parameters); i++)
        say_parameter(c, parameters[i][0], parameters[i][1]);
    say_ready(c);
    return true;
}

static void serve(void *arg)
{
    struct client *c = arg;
    bool ok = greet(c);
    while (ok) {
        char type;
        ok = read_all(c->fd, &type, 1);
        uint32_t len = ok ? read_u32(c->fd, &ok) : 0;
        if (!ok || len < 4 || len > MESSAGE_MAX)
            break;
        cleanup_free char *body = xcalloc(1, len);
        ok = read_all(c->fd, body, len - 4) && on_message(c, type, body);
    }
    (void)shutdown(c->fd, SHUT_RDWR);
}

static void accept_all(void *arg)
{
    struct fake_postgres *s = arg;
    int fd;
    while ((fd = accept(s->fd, NULL, NULL)) >= 0) {
        pthread_mutex_lock(&s->mu);
        if (s->len == CLIENTS_MAX)
            abort();
        struct client *c = &s->clients[s->len++];
        *c = (struct client){ .server = s, .fd = fd, .statements = map_new(free) };
        if (thread_start(&c->thread, "fake-pg", serve, c, NULL) < 0)
            abort();
        pthread_mutex_unlock(&s->mu);
    }
}

struct fake_postgres *fake_postgres_start(const char *dir, fake_reply_fn *fn, void *arg)
{
    struct fake_postgres *s = xnew(struct fake_postgres);
    struct sockaddr_un a = { .sun_family = AF_UNIX };
    s->fn = fn;
    s->arg = arg;
    s->path = xasprintf("%s/.s.PGSQL.5432", dir);
    s->dsn = xasprintf("postgresql:///aro?host=%s&user=aro&password=s3cret", dir);
    s->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    pthread_mutex_init(&s->mu, NULL);
    (void)snprintf(a.sun_path, sizeof(a.sun_path), "%s", s->path);
    if (strlen(s->path) >= sizeof(a.sun_path) ||
        bind(s->fd, (const struct sockaddr *)&a, sizeof(a)) < 0 || listen(s->fd, 32) < 0 ||
        thread_start(&s->thread, "fake-pg-accept", accept_all, s, NULL) < 0)
        abort();
    return s;
}

void fake_postgres_hang_up(struct fake_postgres *s)
{
    pthread_mutex_lock(&s->mu);
    for (int i = 0; i < s->len; i++)
        (void)shutdown(s->clients[i].fd, SHUT_RDWR);
    pthread_mutex_unlock(&s->mu);
}

void fake_postgres_stop(struct fake_postgres *s)
{
    (void)shutdown(s->fd, SHUT_RDWR);
    pthread_join(s->thread, NULL);
    fake_postgres_hang_up(s);
    for (int i = 0; i < s->len; i++) {
        pthread_join(s->clients[i].thread, NULL);
        (void)close(s->clients[i].fd);
        map_free(s->clients[i].statements);
    }
    (void)close(s->fd);
    (void)unlink(s->path);
    pthread_mutex_destroy(&s->mu);
    free(s->path);
    free(s->dsn);
    free(s);
}

const char *fake_postgres_dsn(const struct fake_postgres *s)
{
    return s->dsn;
}

int fake_postgres_connections(struct fake_postgres *s)
{
    pthread_mutex_lock(&s->mu);
    int n = s->len;
    pthread_mutex_unlock(&s->mu);
    return n;
}
