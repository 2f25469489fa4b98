/* What there is: resources by ID, their end, and the end of their operations. */
#include <string.h>

#include "hack/devcloud/azure/resource.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

json *resource_table(struct azure_sim *sim)
{
    return json_get(sim->state, "resources");
}

json *resource_get(struct azure_sim *sim, const char *id)
{
    cleanup_free char *key = id ? str_give_lower(id) : NULL;
    return key ? json_get(resource_table(sim), key) : NULL;
}

bool resource_is_type(const json *object, const char *type)
{
    return str_eq_nocase(json_path_str(object, "type"), type);
}

json *resource_inside(json *object)
{
    if (!json_is_object(json_get(object, "inside")))
        json_put(object, "inside", json_new_object());
    return json_get(object, "inside");
}

/* Its hook may remove others, so the keys are gathered first. */
void resource_remove(struct azure_sim *sim, const char *key)
{
    cleanup_free char *parts = xasprintf("%s/", key);
    cleanup_strv struct strv keys = STRV_INIT;
    for (struct json_iter it = json_each(resource_table(sim)); json_next(&it);)
        if (strcmp(it.key, key) == 0 || str_starts(it.key, parts))
            strv_add(&keys, it.key);
    for (size_t i = 0; i < keys.len; i++) {
        json *object = json_get(resource_table(sim), keys.v[i]);
        cleanup_json json *held = object ? json_ref(object) : NULL;
        if (!held)
            continue;
        json_del(resource_table(sim), keys.v[i]);
        operations_forget(sim, keys.v[i]);
        const struct resource_kind *kind = resource_find_kind(json_path_str(held, "type"));
        if (kind && kind->removed)
            kind->removed(sim, keys.v[i], held);
    }
}

void resource_finish(struct azure_sim *sim, const char *key, bool failed)
{
    json *object = json_get(resource_table(sim), key);
    const struct resource_kind *kind =
        object ? resource_find_kind(json_path_str(object, "type")) : NULL;
    if (!object)
        return;
    bool rolled_back = resource_is_type(object, "Microsoft.Resources/resourceGroups");
    (void)json_set_str(object, "properties.provisioningState",
                       failed && !rolled_back ? "Failed" : "Succeeded", NULL);
    if (kind && kind->finished)
        kind->finished(sim, key, object, failed);
}

void resource_set_etag(struct azure_sim *sim, json *object, enum resource_etag form)
{
    char id[UUID_LEN + 1];
    rng_uuid(sim->cfg.rng, id);
    cleanup_free char *weak = xasprintf("W/\"%s\"", id);
    if (form != RESOURCE_ETAG_NONE)
        json_put(object, "etag", json_new_str(form == RESOURCE_ETAG_WEAK ? weak : id));
}

void resource_refuse_reference(struct sim_call *c, const char *id, const char *by)
{
    sim_reply_error(c, 400, "InvalidResourceReference",
                    "Resource %s referenced by resource %s was not found. Please make sure that "
                    "the referenced resource exists, and that both resources are in the same "
                    "region.",
                    id ? id : "(none)", by ? by : c->path);
}

bool resource_reference_holds(struct sim_call *c, const char *id)
{
    if (!id || resource_get(c->sim, id))
        return true;
    resource_refuse_reference(c, id, NULL);
    return false;
}

json *resource_find_part(const json *owner, const char *id)
{
    for (struct json_iter it = json_each(json_get(owner, "properties")); json_next(&it);)
        for (size_t i = 0; json_is_array(it.value) && i < json_len(it.value); i++)
            if (str_eq_nocase(json_path_str(json_at(it.value, i), "id"), id))
                return json_at(it.value, i);
    return NULL;
}
