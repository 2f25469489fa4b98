/* Interfaces that services make for themselves: they come and go with their owners. */
#include <string.h>

#include "hack/devcloud/azure/network_kinds.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

/* The name as Azure has it: OWNER.nic.UUID. */
static json *give_nic(struct sim_call *c, const json *owner, const char *link, const json *configs)
{
    char id[UUID_LEN + 1];
    rng_uuid(c->sim->cfg.rng, id);
    const char *owner_id = json_path_str(owner, "id");
    const char *end = strstr(owner_id, "/providers/");
    cleanup_free char *name = xasprintf("%s.nic.%s", json_path_str(owner, "name"), id);
    cleanup_free char *nic_id = xasprintf("%.*s/providers/%s/%s", (int)(end - owner_id), owner_id,
                                          network_nic_kind.type, name);
    json *nic = json_make("{'id':%s,'name':%s,'type':%s,'location':%s,'properties':{"
                          "'ipConfigurations':%j,'provisioningState':'Updating'}}",
                          nic_id, name, network_nic_kind.type, json_path_str(owner, "location"),
                          json_give_copy(configs));
    (void)json_path_put(json_get(nic, "properties"), link, json_make("{'id':%s}", owner_id), NULL);
    return nic;
}

void network_put_service_nic(struct sim_call *c, json *owner, const char *link, const json *configs)
{
    const char *had_id = json_path_str(owner, "properties.networkInterfaces[0].id");
    const json *had = had_id ? resource_get(c->sim, had_id) : NULL;
    json *nic = had ? json_give_copy(had) : give_nic(c, owner, link, configs);
    if (had)
        (void)json_path_put(nic, "properties.ipConfigurations", json_give_copy(configs), NULL);
    network_add_guid(c->sim, nic);
    resource_set_etag(c->sim, nic, RESOURCE_ETAG_WEAK);
    network_fill_parts(nic, "ipConfigurations");
    network_place_configs(c->sim, "ipConfigurations", nic, had);
    cleanup_free char *key = str_give_lower(json_path_str(nic, "id"));
    (void)json_path_put(owner, "properties.networkInterfaces",
                        json_make("[{'id':%s}]", json_path_str(nic, "id")), NULL);
    json_put(resource_table(c->sim), key, nic);
    operation_adopt(c, key);
}

void network_remove_service_nic(struct azure_sim *sim, const char *key, const json *object)
{
    const char *id = json_path_str(object, "properties.networkInterfaces[0].id");
    cleanup_free char *nic_key = id ? str_give_lower(id) : NULL;
    (void)key;
    if (nic_key)
        resource_remove(sim, nic_key);
}
