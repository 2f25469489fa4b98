#include <string.h>

#include "pkg/kube/merge_keys_impl.h"
#include "test/unit/support/test.h"

static const struct {
    const char *group, *kind, *path[7], *key;
} lists[] = {
    { "", "Pod", { "spec", "containers", "ports" }, "containerPort" },
    { "", "Service", { "spec", "ports" }, "port" },
    { "", "ServiceAccount", { "secrets" }, "name" },
    { "", "ConfigMap", { "metadata", "ownerReferences" }, "uid" },
    { "apps", "Deployment", { "spec", "template", "spec", "volumes" }, "name" },
    { "apps",
      "StatefulSet",
      { "spec", "template", "spec", "containers", "volumeMounts" },
      "mountPath" },
    { "batch",
      "CronJob",
      { "spec", "jobTemplate", "spec", "template", "spec", "initContainers" },
      "name" },
    { "admissionregistration.k8s.io", "MutatingWebhookConfiguration", { "webhooks" }, "name" },
};

static void lists_have_their_keys(void **state)
{
    (void)state;
    const struct merge_keys *k = merge_keys_builtin();
    const struct strategic_schema *s = merge_keys_schema(k);
    for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
        const void *at = merge_keys_find(k, lists[i].group, lists[i].kind);
        assert_non_null(at);
        for (size_t step = 0; step < ARRAY_LEN(lists[i].path) && lists[i].path[step]; step++)
            at = s->at_key(s, at, lists[i].path[step]);
        assert_string_equal(s->way_of(s, at).merge_key, lists[i].key);
    }
}

/* A type that no row begins would end a walk unnoticed. */
static void every_type_that_is_led_to_has_rows_or_is_a_leaf(void **state)
{
    (void)state;
    static const char *const leaves[] = {
        "OwnerReference",
        "ServicePort",
        "ObjectReference",
        "Webhook",
        "DeploymentStrategy",
        "HostAlias",
        "LocalObjectReference",
        "TopologySpreadConstraint",
        "EnvVar",
        "ContainerPort",
        "VolumeDevice",
        "VolumeMount",
        "",
    };
    const struct merge_keys *k = merge_keys_builtin();
    for (size_t i = 0; i < k->len; i++) {
        bool known = false;
        for (size_t j = 0; j < k->len; j++)
            known |= strcmp(k->rows[j].type, k->rows[i].of) == 0;
        for (size_t j = 0; j < ARRAY_LEN(leaves); j++)
            known |= strcmp(leaves[j], k->rows[i].of) == 0;
        if (!known)
            fail_msg("%s", k->rows[i].of);
    }
}

static void rows_are_found_because_they_are_sorted(void **state)
{
    (void)state;
    const struct merge_keys *k = merge_keys_builtin();
    const struct strategic_schema *s = merge_keys_schema(k);
    for (size_t i = 0; i < k->len; i++) {
        const struct merge_row *row = &k->rows[i];
        const struct merge_row above = { .type = "", .field = "", .of = row->type };
        if (i && strcmp(row->type, row[-1].type) == 0)
            assert_true(strcmp(row->field, row[-1].field) > 0);
        else if (i)
            assert_true(strcmp(row->type, row[-1].type) > 0);
        if (*row->type)
            assert_ptr_equal(s->at_key(s, &above, row->field), row);
    }
}

static void other_kinds_are_not_in_it(void **state)
{
    (void)state;
    assert_null(merge_keys_find(merge_keys_builtin(), "g.test", "Pod"));
    assert_null(merge_keys_find(merge_keys_builtin(), "", "Podd"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("lists have their keys", lists_have_their_keys),
        CASE("every type that is led to has rows, or is a leaf",
             every_type_that_is_led_to_has_rows_or_is_a_leaf),
        CASE("rows are found because they are sorted", rows_are_found_because_they_are_sorted),
        CASE("other kinds are not in it", other_kinds_are_not_in_it),
    };
    return RUN_CASES("merge_keys_builtin", tests);
}
