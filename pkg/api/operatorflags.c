#include "pkg/api/operatorflags.h"

#include "pkg/base/cleanup.h"

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

const struct flag_info *flag_info(enum operator_flag flag)
{
    return flag < FLAG_COUNT ? &infos[flag] : NULL;
}

static void stamp(json *flags, const struct flag_info *info)
{
    if (*info->stamped)
        json_put(flags, info->key, json_new_str(info->stamped));
}

json *operatorflags_give_defaults(void)
{
    json *flags = json_new_object();
    for (int i = 0; i < FLAG_COUNT; i++)
        stamp(flags, flag_info((enum operator_flag)i));
    for (size_t i = 0; i < other_flags_len; i++)
        stamp(flags, &other_flags[i]);
    return flags;
}
