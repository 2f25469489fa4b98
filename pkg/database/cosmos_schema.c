#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/database/cosmos.h"

/* What the server runs on an incoming document, by its own clock. */
#define TRIGGER_BEGIN \
    "function trigger() {\n" \
    "    var request = getContext().getRequest();\n" \
    "    var body = request.getBody();\n" \
    "    var now = Math.floor(new Date().getTime() / 1000);\n" \
    "    "
#define TRIGGER_END \
    "\n" \
    "    request.setBody(body);\n" \
    "}\n"

static const struct {
    const char *name;
    enum trigger bit;
    const char *operation, *edit;
    size_t length; /* where in struct store_leases; NO_LENGTH: the edit is complete */
} triggers[] = {
#define NO_LENGTH ((size_t)-1)
#define LEASE "body.leaseExpires = now + "
    { "renewLease", TRIGGER_RENEW_LEASE, "All", LEASE, offsetof(struct store_leases, lease_s) },
    { "retryLater", TRIGGER_RETRY_LATER, "All", LEASE,
      offsetof(struct store_leases, retry_later_s) },
#undef LEASE
    { "setCreationBillingTimeStamp", TRIGGER_CREATION_TIME, "Create",
      "if (!body.billing.creationTime) body.billing.creationTime = now;", NO_LENGTH },
    { "setDeletionBillingTimeStamp", TRIGGER_DELETION_TIME, "Replace",
      "if (!body.billing.deletionTime) body.billing.deletionTime = now;", NO_LENGTH },
};

static char *give_trigger_body(const struct cosmos *c, size_t i)
{
    char length[32] = "";
    if (triggers[i].length != NO_LENGTH) {
        int64_t s;
        memcpy(&s, (const char *)&c->store.leases + triggers[i].length, sizeof(s));
        (void)snprintf(length, sizeof(length), "%lld;", (long long)s);
    }
    return xasprintf(TRIGGER_BEGIN "%s%s" TRIGGER_END, triggers[i].edit, length);
}

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
        cleanup_free char *body = give_trigger_body(c, i);
        json *t = json_make("{'id':%s,'body':%s,'triggerType':'Pre','triggerOperation':%s}",
                            triggers[i].name, body, triggers[i].operation);
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
