#include "rp/cluster/cluster.h"

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/database/openshiftclusters.h"

/* ---- reading ---- */

const char *cluster_text(const struct cluster *c, const char *path)
{
    cleanup_free char *full = xasprintf(PROPERTIES "%s", path);
    return json_path_str(c->doc, full);
}

const char *cluster_text_or_empty(const struct cluster *c, const char *path)
{
    const char *text = cluster_text(c, path);
    return text ? text : "";
}

enum cluster_layout cluster_layout(const struct cluster *c)
{
    return json_path_int(c->doc, PROPERTIES "architectureVersion", 0) == 0 ? LAYOUT_V1 : LAYOUT_V2;
}

bool cluster_has_identities(const struct cluster *c)
{
    return json_path(c->doc, PROPERTIES "platformWorkloadIdentityProfile") != NULL;
}

bool cluster_is_public(const struct cluster *c, const char *visibility_path)
{
    return str_eq(cluster_text(c, visibility_path), "Public");
}

const char *cluster_doc_id(const struct cluster *c)
{
    const char *id = json_path_str(c->doc, "id");
    return id ? id : "";
}

const char *cluster_resource_id(const struct cluster *c)
{
    const char *id = json_path_str(c->doc, "openShiftCluster.id");
    return id ? id : c->job.key;
}

const char *cluster_location(const struct cluster *c)
{
    const char *location = json_path_str(c->doc, "openShiftCluster.location");
    return location ? location : "";
}

const char *cluster_subscription_id(const struct cluster *c)
{
    const char *id = json_path_str(c->doc, "partitionKey");
    return id ? id : "";
}

const char *cluster_tenant_id(const struct cluster *c)
{
    const char *id = json_path_str(c->job.subscription, "subscription.properties.tenantId");
    return id ? id : "";
}

/* ---- writing ---- */

int cluster_patch(struct cluster *c, const struct opctx *ctx, document_mutate mutate, void *arg,
                  struct error **err)
{
    cleanup_document struct document d = { 0 };
    if (openshiftclusters_patch_with_lease(ctx, c->job.db, c->job.key, c->job.lease, mutate, arg,
                                           &d, err) < 0)
        return -1;
    json_free(c->doc);
    c->doc = take(d.tree);
    return 0;
}

struct member {
    struct cluster *c;
    const struct opctx *ctx;
    const char *path; /* whole */
    const char *value;
    const struct secret *secret;
};

static int put_text(json *tree, void *arg, struct error **err)
{
    const struct member *m = arg;
    return json_set_str(tree, m->path, m->value, err);
}

int cluster_set_text(struct cluster *c, const struct opctx *ctx, const char *path,
                     const char *value, struct error **err)
{
    cleanup_free char *full = xasprintf(PROPERTIES "%s", path);
    struct member m = { .path = full, .value = value };
    if (str_eq(json_path_str(c->doc, full), value))
        return 0;
    return cluster_patch(c, ctx, put_text, &m, err);
}

static int put_secret(json *tree, void *arg, struct error **err)
{
    const struct member *m = arg;
    return database_put_sealed(m->ctx, m->c->job.db, tree, m->path, m->secret, err);
}

int cluster_set_secret(struct cluster *c, const struct opctx *ctx, const char *path,
                       const struct secret *value, struct error **err)
{
    cleanup_free char *full = xasprintf(PROPERTIES "%s", path);
    struct member m = { .c = c, .ctx = ctx, .path = full, .secret = value };
    return cluster_patch(c, ctx, put_secret, &m, err);
}

int cluster_open_secret(struct cluster *c, const struct opctx *ctx, const char *path,
                        struct secret **ret, struct error **err)
{
    const char *sealed = cluster_text(c, path);
    *ret = NULL;
    if (!sealed || !*sealed)
        return 0;
    if (database_open_sealed(ctx, c->job.db, sealed, ret, err) < 0)
        return error_wrap(err, "opening properties.%s", path);
    return 0;
}
