#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/database/subscriptions.h"
#include "rp/frontend/cloud_error.h"
#include "rp/frontend/handlers.h"
#include "rp/frontend/reply.h"

#define TRIES 5

/* Puts what ARM sent into the document, whole: it owns what it sends. */
static int put(json *document, void *arg, struct error **err)
{
    const json *subscription = arg;
    if (api_subscription_validate(subscription, json_get(document, "subscription"), err) < 0)
        return -1;
    json *copy = json_give_copy(subscription);
    api_subscription_blank_owner(copy);
    bool deleted = str_eq(json_path_str(copy, "state"), "Deleted");
    json_put(document, "subscription", copy);
    if (deleted)
        json_put(document, "deleting", json_new_bool(true));
    return 0;
}

static int create(struct request *req, json *subscription, struct document *ret, struct error **err)
{
    cleanup_json json *tree = json_make("{'id':%s}", request_param(req, "sub"));
    if (put(tree, subscription, err) < 0)
        return -1;
    return subscriptions_create(req->ctx, req->f->cfg.database, take(tree), ret, err);
}

static int parse(const struct request *req, json **ret, struct error **err)
{
    size_t len;
    const char *body = http_call_body(req->call, &len);
    cleanup_error struct error *why = NULL;
    if (json_parse_object(body, len, ret, &why) == 0)
        return 0;
    return cloud_error(err, "InvalidRequestContent", NULL,
                       "The request content was invalid and could not be deserialized: \"%s\".",
                       error_text(why));
}

int handle_subscription_put(struct request *req, struct error **err)
{
    cleanup_json json *subscription = NULL;
    cleanup_document struct document d = { 0 };
    int status = 0;

    if (parse(req, &subscription, err) < 0)
        return -1;
    for (int i = 0; i < TRIES && status == 0; i++) {
        cleanup_error struct error *e = NULL;
        if (subscriptions_patch(req->ctx, req->f->cfg.database, request_param(req, "sub"), put,
                                subscription, &d, &e) == 0) {
            status = 200;
            break;
        }
        if (!error_is(e, ERR_NOT_FOUND))
            return error_move(err, &e);
        error_clear(&e);
        if (create(req, subscription, &d, &e) == 0)
            status = 201;
        else if (!error_is(e, ERR_PRECONDITION)) /* somebody else was first: again */
            return error_move(err, &e);
    }
    if (status == 0)
        return error_set(err, ERR_PRECONDITION, "subscription: others keep writing it");
    reply_json(req, status, json_get(d.tree, "subscription"));
    return 0;
}
