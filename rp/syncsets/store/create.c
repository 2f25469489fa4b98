/* Creation: the object's row, what goes with it (namespace, ClusterSync), and its indexes. */
#include <stdlib.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/syncsets/store/impl.h"
#include "rp/syncsets/store/locks.h"
#include "rp/syncsets/store/quota.h"

/* ---- one row ---- */

static int insert_row(const struct opctx *ctx, struct sql *c, const struct api_type *type,
                      const json *object, const struct sets_sealed *sealed, struct error **err)
{
    /* What is answered is what is stored: a second may have passed since. */
    int64_t created_ns = 0;
    (void)time_parse_rfc3339(json_path_str(object, "metadata.creationTimestamp"), &created_ns);
    cleanup_json json *labels = sets_give_labels(object);
    cleanup_free char *label_text = json_give_text(labels);
    cleanup_free char *data = sets_give_data(object);
    cleanup_free char *columns = type->sealed_column
                                     ? xasprintf(", %s, key_id, fingerprint", type->sealed_column)
                                     : xstrdup("");
    cleanup_free char *text =
        xasprintf("INSERT INTO %s (uid, name, namespace, generation, resource_version, created_at, "
                  "labels, data%s)"
                  " VALUES ($1, $2, $3, 1, 0, $4, $5, $6%s)",
                  type->plural, columns, type->sealed_column ? ", $7, $8, $9" : "");
    const char *nspace = json_path_str(object, "metadata.namespace");
    const struct sql_param params[] = {
        sql_text(json_path_str(object, "metadata.uid")),
        sql_text(json_path_str(object, "metadata.name")),
        sql_text(nspace ? nspace : ""),
        sql_int(created_ns / NS_PER_S),
        sql_text(label_text),
        sql_text(data),
        sql_text(sealed->sealed),
        sql_text(sealed->key_id),
        sql_text(sealed->fingerprint),
    };
    cleanup_error struct error *why = NULL;
    if (sql_exec(ctx, c, text, params, ARRAY_LEN(params) - (type->sealed_column ? 0 : 3), NULL,
                 &why) == 0)
        return 0;
    if (!error_is(why, ERR_EXISTS))
        return error_move(err, &why);
    const char *name = json_path_str(object, "metadata.name");
    (void)error_set(err, ERR_EXISTS, "%s \"%s\" already exists", type->plural, name);
    return sets_target(err, type, name);
}

/* The object as it is given out, its version still to come. */
static json *give_new(const struct opctx *ctx, const struct sets_write *w)
{
    char uid[UUID_LEN + 1], now[TIME_TEXT_MAX];
    rng_uuid(ctx->rng, uid);
    time_rfc3339(sets_now_s(ctx) * NS_PER_S, now);
    json *metadata = json_new_object();
    json_put(metadata, "name", json_new_str(w->name));
    if (!w->type->global)
        json_put(metadata, "namespace", json_new_str(w->nspace));
    json_put(metadata, "uid", json_new_str(uid));
    json_put(metadata, "resourceVersion", json_new_str("0"));
    json_put(metadata, "generation", json_new_int(1));
    json_put(metadata, "creationTimestamp", json_new_str(now));
    static const char *const maps[] = { "labels", "annotations" };
    for (size_t i = 0; i < ARRAY_LEN(maps); i++) {
        const json *map = json_get(json_get(w->object, "metadata"), maps[i]);
        if (json_len(map))
            json_put(metadata, maps[i], json_give_copy(map));
    }
    const char *version = json_path_str(w->object, "apiVersion");
    json *object = json_make("{'apiVersion':%s,'kind':%s,'metadata':%j,'spec':%j}",
                             version ? version : API_VERSION, w->type->kind, metadata,
                             json_give_copy(json_get(w->object, "spec")));
    return object;
}

static int create_one(const struct opctx *ctx, struct sets_store *st, struct sql *c,
                      const struct sets_write *w, struct sets_changes *ch, struct error **err)
{
    cleanup_json json *object = give_new(ctx, w);
    const char *uid = json_path_str(object, "metadata.uid");
    cleanup_sealed struct sets_sealed sealed = { 0 };
    if (w->type->sealed_column && sets_seal(ctx, st, w->type, uid, w->secrets, &sealed, err) < 0)
        return -1;
    json *status = sets_give_status(w->type, w->status ? json_give_copy(w->status) : NULL,
                                    w->secrets, sealed.fingerprint, clock_wall_ns(ctx->clock));
    if (status)
        json_put(object, "status", status);
    if (insert_row(ctx, c, w->type, object, &sealed, err) < 0 ||
        sets_index(ctx, st, c, w->type, uid, object, err) < 0)
        return -1;
    cleanup_json json *labels = sets_give_labels(object);
    cleanup_free char *text = json_give_text(labels);
    sets_changes_add(ch, w->type, "ADDED", take(object), NULL, text);
    return 0;
}

/* ---- namespaces ---- */

static int ensure_namespace(const struct opctx *ctx, struct sets_store *st, struct sql *c,
                            const char *nspace, struct sets_row *ret, struct sets_changes *ch,
                            struct error **err)
{
    const struct api_type *type = &api_types[TYPE_NAMESPACES];
    cleanup_error struct error *why = NULL;
    /* Locked until the commit: of two creations the second one counts when the first one is there. */
    if (sets_row_find(ctx, st, c, type, "", nspace, true, ret, &why) == 0)
        return 0;
    if (!error_is(why, ERR_NOT_FOUND) || st->cfg.require_namespaces)
        return error_move(err, &why);
    /* Another creation may make it at the same moment; who comes later takes it as it is. */
    static const char *const locks[SQL_DIALECTS] = {
        [SQL_SQLITE] = "SELECT $1",
        [SQL_POSTGRESQL] = "SELECT pg_advisory_xact_lock(" SETS_LOCK_NAMESPACE ", hashtext($1))"
    };
    const struct sql_param name = sql_text(nspace);
    if (sql_exec(ctx, c, locks[st->dialect], &name, 1, NULL, err) < 0)
        return -1;
    error_clear(&why);
    if (sets_row_find(ctx, st, c, type, "", nspace, true, ret, &why) == 0)
        return 0;
    if (!error_is(why, ERR_NOT_FOUND))
        return error_move(err, &why);
    cleanup_json json *object = json_make("{'spec':%j}", sets_give_quotas());
    const struct sets_write w = { .type = type, .nspace = "", .name = nspace, .object = object };
    return create_one(ctx, st, c, &w, ch, err);
}

/* ---- the whole ---- */

/* What controllers report on, of the same name, from the first moment. */
static int create_sync(const struct opctx *ctx, struct sets_store *st, struct sql *c,
                       const struct sets_write *w, struct sets_changes *ch, struct error **err)
{
    cleanup_json json *object = json_make("{'spec':{}}");
    const struct sets_write sync = { .type = &api_types[TYPE_CLUSTERSYNCS],
                                     .nspace = w->nspace,
                                     .name = w->name,
                                     .object = object };
    return create_one(ctx, st, c, &sync, ch, err);
}

int sets_create_rows(const struct opctx *ctx, struct sets_store *st, struct sql *c,
                     const struct sets_write *w, struct sets_changes *ch, struct error **err)
{
    cleanup_row struct sets_row nspace = { 0 };
    if (!w->type->global && (ensure_namespace(ctx, st, c, w->nspace, &nspace, ch, err) < 0 ||
                             sets_check_number(ctx, c, w, &nspace, err) < 0))
        return -1;
    if (create_one(ctx, st, c, w, ch, err) < 0 || sets_check_bytes(ctx, st, c, w, &nspace, err) < 0)
        return -1;
    return w->type->id == TYPE_CLUSTERS ? create_sync(ctx, st, c, w, ch, err) : 0;
}

int sets_create_within(const struct opctx *ctx, struct sets_store *st, struct sql *c,
                       const struct sets_write *w, json **ret, struct error **err)
{
    cleanup_changes struct sets_changes ch = { 0 };
    if (sets_create_rows(ctx, st, c, w, &ch, err) < 0 ||
        sets_changes_publish(ctx, st, c, &ch, w->actor, err) < 0)
        return -1;
    for (size_t i = 0; ret && i < ch.len; i++)
        if (ch.v[i].type == w->type)
            *ret = json_ref(ch.v[i].object);
    return 0;
}
