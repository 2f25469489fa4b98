/* Settings that are repaired whenever somebody changes or deletes them. */
#include <string.h>

#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/base/yaml.h"
#include "test/e2e/e2e.h"

#define PULL_NS "openshift-config"
#define PULL_SECRET "pull-secret"
#define PULL_KEY "data[\".dockerconfigjson\"]"
#define PULL_TYPE "kubernetes.io/dockerconfigjson"
#define MONITORING_NS "openshift-monitoring"
#define ALERT_SECRET "alertmanager-main"
#define ALERT_KEY "data[\"alertmanager.yaml\"]"
#define WEBHOOK \
    "http://aro-operator-master.openshift-azure-operator.svc.cluster.local:8080/healthz/ready"
#define BANNER "openshift-aro-sre"
#define HEALTH_CHECK "aro-machinehealthcheck"

/* ---- roles and the machine health check ---- */

static int roles_run(struct e2e *t, struct error **err)
{
    static const char *const names[] = { "system:aro-sre", "system:aro-diagnostics" };
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (e2e_expect_recreated(t, &GVR_CLUSTERROLES, NULL, names[i], err) < 0 ||
            e2e_expect_recreated(t, &GVR_CLUSTERROLEBINDINGS, NULL, names[i], err) < 0)
            return -1;
    return 0;
}

static int check_sre_reads_only(struct e2e *t, const void *unused, struct error **err)
{
    (void)unused;
    cleanup_json json *role = NULL;
    if (e2e_get(t, &GVR_CLUSTERROLES, NULL, "system:aro-sre", &role, err) < 0)
        return -1;
    json *rules = json_get(role, "rules");
    for (size_t i = 0; i < json_len(rules); i++) {
        json *verbs = json_get(json_at(rules, i), "verbs");
        for (size_t v = 0; v < json_len(verbs); v++)
            if (str_eq(json_str(json_at(verbs, v)), "*"))
                return error_set(err, ERR_INTERNAL, "the role still allows everything");
    }
    return 0;
}

static int role_edit_run(struct e2e *t, struct error **err)
{
    if (e2e_patch(t, &GVR_CLUSTERROLES, NULL, "system:aro-sre",
                  json_make("{'rules':[{'apiGroups':['*'],'resources':['*'],'verbs':['*']}]}"),
                  err) < 0)
        return -1;
    return eventually(t, SOON_MS, check_sre_reads_only, NULL, err);
}

static int health_check_run(struct e2e *t, struct error **err)
{
    if (e2e_expect_recreated(t, &GVR_MACHINEHEALTHCHECKS, MACHINE_NS, HEALTH_CHECK, err) < 0 ||
        e2e_patch(t, &GVR_MACHINEHEALTHCHECKS, MACHINE_NS, HEALTH_CHECK,
                  json_make("{'spec':{'nodeStartupTimeout':'1m'}}"), err) < 0 ||
        eventually(t, SOON_MS, check_expect,
                   EXPECT(&GVR_MACHINEHEALTHCHECKS, MACHINE_NS, HEALTH_CHECK,
                          "spec.nodeStartupTimeout", "25m"),
                   err) < 0 ||
        e2e_set_flag(t, "aro.machinehealthcheck.managed", "false", err) < 0 ||
        eventually(t, SOON_MS, check_absent,
                   OBJECT(&GVR_MACHINEHEALTHCHECKS, MACHINE_NS, HEALTH_CHECK), err) < 0 ||
        e2e_restore(t, err) < 0)
        return -1;
    return eventually(
        t, SOON_MS, check_expect,
        EXPECT(&GVR_MACHINEHEALTHCHECKS, MACHINE_NS, HEALTH_CHECK, "spec.maxUnhealthy", "1"), err);
}

/* ---- alertmanager ---- */

/* The receiver's webhook_configs as JSON text: exactly ours, or "null" for none. */
static int receiver_is(const json *config, const char *name, const char *want, struct error **err)
{
    json *receivers = json_get(config, "receivers");
    for (size_t i = 0; i < json_len(receivers); i++) {
        if (!str_eq(json_path_str(json_at(receivers, i), "name"), name))
            continue;
        cleanup_free char *text =
            json_give_text(json_get(json_at(receivers, i), "webhook_configs"));
        if (strcmp(text, want) == 0)
            return 0;
        return error_set(err, ERR_INTERNAL, "receiver %s: webhook_configs is %s", name, text);
    }
    return error_set(err, ERR_NOT_FOUND, "there is no receiver %s", name);
}

static int check_receivers(struct e2e *t, const void *unused, struct error **err)
{
    (void)unused;
    static const char ours[] = "[{\"url\":\"" WEBHOOK "\"}]";
    cleanup_json json *secret = NULL, *config = NULL;
    cleanup_free char *text = NULL;
    size_t len;
    if (e2e_get(t, &GVR_SECRETS, MONITORING_NS, ALERT_SECRET, &secret, err) < 0)
        return -1;
    const char *encoded = json_path_str(secret, ALERT_KEY);
    if (!encoded)
        return error_set(err, ERR_NOT_FOUND, "the secret has no alertmanager.yaml");
    if (base64_parse(encoded, strlen(encoded), &text, &len, err) < 0 ||
        yaml_parse(text, len, &config, err) < 0 || receiver_is(config, "null", ours, err) < 0 ||
        receiver_is(config, "Default", ours, err) < 0)
        return -1;
    return receiver_is(config, "customers",
                       "[{\"url\":\"https://pager.example.test/\",\"send_resolved\":true}]", err);
}

static int alerts_run(struct e2e *t, struct error **err)
{
    static const char config[] =
        "receivers:\n- name: 'null'\n- name: Default\n  webhook_configs:\n"
        "  - url: https://elsewhere.example.test/\n- name: customers\n  webhook_configs:\n"
        "  - url: https://pager.example.test/\n    send_resolved: true\n"
        "route:\n  receiver: Default\n";
    cleanup_free char *encoded = base64_give(config, strlen(config));
    if (e2e_save(t, &GVR_SECRETS, MONITORING_NS, ALERT_SECRET, err) < 0 ||
        e2e_patch(t, &GVR_SECRETS, MONITORING_NS, ALERT_SECRET,
                  json_make("{'data':{'alertmanager.yaml':%s}}", encoded), err) < 0)
        return -1;
    return eventually(t, SOON_MS, check_receivers, NULL, err);
}

/* ---- pull secret ---- */

struct wanted_keys {
    const char *ours, *customers; /* registries; customers NULL: none is asked for */
};

static int check_pull_secret(struct e2e *t, const void *arg, struct error **err)
{
    const struct wanted_keys *want = arg;
    cleanup_json json *secret = NULL, *config = NULL;
    cleanup_free char *text = NULL;
    size_t len;
    if (e2e_get(t, &GVR_SECRETS, PULL_NS, PULL_SECRET, &secret, err) < 0)
        return -1;
    const char *encoded = json_path_str(secret, PULL_KEY);
    if (!str_eq(json_path_str(secret, "type"), PULL_TYPE) || !encoded)
        return error_set(err, ERR_INTERNAL, "the pull secret has type %s",
                         json_path_str(secret, "type"));
    if (base64_parse(encoded, strlen(encoded), &text, &len, err) < 0 ||
        json_parse_object(text, len, &config, err) < 0)
        return -1;
    json *auths = json_get(config, "auths");
    if (!json_get(auths, want->ours))
        return error_set(err, ERR_NOT_FOUND, "the key of %s is missing", want->ours);
    if (want->customers && !json_get(auths, want->customers))
        return error_set(err, ERR_NOT_FOUND, "the customer's key of %s is missing",
                         want->customers);
    return 0;
}

static int put_pull_secret(struct e2e *t, const char *text, struct error **err)
{
    cleanup_free char *encoded = base64_give(text, strlen(text));
    return e2e_patch(t, &GVR_SECRETS, PULL_NS, PULL_SECRET,
                     json_make("{'data':{'.dockerconfigjson':%s}}", encoded), err);
}

static int pull_deleted_run(struct e2e *t, struct error **err)
{
    struct wanted_keys want = { "arosvc.azurecr.io", NULL };
    if (e2e_save(t, &GVR_SECRETS, PULL_NS, PULL_SECRET, err) < 0 ||
        e2e_delete(t, &GVR_SECRETS, PULL_NS, PULL_SECRET, err) < 0)
        return -1;
    return eventually(t, SOON_MS, check_pull_secret, &want, err);
}

static int pull_type_run(struct e2e *t, struct error **err)
{
    struct wanted_keys want = { "arosvc.azurecr.io", NULL };
    if (e2e_set_flag(t, "aro.pullsecret.managed", "false", err) < 0 ||
        e2e_delete(t, &GVR_SECRETS, PULL_NS, PULL_SECRET, err) < 0 ||
        e2e_create(t,
                   json_make("{'apiVersion':'v1','kind':'Secret','type':'Opaque','metadata':"
                             "{'name':%s,'namespace':%s},'data':{'x':'eA=='}}",
                             PULL_SECRET, PULL_NS),
                   err) < 0 ||
        e2e_set_flag(t, "aro.pullsecret.managed", "true", err) < 0)
        return -1;
    return eventually(t, SOON_MS, check_pull_secret, &want, err);
}

static int pull_garbage_run(struct e2e *t, struct error **err)
{
    /* A real API server refuses bad JSON in this type of secret: then there is nothing to repair. */
    struct wanted_keys want = { "arosvc.azurecr.io", NULL };
    struct error *e = NULL;
    if (e2e_save(t, &GVR_SECRETS, PULL_NS, PULL_SECRET, err) < 0)
        return -1;
    if (put_pull_secret(t, "{\"auths\":", &e) < 0 && !error_is(e, ERR_UNPROCESSABLE))
        return error_move(err, &e);
    error_free(e);
    if (put_pull_secret(t, "{}", err) < 0)
        return -1;
    return eventually(t, SOON_MS, check_pull_secret, &want, err);
}

static int pull_key_run(struct e2e *t, struct error **err)
{
    struct wanted_keys want = { "arosvc.azurecr.io", "registry.customer.example.test" };
    if (e2e_save(t, &GVR_SECRETS, PULL_NS, PULL_SECRET, err) < 0 ||
        put_pull_secret(t,
                        "{\"auths\":{\"registry.customer.example.test\":{\"auth\":\"eDp5\"},"
                        "\"registry.redhat.io\":{\"auth\":\"eDp5\"}}}",
                        err) < 0 ||
        eventually(t, SOON_MS, check_pull_secret, &want, err) < 0)
        return -1;
    return eventually(
        t, SOON_MS, check_expect,
        EXPECT(&GVR_CLUSTERS, NULL, CLUSTER, "status.redHatKeysPresent[0]", "registry.redhat.io"),
        err);
}

/* ---- banner ---- */

static int banner_run(struct e2e *t, struct error **err)
{
    if (e2e_set_flag(t, "aro.banner.enabled", "true", err) < 0 ||
        e2e_change_spec(t, json_make("{'banner':{'content':'ContactSupport'}}"), err) < 0 ||
        eventually(t, SOON_MS, check_recreated, OBJECT(&GVR_CONSOLENOTIFICATIONS, NULL, BANNER),
                   err) < 0 ||
        e2e_expect_recreated(t, &GVR_CONSOLENOTIFICATIONS, NULL, BANNER, err) < 0 ||
        e2e_change_spec(t, json_make("{'banner':{'content':''}}"), err) < 0)
        return -1;
    return eventually(t, SOON_MS, check_absent, OBJECT(&GVR_CONSOLENOTIFICATIONS, NULL, BANNER),
                      err);
}

static const struct e2e_case cases[] = {
    { "ARO Operator should restore the roles of support engineers",
      "Deleted ClusterRoles and bindings come back.", roles_run },
    { "ARO Operator should undo edits of the support engineers' role",
      "Rights that somebody adds are taken away.", role_edit_run },
    { "ARO Operator should restore the machine health check",
      "Deleted or edited it comes back; unmanaged it goes.", health_check_run },
    { "ARO Operator should point alertmanager's empty receivers at itself",
      "Default and null are patched, the customer's receivers stay.", alerts_run },
    { "ARO Operator should restore a deleted pull secret", "With the keys of the service.",
      pull_deleted_run },
    { "ARO Operator should replace a pull secret of the wrong type",
      "The type is immutable: it is made anew.", pull_type_run },
    { "ARO Operator should repair a pull secret without content", "Bad or empty JSON.",
      pull_garbage_run },
    { "ARO Operator should add missing keys to the pull secret and keep the customer's",
      "Red Hat's keys are reported in the status.", pull_key_run },
    { "ARO Operator should show and remove the support banner",
      "As spec.banner.content says; deleted it comes back.", banner_run },
};
const struct e2e_table cases_repair = { cases, ARRAY_LEN(cases) };
