#include <stdatomic.h>

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
};

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
        atomic_fetch_sub(&s->inside, 1);
        turnstile_leave(&s->gate);
    }
}

static void no_more_than_its_places(void **state)
{
    (void)state;
    struct shared s = { .ctx = opctx_root(clock_system(), rng_system(), NULL, NULL) };
    pthread_t threads[THREADS];
    turnstile_init(&s.gate, PLACES);
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(thread_start(&threads[i], "gate", run, &s, NULL), 0);
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);

    assert_true(atomic_load(&s.most) <= PLACES);
    assert_int_equal(s.gate.free, PLACES);
    assert_null(s.gate.first);
    assert_null(turnstile_entered_with(&s.gate));
    turnstile_release(&s.gate);
}

static void who_is_stopped_waits_no_longer(void **state)
{
    (void)state;
    struct turnstile gate;
    struct opctx ctx = opctx_root(clock_system(), rng_system(), NULL, NULL);
    struct opctx late = opctx_with_timeout_ms(&ctx, 20);
    cleanup_error struct error *err = NULL;
    turnstile_init(&gate, 1);
    assert_int_equal(turnstile_enter(&gate, &ctx, NULL, NULL), 0);

    assert_int_equal(turnstile_enter(&gate, &late, NULL, &err), -1);
    assert_int_equal(error_kind(err), ERR_TIMEOUT);
    turnstile_leave(&gate);

    assert_int_equal(gate.free, 1);
    assert_int_equal(turnstile_enter(&gate, &ctx, NULL, NULL), 0);
    turnstile_leave(&gate);
    turnstile_release(&gate);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("no more are inside than it has places", no_more_than_its_places),
        CASE("who is stopped waits no longer", who_is_stopped_waits_no_longer),
    };
    return RUN_CASES("turnstile", tests);
}
