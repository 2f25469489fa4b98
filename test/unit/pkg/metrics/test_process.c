#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/metrics/process.h"

struct proc_tree {
    char root[256];
};

static void write_file(const struct proc_tree *t, const char *name, const char *text)
{
    cleanup_free char *path = xasprintf("%s/%s", t->root, name);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

static int make_tree(void **state)
{
    static struct proc_tree t;
    const char *tmp = getenv("TMPDIR");
    snprintf(t.root, sizeof(t.root), "%.200s/proc-XXXXXX", tmp ? tmp : "/tmp");
    if (!mkdtemp(t.root))
        return -1;
    cleanup_free char *self = xasprintf("%s/self", t.root);
    cleanup_free char *fds = xasprintf("%s/self/fd", t.root);
    *state = &t;
    return mkdir(self, 0700) || mkdir(fds, 0700);
}

static int remove_tree(void **state)
{
    static const char *const names[] = { "self/fd/0", "self/fd/1", "self/fd/2", "self/fd",
                                         "self/stat", "self",      "stat",      "" };
    const struct proc_tree *t = *state;
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        cleanup_free char *path = xasprintf("%s/%s", t->root, names[i]);
        if (remove(path) < 0 && errno != ENOENT)
            return -1;
    }
    return 0;
}

static void reads_procfs(void **state)
{
    const struct proc_tree *t = *state;
    double ticks = (double)sysconf(_SC_CLK_TCK);
    cleanup_buf struct buf out = BUF_INIT(100000);

    write_file(t, "self/fd/0", "");
    write_file(t, "self/fd/1", "");
    write_file(t, "self/fd/2", "");
    write_file(t, "stat", "cpu 1 2 3\nintr 7 8\nctxt 9\nbtime 1700000000\nprocesses 3\n");
    write_file(t, "self/stat",
               "77 (a) R (b)) S 1 77 77 0 -1 4194304 100 0 0 0 250 150 0 0 20 0 1 0 500 "
               "1048576 3 18446744073709551615 1 1\n");
    process_metrics_write(t->root, &out);

    cleanup_free char *cpu = xasprintf("\nprocess_cpu_seconds_total %g\n", 400 / ticks);
    cleanup_free char *start =
        xasprintf("\nprocess_start_time_seconds %.0f\n", 1700000000 + 500 / ticks);
    cleanup_free char *rss =
        xasprintf("\nprocess_resident_memory_bytes %ld\n", 3 * sysconf(_SC_PAGESIZE));
    assert_non_null(strstr(buf_str(&out), cpu));
    assert_non_null(strstr(buf_str(&out), start));
    assert_non_null(strstr(buf_str(&out), rss));
    assert_non_null(strstr(buf_str(&out), "\nprocess_virtual_memory_bytes 1048576\n"));
    assert_non_null(strstr(buf_str(&out), "\nprocess_open_fds 2\n"));
}

static void leaves_out_what_is_missing(void **state)
{
    const struct proc_tree *t = *state;
    cleanup_buf struct buf out = BUF_INIT(100000);

    write_file(t, "self/stat", "77 (cut");
    process_metrics_write(t->root, &out);

    assert_null(strstr(buf_str(&out), "cpu_seconds"));
    assert_null(strstr(buf_str(&out), "start_time"));
    assert_non_null(strstr(buf_str(&out), "\nprocess_max_fds "));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        { "reads CPU, memory, files and start time", reads_procfs, make_tree, remove_tree, NULL },
        { "leaves out what procfs does not tell", leaves_out_what_is_missing, make_tree,
          remove_tree, NULL },
    };
    return cmocka_run_group_tests_name("process", tests, NULL, NULL);
}
