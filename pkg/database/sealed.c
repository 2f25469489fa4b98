#include <stdlib.h>

#include "pkg/base/mem.h"
#include "pkg/crypt/aead.h"
#include "pkg/database/documents.h"
#include "pkg/database/fields.h"

static int need_aead(const struct database *db, struct error **err)
{
    return db->aead ? 0
                    : error_set(err, ERR_INTERNAL,
                                "this program was started without the keys of sealed values");
}

int database_open_sealed(const struct opctx *ctx, struct database *db, const char *sealed,
                         struct secret **ret, struct error **err)
{
    return need_aead(db, err) < 0 ? -1 : aead_open(db->aead, ctx, sealed, ret, err);
}

int database_seal(const struct opctx *ctx, struct database *db, const struct secret *plain,
                  char **ret, struct error **err)
{
    return need_aead(db, err) < 0 ? -1 : aead_seal(db->aead, ctx, plain, ret, err);
}

/* What cannot be opened differs from everything: it is replaced. */
static bool holds(const struct opctx *ctx, struct database *db, const char *sealed,
                  const struct secret *plain)
{
    cleanup_secret struct secret *held = NULL;
    return sealed && aead_open(db->aead, ctx, sealed, &held, NULL) == 0 &&
           secret_equal(held, plain);
}

int database_put_sealed(const struct opctx *ctx, struct database *db, json *tree, const char *path,
                        const struct secret *plain, struct error **err)
{
    cleanup_free char *sealed = NULL;
    if (!plain) {
        (void)json_path_del(tree, path);
        return 0;
    }
    if (need_aead(db, err) < 0)
        return -1;
    if (holds(ctx, db, json_path_str(tree, path), plain))
        return 0;
    if (aead_seal(db->aead, ctx, plain, &sealed, err) < 0)
        return error_wrap(err, "%s", path);
    return json_set_str(tree, path, sealed, err);
}

struct reseal {
    const struct opctx *ctx;
    struct database *db;
    bool found; /* something that is to be sealed anew */
};

static bool needs_resealing(const struct reseal *r, const json *value)
{
    return json_str(value) && json_str_len(value) &&
           !aead_is_current(r->db->aead, r->ctx, json_str(value));
}

static int reseal_one(json *parent, const char *key, json *value, void *arg, struct error **err)
{
    const struct reseal *r = arg;
    cleanup_secret struct secret *plain = NULL;
    cleanup_free char *sealed = NULL;
    if (!needs_resealing(r, value))
        return 0;
    if (aead_open(r->db->aead, r->ctx, json_str(value), &plain, err) < 0 ||
        aead_seal(r->db->aead, r->ctx, plain, &sealed, err) < 0)
        return error_wrap(err, "%s", key);
    json_put(parent, key, json_new_str(sealed));
    return 0;
}

int database_reseal_cluster(const struct opctx *ctx, struct database *db, json *tree,
                            struct error **err)
{
    struct reseal r = { .ctx = ctx, .db = db };
    if (need_aead(db, err) < 0)
        return -1;
    for (const char *const *pattern = fields_sealed; *pattern; pattern++)
        if (fields_each(json_get(tree, "openShiftCluster"), *pattern, reseal_one, &r, err) < 0)
            return error_wrap(err, "sealing the secrets of a cluster anew");
    return 0;
}

static int look_at_one(json *parent, const char *key, json *value, void *arg, struct error **err)
{
    struct reseal *r = arg;
    (void)parent;
    (void)key;
    (void)err;
    r->found = r->found || needs_resealing(r, value);
    return 0;
}

bool database_is_stale(const struct opctx *ctx, struct database *db, const json *tree)
{
    struct reseal r = { .ctx = ctx, .db = db };
    for (const char *const *pattern = fields_sealed; db->aead && *pattern; pattern++)
        (void)fields_each(json_get(tree, "openShiftCluster"), *pattern, look_at_one, &r, NULL);
    return r.found;
}

int database_refresh_keys(const struct opctx *ctx, struct database *db, struct error **err)
{
    return need_aead(db, err) < 0 ? -1 : aead_refresh(db->aead, ctx, err);
}

bool database_has_keys(const struct database *db)
{
    return db->aead != NULL;
}
