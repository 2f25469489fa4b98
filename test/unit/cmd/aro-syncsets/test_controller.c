/* With STORE_DSN set, in that database; without one only what needs none. */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cmd/aro-syncsets/commands.h"
#include "pkg/base/strv.h"
#include "pkg/base/thread.h"
#include "rp/syncsets/store/impl.h"
#include "test/unit/support/fake_env.h"
#include "test/unit/support/left_out.h"
#include "test/unit/support/rp/syncsets/sets_rig.h"

static void sqlite_is_not_shared(void **state)
{
    (void)state;
    struct fake_env env;
    cleanup_error struct error *err = NULL;
    fake_env_init(&env);
    const struct command_options opt = { .env = &env.base,
                                         .clock = clock_system(),
                                         .rng = rng_system() };
    assert_int_equal(command_controller(&opt, &err), -1);
    assert_true(error_is(err, ERR_INVALID));
    assert_non_null(strstr(error_text(err), "POSTGRES_PARAMS"));
    fake_env_release(&env);
}

static void an_argument_too_many_is_refused(void **state)
{
    (void)state;
    const char *const args[] = { "now" };
    cleanup_error struct error *err = NULL;
    const struct command_options opt = {
        .clock = clock_system(), .rng = rng_system(), .args = args, .args_len = 1
    };
    assert_int_equal(command_controller(&opt, &err), -1);
    assert_true(error_is(err, ERR_INVALID));
}

/* Asks /healthz without a pause, until nobody listens any more. */
struct asker {
    struct sets_rig *r;
    struct stop *stop; /* requested behind the first answer of one who leads */
    uint16_t port;
    pthread_t thread;
    int good, bad; /* answers; none at all is neither: the server ends */
    bool has_led, was_late;
};

/* Whether the controllers are there is seen by the lock of who leads. */
static bool leads(struct sets_rig *r)
{
    cleanup_sql struct sql *c = NULL;
    int64_t n = 0;
    if (sql_acquire(&r->ctx, r->db, SQL_READ, &c, NULL) == 0)
        (void)sets_number(&r->ctx, c, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'",
                          NULL, 0, &n, NULL);
    return n > 0;
}

static bool ask(struct asker *a)
{
    static const char request[] = "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(a->port) };
    char reply[64] = "";
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool listens = connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0;
    if (listens && send(fd, request, strlen(request), MSG_NOSIGNAL) > 0 &&
        recv(fd, reply, sizeof(reply) - 1, MSG_WAITALL) > 0)
        *(str_starts(reply, "HTTP/1.1 200") ? &a->good : &a->bad) += 1;
    (void)close(fd);
    return listens;
}

static void ask_on(void *arg)
{
    struct asker *a = arg;
    for (;;) {
        bool is_leading = leads(a->r);
        a->has_led = a->has_led || is_leading;
        if (!ask(a))
            return;
        a->was_late = a->was_late || (a->has_led && !is_leading);
        if (a->good && a->has_led)
            stop_request(a->stop);
    }
}

static void on_listening(void *arg, unsigned port)
{
    struct asker *a = arg;
    a->port = (uint16_t)port;
    assert_int_equal(thread_start(&a->thread, "asker", ask_on, a, NULL), 0);
}

/* Whoever asks while it stops gets an answer of controllers that are still there. */
static void its_health_ends_before_its_controllers(void **state)
{
    (void)state;
    struct sets_rig r;
    struct fake_env env;
    sets_rig_init(&r);
    fake_env_init(&env);
    fake_env_set(&env, "POSTGRES_PARAMS", getenv("STORE_DSN"));
    fake_env_set(&env, "SYNCSETS_ENCRYPTION_KEYS", RIG_KEYS);
    fake_env_set(&env, "SYNCSETS_CONTROLLER_LISTEN", "127.0.0.1:0");
    struct asker a = { .r = &r, .stop = stop_new(NULL) };
    const struct command_options opt = { .env = &env.base,
                                         .clock = clock_system(),
                                         .rng = rng_system(),
                                         .stop = a.stop,
                                         .on_listening = on_listening,
                                         .arg = &a };
    assert_int_equal(command_controller(&opt, NULL), 0);
    pthread_join(a.thread, NULL);
    assert_true(a.good > 0);
    assert_int_equal(a.bad, 0);
    assert_false(a.was_late);
    stop_unref(a.stop);
    fake_env_release(&env);
    sets_rig_release(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("SQLite is not shared", sqlite_is_not_shared),
        CASE("an argument too many is refused", an_argument_too_many_is_refused),
        CASE("its health ends before its controllers", its_health_ends_before_its_controllers),
    };
    return RUN_CASES_IF(getenv("STORE_DSN") != NULL, 2, "controller", tests, BY_SYNCSETS_CHECK);
}
