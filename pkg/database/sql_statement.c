/*
 * Plans are made once for each connection, perhaps of an empty table, and must serve when it is full. To a planner that
 * knows nothing yet, the primary key finds "one row" of a partition as well as the key's own index does. So a query for a
 * key leaves it no choice: what else it compares is written such that no index has it ("d.part || ''").
 */
#include "pkg/database/sql_statement.h"

#include <stdlib.h>

#include "pkg/base/mem.h"
#include "pkg/database/sql_columns.h"
#include "pkg/database/sql_store.h"

void sql_position_release(struct sql_position *p)
{
    free(p->part);
}

void sql_statement_release(struct sql_statement *st)
{
    buf_release(&st->text);
    free(st->prefix_end);
}

#define EXP "d.lease_s < %N"
#define DUE "d.state IN ('Pending', 'InProgress') AND " EXP " AND d.run_after_s < %N"

const struct sql_shape sql_shapes[QUERIES] = {
    [QUERY_ALL] = { .where = "" },
    [QUERY_CLUSTERS_DEQUEUE] = { .where = "d.state IN ('Creating', 'Deleting', 'Updating',"
                                          " 'AdminUpdating') AND " EXP,
                                 .oldest = true },
    [QUERY_CLUSTERS_BY_KEY] = { .where = "d.unique1 = %A", .key = "unique1" },
    [QUERY_CLUSTERS_BY_PREFIX] = { .where = "d.unique1 >= %A AND d.unique1 < %B",
                                   .key = "unique1",
                                   .prefix = true },
    [QUERY_CLUSTERS_BY_CLIENT_ID] = { .where = "d.unique3 = %A", .key = "unique3" },
    [QUERY_CLUSTERS_BY_RESOURCE_GROUP] = { .where = "d.unique2 = %A", .key = "unique2" },
    [QUERY_CLUSTERS_FOR_MAINTENANCE] = { .where = "(d.state IS NULL OR d.state NOT IN ('Creating',"
                                                  " 'Deleting'))",
                                         .slim = true },
    [QUERY_SUBSCRIPTIONS_DEQUEUE] = { .where = "d.state = '" STATE_DELETING "' AND " EXP,
                                      .oldest = true },
    [QUERY_POOL_FREE_MASTER] = { .where = "d.id = d.part AND " EXP },
    [QUERY_POOL_WORKERS] = { .where = "d.id <> d.part" },
    [QUERY_MANIFESTS_DUE] = { .where = DUE },
    [QUERY_MANIFESTS_DUE_CLUSTERS] = { .where = DUE, .clusters = true },
    [QUERY_MANIFESTS_OF_CLUSTER] = { .where = "" },
    [QUERY_MANIFESTS_QUEUED] = { .where = "d.state = 'Pending' AND " EXP },
    [QUERY_MANIFESTS_FUTURE] = { .where = "d.state = 'Pending' AND d.schedule = %A"
                                          " AND d.run_after_s > %N" },
    [QUERY_SCHEDULES_VALID] = { .where = "d.state IN ('Enabled', 'Processing')" },
};

/* Appends $n for the value. */
static void add_param(struct sql_statement *st, struct sql_param p)
{
    st->params[st->n++] = p;
    buf_addc(&st->text, '$');
    buf_add_int(&st->text, (int64_t)st->n);
}

/* Greater than every text that begins with a prefix: no text of the store's has this code point, which is none. */
#define AFTER_PREFIX "\xF4\x8F\xBF\xBF"

static void add_where(struct sql_statement *st, const struct sql_shape *shape, const char *now,
                      const char *arg)
{
    for (const char *p = shape->where; *p; p++) {
        if (*p != '%') {
            buf_addc(&st->text, *p);
            continue;
        }
        p++;
        if (*p == 'N')
            buf_adds(&st->text, now);
        else
            add_param(st, sql_text(*p == 'A' ? arg : st->prefix_end));
    }
}

/* "FROM documents AS d WHERE ..." of the query, without its page. */
static void add_rows(struct sql_statement *st, enum sql_dialect dialect,
                     const struct store_query *q, const char *arg)
{
    const struct sql_shape *shape = &sql_shapes[q->query];
    const char *now = sql_store_now[dialect], *hidden = shape->key ? " || ''" : "";
    buf_addf(&st->text, " FROM documents AS d WHERE d.coll%s = ", hidden);
    add_param(st, sql_text(collections[q->coll].name));
    if (q->partition) {
        buf_addf(&st->text, " AND d.part%s = ", hidden);
        add_param(st, sql_text(q->partition));
    }
    if (*shape->where) {
        buf_adds(&st->text, " AND ");
        add_where(st, shape, now, arg);
    }
    if (collections[q->coll].ttl_s != TTL_OFF)
        buf_addf(&st->text, " AND (d.expires_s IS NULL OR d.expires_s > %s)", now);
}

/* Where the range of a prefix begins: a later page must not walk over those before it. */
static const char *first_of(const struct store_query *q, const struct sql_position *from)
{
    return sql_shapes[q->query].prefix && from->part ? from->key : q->args[0];
}

/* " AND (d.COLUMN, d.COLUMN) > ($n, $m)" */
static void add_behind(struct sql_statement *st, const char *column1, const char *value1,
                       const char *column2, const char *value2)
{
    buf_addf(&st->text, " AND (d.%s, d.%s) > (", column1, column2);
    add_param(st, sql_text(value1));
    buf_adds(&st->text, ", ");
    add_param(st, sql_text(value2));
    buf_addc(&st->text, ')');
}

static void add_position(struct sql_statement *st, const struct sql_shape *shape,
                         const struct sql_position *from)
{
    if (shape->oldest) {
        /* The sign keeps planners from walking along all documents by their places instead of along those in the state. */
        buf_adds(&st->text, " AND +d.lsn > ");
        add_param(st, sql_int(from->lsn));
    } else if (from->part && shape->clusters) {
        /* Partitions are grouped: one that was listed is not listed again. */
        buf_adds(&st->text, " AND d.part > ");
        add_param(st, sql_text(from->part));
    } else if (from->part && shape->key) {
        add_behind(st, shape->key, from->key, "part", from->part);
    } else if (from->part) {
        add_behind(st, "part", from->part, "id", from->key);
    }
}

static void add_page(struct sql_statement *st, const struct sql_shape *shape,
                     const struct sql_position *from, size_t page)
{
    add_position(st, shape, from);
    if (shape->clusters)
        buf_adds(&st->text, " GROUP BY d.part ORDER BY d.part LIMIT ");
    else if (shape->oldest)
        buf_adds(&st->text, " ORDER BY +d.lsn LIMIT ");
    else if (shape->key)
        buf_addf(&st->text, " ORDER BY d.%s, d.part LIMIT ", shape->key);
    else
        buf_adds(&st->text, " ORDER BY d.part, d.id LIMIT ");
    /* One row more tells whether there is a next page. */
    add_param(st, sql_int((int64_t)page + 1));
}

/* ---- the whole ---- */

static void begin(struct sql_statement *st, const struct store_query *q)
{
    *st = (struct sql_statement){ .text = BUF_INIT(BUF_UNBOUNDED) };
    if (sql_shapes[q->query].prefix)
        st->prefix_end = xasprintf("%s" AFTER_PREFIX, q->args[0]);
}

void sql_statement_page(struct sql_statement *ret, enum sql_dialect dialect,
                        const struct store_query *q, const struct sql_position *from)
{
    const struct sql_shape *shape = &sql_shapes[q->query];
    begin(ret, q);
    buf_adds(&ret->text, shape->clusters ? "SELECT d.part" : "SELECT " DOC_COLUMNS ", d.lsn");
    if (shape->key)
        buf_addf(&ret->text, ", d.%s", shape->key);
    if (shape->oldest) {
        /* The places first, from an index, so that no bodies are sorted. */
        buf_adds(&ret->text, " FROM documents AS d WHERE d.coll = ");
        add_param(ret, sql_text(collections[q->coll].name));
        buf_adds(&ret->text, " AND d.lsn IN (SELECT d.lsn");
    }
    add_rows(ret, dialect, q, first_of(q, from));
    add_page(ret, shape, from, q->page);
    if (shape->oldest)
        buf_adds(&ret->text, ") ORDER BY d.lsn");
}

void sql_statement_count(struct sql_statement *ret, enum sql_dialect dialect,
                         const struct store_query *q)
{
    begin(ret, q);
    buf_adds(&ret->text, "SELECT count(*)");
    add_rows(ret, dialect, q, q->args[0]);
}
