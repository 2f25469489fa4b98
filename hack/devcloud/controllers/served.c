#include "hack/devcloud/controllers/served.h"

#include <pthread.h>
#include <string.h>

#include "pkg/base/map.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/base/thread.h"

struct row {
    struct gvr gvr;
    char *group, *version, *resource, *kind;
};

struct served {
    struct kube_client *kube;
    pthread_mutex_t mu;
    struct map *rows;    /* "GROUP/VERSION/RESOURCE" -> struct row */
    struct map *by_kind; /* "GROUP/KIND" -> the same rows */
};

static void row_free(void *p)
{
    struct row *r = p;
    free(r->group);
    free(r->version);
    free(r->resource);
    free(r->kind);
    free(r);
}

struct served *served_new(struct kube_client *kube)
{
    struct served *s = xnew(struct served);
    s->kube = kube;
    s->rows = map_new(row_free);
    s->by_kind = map_new(NULL);
    mutex_init(&s->mu);
    return s;
}

void served_free(struct served *s)
{
    if (!s)
        return;
    map_free(s->by_kind);
    map_free(s->rows);
    pthread_mutex_destroy(&s->mu);
    free(s);
}

void served_list_release(struct served_list *l)
{
    free(l->v);
    *l = (struct served_list){ NULL, 0 };
}

/* ---- rows ---- */

static char *give_group(const char *api_version)
{
    const char *slash = strchr(api_version, '/');
    return slash ? xstrndup(api_version, (size_t)(slash - api_version)) : xstrdup("");
}

static const struct gvr *keep(struct served *s, const char *api_version, const json *resource)
{
    const char *slash = strchr(api_version, '/');
    const char *plural = json_path_str(resource, "name");
    cleanup_free char *key = xasprintf("%s/%s", api_version, plural);
    pthread_mutex_lock(&s->mu);
    struct row *r = map_get(s->rows, key);
    if (!r) {
        r = xnew(struct row);
        r->group = give_group(api_version);
        r->version = xstrdup(slash ? slash + 1 : api_version);
        r->resource = xstrdup(plural);
        r->kind = xstrdup(json_path_str(resource, "kind"));
        r->gvr = (struct gvr){ r->group, r->version, r->resource, r->kind,
                               json_path_bool(resource, "namespaced", false) };
        cleanup_free char *kind_key = xasprintf("%s/%s", r->group, r->kind);
        map_set(s->rows, key, r);
        map_set(s->by_kind, kind_key, r);
    }
    pthread_mutex_unlock(&s->mu);
    return &r->gvr;
}

const struct gvr *served_find(struct served *s, const char *api_version, const char *kind)
{
    cleanup_free char *group = give_group(api_version);
    cleanup_free char *key = xasprintf("%s/%s", group, kind);
    pthread_mutex_lock(&s->mu);
    const struct row *r = map_get(s->by_kind, key);
    pthread_mutex_unlock(&s->mu);
    return r ? &r->gvr : NULL;
}

/* ---- discovery ---- */

static int get(struct served *s, const struct opctx *ctx, const char *path, json **ret,
               struct error **err)
{
    struct kube_raw raw = { .method = "GET", .path = path };
    cleanup_response struct http_response response = { 0 };
    if (kube_send_raw(s->kube, ctx, &raw, &response, err) < 0)
        return error_wrap(err, "discovering %s", path);
    return json_parse_object(response.body.data, response.body.len, ret, err);
}

static bool has_verbs(const json *resource, const char *const *verbs)
{
    const json *list = json_get(resource, "verbs");
    for (; *verbs; verbs++) {
        bool found = false;
        for (size_t i = 0; i < json_len(list) && !found; i++)
            found = str_eq(json_str(json_at(list, i)), *verbs);
        if (!found)
            return false;
    }
    return true;
}

static void add(struct served_list *l, const struct gvr *gvr)
{
    l->v = xrealloc(l->v, (l->len + 1) * sizeof(*l->v));
    l->v[l->len++] = gvr;
}

static int list_version(struct served *s, const struct opctx *ctx, const char *prefix,
                        const char *api_version, const char *const *verbs, struct served_list *l,
                        struct error **err)
{
    cleanup_free char *path = xasprintf("%s/%s", prefix, api_version);
    cleanup_json json *found = NULL;
    struct error *e = NULL;
    if (get(s, ctx, path, &found, &e) < 0) {
        if (!error_is(e, ERR_NOT_FOUND))
            return error_move(err, &e);
        error_free(e); /* a group whose last kind went meanwhile */
        return 0;
    }
    const json *resources = json_get(found, "resources");
    for (size_t i = 0; i < json_len(resources); i++) {
        const json *r = json_at(resources, i);
        const char *name = json_path_str(r, "name");
        if (name && json_path_str(r, "kind") && !strchr(name, '/') && has_verbs(r, verbs))
            add(l, keep(s, api_version, r));
    }
    return 0;
}

int served_give_list(struct served *s, const struct opctx *ctx, const char *const *verbs,
                     struct served_list *ret, struct error **err)
{
    cleanup_served_list struct served_list l = { NULL, 0 };
    cleanup_json json *found = NULL;
    if (list_version(s, ctx, "/api", "v1", verbs, &l, err) < 0 ||
        get(s, ctx, "/apis", &found, err) < 0)
        return -1;
    const json *groups = json_get(found, "groups");
    for (size_t i = 0; i < json_len(groups); i++) {
        const char *version = json_path_str(json_at(groups, i), "preferredVersion.groupVersion");
        if (version && list_version(s, ctx, "/apis", version, verbs, &l, err) < 0)
            return -1;
    }
    *ret = l;
    l = (struct served_list){ NULL, 0 };
    return 0;
}
