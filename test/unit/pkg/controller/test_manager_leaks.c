/* What a manager leaves behind after many runs: neither threads nor descriptors. */
#include <dirent.h>
#include <sched.h>

#include "pkg/base/mem.h"
#include "test/unit/support/pkg/controller/manager_fixture.h"
#include "test/unit/support/test.h"

static int count_entries(const char *folder)
{
    DIR *d = opendir(folder);
    int n = 0;
    assert_non_null(d);
    while (readdir(d))
        n++;
    closedir(d);
    return n;
}

static void run_once(bool elected)
{
    struct manager_fixture f;
    manager_set_up(&f);
    manager_with_election(&f);
    manager_start(&f);
    manager_await(&f, "acquire");
    if (elected) {
        manager_set(&f, &f.elect);
        manager_await(&f, "+leaders");
    }
    stop_request(f.stop);
    manager_join(&f);
    assert_int_equal(f.rcode, 0);
    assert_int_equal(manager_stragglers(f.m), 0);
    manager_tear_down(&f);
}

static void check(void **state)
{
    (void)state;
    run_once(true); /* what is made once, is made now */
    int threads = count_entries("/proc/self/task"), files = count_entries("/proc/self/fd");

    for (int i = 0; i < 20; i++)
        run_once(i % 2 == 0);

    assert_int_equal(count_entries("/proc/self/fd"), files);
    while (count_entries("/proc/self/task") >
           threads) /* a joined thread may be seen for a moment */
        sched_yield();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("twenty runs, led and not led, leave no thread and no descriptor", check),
    };
    return RUN_CASES("manager_leaks", tests);
}
