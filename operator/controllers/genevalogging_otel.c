/*
 * The OpenTelemetry back end: one collector on every node, which reads the journal, the platform's
 * container logs and, on masters, the audit log, and sends them to the service's gateway.
 */
#include <arpa/inet.h>
#include <string.h>

#include "operator/controllers/genevalogging_backends.h"
#include "operator/deploy/render.h"
#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/base/yaml.h"
#include "pkg/crypt/crypt.h"

#define FOLDER "operator/genevalogging/otel/"
#define EXPORTER_IMAGE "telemetryexporter:latest"
#define DEFAULT_PROFILE "minimal-logs"

static const char *const profiles[] = { DEFAULT_PROFILE, "reduced-logs", "max-logs" };

struct role {
    const char *name;
    enum operator_flag profile;
    const char *cpu_limit;
    bool is_master;
};
static const struct role roles[] = {
    { "master", FLAG_GENEVALOGGING_MASTER_PROFILE, "2", true },
    { "worker", FLAG_GENEVALOGGING_WORKER_PROFILE, "200m", false },
};

const struct kube_ref genevalogging_otel_leftovers[] = {
    { .gvr = &GVR_DAEMONSETS, .nspace = LOGGING_NAMESPACE, .name = "otel-exporter-master" },
    { .gvr = &GVR_DAEMONSETS, .nspace = LOGGING_NAMESPACE, .name = "otel-exporter-worker" },
    { .gvr = &GVR_CONFIGMAPS, .nspace = LOGGING_NAMESPACE, .name = "otel-config" },
    { .gvr = &GVR_PODMONITORS, .nspace = LOGGING_NAMESPACE, .name = "otel-exporter" },
    { .gvr = &GVR_PROMETHEUSRULES, .nspace = LOGGING_NAMESPACE, .name = "otel-exporter-alerts" },
    { 0 }
};

/* ---- configuration ---- */

static int give_document(const char *name, json **ret, struct error **err)
{
    cleanup_free char *path = xasprintf(FOLDER "%s.yaml", name);
    cleanup_json json *documents = json_new_array();
    if (render_file(path, NULL, 0, documents, err) < 0)
        return -1;
    *ret = json_ref(json_at(documents, 0));
    return 0;
}

static int lay_over(json **config, const char *name, struct error **err)
{
    cleanup_json json *patch = NULL;
    if (give_document(name, &patch, err) < 0)
        return -1;
    *config = json_give_merged(*config, patch);
    return 0;
}

/* The collector expands ${env:NAME} itself, which is no variable of ours. */
int genevalogging_otel_config(const char *role, const char *profile, char **ret, struct error **err)
{
    cleanup_json json *config = NULL;
    if (give_document("config", &config, err) < 0 || lay_over(&config, profile, err) < 0)
        return -1;
    if (str_eq(role, "worker") && lay_over(&config, "worker", err) < 0)
        return -1;
    *ret = yaml_give_text(config);
    return 0;
}

static int choose_profile(const json *cluster, const struct role *role, const char **ret,
                          struct error **err)
{
    const char *common = flag_text(cluster, FLAG_GENEVALOGGING_PROFILE, DEFAULT_PROFILE);
    const char *wanted = flag_text_or(cluster, role->profile, common);
    for (size_t i = 0; i < ARRAY_LEN(profiles); i++) {
        if (str_eq(wanted, profiles[i])) {
            *ret = profiles[i];
            return 0;
        }
    }
    return error_set(err, ERR_INVALID, "unknown log profile '%s' for %s nodes", wanted, role->name);
}

/* A profile that cannot be made must not end logging: the smallest one takes its place. */
static int give_config(const json *cluster, const struct role *role, char **ret, struct error **err)
{
    const char *profile;
    if (choose_profile(cluster, role, &profile, err) < 0)
        return -1;
    if (genevalogging_otel_config(role->name, profile, ret, NULL) == 0)
        return 0;
    return genevalogging_otel_config(role->name, DEFAULT_PROFILE, ret, err);
}

/* ---- objects ---- */

static json *give_affinity(bool is_master)
{
    if (is_master) /* terms are or-ed: either label makes a master */
        return json_make(
            "{'nodeAffinity':{'requiredDuringSchedulingIgnoredDuringExecution':{"
            "'nodeSelectorTerms':["
            "{'matchExpressions':[{'key':'node-role.kubernetes.io/master','operator':'Exists'}]},"
            "{'matchExpressions':[{'key':'node-role.kubernetes.io/control-plane',"
            "'operator':'Exists'}]}]}}}");
    return json_make(
        "{'nodeAffinity':{'requiredDuringSchedulingIgnoredDuringExecution':{"
        "'nodeSelectorTerms':[{'matchExpressions':["
        "{'key':'node-role.kubernetes.io/master','operator':'DoesNotExist'},"
        "{'key':'node-role.kubernetes.io/control-plane','operator':'DoesNotExist'}]}]}}}");
}

static char *give_digest(const char *text)
{
    unsigned char digest[SHA256_LEN];
    sha256(text, strlen(text), digest);
    return hex_give(digest, sizeof(digest));
}

static int add_daemonset(const json *cluster, const struct role *role, const char *config,
                         json *objects, struct error **err)
{
    cleanup_free char *hash = give_digest(config);
    cleanup_free char *image = NULL;
    if (genevalogging_give_image(cluster, FLAG_GENEVALOGGING_OTEL_PULLSPEC, EXPORTER_IMAGE, &image,
                                 err) < 0)
        return -1;
    const struct render_var vars[] = {
        { "Role", role->name },
        { "Image", image },
        { "ConfigHash", hash },
        { "GatewayIP", json_path_str(cluster, "spec.gatewayPrivateEndpointIP") },
        { "TelemetryDomain", json_path_str(cluster, "spec.gatewayTelemetryDomain") },
    };
    if (render_file(FOLDER "daemonset.yaml", vars, ARRAY_LEN(vars), objects, err) < 0)
        return -1;
    json *pod = json_path(json_at(objects, json_len(objects) - 1), "spec.template.spec");
    json_put(pod, "affinity", give_affinity(role->is_master));
    return json_set_str(pod, "containers[0].resources.limits.cpu", role->cpu_limit, err);
}

/* Whether the collectors have somewhere to ship to. */
static int check_gateway(const json *cluster, bool *ret, struct error **err)
{
    const char *ip = json_path_str(cluster, "spec.gatewayPrivateEndpointIP");
    const char *domain = json_path_str(cluster, "spec.gatewayTelemetryDomain");
    unsigned char address[sizeof(struct in6_addr)];
    *ret = false;
    if (!ip || !*ip)
        return 0;
    if (inet_pton(AF_INET, ip, address) != 1 && inet_pton(AF_INET6, ip, address) != 1)
        return error_set(err, ERR_INVALID, "spec.gatewayPrivateEndpointIP: '%s' is no IP address",
                         ip);
    if (!domain || !*domain)
        return error_set(err, ERR_INVALID, "spec.gatewayTelemetryDomain: missing or empty");
    *ret = true;
    return 0;
}

static json *give_config_map(char *const *configs)
{
    return json_make("{'apiVersion':'v1','kind':'ConfigMap','metadata':{'name':'otel-config',"
                     "'namespace':%s},'data':{'master-config.yaml':%s,'worker-config.yaml':%s,"
                     "'config.yaml':%s}}",
                     LOGGING_NAMESPACE, configs[0], configs[1], configs[0]);
}

int genevalogging_otel_objects(const json *cluster, struct shipper *ret, struct error **err)
{
    bool can_ship;
    if (check_gateway(cluster, &can_ship, err) < 0)
        return -1;
    cleanup_free char *master = NULL;
    cleanup_free char *worker = NULL;
    if (give_config(cluster, &roles[0], &master, err) < 0 ||
        give_config(cluster, &roles[1], &worker, err) < 0)
        return -1;

    char *const configs[ARRAY_LEN(roles)] = { master, worker };
    cleanup_json json *objects = json_new_array();
    json_append(objects, give_config_map(configs));
    if (render_file(FOLDER "monitoring.yaml", NULL, 0, objects, err) < 0)
        return -1;
    for (size_t i = 0; can_ship && i < ARRAY_LEN(roles); i++)
        if (add_daemonset(cluster, &roles[i], configs[i], objects, err) < 0)
            return -1;
    *ret = (struct shipper){ .objects = take(objects), .can_run = can_ship };
    return 0;
}
