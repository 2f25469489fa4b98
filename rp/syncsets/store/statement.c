/*
 * Label selectors in SQL: the most selective positive requirement drives the query through the index (type, key, value, uid);
 * all others, the negative ones too, are probes of the primary key (type, uid, key) for the rows that it finds. The text of
 * a statement depends on the shape of the query alone, so that few are prepared.
 */
#include "rp/syncsets/store/statement.h"

#include <stdlib.h>

#include "pkg/base/mem.h"
#include "rp/syncsets/store/impl.h"

/* Counting stops there: more rows than that are walked in the order of the list, not gathered by label. */
#define MANY 2000

void statement_release(struct statement *s)
{
    buf_release(&s->text);
    for (size_t i = 0; i < s->owned_len; i++)
        free(s->owned[i]);
}
void statement_param(struct statement *s, struct sql_param p)
{
    s->params[s->n++] = p;
    buf_addf(&s->text, "$%zu", s->n);
}

static void add_owned(struct statement *s, char *text)
{
    s->owned[s->owned_len++] = text;
    statement_param(s, sql_text(text));
}

static json *give_values(const struct strv *values)
{
    json *list = json_new_array();
    for (size_t i = 0; i < values->len; i++)
        json_append(list, json_new_str(values->v[i]));
    return list;
}

void statement_in(struct statement *s, enum sql_dialect d, const char *column,
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
    statement_param(s, sql_text(r->key));
    if (r->op != SELECT_IN)
        return;
    buf_adds(&s->text, " AND ");
    if (r->values.len == 1) {
        buf_adds(&s->text, "d.value = ");
        statement_param(s, sql_text(r->values.v[0]));
        return;
    }
    statement_in(s, dialect, "d.value", &r->values);
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
    statement_param(&s, sql_int(MANY));
    buf_adds(&s.text, ") x");
    return sets_number(ctx, c, buf_str(&s.text), s.params, s.n, ret, err);
}

int statement_choose_driver(const struct opctx *ctx, struct sets_store *st, struct sql *c,
                            const struct api_type *type, const struct selector *selector,
                            const struct requirement **ret, struct error **err)
{
    int64_t fewest = MANY;
    *ret = NULL;
    for (size_t i = 0; selector && i < selector->len; i++) {
        const struct requirement *r = &selector->v[i];
        int64_t n;
        if (r->op != SELECT_IN && r->op != SELECT_EXISTS)
            continue;
        if (count_some(ctx, st, c, type, r, &n, err) < 0)
            return -1;
        if (n < fewest) {
            fewest = n;
            *ret = r;
        }
    }
    return 0;
}

void statement_from(struct statement *s, enum sql_dialect d, const struct api_type *type,
                    const struct selector *selector, const struct requirement *driver)
{
    /* SQLite keeps the order of a CROSS JOIN; PostgreSQL has statistics. */
    if (driver)
        buf_addf(&s->text, "FROM object_labels d %s JOIN %s o ON o.uid = d.uid WHERE ",
                 d == SQL_SQLITE ? "CROSS" : "", type->plural);
    else
        buf_addf(&s->text, "FROM %s o WHERE 1 = 1", type->plural);
    if (driver)
        add_driver(s, d, type, driver);
    if (selector)
        add_others(s, d, type, selector, driver);
}
