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
    return resource_find_part(owner, id);
}

void network_add_guid(struct azure_sim *sim, json *object)
{
    char id[UUID_LEN + 1];
    rng_uuid(sim->cfg.rng, id);
    if (!json_path_str(object, "properties.resourceGuid"))
        (void)json_set_str(object, "properties.resourceGuid", id, NULL);
}
