#include "pkg/database/documents.h"

#include <stdlib.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/crypt/aead.h"
#include "pkg/database/fields.h"

/* After try n (from 0) a pause of n times this, and up to as much again by chance. */
#define PATCH_PAUSE_MS 100

/* ---- the database ---- */

struct database *database_new(struct store *store, struct aead *aead)
{
    struct database *db = xnew(struct database);
    db->store = store;
    db->aead = aead;
    return db;
}

void database_close(struct database *db)
{
    if (!db)
        return;
    store_close(db->store);
    aead_free(db->aead);
    free(db);
}

struct store *database_store(struct database *db)
{
    return db->store;
}

/* ---- documents ---- */

void document_release(struct document *d)
{
    json_free(d->tree);
    free(d->etag);
    *d = (struct document){ 0 };
}

void document_page_release(struct document_page *p)
{
    for (size_t i = 0; i < p->len; i++)
        document_release(&p->docs[i]);
    free(p->docs);
    free(p->next);
    strv_release(&p->corrupt);
    *p = (struct document_page){ 0 };
}

const char *document_str(const json *tree, const char *key)
{
    return json_str(json_get(tree, key));
}

int check_lower(const char *what, const char *text, struct error **err)
{
    if (!text || !*text)
        return error_set(err, ERR_INVALID, "the %s of a document is missing", what);
    for (const char *p = text; *p; p++)
        if (*p >= 'A' && *p <= 'Z')
            return error_set(err, ERR_INVALID, "the %s '%s' is not in lower case", what, text);
    return 0;
}

int document_take(struct doc *d, struct document *ret, struct error **err)
{
    cleanup_doc struct doc owned = *d;
    *d = (struct doc){ 0 };
    json *tree = NULL;
    if (json_parse_object(owned.body, owned.body_len, &tree, err) < 0) {
        /* Whatever the kind was: the document is at fault, not the caller. */
        const char *why = err && *err ? error_text(*err) : "";
        (void)error_set(err, ERR_INTERNAL, "the stored document cannot be read: %s", why);
        error_code(err, DATABASE_CORRUPT);
        return -1;
    }
    char *etag = take(owned.etag);
    *ret = (struct document){ tree, etag, owned.ts_s };
    return 0;
}

/* ---- writing ---- */

/* A document's text, and the header that goes with it. */
struct outgoing {
    char *text;
    struct doc_write w;
};
static void outgoing_release(struct outgoing *o)
{
    free(o->text);
}
#define cleanup_outgoing CLEANUP_WITH(outgoing_release)

/* The header borrows from the tree. A snapshot of a cluster never carries secrets: it lives on for a week, and nobody who
 * reads it needs them. */
static int prepare(enum collection coll, json *tree, unsigned triggers, struct outgoing *ret,
                   struct error **err)
{
    const struct collection_desc *desc = &collections[coll];
    if (coll == COLL_ASYNC_OPERATIONS)
        fields_drop_sealed(json_get(tree, "openShiftCluster"));
    fields_drop_zero(coll, tree);
    const char *id = document_str(tree, "id");
    const char *partition = document_str(tree, desc->partition_key);
    if (check_lower("id", id, err) < 0)
        return error_wrap(err, "%s", desc->name);
    if (!partition || !*partition)
        return error_set(err, ERR_INVALID, "%s: document '%s' has no %s", desc->name,
                         coll == COLL_PORTAL ? "..." : id, desc->partition_key);
    ret->text = json_give_text(tree);
    ret->w = (struct doc_write){ id, partition, ret->text, strlen(ret->text), triggers };
    return 0;
}

int documents_create(const struct opctx *ctx, struct database *db, enum collection coll, json *tree,
                     unsigned triggers, struct document *ret, struct error **err)
{
    cleanup_json json *owned = tree;
    cleanup_outgoing struct outgoing out = { 0 };
    cleanup_doc struct doc stored = { 0 };
    if (!json_is_object(owned))
        return error_set(err, ERR_INVALID, "%s: the new document is not an object",
                         collections[coll].name);
    if (!document_str(owned, "id")) {
        char id[UUID_LEN + 1];
        rng_uuid(ctx->rng, id);
        json_put(owned, "id", json_new_str(id));
    }
    if (prepare(coll, owned, triggers, &out, err) < 0 ||
        store_create(ctx, db->store, coll, &out.w, ret ? &stored : NULL, err) < 0)
        return -1;
    return ret ? document_take(&stored, ret, err) : 0;
}

int documents_create_once(const struct opctx *ctx, struct database *db, enum collection coll,
                          json *tree, unsigned triggers, struct document *ret, struct error **err)
{
    cleanup_error struct error *why = NULL;
    if (documents_create(ctx, db, coll, tree, triggers, ret, &why) == 0)
        return 0;
    return error_is(why, ERR_EXISTS) ? error_set(err, ERR_PRECONDITION, "%s", error_text(why))
                                     : error_move(err, &why);
}

int documents_get(const struct opctx *ctx, struct database *db, enum collection coll,
                  const char *partition, const char *id, struct document *ret, struct error **err)
{
    cleanup_doc struct doc stored = { 0 };
    if (check_lower("id", id, err) < 0)
        return error_wrap(err, "%s", collections[coll].name);
    if (store_get(ctx, db->store, coll, partition, id, &stored, err) < 0)
        return -1;
    return document_take(&stored, ret, err);
}

int documents_replace(const struct opctx *ctx, struct database *db, enum collection coll,
                      const struct document *d, unsigned triggers, struct document *ret,
                      struct error **err)
{
    cleanup_outgoing struct outgoing out = { 0 };
    cleanup_doc struct doc stored = { 0 };
    struct document again = { 0 };
    if (prepare(coll, d->tree, triggers, &out, err) < 0 ||
        store_replace(ctx, db->store, coll, &out.w, d->etag, ret ? &stored : NULL, err) < 0)
        return -1;
    if (!ret)
        return 0;
    if (document_take(&stored, &again, err) < 0)
        return -1;
    if (ret == d)
        document_release(ret);
    *ret = again;
    return 0;
}

/* ---- patching ---- */

static const char *collection_name(const struct store_query *q)
{
    enum collection coll = queries[q->query].coll;
    return collections[coll == COLLECTIONS ? q->coll : coll].name;
}

int documents_find_changed(const struct opctx *ctx, struct database *db,
                           const struct store_query *q, const char *etag, struct document *ret,
                           struct error **err)
{
    const char *next = NULL;
    cleanup_free char *held = NULL;
    cleanup_doc struct doc found = { 0 };
    size_t n = 0;
    do {
        cleanup_doc_page struct doc_page page = { 0 };
        struct store_query at = *q;
        at.continuation = next;
        if (store_query(ctx, db->store, &at, &page, err) < 0)
            return -1;
        n += page.len;
        if (n > 1)
            return error_set(err, ERR_INTERNAL,
                             "%s: query %s finds several documents where one is allowed",
                             collection_name(q), queries[q->query].name);
        if (page.len) {
            found = page.docs[0];
            page.docs[0] = (struct doc){ 0 };
        }
        free(held);
        next = held = take(page.next);
    } while (next);
    if (!n)
        return error_set(err, ERR_NOT_FOUND, "%s: no such document", collection_name(q));
    if (etag && str_eq(found.etag, etag)) {
        *ret = (struct document){ 0 };
        return 0;
    }
    return document_take(&found, ret, err);
}

int documents_find(const struct opctx *ctx, struct database *db, const struct store_query *q,
                   struct document *ret, struct error **err)
{
    return documents_find_changed(ctx, db, q, NULL, ret, err);
}

static int read_for_patch(const struct opctx *ctx, struct database *db,
                          const struct documents_patch *p, struct document *ret, struct error **err)
{
    if (p->query)
        return documents_find(ctx, db, p->query, ret, err);
    return documents_get(ctx, db, p->coll, p->partition, p->id, ret, err);
}

static int check_lease(const struct documents_patch *p, const json *tree, struct error **err)
{
    if (!p->needs_lease || document_has_lease(tree, p->lease))
        return 0;
    (void)error_set(err, ERR_CONFLICT, "%s: the lease of document '%s' is lost",
                    collections[p->coll].name, document_str(tree, "id"));
    error_code(err, DATABASE_LOST_LEASE);
    return -1;
}

/* One try. *ret_raced: another writer was first. */
static int patch_once(const struct opctx *ctx, struct database *db, const struct documents_patch *p,
                      struct document *ret, bool *ret_raced, struct error **err)
{
    cleanup_document struct document d = { 0 };
    cleanup_error struct error *why = NULL;
    *ret_raced = false;
    if (read_for_patch(ctx, db, p, &d, err) < 0 || check_lease(p, d.tree, err) < 0 ||
        (p->mutate && p->mutate(d.tree, p->arg, err) < 0))
        return -1;
    if (documents_replace(ctx, db, p->coll, &d, p->triggers, ret, &why) == 0)
        return 0;
    *ret_raced = error_is(why, ERR_PRECONDITION);
    return error_move(err, &why);
}

int documents_patch(const struct opctx *ctx, struct database *db, const struct documents_patch *p,
                    struct document *ret, struct error **err)
{
    for (int try = 0;; try++) {
        cleanup_error struct error *why = NULL;
        bool raced;
        if (patch_once(ctx, db, p, ret, &raced, &why) == 0)
            return 0;
        if (!raced || try == DATABASE_PATCH_TRIES - 1)
            return error_move(err, &why);
        int64_t pause_ns = rng_jitter_ns(ctx->rng, try * PATCH_PAUSE_MS * NS_PER_MS, 1.0);
        if (pause_ns && opctx_sleep_ms(ctx, pause_ns / NS_PER_MS, err) < 0)
            return error_wrap(err, "%s", error_text(why));
    }
}
