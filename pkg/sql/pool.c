/* The pool of connections. Who finds none free waits in a queue, so that nobody starves; a connection that is given
 * back goes straight to the first of it. */
#include <stdlib.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/thread.h"
#include "pkg/sql/sql_impl.h"

#define CONNECTIONS_DEFAULT 8
#define BUSY_MS_DEFAULT 5000

/* Somebody who waits, for a connection or for the right to open one. All but the waker is under the pool's lock and
 * the waker's. */
struct sql_waiter {
    struct waker waker;
    struct sql *given;
    bool may_open;
    struct sql_waiter *next;
};

static struct sql_pool *pool_of(struct sql_db *db, enum sql_use use)
{
    return &db->pools[db->is_shared ? SQL_READ : use];
}

static void lock(struct sql_db *db)
{
    pthread_mutex_lock(&db->mu);
}

static void unlock(struct sql_db *db)
{
    pthread_mutex_unlock(&db->mu);
}

/* With the lock held: the first who waits gets c, or the right to open one. False: nobody waits. */
static bool serve_first(struct sql_pool *p, struct sql *c)
{
    struct sql_waiter *w = p->first;
    if (!w)
        return false;
    p->first = w->next;
    if (!p->first)
        p->last = NULL;
    waker_lock(&w->waker);
    w->given = c;
    w->may_open = !c;
    pthread_cond_broadcast(&w->waker.cv);
    waker_unlock(&w->waker);
    return true;
}

/* A connection, or the right to open one, comes back. */
static void give_back(struct sql_db *db, struct sql_pool *p, struct sql *c)
{
    lock(db);
    if (!serve_first(p, c)) {
        if (c) {
            c->next = p->idle;
            p->idle = c;
        } else {
            p->open--;
        }
    }
    unlock(db);
}

static void enqueue(struct sql_pool *p, struct sql_waiter *w)
{
    if (p->last)
        p->last->next = w;
    else
        p->first = w;
    p->last = w;
}

/* With the lock held; w may have been served meanwhile and is then no longer there. */
static void dequeue(struct sql_pool *p, const struct sql_waiter *w)
{
    struct sql_waiter *before = NULL;
    struct sql_waiter *at = p->first;
    for (; at && at != w; at = at->next)
        before = at;
    if (!at)
        return;
    if (before)
        before->next = w->next;
    else
        p->first = w->next;
    if (p->last == w)
        p->last = before;
}

/* With the lock held; leaves it for the wait and ends without it. 0: *ret is a connection or, NULL, the right to open one. */
static int wait_turn(const struct opctx *ctx, struct sql_db *db, struct sql_pool *p,
                     struct sql **ret, struct error **err)
{
    struct sql_waiter w = { 0 };
    waker_init(&w.waker, ctx);
    enqueue(p, &w);
    unlock(db);

    int status = 0;
    waker_lock(&w.waker);
    while (status == 0 && !w.given && !w.may_open)
        status = waker_wait(&w.waker, CLOCK_NEVER, err);
    waker_unlock(&w.waker);

    lock(db);
    dequeue(p, &w);
    unlock(db);
    waker_release(&w.waker);
    if (status == 0)
        *ret = w.given;
    else if (w.given || w.may_open) /* it came at the same moment: the next one may have it */
        give_back(db, p, w.given);
    return status;
}

/* Opens the connection for which p->open counts already. */
static int open_counted(const struct opctx *ctx, struct sql_db *db, enum sql_use use,
                        struct sql **ret, struct error **err)
{
    struct sql *c;
    if (db->ops->connect(ctx, db, use, &c, err) < 0) {
        give_back(db, pool_of(db, use), NULL);
        return -1;
    }
    c->db = db;
    c->use = use;
    *ret = c;
    return 0;
}

int sql_acquire(const struct opctx *ctx, struct sql_db *db, enum sql_use use, struct sql **ret,
                struct error **err)
{
    if (opctx_check(ctx, err) < 0)
        return -1;
    struct sql_pool *p = pool_of(db, use);
    struct sql *c = NULL; /* the right to open one */
    lock(db);
    if (p->idle) {
        c = p->idle;
        p->idle = c->next;
        unlock(db);
    } else if (p->open < p->max) {
        p->open++;
        unlock(db);
    } else if (wait_turn(ctx, db, p, &c, err) < 0) {
        return error_wrap(err, "waiting for a connection to the database");
    }
    if (c && db->ops->is_alive && !db->ops->is_alive(c)) {
        db->ops->disconnect(c);
        c = NULL;
    }
    if (!c)
        return open_counted(ctx, db, use, ret, err);
    c->next = NULL;
    *ret = c;
    return 0;
}

void sql_release(struct sql *c)
{
    if (!c)
        return;
    struct sql_db *db = c->db;
    struct sql_pool *p = pool_of(db, c->use);
    sql_rollback(c);
    c->is_unknown = false;
    if (c->is_broken || c->is_abandoned) {
        db->ops->disconnect(c);
        c = NULL;
    }
    give_back(db, p, c);
}

/* How many connections each half may have. */
static void size_pools(struct sql_db *db, size_t connections)
{
    if (!connections)
        connections = CONNECTIONS_DEFAULT;
    bool is_memory = db->dialect == SQL_SQLITE && sqlite_is_memory(db->dsn);
    db->is_shared = db->dialect != SQL_SQLITE || is_memory;
    db->pools[SQL_READ].max = is_memory ? 1 : connections;
    db->pools[SQL_WRITE].max = db->is_shared ? 0 : 1;
}

int sql_open(const struct opctx *ctx, const struct sql_config *cfg, struct sql_db **ret,
             struct error **err)
{
    static const struct sql_ops *const dialects[] = {
        [SQL_SQLITE] = &sqlite_ops, [SQL_POSTGRESQL] = &postgresql_ops
    };
    enum sql_dialect dialect;
    if (!sql_dsn_dialect(cfg->dsn, &dialect))
        return error_set(err, ERR_INVALID,
                         "the database is given as sqlite:PATH, sqlite::memory:, postgresql://... "
                         "or host=... user=...");
    struct sql_db *db = xnew(struct sql_db);
    db->ops = dialects[dialect];
    db->dialect = dialect;
    db->dsn = xstrdup(cfg->dsn);
    db->clock = cfg->clock ? cfg->clock : clock_system();
    db->busy_ms = cfg->busy_ms ? cfg->busy_ms : BUSY_MS_DEFAULT;
    db->session = cfg->session;
    mutex_init(&db->mu);
    size_pools(db, cfg->connections);

    struct sql *c;
    if (sql_acquire(ctx, db, SQL_WRITE, &c, err) < 0) {
        sql_close(db);
        return -1;
    }
    sql_release(c);
    *ret = db;
    return 0;
}

void sql_close(struct sql_db *db)
{
    if (!db)
        return;
    /* The writer last: SQLite then folds its log into the file. */
    for (size_t i = 0; i < ARRAY_LEN(db->pools); i++) {
        for (struct sql *c = db->pools[i].idle, *next; c; c = next) {
            next = c->next;
            db->ops->disconnect(c);
        }
    }
    pthread_mutex_destroy(&db->mu);
    free(db->dsn);
    free(db);
}
