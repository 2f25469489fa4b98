/* What can be installed: OpenShift versions, and the roles that their operators need. */
#include <stdlib.h>
#include <string.h>

#include "pkg/api/api.h"
#include "pkg/api/refuse.h"
#include "pkg/api/semver.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

static void copy(json *to, const json *from, const char *name)
{
    const json *value = json_get(from, name);
    if (value && !(json_kind(value) == JSON_STR && !json_str_len(value)))
        json_put(to, name, json_give_copy(value));
}

/* id, name and type, and an object for the properties, which is returned; borrowed. */
static json *start(json *ext, const json *internal)
{
    json *properties = json_new_object();
    copy(ext, internal, "id");
    copy(ext, internal, "name");
    copy(ext, internal, "type");
    json_put(ext, "properties", properties);
    return properties;
}

json *api_openshift_version_to_external(const struct api_version *v, const json *internal)
{
    const json *from = json_get(internal, "properties");
    json *ext = json_new_object(), *properties = start(ext, internal);
    copy(properties, from, "version");
    if (!api_version_is_admin(v))
        return ext;
    copy(properties, from, "openShiftPullspec");
    copy(properties, from, "installerPullspec");
    json_put(properties, "enabled", json_new_bool(json_path_bool(from, "enabled", false)));
    json_put(properties, "default", json_new_bool(json_path_bool(from, "default", false)));
    return ext;
}

static json *give_role(const struct api_version *v, const json *from)
{
    json *role = json_new_object();
    copy(role, from, "operatorName");
    copy(role, from, "roleDefinitionName");
    copy(role, from, "roleDefinitionId");
    if (api_version_is_admin(v)) {
        copy(role, from, "serviceAccounts");
        copy(role, from, "secretLocation");
    }
    return role;
}

json *api_role_set_to_external(const struct api_version *v, const json *internal)
{
    const json *from = json_get(internal, "properties");
    const json *roles = json_get(from, "platformWorkloadIdentityRoles");
    json *ext = json_new_object(), *properties = start(ext, internal), *list = json_new_array();
    copy(properties, from, "openShiftVersion");
    for (size_t i = 0; i < json_len(roles); i++)
        json_append(list, give_role(v, json_at(roles, i)));
    json_put(properties, "platformWorkloadIdentityRoles", list);
    return ext;
}

/* ---- lists ---- */

struct entry {
    char *version; /* three numbers */
    json *ext;
};

static int compare_entries(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    return semver_compare(x->version, y->version);
}

typedef json *(*to_external)(const struct api_version *v, const json *internal);

static json *give_list(const struct api_version *v, const json *internals, to_external convert,
                       const char *path, const char *end)
{
    size_t len = json_len(internals);
    cleanup_free struct entry *entries = xcalloc(len + 1, sizeof(*entries));
    json *list = json_new_array();
    for (size_t i = 0; i < len; i++) {
        const char *version = json_path_str(json_at(internals, i), path);
        entries[i].version = xasprintf("%s%s", version ? version : "", end);
        entries[i].ext = convert(v, json_at(internals, i));
    }
    qsort(entries, len, sizeof(*entries), compare_entries);
    for (size_t i = 0; i < len; i++) {
        json_append(list, entries[i].ext);
        free(entries[i].version);
    }
    return json_make("{'value':%j}", list);
}

json *api_openshift_version_give_list(const struct api_version *v, const json *internals)
{
    return give_list(v, internals, api_openshift_version_to_external, "properties.version", "");
}

/* Role sets are of minor versions: "4.14". */
json *api_role_set_give_list(const struct api_version *v, const json *internals)
{
    return give_list(v, internals, api_role_set_to_external, "properties.openShiftVersion", ".0");
}

/* ---- what support engineers write ---- */

static int need_text(const json *ext, const char *path, struct error **err)
{
    const char *text = json_path_str(ext, path);
    return text && *text ? 0 : api_refuse_value(err, path, "Must be provided");
}

int api_openshift_version_validate(const json *ext, const json *current, struct error **err)
{
    static const char *const needed[] = { "properties.version", "properties.openShiftPullspec",
                                          "properties.installerPullspec" };
    for (size_t i = 0; i < ARRAY_LEN(needed); i++)
        if (need_text(ext, needed[i], err) < 0)
            return -1;
    if (json_path_bool(ext, "properties.default", false) &&
        !json_path_bool(ext, "properties.enabled", false))
        return api_refuse_value(err, "properties.enabled",
                                "You cannot disable the default installation version.");
    if (current && !str_eq(json_path_str(ext, needed[0]), json_path_str(current, needed[0])))
        return api_refuse(err, CODE_PROPERTY_CHANGE, needed[0],
                          "Changing property '%s' is not allowed.", needed[0]);
    return 0;
}

/* The members that a role lacks, with the path in front. */
static void find_missing(const json *role, const char *path, struct strv *missing)
{
    static const char *const texts[] = { "operatorName", "roleDefinitionName", "roleDefinitionId" };
    static const char *const location[] = { "namespace", "name" };
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        if (!json_str_len(json_get(role, texts[i])))
            strv_addf(missing, "%s.%s", path, texts[i]);
    if (!json_is_array(json_get(role, "serviceAccounts")) ||
        !json_len(json_get(role, "serviceAccounts")))
        strv_addf(missing, "%s.serviceAccounts", path);
    for (size_t i = 0; i < ARRAY_LEN(location); i++)
        if (!json_str_len(json_get(json_get(role, "secretLocation"), location[i])))
            strv_addf(missing, "%s.secretLocation.%s", path, location[i]);
}

int api_role_set_validate(const json *ext, struct error **err)
{
    static const char path[] = "properties.platformWorkloadIdentityRoles";
    const json *roles = json_path(ext, path);
    cleanup_strv struct strv missing = STRV_INIT;
    if (need_text(ext, "properties.openShiftVersion", err) < 0)
        return -1;
    if (!json_is_array(roles) || !json_len(roles))
        return api_refuse_value(err, path, "Must be provided and must be non-empty");
    for (size_t i = 0; i < json_len(roles); i++) {
        cleanup_free char *role_path = xasprintf("%s[%zu]", path, i);
        find_missing(json_at(roles, i), role_path, &missing);
    }
    if (!missing.len)
        return 0;
    cleanup_free char *target = strv_give_joined(&missing, ", ");
    return api_refuse_value(err, target, "Must be provided");
}
