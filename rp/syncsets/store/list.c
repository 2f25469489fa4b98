/*
 * Lists. A label selector runs in SQL: its most selective positive requirement drives the query through the index
 * (type, key, value, uid); all others, the negative ones too, are probes of the primary key (type, uid, key) for the rows
 * that it finds. The text of a statement depends on the shape of the query alone, so that few are prepared.
 */
#include <stdlib.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/syncsets/store/impl.h"

/* Counting stops there: more rows than that are walked in the order of the list, not gathered by label. */
#define MANY 2000

#define TEXTS_MAX 8
struct statement {
    struct buf text;
    struct sql_param params[SQL_PARAMS_MAX];
    size_t n;
    char *owned[TEXTS_MAX];
    size_t owned_len;
};
static void statement_release(struct statement *s)
{
    buf_release(&s->text);
    for (size_t i = 0; i < s->owned_len; i++)
        free(s->owned[i]);
}
#define cleanup_statement CLEANUP_WITH(statement_release)

/* Writes "$n". */
static void add_param(struct statement *s, struct sql_param p)
{
    s->params[s->n++] = p;
    buf_addf(&s->text, "$%zu", s->n);
}

static void add_owned(struct statement *s, char *text)
{
    s->owned[s->owned_len++] = text;
    add_param(s, sql_text(text));
}

static json *give_values(const struct strv *values)
{
    json *list = json_new_array();
    for (size_t i = 0; i < values->len; i++)
        json_append(list, json_new_str(values->v[i]));
    return list;
}

/* "column IN (the texts of a JSON array)" */
static void add_in(struct statement *s, enum sql_dialect d, const char *column,
                   const struct strv *values)
{
    cleanup_json json *list = give_values(values);
    buf_addf(&s->text,
             d == SQL_SQLITE ? "%s IN (SELECT value FROM json_each("
                             : "%s = ANY (ARRAY(SELECT jsonb_array_elements_text(",
             column);
    add_owned(s, json_give_text(list));
    buf_adds(&s->text, d == SQL_SQLITE ? "))" : "::jsonb)))");
}

/* ---- selectors ---- */

/* The condition on the row d of object_labels. */
static void add_driver(struct statement *s, enum sql_dialect dialect, const struct api_type *type,
                       const struct requirement *r)
{
    buf_addf(&s->text, "d.type = '%s' AND d.key = ", type->plural);
    add_param(s, sql_text(r->key));
    if (r->op != SELECT_IN)
        return;
    buf_adds(&s->text, " AND ");
    if (r->values.len == 1) {
        buf_adds(&s->text, "d.value = ");
        add_param(s, sql_text(r->values.v[0]));
        return;
    }
    add_in(s, dialect, "d.value", &r->values);
}

static const char *const op_words[] = { [SELECT_IN] = "in",
                                        [SELECT_EXISTS] = "exists",
                                        [SELECT_NOT_IN] = "notin",
                                        [SELECT_NOT_EXISTS] = "absent" };

static char *give_others(const struct selector *sel, const struct requirement *driver)
{
    cleanup_json json *list = json_new_array();
    for (size_t i = 0; i < sel->len; i++)
        if (&sel->v[i] != driver)
            json_append(list, json_make("{'k':%s,'o':%s,'v':%j}", sel->v[i].key,
                                        op_words[sel->v[i].op], give_values(&sel->v[i].values)));
    return json_give_text(list);
}

/* No requirement of the array is broken. */
static void add_others(struct statement *s, enum sql_dialect dialect, const struct api_type *type,
                       const struct selector *sel, const struct requirement *driver)
{
    static const char *const heads[SQL_DIALECTS] = {
        [SQL_SQLITE] = " AND NOT EXISTS (SELECT 1 FROM json_each(",
        [SQL_POSTGRESQL] = " AND NOT EXISTS (SELECT 1 FROM jsonb_array_elements(",
    };
    static const char *const joins[SQL_DIALECTS] = {
        [SQL_SQLITE] = ") t LEFT JOIN object_labels l ON l.type = '",
        [SQL_POSTGRESQL] = "::jsonb) t LEFT JOIN object_labels l ON l.type = '",
    };
    static const char *const cases[SQL_DIALECTS] = {
        [SQL_SQLITE] = "' AND l.uid = o.uid AND l.key = t.value ->> 'k' WHERE CASE t.value ->> 'o'"
                       " WHEN 'in' THEN l.value IS NULL"
                       " OR l.value NOT IN (SELECT v.value FROM json_each(t.value -> 'v') v)"
                       " WHEN 'notin' THEN l.value IS NOT NULL"
                       " AND l.value IN (SELECT v.value FROM json_each(t.value -> 'v') v)",
        [SQL_POSTGRESQL] = "' AND l.uid = o.uid AND l.key = t ->> 'k' WHERE CASE t ->> 'o'"
                           " WHEN 'in' THEN l.value IS NULL OR NOT (t -> 'v') ? l.value"
                           " WHEN 'notin' THEN l.value IS NOT NULL AND (t -> 'v') ? l.value",
    };
    if (sel->len <= (driver ? 1U : 0U))
        return;
    buf_adds(&s->text, heads[dialect]);
    add_owned(s, give_others(sel, driver));
    buf_addf(&s->text, "%s%s%s", joins[dialect], type->plural, cases[dialect]);
    buf_adds(&s->text, " WHEN 'exists' THEN l.value IS NULL ELSE l.value IS NOT NULL END)");
}

static int count_some(const struct opctx *ctx, struct sets_store *st, struct sql *c,
                      const struct api_type *type, const struct requirement *r, int64_t *ret,
                      struct error **err)
{
    cleanup_statement struct statement s = { .text = BUF_INIT(BUF_UNBOUNDED) };
    buf_adds(&s.text, "SELECT count(*) FROM (SELECT 1 FROM object_labels d WHERE ");
    add_driver(&s, st->dialect, type, r);
    buf_adds(&s.text, " LIMIT ");
    add_param(&s, sql_int(MANY));
    buf_adds(&s.text, ") x");
    return sets_number(ctx, c, buf_str(&s.text), s.params, s.n, ret, err);
}

/* *ret NULL: none is selective. */
static int choose_driver(const struct opctx *ctx, struct sets_store *st, struct sql *c,
                         const struct sets_query *q, const struct requirement **ret,
                         struct error **err)
{
    int64_t fewest = MANY;
    *ret = NULL;
    for (size_t i = 0; q->selector && i < q->selector->len; i++) {
        const struct requirement *r = &q->selector->v[i];
        int64_t n;
        if (r->op != SELECT_IN && r->op != SELECT_EXISTS)
            continue;
        if (count_some(ctx, st, c, q->type, r, &n, err) < 0)
            return -1;
        if (n < fewest) {
            fewest = n;
            *ret = r;
        }
    }
    return 0;
}

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
        add_param(s, sql_text(q->nspace));
    }
    if (q->namespaces) {
        buf_adds(&s->text, " AND ");
        add_in(s, d, "o.namespace", q->namespaces);
    }
    if (q->name) {
        buf_adds(&s->text, " AND o.name = ");
        add_param(s, sql_text(q->name));
    }
    if (q->after_name) {
        buf_adds(&s->text, " AND (o.namespace, o.name) > (");
        add_param(s, sql_text(q->after_nspace));
        buf_adds(&s->text, ", ");
        add_param(s, sql_text(q->after_name));
        buf_adds(&s->text, ")");
    }
}

/* Everything from FROM on, without order. */
static void add_rows(struct statement *s, struct sets_store *st, const struct sets_query *q,
                     const struct requirement *driver)
{
    enum sql_dialect d = st->dialect;
    /* SQLite keeps the order of a CROSS JOIN; PostgreSQL has statistics. */
    if (driver)
        buf_addf(&s->text, "object_labels d %s JOIN %s o ON o.uid = d.uid WHERE ",
                 d == SQL_SQLITE ? "CROSS" : "", q->type->plural);
    else
        buf_addf(&s->text, "%s o WHERE 1 = 1", q->type->plural);
    if (driver)
        add_driver(s, d, q->type, driver);
    add_place(s, d, q);
    add_failed(s, d, q->failed);
    if (q->selector)
        add_others(s, d, q->type, q->selector, driver);
}

static void build(struct statement *s, struct sets_store *st, const struct sets_query *q,
                  const struct requirement *driver)
{
    cleanup_free char *columns = sets_give_columns(q->type);
    buf_addf(&s->text, "SELECT %s FROM ", columns);
    add_rows(s, st, q, driver);
    buf_adds(&s->text, " ORDER BY o.namespace, o.name LIMIT ");
    add_param(s, sql_int((int64_t)q->limit + 1));
}

int sets_count(const struct opctx *ctx, struct sets_store *st, const struct sets_query *q,
               int64_t *ret, struct error **err)
{
    struct sets_query all = *q;
    cleanup_statement struct statement s = { .text = BUF_INIT(BUF_UNBOUNDED) };
    cleanup_sql struct sql *c = NULL;
    const struct requirement *driver;
    all.after_name = NULL;
    if (sql_acquire(ctx, st->cfg.db, SQL_READ, &c, err) < 0 ||
        choose_driver(ctx, st, c, &all, &driver, err) < 0)
        return -1;
    buf_adds(&s.text, "SELECT count(*) FROM ");
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

static int begin_moment(const struct opctx *ctx, struct sets_store *st, struct sql *c,
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
    cleanup_statement struct statement s = { .text = BUF_INIT(BUF_UNBOUNDED) };
    cleanup_sql struct sql *c = NULL;
    const struct requirement *driver;
    if (sql_acquire(ctx, st->cfg.db, SQL_READ, &c, err) < 0 ||
        (q->one_moment && begin_moment(ctx, st, c, err) < 0) ||
        sets_number(ctx, c, "SELECT last FROM revision WHERE type = ''", NULL, 0, &page.revision,
                    err) < 0 ||
        choose_driver(ctx, st, c, q, &driver, err) < 0)
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
    cleanup_statement struct statement s = { .text = BUF_INIT(BUF_UNBOUNDED) };
    cleanup_buf struct buf out = BUF_INIT(BUF_UNBOUNDED);
    cleanup_sql struct sql *c = NULL;
    const struct requirement *driver;
    if (sql_acquire(ctx, st->cfg.db, SQL_READ, &c, err) < 0 ||
        choose_driver(ctx, st, c, q, &driver, err) < 0)
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
