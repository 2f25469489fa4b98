#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "pkg/base/thread.h"
#include "rp/syncsets/remote/turnstile.h"
#include "test/unit/support/test.h"

#define THREADS 8
#define ROUNDS 200
#define PLACES 3

struct shared {
    struct turnstile gate;
    struct opctx ctx;
    atomic_int inside, most;
    atomic_int order[THREADS]; /* who got in, as they did */
    atomic_int got_in;
    atomic_bool may_leave;
};
static void shared_init(struct shared *s, int places)
{
    *s = (struct shared){ .ctx = opctx_root(clock_system(), rng_system(), NULL, NULL) };
    turnstile_init(&s->gate, places);
}

/* Nobody is inside or waits any more. */
static void shared_end(struct shared *s)
{
    assert_int_equal(s->gate.free, s->gate.len);
    assert_null(s->gate.first);
    assert_null(s->gate.last);
    turnstile_release(&s->gate);
}

static void run(void *arg)
{
    struct shared *s = arg;
    int mine = 0;
    for (int i = 0; i < ROUNDS; i++) {
        if (turnstile_enter(&s->gate, &s->ctx, &mine, NULL) < 0 ||
            turnstile_entered_with(&s->gate) != &mine)
            abort();
        int now = atomic_fetch_add(&s->inside, 1) + 1, most = atomic_load(&s->most);
        while (now > most && !atomic_compare_exchange_weak(&s->most, &most, now))
            ;
        (void)sched_yield();
        atomic_fetch_sub(&s->inside, 1);
        turnstile_leave(&s->gate);
    }
}

static void no_more_than_its_places(void **state)
{
    (void)state;
    struct shared s;
    pthread_t threads[THREADS];
    shared_init(&s, PLACES);
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(thread_start(&threads[i], "gate", run, &s, NULL), 0);
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);

    assert_true(atomic_load(&s.most) <= PLACES);
    assert_null(turnstile_entered_with(&s.gate));
    shared_end(&s);
}

/* ---- one who comes when it is told, and says whether it got in ---- */

struct comer {
    struct shared *s;
    struct stop *stop;
    int number;
    pthread_t thread;
    enum err_kind refused; /* after the thread's end */
};

static void come(void *arg)
{
    struct comer *c = arg;
    struct opctx ctx = opctx_with_stop(&c->s->ctx, c->stop);
    struct error *why = NULL;
    if (turnstile_enter(&c->s->gate, &ctx, c, &why) < 0) {
        c->refused = error_kind(why);
        error_free(why);
        return;
    }
    if (turnstile_entered_with(&c->s->gate) != c)
        abort();
    atomic_store(&c->s->order[atomic_fetch_add(&c->s->got_in, 1)], c->number);
    while (!atomic_load(&c->s->may_leave))
        (void)sched_yield();
    turnstile_leave(&c->s->gate);
}

static const struct turnstile_waiter *last_of(struct shared *s)
{
    pthread_mutex_lock(&s->gate.mu);
    const struct turnstile_waiter *last = s->gate.last;
    pthread_mutex_unlock(&s->gate.mu);
    return last;
}

/* Returns when it is inside, or waits behind all the others. */
static void comer_start(struct comer *c, struct shared *s, int number, bool waits)
{
    const struct turnstile_waiter *before = last_of(s);
    int inside = atomic_load(&s->got_in);
    *c = (struct comer){ .s = s, .stop = stop_new(NULL), .number = number };
    assert_int_equal(thread_start(&c->thread, "comer", come, c, NULL), 0);
    while (waits ? last_of(s) == before : atomic_load(&s->got_in) == inside)
        (void)sched_yield();
}

static void comer_join(struct comer *c)
{
    assert_int_equal(pthread_join(c->thread, NULL), 0);
    stop_unref(c->stop);
}

static void all_its_places_are_taken(void **state)
{
    (void)state;
    struct shared s;
    struct comer comers[PLACES + 1];
    shared_init(&s, PLACES);
    for (int i = 0; i < PLACES; i++)
        comer_start(&comers[i], &s, i, false);

    comer_start(&comers[PLACES], &s, PLACES, true);

    assert_int_equal(atomic_load(&s.got_in), PLACES);
    atomic_store(&s.may_leave, true);
    for (size_t i = 0; i < ARRAY_LEN(comers); i++)
        comer_join(&comers[i]);
    assert_int_equal(atomic_load(&s.got_in), PLACES + 1);
    shared_end(&s);
}

static void those_who_wait_get_in_as_they_came(void **state)
{
    (void)state;
    struct shared s;
    struct comer comers[5];
    shared_init(&s, 1);
    assert_int_equal(turnstile_enter(&s.gate, &s.ctx, NULL, NULL), 0);
    for (int i = 0; i < (int)ARRAY_LEN(comers); i++)
        comer_start(&comers[i], &s, i, true);

    /* One amid the others and the last give up; the rest keep their order. */
    static const int gone[] = { 1, 4 };
    for (size_t i = 0; i < ARRAY_LEN(gone); i++) {
        stop_request(comers[gone[i]].stop);
        comer_join(&comers[gone[i]]);
        assert_int_equal(comers[gone[i]].refused, ERR_CANCELLED);
    }
    assert_int_equal(atomic_load(&s.got_in), 0);
    atomic_store(&s.may_leave, true);
    turnstile_leave(&s.gate);

    static const int want[] = { 0, 2, 3 };
    for (size_t i = 0; i < ARRAY_LEN(want); i++)
        comer_join(&comers[want[i]]);
    assert_int_equal(atomic_load(&s.got_in), (int)ARRAY_LEN(want));
    for (size_t i = 0; i < ARRAY_LEN(want); i++)
        assert_int_equal(atomic_load(&s.order[i]), want[i]);
    shared_end(&s);
}

static void whose_time_ends_waits_no_longer(void **state)
{
    (void)state;
    struct shared s;
    cleanup_error struct error *err = NULL;
    shared_init(&s, 1);
    struct opctx late = opctx_with_timeout_ms(&s.ctx, 20);
    assert_int_equal(turnstile_enter(&s.gate, &s.ctx, NULL, NULL), 0);

    assert_int_equal(turnstile_enter(&s.gate, &late, NULL, &err), -1);

    assert_int_equal(error_kind(err), ERR_TIMEOUT);
    turnstile_leave(&s.gate);
    assert_int_equal(turnstile_enter(&s.gate, &s.ctx, NULL, NULL), 0);
    turnstile_leave(&s.gate);
    shared_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("no more are inside than it has places", no_more_than_its_places),
        CASE("all its places are taken", all_its_places_are_taken),
        CASE("those who wait get in as they came", those_who_wait_get_in_as_they_came),
        CASE("whose time ends waits no longer", whose_time_ends_waits_no_longer),
    };
    return RUN_CASES("turnstile", tests);
}
