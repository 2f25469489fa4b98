#include "cmd/aro-syncsets/commands.h"

#include <limits.h>
#include <stdlib.h>

#include "cmd/aro-syncsets/modes.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/syncsets/store/migrate.h"
#include "rp/syncsets/store/store.h"
#include "rp/syncsets/types/swagger.h"

/* A database and what it needs, for one command. */
struct place {
    struct opctx ctx;
    struct mode mode;
    struct sql_db *db;
};
static void place_release(struct place *p)
{
    sql_close(p->db);
    mode_release(&p->mode);
}
#define cleanup_place CLEANUP_WITH(place_release)

static int place_open(const struct command_options *opt, bool need_keys, struct place *p,
                      struct error **err)
{
    p->ctx = opctx_root(opt->clock, opt->rng, opt->stop, opt->log);
    if (mode_open(&p->ctx, opt->env, need_keys, &p->mode, err) < 0)
        return -1;
    const struct sql_config cfg = { .dsn = p->mode.dsn, .clock = opt->clock };
    return sql_open(&p->ctx, &cfg, &p->db, err);
}

static int no_args(const struct command_options *opt, struct error **err)
{
    if (opt->args_len == 0)
        return 0;
    return error_set(err, ERR_INVALID, "unexpected argument '%s'", opt->args[0]);
}

/* ---- migrate ---- */

static int go_up(const struct command_options *opt, struct place *p, struct error **err)
{
    int steps;
    if (sets_migrate_up(&p->ctx, p->db, p->mode.keys, &steps, err) < 0)
        return -1;
    fprintf(opt->out, steps ? "%d migrations applied\n" : "nothing to do\n", steps);
    return 0;
}

static int go_down(const struct command_options *opt, struct place *p, struct error **err)
{
    long long wanted = 1;
    int steps;
    if (opt->args_len > 1 && !str_to_int(opt->args[1], 1, INT_MAX, &wanted))
        return error_set(err, ERR_INVALID, "down: '%s' is no number from 1 to %d", opt->args[1],
                         INT_MAX);
    struct sets_schema_state s;
    if (sets_schema_state(&p->ctx, p->db, &s, err) < 0)
        return -1;
    if (s.version == 0) {
        fprintf(opt->out, "nothing to do\n");
        return 0;
    }
    if (wanted > s.version)
        return error_set(err, ERR_INVALID,
                         "down: the database has %d migrations, %lld cannot be taken back; 'down "
                         "%d' takes back all",
                         s.version, wanted, s.version);
    if (sets_migrate_down(&p->ctx, p->db, (int)wanted, opt->force, &steps, err) < 0)
        return -1;
    fprintf(opt->out, "%d migrations taken back\n", steps);
    return 0;
}

static int tell_status(const struct command_options *opt, struct place *p, struct error **err)
{
    struct sets_schema_state s;
    if (sets_schema_state(&p->ctx, p->db, &s, err) < 0)
        return -1;
    fprintf(opt->out, "database: version %d%s%s\nprogram:  version %d\n", s.version,
            s.is_prototype ? ", of the prototype" : "",
            s.is_changed ? ", made by other scripts" : "", s.known);
    return 0;
}

static int tell_version(const struct command_options *opt, struct place *p, struct error **err)
{
    struct sets_schema_state s;
    if (sets_schema_state(&p->ctx, p->db, &s, err) < 0)
        return -1;
    fprintf(opt->out, "%d\n", s.version);
    return 0;
}

int command_migrate(const struct command_options *opt, struct error **err)
{
    static const struct {
        const char *name;
        size_t args_max;
        int (*run)(const struct command_options *opt, struct place *p, struct error **err);
    } ways[] = { { "up", 1, go_up },
                 { "down", 2, go_down },
                 { "status", 1, tell_status },
                 { "version", 1, tell_version } };
    cleanup_place struct place p = { .mode = { .lock_fd = -1 } };
    for (size_t i = 0; opt->args_len && i < ARRAY_LEN(ways); i++) {
        if (!str_eq(ways[i].name, opt->args[0]))
            continue;
        if (opt->args_len > ways[i].args_max)
            return error_set(err, ERR_INVALID, "unexpected argument '%s'",
                             opt->args[opt->args_len - 1]);
        return place_open(opt, false, &p, err) < 0 ? -1 : ways[i].run(opt, &p, err);
    }
    return error_set(err, ERR_INVALID, "migrate: up, down [N], status or version?");
}

/* ---- the others ---- */

int command_swagger(const struct command_options *opt, struct error **err)
{
    if (no_args(opt, err) < 0)
        return -1;
    cleanup_free char *text = sets_swagger_give(opt->v3 ? SWAGGER_3_JSON : SWAGGER_2_JSON);
    if (fputs(text, opt->out) < 0 || fflush(opt->out) != 0)
        return error_set(err, ERR_IO, "writing the description failed");
    return 0;
}

int command_rotate_keys(const struct command_options *opt, struct error **err)
{
    cleanup_place struct place p = { .mode = { .lock_fd = -1 } };
    size_t sealed, failed;
    if (no_args(opt, err) < 0 || place_open(opt, true, &p, err) < 0 ||
        sets_schema_check(&p.ctx, p.db, err) < 0)
        return -1;
    const struct sets_store_config cfg = { .db = p.db, .keys = p.mode.keys };
    cleanup_sets_store struct sets_store *st = sets_store_new(&cfg);
    if (sets_rotate(&p.ctx, st, &sealed, &failed, err) < 0)
        return -1;
    fprintf(opt->out, "%zu sealed with key %s\n", sealed, keyring_current(p.mode.keys));
    if (failed == 0)
        return 0;
    return error_set(err, ERR_NOT_FOUND,
                     "%zu could not be opened with any key: add the key that sealed them", failed);
}
