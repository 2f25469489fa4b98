/* Parts of resources that have IDs but no life of their own. */
#include <string.h>

#include "hack/devcloud/azure/network_kinds.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

json *network_find_part(struct azure_sim *sim, const char *id)
{
    cleanup_free char *owner_id = arm_id_give_parent(id);
    json *owner = owner_id ? resource_get(sim, owner_id) : NULL;
    cleanup_arm_id struct arm_id at = { 0 };
    if (!owner || !arm_id_init(id, &at) || at.is_list)
        return NULL;
    for (struct json_iter it = json_each(json_get(owner, "properties")); json_next(&it);)
        for (size_t i = 0; json_is_array(it.value) && i < json_len(it.value); i++)
            if (str_eq_nocase(json_path_str(json_at(it.value, i), "id"), id))
                return json_at(it.value, i);
    return NULL;
}

void network_add_guid(struct azure_sim *sim, json *object)
{
    char id[UUID_LEN + 1];
    rng_uuid(sim->cfg.rng, id);
    if (!json_path_str(object, "properties.resourceGuid"))
        (void)json_set_str(object, "properties.resourceGuid", id, NULL);
}
