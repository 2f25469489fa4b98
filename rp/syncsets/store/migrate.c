#include "rp/syncsets/store/migrate.h"

#include <stdlib.h>
#include <string.h>

#include "pkg/base/clock.h"
#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/crypt/crypt.h"
#include "rp/syncsets/store/adopt.h"
#include "rp/syncsets/store/impl.h"
#include "rp/syncsets/store/locks.h"
#include "staticresources/embedded.h"

extern const struct embedded_file syncsets_schema[];
extern const size_t syncsets_schema_len;

static const char *const dialect_words[SQL_DIALECTS] = {
    [SQL_SQLITE] = "sqlite", [SQL_POSTGRESQL] = "postgresql"
};

/* ---- steps ---- */

static const char *find_script(int version, const char *dialect, const char *direction)
{
    cleanup_free char *head = xasprintf("%04d_", version);
    cleanup_free char *tail = xasprintf(".%s.%s.sql", dialect, direction);
    for (size_t i = 0; i < syncsets_schema_len; i++)
        if (str_starts(syncsets_schema[i].path, head) && str_ends(syncsets_schema[i].path, tail))
            return syncsets_schema[i].data;
    return NULL;
}

size_t sets_steps(struct sets_step *ret)
{
    size_t n = 0;
    for (int version = 1; n < SETS_STEPS_MAX; version++, n++) {
        struct sets_step *s = &ret[n];
        *s = (struct sets_step){ .version = version };
        for (int d = 0; d < SQL_DIALECTS; d++) {
            s->up[d] = find_script(version, dialect_words[d], "up");
            s->down[d] = find_script(version, dialect_words[d], "down");
        }
        if (!s->up[SQL_SQLITE] || !s->up[SQL_POSTGRESQL])
            break;
    }
    return n;
}

static char *give_checksum(const char *script)
{
    unsigned char digest[SHA256_LEN];
    sha256(script, strlen(script), digest);
    return hex_give(digest, sizeof(digest));
}

/* ---- the database ---- */

static int table_exists(const struct opctx *ctx, struct sql *c, enum sql_dialect d,
                        const char *table, bool *ret, struct error **err)
{
    static const char *const texts[SQL_DIALECTS] = {
        [SQL_SQLITE] = "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = $1",
        [SQL_POSTGRESQL] = "SELECT count(*) FROM pg_catalog.pg_class WHERE oid = to_regclass($1)",
    };
    const struct sql_param name = sql_text(table);
    int64_t n;
    if (sets_number(ctx, c, texts[d], &name, 1, &n, err) < 0)
        return -1;
    *ret = n > 0;
    return 0;
}

static int read_versions(const struct opctx *ctx, struct sql *c, enum sql_dialect d,
                         const struct sets_step *steps, size_t len, struct sets_schema_state *ret,
                         struct error **err)
{
    cleanup_sql_rows struct sql_rows rows = { 0 };
    if (sql_query(ctx, c, "SELECT version, checksum FROM schema_version ORDER BY version", NULL, 0,
                  &rows, err) < 0)
        return -1;
    int status;
    while ((status = sql_next(&rows, err)) > 0) {
        ret->version = (int)sql_row_int(&rows, 0);
        if (ret->version < 1 || (size_t)ret->version > len)
            continue;
        cleanup_free char *known = give_checksum(steps[ret->version - 1].up[d]);
        if (!str_eq(known, sql_row_text(&rows, 1, NULL)))
            ret->is_changed = true;
    }
    return status;
}

static int read_state(const struct opctx *ctx, struct sql *c, enum sql_dialect d,
                      const struct sets_step *steps, size_t len, struct sets_schema_state *ret,
                      struct error **err)
{
    bool is_there, goose = false;
    *ret = (struct sets_schema_state){ .known = (int)len };
    if (table_exists(ctx, c, d, "schema_version", &is_there, err) < 0)
        return -1;
    if (is_there && read_versions(ctx, c, d, steps, len, ret, err) < 0)
        return -1;
    if (table_exists(ctx, c, d, "goose_db_version", &goose, err) < 0)
        return -1;
    return goose ? adopt_is_prototype(ctx, c, &ret->is_prototype, err) : 0;
}

int sets_schema_state(const struct opctx *ctx, struct sql_db *db, struct sets_schema_state *ret,
                      struct error **err)
{
    struct sets_step steps[SETS_STEPS_MAX];
    size_t len = sets_steps(steps);
    cleanup_sql struct sql *c = NULL;
    if (sql_acquire(ctx, db, SQL_READ, &c, err) < 0)
        return -1;
    return read_state(ctx, c, sql_dialect(db), steps, len, ret, err);
}

int sets_schema_check(const struct opctx *ctx, struct sql_db *db, struct error **err)
{
    struct sets_schema_state s;
    if (sets_schema_state(ctx, db, &s, err) < 0)
        return -1;
    if (s.is_changed)
        return error_set(err, ERR_UNAVAILABLE,
                         "the database's schema was made by other scripts than this program's");
    if (s.version < s.known)
        return error_set(err, ERR_UNAVAILABLE,
                         "the database's schema is at version %d, this program needs %d: run 'aro "
                         "syncsets migrate up'",
                         s.version, s.known);
    return 0;
}

/* ---- steps in the database ---- */

static int begin(const struct opctx *ctx, struct sql *c, enum sql_dialect d, struct error **err)
{
    static const char *const locks[SQL_DIALECTS] = {
        [SQL_SQLITE] = "SELECT 1",
        [SQL_POSTGRESQL] = "SELECT pg_advisory_xact_lock(" SETS_LOCK_MIGRATE ")"
    };
    if (sql_begin(ctx, c, err) < 0 || sql_exec(ctx, c, locks[d], NULL, 0, NULL, err) < 0)
        return -1;
    return sql_script(
        ctx, c,
        "CREATE TABLE IF NOT EXISTS schema_version"
        " (version BIGINT PRIMARY KEY, applied_at BIGINT NOT NULL, checksum TEXT NOT NULL)",
        err);
}

struct move {
    struct sql_db *db;
    const struct keyring *keys;
    struct sets_step steps[SETS_STEPS_MAX];
    size_t len;
    bool force;
};

/* One step up. *ret_done: there was none to take. */
static int step_up(const struct opctx *ctx, const struct move *m, bool *ret_done,
                   struct error **err)
{
    enum sql_dialect d = sql_dialect(m->db);
    cleanup_sql struct sql *c = NULL;
    struct sets_schema_state s;
    if (sql_acquire(ctx, m->db, SQL_WRITE, &c, err) < 0 || begin(ctx, c, d, err) < 0 ||
        read_state(ctx, c, d, m->steps, m->len, &s, err) < 0)
        return -1;
    *ret_done = s.version >= s.known;
    if (*ret_done)
        return sql_commit(ctx, c, err);
    const struct sets_step *step = &m->steps[s.version];
    cleanup_free char *sum = give_checksum(step->up[d]);
    const struct sql_param row[] = { sql_int(step->version),
                                     sql_int(clock_wall_ns(ctx->clock) / NS_PER_S), sql_text(sum) };
    /* What a prototype holds is written as any object is, which takes the whole schema. */
    bool sets_aside = s.is_prototype && s.version == 0;
    bool takes_over = s.is_prototype && step->version == s.known;
    if ((sets_aside && adopt_set_aside(ctx, c, m->keys, err) < 0) ||
        sql_script(ctx, c, step->up[d], err) < 0 ||
        (takes_over && adopt_take_over(ctx, c, m->db, m->keys, err) < 0) ||
        sql_exec(ctx, c,
                 "INSERT INTO schema_version (version, applied_at, checksum) VALUES ($1, $2, $3)",
                 row, ARRAY_LEN(row), NULL, err) < 0 ||
        sql_commit(ctx, c, err) < 0)
        return error_wrap(err, "migration %d up", step->version);
    return 0;
}

int sets_migrate_up(const struct opctx *ctx, struct sql_db *db, const struct keyring *keys,
                    int *ret_steps, struct error **err)
{
    struct move m = { .db = db, .keys = keys };
    m.len = sets_steps(m.steps);
    *ret_steps = 0;
    for (bool done = false;; (*ret_steps)++) {
        if (step_up(ctx, &m, &done, err) < 0)
            return -1;
        if (done)
            return 0;
    }
}

/* What cannot be made again from other tables. */
static bool holds_own_data(const char *table, size_t len)
{
    static const char rollouts[] = "rollouts"; /* which clusters have had their turn */
    for (size_t i = 0; i < API_TYPES; i++)
        if (strlen(api_types[i].plural) == len && strncmp(table, api_types[i].plural, len) == 0)
            return true;
    return strlen(rollouts) == len && strncmp(table, rollouts, len) == 0;
}

static int check_table(const struct opctx *ctx, struct sql *c, const char *table, size_t len,
                       struct error **err)
{
    cleanup_free char *text = xasprintf("SELECT count(*) FROM %.*s", (int)len, table);
    int64_t n;
    if (sets_number(ctx, c, text, NULL, 0, &n, err) < 0)
        return -1;
    if (n == 0)
        return 0;
    return error_set(err, ERR_CONFLICT,
                     "%.*s holds %lld rows, which going down would delete: --force does so",
                     (int)len, table, (long long)n);
}

/* Whether the script, which has one statement a line, would lose something. */
static int check_script(const struct opctx *ctx, struct sql *c, const char *script,
                        struct error **err)
{
    static const char drop[] = "DROP TABLE ";
    for (const char *at = script; (at = strstr(at, drop));) {
        at += strlen(drop);
        size_t len = strcspn(at, "; \n");
        if (holds_own_data(at, len) && check_table(ctx, c, at, len, err) < 0)
            return -1;
    }
    return 0;
}

/* All steps that are left, of those `left` that were asked for: either all may be gone or none is. */
static int check_empty(const struct opctx *ctx, struct sql *c, const struct move *m, int version,
                       int left, struct error **err)
{
    enum sql_dialect d = sql_dialect(m->db);
    for (int v = version; v > 0 && v > version - left; v--)
        if (check_script(ctx, c, m->steps[v - 1].down[d], err) < 0)
            return -1;
    return 0;
}

static int step_down(const struct opctx *ctx, const struct move *m, int left, bool *ret_done,
                     struct error **err)
{
    enum sql_dialect d = sql_dialect(m->db);
    cleanup_sql struct sql *c = NULL;
    struct sets_schema_state s;
    if (sql_acquire(ctx, m->db, SQL_WRITE, &c, err) < 0 || begin(ctx, c, d, err) < 0 ||
        read_state(ctx, c, d, m->steps, m->len, &s, err) < 0)
        return -1;
    *ret_done = s.version == 0;
    if (*ret_done)
        return sql_commit(ctx, c, err);
    if (s.version > s.known)
        return error_set(err, ERR_UNSUPPORTED,
                         "the database is at version %d, this program knows %d: go down with the "
                         "program that went up",
                         s.version, s.known);
    const struct sql_param version = sql_int(s.version);
    if ((!m->force && check_empty(ctx, c, m, s.version, left, err) < 0) ||
        sql_script(ctx, c, m->steps[s.version - 1].down[d], err) < 0 ||
        sql_exec(ctx, c, "DELETE FROM schema_version WHERE version = $1", &version, 1, NULL, err) <
            0 ||
        sql_commit(ctx, c, err) < 0)
        return error_wrap(err, "migration %d down", s.version);
    return 0;
}

int sets_migrate_down(const struct opctx *ctx, struct sql_db *db, int steps, bool force,
                      int *ret_steps, struct error **err)
{
    struct move m = { .db = db, .force = force };
    m.len = sets_steps(m.steps);
    for (*ret_steps = 0; *ret_steps < steps; (*ret_steps)++) {
        bool done = false;
        if (step_down(ctx, &m, steps - *ret_steps, &done, err) < 0)
            return -1;
        if (done)
            break;
    }
    return 0;
}
