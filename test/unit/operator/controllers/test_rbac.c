#include <string.h>

#include "operator/controllers/rbac.h"
#include "pkg/base/mem.h"
#include "test/unit/support/operator/fake_cluster.h"
#include "test/unit/support/test.h"

static const char *const names[] = { "system:aro-sre", "system:aro-diagnostics" };

static void start(struct fake_cluster *f)
{
    fake_cluster_put(f, fake_cluster_give_cluster());
}

static json *role_of(struct fake_cluster *f, const char *name)
{
    return fake_cluster_get(f, &GVR_CLUSTERROLES, NULL, name);
}

static json *binding_of(struct fake_cluster *f, const char *name)
{
    return fake_cluster_get(f, &GVR_CLUSTERROLEBINDINGS, NULL, name);
}

static void roles_are_bound_to_users_of_their_names(void **state)
{
    struct fake_cluster *f = *state;
    start(f);

    fake_cluster_must(f, &rbac_controller);

    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        json *binding = binding_of(f, names[i]);
        assert_non_null(role_of(f, names[i]));
        assert_string_equal(json_path_str(binding, "roleRef.name"), names[i]);
        assert_int_equal(json_len(json_get(binding, "subjects")), 1);
        assert_string_equal(json_path_str(binding, "subjects[0].kind"), "User");
        assert_string_equal(json_path_str(binding, "subjects[0].name"), names[i]);
        assert_string_equal(json_path_str(binding, "metadata.ownerReferences[0].uid"),
                            "uid-cluster");
    }
}

static void nobody_may_read_secrets_or_write(void **state)
{
    struct fake_cluster *f = *state;
    static const char *const reading[] = { "get", "list", "watch" };
    start(f);

    fake_cluster_must(f, &rbac_controller);

    for (size_t n = 0; n < ARRAY_LEN(names); n++) {
        json *rules = json_get(role_of(f, names[n]), "rules");
        assert_true(json_len(rules) > 3);
        for (size_t i = 0; i < json_len(rules); i++) {
            cleanup_free char *text = json_give_text(json_at(rules, i));
            bool reviews = strstr(text, "reviews\"") != NULL;
            /* All resources only of groups that hold no secrets; the core group is listed. */
            assert_null(strstr(text, "\"apiGroups\":[\"\"],\"resources\":[\"*\"]"));
            assert_null(strstr(text, "\"apiGroups\":[\"*\"]"));
            assert_null(strstr(text, "\"secrets\""));
            assert_null(strstr(text, "/exec\""));
            json *verbs = json_get(json_at(rules, i), "verbs");
            for (size_t v = 0; v < json_len(verbs) && !reviews; v++) {
                bool reads = false;
                for (size_t r = 0; r < ARRAY_LEN(reading); r++)
                    reads = reads || strcmp(json_str(json_at(verbs, v)), reading[r]) == 0;
                if (!reads)
                    fail_msg("%s may %s: %s", names[n], json_str(json_at(verbs, v)), text);
            }
        }
    }
}

static void deleted_and_edited_roles_come_back(void **state)
{
    struct fake_cluster *f = *state;
    start(f);
    fake_cluster_must(f, &rbac_controller);
    fake_cluster_del(f, &GVR_CLUSTERROLES, NULL, "system:aro-sre");
    json_append(json_get(role_of(f, "system:aro-diagnostics"), "rules"),
                json_make("{'apiGroups':['*'],'resources':['*'],'verbs':['*']}"));

    fake_cluster_must(f, &rbac_controller);

    assert_non_null(role_of(f, "system:aro-sre"));
    cleanup_free char *text = json_give_text(role_of(f, "system:aro-diagnostics"));
    assert_null(strstr(text, "\"verbs\":[\"*\"]"));
}

static void a_binding_to_another_role_is_made_anew(void **state)
{
    struct fake_cluster *f = *state;
    start(f);
    fake_cluster_must(f, &rbac_controller);
    json_path_put(binding_of(f, "system:aro-sre"), "roleRef.name", json_new_str("cluster-admin"),
                  NULL);
    fake_cluster_fail(f, "PUT /apis/rbac.authorization.k8s.io/v1/clusterrolebindings", 422,
                      "Invalid", 1);

    fake_cluster_must(f, &rbac_controller);

    assert_string_equal(json_path_str(binding_of(f, "system:aro-sre"), "roleRef.name"),
                        "system:aro-sre");
}

static void a_second_run_writes_nothing(void **state)
{
    struct fake_cluster *f = *state;
    start(f);
    fake_cluster_must(f, &rbac_controller);
    fake_cluster_forget_writes(f);

    fake_cluster_must(f, &rbac_controller);

    fake_cluster_must_not_write(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FAKE_CASE("binds each role to the user of its name",
                  roles_are_bound_to_users_of_their_names),
        FAKE_CASE("lets nobody read secrets or write", nobody_may_read_secrets_or_write),
        FAKE_CASE("restores deleted and edited roles", deleted_and_edited_roles_come_back),
        FAKE_CASE("makes a binding to another role anew", a_binding_to_another_role_is_made_anew),
        FAKE_CASE("writes nothing the second time", a_second_run_writes_nothing),
    };
    return RUN_CASES("rbac", tests);
}
