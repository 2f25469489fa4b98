#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pkg/base/file.h"
#include "test/unit/support/pkg/sql/sql_fixture.h"
#include "test/unit/support/test.h"

static const struct {
    const char *text;
    const char *want;
} settings[] = {
    { "PRAGMA journal_mode", "wal" },
    { "PRAGMA synchronous", "2" }, /* FULL: a commit outlives a loss of power */
    { "PRAGMA foreign_keys", "1" },
};

static void check_settings(void **state)
{
    (void)state;
    struct sql_fixture f;
    sql_fixture_init(&f);
    struct sql_db *db = sql_fixture_open(&f, f.dsn);

    for (int use = SQL_READ; use <= SQL_WRITE; use++) {
        cleanup_sql struct sql *c = NULL;
        assert_int_equal(sql_acquire(&f.ctx, db, (enum sql_use)use, &c, NULL), 0);
        for (size_t i = 0; i < ARRAY_LEN(settings); i++) {
            cleanup_sql_rows struct sql_rows rows = { 0 };
            assert_int_equal(sql_query(&f.ctx, c, settings[i].text, NULL, 0, &rows, NULL), 0);
            assert_int_equal(sql_next(&rows, NULL), 1);
            assert_string_equal(sql_row_text(&rows, 0, NULL), settings[i].want);
        }
    }
    sql_close(db);
    sql_fixture_release(&f);
}

static void check_mode(void **state)
{
    (void)state;
    struct sql_fixture f;
    sql_fixture_init(&f);

    sql_close(sql_fixture_open(&f, f.dsn));

    struct stat st;
    assert_int_equal(stat(f.dsn + sizeof("sqlite:") - 1, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    sql_fixture_release(&f);
}

/* A lock on an open file description sees those of its own process, too. */
static bool is_locked(const char *path)
{
    int fd = open(path, O_RDWR | O_CLOEXEC);
    struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
    assert_true(fd >= 0);
    assert_int_equal(fcntl(fd, F_OFD_GETLK, &lock), 0);
    close(fd); /* which drops the locks of this process: only once a test */
    return lock.l_type != F_UNLCK;
}

/* Without its lock on the file a connection loses the log to the next process that thinks itself the last. */
static void check_locks_stay(void **state)
{
    (void)state;
    struct sql_fixture f;
    sql_fixture_init(&f);
    struct sql_db *db = sql_fixture_open(&f, f.dsn);
    cleanup_sql_rows struct sql_rows rows = { 0 };
    struct sql *first, *second;
    assert_int_equal(sql_acquire(&f.ctx, db, SQL_READ, &first, NULL), 0);
    assert_int_equal(sql_query(&f.ctx, first, "SELECT 1 FROM sqlite_master", NULL, 0, &rows, NULL),
                     0);
    sql_rows_end(&rows);

    assert_int_equal(sql_acquire(&f.ctx, db, SQL_READ, &second, NULL), 0); /* connects */

    assert_true(is_locked(f.dsn + sizeof("sqlite:") - 1));
    sql_release(second);
    sql_release(first);
    sql_close(db);
    sql_fixture_release(&f);
}

static void check_readers_do_not_write(void **state)
{
    (void)state;
    struct sql_fixture f;
    sql_fixture_init(&f);
    struct sql_db *db = sql_fixture_open(&f, f.dsn);
    struct sql *c;
    assert_int_equal(sql_acquire(&f.ctx, db, SQL_READ, &c, NULL), 0);

    assert_int_equal(sql_exec(&f.ctx, c, "CREATE TABLE t (a INT)", NULL, 0, NULL, NULL), -1);

    sql_release(c);
    sql_close(db);
    sql_fixture_release(&f);
}

/* Two pools on one file are what two processes are. */
static void check_busy(void **state)
{
    (void)state;
    struct sql_fixture f;
    sql_fixture_init(&f);
    struct sql_db *one = sql_fixture_open(&f, f.dsn);
    struct sql_db *two = sql_fixture_open(&f, f.dsn);
    struct sql *a, *b;
    assert_int_equal(sql_acquire(&f.ctx, one, SQL_WRITE, &a, NULL), 0);
    assert_int_equal(sql_acquire(&f.ctx, two, SQL_WRITE, &b, NULL), 0);
    assert_int_equal(sql_begin(&f.ctx, a, NULL), 0);

    struct error *err = NULL;
    assert_int_equal(sql_begin(&f.ctx, b, &err), -1);
    assert_true(error_is(err, ERR_UNAVAILABLE));
    error_clear(&err);

    sql_rollback(a);
    assert_int_equal(sql_begin(&f.ctx, b, NULL), 0);
    sql_release(a);
    sql_release(b);
    sql_close(one);
    sql_close(two);
    sql_fixture_release(&f);
}

static void check_host_clock(void **state)
{
    (void)state;
    struct sql_fixture f;
    sql_fixture_init(&f);
    struct sql_db *db = sql_fixture_open(&f, NULL);
    struct sql *c;
    struct sql_rows rows;
    assert_int_equal(sql_acquire(&f.ctx, db, SQL_READ, &c, NULL), 0);

    assert_int_equal(sql_query(&f.ctx, c, "SELECT host_now_s()", NULL, 0, &rows, NULL), 0);
    assert_int_equal(sql_next(&rows, NULL), 1);
    assert_int_equal(sql_row_int(&rows, 0), FAKE_WALL_NS / NS_PER_S);

    sql_rows_end(&rows);
    sql_release(c);
    sql_close(db);
    sql_fixture_release(&f);
}

static void check_bad_files(void **state)
{
    (void)state;
    struct sql_fixture f;
    sql_fixture_init(&f);
    static const char text[] = "no database, but long enough to be looked at: ....................."
                               "............................................................";
    assert_int_equal(file_write_atomic(f.dsn + strlen("sqlite:"), text, sizeof(text), 0600, NULL),
                     0);
    struct error *err = NULL;
    struct sql_db *db;

    struct sql_config cfg = { .dsn = f.dsn };
    assert_int_equal(sql_open(&f.ctx, &cfg, &db, &err), -1);
    assert_true(error_is(err, ERR_INTERNAL));
    assert_non_null(strstr(error_text(err), "SQLite: file is not a database"));
    assert_null(strstr(error_text(err), "(file is not a database)"));
    error_clear(&err);

    cfg.dsn = "sqlite:/nonexistent/x";
    assert_int_equal(sql_open(&f.ctx, &cfg, &db, &err), -1);
    assert_true(error_is(err, ERR_NOT_FOUND));
    error_clear(&err);

    cfg.dsn = "sqlite:";
    assert_int_equal(sql_open(&f.ctx, &cfg, &db, &err), -1);
    assert_true(error_is(err, ERR_INVALID));
    error_clear(&err);
    sql_fixture_release(&f);
}

/* Ten parameters and more are numbered, too. */
static void check_many_parameters(void **state)
{
    (void)state;
    struct sql_fixture f;
    sql_fixture_init(&f);
    struct sql_db *db = sql_fixture_open(&f, NULL);
    struct sql *c;
    struct sql_rows rows;
    struct sql_param p[12];
    for (int i = 0; i < 12; i++)
        p[i] = sql_int(i + 1);
    assert_int_equal(sql_acquire(&f.ctx, db, SQL_READ, &c, NULL), 0);

    assert_int_equal(sql_query(&f.ctx, c,
                               "SELECT $12, $11, $10, $9, $8 + $7 + $6 + $5 + $4 + $3 + $2 + $1", p,
                               12, &rows, NULL),
                     0);

    assert_int_equal(sql_next(&rows, NULL), 1);
    assert_int_equal(sql_row_int(&rows, 0), 12);
    assert_int_equal(sql_row_int(&rows, 1), 11);
    assert_int_equal(sql_row_int(&rows, 2), 10);
    assert_int_equal(sql_row_int(&rows, 3), 9);
    assert_int_equal(sql_row_int(&rows, 4), 36);
    sql_rows_end(&rows);
    sql_release(c);
    sql_close(db);
    sql_fixture_release(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("writes ahead into a log and synchronises fully", check_settings),
        CASE("makes a file that only its owner reads", check_mode),
        CASE("keeps its locks when it connects again", check_locks_stay),
        CASE("lets no reading connection write", check_readers_do_not_write),
        CASE("gives up on a lock that another process keeps", check_busy),
        CASE("gives the host's clock to statements", check_host_clock),
        CASE("refuses what is no database", check_bad_files),
        CASE("binds more than nine parameters", check_many_parameters),
    };
    return RUN_CASES("sqlite", tests);
}
