/* The OpenTelemetry back end: pure functions of the Cluster. */
#include <string.h>

#include "operator/controllers/genevalogging_backends.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/base/yaml.h"
#include "test/unit/support/operator/fake_cluster.h"
#include "test/unit/support/test.h"

struct made {
    json *cluster;
    struct shipper shipper;
};

static int setup(void **state)
{
    struct made *m = xnew(struct made);
    m->cluster = fake_cluster_give_cluster();
    json_path_put(m->cluster, "spec.gatewayPrivateEndpointIP", json_new_str("10.0.0.9"), NULL);
    json_path_put(m->cluster, "spec.gatewayTelemetryDomain",
                  json_new_str("telemetry.eastus.example.com"), NULL);
    *state = m;
    return 0;
}

static int teardown(void **state)
{
    struct made *m = *state;
    json_free(m->cluster);
    json_free(m->shipper.objects);
    free(m);
    return 0;
}

static void set(struct made *m, const char *path, const char *value)
{
    assert_int_equal(json_set_str(m->cluster, path, value, NULL), 0);
}

static void set_flag(struct made *m, const char *key, const char *value)
{
    json_put(json_path(m->cluster, "spec.operatorflags"), key, json_new_str(value));
}

static void make(struct made *m)
{
    struct error *err = NULL;
    if (genevalogging_otel_objects(m->cluster, &m->shipper, &err) < 0)
        fail_msg("%s", error_text(err));
}

static void must_fail(struct made *m, const char *part)
{
    cleanup_error struct error *err = NULL;
    assert_int_equal(genevalogging_otel_objects(m->cluster, &m->shipper, &err), -1);
    assert_true(error_is(err, ERR_INVALID));
    assert_non_null(strstr(error_text(err), part));
}

static json *find(const struct made *m, const char *kind, const char *name)
{
    for (size_t i = 0; i < json_len(m->shipper.objects); i++) {
        json *o = json_at(m->shipper.objects, i);
        if (str_eq(json_path_str(o, "kind"), kind) &&
            str_eq(json_path_str(o, "metadata.name"), name))
            return o;
    }
    return NULL;
}

static json *pod_of(const struct made *m, const char *role)
{
    cleanup_free char *name = xasprintf("otel-exporter-%s", role);
    return json_path(find(m, "DaemonSet", name), "spec.template.spec");
}

static void without_a_gateway_no_pods_run(void **state)
{
    struct made *m = *state;
    set(m, "spec.gatewayPrivateEndpointIP", "");
    make(m);

    assert_false(m->shipper.can_run);
    assert_null(find(m, "DaemonSet", "otel-exporter-master"));
    assert_non_null(find(m, "ConfigMap", "otel-config"));
    assert_non_null(find(m, "PodMonitor", "otel-exporter"));
}

static void with_a_gateway_both_daemon_sets_run(void **state)
{
    struct made *m = *state;
    make(m);

    assert_true(m->shipper.can_run);
    json *master = pod_of(m, "master"), *worker = pod_of(m, "worker");
    assert_string_equal(json_path_str(master, "hostAliases[0].ip"), "10.0.0.9");
    assert_string_equal(json_str(json_path(master, "hostAliases[0].hostnames[0]")),
                        "telemetry.eastus.example.com");
    assert_string_equal(json_path_str(worker, "containers[0].env[0].value"),
                        "telemetry.eastus.example.com:4317");
    assert_string_equal(json_str(json_path(worker, "containers[0].args[1]")),
                        "/etc/otel/worker-config.yaml");
    assert_string_equal(json_path_str(master, "containers[0].resources.limits.cpu"), "2");
    assert_string_equal(json_path_str(worker, "containers[0].resources.limits.cpu"), "200m");
    assert_false(json_path_bool(master, "automountServiceAccountToken", true));
    assert_false(json_path_has(master, "nodeSelector"));
}

/* Nodes are masters by either label; every node belongs to exactly one of the two sets. */
static void every_node_gets_one_exporter(void **state)
{
    struct made *m = *state;
    const char *path =
        "affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms";
    make(m);

    json *master = json_path(pod_of(m, "master"), path);
    json *worker = json_path(pod_of(m, "worker"), path);

    assert_int_equal(json_len(master), 2); /* or */
    assert_string_equal(json_path_str(master, "[0].matchExpressions[0].operator"), "Exists");
    assert_string_equal(json_path_str(master, "[1].matchExpressions[0].operator"), "Exists");
    assert_int_equal(json_len(worker), 1); /* and */
    assert_int_equal(json_len(json_path(worker, "[0].matchExpressions")), 2);
    assert_string_equal(json_path_str(worker, "[0].matchExpressions[1].operator"), "DoesNotExist");
}

static void a_gateway_that_is_no_address_is_an_error(void **state)
{
    set(*state, "spec.gatewayPrivateEndpointIP", "10.0.0");
    must_fail(*state, "'10.0.0' is no IP address");
}

static void a_gateway_without_telemetry_domain_is_an_error(void **state)
{
    set(*state, "spec.gatewayTelemetryDomain", "");
    must_fail(*state, "spec.gatewayTelemetryDomain");
}

static void an_unknown_profile_is_an_error(void **state)
{
    set_flag(*state, "aro.genevalogging.otel.profile", "Minimal-Logs");
    must_fail(*state, "unknown log profile 'Minimal-Logs' for master nodes");
}

static void an_unknown_profile_of_one_role_is_an_error(void **state)
{
    set_flag(*state, "aro.genevalogging.otel.worker.profile", "all");
    must_fail(*state, "unknown log profile 'all' for worker nodes");
}

/* A default stands in for an absent key only. */
static void an_empty_common_profile_is_an_error(void **state)
{
    set_flag(*state, "aro.genevalogging.otel.profile", "");
    must_fail(*state, "unknown log profile '' for master nodes");
}

static void without_a_registry_there_is_no_image(void **state)
{
    set(*state, "spec.acrDomain", "");
    must_fail(*state, "spec.acrDomain");
}

static json *give_config(const struct made *m, const char *key)
{
    json *data = json_get(find(m, "ConfigMap", "otel-config"), "data");
    const char *text = json_str(json_get(data, key));
    json *config = NULL;
    assert_non_null(text);
    assert_int_equal(yaml_parse(text, strlen(text), &config, NULL), 0);
    return config;
}

static void a_role_can_have_a_profile_of_its_own(void **state)
{
    struct made *m = *state;
    set_flag(m, "aro.genevalogging.otel.master.profile", "max-logs");
    make(m);

    cleanup_json json *master = give_config(m, "master-config.yaml");
    cleanup_json json *worker = give_config(m, "worker-config.yaml");
    cleanup_json json *common = give_config(m, "config.yaml");

    assert_false(json_path_has(master, "processors[\"filter/containers\"]"));
    assert_true(json_path_has(worker, "processors[\"filter/containers\"]"));
    assert_true(json_equal(common, master));
}

static void an_empty_profile_is_inherited(void **state)
{
    struct made *m = *state;
    set_flag(m, "aro.genevalogging.otel.profile", "max-logs");
    set_flag(m, "aro.genevalogging.otel.worker.profile", "");
    make(m);

    cleanup_json json *worker = give_config(m, "worker-config.yaml");

    assert_false(json_path_has(worker, "processors[\"filter/containers\"]"));
}

static void a_changed_configuration_rolls_the_pods(void **state)
{
    struct made *m = *state;
    static const char path[] =
        "spec.template.metadata.annotations[\"aro.openshift.io/otel-config-sha256\"]";
    make(m);
    json *master = find(m, "DaemonSet", "otel-exporter-master");
    cleanup_free char *before = xstrdup(json_path_str(master, path));
    assert_int_equal(strlen(before), 64);
    json_free(take(m->shipper.objects));
    set_flag(m, "aro.genevalogging.otel.profile", "reduced-logs");

    make(m);

    master = find(m, "DaemonSet", "otel-exporter-master");
    assert_string_not_equal(json_path_str(master, path), before);
}

static void the_image_comes_from_the_registry_or_the_flag(void **state)
{
    struct made *m = *state;
    make(m);
    assert_memory_equal(json_path_str(pod_of(m, "master"), "containers[0].image"),
                        "arosvc.azurecr.io/telemetryexporter:", 36);
    json_free(take(m->shipper.objects));
    set_flag(m, "aro.genevalogging.otel.pullSpec", "r.io/x:1");

    make(m);

    assert_string_equal(json_path_str(pod_of(m, "worker"), "containers[0].image"), "r.io/x:1");
}

/* ---- configurations ---- */

struct config_case {
    const char *name, *role, *profile;
    bool has_audit, filters;
    const char *priority;
};
static struct config_case config_cases[] = {
    { "minimal logs of a master are whole", "master", "minimal-logs", true, true, "info" },
    { "minimal logs of a worker are whole", "worker", "minimal-logs", false, true, "info" },
    { "reduced logs of a master are whole", "master", "reduced-logs", true, true, "info" },
    { "reduced logs of a worker are whole", "worker", "reduced-logs", false, true, "info" },
    { "max logs of a master are whole", "master", "max-logs", true, false, "debug" },
    { "max logs of a worker are whole", "worker", "max-logs", false, false, "debug" },
};

static bool has_part(const json *config, const char *section, const char *name)
{
    return json_is_object(json_get(json_get(config, section), name));
}

/* Every part that a pipeline names is defined: the collector refuses to start otherwise. */
static void check_pipeline(const json *config, const char *name, const json *pipeline)
{
    static const char *const sections[] = { "receivers", "processors", "exporters" };
    for (size_t s = 0; s < ARRAY_LEN(sections); s++) {
        json *parts = json_get(pipeline, sections[s]);
        assert_true(json_len(parts) > 0);
        for (size_t i = 0; i < json_len(parts); i++)
            if (!has_part(config, sections[s], json_str(json_at(parts, i))))
                fail_msg("%s: %s is not in %s", name, json_str(json_at(parts, i)), sections[s]);
    }
    json *processors = json_get(pipeline, "processors");
    assert_string_equal(json_str(json_at(processors, 0)), "memory_limiter");
    assert_string_equal(json_str(json_at(processors, json_len(processors) - 1)), "batch");
}

static bool is_used(const json *pipelines, const char *section, const char *name)
{
    for (struct json_iter it = json_each(pipelines); json_next(&it);)
        for (size_t i = 0; i < json_len(json_get(it.value, section)); i++)
            if (str_eq(json_str(json_at(json_get(it.value, section), i)), name))
                return true;
    return false;
}

static void check_config(void **state)
{
    const struct config_case *c = *state;
    cleanup_free char *text = NULL;
    cleanup_json json *config = NULL;

    assert_int_equal(genevalogging_otel_config(c->role, c->profile, &text, NULL), 0);

    assert_int_equal(yaml_parse(text, strlen(text), &config, NULL), 0);
    json *pipelines = json_path(config, "service.pipelines");
    assert_int_equal(json_len(pipelines), c->has_audit ? 3 : 2);
    for (struct json_iter it = json_each(pipelines); json_next(&it);)
        check_pipeline(config, it.key, it.value);
    static const char *const sections[] = { "receivers", "processors" };
    for (size_t s = 0; s < ARRAY_LEN(sections); s++)
        for (struct json_iter it = json_each(json_get(config, sections[s])); json_next(&it);)
            if (!is_used(pipelines, sections[s], it.key))
                fail_msg("%s is not used by any pipeline", it.key);
    assert_int_equal(has_part(config, "processors", "filter/containers"), c->filters);
    assert_int_equal(has_part(config, "receivers", "filelog/audit"), c->has_audit);
    assert_int_equal(json_path_int(config, "exporters.otlp.sending_queue.queue_size", 0), 1200);
    assert_int_equal(json_path_int(config, "processors.batch.send_batch_max_size", 0), 4096);
    assert_string_equal(json_path_str(config, "exporters.otlp.endpoint"),
                        "${env:GENEVA_GATEWAY_ENDPOINT}");
    assert_string_equal(json_path_str(config, "receivers[\"filelog/containers\"].start_at"), "end");
    assert_string_equal(json_path_str(config, "receivers.journald.start_at"), "beginning");
    assert_string_equal(json_path_str(config, "receivers.journald.priority"), c->priority);
}

static void the_smallest_profile_reads_the_core_only(void **state)
{
    (void)state;
    cleanup_free char *minimal = NULL;
    cleanup_free char *reduced = NULL;

    assert_int_equal(genevalogging_otel_config("master", "minimal-logs", &minimal, NULL), 0);
    assert_int_equal(genevalogging_otel_config("master", "reduced-logs", &reduced, NULL), 0);

    assert_non_null(strstr(minimal, "/var/log/pods/openshift-etcd_*/*/*.log"));
    assert_null(strstr(minimal, "/var/log/pods/default_*/*/*.log"));
    assert_non_null(strstr(reduced, "/var/log/pods/default_*/*/*.log"));
}

static void customers_workloads_are_never_read(void **state)
{
    (void)state;
    static const char *const excluded[] = {
        "logging",   "keda", "user-workload-monitoring", "adp", "distributed-tracing", "cnv",
        "pipelines", "nfd"
    };
    cleanup_free char *text = NULL;
    assert_int_equal(genevalogging_otel_config("worker", "max-logs", &text, NULL), 0);

    for (size_t i = 0; i < ARRAY_LEN(excluded); i++) {
        cleanup_free char *line = xasprintf("- /var/log/pods/openshift-%s_*/*/*.log", excluded[i]);
        if (!strstr(text, line))
            fail_msg("%s is not excluded", excluded[i]);
    }
}

static void an_unknown_profile_has_no_configuration(void **state)
{
    (void)state;
    cleanup_free char *text = NULL;

    assert_int_equal(genevalogging_otel_config("master", "no-logs", &text, NULL), -1);
}

#define MADE(sentence, fn) \
    { \
        .name = (sentence), .test_func = (fn), .setup_func = setup, .teardown_func = teardown \
    }

int main(void)
{
    const struct CMUnitTest objects[] = {
        MADE("runs no pods without a gateway", without_a_gateway_no_pods_run),
        MADE("runs both daemon sets with a gateway", with_a_gateway_both_daemon_sets_run),
        MADE("gives every node one exporter", every_node_gets_one_exporter),
        MADE("refuses a gateway that is no address", a_gateway_that_is_no_address_is_an_error),
        MADE("refuses a gateway without telemetry domain",
             a_gateway_without_telemetry_domain_is_an_error),
        MADE("refuses an unknown profile", an_unknown_profile_is_an_error),
        MADE("refuses an empty common profile", an_empty_common_profile_is_an_error),
        MADE("needs a registry for its image", without_a_registry_there_is_no_image),
        MADE("refuses an unknown profile of one role", an_unknown_profile_of_one_role_is_an_error),
        MADE("lets a role have its own profile", a_role_can_have_a_profile_of_its_own),
        MADE("takes the common profile for an empty one", an_empty_profile_is_inherited),
        MADE("rolls the pods with their configuration", a_changed_configuration_rolls_the_pods),
        MADE("takes the image from registry or flag",
             the_image_comes_from_the_registry_or_the_flag),
        CASE("reads the core only in the smallest profile",
             the_smallest_profile_reads_the_core_only),
        CASE("never reads customers' workloads", customers_workloads_are_never_read),
        CASE("has no configuration for an unknown profile",
             an_unknown_profile_has_no_configuration),
    };
    struct CMUnitTest configs[ARRAY_LEN(config_cases)];
    for (size_t i = 0; i < ARRAY_LEN(config_cases); i++)
        configs[i] =
            (struct CMUnitTest)CASE_OF(config_cases[i].name, check_config, &config_cases[i]);
    return RUN_CASES("genevalogging_otel", objects) + RUN_CASES("genevalogging_config", configs);
}
