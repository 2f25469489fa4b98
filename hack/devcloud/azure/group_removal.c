/* The end of a resource group: it stays when something outside of it still uses what it holds. */
#include <string.h>

#include "hack/devcloud/azure/network_kinds.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

#define GROUP_TYPE "Microsoft.Resources/resourceGroups"

/* The first ID of a list of {"id"} that is not below the group; NULL: none. Borrowed from the list. */
static const char *find_outside(const json *list, const char *below)
{
    for (size_t i = 0; i < json_len(list); i++) {
        const char *id = json_path_str(json_at(list, i), "id");
        cleanup_free char *key = id ? str_give_lower(id) : NULL;
        if (key && !str_starts(key, below))
            return id;
    }
    return NULL;
}

struct endpoints {
    const char *service;
    json *list;
};

static bool add_endpoint(void *arg, const struct network_connection *found)
{
    struct endpoints *all = arg;
    if (str_eq_nocase(found->service, all->service))
        json_append(all->list, json_make("{'id':%s}", json_path_str(found->endpoint, "id")));
    return true;
}

/* Whoever uses the resource, from wherever; NULL: nothing of its type is used by others. Owned. */
static json *give_users(struct azure_sim *sim, const char *key, const json *object)
{
    static const struct {
        const char *type, *link;
    } links[] = { { "Microsoft.Network/networkSecurityGroups", "networkSecurityGroup" },
                  { "Microsoft.Network/routeTables", "routeTable" },
                  { NETWORK_NAT_TYPE, "natGateway" } };
    const char *id = json_path_str(object, "id");
    for (size_t i = 0; i < ARRAY_LEN(links); i++)
        if (resource_is_type(object, links[i].type))
            return network_give_users(sim, links[i].link, key);
    if (resource_is_type(object, "Microsoft.Network/virtualNetworks/subnets"))
        return network_give_configs(sim, id);
    if (resource_is_type(object, network_pip_kind.type)) {
        const char *holder = network_find_holder(sim, id);
        return holder ? json_make("[{'id':%s}]", holder) : NULL;
    }
    if (!resource_is_type(object, NETWORK_PLS_TYPE))
        return NULL;
    struct endpoints all = { id, json_new_array() };
    network_each_connection(sim, add_endpoint, &all);
    return all.list;
}

static json *give_blockers(struct azure_sim *sim, const char *group_key)
{
    cleanup_free char *below = xasprintf("%s/", group_key);
    json *found = json_new_array();
    for (struct json_iter it = json_each(resource_table(sim)); json_next(&it);) {
        cleanup_json json *users =
            str_starts(it.key, below) ? give_users(sim, it.key, it.value) : NULL;
        const char *user = find_outside(users, below);
        if (!user)
            continue;
        const char *id = json_path_str(it.value, "id");
        cleanup_free char *text =
            xasprintf("%s cannot be deleted because it is in use by %s.", id, user);
        json_append(found,
                    json_make("{'code':'ResourceInUse','target':%s,'message':%s}", id, text));
    }
    return found;
}

void group_judge_removal(struct azure_sim *sim, json *operation)
{
    const char *key = json_path_str(operation, "resources[0]");
    const json *group = key ? json_get(resource_table(sim), key) : NULL;
    if (!json_path_bool(operation, "delete", false) || json_get(operation, "error") ||
        !resource_is_type(group, GROUP_TYPE))
        return;
    cleanup_json json *blockers = give_blockers(sim, key);
    if (json_len(blockers) == 0)
        return;
    cleanup_free char *text =
        xasprintf("Deletion of resource group '%s' failed as resources with identifiers '%s' could "
                  "not be deleted. The provisioning state of the resource group will be rolled "
                  "back: %s",
                  json_path_str(group, "name"), json_path_str(blockers, "[0].target"),
                  json_path_str(blockers, "[0].message"));
    json_put(operation, "error",
             json_make("{'code':'ResourceGroupDeletionBlocked','message':%s,'details':%j}", text,
                       json_ref(blockers)));
}
