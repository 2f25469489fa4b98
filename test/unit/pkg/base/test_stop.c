#include <sched.h>
#include <semaphore.h>
#include <stdatomic.h>

#include "pkg/base/opctx.h"
#include "pkg/base/thread.h"
#include "test/unit/support/test.h"

static void count(void *arg)
{
    atomic_fetch_add((atomic_int *)arg, 1);
}

static void check_once(void **state)
{
    (void)state;
    cleanup_stop struct stop *s = stop_new(NULL);
    atomic_int early = 0, late = 0, gone = 0;
    struct stop_watch before = { .fn = count, .arg = &early };
    struct stop_watch removed = { .fn = count, .arg = &gone };
    struct stop_watch after = { .fn = count, .arg = &late };
    stop_watch(s, &before);
    stop_watch(s, &removed);
    stop_unwatch(s, &removed);
    assert_false(stop_is_set(s));

    stop_request(s);
    stop_request(s);
    stop_watch(s, &after);

    assert_true(stop_is_set(s));
    assert_int_equal(early, 1);
    assert_int_equal(gone, 0);
    assert_int_equal(late, 1);
    stop_unwatch(s, &before);
    stop_unwatch(s, &after);
}

static void check_null(void **state)
{
    (void)state;
    atomic_int calls = 0;
    struct stop_watch w = { .fn = count, .arg = &calls };

    stop_watch(NULL, &w);
    stop_unwatch(NULL, &w);
    stop_request(NULL);
    stop_unref(NULL);

    assert_false(stop_is_set(NULL));
    assert_null(stop_ref(NULL));
    assert_int_equal(calls, 0);
}

static void check_children(void **state)
{
    (void)state;
    cleanup_stop struct stop *parent = stop_new(NULL);
    cleanup_stop struct stop *child = stop_new(parent);
    cleanup_stop struct stop *sibling = stop_new(parent);
    cleanup_stop struct stop *grandchild = stop_new(child);

    stop_request(sibling);
    assert_true(stop_is_set(sibling));
    assert_false(stop_is_set(parent));
    stop_request(parent);

    assert_true(stop_is_set(child));
    assert_true(stop_is_set(grandchild));
    cleanup_stop struct stop *late = stop_new(parent);
    assert_true(stop_is_set(late));
}

static void check_child_outlives_parent(void **state)
{
    (void)state;
    struct stop *parent = stop_new(NULL);
    cleanup_stop struct stop *child = stop_new(parent);
    struct stop *dropped = stop_new(parent);

    stop_unref(dropped); /* leaves the parent's list */
    stop_request(parent);
    stop_unref(parent);

    assert_true(stop_is_set(child));
}

struct self_freeing {
    struct stop *stop;
    struct stop_watch watch;
    int *calls;
};

static void unwatch_and_free(void *arg)
{
    struct self_freeing *f = arg;
    (*f->calls)++;
    stop_unwatch(f->stop, &f->watch);
    free(f);
}

static void check_callback_unwatches_itself(void **state)
{
    (void)state;
    cleanup_stop struct stop *s = stop_new(NULL);
    int calls = 0;
    for (int i = 0; i < 3; i++) {
        struct self_freeing *f = calloc(1, sizeof(*f));
        assert_non_null(f);
        *f = (struct self_freeing){ .stop = s,
                                    .watch = { .fn = unwatch_and_free, .arg = f },
                                    .calls = &calls };
        stop_watch(s, &f->watch);
    }

    stop_request(s);

    assert_int_equal(calls, 3);
}

struct unwatch_other {
    struct stop *stop;
    struct stop_watch *other;
};

static void unwatch_other(void *arg)
{
    struct unwatch_other *u = arg;
    stop_unwatch(u->stop, u->other);
}

static void check_callback_unwatches_another(void **state)
{
    (void)state;
    cleanup_stop struct stop *s = stop_new(NULL);
    atomic_int calls = 0;
    struct stop_watch victim = { .fn = count, .arg = &calls };
    struct unwatch_other u = { s, &victim };
    struct stop_watch killer = { .fn = unwatch_other, .arg = &u };
    stop_watch(s, &victim);
    stop_watch(s, &killer); /* the newest runs first */

    stop_request(s);

    assert_int_equal(calls, 0);
}

static void drop_stop(void *arg)
{
    stop_unref(arg);
}

static void check_callback_drops_last_reference(void **state)
{
    (void)state;
    cleanup_stop struct stop *parent = stop_new(NULL);
    struct stop *child = stop_new(parent);
    struct stop_watch w = { .fn = drop_stop, .arg = child };
    stop_watch(child, &w);

    stop_request(parent); /* the child goes away inside its own callback */

    assert_true(stop_is_set(parent));
}

struct slow_callback {
    struct stop *stop;
    struct stop_watch watch;
    sem_t running, go_on;
    atomic_bool finished, seen_finished;
};

static void run_slowly(void *arg)
{
    struct slow_callback *c = arg;
    sem_post(&c->running);
    sem_wait(&c->go_on);
    for (int i = 0; i < 1000; i++)
        sched_yield(); /* time for an unwatch that would not wait */
    atomic_store(&c->finished, true);
}

static void request(void *arg)
{
    stop_request(((struct slow_callback *)arg)->stop);
}

static void unwatch(void *arg)
{
    struct slow_callback *c = arg;
    sem_post(&c->go_on);
    stop_unwatch(c->stop, &c->watch);
    atomic_store(&c->seen_finished, atomic_load(&c->finished));
}

static void check_unwatch_waits(void **state)
{
    (void)state;
    struct slow_callback c = { .stop = stop_new(NULL) };
    c.watch = (struct stop_watch){ .fn = run_slowly, .arg = &c };
    sem_init(&c.running, 0, 0);
    sem_init(&c.go_on, 0, 0);
    stop_watch(c.stop, &c.watch);
    pthread_t requester, unwatcher;

    assert_int_equal(thread_start(&requester, "request", request, &c, NULL), 0);
    sem_wait(&c.running);
    assert_int_equal(thread_start(&unwatcher, "unwatch", unwatch, &c, NULL), 0);
    pthread_join(requester, NULL);
    pthread_join(unwatcher, NULL);

    assert_true(c.seen_finished);
    stop_unref(c.stop);
    sem_destroy(&c.running);
    sem_destroy(&c.go_on);
}

/* Children come and go on several threads while their parent stops: sanitizers judge. */
static void make_children(void *arg)
{
    for (int i = 0; i < 500; i++) {
        struct stop *child = stop_new(arg);
        atomic_int calls = 0;
        struct stop_watch w = { .fn = count, .arg = &calls };
        stop_watch(child, &w);
        stop_unwatch(child, &w);
        stop_unref(child);
    }
    stop_unref(arg);
}

static void check_race(void **state)
{
    (void)state;
    for (int round = 0; round < 20; round++) {
        struct stop *parent = stop_new(NULL);
        pthread_t threads[3];
        for (size_t i = 0; i < ARRAY_LEN(threads); i++)
            assert_int_equal(
                thread_start(&threads[i], "children", make_children, stop_ref(parent), NULL), 0);
        stop_request(parent);
        stop_unref(parent);
        for (size_t i = 0; i < ARRAY_LEN(threads); i++)
            pthread_join(threads[i], NULL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("each watch is called once, a late one at once, a removed one never", check_once),
        CASE("NULL is a stop that is never set", check_null),
        CASE("a stop reaches all its descendants and nobody else", check_children),
        CASE("children outlive their parent's owner", check_child_outlives_parent),
        CASE("a callback may unwatch and free itself", check_callback_unwatches_itself),
        CASE("a callback may unwatch another", check_callback_unwatches_another),
        CASE("a callback may drop the last reference", check_callback_drops_last_reference),
        CASE("unwatching waits for a callback on another thread", check_unwatch_waits),
        CASE("children may come and go while the parent stops", check_race),
    };
    return RUN_CASES("stop", tests);
}
