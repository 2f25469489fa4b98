/* Lists. */
#include <stdlib.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/syncsets/store/impl.h"
#include "rp/syncsets/store/statement.h"

/* ---- the statement ---- */

static void add_failed(struct statement *s, enum sql_dialect d, int failed)
{
    if (failed < 0)
        return;
    buf_addf(&s->text, " AND %s ", failed ? "" : "NOT");
    buf_adds(&s->text,
             d == SQL_SQLITE
                 ? "EXISTS (SELECT 1 FROM json_each(o.data, '$.status.conditions') f"
                   " WHERE f.value ->> 'type' = 'Failed' AND f.value ->> 'status' = 'True')"
                 : "o.data @> "
                   "'{\"status\":{\"conditions\":[{\"type\":\"Failed\",\"status\":\"True\"}]}}'");
}

static void add_place(struct statement *s, enum sql_dialect d, const struct sets_query *q)
{
    if (q->nspace) {
        buf_adds(&s->text, " AND o.namespace = ");
        statement_param(s, sql_text(q->nspace));
    }
    if (q->namespaces) {
        buf_adds(&s->text, " AND ");
        statement_in(s, d, "o.namespace", q->namespaces);
    }
    if (q->name) {
        buf_adds(&s->text, " AND o.name = ");
        statement_param(s, sql_text(q->name));
    }
    if (q->after_name) {
        buf_adds(&s->text, " AND (o.namespace, o.name) > (");
        statement_param(s, sql_text(q->after_nspace));
        buf_adds(&s->text, ", ");
        statement_param(s, sql_text(q->after_name));
        buf_adds(&s->text, ")");
    }
}

/* Everything from FROM on, without order. */
static void add_rows(struct statement *s, struct sets_store *st, const struct sets_query *q,
                     const struct requirement *driver)
{
    enum sql_dialect d = st->dialect;
    statement_from(s, d, q->type, q->selector, driver);
    add_place(s, d, q);
    add_failed(s, d, q->failed);
}

static void build(struct statement *s, struct sets_store *st, const struct sets_query *q,
                  const struct requirement *driver)
{
    cleanup_free char *columns = sets_give_columns(q->type);
    buf_addf(&s->text, "SELECT %s ", columns);
    add_rows(s, st, q, driver);
    buf_adds(&s->text, " ORDER BY o.namespace, o.name LIMIT ");
    statement_param(s, sql_int((int64_t)q->limit + 1));
}

int sets_count(const struct opctx *ctx, struct sets_store *st, const struct sets_query *q,
               int64_t *ret, struct error **err)
{
    struct sets_query all = *q;
    cleanup_statement struct statement s = STATEMENT_INIT;
    cleanup_sql struct sql *c = NULL;
    const struct requirement *driver;
    all.after_name = NULL;
    if (sql_acquire(ctx, st->cfg.db, SQL_READ, &c, err) < 0 ||
        statement_choose_driver(ctx, st, c, all.type, all.selector, &driver, err) < 0)
        return -1;
    buf_adds(&s.text, "SELECT count(*) ");
    add_rows(&s, st, &all, driver);
    return sets_number(ctx, c, buf_str(&s.text), s.params, s.n, ret, err);
}

/* ---- pages ---- */

#define BYTES_DEFAULT ((size_t)8 << 20)

void sets_page_release(struct sets_page *p)
{
    buf_release(&p->items);
    free(p->last_nspace);
    free(p->last_name);
    *p = (struct sets_page){ 0 };
}

static int add_item(const struct sets_query *q, const struct sql_rows *rows, struct sets_page *page,
                    struct error **err)
{
    cleanup_row struct sets_row row = { 0 };
    cleanup_json json *object = NULL;
    sets_row_read(q->type, rows, &row);
    if (sets_row_give_object(q->type, &row, &object, err) < 0)
        return -1;
    if (page->len++ && !q->as_added)
        buf_addc(&page->items, ',');
    buf_adds(&page->items, q->as_added ? "{\"type\":\"ADDED\",\"object\":" : "");
    json_write(&page->items, object);
    buf_adds(&page->items, q->as_added ? "}\n" : "");
    free(page->last_nspace);
    free(page->last_name);
    page->last_nspace = take(row.nspace);
    page->last_name = take(row.name);
    return 0;
}

static int read_page(const struct opctx *ctx, struct sql *c, const struct statement *s,
                     const struct sets_query *q, struct sets_page *page, struct error **err)
{
    cleanup_sql_rows struct sql_rows rows = { 0 };
    if (sql_query(ctx, c, buf_str(&s->text), s->params, s->n, &rows, err) < 0)
        return -1;
    size_t max_bytes = q->max_bytes ? q->max_bytes : BYTES_DEFAULT;
    int status;
    while ((status = sql_next(&rows, err)) > 0) {
        if (page->len == q->limit || page->items.len >= max_bytes) {
            page->more = true;
            return 0;
        }
        if (add_item(q, &rows, page, err) < 0)
            return -1;
    }
    return status;
}

int sets_begin_moment(const struct opctx *ctx, struct sets_store *st, struct sql *c,
                      struct error **err)
{
    if (sql_begin(ctx, c, err) < 0)
        return -1;
    if (st->dialect != SQL_POSTGRESQL)
        return 0;
    return sql_script(ctx, c, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY", err);
}

int sets_list(const struct opctx *ctx, struct sets_store *st, const struct sets_query *q,
              struct sets_page *ret, struct error **err)
{
    cleanup_page struct sets_page page = { .items = BUF_INIT(BUF_UNBOUNDED) };
    cleanup_statement struct statement s = STATEMENT_INIT;
    cleanup_sql struct sql *c = NULL;
    const struct requirement *driver;
    if (sql_acquire(ctx, st->cfg.db, SQL_READ, &c, err) < 0 ||
        (q->one_moment && sets_begin_moment(ctx, st, c, err) < 0) ||
        sets_number(ctx, c, "SELECT last FROM revision WHERE type = ''", NULL, 0, &page.revision,
                    err) < 0 ||
        statement_choose_driver(ctx, st, c, q->type, q->selector, &driver, err) < 0)
        return -1;
    build(&s, st, q, driver);
    if (read_page(ctx, c, &s, q, &page, err) < 0 || (q->one_moment && sql_commit(ctx, c, err) < 0))
        return -1;
    *ret = page;
    page = (struct sets_page){ 0 };
    return 0;
}

int sets_list_explain(const struct opctx *ctx, struct sets_store *st, const struct sets_query *q,
                      char **ret, struct error **err)
{
    cleanup_statement struct statement s = STATEMENT_INIT;
    cleanup_buf struct buf out = BUF_INIT(BUF_UNBOUNDED);
    cleanup_sql struct sql *c = NULL;
    const struct requirement *driver;
    if (sql_acquire(ctx, st->cfg.db, SQL_READ, &c, err) < 0 ||
        statement_choose_driver(ctx, st, c, q->type, q->selector, &driver, err) < 0)
        return -1;
    bool is_sqlite = st->dialect == SQL_SQLITE;
    buf_adds(&s.text, is_sqlite ? "EXPLAIN QUERY PLAN " : "EXPLAIN ");
    build(&s, st, q, driver);
    cleanup_sql_rows struct sql_rows rows = { 0 };
    if (sql_query(ctx, c, buf_str(&s.text), s.params, s.n, &rows, err) < 0)
        return -1;
    int status;
    while ((status = sql_next(&rows, err)) > 0)
        buf_addf(&out, "%s\n", sql_row_text(&rows, is_sqlite ? 3 : 0, NULL));
    if (status == 0)
        *ret = buf_give(&out);
    return status;
}
