/* Creation with idempotency keys, replacement, deletion. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/syncsets/store/quota.h"
#include "rp/syncsets/store/transact.h"

struct job {
    const struct sets_write *w;
    json *object; /* what becomes of it */
    bool created;
};

static int job_finish(struct job *job, int status, json **ret)
{
    if (status == 0 && ret)
        *ret = take(job->object);
    json_free(job->object);
    return status;
}

static void job_give(struct job *job, json *object)
{
    json_free(job->object);
    job->object = object;
}

static int conflict(struct error **err, const struct sets_write *w, const char *why)
{
    (void)error_set(err, ERR_CONFLICT, "%s \"%s\" %s", w->type->plural, w->name, why);
    error_code(err, CONFLICT_CODE);
    return sets_target(err, w->type, w->name);
}

/* ---- idempotency ---- */

#define PURPOSE "syncsets idempotency"

/* "key:digits" of what tells a request from others; NULL: there is no such key any more. A digest alone would let readers
 * of the table try what secrets a request may have held. */
static char *give_mark(const struct sets_store *st, const char *key, const char *request_hash)
{
    unsigned char mac[KEYRING_MAC_LEN];
    if (!keyring_mac(st->cfg.keys, key, PURPOSE, request_hash, strlen(request_hash), mac))
        return NULL;
    cleanup_free char *digits = hex_give(mac, sizeof(mac));
    return xasprintf("%s:%s", key, digits);
}

static bool is_same_request(const struct sets_store *st, const char *mark, const char *request_hash)
{
    cleanup_free char *key = xstrndup(mark, strcspn(mark, ":"));
    cleanup_free char *want = give_mark(st, key, request_hash);
    return want && str_eq(mark, want);
}

/* 1: a request with this key was done, and job has its result. */
static int find_reply(const struct opctx *ctx, const struct sets_store *st, struct sql *c,
                      struct job *job, struct error **err)
{
    const struct sets_write *w = job->w;
    const struct sql_param params[] = { sql_text(w->actor ? w->actor : ""),
                                        sql_text(w->idempotency_key) };
    cleanup_sql_rows struct sql_rows rows = { 0 };
    if (sql_query(ctx, c,
                  "SELECT request_hash, reply FROM idempotency WHERE actor = $1 AND key = $2",
                  params, ARRAY_LEN(params), &rows, err) < 0)
        return -1;
    int status = sql_next(&rows, err);
    if (status <= 0)
        return status;
    if (!is_same_request(st, sql_row_text(&rows, 0, NULL), w->request_hash))
        return error_set(err, ERR_UNPROCESSABLE,
                         "this Idempotency-Key came with another request before");
    size_t len;
    const char *text = sql_row_text(&rows, 1, &len);
    json *object;
    if (json_parse_object(text, len, &object, err) < 0)
        return -1;
    job_give(job, object);
    return 1;
}

/* Who comes second waits here for the first one's end, and then finds its row (ERR_CONFLICT: again). */
static int write_reply(const struct opctx *ctx, const struct sets_store *st, struct sql *c,
                       struct job *job, struct error **err)
{
    const struct sets_write *w = job->w;
    cleanup_free char *text = json_give_text(job->object);
    cleanup_free char *mark = give_mark(st, keyring_current(st->cfg.keys), w->request_hash);
    const struct sql_param params[] = { sql_text(w->actor ? w->actor : ""),
                                        sql_text(w->idempotency_key), sql_text(mark),
                                        sql_text(text), sql_int(sets_now_s(ctx)) };
    cleanup_error struct error *why = NULL;
    if (sql_exec(ctx, c,
                 "INSERT INTO idempotency (actor, key, request_hash, reply, created_at) VALUES "
                 "($1, $2, $3, $4, $5)",
                 params, ARRAY_LEN(params), NULL, &why) == 0)
        return 0;
    if (!error_is(why, ERR_EXISTS))
        return error_move(err, &why);
    return error_set(err, ERR_CONFLICT, "the same Idempotency-Key is at work");
}

/* ---- creation ---- */

static int create(const struct opctx *ctx, struct sets_store *st, struct sql *c, void *arg,
                  struct error **err)
{
    struct job *job = arg;
    int found = job->w->idempotency_key ? find_reply(ctx, st, c, job, err) : 0;
    if (found)
        return found < 0 ? -1 : 0;
    json *object = NULL;
    cleanup_changes struct sets_changes ch = { 0 };
    if (sets_create_rows(ctx, st, c, job->w, &ch, err) < 0)
        return -1;
    if (sets_changes_publish(ctx, st, c, &ch, job->w->actor, err) < 0)
        return -1;
    for (size_t i = 0; i < ch.len; i++)
        if (ch.v[i].type == job->w->type)
            object = ch.v[i].object;
    job_give(job, json_ref(object));
    return job->w->idempotency_key ? write_reply(ctx, st, c, job, err) : 0;
}

int sets_create(const struct opctx *ctx, struct sets_store *st, const struct sets_write *w,
                json **ret, struct error **err)
{
    struct job job = { .w = w };
    int status = sets_transact(ctx, st, create, &job, err);
    /* A repetition that waited for the first one inside the database may meet its object before its key. */
    if (status < 0 && w->idempotency_key && err && error_is(*err, ERR_EXISTS)) {
        struct error *first = take(*err);
        status = sets_transact(ctx, st, create, &job, err);
        error_free(first);
    }
    return job_finish(&job, status, ret);
}

/* ---- replacement ---- */

static int check_version(const struct sets_write *w, const struct sets_row *row, struct error **err)
{
    if (w->if_version && w->if_version != row->resource_version)
        return conflict(
            err, w, "has changed since: read it again, and apply your change to what it is now");
    if (w->if_uid && !str_eq(w->if_uid, row->uid))
        return conflict(err, w, "is another object than the one with that uid");
    return 0;
}

static void put_or_drop(json *metadata, const char *key, const json *from)
{
    const json *map = json_get(json_get(from, "metadata"), key);
    if (json_len(map))
        json_put(metadata, key, json_give_copy(map));
    else
        (void)json_del(metadata, key);
}

/* How the object becomes, and whether that is a change. */
struct change {
    json *old, *made;
    bool spec, other;
    struct sets_sealed sealed;
    bool seals; /* sealed holds what is to be kept from now on */
};
static void change_release(struct change *ch)
{
    json_free(ch->old);
    json_free(ch->made);
    sets_sealed_release(&ch->sealed);
}
#define cleanup_change CLEANUP_WITH(change_release)

static int change_secrets(const struct opctx *ctx, struct sets_store *st,
                          const struct sets_write *w, const struct sets_row *row, struct change *ch,
                          struct error **err)
{
    if (!w->type->sealed_column || !w->secrets || sets_same_secrets(st, row, w->secrets))
        return 0;
    if (sets_seal(ctx, st, w->type, row->uid, w->secrets, &ch->sealed, err) < 0)
        return -1;
    ch->seals = ch->spec = true;
    json *old = json_get(ch->made, "status");
    json *status = sets_give_status(w->type, old ? json_give_copy(old) : NULL, w->secrets,
                                    ch->sealed.fingerprint, clock_wall_ns(ctx->clock));
    json_put(ch->made, "status", status);
    return 0;
}

static bool differs(const json *a, const json *b, const char *path)
{
    return !json_equal(json_path(a, path), json_path(b, path));
}

/* Credentials that are kept go where these say. Who may write a cluster may not read them, nor have them sent to another host:
 * that is for who shows them. Taking one away leaves what the kubeconfig itself says. */
static const char *const destinations[] = { "spec.apiURLOverride", "spec.apiServerIPOverride",
                                            "spec.caBundle" };

static int check_destinations(const struct sets_write *w, const struct sets_row *row,
                              const struct change *ch, struct error **err)
{
    if (w->type->id != TYPE_CLUSTERS || w->secrets || !row->sealed)
        return 0;
    cleanup_causes struct api_causes causes;
    api_causes_init(&causes);
    for (size_t i = 0; i < ARRAY_LEN(destinations); i++) {
        const char *now = json_path_str(ch->made, destinations[i]);
        if (now && *now && differs(ch->old, ch->made, destinations[i]))
            api_cause_add(&causes, CAUSE_FORBIDDEN, destinations[i],
                          "tells where the kubeconfig's credentials are sent, and changes only "
                          "together with spec.kubeconfig: send that again");
    }
    return api_causes_check(&causes, w->name, err);
}

static int find_change(const struct opctx *ctx, struct sets_store *st, const struct sets_write *w,
                       const struct sets_row *row, struct change *ch, struct error **err)
{
    if (sets_row_give_object(w->type, row, &ch->old, err) < 0)
        return -1;
    ch->made = json_give_copy(ch->old);
    json *metadata = json_get(ch->made, "metadata");
    const json *spec = json_get(w->object, "spec");
    put_or_drop(metadata, "labels", w->object);
    put_or_drop(metadata, "annotations", w->object);
    if (spec)
        json_put(ch->made, "spec", json_give_copy(spec));
    if (json_path_str(w->object, "apiVersion"))
        json_put(ch->made, "apiVersion", json_new_str(json_path_str(w->object, "apiVersion")));
    if (w->status)
        json_put(ch->made, "status", json_give_copy(w->status));
    ch->spec = differs(ch->old, ch->made, "spec");
    if (check_destinations(w, row, ch, err) < 0 || change_secrets(ctx, st, w, row, ch, err) < 0)
        return -1;
    ch->other = differs(ch->old, ch->made, "metadata") || differs(ch->old, ch->made, "status") ||
                differs(ch->old, ch->made, "apiVersion");
    if (ch->spec)
        json_put(metadata, "generation", json_new_int(row->generation + 1));
    return 0;
}

static int update_row(const struct opctx *ctx, struct sql *c, const struct sets_write *w,
                      const struct sets_row *row, const struct change *ch, struct error **err)
{
    cleanup_json json *labels = sets_give_labels(ch->made);
    cleanup_free char *label_text = json_give_text(labels);
    cleanup_free char *data = sets_give_data(ch->made);
    cleanup_free char *sealed =
        ch->seals ? xasprintf(", %s = $5, key_id = $6, fingerprint = $7", w->type->sealed_column)
                  : xstrdup("");
    cleanup_free char *text =
        xasprintf("UPDATE %s SET labels = $1, data = $2, generation = $3%s WHERE uid = $4",
                  w->type->plural, sealed);
    const struct sql_param params[] = {
        sql_text(label_text),
        sql_text(data),
        sql_int(json_path_int(ch->made, "metadata.generation", 0)),
        sql_text(row->uid),
        sql_text(ch->sealed.sealed),
        sql_text(ch->sealed.key_id),
        sql_text(ch->sealed.fingerprint),
    };
    return sql_exec(ctx, c, text, params, ARRAY_LEN(params) - (ch->seals ? 0 : 3), NULL, err);
}

static int write_change(const struct opctx *ctx, struct sets_store *st, struct sql *c,
                        struct job *job, const struct sets_row *row, struct change *change,
                        struct error **err)
{
    const struct sets_write *w = job->w;
    cleanup_changes struct sets_changes ch = { 0 };
    cleanup_json json *labels = sets_give_labels(change->made);
    cleanup_free char *label_text = json_give_text(labels);
    sets_changes_add(&ch, w->type, "MODIFIED", json_ref(change->made), row->labels, label_text);
    if (update_row(ctx, c, w, row, change, err) < 0 ||
        sets_check_growth(ctx, st, c, w, change->old, change->made, err) < 0 ||
        sets_unindex(ctx, c, w->type, row->uid, err) < 0 ||
        sets_index(ctx, st, c, w->type, row->uid, change->made, err) < 0 ||
        sets_changes_publish(ctx, st, c, &ch, w->actor, err) < 0)
        return -1;
    job_give(job, json_ref(change->made));
    return 0;
}

static int replace(const struct opctx *ctx, struct sets_store *st, struct sql *c, void *arg,
                   struct error **err)
{
    struct job *job = arg;
    const struct sets_write *w = job->w;
    cleanup_row struct sets_row row = { 0 };
    struct error *why = NULL;
    job->created = false;
    if (sets_row_find(ctx, st, c, w->type, w->nspace, w->name, true, &row, &why) < 0) {
        if (!error_is(why, ERR_NOT_FOUND) || !w->upsert || w->if_version)
            return error_move(err, &why);
        error_clear(&why);
        job->created = true;
        json *object = NULL;
        if (sets_create_within(ctx, st, c, w, &object, err) < 0)
            return -1;
        job_give(job, object);
        return 0;
    }
    cleanup_change struct change change = { 0 };
    if (check_version(w, &row, err) < 0 || find_change(ctx, st, w, &row, &change, err) < 0)
        return -1;
    if (change.spec || change.other)
        return write_change(ctx, st, c, job, &row, &change, err);
    job_give(job, json_ref(change.old));
    return 0;
}

#define UPSERT_TRIES 5

int sets_replace(const struct opctx *ctx, struct sets_store *st, const struct sets_write *w,
                 bool *ret_created, json **ret, struct error **err)
{
    struct job job = { .w = w };
    int status = -1;
    /* Two upserts of one absent object: the second finds it once the first is done. */
    for (int try = 1;; try++) {
        struct error *why = NULL;
        status = sets_transact(ctx, st, replace, &job, &why);
        if (status == 0)
            break;
        if (!w->upsert || !error_is(why, ERR_EXISTS) || try == UPSERT_TRIES) {
            (void)error_move(err, &why);
            break;
        }
        error_free(why);
    }
    if (ret_created)
        *ret_created = job.created;
    return job_finish(&job, status, ret);
}

/* ---- deletion ---- */

static int run_each(const struct opctx *ctx, struct sql *c, const char *const *texts,
                    const char *param, struct error **err)
{
    const struct sql_param p = sql_text(param);
    for (; *texts; texts++)
        if (sql_exec(ctx, c, *texts, &p, 1, NULL, err) < 0)
            return -1;
    return 0;
}

/* What else goes with a cluster or a set. */
static int delete_companions(const struct opctx *ctx, struct sets_store *st, struct sql *c,
                             const struct sets_write *w, const struct sets_row *row,
                             struct sets_changes *ch, struct error **err)
{
    static const char *const of_cluster[] = {
        "DELETE FROM cluster_work WHERE cluster_uid = $1", /* as those who work on it */
        "DELETE FROM sync_statuses WHERE cluster_uid = $1",
        "DELETE FROM tracked_resources WHERE cluster_uid = $1",
        "DELETE FROM cluster_probes WHERE cluster_uid = $1",
        "DELETE FROM rollout_clusters WHERE cluster_uid = $1",
        NULL
    };
    static const char *const of_set[] = {
        "DELETE FROM tracked_resources WHERE EXISTS (SELECT 1 FROM sync_statuses s WHERE "
        "s.syncset_uid = $1"
        " AND s.cluster_uid = tracked_resources.cluster_uid AND s.kind = tracked_resources.set_kind"
        " AND s.name = tracked_resources.set_name)",
        "DELETE FROM sync_statuses WHERE syncset_uid = $1", NULL
    };
    static const char *const of_namespace[] = { "DELETE FROM set_bytes WHERE namespace = $1",
                                                NULL }; /* there are none */
    static const char *const of_rollout[] = { "DELETE FROM rollouts WHERE set_uid = $1",
                                              "DELETE FROM rollout_clusters WHERE set_uid = $1",
                                              NULL };
    if (w->type->is_set && (run_each(ctx, c, of_rollout, row->uid, err) < 0 ||
                            (w->orphan && run_each(ctx, c, of_set, row->uid, err) < 0)))
        return -1;
    if (w->type->id == TYPE_NAMESPACES)
        return run_each(ctx, c, of_namespace, w->name, err);
    if (w->type->id != TYPE_CLUSTERS)
        return 0;
    const struct api_type *type = &api_types[TYPE_CLUSTERSYNCS];
    static const char *const drop_sync[] = { "DELETE FROM clustersyncs WHERE uid = $1", NULL };
    cleanup_row struct sets_row sync = { 0 };
    json *object = NULL;
    struct error *why = NULL;
    if (run_each(ctx, c, of_cluster, row->uid, err) < 0)
        return -1;
    if (sets_row_find(ctx, st, c, type, w->nspace, w->name, true, &sync, &why) < 0) {
        if (!error_is(why, ERR_NOT_FOUND))
            return error_move(err, &why);
        error_free(why);
        return 0;
    }
    if (run_each(ctx, c, drop_sync, sync.uid, err) < 0 ||
        sets_row_give_object(type, &sync, &object, err) < 0)
        return -1;
    sets_changes_add(ch, type, "DELETED", object, sync.labels, NULL);
    return 0;
}

static int delete_row(const struct opctx *ctx, struct sets_store *st, struct sql *c,
                      struct job *job, const struct sets_row *row, json *object, struct error **err)
{
    const struct sets_write *w = job->w;
    cleanup_changes struct sets_changes ch = { 0 };
    cleanup_free char *text = xasprintf("DELETE FROM %s WHERE uid = $1", w->type->plural);
    const char *const texts[] = { text, NULL };
    sets_changes_add(&ch, w->type, "DELETED", json_ref(object), row->labels, NULL);
    if (run_each(ctx, c, texts, row->uid, err) < 0 ||
        sets_unindex(ctx, c, w->type, row->uid, err) < 0 ||
        delete_companions(ctx, st, c, w, row, &ch, err) < 0)
        return -1;
    return sets_changes_publish(ctx, st, c, &ch, w->actor, err);
}

static int mark_row(const struct opctx *ctx, struct sets_store *st, struct sql *c, struct job *job,
                    const struct sets_row *row, json *object, struct error **err)
{
    const struct sets_write *w = job->w;
    if (row->deletion_s)
        return 0;
    char now[TIME_TEXT_MAX];
    const int64_t now_s = sets_now_s(ctx);
    time_rfc3339(now_s * NS_PER_S, now);
    json_put(json_get(object, "metadata"), "deletionTimestamp", json_new_str(now));
    cleanup_changes struct sets_changes ch = { 0 };
    cleanup_free char *text =
        xasprintf("UPDATE %s SET deletion_at = $1 WHERE uid = $2", w->type->plural);
    const struct sql_param params[] = { sql_int(now_s), sql_text(row->uid) };
    sets_changes_add(&ch, w->type, "MODIFIED", json_ref(object), row->labels, row->labels);
    if (sql_exec(ctx, c, text, params, ARRAY_LEN(params), NULL, err) < 0)
        return -1;
    return sets_changes_publish(ctx, st, c, &ch, w->actor, err);
}

static int check_empty(const struct opctx *ctx, struct sql *c, const struct sets_write *w,
                       struct error **err)
{
    if (w->type->id != TYPE_NAMESPACES)
        return 0;
    const struct sql_param name = sql_text(w->name);
    int64_t n;
    if (sets_number(ctx, c,
                    "SELECT (SELECT count(*) FROM clusters WHERE namespace = $1)"
                    " + (SELECT count(*) FROM syncsets WHERE namespace = $1)"
                    " + (SELECT count(*) FROM secrets WHERE namespace = $1)",
                    &name, 1, &n, err) < 0)
        return -1;
    return n == 0 ? 0 : conflict(err, w, "is not empty");
}

/* Who writes what came of a cluster has the row of its work first, then the others. Who deletes it must not come the other
 * way: each would wait for the other. On SQLite there is one writer. */
static int lock_work(const struct opctx *ctx, struct sets_store *st, struct sql *c,
                     const struct sets_write *w, struct error **err)
{
    const struct sql_param params[] = { sql_text(w->nspace), sql_text(w->name) };
    if (w->type->id != TYPE_CLUSTERS || st->dialect != SQL_POSTGRESQL)
        return 0;
    return sql_exec(ctx, c,
                    "SELECT 1 FROM cluster_work WHERE cluster_uid ="
                    " (SELECT uid FROM clusters WHERE namespace = $1 AND name = $2) FOR UPDATE",
                    params, ARRAY_LEN(params), NULL, err);
}

static int remove_object(const struct opctx *ctx, struct sets_store *st, struct sql *c, void *arg,
                         struct error **err)
{
    struct job *job = arg;
    const struct sets_write *w = job->w;
    cleanup_row struct sets_row row = { 0 };
    json *object = NULL;
    if (lock_work(ctx, st, c, w, err) < 0 ||
        sets_row_find(ctx, st, c, w->type, w->nspace, w->name, true, &row, err) < 0 ||
        check_version(w, &row, err) < 0 || check_empty(ctx, c, w, err) < 0 ||
        sets_row_give_object(w->type, &row, &object, err) < 0)
        return -1;
    job_give(job, object);
    return (w->cleanup ? mark_row : delete_row)(ctx, st, c, job, &row, object, err);
}

int sets_delete(const struct opctx *ctx, struct sets_store *st, const struct sets_write *w,
                json **ret, struct error **err)
{
    struct job job = { .w = w };
    return job_finish(&job, sets_transact(ctx, st, remove_object, &job, err), ret);
}
