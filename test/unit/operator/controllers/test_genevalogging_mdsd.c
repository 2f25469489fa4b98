/* The mdsd back end: pure functions of the Cluster and the operator's Secret. */
#include <string.h>

#include "operator/controllers/genevalogging_backends.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "test/unit/support/operator/fake_cluster.h"
#include "test/unit/support/test.h"

struct choice_case {
    const char *name, *version, *domain;
    bool mdsd;
};
static struct choice_case choice_cases[] = {
    { "is chosen by a configuration version", "2.4", NULL, true },
    { "is chosen with an empty telemetry domain", "2.4", "", true },
    { "yields to a gateway", "2.4", "telemetry.example.com", false },
    { "is not chosen without a version", NULL, NULL, false },
    { "is not chosen by an empty version", "", NULL, false },
};

static json *give_cluster(const char *version, const char *domain)
{
    json *cluster = fake_cluster_give_cluster();
    if (version)
        json_path_put(cluster, "spec.genevaLogging",
                      json_make("{'configVersion':%s,'monitoringGCSAccount':'AROClusterLogs',"
                                "'monitoringGCSNamespace':'AROClusterLogsPROD',"
                                "'monitoringGCSEnvironment':'DiagnosticsProd'}",
                                version),
                      NULL);
    if (domain)
        json_path_put(cluster, "spec.gatewayTelemetryDomain", json_new_str(domain), NULL);
    return cluster;
}

static void check_choice(void **state)
{
    const struct choice_case *c = *state;
    cleanup_json json *cluster = give_cluster(c->version, c->domain);

    assert_int_equal(genevalogging_uses_mdsd(cluster), c->mdsd);
}

static json *give_secret(void)
{
    return json_make(
        "{'data':{'gcscert.pem':'Yw==','gcskey.pem':'aw==','.dockerconfigjson':'eA=='}}");
}

static json *find(const json *objects, const char *kind)
{
    for (size_t i = 0; i < json_len(objects); i++)
        if (str_eq(json_path_str(json_at(objects, i), "kind"), kind))
            return json_at(objects, i);
    return NULL;
}

static json *give_objects(const json *cluster)
{
    cleanup_json json *secret = give_secret();
    struct shipper shipper = { 0 };
    struct error *err = NULL;
    if (genevalogging_mdsd_objects(cluster, secret, &shipper, &err) < 0)
        fail_msg("%s", error_text(err));
    assert_true(shipper.can_run);
    return shipper.objects;
}

static const char *env_of(const json *container, const char *name)
{
    json *env = json_get(container, "env");
    for (size_t i = 0; i < json_len(env); i++)
        if (str_eq(json_path_str(json_at(env, i), "name"), name))
            return json_path_str(json_at(env, i), "value");
    return NULL;
}

static void the_environment_tells_mdsd_who_it_is(void **state)
{
    (void)state;
    static const char *const want[][2] = {
        { "MONITORING_GCS_ENVIRONMENT", "DiagnosticsProd" },
        { "MONITORING_GCS_ACCOUNT", "AROClusterLogs" },
        { "MONITORING_GCS_NAMESPACE", "AROClusterLogsPROD" },
        { "MONITORING_CONFIG_VERSION", "2.4" },
        { "MONITORING_GCS_REGION", "eastus" },
        { "MONITORING_TENANT", "eastus" },
        { "MONITORING_USE_GENEVA_CONFIG_SERVICE", "true" },
        { "MONITORING_ROLE", "cluster" },
        { "MDSD_MSGPACK_ARRAY_SIZE_ITEMS", "2048" },
        { "SUBSCRIPTION_ID", "5" },
        { "RESOURCE_GROUP", "rg" },
        { "RESOURCE_NAME", "name" },
        { "RESOURCE_ID", "/subscriptions/5/resourcegroups/rg/providers/"
                         "microsoft.redhatopenshift/openshiftclusters/name" },
        { "ENVIRONMENT", "int" },
    };
    cleanup_json json *cluster = give_cluster("2.4", NULL);
    json_put(json_path(cluster, "spec.operatorflags"), "aro.environment", json_new_str("int"));

    cleanup_json json *objects = give_objects(cluster);

    json *mdsd = json_path(find(objects, "DaemonSet"), "spec.template.spec.containers[1]");
    for (size_t i = 0; i < ARRAY_LEN(want); i++)
        assert_string_equal(env_of(mdsd, want[i][0]), want[i][1]);
}

static void the_certificates_are_copied_and_nothing_else(void **state)
{
    (void)state;
    cleanup_json json *cluster = give_cluster("2.4", NULL);

    cleanup_json json *objects = give_objects(cluster);

    json *secret = find(objects, "Secret");
    assert_string_equal(json_path_str(secret, "metadata.namespace"), LOGGING_NAMESPACE);
    assert_int_equal(json_len(json_get(secret, "data")), 2);
    assert_string_equal(json_path_str(secret, "data[\"gcskey.pem\"]"), "aw==");
}

static void the_configuration_of_fluent_bit_is_there(void **state)
{
    (void)state;
    cleanup_json json *cluster = give_cluster("2.4", NULL);

    cleanup_json json *objects = give_objects(cluster);

    json *data = json_get(find(objects, "ConfigMap"), "data");
    const char *fluent = json_str(json_get(data, "fluent.conf"));
    assert_non_null(strstr(fluent, "Parsers_File /etc/td-agent-bit/parsers.conf"));
    assert_non_null(strstr(fluent, "Port 24224"));
    assert_non_null(strstr(json_str(json_get(data, "parsers.conf")), "Name containerpath"));
}

static void images_come_from_the_registry_or_the_flags(void **state)
{
    (void)state;
    cleanup_json json *cluster = give_cluster("2.4", NULL);
    json *flags = json_path(cluster, "spec.operatorflags");
    json_put(flags, "aro.genevalogging.mdsd.pullSpec", json_new_str("r.io/mdsd:1"));
    json_put(flags, "aro.genevalogging.fluentbit.pullSpec", json_new_str(""));

    cleanup_json json *objects = give_objects(cluster);

    json *pod = json_path(find(objects, "DaemonSet"), "spec.template.spec");
    assert_memory_equal(json_path_str(pod, "containers[0].image"),
                        "arosvc.azurecr.io/fluentbit:", 28);
    assert_string_equal(json_path_str(pod, "containers[1].image"), "r.io/mdsd:1");
}

static void without_a_certificate_it_cannot_run(void **state)
{
    (void)state;
    cleanup_json json *cluster = give_cluster("2.4", NULL);
    cleanup_json json *secret = json_make("{'data':{'gcscert.pem':'Yw=='}}");
    cleanup_error struct error *err = NULL;
    struct shipper shipper = { 0 };

    assert_int_equal(genevalogging_mdsd_objects(cluster, secret, &shipper, &err), -1);

    assert_non_null(strstr(error_text(err), "gcskey.pem"));
}

static void a_bad_resource_id_is_an_error(void **state)
{
    (void)state;
    cleanup_json json *cluster = give_cluster("2.4", NULL);
    cleanup_json json *secret = give_secret();
    cleanup_error struct error *err = NULL;
    struct shipper shipper = { 0 };
    json_path_put(cluster, "spec.resourceId", json_new_str("nonsense"), NULL);

    assert_int_equal(genevalogging_mdsd_objects(cluster, secret, &shipper, &err), -1);

    assert_non_null(strstr(error_text(err), "spec.resourceId"));
}

int main(void)
{
    struct CMUnitTest choices[ARRAY_LEN(choice_cases)];
    for (size_t i = 0; i < ARRAY_LEN(choice_cases); i++)
        choices[i] =
            (struct CMUnitTest)CASE_OF(choice_cases[i].name, check_choice, &choice_cases[i]);
    const struct CMUnitTest tests[] = {
        CASE("tells mdsd who it is", the_environment_tells_mdsd_who_it_is),
        CASE("copies the certificates and nothing else",
             the_certificates_are_copied_and_nothing_else),
        CASE("configures fluent bit", the_configuration_of_fluent_bit_is_there),
        CASE("takes images from registry or flags", images_come_from_the_registry_or_the_flags),
        CASE("cannot run without a certificate", without_a_certificate_it_cannot_run),
        CASE("refuses a bad resource ID", a_bad_resource_id_is_an_error),
    };
    return RUN_CASES("genevalogging_choice", choices) + RUN_CASES("genevalogging_mdsd", tests);
}
