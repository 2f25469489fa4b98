#include <string.h>

#include "pkg/api/api.h"
#include "pkg/api/refuse.h"
#include "pkg/api/semver.h"
#include "pkg/base/buf.h"
#include "pkg/base/strv.h"

#define WORKLOAD "properties.platformWorkloadIdentityProfile"
#define IDENTITIES WORKLOAD ".platformWorkloadIdentities"
#define VERSION "properties.clusterProfile.version"

static bool is_higher_minor(const char *version, const char *than)
{
    struct semver a, b;
    return semver_parse(version, &a) && semver_parse(than, &b) &&
           (a.major > b.major || (a.major == b.major && a.minor > b.minor));
}

/* The minor versions whose roles the cluster needs. */
static int find_minors(const json *internal, struct strv *minors, struct error **err)
{
    const char *version = json_path_str(internal, VERSION);
    const char *upgradeable = json_path_str(internal, WORKLOAD ".upgradeableTo");
    char minor[SEMVER_MINOR_MAX];
    if (!semver_minor(version, minor))
        return api_refuse_value(err, VERSION, "The requested OpenShift version '%s' is invalid.",
                                version ? version : "");
    strv_add(minors, minor);
    if (is_higher_minor(upgradeable, version) && semver_minor(upgradeable, minor))
        strv_add(minors, minor);
    return 0;
}

static int add_operators(const struct strv *minors, api_role_set_find find, void *arg,
                         struct strv *operators, struct error **err)
{
    for (size_t i = 0; i < minors->len; i++) {
        const json *set = find(arg, minors->v[i]);
        const json *roles = json_path(set, "properties.platformWorkloadIdentityRoles");
        if (!set)
            return api_refuse_value(err, IDENTITIES,
                                    "No PlatformWorkloadIdentityRoleSet found for the requested or "
                                    "upgradeable OpenShift minor version '%s'. Choose another "
                                    "OpenShift version; if that does not help, open an Azure "
                                    "support ticket.",
                                    minors->v[i]);
        for (size_t k = 0; k < json_len(roles); k++) {
            const char *name = json_path_str(json_at(roles, k), "operatorName");
            if (name)
                strv_add_unique(operators, name);
        }
    }
    strv_sort(operators);
    return 0;
}

static bool are_same(const struct strv *operators, const json *identities)
{
    for (size_t i = 0; i < operators->len; i++)
        if (!json_has(identities, operators->v[i]))
            return false;
    return operators->len == json_len(identities);
}

int api_cluster_match_role_sets(const json *internal, api_role_set_find find, void *arg,
                                struct error **err)
{
    cleanup_strv struct strv minors = STRV_INIT, operators = STRV_INIT;
    if (!json_path(internal, WORKLOAD))
        return 0;
    if (find_minors(internal, &minors, err) < 0 ||
        add_operators(&minors, find, arg, &operators, err) < 0)
        return -1;
    if (are_same(&operators, json_path(internal, IDENTITIES)))
        return 0;
    cleanup_free char *versions = strv_give_joined(&minors, "' and '");
    cleanup_free char *names = strv_give_joined(&operators, ", ");
    return api_refuse(err, "PlatformWorkloadIdentityMismatch", IDENTITIES,
                      "The provided platform workload identities are not those that the OpenShift "
                      "minor version '%s' requires: %s.",
                      versions, names);
}
