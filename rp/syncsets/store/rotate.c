/* Secrets from an older key to the current one. */
#include <stdlib.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/syncsets/store/transact.h"

#define BATCH 100

struct batch {
    const struct api_type *type;
    char *after; /* uid; "" before the first */
    struct strv uids;
};

static int find_batch(const struct opctx *ctx, struct sets_store *st, struct batch *b,
                      struct error **err)
{
    cleanup_sql struct sql *c = NULL;
    cleanup_sql_rows struct sql_rows rows = { 0 };
    cleanup_free char *text =
        xasprintf("SELECT uid FROM %s WHERE %s IS NOT NULL AND key_id <> $1 AND uid > $2"
                  " ORDER BY uid LIMIT $3",
                  b->type->plural, b->type->sealed_column);
    const struct sql_param params[] = { sql_text(keyring_current(st->cfg.keys)), sql_text(b->after),
                                        sql_int(BATCH) };
    if (sql_acquire(ctx, st->cfg.db, SQL_READ, &c, err) < 0 ||
        sql_query(ctx, c, text, params, ARRAY_LEN(params), &rows, err) < 0)
        return -1;
    int status;
    while ((status = sql_next(&rows, err)) > 0)
        strv_add(&b->uids, sql_row_text(&rows, 0, NULL));
    return status;
}

struct turn {
    const struct api_type *type;
    const char *uid;
    bool sealed, failed;
};

static int find_row(const struct opctx *ctx, struct sets_store *st, struct sql *c,
                    const struct turn *t, struct sets_row *ret, struct error **err)
{
    cleanup_free char *columns = sets_give_columns(t->type);
    cleanup_free char *text =
        xasprintf("SELECT %s FROM %s o WHERE o.uid = $1%s", columns, t->type->plural,
                  st->dialect == SQL_POSTGRESQL ? " FOR UPDATE" : "");
    const struct sql_param uid = sql_text(t->uid);
    cleanup_sql_rows struct sql_rows rows = { 0 };
    if (sql_query(ctx, c, text, &uid, 1, &rows, err) < 0)
        return -1;
    int status = sql_next(&rows, err);
    if (status > 0)
        sets_row_read(t->type, &rows, ret);
    return status < 0 ? -1 : 0;
}

/* The object stays as it is: neither version nor event, and the status keeps the print that callers know. */
static int turn_one(const struct opctx *ctx, struct sets_store *st, struct sql *c, void *arg,
                    struct error **err)
{
    struct turn *t = arg;
    cleanup_row struct sets_row row = { 0 };
    cleanup_json_wiped json *secrets = NULL;
    cleanup_sealed struct sets_sealed sealed = { 0 };
    if (find_row(ctx, st, c, t, &row, err) < 0)
        return -1;
    if (!row.sealed || str_eq(row.key_id, keyring_current(st->cfg.keys)))
        return 0;
    t->failed = sets_open(st, t->type, &row, &secrets, NULL) < 0;
    if (t->failed)
        return 0;
    if (sets_seal(ctx, st, t->type, row.uid, secrets, &sealed, err) < 0)
        return -1;
    cleanup_free char *text =
        xasprintf("UPDATE %s SET %s = $1, key_id = $2, fingerprint = $3 WHERE uid = $4",
                  t->type->plural, t->type->sealed_column);
    const struct sql_param params[] = { sql_text(sealed.sealed), sql_text(sealed.key_id),
                                        sql_text(sealed.fingerprint), sql_text(row.uid) };
    t->sealed = true;
    return sql_exec(ctx, c, text, params, ARRAY_LEN(params), NULL, err);
}

static int rotate_type(const struct opctx *ctx, struct sets_store *st, const struct api_type *type,
                       size_t *ret_sealed, size_t *ret_failed, struct error **err)
{
    struct batch b = { .type = type, .after = xstrdup("") };
    int status;
    while ((status = find_batch(ctx, st, &b, err)) == 0 && b.uids.len > 0) {
        for (size_t i = 0; status == 0 && i < b.uids.len; i++) {
            struct turn t = { .type = type, .uid = b.uids.v[i] };
            status = sets_transact(ctx, st, turn_one, &t, err);
            *ret_sealed += t.sealed;
            *ret_failed += t.failed;
        }
        free(b.after);
        b.after = xstrdup(b.uids.v[b.uids.len - 1]);
        strv_release(&b.uids);
        if (status < 0)
            break;
    }
    strv_release(&b.uids);
    free(b.after);
    return status;
}

int sets_rotate(const struct opctx *ctx, struct sets_store *st, size_t *ret_sealed,
                size_t *ret_failed, struct error **err)
{
    *ret_sealed = *ret_failed = 0;
    for (size_t i = 0; i < API_TYPES; i++)
        if (api_types[i].sealed_column &&
            rotate_type(ctx, st, &api_types[i], ret_sealed, ret_failed, err) < 0)
            return -1;
    return 0;
}
