/*
 * Queries, counts and the change feed. Pages are cut by keys, never by offsets: a page begins behind the last row of the
 * one before, by (part, id), by (unique key, part) where the query looks for such a key, or by lsn where the oldest come
 * first. So an index that finds the rows has them in the page's order, too, and nothing is sorted.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pkg/base/encoding.h"
#include "pkg/base/json.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/database/body.h"
#include "pkg/database/sql_statement.h"
#include "pkg/database/sql_store.h"

/* ---- continuations ---- */

/* "QUERY.KEY": KEY is the decimal lsn, or base64url of "part\nkey", key being the
 * id or what orders instead of it (none holds control characters). */
static char *give_continuation(const struct store_query *q, const struct doc *last, int64_t lsn,
                               const char *unique)
{
    const char *name = queries[q->query].name;
    if (sql_shapes[q->query].oldest)
        return xasprintf("%s.%" PRId64, name, lsn);
    cleanup_free char *key = xasprintf("%s\n%s", last->partition, unique ? unique : last->id);
    cleanup_free char *encoded = base64url_give(key, strlen(key));
    return xasprintf("%s.%s", name, encoded);
}

static int fail_continuation(struct error **err)
{
    return error_set(err, ERR_INVALID, "the continuation is not one of this query");
}

static int parse_key(const char *encoded, struct sql_position *ret)
{
    size_t len;
    char *key;
    if (base64url_parse(encoded, strlen(encoded), &key, &len, NULL) < 0)
        return -1;
    char *end = strchr(key, '\n');
    if (!end || strlen(key) != len) {
        free(key);
        return -1;
    }
    *end = '\0';
    ret->part = key;
    ret->key = end + 1;
    return 0;
}

static int parse_continuation(const struct store_query *q, struct sql_position *ret,
                              struct error **err)
{
    if (!q->continuation)
        return 0;
    const char *name = queries[q->query].name;
    size_t len = strlen(name);
    if (!str_starts(q->continuation, name) || q->continuation[len] != '.')
        return fail_continuation(err);
    const char *key = q->continuation + len + 1;
    long long lsn;
    if (sql_shapes[q->query].oldest) {
        if (!str_to_int(key, 0, INT64_MAX, &lsn))
            return fail_continuation(err);
        ret->lsn = lsn;
        return 0;
    }
    if (parse_key(key, ret) < 0 ||
        (sql_shapes[q->query].prefix && !str_starts(ret->key, q->args[0])))
        return fail_continuation(err);
    return 0;
}

/* ---- rows ---- */

/* {"id":...,"key":...,"bucket":...}, of those that are there. */
static int make_slim(struct doc *d, struct error **err)
{
    struct body_member m[] = { { .path = { "id" } },
                               { .path = { "key" } },
                               { .path = { "bucket" } } };
    if (body_find(d->body, d->body_len, m, ARRAY_LEN(m), err) < 0)
        return -1;
    cleanup_buf struct buf b = BUF_INIT(BUF_UNBOUNDED);
    buf_addc(&b, '{');
    for (size_t i = 0; i < ARRAY_LEN(m); i++) {
        if (!m[i].value.text)
            continue;
        buf_addf(&b, "%s\"%s\":", b.len > 1 ? "," : "", m[i].path[0]);
        buf_add(&b, m[i].value.text, m[i].value.len);
    }
    buf_addc(&b, '}');
    free(d->body);
    d->body_len = b.len;
    d->body = buf_give(&b);
    return 0;
}

/* A row that is a partition alone. */
static void read_partition(const struct sql_rows *rows, const struct store_query *q, struct doc *d)
{
    d->id = xstrdup("");
    d->etag = xstrdup("");
    d->partition = xstrdup(sql_row_text(rows, 0, NULL));
    cleanup_json json *body = json_new_object();
    json_put(body, collections[q->coll].partition_key, json_new_str(d->partition));
    d->body = json_give_text(body);
    d->body_len = strlen(d->body);
}

/* Reads at most q->page rows into ret; one more makes ret->next. */
static int read_page(struct sql_rows *rows, const struct store_query *q, struct doc_page *ret,
                     struct error **err)
{
    const struct sql_shape *shape = &sql_shapes[q->query];
    cleanup_free char *unique = NULL;
    int64_t lsn = 0;
    int status;
    while ((status = sql_next(rows, err)) > 0) {
        if (ret->len == q->page) {
            ret->next = give_continuation(q, &ret->docs[ret->len - 1], lsn, unique);
            return 0;
        }
        struct doc *d = doc_page_add(ret);
        if (shape->clusters) {
            read_partition(rows, q, d);
            continue;
        }
        sql_store_read(rows, d);
        lsn = sql_row_int(rows, 5);
        if (shape->key && ret->len == q->page) {
            free(unique);
            unique = xstrdup(sql_row_text(rows, 6, NULL));
        }
        if (shape->slim && make_slim(d, err) < 0)
            return -1;
    }
    return status;
}

int sql_store_query(const struct opctx *ctx, struct store *s, const struct store_query *q,
                    struct doc_page *ret, struct error **err)
{
    struct sql_store *store = sql_store_of(s);
    cleanup_sql_position struct sql_position from = { 0 };
    if (parse_continuation(q, &from, err) < 0)
        return -1;
    cleanup_sql_statement struct sql_statement st;
    sql_statement_page(&st, store->dialect, q, &from);

    cleanup_sql struct sql *c = NULL;
    cleanup_sql_rows struct sql_rows rows = { 0 };
    if (sql_acquire(ctx, store->db, SQL_READ, &c, err) < 0 ||
        sql_query(ctx, c, buf_str(&st.text), st.params, st.n, &rows, err) < 0)
        return -1;
    return read_page(&rows, q, ret, err);
}

int sql_store_count(const struct opctx *ctx, struct store *s, const struct store_query *q,
                    int64_t *ret, struct error **err)
{
    struct sql_store *store = sql_store_of(s);
    cleanup_sql_statement struct sql_statement st;
    sql_statement_count(&st, store->dialect, q);

    cleanup_sql struct sql *c = NULL;
    if (sql_acquire(ctx, store->db, SQL_READ, &c, err) < 0)
        return -1;
    return sql_store_number(ctx, c, buf_str(&st.text), st.params, st.n, 0, ret, err);
}

/* ---- changes ---- */

#define CHANGES(NOW) \
    "SELECT " DOC_COLUMNS ", d.lsn FROM documents AS d WHERE d.coll = $1 AND d.lsn > $2" \
    " AND (d.expires_s IS NULL OR d.expires_s > " NOW ") ORDER BY d.lsn LIMIT $3"

int sql_store_changes(const struct opctx *ctx, struct store *s, enum collection coll,
                      const char *position, size_t max, struct doc_page *ret, struct error **err)
{
    struct sql_store *store = sql_store_of(s);
    long long from = 0;
    if (position && !str_to_int(position, 0, INT64_MAX, &from))
        return error_set(err, ERR_INVALID, "the position is not one of this feed");
    const struct sql_param params[] = { sql_text(collections[coll].name), sql_int(from),
                                        sql_int((int64_t)max) };
    static const char *const texts[SQL_DIALECTS] = {
        [SQL_SQLITE] = CHANGES(NOW_SQLITE),
        [SQL_POSTGRESQL] = CHANGES(NOW_POSTGRESQL),
    };
    cleanup_sql struct sql *c = NULL;
    cleanup_sql_rows struct sql_rows rows = { 0 };
    if (sql_acquire(ctx, store->db, SQL_READ, &c, err) < 0 ||
        sql_query(ctx, c, texts[store->dialect], params, ARRAY_LEN(params), &rows, err) < 0)
        return -1;
    int64_t lsn = from;
    int status;
    while ((status = sql_next(&rows, err)) > 0) {
        sql_store_read(&rows, doc_page_add(ret));
        lsn = sql_row_int(&rows, 5);
    }
    if (status == 0)
        ret->next = xasprintf("%" PRId64, lsn);
    return status;
}
