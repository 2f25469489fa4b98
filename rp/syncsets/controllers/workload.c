#include "rp/syncsets/controllers/workload.h"

#include <stdlib.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/syncsets/controllers/rollout.h"

void tracked_release(struct tracked *t)
{
    const char *const all[] = { t->o.group, t->o.version, t->o.kind, t->o.nspace, t->o.name };
    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        free((void *)(uintptr_t)all[i]);
}

static void set_state_release(struct set_state *s)
{
    char *const all[] = { s->name, s->uid, s->flaw, s->message,
                          (char *)(uintptr_t)s->attempt.hash };
    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        free(all[i]);
    for (size_t i = 0; i < s->tracked_len; i++)
        tracked_release(&s->tracked[i]);
    free(s->tracked);
    apply_plan_free(s->plan);
    json_free(s->set);
    json_free(s->blocked);
}

void workload_release(struct workload *w)
{
    for (size_t i = 0; i < w->len; i++)
        set_state_release(&w->sets[i]);
    free(w->sets);
    strv_release(&w->places);
    free(w->nspace);
    free(w->name);
    json_free(w->cluster);
    *w = (struct workload){ 0 };
}

const struct api_type *set_state_type(const struct set_state *s)
{
    return &api_types[s->is_selector ? TYPE_SELECTORSYNCSETS : TYPE_SYNCSETS];
}

const char *set_state_kind(const struct set_state *s)
{
    return set_state_type(s)->kind;
}

static struct set_state *find(const struct workload *w, bool is_selector, const char *name)
{
    for (size_t i = 0; i < w->len; i++)
        if (w->sets[i].is_selector == is_selector && str_eq(w->sets[i].name, name))
            return &w->sets[i];
    return NULL;
}

static struct set_state *add(struct workload *w, bool is_selector, const char *name,
                             const char *uid)
{
    w->sets = xreallocarray(w->sets, w->len + 1, sizeof(*w->sets));
    struct set_state *s = &w->sets[w->len++];
    *s = (struct set_state){ .is_selector = is_selector,
                             .name = xstrdup(name),
                             .uid = xstrdup(uid) };
    return s;
}

/* ---- rows ---- */

static int load_cluster(const struct opctx *ctx, struct sql *c, const char *uid, struct workload *w,
                        struct error **err)
{
    const struct api_type *type = &api_types[TYPE_CLUSTERS];
    cleanup_free char *columns = sets_give_columns(type);
    cleanup_free char *text = xasprintf("SELECT %s FROM clusters o WHERE o.uid = $1", columns);
    const struct sql_param param = sql_text(uid);
    cleanup_row struct sets_row row = { 0 };
    cleanup_sql_rows struct sql_rows rows = { 0 };
    if (sql_query(ctx, c, text, &param, 1, &rows, err) < 0)
        return -1;
    int status = sql_next(&rows, err);
    if (status <= 0)
        return status;
    sets_row_read(type, &rows, &row);
    w->nspace = xstrdup(row.nspace);
    w->name = xstrdup(row.name);
    return sets_row_give_object(type, &row, &w->cluster, err);
}

/* Of every set that could be for the cluster only what tells whether it is: most are not, and a set has up to a megabyte. */
#define CANDIDATE_UID 0
#define CANDIDATE_IS_NAMED 1
#define CANDIDATE_SELECTOR 2
#define CANDIDATES(plural, is_named, selector) \
    "SELECT o.uid, " is_named ", " selector " FROM " plural " o WHERE o.namespace = $1 AND $2 = " \
    "$2"
#define NAMES_CLUSTER \
    "CASE WHEN EXISTS (SELECT 1 FROM syncset_targets t WHERE t.syncset_uid = o.uid AND " \
    "t.cluster_name = $2) THEN 1 ELSE 0 END"
#define OF_BOTH(plural, is_named) \
    { \
        [SQL_SQLITE] = \
            CANDIDATES(plural, is_named, "o.data -> '$.spec.clusterDeploymentSelector'"), \
        [SQL_POSTGRESQL] = \
            CANDIDATES(plural, is_named, "o.data #>> '{spec,clusterDeploymentSelector}'") \
    }
static const char *const candidate_texts[][SQL_DIALECTS] = {
    [TYPE_SYNCSETS] = OF_BOTH("syncsets", NAMES_CLUSTER),
    [TYPE_SELECTORSYNCSETS] = OF_BOTH("selectorsyncsets", "0"),
};
static const char *const among_texts[SQL_DIALECTS] = {
    [SQL_SQLITE] = "SELECT value FROM json_each($1)",
    [SQL_POSTGRESQL] = "SELECT jsonb_array_elements_text($1::jsonb)",
};

static int selects(const struct sql_rows *rows, const json *labels, bool *ret, struct error **err)
{
    size_t len;
    const char *text = sql_row_text(rows, CANDIDATE_SELECTOR, &len);
    cleanup_json json *tree = NULL;
    cleanup_selector struct selector selector = { 0 };
    cleanup_causes struct api_causes none;
    api_causes_init(&none);
    *ret = sql_row_int(rows, CANDIDATE_IS_NAMED) != 0;
    if (*ret || len == 0)
        return 0;
    if (json_parse(text, len, &tree, err) < 0)
        return -1;
    selector_decode(tree, "", &none, &selector);
    *ret = tree && selector_matches(&selector, labels);
    return 0;
}

/* Appends the uids of those that are for the cluster. */
static int find_wanted(const struct opctx *ctx, const struct sets_store *st, struct sql *c,
                       const struct api_type *type, const struct workload *w, json *uids,
                       struct error **err)
{
    const struct sql_param params[] = { sql_text(type->global ? "" : w->nspace),
                                        sql_text(w->name) };
    cleanup_json json *labels = sets_give_labels(w->cluster);
    cleanup_sql_rows struct sql_rows rows = { 0 };
    int status;
    if (sql_query(ctx, c, candidate_texts[type->id][st->dialect], params, ARRAY_LEN(params), &rows,
                  err) < 0)
        return -1;
    while ((status = sql_next(&rows, err)) > 0) {
        bool matches;
        if (selects(&rows, labels, &matches, err) < 0)
            return -1;
        if (matches)
            json_append(uids, json_new_str(sql_row_text(&rows, CANDIDATE_UID, NULL)));
    }
    return status;
}

static int add_wanted(const struct api_type *type, const struct sql_rows *rows, struct workload *w,
                      struct error **err)
{
    cleanup_row struct sets_row row = { 0 };
    json *object = NULL;
    sets_row_read(type, rows, &row);
    if (sets_row_give_object(type, &row, &object, err) < 0)
        return -1;
    struct set_state *s = add(w, type->id == TYPE_SELECTORSYNCSETS, row.name, row.uid);
    s->set = object;
    s->order = json_path_int(object, "spec.order", 0);
    s->generation = row.generation;
    s->version = row.resource_version;
    s->allows_protected = str_eq(json_path_str(object, "spec.protectedDeletes"), "Allow");
    return 0;
}

static int load_sets(const struct opctx *ctx, const struct sets_store *st, struct sql *c,
                     enum api_type_id id, struct workload *w, struct error **err)
{
    const struct api_type *type = &api_types[id];
    cleanup_json json *uids = json_new_array();
    if (find_wanted(ctx, st, c, type, w, uids, err) < 0)
        return -1;
    if (json_len(uids) == 0)
        return 0;
    cleanup_free char *columns = sets_give_columns(type);
    cleanup_free char *text = xasprintf("SELECT %s FROM %s o WHERE o.uid IN (%s)", columns,
                                        type->plural, among_texts[st->dialect]);
    cleanup_free char *among = json_give_text(uids);
    const struct sql_param param = sql_text(among);
    cleanup_sql_rows struct sql_rows rows = { 0 };
    int status;
    if (sql_query(ctx, c, text, &param, 1, &rows, err) < 0)
        return -1;
    while ((status = sql_next(&rows, err)) > 0)
        if (add_wanted(type, &rows, w, err) < 0)
            return -1;
    return status;
}

static char *give_column(const struct sql_rows *rows, int column)
{
    return sql_row_is_null(rows, column) ? NULL : xstrdup(sql_row_text(rows, column, NULL));
}

static void read_status(const struct sql_rows *rows, struct workload *w)
{
    bool is_selector = str_eq(sql_row_text(rows, 0, NULL), "SelectorSyncSet");
    const char *name = sql_row_text(rows, 1, NULL), *uid = sql_row_text(rows, 2, NULL);
    struct set_state *s = find(w, is_selector, name);
    bool is_same = s && str_eq(s->uid, uid); /* another set may have taken the name */
    if (!s)
        s = add(w, is_selector, name, uid);
    const char *result = sql_row_text(rows, 5, NULL);
    s->attempt = (struct attempt){ .is_known = *result != 0,
                                   .failed = str_eq(result, "Failure"),
                                   .generation = is_same || !s->set ? sql_row_int(rows, 3) : 0,
                                   .hash = give_column(rows, 4),
                                   .retry_at = sql_row_int(rows, 9),
                                   .attempts = sql_row_int(rows, 10) };
    if (!s->set)
        s->allows_protected = sql_row_int(rows, 11) != 0;
    s->message = give_column(rows, 6);
    s->last_transition = sql_row_int(rows, 7);
    s->first_success = is_same || !s->set ? sql_row_int(rows, 8) : 0;
}

static int load_statuses(const struct opctx *ctx, struct sql *c, const char *uid,
                         struct workload *w, struct error **err)
{
    const struct sql_param param = sql_text(uid);
    cleanup_sql_rows struct sql_rows rows = { 0 };
    int status;
    if (sql_query(ctx, c,
                  "SELECT kind, name, syncset_uid, observed_generation, applied_hash, result,"
                  " failure_message, last_transition, first_success, retry_at, attempts,"
                  " allows_protected FROM sync_statuses WHERE cluster_uid = $1",
                  &param, 1, &rows, err) < 0)
        return -1;
    while ((status = sql_next(&rows, err)) > 0)
        read_status(&rows, w);
    return status;
}

static int load_tracked(const struct opctx *ctx, struct sql *c, const char *uid, struct workload *w,
                        struct error **err)
{
    const struct sql_param param = sql_text(uid);
    cleanup_sql_rows struct sql_rows rows = { 0 };
    int status;
    if (sql_query(ctx, c,
                  "SELECT set_kind, set_name, api_group, version, kind, namespace, name, state"
                  " FROM tracked_resources WHERE cluster_uid = $1",
                  &param, 1, &rows, err) < 0)
        return -1;
    while ((status = sql_next(&rows, err)) > 0) {
        struct set_state *s = find(w, str_eq(sql_row_text(&rows, 0, NULL), "SelectorSyncSet"),
                                   sql_row_text(&rows, 1, NULL));
        if (!s) /* orphaned with its status, and written behind that */
            continue;
        cleanup_strv struct strv parts = STRV_INIT;
        for (int i = 2; i < 7; i++)
            strv_add(&parts, sql_row_text(&rows, i, NULL));
        const struct apply_object o = { parts.v[0], parts.v[1], parts.v[2],
                                        parts.v[3], parts.v[4], false };
        struct tracked *t = workload_track(s, &o);
        t->is_applied = t->was_applied = str_eq(sql_row_text(&rows, 7, NULL), "Applied");
    }
    return status;
}

static int compare(const void *a, const void *b)
{
    const struct set_state *x = a, *y = b;
    if (x->is_selector != y->is_selector)
        return x->is_selector ? 1 : -1;
    if (!x->set != !y->set)
        return x->set ? 1 : -1;
    if (x->order != y->order)
        return x->order < y->order ? -1 : 1;
    return strcmp(x->name, y->name);
}

int workload_load_cluster(const struct opctx *ctx, struct sets_store *st, const char *uid,
                          struct workload *ret, struct error **err)
{
    cleanup_workload struct workload w = { 0 };
    cleanup_sql struct sql *c = NULL;
    if (sql_acquire(ctx, st->cfg.db, SQL_READ, &c, err) < 0 ||
        work_now_s(ctx, st, c, &w.now_s, err) < 0 || load_cluster(ctx, c, uid, &w, err) < 0)
        return -1;
    *ret = w;
    w = (struct workload){ 0 };
    return 0;
}

int workload_load(const struct opctx *ctx, struct sets_store *st, const char *uid,
                  struct workload *ret, struct error **err)
{
    cleanup_workload struct workload w = { 0 };
    cleanup_sql struct sql *c = NULL;
    if (sql_acquire(ctx, st->cfg.db, SQL_READ, &c, err) < 0 ||
        sets_begin_moment(ctx, st, c, err) < 0 || work_now_s(ctx, st, c, &w.now_s, err) < 0 ||
        load_cluster(ctx, c, uid, &w, err) < 0)
        return -1;
    if (w.cluster &&
        (load_sets(ctx, st, c, TYPE_SYNCSETS, &w, err) < 0 ||
         load_sets(ctx, st, c, TYPE_SELECTORSYNCSETS, &w, err) < 0 ||
         load_statuses(ctx, c, uid, &w, err) < 0 || hold_load(ctx, c, uid, &w, err) < 0 ||
         load_tracked(ctx, c, uid, &w, err) < 0))
        return -1;
    if (sql_commit(ctx, c, err) < 0)
        return -1;
    if (w.len)
        qsort(w.sets, w.len, sizeof(*w.sets), compare);
    *ret = w;
    w = (struct workload){ 0 };
    return 0;
}

/* ---- rendering ---- */

struct lookup {
    const struct opctx *ctx;
    struct sets_store *st;
};

static int find_secret(void *arg, const char *nspace, const char *name, json **ret,
                       struct error **err)
{
    const struct lookup *l = arg;
    const struct api_type *type = &api_types[TYPE_SECRETS];
    struct error *why = NULL;
    json *object = NULL, *secrets = NULL;
    *ret = NULL;
    if (sets_get(l->ctx, l->st, type, nspace, name, &object, &why) < 0 ||
        sets_reveal(l->ctx, l->st, type, nspace, name, &secrets, &why) < 0) {
        json_free(object);
        if (!error_is(why, ERR_NOT_FOUND))
            return error_move(err, &why);
        error_free(why);
        return 0;
    }
    if (!json_get(object, "spec"))
        json_put(object, "spec", json_new_object());
    const json *data = json_get(secrets, "data");
    if (data)
        json_put(json_get(object, "spec"), "data", json_give_copy(data));
    json_free_wiped(secrets);
    *ret = object;
    return 0;
}

int workload_render(const struct opctx *ctx, struct sets_store *st, struct workload *w,
                    struct error **err)
{
    struct lookup l = { ctx, st };
    for (size_t i = 0; i < w->len; i++) {
        struct set_state *s = &w->sets[i];
        struct error *why = NULL;
        if (!s->set || apply_plan_make(s->set, w->cluster, find_secret, &l, &s->plan, &why) == 0)
            continue;
        if (!error_is(why, ERR_INVALID))
            return error_move(err, &why);
        s->flaw = xstrdup(error_text(why));
        error_free(why);
    }
    return 0;
}

/* ---- tracked objects ---- */

struct tracked *workload_track(struct set_state *s, const struct apply_object *o)
{
    for (size_t i = 0; i < s->tracked_len; i++)
        if (apply_same_object(&s->tracked[i].o, o, false))
            return &s->tracked[i];
    s->tracked = xreallocarray(s->tracked, s->tracked_len + 1, sizeof(*s->tracked));
    struct tracked *t = &s->tracked[s->tracked_len++];
    *t = (struct tracked){ .o = { xstrdup(o->group), xstrdup(o->version), xstrdup(o->kind),
                                  xstrdup(o->nspace), xstrdup(o->name), false } };
    return t;
}

struct apply_object *workload_give_tracked(const struct set_state *s, size_t *ret_len)
{
    struct apply_object *all = xcalloc(s->tracked_len + 1, sizeof(*all));
    *ret_len = 0;
    for (size_t i = 0; i < s->tracked_len; i++) {
        const struct tracked *t = &s->tracked[i];
        if (t->is_gone)
            continue;
        struct apply_object *o = &all[(*ret_len)++];
        *o = t->o;
        o->is_intended = !t->is_applied;
    }
    return all;
}

static bool tracks(const struct set_state *s, const struct apply_object *o, bool global)
{
    for (size_t i = 0; i < s->tracked_len; i++)
        if (!s->tracked[i].is_gone && apply_same_object(&s->tracked[i].o, o, global))
            return true;
    return false;
}

bool workload_wants(const struct workload *w, const struct set_state *but,
                    const struct apply_object *o, bool global)
{
    for (size_t i = 0; i < w->len; i++) {
        const struct set_state *s = &w->sets[i];
        if (s == but || !s->set)
            continue;
        /* One that is held back wants what it has there, too. */
        if (s->plan ? apply_plan_wants(s->plan, o, global) : tracks(s, o, global))
            return true;
        if (s->is_held && tracks(s, o, global))
            return true;
    }
    return false;
}
