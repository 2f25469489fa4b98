#include <stdlib.h>

#include "pkg/base/mem.h"
#include "pkg/database/cosmos.h"

/* What the server runs on an incoming document, by its own clock. */
#define TRIGGER(edit) \
    "function trigger() {\n" \
    "    var request = getContext().getRequest();\n" \
    "    var body = request.getBody();\n" \
    "    var now = Math.floor(new Date().getTime() / 1000);\n" \
    "    " edit "\n" \
    "    request.setBody(body);\n" \
    "}\n"

static const struct {
    const char *name;
    enum trigger bit;
    const char *operation, *body;
} triggers[] = {
    { "renewLease", TRIGGER_RENEW_LEASE, "All", TRIGGER("body.leaseExpires = now + 60;") },
    { "retryLater", TRIGGER_RETRY_LATER, "All", TRIGGER("body.leaseExpires = now + 600;") },
    { "setCreationBillingTimeStamp", TRIGGER_CREATION_TIME, "Create",
      TRIGGER("if (!body.billing.creationTime) body.billing.creationTime = now;") },
    { "setDeletionBillingTimeStamp", TRIGGER_DELETION_TIME, "Replace",
      TRIGGER("if (!body.billing.deletionTime) body.billing.deletionTime = now;") },
};

/* Consumes body. What is there already is left as it is. */
static int make(const struct opctx *ctx, struct cosmos *c, const char *parent, const char *type,
                json *body, struct error **err)
{
    cleanup_json json *owned = body;
    cleanup_free char *text = json_give_text(owned);
    cleanup_cosmos_reply struct cosmos_reply r = { 0 };
    cleanup_cosmos_call struct cosmos_call call = {
        .verb = "POST", .type = type, .parent = parent, .body = text
    };
    if (cosmos_send(ctx, c, &call, &r, err) < 0)
        return -1;
    if (r.http.status == 201 || r.http.status == 409)
        return 0;
    return cosmos_fail(&r, "Cosmos DB", err) < 0
               ? error_wrap(err, "making %s '%s'", type, json_path_str(owned, "id"))
               : 0;
}

static json *give_container(const struct collection_desc *desc)
{
    cleanup_free char *partition = xasprintf("/%s", desc->partition_key);
    json *container =
        json_make("{'id':%s,'partitionKey':{'paths':[%s],'kind':'Hash'}}", desc->name, partition);
    if (desc->ttl_s != TTL_OFF)
        json_put(container, "defaultTtl", json_new_int(desc->ttl_s));
    json *keys = json_new_array();
    for (const char *const *key = desc->unique_keys; *key; key++) {
        cleanup_free char *path = xasprintf("/%s", *key);
        json_append(keys, json_make("{'paths':[%s]}", path));
    }
    if (json_len(keys))
        json_put(container, "uniqueKeyPolicy", json_make("{'uniqueKeys':%j}", keys));
    else
        json_free(keys);
    return container;
}

static int make_container(const struct opctx *ctx, struct cosmos *c, enum collection coll,
                          const char *database, struct error **err)
{
    const struct collection_desc *desc = &collections[coll];
    cleanup_free char *link = cosmos_give_link(c, coll);
    if (make(ctx, c, database, "colls", give_container(desc), err) < 0)
        return -1;
    for (size_t i = 0; i < ARRAY_LEN(triggers); i++) {
        if (!(desc->triggers & triggers[i].bit))
            continue;
        json *t = json_make("{'id':%s,'body':%s,'triggerType':'Pre','triggerOperation':%s}",
                            triggers[i].name, triggers[i].body, triggers[i].operation);
        if (make(ctx, c, link, "triggers", t, err) < 0)
            return -1;
    }
    return 0;
}

int store_cosmos_create_schema(const struct opctx *ctx, struct store *s, struct error **err)
{
    struct cosmos *c = container_of(s, struct cosmos, store);
    cleanup_free char *database = xasprintf("dbs/%s", c->database);
    if (make(ctx, c, "", "dbs", json_make("{'id':%s}", c->database), err) < 0)
        return -1;
    for (int coll = 0; coll < COLLECTIONS; coll++)
        if (make_container(ctx, c, (enum collection)coll, database, err) < 0)
            return -1;
    return 0;
}
