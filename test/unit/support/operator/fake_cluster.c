#include "test/unit/support/operator/fake_cluster.h"

#include <string.h>

#include "operator/flags.h"
#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/base/yaml.h"
#include "pkg/kube/informer_impl.h"
#include "pkg/kube/reflector.h"
#include "test/unit/support/test.h"

static char server[] = "https://api.test:6443";
static char nspace[] = "default";

/* ---- requests ---- */

/* "/apis/apps/v1/namespaces/n/daemonsets/x/status", in parts; all but path borrowed from it. */
struct target {
    char *path; /* of the object, without subresource and query */
    char *query;
    bool is_status, is_collection;
};

static char *give_query_value(const struct target *t, const char *name)
{
    cleanup_strv struct strv parts = STRV_INIT;
    strv_split(&parts, t->query ? t->query : "", "&", false);
    for (size_t i = 0; i < parts.len; i++) {
        size_t len = strlen(name);
        char *value = NULL;
        if (strncmp(parts.v[i], name, len) == 0 && parts.v[i][len] == '=') {
            assert_true(percent_parse(parts.v[i] + len + 1, &value));
            return value;
        }
    }
    return NULL;
}

/* Whether a path names a collection: it has no segment behind the resource. */
static bool names_collection(const char *path)
{
    cleanup_strv struct strv s = STRV_INIT;
    strv_split(&s, path, "/", false);
    size_t at = strcmp(s.v[0], "api") == 0 ? 2 : 3;
    if (at + 2 < s.len && strcmp(s.v[at], "namespaces") == 0)
        at += 2;
    return at + 1 >= s.len;
}

static void target_init(struct target *t, const char *url)
{
    const char *path = url + strlen(server);
    const char *query = strchr(path, '?');
    *t = (struct target){ .path = query ? xstrndup(path, (size_t)(query - path)) : xstrdup(path),
                          .query = query ? xstrdup(query + 1) : NULL };
    if (str_ends(t->path, "/status")) {
        t->is_status = true;
        t->path[strlen(t->path) - strlen("/status")] = '\0';
    }
    t->is_collection = names_collection(t->path);
}

static void target_release(struct target *t)
{
    free(t->path);
    free(t->query);
}

static void reply(struct http_response *ret, int status, const json *body)
{
    *ret =
        (struct http_response){ .status = status, .version = 20, .body = BUF_INIT(BUF_UNBOUNDED) };
    http_headers_add(&ret->headers, "Content-Type", "application/json");
    json_write(&ret->body, body);
}

static void refuse(struct http_response *ret, int status, const char *reason)
{
    cleanup_json json *body = json_make("{'kind':'Status','apiVersion':'v1','metadata':{},"
                                        "'status':'Failure','message':%s,'reason':%s,'code':%d}",
                                        reason, reason, status);
    reply(ret, status, body);
}

static json *find(struct fake_cluster *f, const char *path)
{
    return json_get(f->objects, path);
}

/* ---- lists ---- */

static bool matches_label(const json *object, const char *selector)
{
    const char *equals = strchr(selector, '=');
    cleanup_free char *key =
        equals ? xstrndup(selector, (size_t)(equals - selector)) : xstrdup(selector);
    json *labels = json_path(object, "metadata.labels");
    return equals ? str_eq(json_str(json_get(labels, key)), equals + 1) : json_has(labels, key);
}

/* Collection ".../daemonsets", over all namespaces when it names none. */
static bool is_member(const char *collection, const char *path)
{
    const char *resource = strrchr(collection, '/') + 1;
    const char *name = strrchr(path, '/');
    size_t parent = (size_t)(name - path);
    size_t len = strlen(collection);
    if (parent == len && strncmp(path, collection, len) == 0)
        return true;
    size_t base = (size_t)(resource - collection);
    return strncmp(path, collection, base) == 0 && str_starts(path + base, "namespaces/") &&
           parent > strlen(resource) &&
           strncmp(path + parent - strlen(resource), resource, strlen(resource)) == 0 &&
           path[parent - strlen(resource) - 1] == '/' && !strstr(collection, "/namespaces/");
}

static void answer_list(struct fake_cluster *f, const struct target *t, struct http_response *ret)
{
    cleanup_free char *labels = give_query_value(t, "labelSelector");
    cleanup_free char *fields = give_query_value(t, "fieldSelector");
    cleanup_free char *version = xasprintf("%lld", (long long)f->version);
    cleanup_json json *list = json_make(
        "{'kind':'List','apiVersion':'v1','metadata':{'resourceVersion':%s},'items':[]}", version);
    for (struct json_iter it = json_each(f->objects); json_next(&it);) {
        if (!is_member(t->path, it.key) || (labels && !matches_label(it.value, labels)))
            continue;
        if (fields &&
            !str_eq(fields + strlen("metadata.name="), json_path_str(it.value, "metadata.name")))
            continue;
        json_append(json_get(list, "items"), json_ref(it.value));
    }
    reply(ret, 200, list);
}

/* ---- writes ---- */

static void stamp(struct fake_cluster *f, json *object, const json *live)
{
    json *meta = json_get(object, "metadata");
    cleanup_free char *version = xasprintf("%lld", (long long)++f->version);
    cleanup_free char *uid = xasprintf("uid-%lld", (long long)f->version);
    bool changed = !live || !json_equal(json_get(live, "spec"), json_get(object, "spec"));
    int64_t generation = json_path_int(live, "metadata.generation", 0) + (changed ? 1 : 0);
    json_put(meta, "resourceVersion", json_new_str(version));
    json_put(meta, "generation", json_new_int(generation));
    if (live)
        json_put(meta, "uid", json_give_copy(json_path(live, "metadata.uid")));
    else if (!json_has(meta, "uid"))
        json_put(meta, "uid", json_new_str(uid));
}

static bool same_but_version(const json *a, const json *b)
{
    cleanup_json json *x = json_give_copy(a);
    cleanup_json json *y = json_give_copy(b);
    json_path_del(x, "metadata.resourceVersion");
    json_path_del(y, "metadata.resourceVersion");
    json_path_del(x, "metadata.generation");
    json_path_del(y, "metadata.generation");
    return json_equal(x, y);
}

/* Stores what comes of a write; nothing moves when nothing changes. object is consumed. */
static void store(struct fake_cluster *f, const struct target *t, json *object, bool dry_run,
                  int status, struct http_response *ret)
{
    json *live = find(f, t->path);
    if (live && same_but_version(live, object)) {
        reply(ret, status, live);
        json_free(object);
        return;
    }
    int64_t version = f->version;
    stamp(f, object, live);
    reply(ret, status, object);
    if (dry_run) {
        f->version = version;
        json_free(object);
        return;
    }
    json_put(f->objects, t->path, object);
}

static void answer_put(struct fake_cluster *f, const struct target *t, const json *body,
                       bool dry_run, struct http_response *ret)
{
    json *live = find(f, t->path);
    const char *version = json_path_str(body, "metadata.resourceVersion");
    if (!live) {
        refuse(ret, 404, "NotFound");
        return;
    }
    if (version && !str_eq(version, json_path_str(live, "metadata.resourceVersion"))) {
        refuse(ret, 409, "Conflict");
        return;
    }
    json *object = json_give_copy(t->is_status ? live : body);
    if (t->is_status && json_get(body, "status"))
        json_put(object, "status", json_give_copy(json_get(body, "status")));
    if (!t->is_status && json_get(live, "status"))
        json_put(object, "status", json_give_copy(json_get(live, "status")));
    if (f->defaults) {
        cleanup_json json *defaults = NULL;
        assert_int_equal(yaml_parse(f->defaults, strlen(f->defaults), &defaults, NULL), 0);
        object = json_give_merged(object, defaults);
    }
    if (!json_path(object, "metadata.uid"))
        json_put(json_get(object, "metadata"), "uid",
                 json_give_copy(json_path(live, "metadata.uid")));
    store(f, t, object, dry_run, 200, ret);
}

static void answer_patch(struct fake_cluster *f, const struct target *t, const json *body,
                         bool apply, bool dry_run, struct http_response *ret)
{
    json *live = find(f, t->path);
    if (!live && !apply) {
        refuse(ret, 404, "NotFound");
        return;
    }
    json *merged = live ? json_give_merged(json_give_copy(live), body) : json_give_copy(body);
    store(f, t, merged, dry_run, live ? 200 : 201, ret);
}

static void answer_post(struct fake_cluster *f, struct target *t, const json *body, bool dry_run,
                        struct http_response *ret)
{
    char *path = xasprintf("%s/%s", t->path, json_path_str(body, "metadata.name"));
    free(t->path);
    t->path = path;
    if (find(f, path))
        refuse(ret, 409, "AlreadyExists");
    else
        store(f, t, json_give_copy(body), dry_run, 201, ret);
}

static void answer_delete(struct fake_cluster *f, const struct target *t, struct http_response *ret)
{
    cleanup_json json *done = json_make("{'kind':'Status','apiVersion':'v1','status':'Success'}");
    if (!json_del(f->objects, t->path)) {
        refuse(ret, 404, "NotFound");
        return;
    }
    f->version++;
    reply(ret, 200, done);
}

/* ---- the transport ---- */

static bool answer_fault(struct fake_cluster *f, const char *line, struct http_response *ret)
{
    for (size_t i = 0; i < f->faults_len; i++) {
        struct fake_fault *fault = &f->faults[i];
        if (fault->times == 0 || !strstr(line, fault->match))
            continue;
        fault->times--;
        refuse(ret, fault->status, fault->reason);
        return true;
    }
    return false;
}

static void answer(struct fake_cluster *f, const struct http_request *req, struct target *t,
                   struct http_response *ret)
{
    cleanup_free char *dry = give_query_value(t, "dryRun");
    cleanup_free char *line =
        xasprintf("%s %s%s", req->method, t->path, t->is_status ? "/status" : "");
    cleanup_json json *body = NULL;
    bool is_read = strcmp(req->method, "GET") == 0;
    if (is_read)
        f->reads++;
    else
        strv_addf(&f->writes, "%s%s", line, dry ? " (dry run)" : "");
    if (answer_fault(f, line, ret))
        return;
    if (req->body)
        assert_int_equal(json_parse(req->body, req->body_len, &body, NULL), 0);
    const char *type = http_headers_get(&req->headers, "Content-Type");
    if (is_read && t->is_collection)
        answer_list(f, t, ret);
    else if (is_read && find(f, t->path))
        reply(ret, 200, find(f, t->path));
    else if (is_read)
        refuse(ret, 404, "NotFound");
    else if (strcmp(req->method, "PUT") == 0)
        answer_put(f, t, body, dry, ret);
    else if (strcmp(req->method, "POST") == 0)
        answer_post(f, t, body, dry, ret);
    else if (strcmp(req->method, "PATCH") == 0)
        answer_patch(f, t, body, strstr(type, "apply-patch") != NULL, dry, ret);
    else if (strcmp(req->method, "DELETE") == 0)
        answer_delete(f, t, ret);
    else
        fail_msg("%s is not known here", req->method);
}

/* A reader that takes bytes as they come gets them all at once. */
static int feed_sink(const struct http_request *req, struct http_response *ret, struct error **err)
{
    if (!req->sink || !req->sink->on_head(req->sink, ret))
        return 0;
    int rcode = req->sink->on_data(req->sink, ret->body.data, ret->body.len, err);
    buf_clear(&ret->body);
    return rcode;
}

static int send_request(struct http_transport *transport, const struct opctx *ctx,
                        const struct http_request *req, struct http_response *ret,
                        struct error **err)
{
    struct fake_cluster *f = container_of(transport, struct fake_cluster, transport);
    struct target t;
    (void)ctx;
    assert_true(str_starts(req->url, server));
    target_init(&t, req->url);
    cleanup_free char *watch = give_query_value(&t, "watch");
    int rcode = 0;
    if (watch) {
        stop_request(f->watch_stop);
        *ret = (struct http_response){ 0 };
        rcode = error_set(err, ERR_CANCELLED, "the cache is filled");
    } else {
        answer(f, req, &t, ret);
        rcode = feed_sink(req, ret, err);
    }
    target_release(&t);
    return rcode;
}

/* ---- the surroundings ---- */

void fake_cluster_init(struct fake_cluster *f)
{
    *f = (struct fake_cluster){ .transport = { .send = send_request },
                                .objects = json_new_object(),
                                .version = 1000,
                                .config = { .server = server, .nspace = nspace } };
    fake_clock_init(&f->clock);
    atomic_store(&f->clock.auto_advance, true);
    fake_rng_init(&f->rng, 1);
    fake_env_init(&f->env);
    log_capture_init(&f->capture, &f->clock.base);
    f->log = log_root(&f->capture.base);
    f->metrics = metrics_new();
    f->stop = stop_new(NULL);
    f->ctx = opctx_root(&f->clock.base, &f->rng.base, f->stop, &f->log);
    assert_int_equal(
        settings_load(operator_settings, SETTING_COUNT, &f->env.base, f->settings, NULL), 0);
    const struct kube_client_options opt = {
        .qps = -1, .clock = &f->clock.base, .rng = &f->rng.base, .env = &f->env.base, .log = &f->log
    };
    assert_int_equal(kube_client_new_over(&f->transport, &f->config, &opt, &f->kube, NULL), 0);
    f->sv = (struct services){ .role = ROLE_MASTER,
                               .version = "c0ffee",
                               .kube = f->kube,
                               .clock = &f->clock.base,
                               .rng = &f->rng.base,
                               .env = &f->env.base,
                               .log = &f->log,
                               .metrics = f->metrics,
                               .settings = f->settings };
}

void fake_cluster_release(struct fake_cluster *f)
{
    kube_client_free(f->kube);
    json_free(f->objects);
    strv_release(&f->writes);
    stop_unref(f->stop);
    metrics_free(f->metrics);
    log_capture_release(&f->capture);
    fake_env_release(&f->env);
    fake_clock_release(&f->clock);
}

static char *give_path(const struct gvr *gvr, const char *ns, const char *name)
{
    char *path = NULL;
    assert_int_equal(kube_give_path(KUBE_REF(gvr, ns, name), &path, NULL), 0);
    return path;
}

static const struct gvr *kind_of(const json *object)
{
    static const struct gvr others[] = {
        { "config.openshift.io", "v1", "infrastructures", "Infrastructure", false },
        { "config.openshift.io", "v1", "dnses", "DNS", false },
    };
    const char *api = json_path_str(object, "apiVersion");
    const char *kind = json_path_str(object, "kind");
    for (size_t i = 0; i < ARRAY_LEN(others); i++)
        if (str_eq(kind, others[i].kind) && str_starts(api, others[i].group))
            return &others[i];
    return gvr_find(api, kind);
}

void fake_cluster_put(struct fake_cluster *f, json *object)
{
    const struct gvr *gvr = kind_of(object);
    assert_non_null(gvr);
    cleanup_free char *path = give_path(gvr, json_path_str(object, "metadata.namespace"),
                                        json_path_str(object, "metadata.name"));
    stamp(f, object, find(f, path));
    json_put(f->objects, path, object);
}

void fake_cluster_add(struct fake_cluster *f, const char *text)
{
    cleanup_json json *all = NULL;
    struct error *err = NULL;
    if (yaml_parse_all(text, strlen(text), &all, &err) < 0)
        fail_msg("%s", error_text(err));
    for (size_t i = 0; i < json_len(all); i++)
        fake_cluster_put(f, json_ref(json_at(all, i)));
}

json *fake_cluster_get(struct fake_cluster *f, const struct gvr *gvr, const char *ns,
                       const char *name)
{
    cleanup_free char *path = give_path(gvr, ns, name);
    return find(f, path);
}

void fake_cluster_del(struct fake_cluster *f, const struct gvr *gvr, const char *ns,
                      const char *name)
{
    cleanup_free char *path = give_path(gvr, ns, name);
    assert_true(json_del(f->objects, path));
}

void fake_cluster_fail(struct fake_cluster *f, const char *match, int status, const char *reason,
                       int times)
{
    assert_true(f->faults_len < FAKE_FAULTS_MAX);
    f->faults[f->faults_len++] = (struct fake_fault){ match, reason, status, times };
}

size_t fake_cluster_writes(const struct fake_cluster *f, const char *part)
{
    size_t n = 0;
    for (size_t i = 0; i < f->writes.len; i++)
        if (strstr(f->writes.v[i], part) && !str_ends(f->writes.v[i], " (dry run)"))
            n++;
    return n;
}

void fake_cluster_must_not_write(const struct fake_cluster *f)
{
    for (size_t i = 0; i < f->writes.len; i++)
        if (!str_ends(f->writes.v[i], " (dry run)"))
            fail_msg("wrote %s", f->writes.v[i]);
}

void fake_cluster_forget_writes(struct fake_cluster *f)
{
    strv_release(&f->writes);
    f->writes = (struct strv)STRV_INIT;
}

/* ---- reconciling ---- */

static void fill(struct fake_cluster *f, const struct watch *w)
{
    struct informer *informer = watch_informer(&f->sv, w);
    if (informer_has_synced(informer))
        return;
    f->watch_stop = stop_new(NULL);
    struct opctx ctx = opctx_root(&f->clock.base, &f->rng.base, f->watch_stop, NULL);
    reflector_run(informer->reflector, &ctx);
    stop_unref(take(f->watch_stop));
    assert_true(informer_has_synced(informer));
}

int fake_cluster_reconcile(struct fake_cluster *f, const struct controller_desc *desc,
                           const char *key, struct result *ret, struct error **err)
{
    const struct watch cluster = WATCH_CLUSTER;
    const struct kube_cache_options opt = { .clock = &f->clock.base,
                                            .rng = &f->rng.base,
                                            .metrics = f->metrics };
    struct result ignored = { 0 };
    f->sv.cache = kube_cache_new(f->kube, &opt);
    fill(f, &cluster);
    for (size_t i = 0; i < desc->watches_len; i++)
        fill(f, &desc->watches[i]);
    int rcode = operator_reconcile_once(desc, &f->sv, &f->ctx, key ? key : CLUSTER_NAME,
                                        ret ? ret : &ignored, err);
    kube_cache_free(take(f->sv.cache));
    return rcode;
}

void fake_cluster_must(struct fake_cluster *f, const struct controller_desc *desc)
{
    struct error *err = NULL;
    if (fake_cluster_reconcile(f, desc, NULL, NULL, &err) < 0)
        fail_msg("%s: %s", desc->name, error_text(err));
}

int fake_cluster_setup(void **state)
{
    struct fake_cluster *f = xnew(struct fake_cluster);
    fake_cluster_init(f);
    *state = f;
    return 0;
}

int fake_cluster_teardown(void **state)
{
    fake_cluster_release(*state);
    free(*state);
    return 0;
}

static json *condition_of(struct fake_cluster *f, const char *type)
{
    return condition_find(fake_cluster_get(f, &GVR_CLUSTERS, NULL, CLUSTER_NAME), type);
}

const char *fake_cluster_condition(struct fake_cluster *f, const char *type)
{
    return json_path_str(condition_of(f, type), "status");
}

const char *fake_cluster_message(struct fake_cluster *f, const char *type)
{
    return json_path_str(condition_of(f, type), "message");
}

json *fake_cluster_give_cluster(void)
{
    json *flags = json_new_object();
    for (int i = 0; i < FLAG_COUNT; i++) {
        const struct flag_info *info = flag_info((enum operator_flag)i);
        if (*info->stamped)
            json_put(flags, info->key, json_new_str(info->stamped));
    }
    return json_make("{'apiVersion':'aro.openshift.io/v1alpha1','kind':'Cluster',"
                     "'metadata':{'name':'cluster','uid':'uid-cluster'},"
                     "'spec':{'resourceId':'/subscriptions/5/resourceGroups/RG/providers/"
                     "Microsoft.RedHatOpenShift/openShiftClusters/Name',"
                     "'clusterResourceGroupId':'/subscriptions/5/resourceGroups/aro-cluster',"
                     "'domain':'x7k2p.eastus.aroapp.io','acrDomain':'arosvc.azurecr.io',"
                     "'azEnvironment':'AzurePublicCloud','location':'eastus','infraId':'aro-x7k2p',"
                     "'architectureVersion':1,'internetChecker':{'urls':[]},'gatewayDomains':[],"
                     "'operatorflags':%j}}",
                     flags);
}
