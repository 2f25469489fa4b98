#include <errno.h>
#include <signal.h>
#include <string.h>

#include "pkg/base/thread.h"
#include "test/unit/support/test.h"

struct seen {
    char name[16];
    sigset_t blocked;
    size_t stack_bytes;
};

static void look(void *arg)
{
    struct seen *s = arg;
    pthread_attr_t attr;
    pthread_getname_np(pthread_self(), s->name, sizeof(s->name));
    pthread_sigmask(SIG_SETMASK, NULL, &s->blocked);
    if (pthread_getattr_np(pthread_self(), &attr) == 0) {
        pthread_attr_getstacksize(&attr, &s->stack_bytes);
        pthread_attr_destroy(&attr);
    }
}

static void check_thread(void **state)
{
    (void)state;
    struct seen s = { .name = "" };
    sigset_t mine;
    pthread_t thread;

    assert_int_equal(thread_start(&thread, "a-name-too-long-by-far", look, &s, NULL), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);

    assert_string_equal(s.name, "a-name-too-long");
    assert_true(sigismember(&s.blocked, SIGTERM));
    assert_true(sigismember(&s.blocked, SIGPIPE));
    assert_false(sigismember(&s.blocked, SIGSEGV));
    assert_in_range(s.stack_bytes, THREAD_STACK_BYTES, 16 * THREAD_STACK_BYTES);
    pthread_sigmask(SIG_SETMASK, NULL, &mine);
    assert_false(sigismember(&mine, SIGTERM));
}

static void check_mutex(void **state)
{
    (void)state;
    pthread_mutex_t mu;
    memset(&mu, 0xff, sizeof(mu)); /* whatever was there before */

    mutex_init(&mu);

    assert_int_equal(pthread_mutex_trylock(&mu), 0);
    assert_int_equal(pthread_mutex_trylock(&mu), EBUSY); /* not a recursive one */
    assert_int_equal(pthread_mutex_unlock(&mu), 0);
    assert_int_equal(pthread_mutex_destroy(&mu), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a thread has its name, a small stack and blocked signals", check_thread),
        CASE("a mutex is ready to be locked, once", check_mutex),
    };
    return RUN_CASES("thread", tests);
}
