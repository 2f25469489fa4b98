/* Registrations: what a cluster's document says, as SyncSets is told of it. */
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/hive/hive_impl.h"

#define CLUSTERS "clusters"
#define NAMESPACES "namespaces"
#define LABEL "hive.openshift.io/"
#define RESOURCE_ID "aro.openshift.io/resource-id"
#define LOG_FIELDS LABEL "additional-log-fields"
#define WRITE_TRIES 5

char *hive_give_namespace(const char *document_id)
{
    return xasprintf("aro-%s", document_id);
}

/* 0 also when it fails with that kind. */
static int send_unless(struct hive *h, const struct opctx *ctx, const struct syncsets_call *call,
                       enum err_kind fine, struct error **err)
{
    struct error *e = NULL;
    if (syncsets_send(h->client, ctx, call, NULL, NULL, &e) == 0 || error_is(e, fine)) {
        error_free(e);
        return 0;
    }
    return error_move(err, &e);
}

int hive_ensure_namespace(struct hive *h, const struct opctx *ctx, const char *nspace,
                          struct error **err)
{
    cleanup_json json *body = json_make("{'metadata':{'name':%s}}", nspace);
    const struct syncsets_call call = { .method = "POST", .plural = NAMESPACES, .body = body };
    return send_unless(h, ctx, &call, ERR_EXISTS, err);
}

/* ---- what is told ---- */

/* "4.14" of "4.14.16-rc.1" for n = 2, as far as there are numbers; owned. */
static char *give_numbers(const char *version, int n)
{
    size_t len = 0;
    for (; n > 0; n--) {
        size_t digits = strspn(version + len, "0123456789");
        if (digits == 0)
            return NULL;
        len += digits;
        if (n > 1 && version[len++] != '.')
            return NULL;
    }
    return xstrndup(version, len);
}

static void add_labels(json *labels, const struct hive_cluster *cluster)
{
    static const char *const versions[] = { LABEL "version-major", LABEL "version-major-minor",
                                            LABEL "version-major-minor-patch" };
    json_put(labels, LABEL "cluster-platform", json_new_str("azure"));
    if (cluster->location && *cluster->location)
        json_put(labels, LABEL "cluster-region", json_new_str(cluster->location));
    for (int i = 0; i < (int)ARRAY_LEN(versions); i++) {
        cleanup_free char *text = give_numbers(cluster->version ? cluster->version : "", i + 1);
        if (text)
            json_put(labels, versions[i], json_new_str(text));
    }
}

static void add_annotations(json *annotations, const struct hive_cluster *cluster)
{
    if (cluster->resource_id)
        json_put(annotations, RESOURCE_ID, json_new_str(cluster->resource_id));
    if (cluster->correlation) {
        cleanup_free char *text = json_give_sorted(cluster->correlation);
        json_put(annotations, LOG_FIELDS, json_new_str(text));
    }
}

/* A copy of what others gave it; owned. */
static json *give_kept(const json *live, const char *path)
{
    json *kept = json_give_copy(json_path(live, path));
    return kept ? kept : json_new_object();
}

/* live: the cluster as SyncSets has it, what others wrote into it included; NULL: it has none. Owned; it holds the kubeconfig. */
static json *give_cluster(const struct hive_cluster *cluster, const json *live, int64_t now_ns)
{
    char now[TIME_TEXT_MAX];
    time_rfc3339(now_ns, now);
    json *spec = give_kept(live, "spec");
    json_put(spec, "kubeconfig", json_new_str(secret_reveal(cluster->kubeconfig, NULL)));
    json_put(spec, "installed", json_new_bool(true));
    if (!json_path_str(spec, "installedTimestamp"))
        json_put(spec, "installedTimestamp", json_new_str(now));
    if (cluster->api_url)
        json_put(spec, "apiURLOverride", json_new_str(cluster->api_url));
    if (cluster->api_ip)
        json_put(spec, "apiServerIPOverride", json_new_str(cluster->api_ip));
    json *labels = give_kept(live, "metadata.labels");
    json *annotations = give_kept(live, "metadata.annotations");
    add_labels(labels, cluster);
    add_annotations(annotations, cluster);
    return json_make("{'metadata':{'name':%s,'namespace':%s,'labels':%j,'annotations':%j},"
                     "'spec':%j}",
                     HIVE_CLUSTER, cluster->nspace, labels, annotations, spec);
}

/* *ret NULL: there is none. */
static int read_live(struct hive *h, const struct opctx *ctx, const char *nspace, json **ret,
                     struct error **err)
{
    const struct syncsets_call call = {
        .method = "GET", .plural = CLUSTERS, .nspace = nspace, .name = HIVE_CLUSTER
    };
    struct error *e = NULL;
    if (syncsets_send(h->client, ctx, &call, ret, NULL, &e) == 0)
        return 0;
    if (!error_is(e, ERR_NOT_FOUND))
        return error_move(err, &e);
    error_free(e);
    return 0;
}

/* What is there is replaced as it was read, or not at all: ERR_CONFLICT, or ERR_NOT_FOUND when it is there no more. */
static int write_cluster(struct hive *h, const struct opctx *ctx,
                         const struct hive_cluster *cluster, const json *live, struct error **err)
{
    cleanup_json_wiped json *body = give_cluster(cluster, live, clock_wall_ns(ctx->clock));
    const struct syncsets_call call = { .method = "PUT",
                                        .plural = CLUSTERS,
                                        .nspace = cluster->nspace,
                                        .name = HIVE_CLUSTER,
                                        .query = { { "upsert", live ? NULL : "true" } },
                                        .body = body,
                                        .if_match =
                                            json_path_str(live, "metadata.resourceVersion") };
    return syncsets_send(h->client, ctx, &call, NULL, NULL, err);
}

int hive_register(struct hive *h, const struct opctx *ctx, const struct hive_cluster *cluster,
                  struct error **err)
{
    for (int try = 1;; try++) {
        cleanup_json json *live = NULL;
        struct error *e = NULL;
        if (read_live(h, ctx, cluster->nspace, &live, err) < 0)
            return -1;
        if (write_cluster(h, ctx, cluster, live, &e) == 0)
            return 0;
        bool overtaken = live && (error_is(e, ERR_CONFLICT) || error_is(e, ERR_NOT_FOUND));
        if (!overtaken || try == WRITE_TRIES)
            return error_move(err, &e);
        error_free(e);
    }
}

int hive_deregister(struct hive *h, const struct opctx *ctx, const char *nspace, struct error **err)
{
    const struct syncsets_call cluster = {
        .method = "DELETE", .plural = CLUSTERS, .nspace = nspace, .name = HIVE_CLUSTER
    };
    const struct syncsets_call all = { .method = "DELETE", .plural = NAMESPACES, .name = nspace };
    struct error *e = NULL;
    if (send_unless(h, ctx, &cluster, ERR_NOT_FOUND, err) < 0)
        return -1;
    /* Sets and secrets are their owners' to take away; with them the namespace stays. */
    if (send_unless(h, ctx, &all, ERR_NOT_FOUND, &e) < 0 && !error_is(e, ERR_CONFLICT))
        return error_move(err, &e);
    error_free(e);
    return 0;
}
