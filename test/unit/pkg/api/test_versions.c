#include <string.h>

#include "pkg/api/versions.h"
#include "test/unit/support/test.h"

/* Letters of features: l list admin credentials, c list credentials, v list of OpenShift versions,
 * g one of them, r role sets, f flat form. */
struct version_case {
    const char *name, *features, *common_types;
};
static struct version_case version_cases[] = {
    { "2019-12-31-preview", "cf", "v1" },   { "2020-04-30", "c", "v1" },
    { "2021-09-01-preview", "lc", "v2" },   { "2022-04-01", "lc", "v2" },
    { "2022-09-04", "lcvg", "v3" },         { "2023-04-01", "lcvg", "v3" },
    { "2023-07-01-preview", "lcvg", "v3" }, { "2023-09-04", "lcvg", "v3" },
    { "2023-11-22", "lcvg", "v3" },         { "2024-08-12-preview", "lcvgr", "v6" },
    { "2025-07-25", "lcvgr", "v6" },        { "admin", "", NULL },
};

static const char letters[] = {
    [API_FEATURE_LIST_ADMIN_CREDENTIALS] = 'l',
    [API_FEATURE_LIST_CREDENTIALS] = 'c',
    [API_FEATURE_OPENSHIFT_VERSIONS] = 'v',
    [API_FEATURE_OPENSHIFT_VERSION_GET] = 'g',
    [API_FEATURE_ROLE_SETS] = 'r',
    [API_FEATURE_FLAT_FORM] = 'f',
};

static void check_version(void **state)
{
    const struct version_case *c = *state;

    const struct api_version *v = api_version_find(c->name);

    assert_non_null(v);
    assert_string_equal(api_version_name(v), c->name);
    assert_int_equal(api_version_is_admin(v), strcmp(c->name, "admin") == 0);
    for (size_t i = 0; i < sizeof(letters); i++)
        assert_int_equal(api_version_has(v, (enum api_feature)i),
                         strchr(c->features, letters[i]) != NULL);
    if (c->common_types)
        assert_string_equal(v->common_types, c->common_types);
    else
        assert_null(v->common_types);
}

static void check_order(void **state)
{
    (void)state;
    assert_int_equal(api_versions_len, ARRAY_LEN(version_cases));

    for (size_t i = 0; i < ARRAY_LEN(version_cases); i++) {
        assert_string_equal(api_version_name(api_version_at(i)), version_cases[i].name);
        assert_int_equal(api_version_at(i)->bit, 1u << i);
    }

    assert_null(api_version_at(ARRAY_LEN(version_cases)));
}

static void check_unknown(void **state)
{
    (void)state;
    static const char *const names[] = {
        "", "2020-04-30 ", "2020-04-30-preview", "Admin", "ADMIN", "2022-09", "2022-04-02",
    };

    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        assert_null(api_version_find(names[i]));
    assert_null(api_version_find(NULL));
}

static void check_sets(void **state)
{
    (void)state;
    assert_int_equal(V_FROM(V_A), V_PUBLIC);
    assert_int_equal(V_FROM(V_J), V_J | V_K);
    assert_int_equal(V_UPTO(V_C), V_A | V_B | V_C);
    assert_int_equal(V_PUBLIC | V_ADMIN, V_ALL);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(version_cases) + 3];
    size_t n = 0;
    for (size_t i = 0; i < ARRAY_LEN(version_cases); i++)
        tests[n++] =
            (struct CMUnitTest)CASE_OF(version_cases[i].name, check_version, &version_cases[i]);
    tests[n++] =
        (struct CMUnitTest){ .name = "versions stand in order of age", .test_func = check_order };
    tests[n++] =
        (struct CMUnitTest){ .name = "other names are no versions", .test_func = check_unknown };
    tests[n++] =
        (struct CMUnitTest){ .name = "letters make sets of versions", .test_func = check_sets };
    return _cmocka_run_group_tests("versions", tests, n, NULL, NULL);
}
