#include "test/unit/support/pkg/controller/manager_fixture.h"

#include <stdlib.h>

#include "pkg/base/mem.h"
#include "pkg/base/thread.h"
#include "test/unit/support/test.h"

static void note(struct manager_fixture *f, const char *entry)
{
    pthread_mutex_lock(&f->mu);
    strv_add(&f->record, entry);
    pthread_cond_broadcast(&f->cv);
    pthread_mutex_unlock(&f->mu);
}

static void wake(void *arg)
{
    struct manager_fixture *f = arg;
    pthread_mutex_lock(&f->mu);
    pthread_cond_broadcast(&f->cv);
    pthread_mutex_unlock(&f->mu);
}

/* Until the flag is set (true) or the context is stopped; a NULL flag never is, a NULL ctx neither. */
static bool wait_for(struct manager_fixture *f, const bool *flag, const struct opctx *ctx)
{
    struct stop *stop = ctx ? ctx->stop : NULL;
    struct stop_watch watch = { .fn = wake, .arg = f };
    stop_watch(stop, &watch);
    pthread_mutex_lock(&f->mu);
    while (!(flag && *flag) && !stop_is_set(stop))
        pthread_cond_wait(&f->cv, &f->mu);
    bool set = flag && *flag;
    pthread_mutex_unlock(&f->mu);
    stop_unwatch(stop, &watch);
    return set;
}

static int run_until_stopped(struct runnable *base, const struct opctx *ctx, struct error **err)
{
    struct test_runnable *r = container_of(base, struct test_runnable, base);
    struct manager_fixture *f = r->f;
    enum err_kind kind = r->err;
    cleanup_free char *begin = xasprintf("+%s", base->name), *end = xasprintf("-%s", base->name);
    note(f, begin);
    if (!r->ends)
        wait_for(f, r->stubborn ? &f->let_go : NULL, r->stubborn ? NULL : ctx);
    int rcode = kind ? error_set(err, kind, "broken") : 0;
    note(f, end); /* the last use of the fixture */
    return rcode;
}

/* Waits for the start, so that the record has one order. */
static bool is_ready(struct runnable *base)
{
    struct test_runnable *r = container_of(base, struct test_runnable, base);
    cleanup_free char *begin = xasprintf("+%s", base->name);
    manager_await(r->f, begin);
    return atomic_load(&r->ready);
}

struct test_runnable manager_test_runnable(struct manager_fixture *f, const char *name)
{
    return (struct test_runnable){
        .base = { .name = name, .run = run_until_stopped, .is_ready = is_ready },
        .f = f,
        .ready = true
    };
}

static int acquire(struct leader *l, const struct opctx *ctx, struct error **err)
{
    struct manager_fixture *f = container_of(l, struct manager_fixture, leader);
    note(f, "acquire");
    if (f->break_acquire)
        return error_set(err, ERR_FORBIDDEN, "leases are not ours");
    if (!wait_for(f, &f->elect, ctx)) {
        note(f, "no-election");
        return error_set(err, ERR_CANCELLED, "cancelled");
    }
    note(f, "elected");
    return 0;
}

static int hold(struct leader *l, const struct opctx *ctx, struct error **err)
{
    struct manager_fixture *f = container_of(l, struct manager_fixture, leader);
    if (wait_for(f, &f->lose, ctx)) {
        note(f, "lost");
        return error_set(err, ERR_UNAVAILABLE, "somebody else leads");
    }
    note(f, "held");
    return 0;
}

static void release(struct leader *l, const struct opctx *ctx)
{
    struct manager_fixture *f = container_of(l, struct manager_fixture, leader);
    note(f, opctx_check(ctx, NULL) < 0 ? "release-too-late" : "released");
}

void manager_set_up(struct manager_fixture *f)
{
    static const char *const names[MANAGER_GROUPS] = { "servers", "caches", "others", "warmup",
                                                       "leaders" };
    *f = (struct manager_fixture){ .stop = stop_new(NULL) };
    fake_clock_init(&f->clock);
    fake_rng_init(&f->rng, 1);
    pthread_mutex_init(&f->mu, NULL);
    pthread_cond_init(&f->cv, NULL);
    for (size_t i = 0; i < MANAGER_GROUPS; i++)
        f->r[i] = manager_test_runnable(f, names[i]);
    f->cfg =
        (struct manager_config){ .clock = &f->clock.base, .rng = &f->rng.base, .grace_ms = 30000 };
}

void manager_with_election(struct manager_fixture *f)
{
    f->leader = (struct leader){ .acquire = acquire, .hold = hold, .release = release };
    f->cfg.leader = &f->leader;
}

static void run_manager(void *arg)
{
    struct manager_fixture *f = arg;
    f->rcode = manager_run(f->m, f->stop, &f->err);
    manager_set(f, &f->returned);
}

void manager_start(struct manager_fixture *f)
{
    f->m = manager_new(&f->cfg);
    for (size_t i = 0; i < MANAGER_GROUPS; i++)
        assert_int_equal(manager_add(f->m, (enum manager_group)i, &f->r[i].base, NULL), 0);
    assert_int_equal(thread_start(&f->thread, "manager", run_manager, f, NULL), 0);
}

void manager_set(struct manager_fixture *f, bool *flag)
{
    pthread_mutex_lock(&f->mu);
    *flag = true;
    pthread_cond_broadcast(&f->cv);
    pthread_mutex_unlock(&f->mu);
}

void manager_await(struct manager_fixture *f, const char *entry)
{
    pthread_mutex_lock(&f->mu);
    while (!strv_has(&f->record, entry))
        pthread_cond_wait(&f->cv, &f->mu);
    pthread_mutex_unlock(&f->mu);
}

bool manager_recorded(struct manager_fixture *f, const char *entry)
{
    pthread_mutex_lock(&f->mu);
    bool has = strv_has(&f->record, entry);
    pthread_mutex_unlock(&f->mu);
    return has;
}

bool manager_has_returned(struct manager_fixture *f)
{
    pthread_mutex_lock(&f->mu);
    bool returned = f->returned;
    pthread_mutex_unlock(&f->mu);
    return returned;
}

char *manager_give_record(struct manager_fixture *f)
{
    pthread_mutex_lock(&f->mu);
    char *text = strv_give_joined(&f->record, " ");
    pthread_mutex_unlock(&f->mu);
    return text;
}

void manager_join(struct manager_fixture *f)
{
    pthread_join(f->thread, NULL);
}

void manager_tear_down(struct manager_fixture *f)
{
    manager_free(f->m);
    stop_unref(f->stop);
    error_free(f->err);
    strv_release(&f->record);
    fake_clock_release(&f->clock);
    pthread_cond_destroy(&f->cv);
    pthread_mutex_destroy(&f->mu);
}
