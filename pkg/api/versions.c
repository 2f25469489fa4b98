#include "pkg/api/versions.h"

#include "pkg/base/strv.h"

const struct api_version api_versions[] = {
    { "2019-12-31-preview", V_A, "v1" }, { "2020-04-30", V_B, "v1" },
    { "2021-09-01-preview", V_C, "v2" }, { "2022-04-01", V_D, "v2" },
    { "2022-09-04", V_E, "v3" },         { "2023-04-01", V_F, "v3" },
    { "2023-07-01-preview", V_G, "v3" }, { "2023-09-04", V_H, "v3" },
    { "2023-11-22", V_I, "v3" },         { "2024-08-12-preview", V_J, "v6" },
    { "2025-07-25", V_K, "v6" },         { "admin", V_ADMIN, NULL },
};
const size_t api_versions_len = ARRAY_LEN(api_versions);

static const uint32_t features[] = {
    [API_FEATURE_LIST_ADMIN_CREDENTIALS] = V_FROM(V_C),
    [API_FEATURE_LIST_CREDENTIALS] = V_PUBLIC,
    [API_FEATURE_OPENSHIFT_VERSIONS] = V_FROM(V_E),
    [API_FEATURE_OPENSHIFT_VERSION_GET] = V_FROM(V_E),
    [API_FEATURE_ROLE_SETS] = V_FROM(V_J),
    [API_FEATURE_FLAT_FORM] = V_A,
};

const struct api_version *api_version_find(const char *name)
{
    for (size_t i = 0; i < api_versions_len; i++)
        if (str_eq(api_versions[i].name, name))
            return &api_versions[i];
    return NULL;
}

const struct api_version *api_version_at(size_t i)
{
    return i < api_versions_len ? &api_versions[i] : NULL;
}

const char *api_version_name(const struct api_version *v)
{
    return v->name;
}

bool api_version_has(const struct api_version *v, enum api_feature feature)
{
    return features[feature] & v->bit;
}

bool api_version_is_admin(const struct api_version *v)
{
    return v->bit == V_ADMIN;
}
