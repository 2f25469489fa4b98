#include <stdlib.h>
#include <string.h>

#include "pkg/api/resource_id.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/database/openshiftclusters.h"
#include "rp/frontend/admin/common.h"
#include "rp/frontend/admin/handlers.h"
#include "rp/frontend/documents.h"
#include "rp/frontend/reply.h"

#define SCOPE "/admin/clusters"
#define READ_SIZE 100

static int read_all(struct request *req, const struct paging *p, const char *continuation,
                    struct document_page *ret, struct error **err)
{
    return openshiftclusters_list_all(req->ctx, req->f->cfg.database, p->size, continuation, ret,
                                      err);
}

int handle_admin_cluster_list(struct request *req, struct error **err)
{
    return clusters_reply_page(req, admin_version(), SCOPE, read_all, err);
}

/* ---- the flat list ---- */

static const struct filter {
    const char *parameter, *member;
    bool is_exact; /* but for letter case; else a part of it does */
} filters[] = {
    { "name", "name", false },
    { "subscription", "subscription", false },
    { "version", "version", false },
    { "created_by", "createdBy", false },
    { "provisioned_by", "provisionedBy", false },
    { "state", "provisioningState", true },
};

/* What is in an entry beside the parts of its resource ID; paths below openShiftCluster. */
static const struct {
    const char *member, *path;
} members[] = {
    { "resourceId", "id" },
    { "provisioningState", "properties.provisioningState" },
    { "failedProvisioningState", "properties.failedProvisioningState" },
    { "version", "properties.clusterProfile.version" },
    { "createdAt", "properties.createdAt" },
    { "createdBy", "properties.createdBy" },
    { "provisionedBy", "properties.provisionedBy" },
    { "lastModified", "systemData.lastModifiedAt" },
};

struct entry {
    char *order; /* the resource ID in lower case */
    json *item;
};

struct flat {
    char *wanted[ARRAY_LEN(filters)]; /* in lower case; NULL or "": anything */
    struct entry *v;
    size_t len, cap;
};

static void flat_release(struct flat *l)
{
    for (size_t i = 0; i < ARRAY_LEN(l->wanted); i++)
        free(l->wanted[i]);
    for (size_t i = 0; i < l->len; i++) {
        free(l->v[i].order);
        json_free(l->v[i].item);
    }
    free(l->v);
}
#define cleanup_flat CLEANUP_WITH(flat_release)

static void put(json *item, const char *member, const char *value)
{
    json_put(item, member, json_new_str(value ? value : ""));
}

static json *give_item(const json *document)
{
    const json *cluster = json_get(document, "openShiftCluster");
    const char *id = json_path_str(cluster, "id");
    cleanup_resource_id struct resource_id parts = { 0 };
    json *item = json_new_object();

    (void)resource_id_parse(id ? id : "", &parts, NULL);
    put(item, "key", json_path_str(document, "id"));
    put(item, "name", parts.name);
    put(item, "subscription", parts.subscription_id);
    put(item, "resourceGroup", parts.resource_group);
    for (size_t i = 0; i < ARRAY_LEN(members); i++)
        put(item, members[i].member, json_path_str(cluster, members[i].path));
    return item;
}

static bool is_wanted(const struct flat *l, const json *item)
{
    for (size_t i = 0; i < ARRAY_LEN(filters); i++) {
        const char *wanted = l->wanted[i];
        if (!wanted || !*wanted)
            continue;
        cleanup_free char *value = str_give_lower(json_path_str(item, filters[i].member));
        if (filters[i].is_exact ? !str_eq(value, wanted) : !strstr(value, wanted))
            return false;
    }
    return true;
}

static int add(struct request *req, const struct document *d, void *arg, struct error **err)
{
    struct flat *l = arg;
    cleanup_json json *item = give_item(d->tree);

    (void)req;
    (void)err;
    if (!is_wanted(l, item))
        return 0;
    if (l->len == l->cap) {
        l->cap = l->cap ? l->cap * 2 : READ_SIZE;
        l->v = xreallocarray(l->v, l->cap, sizeof(*l->v));
    }
    char *order = str_give_lower(json_path_str(item, "resourceId"));
    l->v[l->len++] = (struct entry){ order, take(item) };
    return 0;
}

static int compare(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    return strcmp(x->order, y->order);
}

int handle_admin_cluster_flat_list(struct request *req, struct error **err)
{
    const struct paging all = { .scope = SCOPE, .size = READ_SIZE, .read = read_all };
    cleanup_flat struct flat l = { 0 };
    cleanup_json json *list = json_new_array();

    for (size_t i = 0; i < ARRAY_LEN(filters); i++) {
        cleanup_free char *text = request_give_query(req, filters[i].parameter);
        l.wanted[i] = text ? str_give_lower(text) : NULL;
    }
    if (paging_each(req, &all, add, &l, err) < 0)
        return -1;
    if (l.len)
        qsort(l.v, l.len, sizeof(*l.v), compare);
    for (size_t i = 0; i < l.len; i++)
        json_append(list, json_ref(l.v[i].item));
    reply_json(req, 200, list);
    return 0;
}
