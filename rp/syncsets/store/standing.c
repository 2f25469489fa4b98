/* How a set stands: clusters that it is for, counted by the indexes of labels and targets, and rows of sync_statuses. */
#include <stdlib.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "rp/syncsets/store/impl.h"

void sets_standing_release(struct sets_standing *s)
{
    json_free(s->failing_clusters);
    *s = (struct sets_standing){ 0 };
}

/* ---- clusters that it is for ---- */

static int count_refs(const struct opctx *ctx, struct sets_store *st, const char *uid, int64_t *ret,
                      struct error **err)
{
    cleanup_sql struct sql *c = NULL;
    const struct sql_param p = sql_text(uid);
    if (sql_acquire(ctx, st->cfg.db, SQL_READ, &c, err) < 0)
        return -1;
    return sets_number(ctx, c,
                       "SELECT count(*) FROM syncset_targets t JOIN clusters c"
                       " ON c.namespace = t.namespace AND c.name = t.cluster_name"
                       " WHERE t.syncset_uid = $1",
                       &p, 1, ret, err);
}

/* Those that the selector selects and that are named, too. */
static int count_both(const struct opctx *ctx, struct sets_store *st, const json *refs,
                      struct sets_query *q, int64_t *ret, struct error **err)
{
    *ret = 0;
    for (size_t i = 0; i < json_len(refs); i++) {
        int64_t n;
        q->name = json_path_str(json_at(refs, i), "name");
        if (sets_count(ctx, st, q, &n, err) < 0)
            return -1;
        *ret += n;
    }
    return 0;
}

static int count_matched(const struct opctx *ctx, struct sets_store *st, const json *set,
                         int64_t *ret, struct error **err)
{
    const char *nspace = json_path_str(set, "metadata.namespace");
    const json *selector = json_path(set, "spec.clusterDeploymentSelector");
    int64_t named = 0, selected = 0, both = 0;
    *ret = 0;
    if (nspace && count_refs(ctx, st, json_path_str(set, "metadata.uid"), &named, err) < 0)
        return -1;
    if (selector) {
        cleanup_selector struct selector s = { 0 };
        cleanup_causes struct api_causes causes;
        api_causes_init(&causes); /* it was judged when it was written */
        selector_decode(selector, "", &causes, &s);
        struct sets_query q = {
            .type = &api_types[TYPE_CLUSTERS], .nspace = nspace, .selector = &s, .failed = -1
        };
        if (sets_count(ctx, st, &q, &selected, err) < 0 ||
            count_both(ctx, st, json_path(set, "spec.clusterDeploymentRefs"), &q, &both, err) < 0)
            return -1;
    }
    *ret = named + selected - both;
    return 0;
}

/* ---- what became of it there ---- */

static int count_results(const struct opctx *ctx, struct sql *c, const char *uid,
                         struct sets_standing *ret, struct error **err)
{
    const struct sql_param params[] = { sql_text(uid), sql_int(ret->generation) };
    if (sets_number(ctx, c,
                    "SELECT count(*) FROM sync_statuses s JOIN clusters c ON c.uid = s.cluster_uid"
                    " WHERE s.syncset_uid = $1 AND s.result = 'Success'"
                    " AND s.observed_generation = $2",
                    params, 2, &ret->applied, err) < 0)
        return -1;
    return sets_number(ctx, c,
                       "SELECT count(*) FROM sync_statuses s JOIN clusters c ON c.uid = "
                       "s.cluster_uid WHERE s.syncset_uid = $1 AND s.result = 'Failure'",
                       params, 1, &ret->failing, err);
}

static int read_failing(const struct opctx *ctx, struct sql *c, const char *uid, size_t max,
                        json *list, struct error **err)
{
    cleanup_sql_rows struct sql_rows rows = { 0 };
    const struct sql_param params[] = { sql_text(uid), sql_int((int64_t)max) };
    int status;
    if (sql_query(ctx, c,
                  "SELECT c.namespace, c.name, coalesce(s.failure_message, '')"
                  " FROM sync_statuses s JOIN clusters c ON c.uid = s.cluster_uid"
                  " WHERE s.syncset_uid = $1 AND s.result = 'Failure'"
                  " ORDER BY c.namespace, c.name LIMIT $2",
                  params, ARRAY_LEN(params), &rows, err) < 0)
        return -1;
    while ((status = sql_next(&rows, err)) > 0)
        json_append(list, json_make("{'namespace':%s,'name':%s,'message':%s}",
                                    sql_row_text(&rows, 0, NULL), sql_row_text(&rows, 1, NULL),
                                    sql_row_text(&rows, 2, NULL)));
    return status;
}

int sets_stand(const struct opctx *ctx, struct sets_store *st, const struct api_type *type,
               const char *nspace, const char *name, size_t failing_max, struct sets_standing *ret,
               struct error **err)
{
    cleanup_json json *set = NULL, *failing = json_new_array();
    struct sets_standing s = { 0 };
    if (sets_get(ctx, st, type, nspace, name, &set, err) < 0 ||
        count_matched(ctx, st, set, &s.matched, err) < 0)
        return -1;
    const char *uid = json_path_str(set, "metadata.uid");
    s.generation = json_path_int(set, "metadata.generation", 0);
    cleanup_sql struct sql *c = NULL;
    if (sql_acquire(ctx, st->cfg.db, SQL_READ, &c, err) < 0 ||
        count_results(ctx, c, uid, &s, err) < 0 ||
        read_failing(ctx, c, uid, failing_max, failing, err) < 0)
        return -1;
    s.failing_clusters = take(failing);
    *ret = s;
    return 0;
}
