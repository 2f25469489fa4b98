#include "test/unit/support/hack/devcloud/kubelet_api.h"

#include <string.h>

#include "pkg/base/mem.h"

#define ORIGIN "https://api.test:6443"

static json *give_quoted(const char *text)
{
    cleanup_free char *copy = xstrdup(text);
    for (char *p = copy; (p = strchr(p, '\''));)
        *p = '"';
    json *tree = NULL;
    if (json_parse_object(copy, strlen(copy), &tree, NULL) < 0)
        abort(); /* a defect of the test */
    return tree;
}

/* ---- objects; all with mu held ---- */

static struct kubelet_api_kind *find_kind(struct kubelet_api *a, const char *kind)
{
    for (size_t i = 0; i < ARRAY_LEN(a->kinds); i++)
        if (str_eq(a->kinds[i].kind, kind))
            return &a->kinds[i];
    abort();
}

/* Its index; -1 when absent. */
static int find_item(const struct kubelet_api_kind *k, const char *name)
{
    for (size_t i = 0; i < json_len(k->items); i++)
        if (str_eq(json_path_str(json_at(k->items, i), "metadata.name"), name))
            return (int)i;
    return -1;
}

static void tell(struct kubelet_api *a, struct kubelet_api_kind *k, const char *type, json *item)
{
    cleanup_free char *version = xasprintf("%d", ++a->version);
    (void)json_set_str(item, "metadata.resourceVersion", version, NULL);
    cleanup_json json *event = json_make("{'type':%s,'object':%j}", type, json_give_copy(item));
    json_write(&k->events, event);
    buf_addc(&k->events, '\n');
    k->is_told = false;
    pthread_cond_broadcast(&a->changed);
}

static bool merge_item(struct kubelet_api *a, struct kubelet_api_kind *k, const char *name,
                       const json *patch)
{
    int i = find_item(k, name);
    if (i < 0)
        return false;
    json *merged = json_give_merged(json_give_copy(json_at(k->items, (size_t)i)), patch);
    json_replace_at(k->items, (size_t)i, merged);
    tell(a, k, "MODIFIED", merged);
    return true;
}

static bool remove_item(struct kubelet_api *a, struct kubelet_api_kind *k, const char *name)
{
    int i = find_item(k, name);
    if (i < 0)
        return false;
    tell(a, k, "DELETED", json_at(k->items, (size_t)i));
    json_remove_at(k->items, (size_t)i);
    return true;
}

/* ---- requests ---- */

static int reply(struct http_response *ret, int status, const char *body)
{
    ret->status = status;
    buf_adds(&ret->body, body);
    return 0;
}

static int to_sink(const struct http_request *req, struct http_response *ret, const char *data,
                   size_t len, struct error **err)
{
    if (req->sink)
        return req->sink->on_data(req->sink, data, len, err);
    buf_add(&ret->body, data, len);
    return 0;
}

static int list(struct kubelet_api *a, struct kubelet_api_kind *k, const struct http_request *req,
                struct http_response *ret, struct error **err)
{
    pthread_mutex_lock(&a->mu);
    buf_clear(&k->events); /* the list tells it */
    cleanup_free char *version = xasprintf("%d", a->version);
    cleanup_free char *kind = xasprintf("%sList", k->kind);
    cleanup_json json *tree =
        json_make("{'kind':%s,'apiVersion':'v1','metadata':{'resourceVersion':%s},'items':%j}",
                  kind, version, json_give_copy(k->items));
    cleanup_free char *text = json_give_text(tree);
    pthread_mutex_unlock(&a->mu);
    ret->status = 200;
    if (req->sink && !req->sink->on_head(req->sink, ret))
        abort();
    return to_sink(req, ret, text, strlen(text), err);
}

static int watch(struct kubelet_api *a, struct kubelet_api_kind *k, const struct http_request *req,
                 struct http_response *ret, struct error **err)
{
    ret->status = 200;
    if (!req->sink->on_head(req->sink, ret))
        abort();
    int rc = 0;
    while (rc == 0) {
        pthread_mutex_lock(&a->mu);
        while (!a->closing && k->events.len == 0) {
            if (!k->is_told)
                pthread_cond_broadcast(&a->changed);
            k->is_told = true;
            pthread_cond_wait(&a->changed, &a->mu);
        }
        k->is_told = false;
        cleanup_free char *events = xstrdup(buf_str(&k->events));
        buf_clear(&k->events);
        bool closing = a->closing;
        pthread_mutex_unlock(&a->mu);
        rc = closing ? error_set(err, ERR_CANCELLED, "the server closes")
                     : to_sink(req, ret, events, strlen(events), err);
    }
    return rc;
}

/* A pod's or node's own path: the kind, and the name (owned by the caller). NULL: of something else. */
static struct kubelet_api_kind *parse_path(struct kubelet_api *a, const char *path, char **ret_name)
{
    for (size_t i = 0; i < ARRAY_LEN(a->kinds); i++) {
        cleanup_free char *part = xasprintf("/%s/", a->kinds[i].collection);
        const char *name = strstr(path, part);
        if (!name)
            continue;
        name += strlen(part);
        *ret_name = xasprintf("%.*s", (int)strcspn(name, "/"), name);
        return &a->kinds[i];
    }
    return NULL;
}

static int change(struct kubelet_api *a, const struct http_request *req, const char *path,
                  struct http_response *ret)
{
    const char *body = req->body ? req->body : "{}";
    size_t len = req->body ? req->body_len : 2;
    cleanup_free char *name = NULL;
    cleanup_json json *tree = NULL;
    if (json_parse_object(body, len, &tree, NULL) < 0)
        return reply(ret, 400, "{}");
    pthread_mutex_lock(&a->mu);
    strv_addf(&a->changes, "%s %s %.*s", req->method, path, (int)len, body);
    struct kubelet_api_kind *k = parse_path(a, path, &name);
    bool found = true;
    if (k && str_eq(req->method, "PATCH"))
        found = merge_item(a, k, name, tree);
    else if (k && str_eq(req->method, "DELETE"))
        found = remove_item(a, k, name);
    pthread_mutex_unlock(&a->mu);
    return reply(ret, found ? 200 : 404, "{\"status\":{\"token\":\"t\"}}");
}

static int api_send(struct http_transport *base, const struct opctx *ctx,
                    const struct http_request *req, struct http_response *ret, struct error **err)
{
    struct kubelet_api *a = container_of(base, struct kubelet_api, base);
    *ret = (struct http_response){ .version = 11 };
    buf_init(&ret->body, req->max_body ? req->max_body : HTTP_BODY_MAX_DEFAULT);
    if (opctx_check(ctx, err) < 0)
        return -1;
    const char *whole = req->url + strlen(ORIGIN);
    cleanup_free char *path = xasprintf("%.*s", (int)strcspn(whole, "?"), whole);
    if (!str_eq(req->method, "GET"))
        return change(a, req, path, ret);
    for (size_t i = 0; i < ARRAY_LEN(a->kinds); i++) {
        cleanup_free char *all = xasprintf("/api/v1/%s", a->kinds[i].collection);
        if (str_eq(path, all))
            return (strstr(whole, "watch=true") ? watch : list)(a, &a->kinds[i], req, ret, err);
    }
    pthread_mutex_lock(&a->mu);
    bool has_secret = a->has_secret;
    pthread_mutex_unlock(&a->mu);
    if (has_secret && str_ends(path, "/secrets/s"))
        return reply(ret, 200, "{\"data\":{\"k\":\"dg==\"}}");
    return reply(ret, 404, "{}");
}

/* ---- the test's side ---- */

void kubelet_api_init(struct kubelet_api *a)
{
    *a = (struct kubelet_api){ .base.send = api_send,
                               .kinds = { { .collection = "pods", .kind = "Pod" },
                                          { .collection = "nodes", .kind = "Node" } } };
    pthread_mutex_init(&a->mu, NULL);
    pthread_cond_init(&a->changed, NULL);
    for (size_t i = 0; i < ARRAY_LEN(a->kinds); i++) {
        a->kinds[i].items = json_new_array();
        buf_init(&a->kinds[i].events, BUF_UNBOUNDED);
    }
}

void kubelet_api_release(struct kubelet_api *a)
{
    for (size_t i = 0; i < ARRAY_LEN(a->kinds); i++) {
        json_free(a->kinds[i].items);
        buf_release(&a->kinds[i].events);
    }
    strv_release(&a->changes);
    pthread_cond_destroy(&a->changed);
    pthread_mutex_destroy(&a->mu);
}

void kubelet_api_close(struct kubelet_api *a)
{
    pthread_mutex_lock(&a->mu);
    a->closing = true;
    pthread_cond_broadcast(&a->changed);
    pthread_mutex_unlock(&a->mu);
}

void kubelet_api_add(struct kubelet_api *a, const char *object)
{
    json *tree = give_quoted(object);
    pthread_mutex_lock(&a->mu);
    struct kubelet_api_kind *k = find_kind(a, json_path_str(tree, "kind"));
    json_put(tree, "apiVersion", json_new_str("v1"));
    json_append(k->items, tree);
    tell(a, k, "ADDED", tree);
    pthread_mutex_unlock(&a->mu);
}

void kubelet_api_merge(struct kubelet_api *a, const char *pod, const char *patch)
{
    cleanup_json json *tree = give_quoted(patch);
    pthread_mutex_lock(&a->mu);
    if (!merge_item(a, find_kind(a, "Pod"), pod, tree))
        abort();
    pthread_mutex_unlock(&a->mu);
}

void kubelet_api_remove(struct kubelet_api *a, const char *pod)
{
    pthread_mutex_lock(&a->mu);
    if (!remove_item(a, find_kind(a, "Pod"), pod))
        abort();
    pthread_mutex_unlock(&a->mu);
}

void kubelet_api_set_secret(struct kubelet_api *a, bool exists)
{
    pthread_mutex_lock(&a->mu);
    a->has_secret = exists;
    pthread_mutex_unlock(&a->mu);
}

void kubelet_api_await_told(struct kubelet_api *a)
{
    pthread_mutex_lock(&a->mu);
    while (!a->kinds[0].is_told || !a->kinds[1].is_told)
        pthread_cond_wait(&a->changed, &a->mu);
    pthread_mutex_unlock(&a->mu);
}

json *kubelet_api_give(struct kubelet_api *a, const char *kind, const char *name)
{
    pthread_mutex_lock(&a->mu);
    const struct kubelet_api_kind *k = find_kind(a, kind);
    int i = find_item(k, name);
    json *copy = i < 0 ? NULL : json_give_copy(json_at(k->items, (size_t)i));
    pthread_mutex_unlock(&a->mu);
    return copy;
}

size_t kubelet_api_count(struct kubelet_api *a, const char *prefix)
{
    size_t n = 0;
    pthread_mutex_lock(&a->mu);
    for (size_t i = 0; i < a->changes.len; i++)
        n += str_starts(a->changes.v[i], prefix);
    pthread_mutex_unlock(&a->mu);
    return n;
}

char *kubelet_api_give_last(struct kubelet_api *a, const char *prefix)
{
    char *last = NULL;
    pthread_mutex_lock(&a->mu);
    for (size_t i = a->changes.len; i-- > 0 && !last;)
        if (str_starts(a->changes.v[i], prefix))
            last = xstrdup(a->changes.v[i]);
    pthread_mutex_unlock(&a->mu);
    return last;
}
