/*
 * What a server has is asked for when it is first needed and kept for 10 minutes. Requests are made
 * without the lock: two callers may ask the same at once, which does no harm.
 *
 * A kind of a known version needs that version's resources only. A word that people use ("deploy")
 * needs all of them: a server that speaks aggregated discovery tells them at once, from another one
 * each version is fetched.
 */
#include "pkg/kube/discovery.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "pkg/base/map.h"
#include "pkg/base/mem.h"
#include "pkg/base/thread.h"
#include "pkg/kube/discovery_impl.h"
#include "pkg/kube/discovery_index.h"

#define FRESH_NS (600 * NS_PER_S)
#define MISS_KEPT_NS (10 * NS_PER_S) /* a kind that was absent may be there soon */
#define REQUEST_TIMEOUT_MS 32000
#define ROUNDS 2
#define BODY_MAX ((size_t)32 << 20)
#define AGGREGATED(version) \
    "application/json;g=apidiscovery.k8s.io;v=" version ";as=APIGroupDiscoveryList"
#define ACCEPT_AGGREGATED AGGREGATED("v2") "," AGGREGATED("v2beta1") ",application/json"

struct discovery {
    struct kube_client *client;
    const struct clock *clock;
    int threads; /* at most so many requests at once */
    pthread_mutex_t mu;
    /* All below with the lock. */
    struct api_index index;
    bool known;
    int64_t known_ns;
    struct map *asked; /* "group/version" -> when it was last asked for, as int64_t * */
    struct map *rows;  /* struct gvr that were given out; never removed */
};

struct row { /* one allocation that owns the strings */
    struct gvr gvr;
    char *group, *version, *resource, *kind;
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

struct discovery *discovery_new_with(struct kube_client *client, const struct clock *clock,
                                     int threads)
{
    struct discovery *d = xnew(struct discovery);
    d->client = client;
    d->clock = clock;
    d->threads = threads;
    d->asked = map_new(free);
    d->rows = map_new(row_free);
    mutex_init(&d->mu);
    return d;
}

struct discovery *discovery_new(struct kube_client *client, const struct clock *clock)
{
    return discovery_new_with(client, clock, 8);
}

void discovery_free(struct discovery *d)
{
    if (!d)
        return;
    api_index_release(&d->index);
    map_free(d->asked);
    map_free(d->rows);
    pthread_mutex_destroy(&d->mu);
    free(d);
}

/* ---- requests, without the lock ---- */

struct document {
    json *root;
    bool aggregated;
};

static void document_release(struct document *doc)
{
    json_free(doc->root);
}
#define cleanup_document CLEANUP_WITH(document_release)

static int fetch(struct discovery *d, const struct opctx *ctx, const char *path, const char *accept,
                 struct document *ret, struct error **err)
{
    struct opctx limited = opctx_with_timeout_ms(ctx, REQUEST_TIMEOUT_MS);
    struct kube_raw raw = {
        .method = "GET", .path = path, .accept = accept, .max_body = BODY_MAX, .gzip = true
    };
    cleanup_response struct http_response r = { 0 };
    if (kube_send_raw(d->client, &limited, &raw, &r, err) < 0)
        return error_wrap(err, "discovery of %s", path);
    if (json_parse_object(r.body.data, r.body.len, &ret->root, err) < 0)
        return error_wrap(err, "discovery of %s", path);
    const char *type = http_headers_get(&r.headers, "Content-Type");
    ret->aggregated = type && strstr(type, "as=APIGroupDiscoveryList") != NULL;
    return 0;
}

/* The names of all groups and versions, with resources where the server aggregates. */
static int fetch_index(struct discovery *d, const struct opctx *ctx, struct api_index *x,
                       struct error **err)
{
    cleanup_document struct document core = { 0 }, groups = { 0 };
    cleanup_error struct error *e = NULL;
    if (fetch(d, ctx, "/api", ACCEPT_AGGREGATED, &core, &e) < 0 && !error_is(e, ERR_NOT_FOUND))
        return error_move(err, &e);
    if (fetch(d, ctx, "/apis", ACCEPT_AGGREGATED, &groups, err) < 0)
        return -1;
    if (core.aggregated)
        api_index_read_aggregated(x, core.root);
    else
        api_index_read_core(x, core.root);
    if (groups.aggregated)
        api_index_read_aggregated(x, groups.root);
    else
        api_index_read_groups(x, groups.root);
    return 0;
}

static char *give_version_path(const char *group, const char *version)
{
    return *group ? xasprintf("/apis/%s/%s", group, version) : xasprintf("/api/%s", version);
}

/* ---- the index, with the lock ---- */

static void note_asked(struct discovery *d, const char *group, const char *version)
{
    cleanup_free char *key = xasprintf("%s/%s", group, version);
    int64_t *at = xnew(int64_t);
    *at = clock_mono_ns(d->clock);
    map_set(d->asked, key, at);
}

static bool was_asked_just_now(const struct discovery *d, const char *group, const char *version)
{
    cleanup_free char *key = xasprintf("%s/%s", group, version);
    const int64_t *at = map_get(d->asked, key);
    return at && clock_mono_ns(d->clock) - *at < MISS_KEPT_NS;
}

static bool is_loaded(const struct discovery *d, const struct api_version *v)
{
    return v->loaded && clock_mono_ns(d->clock) - v->loaded_ns < FRESH_NS;
}

/* Consumes x. */
static void adopt(struct discovery *d, struct api_index *x)
{
    api_index_release(&d->index);
    d->index = *x;
    d->known = true;
    d->known_ns = clock_mono_ns(d->clock);
    for (size_t i = 0; i < d->index.len; i++) {
        for (size_t j = 0; j < d->index.v[i].len; j++)
            d->index.v[i].v[j].loaded_ns = d->known_ns;
    }
    map_clear(d->asked);
}

static const struct gvr *intern(struct discovery *d, const char *group, const char *version,
                                const struct api_resource *r)
{
    cleanup_free char *key =
        xasprintf("%s/%s/%s/%s/%d", group, version, r->name, r->kind, r->namespaced);
    struct row *row = map_get(d->rows, key);
    if (row)
        return &row->gvr;
    row = xnew(struct row);
    row->group = xstrdup(group);
    row->version = xstrdup(version);
    row->resource = xstrdup(r->name);
    row->kind = xstrdup(r->kind);
    row->gvr = (struct gvr){ .group = row->group,
                             .version = row->version,
                             .resource = row->resource,
                             .kind = row->kind,
                             .namespaced = r->namespaced };
    map_set(d->rows, key, row);
    return &row->gvr;
}

/* ---- both ---- */

static int refresh(struct discovery *d, const struct opctx *ctx, struct error **err)
{
    struct api_index x = { 0 };
    if (fetch_index(d, ctx, &x, err) < 0) {
        api_index_release(&x);
        return -1;
    }
    pthread_mutex_lock(&d->mu);
    adopt(d, &x);
    pthread_mutex_unlock(&d->mu);
    return 0;
}

static int ensure_known(struct discovery *d, const struct opctx *ctx, struct error **err)
{
    pthread_mutex_lock(&d->mu);
    bool fresh = d->known && clock_mono_ns(d->clock) - d->known_ns < FRESH_NS;
    pthread_mutex_unlock(&d->mu);
    return fresh ? 0 : refresh(d, ctx, err);
}

/* One version's resources into the index. A version that the server does not have is dropped. */
static int load_version(struct discovery *d, const struct opctx *ctx, const char *group,
                        const char *version, struct error **err)
{
    cleanup_free char *path = give_version_path(group, version);
    cleanup_document struct document doc = { 0 };
    cleanup_error struct error *e = NULL;
    int rc = fetch(d, ctx, path, NULL, &doc, &e);
    pthread_mutex_lock(&d->mu);
    if (rc == 0 || error_is(e, ERR_NOT_FOUND))
        note_asked(d, group, version);
    if (rc == 0) {
        struct api_version *v = api_index_add(&d->index, group, version);
        api_version_read(v, doc.root);
        v->loaded_ns = clock_mono_ns(d->clock);
    } else if (error_is(e, ERR_NOT_FOUND)) {
        api_index_remove(&d->index, group, version);
    }
    pthread_mutex_unlock(&d->mu);
    return rc == 0 ? 0 : error_move(err, &e);
}

static int fail_no_match(struct error **err, const char *what)
{
    error_set(err, ERR_NOT_FOUND, "the server has no kind %s", what);
    error_code(err, "NoMatch");
    return -1;
}

/* ---- one kind ---- */

static const struct gvr *look_up(struct discovery *d, const char *group, const char *version,
                                 const char *kind)
{
    const struct api_version *v = api_index_find(&d->index, group, version);
    for (size_t i = 0; v && is_loaded(d, v) && i < v->len; i++) {
        if (strcmp(v->v[i].kind, kind) == 0)
            return intern(d, group, version, &v->v[i]);
    }
    return NULL;
}

static int find(struct discovery *d, const struct opctx *ctx, const char *group,
                const char *version, const char *kind, const struct gvr **ret, struct error **err)
{
    cleanup_free char *what = xasprintf("%s in %s%s%s", kind, group, *group ? "/" : "", version);
    pthread_mutex_lock(&d->mu);
    const struct gvr *found = look_up(d, group, version, kind);
    bool give_up = !found && was_asked_just_now(d, group, version);
    pthread_mutex_unlock(&d->mu);
    if (give_up)
        return fail_no_match(err, what);
    if (!found) {
        cleanup_error struct error *e = NULL;
        if (load_version(d, ctx, group, version, &e) < 0)
            return error_is(e, ERR_NOT_FOUND) ? fail_no_match(err, what) : error_move(err, &e);
        pthread_mutex_lock(&d->mu);
        found = look_up(d, group, version, kind);
        pthread_mutex_unlock(&d->mu);
    }
    if (!found)
        return fail_no_match(err, what);
    *ret = found;
    return 0;
}

/* "apps/v1" or "v1". */
static int split_api_version(const char *text, char **ret_group, char **ret_version,
                             struct error **err)
{
    const char *slash = text ? strchr(text, '/') : NULL;
    const char *version = slash ? slash + 1 : text;
    if (!version || !*version || strchr(version, '/') || slash == text)
        return error_set(err, ERR_INVALID, "'%s' is not an apiVersion", text ? text : "");
    *ret_group = slash ? xstrndup(text, (size_t)(slash - text)) : xstrdup("");
    *ret_version = xstrdup(version);
    return 0;
}

int discovery_find(struct discovery *d, const struct opctx *ctx, const char *api_version,
                   const char *kind, const struct gvr **ret, struct error **err)
{
    cleanup_free char *group = NULL;
    cleanup_free char *version = NULL;
    if (!kind || !*kind)
        return error_set(err, ERR_INVALID, "a kind is needed");
    if (split_api_version(api_version, &group, &version, err) < 0)
        return -1;
    return find(d, ctx, group, version, kind, ret, err);
}

/* ---- a word that people use ---- */

struct loader {
    struct discovery *d;
    const struct opctx *ctx;
    char *(*jobs)[2]; /* group and version */
    size_t len;
    atomic_size_t next;
};

static void run_loader(void *arg)
{
    struct loader *l = arg;
    for (;;) {
        size_t i = atomic_fetch_add(&l->next, 1);
        if (i >= l->len)
            return;
        (void)load_version(l->d, l->ctx, l->jobs[i][0], l->jobs[i][1], NULL);
    }
}

static void collect_jobs(struct discovery *d, struct loader *l)
{
    pthread_mutex_lock(&d->mu);
    for (size_t i = 0; i < d->index.len; i++) {
        const struct api_group *g = &d->index.v[i];
        for (size_t j = 0; j < g->len; j++) {
            if (is_loaded(d, &g->v[j]) || g->v[j].stale)
                continue;
            l->jobs = xreallocarray(l->jobs, l->len + 1, sizeof(*l->jobs));
            l->jobs[l->len][0] = xstrdup(g->name);
            l->jobs[l->len++][1] = xstrdup(g->v[j].version);
        }
    }
    pthread_mutex_unlock(&d->mu);
}

/* All versions that are known by name only. What fails is left out: one broken server behind the
 * API server must not hide the others. */
static void load_all(struct discovery *d, const struct opctx *ctx)
{
    for (int round = 0; round < ROUNDS; round++) {
        struct loader l = { .d = d, .ctx = ctx };
        collect_jobs(d, &l);
        pthread_t threads[16];
        size_t started = 0, want = (size_t)(d->threads < 16 ? d->threads : 16);
        while (started + 1 < want && started + 1 < l.len &&
               thread_start(&threads[started], "discovery", run_loader, &l, NULL) == 0)
            started++;
        run_loader(&l);
        for (size_t i = 0; i < started; i++)
            pthread_join(threads[i], NULL);
        for (size_t i = 0; i < l.len; i++) {
            free(l.jobs[i][0]);
            free(l.jobs[i][1]);
        }
        free(l.jobs);
    }
}

struct wanted {
    char *name, *rest; /* "deployments", "apps" or "v1.apps"; rest NULL: any group */
};

static bool wants_group(const struct wanted *w, const char *group, const char *version)
{
    if (!w->rest || strcmp(w->rest, group) == 0)
        return true;
    size_t len = strlen(version);
    return strncmp(w->rest, version, len) == 0 && w->rest[len] == '.' &&
           strcmp(w->rest + len + 1, group) == 0;
}

static bool has_name(const struct wanted *w, const struct api_resource *r, bool by_short_name)
{
    if (by_short_name)
        return strv_has(&r->short_names, w->name);
    return str_eq_nocase(r->name, w->name) || str_eq_nocase(r->singular, w->name) ||
           str_eq_nocase(r->kind, w->name);
}

static json *give_candidate(const char *group, const char *version, const struct api_resource *r)
{
    json *verbs = json_new_array();
    for (size_t i = 0; i < r->verbs.len; i++)
        json_append(verbs, json_new_str(r->verbs.v[i]));
    return json_make("{'group':%s,'version':%s,'resource':%s,'kind':%s,'namespaced':%b,"
                     "'verbs':%j}",
                     group, version, r->name, r->kind, r->namespaced, verbs);
}

/* Where in its group the first version stands whose server answers. */
static size_t preferred(const struct api_group *g)
{
    for (size_t i = 0; i < g->len; i++) {
        if (!g->v[i].stale)
            return i;
    }
    return 0;
}

static void add_candidates(const struct discovery *d, const struct wanted *w, bool by_short_name,
                           bool of_preferred, json *to)
{
    for (size_t i = 0; i < d->index.len; i++) {
        const struct api_group *g = &d->index.v[i];
        for (size_t j = 0; j < g->len; j++) {
            const struct api_version *v = &g->v[j];
            if ((j == preferred(g)) != of_preferred || !wants_group(w, g->name, v->version))
                continue;
            for (size_t r = 0; r < v->len; r++) {
                if (has_name(w, &v->v[r], by_short_name))
                    json_append(to, give_candidate(g->name, v->version, &v->v[r]));
            }
        }
    }
}

/* Names before short names, preferred versions before others. */
static json *give_candidates(struct discovery *d, const struct wanted *w)
{
    json *list = json_new_array();
    pthread_mutex_lock(&d->mu);
    for (int by_short_name = 0; by_short_name <= 1 && json_len(list) == 0; by_short_name++) {
        add_candidates(d, w, by_short_name, true, list);
        add_candidates(d, w, by_short_name, false, list);
    }
    pthread_mutex_unlock(&d->mu);
    return list;
}

static bool is_older_than_a_miss(struct discovery *d)
{
    pthread_mutex_lock(&d->mu);
    bool older = clock_mono_ns(d->clock) - d->known_ns >= MISS_KEPT_NS;
    pthread_mutex_unlock(&d->mu);
    return older;
}

static int resolve(struct discovery *d, const struct opctx *ctx, const struct wanted *w, json **ret,
                   struct error **err)
{
    if (ensure_known(d, ctx, err) < 0)
        return -1;
    load_all(d, ctx);
    *ret = give_candidates(d, w);
    if (json_len(*ret) > 0 || !is_older_than_a_miss(d))
        return 0;
    if (refresh(d, ctx, err) < 0)
        return -1;
    load_all(d, ctx);
    json_free(*ret);
    *ret = give_candidates(d, w);
    return 0;
}

int discovery_resolve(struct discovery *d, const struct opctx *ctx, const char *resource,
                      json **ret, struct error **err)
{
    if (!resource || !*resource)
        return error_set(err, ERR_INVALID, "a resource is needed");
    const char *dot = strchr(resource, '.');
    cleanup_free char *name =
        dot ? xstrndup(resource, (size_t)(dot - resource)) : xstrdup(resource);
    cleanup_free char *rest = dot ? xstrdup(dot + 1) : NULL;
    cleanup_json json *list = NULL;
    if (resolve(d, ctx, &(struct wanted){ .name = name, .rest = rest }, &list, err) < 0)
        return -1;
    if (json_len(list) == 0)
        return fail_no_match(err, resource);
    *ret = take(list);
    return 0;
}

/* ---- a version ---- */

int discovery_has_version(struct discovery *d, const struct opctx *ctx, const char *group,
                          const char *version, bool *ret, struct error **err)
{
    cleanup_error struct error *e = NULL;
    if (load_version(d, ctx, group, version, &e) == 0)
        *ret = true;
    else if (error_is(e, ERR_NOT_FOUND))
        *ret = false;
    else
        return error_move(err, &e);
    return 0;
}

void discovery_forget(struct discovery *d)
{
    pthread_mutex_lock(&d->mu);
    api_index_release(&d->index);
    d->known = false;
    map_clear(d->asked);
    pthread_mutex_unlock(&d->mu);
}

#define RESOURCE_BYTES 400 /* with its texts, lists of verbs and the allocator's share */
#define ROW_BYTES 300

size_t discovery_footprint(struct discovery *d)
{
    size_t resources = 0;
    pthread_mutex_lock(&d->mu);
    for (size_t i = 0; i < d->index.len; i++)
        for (size_t j = 0; j < d->index.v[i].len; j++)
            resources += d->index.v[i].v[j].len;
    size_t rows = map_len(d->rows);
    pthread_mutex_unlock(&d->mu);
    return sizeof(*d) + resources * RESOURCE_BYTES + rows * ROW_BYTES;
}
