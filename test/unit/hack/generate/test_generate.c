#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "hack/generate/generate.h"
#include "pkg/base/file.h"
#include "pkg/base/json.h"
#include "pkg/base/mem.h"
#include "pkg/base/yaml.h"

#define FILES_MAX 32

/* The test runs in the repository's root, as all tests do. */
static char *give_file(const char *path)
{
    char *text = NULL;
    size_t len;
    struct error *err = NULL;
    if (file_read(path, 4 << 20, &text, &len, &err) < 0)
        fail_msg("%s", error_text(err));
    return text;
}

static const struct generated_file *find(const char *path)
{
    for (size_t i = 0; i < generated_files_len; i++)
        if (strcmp(generated_files[i].path, path) == 0)
            return &generated_files[i];
    fail_msg("%s is not generated", path);
    return NULL;
}

static void the_committed_file_is_current(void **state)
{
    const struct generated_file *file = *state;
    char *old = give_file(file->path);
    char *made = NULL;

    int rcode = generated_file_make(file, old, &made, NULL);

    assert_int_equal(rcode, 0);
    if (strcmp(old, made) != 0)
        fail_msg("%s is stale: run `make generate`", file->path);
    free(old);
    free(made);
}

static void a_readme_without_the_markers_is_an_error(void **state)
{
    (void)state;
    char *made = NULL;
    struct error *err = NULL;

    int rcode = generated_file_make(find("README.md"), "# A readme\n", &made, &err);

    assert_int_equal(rcode, -1);
    assert_non_null(strstr(error_text(err), "<!-- controllers:begin -->"));
    assert_null(made);
    error_free(err);
}

static void the_readme_keeps_what_is_around_the_list(void **state)
{
    (void)state;
    char *made = NULL;

    int rcode = generated_file_make(find("README.md"),
                                    "before\n<!-- controllers:begin -->\nold\n"
                                    "<!-- controllers:end -->\nafter\n",
                                    &made, NULL);

    assert_int_equal(rcode, 0);
    assert_memory_equal(made, "before\n<!-- controllers:begin -->\n| controller |", 40);
    assert_null(strstr(made, "\nold\n"));
    assert_non_null(strstr(made, "| InternetChecker |"));
    assert_non_null(strstr(made, "<!-- controllers:end -->\nafter\n"));
    free(made);
}

static json *give_role(const char *path, const char *kind, const char *nspace)
{
    char *text = NULL;
    json *all = NULL, *found = NULL;
    assert_int_equal(generated_file_make(find(path), "", &text, NULL), 0);
    assert_int_equal(yaml_parse_all(text, strlen(text), &all, NULL), 0);
    for (size_t i = 0; i < json_len(all); i++) {
        const char *ns = json_path_str(json_at(all, i), "metadata.namespace");
        if (strcmp(json_path_str(json_at(all, i), "kind"), kind) == 0 &&
            (nspace ? ns && strcmp(ns, nspace) == 0 : !ns))
            found = json_ref(json_at(all, i));
    }
    free(text);
    json_free(all);
    return found;
}

static bool has_text(const json *array, const char *text)
{
    for (size_t i = 0; i < json_len(array); i++)
        if (strcmp(json_str(json_at(array, i)), text) == 0)
            return true;
    return false;
}

static void no_role_of_the_whole_cluster_reaches_secrets_or_wildcards(void **state)
{
    const char *path = *state;
    json *role = give_role(path, "ClusterRole", NULL);

    json *rules = json_get(role, "rules");

    assert_true(json_len(rules) > 0);
    for (size_t i = 0; i < json_len(rules); i++) {
        const json *rule = json_at(rules, i);
        assert_false(has_text(json_get(rule, "resources"), "secrets"));
        assert_false(has_text(json_get(rule, "resources"), "*"));
        assert_false(has_text(json_get(rule, "verbs"), "*"));
        if (has_text(json_get(rule, "verbs"), "escalate") ||
            has_text(json_get(rule, "verbs"), "bind"))
            assert_true(json_len(json_get(rule, "resourceNames")) > 0);
    }
    json_free(role);
}

static void every_secret_is_granted_by_name(void **state)
{
    (void)state;
    static const char *const namespaces[] = { "kube-system", "openshift-config",
                                              "openshift-monitoring", "openshift-azure-operator",
                                              "openshift-azure-logging" };
    for (size_t n = 0; n < ARRAY_LEN(namespaces); n++) {
        json *role = give_role("staticresources/operator/master/role.yaml", "Role", namespaces[n]);
        assert_non_null(role);
        json *rules = json_get(role, "rules");
        for (size_t i = 0; i < json_len(rules); i++)
            if (has_text(json_get(json_at(rules, i), "resources"), "secrets"))
                assert_true(json_len(json_get(json_at(rules, i), "resourceNames")) > 0);
        json_free(role);
    }
}

int main(void)
{
    static char master[] = "staticresources/operator/master/role.yaml";
    static char worker[] = "staticresources/operator/worker/role.yaml";
    struct CMUnitTest tests[5 + FILES_MAX] = {
        cmocka_unit_test(a_readme_without_the_markers_is_an_error),
        cmocka_unit_test(the_readme_keeps_what_is_around_the_list),
        { "the master's cluster role reaches no secrets",
          no_role_of_the_whole_cluster_reaches_secrets_or_wildcards, .initial_state = master },
        { "the worker's cluster role reaches no secrets",
          no_role_of_the_whole_cluster_reaches_secrets_or_wildcards, .initial_state = worker },
        cmocka_unit_test(every_secret_is_granted_by_name),
    };
    size_t n = 5;
    static struct generated_file files[FILES_MAX];
    static char names[FILES_MAX][100];
    if (generated_files_len > FILES_MAX)
        return 1;
    for (size_t i = 0; i < generated_files_len; i++) {
        files[i] = generated_files[i];
        snprintf(names[i], sizeof(names[i]), "%s is current", files[i].path);
        tests[n++] = (struct CMUnitTest){ names[i], the_committed_file_is_current,
                                          .initial_state = &files[i] };
    }
    return _cmocka_run_group_tests("generate", tests, n, NULL, NULL);
}
