/* Subresources, identities, watches and discovery. */
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "test/conformance/kube-client/check.h"

static int create(struct world *w, const struct gvr *gvr, json *obj, struct error **err)
{
    cleanup_json json *owned = obj;
    return kube_create(w->client, &w->ctx, KUBE_REF(gvr, gvr->namespaced ? w->nspace : NULL, NULL),
                       owned, NULL, NULL, err);
}

static json *give_deployment(void)
{
    return json_make("{'apiVersion':'apps/v1','kind':'Deployment','metadata':{'name':'d'},"
                     "'spec':{'replicas':1,'selector':{'matchLabels':{'a':'b'}},"
                     "'template':{'metadata':{'labels':{'a':'b'}},"
                     "'spec':{'containers':[{'name':'c','image':'i'}]}}}}");
}

static int check_scale(struct world *w, struct error **err)
{
    const struct kube_ref *ref = KUBE_REF(&GVR_DEPLOYMENTS, w->nspace, "d");
    cleanup_json json *got = NULL;
    if (create(w, &GVR_DEPLOYMENTS, give_deployment(), err) < 0 ||
        kube_scale(w->client, &w->ctx, ref, 3, err) < 0 ||
        kube_get(w->client, &w->ctx, ref, &got, err) < 0)
        return -1;
    return want_int(json_path_int(got, "spec.replicas", -1), 3, err);
}

static int check_status(struct world *w, struct error **err)
{
    const struct kube_ref *ref = KUBE_REF(&GVR_DEPLOYMENTS, w->nspace, "d");
    cleanup_json json *got = NULL;
    if (kube_get(w->client, &w->ctx, ref, &got, err) < 0 ||
        json_path_put(got, "spec.replicas", json_new_int(9), err) < 0 ||
        json_path_put(got, "status.observedGeneration", json_new_int(7), err) < 0 ||
        kube_update(w->client, &w->ctx, KUBE_STATUS(&GVR_DEPLOYMENTS, w->nspace, "d"), got, NULL,
                    NULL, err) < 0)
        return -1;
    cleanup_json json *after = NULL;
    if (kube_get(w->client, &w->ctx, ref, &after, err) < 0 ||
        want_int(json_path_int(after, "spec.replicas", -1), 3, err) < 0)
        return -1;
    return want_int(json_path_int(after, "status.observedGeneration", -1), 7, err);
}

static int check_evict(struct world *w, struct error **err)
{
    json *pod = json_make("{'apiVersion':'v1','kind':'Pod','metadata':{'name':'p'},"
                          "'spec':{'automountServiceAccountToken':false,"
                          "'containers':[{'name':'c','image':'i'}]}}");
    if (create(w, &GVR_PODS, pod, err) < 0 ||
        kube_evict(w->client, &w->ctx, w->nspace, "p", err) < 0)
        return -1;
    struct error *e = NULL;
    int rc = kube_get(w->client, &w->ctx, KUBE_REF(&GVR_PODS, w->nspace, "p"), NULL, &e);
    if (want_error(rc, &e, ERR_NOT_FOUND, NULL, err) < 0)
        return -1;
    return kube_evict(w->client, &w->ctx, w->nspace, "p", err); /* gone: done */
}

static int check_eviction_budget(struct world *w, struct error **err)
{
    const struct gvr *budgets = NULL;
    cleanup_json json *list = NULL;
    if (discovery_resolve(w->discovery, &w->ctx, "poddisruptionbudgets", &list, err) < 0)
        return -1;
    cleanup_free char *version = xasprintf("policy/%s", json_path_str(json_at(list, 0), "version"));
    if (discovery_find(w->discovery, &w->ctx, version, "PodDisruptionBudget", &budgets, err) < 0)
        return -1;
    json *budget = json_make("{'apiVersion':%s,'kind':'PodDisruptionBudget','metadata':"
                             "{'name':'b'},'spec':{'minAvailable':1,'selector':"
                             "{'matchLabels':{'guarded':'yes'}}}}",
                             version);
    json *pod = json_make("{'apiVersion':'v1','kind':'Pod','metadata':{'name':'g','labels':"
                          "{'guarded':'yes'}},'spec':{'automountServiceAccountToken':false,"
                          "'containers':[{'name':'c','image':'i'}]}}");
    if (create(w, budgets, budget, err) < 0 || create(w, &GVR_PODS, pod, err) < 0)
        return -1;
    /* A pod that does not run may be evicted whatever its budget says. */
    cleanup_json json *running = json_make("{'status':{'phase':'Running'}}");
    if (kube_patch(w->client, &w->ctx, KUBE_STATUS(&GVR_PODS, w->nspace, "g"), KUBE_PATCH_MERGE,
                   running, NULL, NULL, err) < 0)
        return -1;
    struct error *e = NULL;
    int rc = kube_evict(w->client, &w->ctx, w->nspace, "g", &e);
    return want_error(rc, &e, ERR_THROTTLED, "TooManyRequests", err);
}

/* ---- identities ---- */

static int check_token(struct world *w, struct error **err)
{
    cleanup_json json *token = NULL;
    json *account = json_make("{'apiVersion':'v1','kind':'ServiceAccount','metadata':"
                              "{'name':'s'}}");
    if (create(w, &GVR_SERVICEACCOUNTS, account, err) < 0 ||
        kube_request_token(w->client, &w->ctx, w->nspace, "s", NULL, 600, &token, err) < 0)
        return -1;
    const char *text = json_path_str(token, "status.token");
    if (!text)
        return error_set(err, ERR_INTERNAL, "no token in the answer");

    /* The account may read nothing: it is known by what it is forbidden. */
    struct kube_config cfg = *w->cfg;
    cfg.cert_pem = cfg.cert_file = cfg.key_file = NULL;
    cfg.key_pem = NULL;
    cleanup_secret struct secret *bearer = secret_new(text, strlen(text));
    cfg.token = bearer;
    const struct kube_client_options opt = { .clock = clock_system(),
                                             .rng = rng_system(),
                                             .env = env_process() };
    cleanup_kube_client struct kube_client *k = NULL;
    if (kube_client_new(w->http, &cfg, &opt, &k, err) < 0)
        return -1;
    struct error *e = NULL;
    int rc = kube_get(k, &w->ctx, KUBE_REF(&GVR_CONFIGMAPS, w->nspace, "made"), NULL, &e);
    bool by_name = e && strstr(error_text(e), ":s\" cannot get");
    if (want_error(rc, &e, ERR_FORBIDDEN, "Forbidden", err) < 0)
        return -1;
    return want_int(by_name, true, err);
}

static int check_bad_token(struct world *w, struct error **err)
{
    struct kube_config cfg = *w->cfg;
    cfg.cert_pem = cfg.cert_file = cfg.key_file = NULL;
    cfg.key_pem = NULL;
    cleanup_secret struct secret *bearer = secret_new("nonsense", 8);
    cfg.token = bearer;
    const struct kube_client_options opt = { .clock = clock_system(),
                                             .rng = rng_system(),
                                             .env = env_process() };
    cleanup_kube_client struct kube_client *k = NULL;
    if (kube_client_new(w->http, &cfg, &opt, &k, err) < 0)
        return -1;
    struct error *e = NULL;
    int rc = kube_get(k, &w->ctx, KUBE_REF(&GVR_CONFIGMAPS, w->nspace, "made"), NULL, &e);
    return want_error(rc, &e, ERR_UNAUTHORIZED, "Unauthorized", err);
}

static int check_impersonation(struct world *w, struct error **err)
{
    struct kube_config cfg = *w->cfg;
    cfg.as_user = (char[]){ "jane" };
    const struct kube_client_options opt = { .clock = clock_system(),
                                             .rng = rng_system(),
                                             .env = env_process() };
    cleanup_kube_client struct kube_client *k = NULL;
    if (kube_client_new(w->http, &cfg, &opt, &k, err) < 0)
        return -1;
    struct error *e = NULL;
    int rc = kube_get(k, &w->ctx, KUBE_REF(&GVR_CONFIGMAPS, w->nspace, "made"), NULL, &e);
    bool by_name = e && strstr(error_text(e), "User \"jane\" cannot get");
    if (want_error(rc, &e, ERR_FORBIDDEN, NULL, err) < 0)
        return -1;
    return want_int(by_name, true, err);
}

/* ---- a watch ---- */

struct collector {
    struct http_sink base;
    struct buf lines;
    int events, stop_at;
};

/* Ends the watch after enough events, with an error of its own. */
static int collect(struct http_sink *sink, const char *data, size_t len, struct error **err)
{
    struct collector *c = container_of(sink, struct collector, base);
    buf_add(&c->lines, data, len);
    for (size_t i = 0; i < len; i++)
        c->events += data[i] == '\n';
    return c->events >= c->stop_at ? error_set(err, ERR_EXISTS, "enough") : 0;
}

static int check_watch(struct world *w, struct error **err)
{
    cleanup_free char *path = xasprintf("/api/v1/namespaces/%s/configmaps", w->nspace);
    struct collector c = { .base = { .on_data = collect },
                           .lines = BUF_INIT((size_t)16 << 20),
                           .stop_at = 1 };
    const struct kube_raw raw = { .method = "GET",
                                  .path = path,
                                  .query = "watch=true&timeoutSeconds=30&resourceVersion=0"
                                           "&fieldSelector=metadata.name%3Dmade",
                                  .traffic = HTTP_CLASS_WATCH,
                                  .sink = &c.base,
                                  .unthrottled_first_try = true };
    cleanup_response struct http_response r = { 0 };
    struct error *e = NULL;
    int rc = kube_send_raw(w->client, &w->ctx, &raw, &r, &e);
    bool added = strstr(buf_str(&c.lines), "{\"type\":\"ADDED\"") != NULL;
    buf_release(&c.lines);
    if (want_error(rc, &e, ERR_EXISTS, NULL, err) < 0)
        return -1;
    return want_int(added, true, err);
}

static int check_watch_ends(struct world *w, struct error **err)
{
    cleanup_free char *path = xasprintf("/api/v1/namespaces/%s/secrets", w->nspace);
    struct collector c = { .base = { .on_data = collect },
                           .lines = BUF_INIT((size_t)16 << 20),
                           .stop_at = 1000 };
    const struct kube_raw raw = { .method = "GET",
                                  .path = path,
                                  .query = "watch=true&timeoutSeconds=1",
                                  .traffic = HTTP_CLASS_WATCH,
                                  .sink = &c.base };
    cleanup_response struct http_response r = { 0 };
    int rc = kube_send_raw(w->client, &w->ctx, &raw, &r, err);
    buf_release(&c.lines);
    return rc < 0 ? -1 : want_int(r.status, 200, err);
}

/* ---- discovery ---- */

static int check_discovery(struct world *w, struct error **err)
{
    const struct gvr *row = NULL;
    if (discovery_find(w->discovery, &w->ctx, "batch/v1", "Job", &row, err) < 0 ||
        want_text(row->resource, "jobs", err) < 0 || want_int(row->namespaced, true, err) < 0 ||
        discovery_find(w->discovery, &w->ctx, "v1", "Node", &row, err) < 0)
        return -1;
    return want_int(row->namespaced, false, err);
}

static int check_short_names(struct world *w, struct error **err)
{
    static const char *const words[][2] = { { "deploy", "deployments" },
                                            { "cm", "configmaps" },
                                            { "crd", "customresourcedefinitions" },
                                            { "Role.rbac.authorization.k8s.io", "roles" } };
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        cleanup_json json *list = NULL;
        if (discovery_resolve(w->discovery, &w->ctx, words[i][0], &list, err) < 0 ||
            want_text(json_path_str(json_at(list, 0), "resource"), words[i][1], err) < 0)
            return -1;
    }
    return 0;
}

static int check_no_match(struct world *w, struct error **err)
{
    const struct gvr *row = NULL;
    struct error *e = NULL;
    int rc = discovery_find(w->discovery, &w->ctx, "nowhere.test/v1", "Nothing", &row, &e);
    if (want_error(rc, &e, ERR_NOT_FOUND, "NoMatch", err) < 0)
        return -1;
    rc = discovery_find(w->discovery, &w->ctx, "v1", "Nothing", &row, &e);
    return want_error(rc, &e, ERR_NOT_FOUND, "NoMatch", err);
}

static int check_versions(struct world *w, struct error **err)
{
    bool has = false;
    if (discovery_has_version(w->discovery, &w->ctx, "apps", "v1", &has, err) < 0 ||
        want_int(has, true, err) < 0 ||
        discovery_has_version(w->discovery, &w->ctx, "apps", "v0", &has, err) < 0)
        return -1;
    return want_int(has, false, err);
}

static int check_logs_of_nothing(struct world *w, struct error **err)
{
    struct collector c = { .base = { .on_data = collect }, .lines = BUF_INIT(1 << 20) };
    struct error *e = NULL;
    int rc = kube_logs(w->client, &w->ctx, w->nspace, "absent",
                       &(struct kube_log_options){ .tail_lines = -1 }, &c.base, &e);
    buf_release(&c.lines);
    return want_error(rc, &e, ERR_NOT_FOUND, "NotFound", err);
}

const struct check server_checks[] = {
    { "scale changes the replicas", check_scale },
    { "a status update leaves the spec alone", check_status },
    { "a pod is evicted; one that is gone counts as such", check_evict },
    { "a disruption budget throttles eviction", check_eviction_budget },
    { "a requested token identifies its service account", check_token },
    { "a bad token is unauthorized", check_bad_token },
    { "impersonation", check_impersonation },
    { "a watch delivers events and can be ended by its sink", check_watch },
    { "a watch ends with its own time-out", check_watch_ends },
    { "kinds are found", check_discovery },
    { "words are resolved", check_short_names },
    { "unknown kinds do not match", check_no_match },
    { "versions: served and not", check_versions },
    { "logs of an absent pod are not found", check_logs_of_nothing },
};
const size_t server_checks_len = ARRAY_LEN(server_checks);
