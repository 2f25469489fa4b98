/* The end of a write: revisions and events; and the rows that indexes are made of. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/syncsets/store/impl.h"

void sets_changes_add(struct sets_changes *ch, const struct api_type *type, const char *op,
                      json *object, const char *old_labels, const char *labels)
{
    if (ch->len == SETS_CHANGES_MAX)
        abort();
    ch->v[ch->len++] = (struct sets_change){ .type = type,
                                             .op = op,
                                             .object = object,
                                             .uid = xstrdup(json_path_str(object, "metadata.uid")),
                                             .old_labels = xstrdup(old_labels),
                                             .labels = xstrdup(labels) };
}

void sets_changes_release(struct sets_changes *ch)
{
    for (size_t i = 0; i < ch->len; i++) {
        json_free(ch->v[i].object);
        free(ch->v[i].uid);
        free(ch->v[i].old_labels);
        free(ch->v[i].labels);
    }
    ch->len = 0;
}

/*
 * The object as the log has it. What is gone is told of by its identity: of one that was stored before there were limits, or
 * that a database spells out, the rest could fit into no reader's queue, so that every watch would end at it.
 */
static char *give_object_text(const struct sets_change *e)
{
    cleanup_free char *whole = json_give_text(e->object);
    if (!str_eq(e->op, "DELETED") || strlen(whole) <= SETS_DELETED_BYTES)
        return take(whole);
    cleanup_json json *metadata = json_give_copy(json_get(e->object, "metadata"));
    (void)json_del(metadata, "annotations");
    cleanup_json json *bare =
        json_make("{'apiVersion':%s,'kind':%s,'metadata':%j,'spec':{}}",
                  json_path_str(e->object, "apiVersion"), e->type->kind, take(metadata));
    return json_give_text(bare);
}

/* The lock on the row '' is held from here to the commit. */
static int take_revision(const struct opctx *ctx, struct sql *c, const struct api_type *type,
                         int64_t *ret, int64_t *ret_prev, struct error **err)
{
    if (sets_number(ctx, c, "UPDATE revision SET last = last + 1 WHERE type = '' RETURNING last",
                    NULL, 0, ret, err) < 0)
        return -1;
    const struct sql_param params[] = { sql_int(*ret), sql_text(type->plural) };
    return sets_number(ctx, c,
                       "UPDATE revision SET prev = last, last = $1 WHERE type = $2 RETURNING prev",
                       params, ARRAY_LEN(params), ret_prev, err);
}

static int write_event(const struct opctx *ctx, struct sql *c, const struct sets_change *e,
                       int64_t revision, int64_t prev, struct error **err)
{
    const char *nspace = json_path_str(e->object, "metadata.namespace");
    cleanup_free char *text = give_object_text(e);
    const struct sql_param params[] = {
        sql_int(revision),
        sql_int(prev),
        sql_text(e->type->plural),
        sql_text(e->op),
        sql_text(e->uid),
        sql_text(nspace ? nspace : ""),
        sql_text(json_path_str(e->object, "metadata.name")),
        sql_int(json_path_int(e->object, "metadata.generation", 0)),
        sql_text(e->old_labels),
        sql_text(e->labels),
        sql_text(text),
        sql_int(sets_now_s(ctx)),
        sql_int(e->status_only),
    };
    return sql_exec(
        ctx, c,
        "INSERT INTO events (revision, prev, type, op, uid, namespace, name, generation, "
        "old_labels, labels,"
        " object, created_at, status_only)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        params, ARRAY_LEN(params), NULL, err);
}

static int write_version(const struct opctx *ctx, struct sql *c, const struct sets_change *e,
                         int64_t revision, struct error **err)
{
    if (str_eq(e->op, "DELETED"))
        return 0;
    const struct sql_param params[] = { sql_int(revision), sql_text(e->uid) };
    cleanup_free char *text =
        xasprintf("UPDATE %s SET resource_version = $1 WHERE uid = $2", e->type->plural);
    return sql_exec(ctx, c, text, params, ARRAY_LEN(params), NULL, err);
}

static const char *verb_of(const struct sets_change *e)
{
    return str_eq(e->op, "ADDED") ? "create" : str_eq(e->op, "DELETED") ? "delete" : "update";
}

struct audit {
    const char *actor, *verb, *type, *nspace, *name, *uid;
    int64_t revision;
};

static int write_audit(const struct opctx *ctx, struct sql *c, const struct audit *a,
                       struct error **err)
{
    const struct sql_param params[] = {
        sql_int(sets_now_s(ctx)),
        sql_text(a->actor ? a->actor : ""),
        sql_text(a->verb),
        sql_text(a->type),
        sql_text(a->nspace ? a->nspace : ""),
        sql_text(a->name),
        sql_text(a->uid),
        sql_int(a->revision),
    };
    return sql_exec(
        ctx, c,
        "INSERT INTO audit (at, actor, verb, type, namespace, name, uid, resource_version)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        params, ARRAY_LEN(params), NULL, err);
}

static int audit_change(const struct opctx *ctx, struct sql *c, const struct sets_change *e,
                        int64_t revision, const char *actor, struct error **err)
{
    const struct audit a = { .actor = actor,
                             .verb = verb_of(e),
                             .type = e->type->plural,
                             .nspace = json_path_str(e->object, "metadata.namespace"),
                             .name = json_path_str(e->object, "metadata.name"),
                             .uid = e->uid,
                             .revision = revision };
    return write_audit(ctx, c, &a, err);
}

int sets_audit(const struct opctx *ctx, struct sql *c, const struct api_type *type,
               const struct sets_row *row, const char *verb, const char *actor, struct error **err)
{
    const struct audit a = { .actor = actor,
                             .verb = verb,
                             .type = type->plural,
                             .nspace = row->nspace,
                             .name = row->name,
                             .uid = row->uid,
                             .revision = row->resource_version };
    return write_audit(ctx, c, &a, err);
}

static int notify(const struct opctx *ctx, struct sets_store *st, struct sql *c, struct error **err)
{
    if (st->dialect != SQL_POSTGRESQL)
        return 0;
    return sql_exec(ctx, c, "SELECT pg_notify('" SETS_CHANNEL "', '')", NULL, 0, NULL, err);
}

static void put_version(json *object, int64_t revision)
{
    cleanup_free char *text = xasprintf("%" PRId64, revision);
    json_put(json_get(object, "metadata"), "resourceVersion", json_new_str(text));
}

static int publish(const struct opctx *ctx, struct sql *c, struct sets_change *e, const char *actor,
                   struct error **err)
{
    int64_t revision, prev;
    if (take_revision(ctx, c, e->type, &revision, &prev, err) < 0)
        return -1;
    put_version(e->object, revision);
    if (write_version(ctx, c, e, revision, err) < 0 ||
        write_event(ctx, c, e, revision, prev, err) < 0)
        return -1;
    return actor ? audit_change(ctx, c, e, revision, actor, err) : 0;
}

/*
 * The same in one statement, for a server: all writers wait while one holds the row of revision, and each statement of it is
 * a way there and back. $7 and $8 are the object's text before and behind its resourceVersion. As each update sees what was
 * committed while it waited (READ COMMITTED), t, which needs what r returns, is never older than it.
 */
#define PUBLISH_TEXT(plural) \
    "WITH r AS (UPDATE revision SET last = last + 1 WHERE type = '' RETURNING last)," \
    " t AS (UPDATE revision x SET prev = x.last, last = r.last FROM r WHERE x.type = '" plural \
    "' RETURNING x.last, x.prev)," \
    " v AS (UPDATE " plural " o SET resource_version = t.last FROM t WHERE o.uid = $1" \
    " AND $2::text <> 'DELETED')," \
    " e AS (INSERT INTO events (revision, prev, type, op, uid, namespace, name, generation," \
    " old_labels, labels, object, created_at, status_only)" \
    " SELECT t.last, t.prev, '" plural "', $2::text, $1::text, $3::text, $4::text, $9::bigint," \
    " $5::text, $6::text, $7::text || t.last || $8::text, $10::bigint, $11::integer FROM t)," \
    " a AS (INSERT INTO audit (at, actor, verb, type, namespace, name, uid, resource_version)" \
    " SELECT $10::bigint, $12::text, $13::text, '" plural \
    "', $3::text, $4::text, $1::text, t.last" \
    " FROM t WHERE $12::text IS NOT NULL) SELECT last FROM t"
static const char *const publish_texts[] = {
    [TYPE_CLUSTERS] = PUBLISH_TEXT("clusters"),
    [TYPE_SYNCSETS] = PUBLISH_TEXT("syncsets"),
    [TYPE_SELECTORSYNCSETS] = PUBLISH_TEXT("selectorsyncsets"),
    [TYPE_SECRETS] = PUBLISH_TEXT("secrets"),
    [TYPE_CLUSTERSYNCS] = PUBLISH_TEXT("clustersyncs"),
    [TYPE_NAMESPACES] = PUBLISH_TEXT("namespaces"),
};
_Static_assert(ARRAY_LEN(publish_texts) == API_TYPES, "every type has its statement");

#define VERSION_HEAD "\"resourceVersion\":\""
static int publish_at_once(const struct opctx *ctx, struct sql *c, struct sets_change *e,
                           const char *actor, struct error **err)
{
    char mark[UUID_LEN + 1]; /* stands where the revision will */
    json *metadata = json_get(e->object, "metadata");
    const char *nspace = json_path_str(metadata, "namespace");
    int64_t revision;
    rng_uuid(ctx->rng, mark);
    json_put(metadata, "resourceVersion", json_new_str(mark));
    cleanup_free char *text = give_object_text(e);
    cleanup_free char *place = xasprintf(VERSION_HEAD "%s", mark);
    const char *at = strstr(text, place) + strlen(VERSION_HEAD);
    const struct sql_param params[] = {
        sql_text(e->uid),
        sql_text(e->op),
        sql_text(nspace ? nspace : ""),
        sql_text(json_path_str(metadata, "name")),
        sql_text(e->old_labels),
        sql_text(e->labels),
        sql_text_n(text, (size_t)(at - text)),
        sql_text(at + UUID_LEN),
        sql_int(json_path_int(metadata, "generation", 0)),
        sql_int(sets_now_s(ctx)),
        sql_int(e->status_only),
        sql_text(actor),
        sql_text(verb_of(e)),
    };
    if (sets_number(ctx, c, publish_texts[e->type->id], params, ARRAY_LEN(params), &revision, err) <
        0)
        return -1;
    put_version(e->object, revision);
    return 0;
}

int sets_changes_publish(const struct opctx *ctx, struct sets_store *st, struct sql *c,
                         struct sets_changes *ch, const char *actor, struct error **err)
{
    if (ch->len && notify(ctx, st, c, err) < 0)
        return -1;
    for (size_t i = 0; i < ch->len; i++)
        if ((st->dialect == SQL_POSTGRESQL ? publish_at_once : publish)(ctx, c, &ch->v[i], actor,
                                                                        err) < 0)
            return -1;
    return 0;
}

/* ---- indexes ---- */

static const char *const label_rows[SQL_DIALECTS] = {
    [SQL_SQLITE] = "INSERT INTO object_labels (type, uid, key, value)"
                   " SELECT $1, $2, l.key, l.value FROM json_each($3) l",
    [SQL_POSTGRESQL] = "INSERT INTO object_labels (type, uid, key, value)"
                       " SELECT $1, $2, l.key, l.value FROM jsonb_each_text($3::jsonb) l",
};
static const char *const target_rows[SQL_DIALECTS] = {
    [SQL_SQLITE] = "INSERT INTO syncset_targets (syncset_uid, namespace, cluster_name)"
                   " SELECT DISTINCT $1, $2, t.value ->> 'name' FROM json_each($3) t",
    [SQL_POSTGRESQL] =
        "INSERT INTO syncset_targets (syncset_uid, namespace, cluster_name)"
        " SELECT DISTINCT $1, $2, t ->> 'name' FROM jsonb_array_elements($3::jsonb) t",
};

int sets_index(const struct opctx *ctx, struct sets_store *st, struct sql *c,
               const struct api_type *type, const char *uid, const json *object, struct error **err)
{
    cleanup_json json *labels = sets_give_labels(object);
    cleanup_free char *label_json = json_give_text(labels);
    const struct sql_param params[] = { sql_text(type->plural), sql_text(uid),
                                        sql_text(label_json) };
    if (json_len(labels) &&
        sql_exec(ctx, c, label_rows[st->dialect], params, ARRAY_LEN(params), NULL, err) < 0)
        return -1;
    const json *refs = json_path(object, "spec.clusterDeploymentRefs");
    if (type->id != TYPE_SYNCSETS || json_len(refs) == 0)
        return 0;
    cleanup_free char *ref_json = json_give_text(refs);
    const struct sql_param targets[] = { sql_text(uid),
                                         sql_text(json_path_str(object, "metadata.namespace")),
                                         sql_text(ref_json) };
    return sql_exec(ctx, c, target_rows[st->dialect], targets, ARRAY_LEN(targets), NULL, err);
}

int sets_unindex(const struct opctx *ctx, struct sql *c, const struct api_type *type,
                 const char *uid, struct error **err)
{
    const struct sql_param params[] = { sql_text(type->plural), sql_text(uid) };
    if (sql_exec(ctx, c, "DELETE FROM object_labels WHERE type = $1 AND uid = $2", params,
                 ARRAY_LEN(params), NULL, err) < 0)
        return -1;
    if (type->id != TYPE_SYNCSETS)
        return 0;
    return sql_exec(ctx, c, "DELETE FROM syncset_targets WHERE syncset_uid = $1", &params[1], 1,
                    NULL, err);
}
