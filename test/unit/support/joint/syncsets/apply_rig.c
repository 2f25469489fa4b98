#include "test/unit/support/joint/syncsets/apply_rig.h"

#include <string.h>

#include "pkg/base/file.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/net/server.h"
#include "test/unit/support/joint/syncsets/apply_rig_proxy.h"

#define KUBECONFIG "SYNCSETS_APPLY_KUBECONFIG"
#define FAULTS "SYNCSETS_APPLY_FAULTS"
#define FILE_MAX ((size_t)1 << 20)
#define WATCHED_MS 60000

/* A macro, so that err is read behind the call that sets it. */
#define must(call, err) \
    do { \
        if ((call) < 0) \
            fail_msg("%s", error_text(err)); \
    } while (0)

/* ---- the cluster ---- */

void rig_count_one(struct rig_counts *n, const char *method)
{
    n->gets += strcmp(method, "GET") == 0;
    n->posts += strcmp(method, "POST") == 0;
    n->patches += strcmp(method, "PATCH") == 0;
    n->deletes += strcmp(method, "DELETE") == 0;
}

static bool intercept(void *arg, struct http_call *call)
{
    struct apply_rig *r = arg;
    const char *method = http_call_method(call), *path = http_call_path(call);
    int status = 0;
    (void)pthread_mutex_lock(&r->mu);
    rig_count_one(&r->counts, method);
    for (size_t i = 0; i < RIG_FAULTS_MAX && !status; i++) {
        struct rig_fault *f = &r->faults[i];
        if (!f->times || strcmp(f->method, method) != 0 || !str_ends(path, f->path))
            continue;
        f->times--;
        status = f->status;
    }
    (void)pthread_mutex_unlock(&r->mu);
    if (!status)
        return false;
    cleanup_free char *body = rig_give_refusal(status);
    http_call_reply(call, status, "application/json", body);
    return true;
}

static void open_virtual(struct apply_rig *r, int minor)
{
    struct error *err = NULL;
    static const char *const groups[] = { "system:masters", NULL };
    struct cluster_config cfg = { .minor = minor, .clock = clock_system(), .rng = rng_system() };
    must(cluster_new(&cfg, &r->cluster, &err), err);
    struct cluster_server_config server = {
        .address = "127.0.0.1", .workers = 4, .intercept = intercept, .intercept_arg = r
    };
    must(cluster_server_start(r->cluster, &server, &r->server, &err), err);
    cleanup_free char *url =
        xasprintf("https://127.0.0.1:%u", (unsigned)cluster_server_port(r->server));
    must(cluster_give_kubeconfig(r->cluster, url, "admin", groups, &r->kubeconfig, &err), err);
}

static void open_real(struct apply_rig *r, const char *path)
{
    struct error *err = NULL;
    const char *faults = env_get(env_process(), FAULTS);
    size_t len;
    must(file_read(path, FILE_MAX, &r->kubeconfig, &len, &err), err);
    if (!faults)
        fail_msg("with " KUBECONFIG " " FAULTS " is needed, too");
    rig_proxy_open(r, faults);
}

void rig_target(const struct apply_rig *r, struct sets_target *ret)
{
    *ret = (struct sets_target){ .uid = "u",
                                 .kubeconfig = r->kubeconfig,
                                 .kubeconfig_len = strlen(r->kubeconfig) };
}

static int setup(void **state, int minor)
{
    struct apply_rig *r = xnew(struct apply_rig);
    struct error *err = NULL;
    const char *path = env_get(env_process(), KUBECONFIG);
    *state = r;
    (void)pthread_mutex_init(&r->mu, NULL);
    fake_env_init(&r->env);
    r->ctx = opctx_root(clock_system(), rng_system(), NULL, NULL);
    must(http_client_new(
             &(struct http_client_config){ .clock = clock_system(), .env = &r->env.base }, &r->http,
             &err),
         err);
    if (path && *path)
        open_real(r, path);
    else
        open_virtual(r, minor);
    struct sets_remotes_config cfg = { .http = r->http,
                                       .clock = clock_system(),
                                       .rng = rng_system(),
                                       .env = &r->env.base,
                                       .dial_allowed = "127.0.0.0/8, ::1",
                                       .qps = 1000 };
    must(sets_remotes_new(&cfg, &r->remotes, &err), err);
    struct sets_target target;
    rig_target(r, &target);
    must(sets_remotes_get(r->remotes, &target, &r->remote, &err), err);
    must(kube_config_parse(r->kubeconfig, strlen(r->kubeconfig), NULL, &r->cfg, &err), err);
    struct kube_client_options opt = {
        .qps = -1, .clock = clock_system(), .rng = rng_system(), .env = &r->env.base
    };
    must(kube_client_new(r->http, r->cfg, &opt, &r->kube, &err), err);
    buf_init(&r->log, BUF_UNBOUNDED);
    return 0;
}

int apply_rig_setup(void **state)
{
    return setup(state, 20);
}

int apply_rig_setup_newest(void **state)
{
    return setup(state, CLUSTER_MINOR_NEWEST);
}

static void release(struct apply_object *o)
{
    const char *const texts[] = { o->group, o->version, o->kind, o->nspace, o->name };
    for (size_t k = 0; k < ARRAY_LEN(texts); k++)
        free((void *)(uintptr_t)texts[k]);
}

/* Takes the rows out that are marked. */
static void settle(struct apply_rig *r)
{
    size_t kept = 0;
    for (size_t i = 0; i < r->tracked_len; i++) {
        if (r->gone[i])
            release(&r->tracked[i]);
        else
            r->tracked[kept++] = r->tracked[i];
        r->gone[i] = false;
    }
    r->tracked_len = kept;
}

static void forget(struct apply_rig *r)
{
    for (size_t i = 0; i < r->tracked_len; i++)
        r->gone[i] = true;
    settle(r);
    apply_result_release(&r->last);
    r->last = (struct apply_result){ 0 };
    free(take(r->applied_hash));
    error_clear(&r->ended);
    buf_clear(&r->log);
}

int apply_rig_teardown(void **state)
{
    struct apply_rig *r = *state;
    forget(r);
    buf_release(&r->log);
    free(r->ns);
    kube_client_free(r->kube);
    kube_config_free(r->cfg);
    sets_remote_put(r->remote);
    sets_remotes_free(r->remotes);
    if (r->server)
        cluster_server_stop(r->server);
    cluster_free(r->cluster);
    rig_proxy_close(r);
    free(r->mark);
    http_client_free(r->http);
    fake_env_release(&r->env);
    free(r->kubeconfig);
    (void)pthread_mutex_destroy(&r->mu);
    free(r);
    return 0;
}

int apply_rig_fresh(void **state)
{
    struct apply_rig *r = *state;
    char uuid[UUID_LEN + 1];
    forget(r);
    r->elsewhere = r->secret = NULL;
    r->cluster_json = "{'metadata':{'name':'c','namespace':'n','labels':{'env':'prod'}}}";
    r->begins_left = -1;
    r->mutations_left = -1;
    r->mutate_until_ns = CLOCK_NEVER;
    memset(r->faults, 0, sizeof(r->faults));
    if (r->control)
        rig_proxy_clear(r);
    free(r->ns);
    rng_uuid(rng_system(), uuid);
    r->ns = xasprintf("t%.8s", uuid);
    rig_make(r, "/api/v1/namespaces", "{'metadata':{'name':'NS'}}");
    rig_count_from_zero(r);
    return 0;
}

/* ---- texts ---- */

static char *give_text(const struct apply_rig *r, const char *text)
{
    struct buf b = BUF_INIT(BUF_UNBOUNDED);
    for (const char *p = text; *p; p++) {
        if (p[0] == 'N' && p[1] == 'S') {
            buf_adds(&b, r->ns);
            p++;
        } else {
            buf_addc(&b, *p == '\'' ? '"' : *p);
        }
    }
    buf_adds(&b, "");
    return buf_give(&b);
}

json *rig_tree(const struct apply_rig *r, const char *text)
{
    cleanup_free char *real = give_text(r, text);
    struct error *err = NULL;
    json *tree = NULL;
    must(json_parse(real, strlen(real), &tree, &err), err);
    return tree;
}

/* ---- what a store would keep ---- */

static size_t index_of(const struct apply_rig *r, const struct apply_object *o)
{
    size_t i = 0;
    while (i < r->tracked_len && !apply_same_object(&r->tracked[i], o, false))
        i++;
    return i;
}

static int intend(void *arg, const struct apply_object *objects, size_t len, struct error **err)
{
    struct apply_rig *r = arg;
    (void)err;
    for (size_t i = 0; i < len; i++) {
        const struct apply_object *o = &objects[i];
        buf_addf(&r->log, "+%s ", o->name);
        if (index_of(r, o) < r->tracked_len)
            continue;
        assert_true(r->tracked_len < RIG_TRACKED_MAX);
        r->tracked[r->tracked_len++] =
            (struct apply_object){ xstrdup(o->group),  xstrdup(o->version), xstrdup(o->kind),
                                   xstrdup(o->nspace), xstrdup(o->name),    true };
    }
    return 0;
}

static int applied(void *arg, const struct apply_object *o, struct error **err)
{
    struct apply_rig *r = arg;
    (void)err;
    buf_addf(&r->log, "=%s ", o->name);
    size_t i = index_of(r, o);
    assert_true(i < r->tracked_len);
    r->tracked[i].is_intended = false;
    return 0;
}

/* The array is what apply_set walks through: rows that go are marked and taken out afterwards. */
static int deleted(void *arg, const struct apply_object *o, struct error **err)
{
    struct apply_rig *r = arg;
    (void)err;
    buf_addf(&r->log, "-%s ", o->name);
    size_t i = index_of(r, o);
    assert_true(i < r->tracked_len);
    r->gone[i] = true;
    return 0;
}

static int may_begin(void *arg, struct error **err)
{
    struct apply_rig *r = arg;
    if (r->begins_left == 0)
        return error_set(err, ERR_CANCELLED, "it is time to stop");
    if (r->begins_left > 0)
        r->begins_left--;
    return 0;
}

static int may_mutate(void *arg, struct error **err)
{
    struct apply_rig *r = arg;
    if (r->mutations_left == 0)
        return error_set(err, ERR_CONFLICT, "the lease is lost");
    if (r->mutations_left > 0)
        r->mutations_left--;
    return 0;
}

static int64_t mutate_until_ns(void *arg)
{
    const struct apply_rig *r = arg;
    return r->mutate_until_ns;
}

static int is_wanted_elsewhere(void *arg, const struct apply_object *o, bool global, bool *ret,
                               struct error **err)
{
    const struct apply_rig *r = arg;
    (void)global;
    (void)err;
    *ret = r->elsewhere && strcmp(r->elsewhere, o->name) == 0;
    return 0;
}

static bool is_mark(void *arg, const char *mark)
{
    (void)arg;
    return strcmp(mark, "SyncSet/tenant/s") == 0;
}

static struct apply_tracker tracker(struct apply_rig *r)
{
    return (struct apply_tracker){ .arg = r,
                                   .intend = intend,
                                   .applied = applied,
                                   .deleted = deleted,
                                   .may_begin = may_begin,
                                   .may_mutate = may_mutate,
                                   .mutate_until_ns = mutate_until_ns,
                                   .is_wanted_elsewhere = is_wanted_elsewhere,
                                   .is_mark = is_mark };
}

static int find_secret(void *arg, const char *nspace, const char *name, json **ret,
                       struct error **err)
{
    struct apply_rig *r = arg;
    (void)nspace;
    (void)name;
    (void)err;
    *ret = r->secret ? rig_tree(r, r->secret) : NULL;
    return 0;
}

static void begin(struct apply_rig *r)
{
    apply_result_release(&r->last);
    r->last = (struct apply_result){ 0 };
    error_clear(&r->ended);
    buf_clear(&r->log);
}

bool rig_apply_as(struct apply_rig *r, const char *kind, const char *name, const char *spec)
{
    bool selects = strcmp(kind, "SyncSet") != 0;
    cleanup_free char *text = xasprintf("{'kind':'%s','metadata':{'name':'%s'%s},'spec':{%s}}",
                                        kind, name, selects ? "" : ",'namespace':'tenant'", spec);
    cleanup_json json *set = rig_tree(r, text), *cluster = rig_tree(r, r->cluster_json);
    cleanup_apply_plan struct apply_plan *plan = NULL;
    begin(r);
    if (apply_plan_make(set, cluster, find_secret, r, &plan, &r->ended) < 0)
        return false;
    struct apply_object before[RIG_TRACKED_MAX];
    memcpy(before, r->tracked, sizeof(before)); /* rows are added to the rig's own meanwhile */
    struct apply_state state = { before, r->tracked_len, r->applied_hash };
    struct apply_tracker t = tracker(r);
    struct opctx limited = opctx_with_timeout_ms(&r->ctx, WATCHED_MS * 3);
    if (apply_set(&limited, r->remote, plan, &state, &t, &r->last, &r->ended) < 0)
        return false;
    settle(r);
    free(r->applied_hash);
    r->applied_hash = r->last.failed ? NULL : xstrdup(apply_plan_hash(plan));
    return !r->last.failed;
}

bool rig_apply(struct apply_rig *r, const char *spec)
{
    return rig_apply_as(r, "SyncSet", "s", spec);
}

bool rig_delete_set(struct apply_rig *r, bool block_protected)
{
    struct apply_state state = { r->tracked, r->tracked_len, NULL };
    struct apply_tracker t = tracker(r);
    begin(r);
    if (apply_delete(&r->ctx, r->remote, block_protected, &state, &t, &r->last, &r->ended) < 0)
        return false;
    settle(r);
    return !r->last.failed;
}

void rig_must_apply(struct apply_rig *r, const char *spec)
{
    if (!rig_apply(r, spec))
        fail_msg("%s", r->ended ? error_text(r->ended) : r->last.message);
}

void rig_must_fail(struct apply_rig *r, const char *spec, const char *part)
{
    if (rig_apply(r, spec))
        fail_msg("it succeeds, instead of: %s", part);
    const char *message = r->ended ? error_text(r->ended) : r->last.message;
    if (!strstr(message, part))
        fail_msg("%s", message);
}

/* ---- straight to the cluster ---- */

int rig_ask(struct apply_rig *r, const char *method, const char *path, const char *content_type,
            const char *body, json **ret)
{
    cleanup_free char *real_path = give_text(r, path);
    cleanup_free char *text = body ? give_text(r, body) : NULL;
    struct kube_raw raw = { .method = method,
                            .path = real_path,
                            .content_type = content_type,
                            .body = text,
                            .body_len = text ? strlen(text) : 0 };
    cleanup_response struct http_response reply = { 0 };
    struct error *err = NULL;
    if (kube_send_raw(r->kube, &r->ctx, &raw, &reply, &err) < 0 && reply.status == 0)
        fail_msg("%s", error_text(err));
    error_free(err);
    if (ret)
        (void)json_parse(reply.body.data, reply.body.len, ret, NULL);
    return reply.status;
}

json *rig_get(struct apply_rig *r, const char *path)
{
    cleanup_json json *got = NULL;
    int status = rig_ask(r, "GET", path, NULL, NULL, &got);
    if (status != 200 && status != 404)
        fail_msg("GET %s: %d", path, status);
    return status == 200 ? take(got) : NULL;
}

void rig_make(struct apply_rig *r, const char *path, const char *body)
{
    cleanup_json json *got = NULL;
    int status = rig_ask(r, "POST", path, NULL, body, &got);
    if (status != 201)
        fail_msg("POST %s: %d %s", path, status, json_path_str(got, "message"));
}

void rig_merge(struct apply_rig *r, const char *path, const char *body)
{
    cleanup_json json *got = NULL;
    int status = rig_ask(r, "PATCH", path, "application/merge-patch+json", body, &got);
    if (status != 200)
        fail_msg("PATCH %s: %d %s", path, status, json_path_str(got, "message"));
}

void rig_check(struct apply_rig *r, const char *path, const char *at, const char *want)
{
    cleanup_json json *got = rig_get(r, path);
    if (!got)
        fail_msg("%s is absent", path);
    const json *value = json_path(got, at);
    cleanup_free char *text = json_kind(value) == JSON_STR ? xstrdup(json_str(value))
                              : value                      ? json_give_text(value)
                                                           : xstrdup("");
    cleanup_free char *wanted = give_text(r, want);
    cleanup_json json *tree = *want == '{' || *want == '[' ? rig_tree(r, want) : NULL;
    if (!tree || !json_equal(tree, value))
        assert_string_equal(text, wanted);
}

void rig_fail_requests(struct apply_rig *r, const char *method, const char *path, int status,
                       int times)
{
    if (r->control) {
        rig_proxy_fail(r, method, path, status, times);
        return;
    }
    (void)pthread_mutex_lock(&r->mu);
    size_t i = 0;
    while (i < RIG_FAULTS_MAX && r->faults[i].times)
        i++;
    assert_true(i < RIG_FAULTS_MAX);
    r->faults[i] = (struct rig_fault){ method, path, status, times };
    (void)pthread_mutex_unlock(&r->mu);
}

void rig_count_from_zero(struct apply_rig *r)
{
    if (r->control)
        rig_proxy_mark(r);
    (void)pthread_mutex_lock(&r->mu);
    r->counts = (struct rig_counts){ 0 };
    (void)pthread_mutex_unlock(&r->mu);
}

struct rig_counts rig_count(struct apply_rig *r)
{
    if (r->control)
        return rig_proxy_count(r);
    (void)pthread_mutex_lock(&r->mu);
    struct rig_counts n = r->counts;
    (void)pthread_mutex_unlock(&r->mu);
    return n;
}
