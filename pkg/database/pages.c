#include <stdlib.h>

#include "pkg/base/mem.h"
#include "pkg/database/documents.h"

/* Consumes the documents of the page; those that cannot be read are passed over by name. */
static void fill(struct doc_page *from, struct document_page *ret)
{
    *ret = (struct document_page){ 0 };
    ret->docs = xcalloc(from->len ? from->len : 1, sizeof(*ret->docs));
    ret->next = take(from->next);
    for (size_t i = 0; i < from->len; i++) {
        cleanup_free char *id = xstrdup(from->docs[i].id ? from->docs[i].id : "");
        if (document_take(&from->docs[i], &ret->docs[ret->len], NULL) == 0)
            ret->len++;
        else
            strv_add(&ret->corrupt, id);
    }
}

int documents_page(const struct opctx *ctx, struct database *db, const struct store_query *q,
                   struct document_page *ret, struct error **err)
{
    cleanup_doc_page struct doc_page page = { 0 };
    if (store_query(ctx, db->store, q, &page, err) < 0)
        return -1;
    fill(&page, ret);
    return 0;
}

int documents_changes(const struct opctx *ctx, struct database *db, enum collection coll,
                      const char *position, size_t max, struct document_page *ret,
                      struct error **err)
{
    cleanup_doc_page struct doc_page page = { 0 };
    if (store_changes(ctx, db->store, coll, position, max, &page, err) < 0)
        return -1;
    fill(&page, ret);
    return 0;
}
