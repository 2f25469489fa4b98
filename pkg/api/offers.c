/* What can be installed: OpenShift versions, and the roles that their operators need. */
#include <stdlib.h>
#include <string.h>

#include "pkg/api/object.h"
#include "pkg/api/refuse.h"
#include "pkg/api/semver.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

json *api_openshift_version_to_external(const struct api_version *v, const json *internal)
{
    return api_object_to_external(&openshift_version_type, v, internal);
}

json *api_role_set_to_external(const struct api_version *v, const json *internal)
{
    return api_object_to_external(&role_set_type, v, internal);
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

/* It is, or still was: then another one has to become it first. */
static bool is_default(const json *ext, const json *current)
{
    return json_path_bool(ext, "properties.default", false) ||
           json_path_bool(current, "properties.default", false);
}

/* Both parts of it, or none at all: then the installer is asked. */
static int check_image(const json *ext, struct error **err)
{
    if (!json_path(ext, "properties.machineImage"))
        return 0;
    if (need_text(ext, "properties.machineImage.sku", err) < 0 ||
        need_text(ext, "properties.machineImage.version", err) < 0)
        return -1;
    if (str_eq_nocase(json_path_str(ext, "properties.machineImage.version"), "latest"))
        return api_refuse_value(err, "properties.machineImage.version",
                                "It has to be one version, as 417.94.20240905: machines that are "
                                "made later would differ.");
    return 0;
}

int api_openshift_version_validate(const json *ext, const json *current, struct error **err)
{
    static const char *const needed[] = { "properties.version", "properties.openShiftPullspec",
                                          "properties.installerPullspec" };
    for (size_t i = 0; i < ARRAY_LEN(needed); i++)
        if (need_text(ext, needed[i], err) < 0)
            return -1;
    struct semver ignored;
    const char *version = json_path_str(ext, needed[0]);
    if (!semver_parse(version, &ignored))
        return api_refuse_value(err, needed[0], "The provided OpenShift version '%s' is invalid.",
                                version);
    if (check_image(ext, err) < 0)
        return -1;
    if (is_default(ext, current) && !json_path_bool(ext, "properties.enabled", false))
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

static bool is_minor(const char *text)
{
    char minor[SEMVER_MINOR_MAX];
    cleanup_free char *version = xasprintf("%s.0", text);
    return semver_minor(version, minor) && str_eq(minor, text);
}

int api_role_set_validate(const json *ext, struct error **err)
{
    static const char path[] = "properties.platformWorkloadIdentityRoles";
    const json *roles = json_path(ext, path);
    cleanup_strv struct strv missing = STRV_INIT;
    if (need_text(ext, "properties.openShiftVersion", err) < 0)
        return -1;
    if (!is_minor(json_path_str(ext, "properties.openShiftVersion")))
        return api_refuse_value(err, "properties.openShiftVersion",
                                "The provided OpenShift version '%s' is invalid: it is as 4.14.",
                                json_path_str(ext, "properties.openShiftVersion"));
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
