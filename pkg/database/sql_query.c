/*
 * Queries, counts and the change feed. Pages are cut by keys, never by offsets: a page begins behind the last row of the
 * one before, by (part, id), by (part, unique key) where the query looks for such a key, or by lsn where the oldest come
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
#include "pkg/database/sql_columns.h"
#include "pkg/database/sql_store.h"

/* How one query is made. %N in `where` is the server's clock, %A the parameter of args[0]. */
struct shape {
    const char *where; /* "" for all */
    const char *key;   /* the column that orders a partition; NULL: id */
    bool oldest;       /* in the order of the writes, not of the keys */
    bool prefix;       /* args[0] is a prefix: a second parameter, %B, is the end of its range */
    bool clusters;     /* of the partitions alone, each once */
    bool slim;         /* bodies with id, key and bucket only */
};

#define EXP "d.lease_s < %N"
#define DUE "d.state IN ('Pending', 'InProgress') AND " EXP " AND d.run_after_s < %N"

static const struct shape shapes[QUERIES] = {
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

/* A statement that is being written, with its parameters. */
struct statement {
    struct buf text;
    struct sql_param params[8];
    size_t n;
};

/* Appends $n for the value. */
static void add_param(struct statement *st, struct sql_param p)
{
    st->params[st->n++] = p;
    buf_addc(&st->text, '$');
    buf_add_int(&st->text, (int64_t)st->n);
}

/* Greater than every text that begins with a prefix: no text of the store's has this code point, which is none. */
#define AFTER_PREFIX "\xF4\x8F\xBF\xBF"

static void add_where(struct statement *st, const struct shape *shape, const char *now,
                      const char *arg, const char *arg_end)
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
            add_param(st, sql_text(*p == 'A' ? arg : arg_end));
    }
}

/* "FROM documents AS d WHERE ..." of the query, without its page. */
static void add_rows(struct statement *st, const struct sql_store *store,
                     const struct store_query *q, const char *arg, const char *prefix_end)
{
    const struct shape *shape = &shapes[q->query];
    const char *now = sql_store_now[store->dialect];
    buf_adds(&st->text, " FROM documents AS d WHERE d.coll = ");
    add_param(st, sql_text(collections[q->coll].name));
    if (q->partition) {
        buf_adds(&st->text, " AND d.part = ");
        add_param(st, sql_text(q->partition));
    }
    if (*shape->where) {
        buf_adds(&st->text, " AND ");
        add_where(st, shape, now, arg, prefix_end);
    }
    if (collections[q->coll].ttl_s != TTL_OFF)
        buf_addf(&st->text, " AND (d.expires_s IS NULL OR d.expires_s > %s)", now);
}

/* ---- continuations ---- */

/* "QUERY.KEY": KEY is the decimal lsn, or base64url of "part\nkey", key being the
 * id or what orders instead of it (none holds control characters). */
static char *give_continuation(const struct store_query *q, const struct doc *last, int64_t lsn,
                               const char *unique)
{
    const char *name = queries[q->query].name;
    if (shapes[q->query].oldest)
        return xasprintf("%s.%" PRId64, name, lsn);
    cleanup_free char *key = xasprintf("%s\n%s", last->partition, unique ? unique : last->id);
    cleanup_free char *encoded = base64url_give(key, strlen(key));
    return xasprintf("%s.%s", name, encoded);
}

struct position {
    int64_t lsn;
    char *part; /* owned; NULL: from the beginning */
    const char *key;
};

static void position_release(struct position *p)
{
    free(p->part);
}

static int fail_continuation(struct error **err)
{
    return error_set(err, ERR_INVALID, "the continuation is not one of this query");
}

static int parse_key(const char *encoded, struct position *ret)
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

static int parse_continuation(const struct store_query *q, struct position *ret, struct error **err)
{
    if (!q->continuation)
        return 0;
    const char *name = queries[q->query].name;
    size_t len = strlen(name);
    if (!str_starts(q->continuation, name) || q->continuation[len] != '.')
        return fail_continuation(err);
    const char *key = q->continuation + len + 1;
    long long lsn;
    if (shapes[q->query].oldest) {
        if (!str_to_int(key, 0, INT64_MAX, &lsn))
            return fail_continuation(err);
        ret->lsn = lsn;
        return 0;
    }
    if (parse_key(key, ret) < 0 || (shapes[q->query].prefix && !str_starts(ret->key, q->args[0])))
        return fail_continuation(err);
    return 0;
}

static const char *order_of(const struct shape *shape)
{
    return shape->key ? shape->key : "id";
}

/* Where the range of a prefix begins: a later page must not walk over those before it. */
static const char *first_of(const struct store_query *q, const struct position *from)
{
    bool goes_on =
        shapes[q->query].prefix && q->partition && from->part && str_eq(q->partition, from->part);
    return goes_on ? from->key : q->args[0];
}

static void add_page(struct statement *st, const struct shape *shape, const struct position *from,
                     size_t page)
{
    if (shape->oldest) {
        /* The sign keeps planners from walking along all documents by their places instead of along those in the state. */
        buf_adds(&st->text, " AND +d.lsn > ");
        add_param(st, sql_int(from->lsn));
    } else if (from->part) {
        /* Partitions are grouped: one that was listed is not listed again. */
        if (shape->clusters)
            buf_adds(&st->text, " AND d.part > ");
        else
            buf_addf(&st->text, " AND (d.part, d.%s) > (", order_of(shape));
        add_param(st, sql_text(from->part));
        if (!shape->clusters) {
            buf_adds(&st->text, ", ");
            add_param(st, sql_text(from->key));
            buf_addc(&st->text, ')');
        }
    }
    if (shape->clusters)
        buf_adds(&st->text, " GROUP BY d.part ORDER BY d.part LIMIT ");
    else if (shape->oldest)
        buf_adds(&st->text, " ORDER BY +d.lsn LIMIT ");
    else
        buf_addf(&st->text, " ORDER BY d.part, d.%s LIMIT ", order_of(shape));
    /* One row more tells whether there is a next page. */
    add_param(st, sql_int((int64_t)page + 1));
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
    const struct shape *shape = &shapes[q->query];
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

static char *give_prefix_end(const struct store_query *q)
{
    return shapes[q->query].prefix ? xasprintf("%s" AFTER_PREFIX, q->args[0]) : NULL;
}

int sql_store_query(const struct opctx *ctx, struct store *s, const struct store_query *q,
                    struct doc_page *ret, struct error **err)
{
    struct sql_store *store = sql_store_of(s);
    const struct shape *shape = &shapes[q->query];
    CLEANUP_WITH(position_release) struct position from = { 0 };
    if (parse_continuation(q, &from, err) < 0)
        return -1;
    cleanup_free char *prefix_end = give_prefix_end(q);
    struct statement st = { .text = BUF_INIT(BUF_UNBOUNDED) };
    buf_adds(&st.text, shape->clusters ? "SELECT d.part" : "SELECT " DOC_COLUMNS ", d.lsn");
    if (shape->key)
        buf_addf(&st.text, ", d.%s", shape->key);
    if (shape->oldest) {
        /* The places first, from an index, so that no bodies are sorted. */
        buf_adds(&st.text, " FROM documents AS d WHERE d.coll = ");
        add_param(&st, sql_text(collections[q->coll].name));
        buf_adds(&st.text, " AND d.lsn IN (SELECT d.lsn");
    }
    add_rows(&st, store, q, first_of(q, &from), prefix_end);
    add_page(&st, shape, &from, q->page);
    if (shape->oldest)
        buf_adds(&st.text, ") ORDER BY d.lsn");
    cleanup_free char *sql = buf_give(&st.text);

    cleanup_sql struct sql *c = NULL;
    cleanup_sql_rows struct sql_rows rows = { 0 };
    if (sql_acquire(ctx, store->db, SQL_READ, &c, err) < 0 ||
        sql_query(ctx, c, sql, st.params, st.n, &rows, err) < 0)
        return -1;
    return read_page(&rows, q, ret, err);
}

int sql_store_count(const struct opctx *ctx, struct store *s, const struct store_query *q,
                    int64_t *ret, struct error **err)
{
    struct sql_store *store = sql_store_of(s);
    cleanup_free char *prefix_end = give_prefix_end(q);
    struct statement st = { .text = BUF_INIT(BUF_UNBOUNDED) };
    buf_adds(&st.text, "SELECT count(*)");
    add_rows(&st, store, q, q->args[0], prefix_end);
    cleanup_free char *sql = buf_give(&st.text);

    cleanup_sql struct sql *c = NULL;
    if (sql_acquire(ctx, store->db, SQL_READ, &c, err) < 0)
        return -1;
    return sql_store_number(ctx, c, sql, st.params, st.n, 0, ret, err);
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
