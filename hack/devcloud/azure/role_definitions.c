#include "hack/devcloud/azure/role_definitions.h"

#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

#define TYPE "Microsoft.Authorization/roleDefinitions"

static const struct {
    const char *name, *title, *doc;
    const char *actions[4], *not_actions[4], *data_actions[2];
} built_in[] = {
    { "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
      "Owner",
      "Grants full access to manage all resources, including the ability to assign roles.",
      { "*" },
      { NULL },
      { NULL } },
    { AZURE_SIM_CONTRIBUTOR,
      "Contributor",
      "Grants full access to manage all resources, but does not allow to assign roles.",
      { "*" },
      { "Microsoft.Authorization/*/Delete", "Microsoft.Authorization/*/Write",
        "Microsoft.Authorization/elevateAccess/Action" },
      { NULL } },
    { "acdd72a7-3385-48ef-bd42-f606fba81ae7",
      "Reader",
      "View all resources, but does not allow to make any changes.",
      { "*/read" },
      { NULL },
      { NULL } },
    { "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9",
      "User Access Administrator",
      "Lets you manage user access to Azure resources.",
      { "*/read", "Microsoft.Authorization/*" },
      { NULL },
      { NULL } },
    { AZURE_SIM_NETWORK_CONTRIBUTOR,
      "Network Contributor",
      "Lets you manage networks, but not access to them.",
      { "Microsoft.Network/*", "Microsoft.Authorization/*/read",
        "Microsoft.Resources/deployments/*" },
      { NULL },
      { NULL } },
    { "ba92f5b4-2d11-453d-a403-e96b0029c9fe",
      "Storage Blob Data Contributor",
      "Allows for read, write and delete access to Azure Storage blob containers and data.",
      { "Microsoft.Storage/storageAccounts/blobServices/containers/*" },
      { NULL },
      { "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/*" } },
};

static const char *last_of(const char *id)
{
    const char *slash = strrchr(id, '/');
    return slash ? slash + 1 : id;
}

bool role_is_same(const char *a, const char *b)
{
    return a && b && str_eq_nocase(last_of(a), last_of(b));
}

static json *give_texts(const char *const *list, size_t max)
{
    json *out = json_new_array();
    for (size_t i = 0; i < max && list[i]; i++)
        json_append(out, json_new_str(list[i]));
    return out;
}

static json *give_built_in(const struct azure_sim *sim, size_t i)
{
    cleanup_free char *id = xasprintf("/subscriptions/%s/providers/" TYPE "/%s",
                                      json_path_str(sim->state, "subscription"), built_in[i].name);
    return json_make("{'id':%s,'name':%s,'type':%s,'properties':{'roleName':%s,'type':"
                     "'BuiltInRole','description':%s,'assignableScopes':['/'],'permissions':[{"
                     "'actions':%j,'notActions':%j,'dataActions':%j,'notDataActions':[]}]}}",
                     id, built_in[i].name, TYPE, built_in[i].title, built_in[i].doc,
                     give_texts(built_in[i].actions, ARRAY_LEN(built_in[i].actions)),
                     give_texts(built_in[i].not_actions, ARRAY_LEN(built_in[i].not_actions)),
                     give_texts(built_in[i].data_actions, ARRAY_LEN(built_in[i].data_actions)));
}

json *role_give_all(struct azure_sim *sim)
{
    json *all = json_new_array();
    for (size_t i = 0; i < ARRAY_LEN(built_in); i++)
        json_append(all, give_built_in(sim, i));
    for (struct json_iter it = json_each(json_get(sim->state, "resources")); json_next(&it);)
        if (str_eq_nocase(json_path_str(it.value, "type"), TYPE))
            json_append(all, json_ref(it.value));
    return all;
}

json *role_give_one(struct azure_sim *sim, const char *id)
{
    cleanup_json json *all = role_give_all(sim);
    for (size_t i = 0; i < json_len(all); i++)
        if (role_is_same(json_path_str(json_at(all, i), "name"), id))
            return json_ref(json_at(all, i));
    return NULL;
}

bool role_exists(struct azure_sim *sim, const char *id)
{
    cleanup_json json *found = role_give_one(sim, id);
    return found != NULL;
}
