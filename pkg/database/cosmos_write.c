/*
 * Single documents.
 *
 * A write that lost its answer is sent again, with the same token in the document. If the lost one had been carried out, the
 * repeated one finds the id taken or the etag moved on; then the document is read, and its token tells whose it is.
 */
#include <stdlib.h>

#include "pkg/base/mem.h"
#include "pkg/database/cosmos.h"

static struct cosmos *cosmos_of(struct store *s)
{
    return container_of(s, struct cosmos, store);
}

static void add_triggers(struct cosmos_call *call, unsigned triggers)
{
    static const struct {
        enum trigger bit;
        const char *name;
    } names[] = { { TRIGGER_RENEW_LEASE, "renewLease" },
                  { TRIGGER_RETRY_LATER, "retryLater" },
                  { TRIGGER_CREATION_TIME, "setCreationBillingTimeStamp" },
                  { TRIGGER_DELETION_TIME, "setDeletionBillingTimeStamp" } };
    cleanup_strv struct strv used = STRV_INIT;
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (triggers & names[i].bit)
            strv_add(&used, names[i].name);
    if (!used.len)
        return;
    cleanup_free char *list = strv_give_joined(&used, ",");
    http_headers_add(&call->headers, "x-ms-documentdb-pre-trigger-include", list);
}

/* The document as it is now, if this token wrote it: 1; 0 = it did not, or there is none. */
static int find_own(const struct opctx *ctx, struct cosmos *c, enum collection coll,
                    const struct doc_write *w, const char *token, struct doc *ret,
                    struct error **err)
{
    cleanup_cosmos_reply struct cosmos_reply r = { 0 };
    cleanup_free char *link = cosmos_give_link(c, coll);
    cleanup_cosmos_call struct cosmos_call call = {
        .verb = "GET", .type = "docs", .parent = link, .id = w->id
    };
    cleanup_free char *found = NULL;
    cleanup_doc struct doc d = { 0 };
    cosmos_set_partition(&call, w->partition);
    if (cosmos_send(ctx, c, &call, &r, err) < 0)
        return -1;
    if (r.http.status == 404)
        return 0;
    if (r.http.status != 200)
        return cosmos_fail(&r, "reading back", err);
    if (cosmos_read_doc(coll, &r, &d, &found, err) < 0)
        return -1;
    if (!str_eq(found, token))
        return 0;
    if (ret)
        *ret = d;
    else
        doc_release(&d);
    d = (struct doc){ 0 };
    return 1;
}

/* A write whose answer says that another was first (409, 412): unless that was this very write. */
static int settle(const struct opctx *ctx, struct cosmos *c, enum collection coll,
                  const struct doc_write *w, const char *token, const struct cosmos_reply *r,
                  struct doc *ret, struct error **err)
{
    int own = r->doubtful ? find_own(ctx, c, coll, w, token, ret, err) : 0;
    if (own < 0) {
        (void)error_wrap(err, "nobody knows whether this was written");
        error_code(err, STORE_CODE_UNKNOWN);
        return -1;
    }
    return own ? 0 : cosmos_fail(r, "Cosmos DB", err);
}

static int write_doc(const struct opctx *ctx, struct cosmos *c, enum collection coll,
                     const struct doc_write *w, struct cosmos_call *call, struct doc *ret,
                     struct error **err)
{
    char token[UUID_LEN + 1];
    cleanup_cosmos_reply struct cosmos_reply r = { 0 };
    cleanup_free char *link = cosmos_give_link(c, coll);
    rng_uuid(ctx->rng, token);
    cleanup_free char *body = cosmos_give_body(w, token);
    call->type = "docs";
    call->parent = link;
    call->body = body;
    call->writes = true;
    call->renews = w->triggers & TRIGGER_RENEW_LEASE;
    cosmos_set_partition(call, w->partition);
    add_triggers(call, w->triggers);
    if (cosmos_send(ctx, c, call, &r, err) < 0)
        return -1;
    switch (r.http.status) {
    case 200:
    case 201:
        return ret ? cosmos_read_doc(coll, &r, ret, NULL, err) : 0;
    case 409:
    case 412:
        return settle(ctx, c, coll, w, token, &r, ret, err);
    default:
        return cosmos_fail(&r, "Cosmos DB", err);
    }
}

int cosmos_create(const struct opctx *ctx, struct store *s, enum collection coll,
                  const struct doc_write *w, struct doc *ret, struct error **err)
{
    cleanup_cosmos_call struct cosmos_call call = { .verb = "POST" };
    cleanup_error struct error *why = NULL;
    if (write_doc(ctx, cosmos_of(s), coll, w, &call, ret, &why) == 0)
        return 0;
    /* Of a create, that would mean the container. */
    return error_is(why, ERR_NOT_FOUND) ? error_set(err, ERR_INTERNAL, "%s", error_text(why))
                                        : error_move(err, &why);
}

int cosmos_replace(const struct opctx *ctx, struct store *s, enum collection coll,
                   const struct doc_write *w, const char *etag, struct doc *ret, struct error **err)
{
    cleanup_cosmos_call struct cosmos_call call = { .verb = "PUT", .id = w->id };
    if (etag)
        http_headers_add(&call.headers, "If-Match", etag);
    return write_doc(ctx, cosmos_of(s), coll, w, &call, ret, err);
}

int cosmos_get(const struct opctx *ctx, struct store *s, enum collection coll,
               const char *partition, const char *id, struct doc *ret, struct error **err)
{
    struct cosmos *c = cosmos_of(s);
    cleanup_cosmos_reply struct cosmos_reply r = { 0 };
    cleanup_free char *link = cosmos_give_link(c, coll);
    cleanup_cosmos_call struct cosmos_call call = {
        .verb = "GET", .type = "docs", .parent = link, .id = id
    };
    cosmos_set_partition(&call, partition);
    if (cosmos_send(ctx, c, &call, &r, err) < 0)
        return -1;
    if (r.http.status != 200)
        return cosmos_fail(&r, "Cosmos DB", err);
    return cosmos_read_doc(coll, &r, ret, NULL, err);
}

int cosmos_remove(const struct opctx *ctx, struct store *s, enum collection coll,
                  const char *partition, const char *id, const char *etag, struct error **err)
{
    struct cosmos *c = cosmos_of(s);
    cleanup_cosmos_reply struct cosmos_reply r = { 0 };
    cleanup_free char *link = cosmos_give_link(c, coll);
    cleanup_cosmos_call struct cosmos_call call = {
        .verb = "DELETE", .type = "docs", .parent = link, .id = id, .writes = true
    };
    cosmos_set_partition(&call, partition);
    if (etag)
        http_headers_add(&call.headers, "If-Match", etag);
    if (cosmos_send(ctx, c, &call, &r, err) < 0)
        return -1;
    /* Gone, by the try whose answer was lost or by another who wanted the same. */
    if (r.http.status == 204 || (r.http.status == 404 && r.doubtful))
        return 0;
    return cosmos_fail(&r, "Cosmos DB", err);
}
