/* The published examples of every version, bodies and replies: decoded and encoded they are the same again. */
#include <string.h>

#include "pkg/base/file.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/client/client_impl.h"
#include "test/unit/support/test.h"

#define FOLDER \
    "swagger/redhatopenshift/resource-manager/Microsoft.RedHatOpenShift/openshiftclusters"

struct example_case {
    char *name;
    const struct api_version *version;
    const struct client_operation *operation;
};

static json *give_example(const struct example_case *c)
{
    cleanup_free char *path =
        xasprintf(FOLDER "/%s/%s/examples/%s.json",
                  str_ends(c->version->name, "-preview") ? "preview" : "stable", c->version->name,
                  c->operation->id);
    cleanup_free char *text = NULL;
    size_t len = 0;
    json *example = NULL;
    cleanup_error struct error *err = NULL;
    if (file_read(path, 1 << 20, &text, &len, &err) < 0 ||
        json_parse_object(text, len, &example, &err) < 0)
        fail_msg("%s", error_text(err));
    return example;
}

static void check_same(const struct example_case *c, const struct client_type *t, const json *want)
{
    cleanup_json json *again = NULL;
    cleanup_error struct error *err = NULL;
    void *decoded = NULL;
    if (client_decode(t, c->version->bit, want, &decoded, &err) < 0 ||
        client_encode(t, c->version->bit, decoded, &again, &err) < 0)
        fail_msg("%s: %s", c->name, error_text(err));
    client_free(decoded);
    cleanup_free char *got_text = json_give_sorted(again), *want_text = json_give_sorted(want);
    assert_string_equal(got_text, want_text);
}

static void check_example(void **state)
{
    const struct example_case *c = *state;
    const struct client_operation *op = c->operation;
    cleanup_json json *example = give_example(c);
    const json *request = json_path(example, "parameters.parameters");
    const json *reply = json_path(example, "responses.200.body");
    const json *values = json_get(reply, "value");

    assert_int_equal(request != NULL, op->request != NULL);
    assert_int_equal(reply != NULL, op->reply != NULL);
    if (request)
        check_same(c, op->request, request);
    if (reply && !values)
        check_same(c, op->reply, reply);
    assert_true(!values || json_len(values) > 0);
    for (size_t i = 0; i < json_len(values); i++)
        check_same(c, op->reply, json_at(values, i));
}

/* ---- what generated functions do ---- */

static void enumerators_are_their_texts(void **state)
{
    (void)state;
    assert_string_equal(aro_visibility_text(ARO_VISIBILITY_PRIVATE), "Private");
    assert_string_equal(aro_provisioning_state_text(ARO_PROVISIONING_STATE_UPDATING), "Updating");
    assert_string_equal(aro_managed_service_identity_type_text(
                            ARO_MANAGED_SERVICE_IDENTITY_TYPE_SYSTEM_ASSIGNED_USER_ASSIGNED),
                        "SystemAssigned,UserAssigned");
    assert_string_equal(
        aro_software_defined_network_text(ARO_SOFTWARE_DEFINED_NETWORK_OPENSHIFT_SDN),
        "OpenShiftSDN");
}

static void members_hold_what_the_text_says(void **state)
{
    (void)state;
    static const char text[] =
        "{\"location\":\"eastus\",\"tags\":{\"a\":\"b\"},\"properties\":{\"clusterProfile\":{"
        "\"pullSecret\":\"verysecret\"},\"workerProfiles\":[{\"name\":\"worker\",\"count\":3}],"
        "\"apiserverProfile\":{\"visibility\":\"Public\"}}}";
    cleanup_aro_openshift_cluster struct aro_openshift_cluster *c = NULL;
    cleanup_secret_text char *again = NULL;

    assert_int_equal(aro_openshift_cluster_decode(NULL, text, strlen(text), &c, NULL), 0);
    const struct aro_openshift_cluster_properties *p = c->properties;
    assert_string_equal(c->location, "eastus");
    assert_string_equal(c->tags[0].value, "b");
    assert_string_equal(secret_reveal(p->cluster_profile->pull_secret, NULL), "verysecret");
    assert_int_equal(p->worker_profiles_len, 1);
    assert_int_equal(p->worker_profiles[0].count.value, 3);
    assert_int_equal(p->apiserver_profile->visibility, ARO_VISIBILITY_PUBLIC);
    assert_null(p->network_profile);
    assert_null(c->identity);

    assert_int_equal(aro_openshift_cluster_encode("2020-04-30", c, &again, NULL), 0);
    assert_string_equal(again, text);
}

/* What came back is only read: changes are copies of the structs on the way. */
static void a_change_borrows_from_what_came_back(void **state)
{
    (void)state;
    static const char text[] = "{\"location\":\"eastus\",\"properties\":{\"masterProfile\":{"
                               "\"vmSize\":\"small\"},\"servicePrincipalProfile\":{\"clientId\":"
                               "\"old\"}}}";
    cleanup_aro_openshift_cluster struct aro_openshift_cluster *got = NULL;
    cleanup_secret_text char *sent = NULL;
    assert_int_equal(aro_openshift_cluster_decode(NULL, text, strlen(text), &got, NULL), 0);

    struct aro_openshift_cluster_properties properties = *got->properties;
    properties.service_principal_profile =
        &(struct aro_service_principal_profile){ .client_id = "new" };
    struct aro_openshift_cluster next = *got;
    next.properties = &properties;

    assert_int_equal(aro_openshift_cluster_encode(NULL, &next, &sent, NULL), 0);
    assert_non_null(strstr(sent, "\"vmSize\":\"small\""));
    assert_non_null(strstr(sent, "\"clientId\":\"new\""));
    assert_string_equal(got->properties->service_principal_profile->client_id, "old");
}

#define EXAMPLES_MAX 200

int main(void)
{
    static struct example_case cases[EXAMPLES_MAX];
    struct CMUnitTest tests[EXAMPLES_MAX] = {
        CASE("enumerators are their texts", enumerators_are_their_texts),
        CASE("members hold what the text says", members_hold_what_the_text_says),
        CASE("a change borrows from what came back", a_change_borrows_from_what_came_back),
    };
    size_t n = 3;
    for (size_t i = 0; i < api_versions_len; i++) {
        for (size_t k = 0; k < client_operations_len; k++) {
            const struct api_version *v = &api_versions[i];
            const struct client_operation *op = &client_operations[k];
            if (!(op->versions & v->bit))
                continue;
            cases[n] = (struct example_case){ xasprintf("%s %s", v->name, op->id), v, op };
            tests[n] = (struct CMUnitTest)CASE_OF(cases[n].name, check_example, &cases[n]);
            n++;
        }
    }
    int failed = _cmocka_run_group_tests("resources", tests, n, NULL, NULL);
    for (size_t i = 0; i < n; i++)
        free(cases[i].name);
    return failed;
}
