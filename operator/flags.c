#include "operator/flags.h"

#include <string.h>

#include "pkg/base/strv.h"

static const struct flag_info infos[FLAG_COUNT] = {
#define X(id, key, stamped, doc) [FLAG_##id] = { key, stamped, doc },
    OPERATOR_FLAGS(X)
#undef X
};

const struct flag_info other_flags[] = {
    { "aro.autosizednodes.enabled", "true", "Let the kubelet size its own reservations." },
    { "aro.ccopprof.enabled", "true",
      "Close the profiling port of the cloud credential operator." },
    { "aro.cloudproviderconfig.enabled", "true",
      "Keep the outbound rules of the load balancer out of the cloud provider's hands." },
    { "aro.cpms.enabled", "false", "Leave an active control plane machine set alone." },
    { "aro.dnsmasq.enabled", "true", "Keep dnsmasq on the nodes." },
    { "aro.restartdnsmasq.enabled", "false", "Restart dnsmasq when a node's network comes up." },
    { "aro.etchosts.enabled", "true", "Reconcile the nodes' hosts file." },
    { "aro.etchosts.managed", "true",
      "true writes the gateway's domains into the nodes' hosts file, false removes them." },
    { "aro.forcereconciliation", "false",
      "Let controllers whose changes reboot nodes act outside an upgrade, too." },
    { "aro.genevalogging.otel.emitsourcefields", "",
      "Nobody reads it; other versions stamped it." },
    { "aro.guardrails.enabled", "true", "Reconcile the guardrails." },
    { "aro.guardrails.deploy.managed", "true",
      "true installs the guardrails, false removes them." },
    { "aro.guardrails.method", "auto",
      "gatekeeper, vap, or auto, which chooses by the cluster's version." },
    { "aro.guardrails.namespace", "", "Namespace of the guardrails." },
    { "aro.guardrails.deploy.pullspec", "", "Image of gatekeeper." },
    { "aro.guardrails.policies.aro-machines-deny.managed", "true", "Keep this policy." },
    { "aro.guardrails.policies.aro-machines-deny.enforcement", "deny", "dryrun, warn or deny." },
    { "aro.guardrails.policies.aro-machine-config-deny.managed", "true", "Keep this policy." },
    { "aro.guardrails.policies.aro-machine-config-deny.enforcement", "dryrun",
      "dryrun, warn or deny." },
    { "aro.guardrails.policies.aro-nodes-deny.managed", "true", "Keep this policy." },
    { "aro.guardrails.policies.aro-nodes-deny.enforcement", "deny", "dryrun, warn or deny." },
    { "aro.guardrails.policies.aro-privileged-namespace-deny.managed", "true",
      "Keep this policy." },
    { "aro.guardrails.policies.aro-privileged-namespace-deny.enforcement", "dryrun",
      "dryrun, warn or deny." },
    { "aro.guardrails.deploy.manager.requests.cpu", "",
      "Processor request of gatekeeper's manager." },
    { "aro.guardrails.deploy.manager.requests.mem", "", "Memory request of gatekeeper's manager." },
    { "aro.guardrails.deploy.manager.limit.cpu", "", "Processor limit of gatekeeper's manager." },
    { "aro.guardrails.deploy.manager.limit.mem", "", "Memory limit of gatekeeper's manager." },
    { "aro.guardrails.deploy.audit.requests.cpu", "", "Processor request of gatekeeper's audit." },
    { "aro.guardrails.deploy.audit.requests.mem", "", "Memory request of gatekeeper's audit." },
    { "aro.guardrails.deploy.audit.limit.cpu", "", "Processor limit of gatekeeper's audit." },
    { "aro.guardrails.deploy.audit.limit.mem", "", "Memory limit of gatekeeper's audit." },
    { "aro.guardrails.validatingwebhook.managed", "",
      "Keep the validating webhook of gatekeeper." },
    { "aro.guardrails.validatingwebhook.timeoutSeconds", "",
      "How long the validating webhook may take." },
    { "aro.guardrails.mutatingwebhook.managed", "", "Keep the mutating webhook of gatekeeper." },
    { "aro.guardrails.mutatingwebhook.timeoutSeconds", "",
      "How long the mutating webhook may take." },
    { "aro.guardrails.reconciliationMinutes", "", "How often the guardrails are looked at." },
    { "aro.guardrails.role.scc.resourcename", "", "Security context constraint of gatekeeper." },
    { "aro.imageconfig.enabled", "true", "Keep the service's registries allowed." },
    { "aro.ingress.enabled", "true", "Keep at least two replicas of the default ingress." },
    { "aro.monitoring.enabled", "false",
      "Keep customers' settings out of the cluster's own monitoring." },
    { "aro.nodedrainer.enabled", "true", "Drain workers whose drain hangs." },
    { "aro.routefix.enabled", "true", "Repair routes of old cluster versions." },
    { "aro.storageaccounts.enabled", "true",
      "Let the service's subnets reach the cluster's storage accounts." },
    { "aro.workaround.enabled", "true", "Apply the workarounds of this version." },
    { "aro.workaround.copyfail.enabled", "true", "Turn off a kernel module with a known hole." },
    { "aro.workaround.dirtyfrag.enabled", "true", "Turn off kernel modules with a known hole." },
    { "rh.srep.muo.enabled", "true", "Reconcile the managed upgrade operator." },
    { "rh.srep.muo.managed", "true",
      "true installs the managed upgrade operator, false removes it." },
    { "rh.srep.muo.deploy.pullspec", "", "Image of the managed upgrade operator." },
};
const size_t other_flags_len = ARRAY_LEN(other_flags);

/*
 * Older forms of a flag: another key of the map, or a boolean of spec.features. A features boolean
 * that stands for several flags yields as soon as one of its flags is set explicitly.
 */
struct older_form {
    enum operator_flag flag;
    const char *key;     /* of spec.operatorflags; NULL: none */
    const char *feature; /* of spec.features; NULL: none */
    enum operator_flag yields_to;
};
static const struct older_form older_forms[] = {
    { FLAG_AZURESUBNETS_NSG_MANAGED, "aro.azuresubnets.nsg.enabled", NULL, FLAG_NONE },
    { FLAG_AZURESUBNETS_ENDPOINT_MANAGED, "aro.azuresubnets.serviceendpoint.enabled", NULL,
      FLAG_NONE },
    { FLAG_AZURESUBNETS_ENABLED, NULL, "reconcileNSGs", FLAG_AZURESUBNETS_NSG_MANAGED },
    { FLAG_AZURESUBNETS_NSG_MANAGED, NULL, "reconcileNSGs", FLAG_AZURESUBNETS_ENABLED },
    { FLAG_AZURESUBNETS_ENABLED, NULL, "reconcileSubnets", FLAG_AZURESUBNETS_NSG_MANAGED },
    { FLAG_AZURESUBNETS_NSG_MANAGED, NULL, "reconcileSubnets", FLAG_AZURESUBNETS_ENABLED },
    { FLAG_ALERTWEBHOOK_ENABLED, NULL, "reconcileAlertWebhook", FLAG_NONE },
    { FLAG_GENEVALOGGING_ENABLED, NULL, "reconcileGenevaLogging", FLAG_NONE },
    { FLAG_MACHINESET_ENABLED, NULL, "reconcileMachineSet", FLAG_NONE },
    { FLAG_PULLSECRET_ENABLED, NULL, "reconcilePullSecret", FLAG_NONE },
    { FLAG_BANNER_ENABLED, NULL, "reconcileBanner", FLAG_NONE },
};

const struct flag_info *flag_info(enum operator_flag flag)
{
    return flag < FLAG_COUNT ? &infos[flag] : NULL;
}

static json *flag_map(const json *cluster)
{
    return json_path(cluster, "spec.operatorflags");
}

static bool has_key(const json *cluster, enum operator_flag flag)
{
    return flag < FLAG_COUNT && json_has(flag_map(cluster), infos[flag].key);
}

static bool text_is_true(const char *text)
{
    return str_eq_nocase(text, "true");
}

/* 1 on, 0 off, -1 no older form says anything. */
static int older_form_says(const json *cluster, enum operator_flag flag)
{
    for (size_t i = 0; i < ARRAY_LEN(older_forms); i++) {
        const struct older_form *form = &older_forms[i];
        if (form->flag != flag)
            continue;
        if (form->key && json_has(flag_map(cluster), form->key))
            return text_is_true(json_str(json_get(flag_map(cluster), form->key)));
        json *features = json_path(cluster, "spec.features");
        if (form->feature && json_has(features, form->feature) &&
            !has_key(cluster, form->yields_to))
            return json_bool(json_get(features, form->feature), false);
    }
    return -1;
}

bool flag_is_on(const json *cluster, enum operator_flag flag)
{
    if (flag == FLAG_NONE)
        return true;
    if (has_key(cluster, flag))
        return text_is_true(json_str(json_get(flag_map(cluster), infos[flag].key)));
    return older_form_says(cluster, flag) == 1;
}

bool flag_is_set(const json *cluster, enum operator_flag flag)
{
    return has_key(cluster, flag) || (flag < FLAG_COUNT && older_form_says(cluster, flag) >= 0);
}

const char *flag_text(const json *cluster, enum operator_flag flag, const char *dflt)
{
    const char *text =
        flag < FLAG_COUNT ? json_str(json_get(flag_map(cluster), infos[flag].key)) : NULL;
    return text ? text : dflt;
}

const char *flag_text_or(const json *cluster, enum operator_flag flag, const char *dflt)
{
    const char *text = flag_text(cluster, flag, dflt);
    return text && *text ? text : dflt;
}
