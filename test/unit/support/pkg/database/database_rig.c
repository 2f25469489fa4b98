#include "test/unit/support/pkg/database/database_rig.h"

#include <stdlib.h>
#include <string.h>

#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "test/unit/support/test.h"

/* ---- the spy ---- */

static struct store *inner_of(struct store *s)
{
    return container_of(s, struct spy_store, base)->inner;
}

static void damage(struct store *s, struct doc *d)
{
    struct spy_store *spy = container_of(s, struct spy_store, base);
    if (d && str_eq(d->id, spy->corrupt_id))
        d->body[d->body_len - 1] = '\0';
}

static int spy_create(const struct opctx *ctx, struct store *s, enum collection coll,
                      const struct doc_write *w, struct doc *ret, struct error **err)
{
    return store_create(ctx, inner_of(s), coll, w, ret, err);
}

static int spy_get(const struct opctx *ctx, struct store *s, enum collection coll,
                   const char *partition, const char *id, struct doc *ret, struct error **err)
{
    int rcode = store_get(ctx, inner_of(s), coll, partition, id, ret, err);
    if (rcode == 0)
        damage(s, ret);
    return rcode;
}

/* Somebody else writes the document as it is, which gives it another etag. */
static void move(const struct opctx *ctx, struct spy_store *spy, enum collection coll,
                 const struct doc_write *w)
{
    cleanup_doc struct doc d = { 0 };
    if (store_get(ctx, spy->inner, coll, w->partition, w->id, &d, NULL) < 0)
        return;
    const struct doc_write again = { d.id, d.partition, d.body, d.body_len, 0 };
    (void)store_replace(ctx, spy->inner, coll, &again, d.etag, NULL, NULL);
}

static int spy_replace(const struct opctx *ctx, struct store *s, enum collection coll,
                       const struct doc_write *w, const char *etag, struct doc *ret,
                       struct error **err)
{
    struct spy_store *spy = container_of(s, struct spy_store, base);
    atomic_fetch_add(&spy->replaces, 1);
    if ((!spy->fail_id || str_eq(spy->fail_id, w->id)) && atomic_load(&spy->fail_replaces) > 0) {
        atomic_fetch_sub(&spy->fail_replaces, 1);
        return error_set(err, spy->fail_kind, "as the test wants");
    }
    if (str_eq(spy->moves_id, w->id))
        move(ctx, spy, coll, w);
    return store_replace(ctx, spy->inner, coll, w, etag ? etag : STORE_ANY_ETAG, ret, err);
}

static int spy_remove(const struct opctx *ctx, struct store *s, enum collection coll,
                      const char *partition, const char *id, const char *etag, struct error **err)
{
    return store_delete(ctx, inner_of(s), coll, partition, id, etag ? etag : STORE_ANY_ETAG, err);
}

static int spy_query(const struct opctx *ctx, struct store *s, const struct store_query *q,
                     struct doc_page *ret, struct error **err)
{
    int rcode = store_query(ctx, inner_of(s), q, ret, err);
    for (size_t i = 0; rcode == 0 && i < ret->len; i++)
        damage(s, &ret->docs[i]);
    return rcode;
}

static int spy_count(const struct opctx *ctx, struct store *s, const struct store_query *q,
                     int64_t *ret, struct error **err)
{
    return store_count(ctx, inner_of(s), q, ret, err);
}

static int spy_changes(const struct opctx *ctx, struct store *s, enum collection coll,
                       const char *position, size_t max, struct doc_page *ret, struct error **err)
{
    int rcode = store_changes(ctx, inner_of(s), coll, position, max, ret, err);
    for (size_t i = 0; rcode == 0 && i < ret->len; i++)
        damage(s, &ret->docs[i]);
    return rcode;
}

static int spy_now_s(const struct opctx *ctx, struct store *s, int64_t *ret, struct error **err)
{
    return store_now_s(ctx, inner_of(s), ret, err);
}

static void spy_close(struct store *s)
{
    struct spy_store *spy = container_of(s, struct spy_store, base);
    store_close(spy->inner);
    store_release(&spy->base);
    free(spy);
}

static const struct store_ops spy_ops = {
    .name = "spy",
    .create = spy_create,
    .get = spy_get,
    .replace = spy_replace,
    .remove = spy_remove,
    .query = spy_query,
    .count = spy_count,
    .changes = spy_changes,
    .now_s = spy_now_s,
    .close = spy_close,
};

/* ---- the rig ---- */

static int list_keys(struct aead_source *source, const struct opctx *ctx, struct aead_keys *ret,
                     struct error **err)
{
    static const char key[AEAD_V2_KEY_LEN] = "any key";
    (void)source;
    (void)ctx;
    cleanup_free char *text = base64_give(key, sizeof(key));
    return aead_keys_add(ret, AEAD_V2, secret_new(text, strlen(text)), 1, false, err);
}

void database_rig_open(struct database_rig *r)
{
    memset(r, 0, sizeof(*r));
    fake_clock_init(&r->clock);
    atomic_store(&r->clock.auto_advance, true);
    fake_rng_init(&r->rng, 1);
    r->ctx = opctx_root(&r->clock.base, &r->rng.base, NULL, NULL);
    r->keys.list = list_keys;
    r->spy = xnew(struct spy_store);
    store_init(&r->spy->base, &spy_ops);
    struct aead *aead = NULL;
    const struct aead_config cfg = { .source = &r->keys };
    assert_int_equal(aead_new(&cfg, &r->ctx, &aead, NULL), 0);
    assert_int_equal(store_open_sqlite(&r->ctx, "sqlite::memory:", &r->spy->inner, NULL), 0);
    r->db = database_new(&r->spy->base, aead);
}

void database_rig_close(struct database_rig *r)
{
    database_close(r->db);
    fake_clock_release(&r->clock);
}

json *rig_tree(const char *quoted)
{
    cleanup_free char *text = xstrdup(quoted);
    for (char *p = text; *p; p++)
        if (*p == '\'')
            *p = '"';
    json *tree = NULL;
    assert_int_equal(json_parse_object(text, strlen(text), &tree, NULL), 0);
    return tree;
}

void rig_create(struct database_rig *r, enum collection coll, const char *quoted)
{
    assert_int_equal(documents_create(&r->ctx, r->db, coll, rig_tree(quoted), 0, NULL, NULL), 0);
}

void rig_create_cluster(struct database_rig *r, const char *name, const char *state)
{
    cleanup_free char *text =
        xasprintf("{'id':'id-%s','partitionKey':'00000000-0000-0000-0000-000000000000',"
                  "'key':'" RIG_KEY("%s") "','clusterResourceGroupIdKey':'rg-%s',"
                                          "'clientIdKey':'client-%s','openShiftCluster':{"
                                          "'properties':{'provisioningState':'%s'}}}",
                  name, name, name, name, state);
    rig_create(r, COLL_OPENSHIFT_CLUSTERS, text);
}

void rig_assert_tree(const json *tree, const char *want_quoted)
{
    cleanup_json json *want = rig_tree(want_quoted);
    cleanup_free char *is_text = json_give_sorted(tree);
    cleanup_free char *want_text = json_give_sorted(want);
    assert_string_equal(is_text, want_text);
}
