#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "pkg/sql/postgresql_impl.h"

#define POLL_MAX_MS 60000

static void wake(void *arg)
{
    const struct postgresql *c = arg;
    const uint64_t one = 1;
    if (write(c->wake_fd, &one, sizeof(one)) < 0) {
        /* full: it is readable already */
    }
}

static void drain(const struct postgresql *c)
{
    uint64_t n;
    if (read(c->wake_fd, &n, sizeof(n)) < 0) {
        /* empty, as mostly */
    }
}

static int wait_watched(const struct opctx *ctx, struct postgresql *c, bool write,
                        struct error **err)
{
    struct pollfd fds[] = {
        { .fd = PQsocket(c->conn), .events = (short)(POLLIN | (write ? POLLOUT : 0)) },
        { .fd = c->wake_fd, .events = POLLIN },
    };
    for (;;) {
        if (opctx_check(ctx, err) < 0)
            return -1;
        int64_t left_ms = opctx_remaining_ms(ctx);
        int n = poll(fds, ARRAY_LEN(fds), left_ms < POLL_MAX_MS ? (int)left_ms : POLL_MAX_MS);
        if (n < 0 && errno != EINTR)
            return error_set_errno(err, errno, "waiting for PostgreSQL");
        if (n > 0 && fds[0].revents)
            return 0;
    }
}

int postgresql_wait(const struct opctx *ctx, struct postgresql *c, bool write, struct error **err)
{
    struct stop_watch watch = { .fn = wake, .arg = c };
    stop_watch(ctx->stop, &watch);
    int status = wait_watched(ctx, c, write, err);
    stop_unwatch(ctx->stop, &watch);
    drain(c);
    return status;
}

static int flush(const struct opctx *ctx, struct postgresql *c, struct error **err)
{
    int unsent;
    while ((unsent = PQflush(c->conn)) > 0) {
        if (postgresql_wait(ctx, c, true, err) < 0)
            return -1;
        if (!PQconsumeInput(c->conn))
            return postgresql_fail(c, NULL, err);
    }
    return unsent < 0 ? postgresql_fail(c, NULL, err) : 0;
}

static int await_result(const struct opctx *ctx, struct postgresql *c, struct error **err)
{
    while (PQisBusy(c->conn)) {
        if (postgresql_wait(ctx, c, false, err) < 0)
            return -1;
        if (!PQconsumeInput(c->conn))
            return postgresql_fail(c, NULL, err);
    }
    return 0;
}

int postgresql_answer(const struct opctx *ctx, struct postgresql *c, PGresult **ret,
                      struct error **err)
{
    PGresult *last = NULL;
    int status = flush(ctx, c, err);
    while (status == 0) {
        status = await_result(ctx, c, err);
        if (status < 0)
            break;
        PGresult *r = PQgetResult(c->conn);
        if (!r)
            break;
        PQclear(last);
        last = r;
    }
    if (status < 0) {
        c->base.is_broken = true;
        PQclear(last);
        return -1;
    }
    if (!last)
        return postgresql_fail(c, NULL, err);
    *ret = last;
    return 0;
}
