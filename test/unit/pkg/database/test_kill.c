/*
 * Writers that are killed at any instruction, and files as a loss of power leaves them. The writer is this program itself,
 * run as "test_kill DSN": it counts up a document and says one byte for each success.
 */
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pkg/base/file.h"
#include "pkg/base/json.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/database/store.h"
#include "test/unit/support/left_out.h"
#include "test/unit/support/pkg/sql/sql_fixture.h"
#include "test/unit/support/test.h"

#define COLL COLL_GATEWAY
#define ID "counter"
#define ROUNDS 12

static int open_store(const struct opctx *ctx, const char *dsn, struct store **ret,
                      struct error **err)
{
    return str_starts(dsn, "sqlite:") ? store_open_sqlite(ctx, dsn, ret, err)
                                      : store_open_postgresql(ctx, dsn, ret, err);
}

static struct opctx context(void)
{
    return opctx_root(clock_system(), rng_system(), NULL, NULL);
}

/* n, and twice n beside it: a document that was written by halves would show. */
static char *counter_body(int64_t n)
{
    return xasprintf("{\"id\":\"" ID "\",\"n\":%lld,\"pad\":\"%0*d\",\"twice\":%lld}", (long long)n,
                     3000, 0, (long long)n * 2);
}

static int64_t read_counter(const struct opctx *ctx, struct store *s, char **ret_etag,
                            struct error **err)
{
    cleanup_doc struct doc d = { 0 };
    cleanup_json json *tree = NULL;
    if (store_get(ctx, s, COLL, ID, ID, &d, err) < 0 ||
        json_parse(d.body, d.body_len, &tree, err) < 0)
        return -1;
    int64_t n = json_path_int(tree, "n", -1);
    if (json_path_int(tree, "twice", -1) != n * 2)
        return error_set(err, ERR_INTERNAL, "half a document");
    if (ret_etag)
        *ret_etag = take(d.etag);
    return n;
}

static int write_counter(const struct opctx *ctx, struct store *s, int64_t n, const char *etag,
                         struct error **err)
{
    cleanup_free char *body = counter_body(n);
    const struct doc_write w = { ID, ID, body, strlen(body), 0 };
    return etag ? store_replace(ctx, s, COLL, &w, etag, NULL, err)
                : store_create(ctx, s, COLL, &w, NULL, err);
}

static int increment(const struct opctx *ctx, struct store *s, struct error **err)
{
    cleanup_free char *etag = NULL;
    int64_t n = read_counter(ctx, s, &etag, err);
    return n < 0 ? -1 : write_counter(ctx, s, n + 1, etag, err);
}

/* ---- the writer ---- */

static int run_writer(const char *dsn)
{
    const struct opctx ctx = context();
    cleanup_store struct store *s = NULL;
    cleanup_error struct error *err = NULL;
    if (open_store(&ctx, dsn, &s, &err) < 0) {
        (void)fprintf(stderr, "%s\n", error_text(err));
        return 1;
    }
    while (increment(&ctx, s, &err) == 0 && write(STDOUT_FILENO, "+", 1) == 1)
        ; /* until it is killed */
    (void)fprintf(stderr, "%s\n", error_text(err));
    return 1;
}

/* ---- kills ---- */

static pid_t start_writer(const char *dsn, int *ret_fd)
{
    extern char **environ;
    int fds[2];
    pid_t pid;
    char self[] = "test_kill";
    char *arg = xstrdup(dsn);
    char *argv[] = { self, arg, NULL };
    posix_spawn_file_actions_t actions;
    assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, fds[1], STDOUT_FILENO);
    assert_int_equal(posix_spawn(&pid, "/proc/self/exe", &actions, NULL, argv, environ), 0);
    posix_spawn_file_actions_destroy(&actions);
    close(fds[1]);
    free(arg);
    *ret_fd = fds[0];
    return pid;
}

/* Lets a writer succeed `least` times, kills it; how often it had succeeded. */
static int64_t kill_a_writer(const char *dsn, int least)
{
    int fd, status;
    int64_t told = 0;
    char byte;
    pid_t pid = start_writer(dsn, &fd);
    while (told < least && read(fd, &byte, 1) == 1)
        told++;
    kill(pid, SIGKILL);
    while (read(fd, &byte, 1) == 1)
        told++;
    close(fd);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status)); /* it did not end by itself */
    return told;
}

static void kill_writers(const char *dsn)
{
    const struct opctx ctx = context();
    struct store *s;
    int64_t n = 0;
    assert_int_equal(open_store(&ctx, dsn, &s, NULL), 0);
    (void)store_delete(&ctx, s, COLL, ID, ID, STORE_ANY_ETAG, NULL);
    assert_int_equal(write_counter(&ctx, s, 0, NULL, NULL), 0);
    store_close(s);

    for (int i = 0; i < ROUNDS; i++) {
        int64_t told = kill_a_writer(dsn, i * 3);
        assert_int_equal(open_store(&ctx, dsn, &s, NULL), 0);
        struct error *err = NULL;
        int64_t is = read_counter(&ctx, s, NULL, &err);
        if (is < 0)
            (void)fprintf(stderr, "%s\n", error_text(err));
        error_free(err);
        /* One more may have been written whose success it could not tell. */
        assert_in_range(is, n + told, n + told + 1);
        n = is;
        store_close(s);
    }
}

static void check_kills_sqlite(void **state)
{
    (void)state;
    struct sql_fixture f;
    sql_fixture_init(&f);
    kill_writers(f.dsn);
    sql_fixture_release(&f);
}

static void check_kills_postgresql(void **state)
{
    (void)state;
    kill_writers(getenv("STORE_DSN"));
}

/* ---- losses of power ---- */

#define WRITES 12
#define FILE_MAX ((size_t)16 << 20)

struct bytes {
    char *data;
    size_t len;
};

static struct bytes slurp(const char *path)
{
    struct bytes b;
    assert_int_equal(file_read(path, FILE_MAX, &b.data, &b.len, NULL), 0);
    return b;
}

static void spill(const char *path, const struct bytes *b, size_t len)
{
    assert_int_equal(file_write_atomic(path, b->data, len, 0600, NULL), 0);
}

/* The file with a log of `len` bytes is opened: it must hold the counter of some commit. */
static int64_t open_cut(const struct sql_fixture *f, const struct bytes *db,
                        const struct bytes *log, size_t len)
{
    const struct opctx ctx = context();
    cleanup_store struct store *s = NULL;
    cleanup_free char *path = xasprintf("%s/cut.db", f->dir);
    cleanup_free char *log_path = xasprintf("%s-wal", path);
    cleanup_free char *shm_path = xasprintf("%s-shm", path);
    cleanup_free char *dsn = xasprintf("sqlite:%s", path);
    cleanup_doc_page struct doc_page feed = { 0 };
    (void)unlink(shm_path);
    spill(path, db, db->len);
    spill(log_path, log, len);

    assert_int_equal(store_open_sqlite(&ctx, dsn, &s, NULL), 0);

    int64_t n = read_counter(&ctx, s, NULL, NULL);
    assert_int_equal(store_changes(&ctx, s, COLL, NULL, 0, &feed, NULL), 0);
    assert_int_equal(feed.len, n >= 0);
    assert_int_equal(n < 0 ? write_counter(&ctx, s, 0, NULL, NULL) : increment(&ctx, s, NULL), 0);
    return n;
}

/* What was synchronised is a beginning of the log; whatever follows it may be there in part. */
static void check_cut_logs(void **state)
{
    (void)state;
    struct sql_fixture f;
    sql_fixture_init(&f);
    const struct opctx ctx = context();
    struct store *s;
    const char *path = f.dsn + strlen("sqlite:");
    cleanup_free char *log_path = xasprintf("%s-wal", path);
    assert_int_equal(store_open_sqlite(&ctx, f.dsn, &s, NULL), 0);
    struct bytes db = slurp(path), empty = slurp(log_path);
    assert_int_equal(write_counter(&ctx, s, 0, NULL, NULL), 0);
    for (int i = 0; i < WRITES; i++)
        assert_int_equal(increment(&ctx, s, NULL), 0);
    struct bytes log = slurp(log_path);
    store_close(s);

    assert_int_equal(open_cut(&f, &db, &log, log.len), WRITES);
    int64_t before = -1;
    size_t step = (log.len - empty.len) / 40 + 13;
    for (size_t len = empty.len; len < log.len; len += step) {
        int64_t n = open_cut(&f, &db, &log, len);
        assert_in_range(n + 1, before + 1, WRITES + 1); /* never less than with a shorter log */
        before = n;
    }
    free(db.data);
    free(empty.data);
    free(log.data);
    sql_fixture_release(&f);
}

int main(int argc, char **argv)
{
    if (argc > 1)
        return run_writer(argv[1]);
    const struct CMUnitTest sqlite[] = {
        CASE("keeps every write of a killed writer that was told", check_kills_sqlite),
        CASE("opens a file whose log was cut anywhere", check_cut_logs),
    };
    const struct CMUnitTest postgresql[] = {
        CASE("keeps every write of a killed writer that was told", check_kills_postgresql),
    };
    if (getenv("STORE_DSN"))
        return RUN_CASES("kill on postgresql", postgresql);
    cases_left_out(ARRAY_LEN(postgresql), BY_STORE_CHECK);
    return RUN_CASES("kill on sqlite", sqlite);
}
