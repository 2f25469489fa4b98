#include "test/unit/support/rp/cluster/fake_arm.h"

#include <string.h>

#include "pkg/base/mem.h"
#include "test/unit/support/test.h"

#define TOKEN "{\"token_type\":\"Bearer\",\"expires_in\":3599,\"access_token\":\"t1\"}"

static void answer(struct http_response *ret, int status, const json *body)
{
    ret->status = status;
    if (body)
        json_write(&ret->body, body);
}

static void refuse(struct http_response *ret, int status, const char *code)
{
    cleanup_json json *body = json_make("{'error':{'code':%s,'message':'refused'}}", code);
    answer(ret, status, body);
}

/* ---- reading ---- */

static bool is_in(const char *id, const char *collection)
{
    size_t len = strlen(collection);
    return str_starts(id, collection) && id[len] == '/' && !strchr(id + len + 1, '/');
}

static void read_one(const struct fake_arm *a, const char *key, struct http_response *ret)
{
    const json *found = json_get(a->resources, key);
    cleanup_json json *list = json_new_array();
    if (found) {
        answer(ret, 200, found);
        return;
    }
    for (struct json_iter it = json_each(a->resources); json_next(&it);)
        if (is_in(it.key, key))
            json_append(list, json_ref(it.value));
    if (json_len(list) == 0) {
        refuse(ret, 404, "ResourceNotFound");
        return;
    }
    cleanup_json json *page = json_make("{'value':%j}", json_ref(list));
    answer(ret, 200, page);
}

/* ---- writing ---- */

static void store(struct fake_arm *a, const char *id, json *resource)
{
    cleanup_free char *key = str_give_lower(id);
    cleanup_free char *etag = xasprintf("e%lld", (long long)++a->etag);
    json_put(resource, "id", json_new_str(id));
    json_put(resource, "name", json_new_str(strrchr(id, '/') + 1));
    json_put(resource, "etag", json_new_str(etag));
    json_put(a->resources, key, resource);
}

static bool is_stale(const struct fake_arm *a, const char *key, const struct http_request *req)
{
    const char *etag = http_headers_get(&req->headers, "If-Match");
    return etag && !str_eq(etag, json_path_str(json_get(a->resources, key), "etag"));
}

static void write_one(struct fake_arm *a, const struct http_request *req, const char *id,
                      struct http_response *ret)
{
    cleanup_free char *key = str_give_lower(id);
    json *resource = NULL;
    if (a->before_write) {
        void (*hook)(struct fake_arm *) = a->before_write;
        a->before_write = NULL;
        hook(a);
    }
    if (is_stale(a, key, req)) {
        refuse(ret, 412, "PreconditionFailed");
        return;
    }
    if (a->refuse && a->writes.len == a->refuse) {
        refuse(ret, 403, "AuthorizationFailed");
        return;
    }
    strv_addf(&a->writes, "%s %s", req->method, strrchr(id, '/') + 1);
    if (str_eq(req->method, "DELETE")) {
        answer(ret, json_del(a->resources, key) ? 200 : 204, NULL);
        return;
    }
    assert_int_equal(json_parse_object(req->body, req->body_len, &resource, NULL), 0);
    if (str_eq(req->method, "PATCH")) {
        cleanup_json json *patch = take(resource);
        resource = json_give_merged(json_give_copy(json_get(a->resources, key)), patch);
    }
    store(a, id, resource);
    if (a->lose && a->writes.len == a->lose)
        refuse(ret, 403, "AuthorizationFailed");
    else
        answer(ret, 200, resource);
}

static int fake_send(struct http_transport *base, const struct opctx *ctx,
                     const struct http_request *req, struct http_response *ret, struct error **err)
{
    struct fake_arm *a = container_of(base, struct fake_arm, base);
    *ret = (struct http_response){ .version = 11 };
    buf_init(&ret->body, HTTP_BODY_MAX_DEFAULT);
    if (opctx_check(ctx, err) < 0)
        return -1;
    if (!str_starts(req->url, RIG_ARM)) {
        ret->status = 200;
        buf_adds(&ret->body, TOKEN);
        return 0;
    }
    const char *path = req->url + strlen(RIG_ARM);
    cleanup_free char *id = xstrndup(path, strcspn(path, "?"));
    cleanup_free char *key = str_give_lower(id);
    if (str_eq(req->method, "GET"))
        read_one(a, key, ret);
    else
        write_one(a, req, id, ret);
    return 0;
}

/* ---- for tests ---- */

void fake_arm_use(struct fake_arm *a, struct cluster_rig *r)
{
    *a = (struct fake_arm){ .base.send = fake_send, .resources = json_new_object() };
    r->cfg.transport = &a->base;
}

void fake_arm_release(struct fake_arm *a)
{
    json_free(a->resources);
    strv_release(&a->writes);
}

void fake_arm_add(struct fake_arm *a, const char *id, const char *resource)
{
    store(a, id, rig_tree(resource));
}

json *fake_arm_get(const struct fake_arm *a, const char *id)
{
    cleanup_free char *key = str_give_lower(id);
    return json_get(a->resources, key);
}

char *fake_arm_give_writes(const struct fake_arm *a)
{
    return strv_give_joined(&a->writes, "\n");
}
