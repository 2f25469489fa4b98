#include "rp/frontend/admin/common.h"

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/database/store.h"
#include "pkg/database/subscriptions.h"
#include "rp/frontend/cloud_error.h"

#define LIMIT_DEFAULT 100

const struct api_version *admin_version(void)
{
    return api_version_find("admin");
}

int admin_decode(const struct request *req, const struct api_type *t, json **ret,
                 struct error **err)
{
    size_t len;
    const char *body = http_call_body(req->call, &len);
    cleanup_json json *ext = json_new_object();
    if (api_object_decode(t, admin_version(), body, len, ext, err) < 0)
        return -1;
    *ret = take(ext);
    return 0;
}

json *admin_give_external(const struct api_type *t, const json *document, const char *member)
{
    cleanup_json json *ext = api_object_to_external(t, admin_version(), json_get(document, member));
    json *reply = json_make("{'id':%s}", json_path_str(document, "id"));
    for (struct json_iter it = json_each(ext); json_next(&it);)
        json_put(reply, it.key, json_ref(it.value));
    return reply;
}

char *admin_give_text(const struct request *req, const char *name)
{
    char *text = request_give_query(req, name);
    return text ? text : xstrdup("");
}

size_t admin_limit(const struct request *req)
{
    cleanup_free char *text = request_give_query(req, "limit");
    long long limit;
    return str_to_int(text, 1, STORE_PAGE_MAX, &limit) ? (size_t)limit : LIMIT_DEFAULT;
}

int admin_not_read(struct error **e, const char *what, const char *id, struct error **err)
{
    /* Refusals of mutators carry a code and are what they are. */
    if (error_get_code(*e) || (!error_is(*e, ERR_NOT_FOUND) && !error_is(*e, ERR_INVALID)))
        return error_move(err, e);
    error_clear(e);
    return cloud_error(err, "NotFound", NULL, "The %s '%s' was not found.", what, id);
}

bool admin_bool(const char *text, bool *ret)
{
    static const struct {
        const char *text;
        bool value;
    } words[] = { { "1", true },    { "t", true },      { "T", true },      { "true", true },
                  { "True", true }, { "TRUE", true },   { "0", false },     { "f", false },
                  { "F", false },   { "false", false }, { "False", false }, { "FALSE", false } };
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (str_eq(words[i].text, text)) {
            *ret = words[i].value;
            return true;
        }
    return false;
}

int admin_find_subscription(struct request *req, struct document *ret, struct error **err)
{
    const char *sub = request_param(req, "sub");
    cleanup_error struct error *e = NULL;
    if (subscriptions_get(req->ctx, req->f->cfg.database, sub, ret, &e) == 0)
        return 0;
    return error_is(e, ERR_NOT_FOUND) ? cloud_error(err, "ResourceNotFound", NULL,
                                                    "The subscription ID '%s' was not found.", sub)
                                      : error_move(err, &e);
}
