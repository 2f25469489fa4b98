/*
 * Static validation, from the head of the resource downwards: the first failure is what clients see, so
 * the order is part of the contract.
 */
#include "pkg/api/validate.h"

#include <string.h>

#include "pkg/api/immutable.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

const char *checked_text(const struct checks *c, const char *path)
{
    const char *text = json_path_str(c->ext, path);
    return text ? text : "";
}

bool is_own_subscription(const struct checks *c, const struct resource_id *id)
{
    return str_eq_nocase(id->subscription_id, c->url.subscription_id);
}

static int check_head(const struct checks *c)
{
    const char *id = checked_text(c, "id"), *name = checked_text(c, "name");
    const char *type = checked_text(c, "type"), *location = checked_text(c, "location");
    cleanup_free char *url_type = xasprintf("%s/%s", c->url.provider, c->url.type);
    if (!str_eq_nocase(id, c->rules->resource_id))
        return api_refuse(c->err, "MismatchingResourceID", "id",
                          "The provided resource ID '%s' did not match the name in the Url '%s'.",
                          id, c->rules->resource_id);
    if (!str_eq_nocase(name, c->url.name))
        return api_refuse(c->err, "MismatchingResourceName", "name",
                          "The provided resource name '%s' did not match the name in the Url '%s'.",
                          name, c->url.name);
    if (!str_eq_nocase(type, url_type))
        return api_refuse(c->err, "MismatchingResourceType", "type",
                          "The provided resource type '%s' did not match the name in the Url '%s'.",
                          type, url_type);
    if (!str_eq_nocase(location, c->rules->location))
        return api_refuse_value(c->err, "location", "The provided location '%s' is invalid.",
                                location);
    return 0;
}

/* The newest version tells what is missing by its name. */
static int check_required(const struct checks *c)
{
    static const char *const objects[] = {
        "properties",
        "properties.clusterProfile",
        "properties.networkProfile",
        "properties.masterProfile",
        "properties.apiserverProfile",
    };
    static const char *const lists[] = { "properties.workerProfiles",
                                         "properties.ingressProfiles" };
    for (size_t i = 0; i < ARRAY_LEN(objects); i++)
        if (!json_is_object(json_path(c->ext, objects[i])))
            return api_refuse_value(c->err, objects[i], "The field '%s' is required.", objects[i]);
    for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
        const json *list = json_path(c->ext, lists[i]);
        cleanup_free char *path = xasprintf("%s[0]", lists[i]);
        if (json_len(list) && !json_at(list, 0))
            return api_refuse_value(c->err, path, "The field '%s' is required.", path);
    }
    return 0;
}

static int check_provisioning_state(const struct checks *c)
{
    static const char path[] = "properties.provisioningState";
    const char *state = checked_text(c, path);
    if (!api_enum_has(&enum_provisioning_state, state, c->bit))
        return api_refuse_value(c->err, path, "The provided provisioning state '%s' is invalid.",
                                state);
    return 0;
}

typedef int (*check_fn)(const struct checks *c);

struct check {
    check_fn fn;
    uint32_t versions;
};

static const struct check order[] = {
    { check_head, V_PUBLIC },
    { validate_identity_choice, V_FROM(V_J) },
    { check_required, V_K },
    { check_provisioning_state, V_PUBLIC },
    { validate_cluster_profile, V_PUBLIC },
    { validate_console_profile, V_PUBLIC },
    { validate_service_principal, V_PUBLIC },
    { validate_network_profile, V_PUBLIC },
    { validate_master_profile, V_PUBLIC },
    { validate_apiserver_profile, V_PUBLIC },
    { validate_workload_identities, V_FROM(V_J) },
    { validate_worker_profiles, V_PUBLIC },
    { validate_ingress_profiles, V_PUBLIC },
};

static int check_all(const struct checks *c)
{
    for (size_t i = 0; i < ARRAY_LEN(order); i++)
        if (checks_in(c, order[i].versions) && order[i].fn(c) < 0)
            return -1;
    return 0;
}

/* Support engineers change little; only that is checked. */
static int check_admin(const json *ext, const json *base, struct error **err)
{
    static const struct {
        const char *path;
        const struct api_enum *e;
        const char *message;
    } values[] = {
        { "properties.maintenanceTask", &enum_maintenance_task, "Invalid enum parameter." },
        { "properties.networkProfile.outboundType", &enum_outbound_type,
          "Invalid enum parameter." },
        { "properties.networkProfile.preconfiguredNSG", &enum_preconfigured_nsg,
          "Invalid enum parameter." },
    };
    for (size_t i = 0; i < ARRAY_LEN(values); i++) {
        const char *text = json_path_str(ext, values[i].path);
        if (text && *text && !str_eq(text, json_path_str(base, values[i].path)) &&
            !api_enum_has(values[i].e, text, V_ADMIN))
            return api_refuse_value(err, values[i].path, "%s", values[i].message);
    }
    return 0;
}

static int check_static(const struct api_version *v, const json *ext, const json *base,
                        const struct api_rules *rules, struct error **err)
{
    struct checks c = {
        .v = v, .bit = v->bit, .ext = ext, .rules = rules, .is_create = !base, .err = err
    };
    if (resource_id_parse(rules->resource_id, &c.url, err) < 0)
        return error_wrap(err, "reading the resource ID of the URL");
    int rc = !c.url.name ? error_set(err, ERR_INTERNAL, "the URL names a resource group only")
                         : check_all(&c);
    resource_id_release(&c.url);
    return rc;
}

int api_cluster_validate(const struct api_version *v, const json *ext, const json *base,
                         const struct api_rules *rules, struct error **err)
{
    int rc = api_version_is_admin(v) ? check_admin(ext, base, err)
                                     : check_static(v, ext, base, rules, err);
    if (rc < 0 || !base)
        return rc;
    if (api_immutable_check(v, ext, base, err) < 0)
        return -1;
    return validate_kept_identities(ext, base, err);
}
