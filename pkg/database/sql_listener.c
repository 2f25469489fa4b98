#include <stdlib.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/base/thread.h"
#include "pkg/database/sql_store.h"

#define PAUSE_MS 1000

struct sql_listener {
    struct sql_store *store;
    struct stop *stop;
    pthread_t thread;
};

static void hint_all(struct sql_store *st)
{
    for (int i = 0; i < COLLECTIONS; i++)
        store_hint_give(&st->base, (enum collection)i);
}

static void hint_named(struct sql_store *st, const char *name)
{
    for (int i = 0; i < COLLECTIONS; i++)
        if (str_eq(collections[i].name, name))
            store_hint_give(&st->base, (enum collection)i);
}

/* Until the connection is lost or the listener ends. */
static void follow(const struct opctx *ctx, struct sql_store *st)
{
    cleanup_sql struct sql *c = NULL;
    if (sql_acquire(ctx, st->db, SQL_READ, &c, NULL) < 0 ||
        sql_listen(ctx, c, SQL_STORE_CHANNEL, NULL) < 0)
        return;
    hint_all(st); /* for what was written before it listened */
    for (;;) {
        cleanup_free char *name = NULL;
        if (sql_notified(ctx, c, &name, NULL) < 0)
            break;
        hint_named(st, name);
    }
    sql_abandon(c);
}

static void listen_on(void *arg)
{
    struct sql_listener *l = arg;
    struct opctx ctx = opctx_root(clock_system(), rng_system(), l->stop, NULL);
    do
        follow(&ctx, l->store);
    while (opctx_sleep_ms(&ctx, PAUSE_MS, NULL) == 0);
}

int sql_listener_start(struct sql_store *st, struct sql_listener **ret, struct error **err)
{
    struct sql_listener *l = xnew(struct sql_listener);
    l->store = st;
    l->stop = stop_new(NULL);
    if (thread_start(&l->thread, "sql-listener", listen_on, l, err) < 0) {
        stop_unref(l->stop);
        free(l);
        return -1;
    }
    *ret = l;
    return 0;
}

void sql_listener_stop(struct sql_listener *l)
{
    if (!l)
        return;
    stop_request(l->stop);
    pthread_join(l->thread, NULL);
    stop_unref(l->stop);
    free(l);
}
