/* What a cluster has in Azure: all that lies in its managed group, and what it uses of the customer's. */
#include <string.h>

#include "pkg/azure/api_versions.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/frontend/admin/azure.h"
#include "rp/frontend/admin/handlers.h"
#include "rp/frontend/reply.h"

#define GROUP_VERSION "2021-04-01"

/* Types that are shown; of other ones Azure has no version that we know. */
static const struct resource_type {
    const char *type, *api_version;
    const char *query; /* more parameters; NULL: none */
} types[] = {
    { "Microsoft.Compute/diskEncryptionSets", "2020-06-30", NULL },
    { "Microsoft.Compute/disks", "2020-06-30", NULL },
    { "Microsoft.Compute/snapshots", "2020-06-30", NULL },
    { "Microsoft.Compute/virtualMachines", "2020-06-01", "$expand=instanceView" },
    { "Microsoft.Network/loadBalancers", API_VERSION_NETWORK, NULL },
    { "Microsoft.Network/networkInterfaces", API_VERSION_NETWORK, NULL },
    { "Microsoft.Network/networkSecurityGroups", API_VERSION_NETWORK, NULL },
    { "Microsoft.Network/privateDnsZones", API_VERSION_PRIVATE_DNS, NULL },
    { "Microsoft.Network/privateDnsZones/virtualNetworkLinks", API_VERSION_PRIVATE_DNS, NULL },
    { "Microsoft.Network/privateEndpoints", API_VERSION_NETWORK, NULL },
    { "Microsoft.Network/privateLinkServices", API_VERSION_NETWORK, NULL },
    { "Microsoft.Network/publicIPAddresses", API_VERSION_NETWORK, NULL },
    { "Microsoft.Network/routeTables", API_VERSION_NETWORK, NULL },
    { "Microsoft.Network/virtualNetworks", API_VERSION_NETWORK, NULL },
    { "Microsoft.Storage/storageAccounts", "2019-06-01", NULL },
};

static const struct resource_type *find_type(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(types); i++)
        if (str_eq_nocase(types[i].type, name))
            return &types[i];
    return NULL;
}

struct work {
    struct request *req;
    const struct azure_place *place;
    json *found; /* an array */
};

static int get(const struct work *w, const char *id, const struct resource_type *t, json **ret,
               struct error **err)
{
    const struct arm_call call = {
        .method = "GET", .path = id, .api_version = t->api_version, .query = t->query
    };
    return arm_send(w->place->arm, w->req->ctx, &call, ret, err);
}

/* ---- the customer's ---- */

/* NULL stays away, and so does what cannot be read: the others are worth showing. Borrowed; NULL. */
static const json *add_used(struct work *w, const char *id, const char *type)
{
    cleanup_error struct error *e = NULL;
    json *object = NULL;
    if (!id || !*id)
        return NULL;
    if (get(w, id, find_type(type), &object, &e) < 0) {
        log_warning(w->req->log, "resources: %s: %s", id, error_text(e));
        return NULL;
    }
    json_append(w->found, object);
    return object;
}

static void add_network(struct work *w, const char *id, const struct strv *subnets)
{
    cleanup_strv struct strv tables = STRV_INIT;
    const json *network = add_used(w, id, "Microsoft.Network/virtualNetworks");
    const json *list = json_path(network, "properties.subnets");
    for (size_t i = 0; i < json_len(list); i++) {
        const json *subnet = json_at(list, i);
        const char *table = json_path_str(subnet, "properties.routeTable.id");
        const char *subnet_id = json_path_str(subnet, "id");
        if (table && subnet_id && strv_has_nocase(subnets, subnet_id))
            strv_add_unique(&tables, table);
    }
    for (size_t i = 0; i < tables.len; i++)
        (void)add_used(w, tables.v[i], "Microsoft.Network/routeTables");
}

static void add_networks(struct work *w)
{
    static const char *const lists[] = { "properties.workerProfiles",
                                         "properties.workerProfilesStatus" };
    cleanup_strv struct strv subnets = STRV_INIT, networks = STRV_INIT;
    const char *master = json_path_str(w->place->cluster, "properties.masterProfile.subnetId");
    if (master)
        strv_add_unique(&subnets, master);
    for (size_t l = 0; l < ARRAY_LEN(lists); l++) {
        const json *list = json_path(w->place->cluster, lists[l]);
        for (size_t i = 0; i < json_len(list); i++)
            if (json_path_str(json_at(list, i), "subnetId"))
                strv_add_unique(&subnets, json_path_str(json_at(list, i), "subnetId"));
    }
    for (size_t i = 0; i < subnets.len; i++) {
        cleanup_free char *network = arm_id_give_parent(subnets.v[i]);
        if (network && !strv_has_nocase(&networks, network))
            strv_add(&networks, network);
    }
    for (size_t i = 0; i < networks.len; i++)
        add_network(w, networks.v[i], &subnets);
}

/* ---- its own ---- */

/* As it is listed where it cannot be read. */
static void add_own(struct work *w, const json *listed)
{
    const struct resource_type *t = find_type(json_path_str(listed, "type"));
    const char *id = json_path_str(listed, "id");
    cleanup_error struct error *e = NULL;
    json *object = NULL;
    if (!t || !id)
        return;
    if (get(w, id, t, &object, &e) < 0) {
        log_warning(w->req->log, "resources: %s: %s", id, error_text(e));
        object = json_give_copy(listed);
    }
    json_append(w->found, object);
}

static int list(struct request *req, const struct azure_place *place, struct error **err)
{
    cleanup_json json *found = json_new_array(), *listed = NULL;
    cleanup_free char *path = xasprintf("%s/resources", place->managed_group);
    struct work w = { req, place, found };
    if (arm_list(place->arm, req->ctx, path, GROUP_VERSION, &listed, err) < 0)
        return -1;
    add_networks(&w);
    (void)add_used(&w,
                   json_path_str(place->cluster, "properties.masterProfile.diskEncryptionSetId"),
                   "Microsoft.Compute/diskEncryptionSets");
    for (size_t i = 0; i < json_len(listed); i++)
        add_own(&w, json_at(listed, i));
    reply_json(req, 200, found);
    return 0;
}

int handle_admin_resources(struct request *req, struct error **err)
{
    return admin_azure_answer(req, list, err);
}
