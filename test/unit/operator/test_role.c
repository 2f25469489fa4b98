/* The roles that the controllers' tables amount to. */
#include <string.h>

#include "operator/controllers.h"
#include "operator/role.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "test/unit/support/test.h"

static bool has(const json *array, const char *text)
{
    for (size_t i = 0; i < json_len(array); i++)
        if (str_eq(json_str(json_at(array, i)), text))
            return true;
    return false;
}

static json *find(const json *objects, const char *kind, const char *nspace)
{
    for (size_t i = 0; i < json_len(objects); i++)
        if (str_eq(json_path_str(json_at(objects, i), "kind"), kind) &&
            str_eq(json_path_str(json_at(objects, i), "metadata.namespace"), nspace))
            return json_at(objects, i);
    return NULL;
}

/* Whether one rule grants verb on the resource; name NULL: without any name. */
static bool rule_grants(const json *rule, const char *group, const char *resource, const char *name,
                        const char *verb)
{
    if (!has(json_get(rule, "apiGroups"), group) || !has(json_get(rule, "resources"), resource) ||
        !has(json_get(rule, "verbs"), verb))
        return false;
    json *names = json_get(rule, "resourceNames");
    return json_len(names) == 0 || (name && has(names, name));
}

static bool grants(const json *role, const char *group, const char *resource, const char *name,
                   const char *verb)
{
    json *rules = json_get(role, "rules");
    for (size_t i = 0; i < json_len(rules); i++)
        if (rule_grants(json_at(rules, i), group, resource, name, verb))
            return true;
    return false;
}

/* In the whole cluster or in that namespace. */
static bool may(const json *objects, const char *nspace, const char *group, const char *resource,
                const char *name, const char *verb)
{
    const json *local = nspace ? find(objects, "Role", nspace) : NULL;
    return grants(find(objects, "ClusterRole", NULL), group, resource, name, verb) ||
           (local && grants(local, group, resource, name, verb));
}

static void every_watch_of_a_controller_is_granted(void **state)
{
    (void)state;
    static const char *const verbs[] = { "get", "list", "watch" };
    static const enum operator_role roles[] = { ROLE_MASTER, ROLE_WORKER };
    for (size_t r = 0; r < ARRAY_LEN(roles); r++) {
        cleanup_json json *objects = operator_role_give_objects(roles[r]);
        for (size_t i = 0; i < operator_controllers_len; i++) {
            const struct controller_desc *desc = operator_controllers[i];
            if (!(desc->roles & roles[r]))
                continue;
            for (size_t w = 0; w < desc->watches_len; w++)
                for (size_t v = 0; v < ARRAY_LEN(verbs); v++) {
                    const struct watch *x = &desc->watches[w];
                    if (!may(objects, x->nspace, x->gvr->group, x->gvr->resource, x->name,
                             verbs[v]))
                        fail_msg("%s may not %s %s", desc->name, verbs[v], x->gvr->resource);
                }
        }
    }
}

static void every_right_of_a_controller_is_granted(void **state)
{
    (void)state;
    cleanup_json json *objects = operator_role_give_objects(ROLE_MASTER);
    for (size_t i = 0; i < operator_controllers_len; i++) {
        const struct controller_desc *desc = operator_controllers[i];
        for (size_t r = 0; r < desc->rights_len; r++) {
            const struct right *x = &desc->rights[r];
            cleanup_free char *resource =
                xasprintf("%s%s%s", x->gvr->resource, x->subresource ? "/" : "",
                          x->subresource ? x->subresource : "");
            cleanup_strv struct strv verbs = STRV_INIT;
            cleanup_strv struct strv names = STRV_INIT;
            strv_split(&verbs, x->verbs, " ", false);
            strv_split(&names, x->names ? x->names : "any", " ", false);
            for (size_t v = 0; v < verbs.len; v++)
                for (size_t n = 0; n < names.len; n++)
                    if (!may(objects, x->nspace, x->gvr->group, resource,
                             x->names ? names.v[n] : NULL, verbs.v[v]))
                        fail_msg("%s may not %s %s %s", desc->name, verbs.v[v], resource,
                                 names.v[n]);
        }
    }
}

static void customers_secrets_are_out_of_reach(void **state)
{
    (void)state;
    static const char *const places[] = { NULL,
                                          "default",
                                          "customer",
                                          "kube-system",
                                          "openshift-config",
                                          "openshift-monitoring",
                                          "openshift-azure-logging",
                                          "openshift-machine-api" };
    static const char *const verbs[] = { "get", "list", "watch", "create", "patch", "update", "*" };
    cleanup_json json *objects = operator_role_give_objects(ROLE_MASTER);
    for (size_t p = 0; p < ARRAY_LEN(places); p++)
        for (size_t v = 0; v < ARRAY_LEN(verbs); v++)
            assert_false(may(objects, places[p], "", "secrets", "customers-own", verbs[v]));
    assert_false(may(objects, "customer", "", "secrets", "certificates", "get"));
    assert_true(may(objects, "openshift-config", "", "secrets", "pull-secret", "get"));
}

static void escalation_is_limited_to_names(void **state)
{
    (void)state;
    static const char *const resources[] = { "clusterroles", "roles" };
    cleanup_json json *objects = operator_role_give_objects(ROLE_MASTER);
    for (size_t i = 0; i < ARRAY_LEN(resources); i++) {
        assert_false(
            may(objects, NULL, "rbac.authorization.k8s.io", resources[i], NULL, "escalate"));
        assert_false(may(objects, NULL, "rbac.authorization.k8s.io", resources[i], NULL, "bind"));
        assert_false(
            may(objects, NULL, "rbac.authorization.k8s.io", resources[i], "cluster-admin", "bind"));
    }
    assert_true(may(objects, NULL, "rbac.authorization.k8s.io", "clusterroles", "system:aro-sre",
                    "escalate"));
}

static void the_worker_may_only_report(void **state)
{
    (void)state;
    cleanup_json json *objects = operator_role_give_objects(ROLE_WORKER);
    json *rules = json_get(find(objects, "ClusterRole", NULL), "rules");

    assert_int_equal(json_len(rules), 2);
    assert_true(may(objects, NULL, "aro.openshift.io", "clusters", "cluster", "watch"));
    assert_true(may(objects, NULL, "aro.openshift.io", "clusters/status", "cluster", "update"));
    assert_false(may(objects, NULL, "aro.openshift.io", "clusters", "cluster", "update"));
    assert_null(find(objects, "Role", "openshift-config"));
}

static void each_role_is_bound_to_its_account(void **state)
{
    (void)state;
    cleanup_json json *objects = operator_role_give_objects(ROLE_MASTER);
    for (size_t i = 0; i + 1 < json_len(objects); i += 2) {
        json *role = json_at(objects, i), *binding = json_at(objects, i + 1);
        assert_string_equal(json_path_str(binding, "roleRef.kind"), json_path_str(role, "kind"));
        assert_string_equal(json_path_str(binding, "roleRef.name"),
                            json_path_str(role, "metadata.name"));
        assert_true(str_eq(json_path_str(binding, "metadata.namespace"),
                           json_path_str(role, "metadata.namespace")));
        assert_string_equal(json_path_str(binding, "subjects[0].name"), "aro-operator-master");
        assert_string_equal(json_path_str(binding, "subjects[0].namespace"),
                            "openshift-azure-operator");
    }
}

static void the_result_is_the_same_every_time(void **state)
{
    (void)state;
    cleanup_json json *one = operator_role_give_objects(ROLE_MASTER);
    cleanup_json json *other = operator_role_give_objects(ROLE_MASTER);
    cleanup_free char *a = json_give_text(one);
    cleanup_free char *b = json_give_text(other);

    assert_string_equal(a, b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("grants every watch", every_watch_of_a_controller_is_granted),
        CASE("grants every right", every_right_of_a_controller_is_granted),
        CASE("keeps customers' secrets out of reach", customers_secrets_are_out_of_reach),
        CASE("limits escalation to names", escalation_is_limited_to_names),
        CASE("lets the worker only report", the_worker_may_only_report),
        CASE("binds each role to its account", each_role_is_bound_to_its_account),
        CASE("comes out the same every time", the_result_is_the_same_every_time),
    };
    return RUN_CASES("role", tests);
}
