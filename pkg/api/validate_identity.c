/* Service principal or managed identities: one of them, and a whole set. */
#include <string.h>

#include "pkg/api/semver.h"
#include "pkg/api/validate.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

#define PRINCIPAL "properties.servicePrincipalProfile"
#define WORKLOAD "properties.platformWorkloadIdentityProfile"
#define IDENTITIES WORKLOAD ".platformWorkloadIdentities"

int validate_identity_choice(const struct checks *c)
{
    const json *principal = json_path(c->ext, PRINCIPAL), *workload = json_path(c->ext, WORKLOAD);
    const json *identity = json_path(c->ext, "identity");
    if (!principal && !workload)
        return api_refuse_value(
            c->err, PRINCIPAL, "Must provide either an identity or service principal credentials.");
    if (json_len(principal) && workload)
        return api_refuse_value(
            c->err, PRINCIPAL,
            "Cannot use identities and service principal credentials at the same time.");
    if (!identity != !workload)
        return api_refuse_value(
            c->err, "identity",
            "Cluster identity and platform workload identities require each other.");
    if (!workload)
        return 0;
    if (json_len(json_get(identity, "userAssignedIdentities")) != 1)
        return api_refuse_value(
            c->err, "identity",
            "The provided cluster identity is invalid; there should be exactly one.");
    if (!json_len(json_path(c->ext, IDENTITIES)))
        return api_refuse_value(c->err, IDENTITIES,
                                "The set of platform workload identities cannot be empty.");
    return 0;
}

/* Another entry before this one with the same identity. */
static bool is_used_before(const json *identities, const char *name, const char *resource_id)
{
    for (struct json_iter it = json_each(identities); json_next(&it);) {
        if (str_eq(it.key, name))
            return false;
        if (str_eq_nocase(json_path_str(it.value, "resourceId"), resource_id))
            return true;
    }
    return false;
}

static int check_identity(const struct checks *c, const json *identities, const char *name,
                          const json *entry)
{
    const char *text = json_path_str(entry, "resourceId");
    cleanup_free char *path = xasprintf("%s['%s']", IDENTITIES, name);
    cleanup_free char *id_path = xasprintf("%s.resourceId", path);
    cleanup_resource_id struct resource_id id = { 0 };
    text = text ? text : "";
    if (is_used_before(identities, name, text))
        return api_refuse_value(c->err, IDENTITIES, "ResourceID %s used by multiple identities.",
                                text);
    if (resource_id_parse(text, &id, NULL) < 0)
        return api_refuse_value(c->err, id_path, "ResourceID %s formatted incorrectly.", text);
    if (!*name)
        return api_refuse_value(c->err, path, "Operator name is empty.");
    if (!str_eq_nocase(id.type, "userAssignedIdentities"))
        return api_refuse_value(c->err, id_path, "Resource must be a user assigned identity.");
    return 0;
}

int validate_workload_identities(const struct checks *c)
{
    const json *identities = json_path(c->ext, IDENTITIES);
    const char *upgradeable = checked_text(c, WORKLOAD ".upgradeableTo");
    struct semver ignored;
    for (struct json_iter it = json_each(identities); json_next(&it);)
        if (check_identity(c, identities, it.key, it.value) < 0)
            return -1;
    if (*upgradeable && !semver_parse(upgradeable, &ignored))
        return api_refuse_value(
            c->err, WORKLOAD ".upgradeableTo",
            "UpgradeableTo must be a valid OpenShift version in the format 'x.y.z'.");
    return 0;
}

int validate_kept_identities(const json *ext, const json *base, struct error **err)
{
    const json *now = json_path(ext, IDENTITIES);
    for (struct json_iter it = json_each(json_path(base, IDENTITIES)); json_next(&it);)
        if (!json_has(now, it.key))
            return api_refuse(err, CODE_PROPERTY_CHANGE, IDENTITIES,
                              "Operator identity cannot be removed or have its name changed.");
    return 0;
}
