/*
 * Which clusters does a change concern? Each kind of change has one INSERT ... SELECT that marks them all.
 *
 * Old versions of a set need no look: clusters that it was applied to have a status for it, and a worker that is applying it
 * at this moment sees, when it ends, that the set is no longer what it read.
 */
#include <stdlib.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/syncsets/controllers/work.h"
#include "rp/syncsets/store/statement.h"

#define EVENTS_MAX 200

/* What is kept of an event. */
struct change {
    const struct api_type *type;
    bool deleted, status_only;
    char *uid, *nspace, *name;
    int64_t revision, generation;
    json *selector; /* of a set; NULL: it has none */
};
struct changes {
    struct change v[EVENTS_MAX];
    size_t len;
    int64_t from, to;
};

static void changes_free(struct changes *ch)
{
    for (size_t i = 0; i < ch->len; i++) {
        free(ch->v[i].uid);
        free(ch->v[i].nspace);
        free(ch->v[i].name);
        json_free(ch->v[i].selector);
    }
    free(ch);
}
DEFINE_RELEASE(struct changes *, changes_free)
#define cleanup_changes_ptr CLEANUP_WITH(changes_free_slot)

static int keep_event(void *arg, const struct sets_event *e, struct error **err)
{
    struct changes *all = arg;
    struct change *ch = &all->v[all->len++];
    *ch = (struct change){ .type = api_type_find(e->type),
                           .deleted = str_eq(e->op, "DELETED"),
                           .status_only = e->status_only,
                           .uid = xstrdup(e->uid),
                           .nspace = xstrdup(e->nspace),
                           .name = xstrdup(e->name),
                           .revision = e->revision,
                           .generation = e->generation };
    if (!ch->type || !ch->type->is_set)
        return 0;
    cleanup_json json *object = NULL;
    if (json_parse_object(e->object, e->object_len, &object, err) < 0)
        return -1;
    json *selector = json_path(object, "spec.clusterDeploymentSelector");
    ch->selector = selector ? json_ref(selector) : NULL;
    return 0;
}

/* ---- marking ---- */

#define MARK_HEAD(now) \
    "INSERT INTO cluster_work (cluster_uid, namespace, dirty_revision, due_at, class)" \
    " SELECT x.uid, x.namespace, $1, " now ", CASE WHEN count(*) OVER () <= $2 THEN 'fast' ELSE " \
    "'slow' END FROM ("
static const char *const mark_heads[SQL_DIALECTS] = WORK_BOTH(MARK_HEAD);

/* What is fast already and still waits stays fast; what becomes fast while its slow hint waits gets another one. */
#define MARK_TAIL(now) \
    ") x WHERE 1 = 1 ON CONFLICT (cluster_uid) DO UPDATE SET" \
    " dirty_revision = CASE WHEN excluded.dirty_revision > cluster_work.dirty_revision" \
    " THEN excluded.dirty_revision ELSE cluster_work.dirty_revision END," \
    " class = CASE WHEN cluster_work.class = 'fast' AND cluster_work.due_at <= " now \
    " THEN 'fast' ELSE excluded.class END," \
    " queued_at = CASE WHEN cluster_work.class = 'slow' AND excluded.class = 'fast'" \
    " THEN NULL ELSE cluster_work.queued_at END," \
    " due_at = CASE WHEN cluster_work.due_at < excluded.due_at THEN cluster_work.due_at ELSE " \
    "excluded.due_at END"
static const char *const mark_tails[SQL_DIALECTS] = WORK_BOTH(MARK_TAIL);

static void mark_begin(struct statement *s, const struct sets_store *st, int64_t revision)
{
    buf_adds(&s->text, mark_heads[st->dialect]);
    s->params[s->n++] = sql_int(revision);
    s->params[s->n++] = sql_int(WORK_FAST_MAX);
}

static int mark_run(const struct opctx *ctx, const struct sets_store *st, struct sql *c,
                    struct statement *s, struct error **err)
{
    buf_adds(&s->text, mark_tails[st->dialect]);
    return sql_exec(ctx, c, buf_str(&s->text), s->params, s->n, NULL, err);
}

static int mark_one(const struct opctx *ctx, struct sets_store *st, struct sql *c, const char *uid,
                    int64_t revision, struct error **err)
{
    cleanup_statement struct statement s = STATEMENT_INIT;
    mark_begin(&s, st, revision);
    buf_adds(&s.text, "SELECT o.uid, o.namespace FROM clusters o WHERE o.uid = ");
    statement_param(&s, sql_text(uid));
    return mark_run(ctx, st, c, &s, err);
}

static int last_revision(const struct opctx *ctx, struct sql *c, int64_t *ret, struct error **err)
{
    return sets_number(ctx, c, "SELECT last FROM revision WHERE type = ''", NULL, 0, ret, err);
}

int match_cluster(const struct opctx *ctx, struct sets_store *st, struct sql *c, const char *uid,
                  struct error **err)
{
    int64_t revision;
    if (last_revision(ctx, c, &revision, err) < 0)
        return -1;
    return mark_one(ctx, st, c, uid, revision, err);
}

int match_clusters(const struct opctx *ctx, struct sets_store *st, struct sql *c, const char *uids,
                   struct error **err)
{
    static const char *const among[SQL_DIALECTS] = {
        [SQL_SQLITE] = "(SELECT value FROM json_each(",
        [SQL_POSTGRESQL] = "(SELECT u FROM jsonb_array_elements_text((",
    };
    static const char *const ends[SQL_DIALECTS] = {
        [SQL_SQLITE] = "))", [SQL_POSTGRESQL] = ")::jsonb) u)"
    };
    cleanup_statement struct statement s = STATEMENT_INIT;
    int64_t revision;
    if (last_revision(ctx, c, &revision, err) < 0)
        return -1;
    mark_begin(&s, st, revision);
    buf_addf(&s.text, "SELECT o.uid, o.namespace FROM clusters o WHERE o.uid IN %s",
             among[st->dialect]);
    statement_param(&s, sql_text(uids));
    buf_adds(&s.text, ends[st->dialect]);
    return mark_run(ctx, st, c, &s, err);
}

static int add_selected(const struct opctx *ctx, struct sets_store *st, struct sql *c,
                        struct statement *s, const struct change *ch,
                        const struct selector *selector, struct error **err)
{
    const struct api_type *clusters = &api_types[TYPE_CLUSTERS];
    const struct requirement *driver;
    if (statement_choose_driver(ctx, st, c, clusters, selector, &driver, err) < 0)
        return -1;
    buf_adds(&s->text, " UNION SELECT o.uid, o.namespace ");
    statement_from(s, st->dialect, clusters, selector, driver);
    if (ch->type->global)
        return 0;
    buf_adds(&s->text, " AND o.namespace = ");
    statement_param(s, sql_text(ch->nspace));
    return 0;
}

static int mark_set(const struct opctx *ctx, struct sets_store *st, struct sql *c,
                    const struct change *ch, struct error **err)
{
    cleanup_statement struct statement s = STATEMENT_INIT;
    cleanup_selector struct selector selector = { 0 };
    struct api_causes none;
    mark_begin(&s, st, ch->revision);
    buf_adds(&s.text, "SELECT o.uid, o.namespace FROM sync_statuses t JOIN clusters o ON o.uid = "
                      "t.cluster_uid WHERE t.syncset_uid = ");
    statement_param(&s, sql_text(ch->uid));
    if (!ch->deleted && !ch->type->global) {
        buf_adds(&s.text,
                 " UNION SELECT o.uid, o.namespace FROM syncset_targets t JOIN clusters o ON"
                 " o.namespace = t.namespace AND o.name = t.cluster_name WHERE t.syncset_uid = ");
        statement_param(&s, sql_text(ch->uid));
    }
    if (!ch->deleted && ch->selector) {
        api_causes_init(&none);
        selector_decode(ch->selector, "", &none, &selector);
        api_causes_release(&none);
        if (add_selected(ctx, st, c, &s, ch, &selector, err) < 0)
            return -1;
    }
    return mark_run(ctx, st, c, &s, err);
}

/* ---- secrets ---- */

/* $1: namespace, $2: name of the secret. Sets may leave out their own namespace. */
static const char *const mapper_columns[SQL_DIALECTS] = {
    [SQL_SQLITE] = "SELECT o.uid, o.namespace, o.data -> '$.spec.clusterDeploymentSelector' FROM ",
    [SQL_POSTGRESQL] =
        "SELECT o.uid, o.namespace, o.data #>> '{spec,clusterDeploymentSelector}' FROM ",
};
static const char *const mapper_conditions[SQL_DIALECTS] = {
    [SQL_SQLITE] =
        " o WHERE EXISTS (SELECT 1 FROM json_each(o.data, '$.spec.secretMappings') m"
        " WHERE m.value ->> '$.sourceRef.name' = $2"
        " AND coalesce(nullif(m.value ->> '$.sourceRef.namespace', ''), o.namespace) = $1)",
    [SQL_POSTGRESQL] =
        " o WHERE o.data @> jsonb_build_object('spec', jsonb_build_object('secretMappings',"
        " jsonb_build_array(jsonb_build_object('sourceRef', jsonb_build_object('name', "
        "$2::text)))))"
        " AND EXISTS (SELECT 1 FROM jsonb_array_elements(o.data #> '{spec,secretMappings}') m"
        " WHERE m #>> '{sourceRef,name}' = $2"
        " AND coalesce(nullif(m #>> '{sourceRef,namespace}', ''), o.namespace) = $1)",
};

/* [{"uid","namespace","selector"}]: gathered first, for a connection has one cursor. */
static int find_mappers(const struct opctx *ctx, const struct sets_store *st, struct sql *c,
                        const struct api_type *type, const struct change *secret, json *ret,
                        struct error **err)
{
    cleanup_free char *text = xasprintf("%s%s%s", mapper_columns[st->dialect], type->plural,
                                        mapper_conditions[st->dialect]);
    const struct sql_param params[] = { sql_text(secret->nspace), sql_text(secret->name) };
    cleanup_sql_rows struct sql_rows rows = { 0 };
    int status;
    if (sql_query(ctx, c, text, params, ARRAY_LEN(params), &rows, err) < 0)
        return -1;
    while ((status = sql_next(&rows, err)) > 0) {
        size_t len;
        json *selector = NULL;
        const char *selector_text = sql_row_text(&rows, 2, &len);
        if (len && json_parse(selector_text, len, &selector, err) < 0)
            return -1;
        json *found = json_make("{'uid':%s}", sql_row_text(&rows, 0, NULL));
        json_put(found, "namespace", json_new_str(sql_row_text(&rows, 1, NULL)));
        json_put(found, "selector", selector);
        json_append(ret, found);
    }
    return status;
}

static int mark_secret(const struct opctx *ctx, struct sets_store *st, struct sql *c,
                       const struct change *secret, struct error **err)
{
    static const enum api_type_id types[] = { TYPE_SYNCSETS, TYPE_SELECTORSYNCSETS };
    for (size_t t = 0; t < ARRAY_LEN(types); t++) {
        cleanup_json json *found = json_new_array();
        if (find_mappers(ctx, st, c, &api_types[types[t]], secret, found, err) < 0)
            return -1;
        for (size_t i = 0; i < json_len(found); i++) {
            const json *set = json_at(found, i);
            cleanup_free char *uid = xstrdup(json_path_str(set, "uid"));
            cleanup_free char *nspace = xstrdup(json_path_str(set, "namespace"));
            const struct change ch = { .type = &api_types[types[t]],
                                       .uid = uid,
                                       .nspace = nspace,
                                       .revision = secret->revision,
                                       .selector = json_get(set, "selector") };
            if (mark_set(ctx, st, c, &ch, err) < 0)
                return -1;
        }
    }
    return 0;
}

/* ---- clusters ---- */

/* Another document: it is looked at at once, as if it had never failed. */
static int probe_soon(const struct opctx *ctx, struct sql *c, const struct change *ch,
                      struct error **err)
{
    const struct sql_param params[] = { sql_text(ch->uid), sql_int(ch->generation) };
    return sql_exec(
        ctx, c,
        "INSERT INTO cluster_probes (cluster_uid, generation, due_at)"
        " SELECT o.uid, $2, 0 FROM clusters o WHERE o.uid = $1"
        " ON CONFLICT (cluster_uid) DO UPDATE SET due_at = 0, failures = 0,"
        " generation = excluded.generation WHERE cluster_probes.generation <> excluded.generation",
        params, ARRAY_LEN(params), NULL, err);
}

static int mark_change(const struct opctx *ctx, struct sets_store *st, struct sql *c,
                       const struct change *ch, struct error **err)
{
    if (!ch->type || ch->status_only)
        return 0;
    if (ch->type->is_set)
        return mark_set(ctx, st, c, ch, err);
    if (ch->type->id == TYPE_SECRETS)
        return mark_secret(ctx, st, c, ch, err);
    if (ch->type->id != TYPE_CLUSTERS || ch->deleted)
        return 0;
    return mark_one(ctx, st, c, ch->uid, ch->revision, err) < 0 ? -1 : probe_soon(ctx, c, ch, err);
}

/* ---- the whole ---- */

static int mark_all(const struct opctx *ctx, struct sets_store *st, struct sql *c, void *arg,
                    struct error **err)
{
    const struct changes *all = arg;
    const struct sql_param params[] = { sql_int(all->to), sql_int(all->from) };
    int64_t changed;
    if (sql_exec(ctx, c,
                 "UPDATE cursors SET revision = $1 WHERE name = 'matcher' AND revision = $2",
                 params, ARRAY_LEN(params), &changed, err) < 0)
        return -1;
    if (changed != 1) /* another leader was here first */
        return 0;
    for (size_t i = 0; i < all->len; i++)
        if (mark_change(ctx, st, c, &all->v[i], err) < 0)
            return -1;
    return 0;
}

int match_events(const struct opctx *ctx, struct sets_store *st, bool *ret_more, struct error **err)
{
    cleanup_changes_ptr struct changes *all = xnew(struct changes);
    *ret_more = false;
    if (sets_cursor_get(ctx, st, "matcher", &all->from, err) < 0 ||
        sets_events(ctx, st, all->from, EVENTS_MAX, keep_event, all, &all->to, err) < 0)
        return error_wrap(err, "matching changes to clusters");
    *ret_more = all->len == EVENTS_MAX;
    return all->len == 0 ? 0 : sets_transact_quietly(ctx, st, mark_all, all, err);
}
