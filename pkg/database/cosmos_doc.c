#include <stdlib.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/database/cosmos.h"

static const char *const system_fields[] = { "_rid",         "_self", "_etag",    "_ts",
                                             "_attachments", "_lsn",  "_metadata" };

static int makes_no_sense(const char *what, struct error **err)
{
    return error_set(err, ERR_INTERNAL, "Cosmos DB's answer makes no sense: %s", what);
}

int cosmos_take_doc(enum collection coll, json *tree, struct doc *ret, char **ret_token,
                    struct error **err)
{
    cleanup_json json *owned = tree;
    if (!json_is_object(owned))
        return makes_no_sense("a document that is no object", err);
    struct doc d = { 0 };
    const char *id = json_path_str(owned, "id");
    const char *partition = json_path_str(owned, collections[coll].partition_key);
    const char *etag = json_path_str(owned, "_etag");
    d.id = xstrdup(id ? id : "");
    d.partition = xstrdup(partition ? partition : "");
    d.etag = xstrdup(etag ? etag : "");
    d.ts_s = json_path_int(owned, "_ts", 0);
    if (ret_token)
        *ret_token = xstrdup(json_path_str(owned, COSMOS_WRITE_TOKEN));
    for (size_t i = 0; i < ARRAY_LEN(system_fields); i++)
        (void)json_del(owned, system_fields[i]);
    (void)json_del(owned, COSMOS_WRITE_TOKEN);
    d.body = json_give_text(owned);
    d.body_len = strlen(d.body);
    *ret = d;
    return 0;
}

int cosmos_read_doc(enum collection coll, const struct cosmos_reply *r, struct doc *ret,
                    char **ret_token, struct error **err)
{
    json *tree = NULL;
    if (json_parse_object(buf_str(&r->http.body), r->http.body.len, &tree, err) < 0)
        return error_wrap(err, "reading Cosmos DB's answer");
    cleanup_json json *owned = tree;
    if (!json_path_str(owned, "id") || !json_path_str(owned, "_etag"))
        return makes_no_sense("a document without id or _etag", err);
    return cosmos_take_doc(coll, take(owned), ret, ret_token, err);
}

int cosmos_read_docs(enum collection coll, const struct cosmos_reply *r, struct doc_page *ret,
                     struct error **err)
{
    cleanup_json json *list = NULL;
    if (json_parse_object(buf_str(&r->http.body), r->http.body.len, &list, err) < 0)
        return error_wrap(err, "reading Cosmos DB's answer");
    const json *docs = json_get(list, "Documents");
    if (!json_is_array(docs))
        return makes_no_sense("a list without Documents", err);
    for (size_t i = 0; i < json_len(docs); i++) {
        struct doc d = { 0 };
        if (cosmos_take_doc(coll, json_ref(json_at(docs, i)), &d, NULL, err) < 0)
            return -1;
        *doc_page_add(ret) = d;
    }
    return 0;
}

char *cosmos_give_body(const struct doc_write *w, const char *token)
{
    json *tree = NULL;
    if (json_parse_object(w->body, w->body_len, &tree, NULL) < 0)
        abort(); /* store.c has looked at it */
    cleanup_json json *owned = tree;
    for (size_t i = 0; i < ARRAY_LEN(system_fields); i++)
        (void)json_del(owned, system_fields[i]);
    json_put(owned, COSMOS_WRITE_TOKEN, json_new_str(token));
    return json_give_text(owned);
}
