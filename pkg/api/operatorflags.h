/*
 * operatorflags.h - the flags of a cluster's operator: their keys and what a new cluster is given.
 *
 * The column `stamped` is what the resource provider writes into a new cluster; "" is not written.
 * What the operator makes of them is in operator/flags.h. Threads: pure.
 */
#ifndef PKG_API_OPERATORFLAGS_H
#define PKG_API_OPERATORFLAGS_H

#include <stddef.h>

#include "pkg/base/json.h"

/* X(id, key, stamped, doc) */
#define OPERATOR_FLAGS(X) \
    X(ALERTWEBHOOK_ENABLED, "aro.alertwebhook.enabled", "true", \
      "Point alertmanager's empty receivers at the operator.") \
    X(AZURESUBNETS_ENABLED, "aro.azuresubnets.enabled", "true", \
      "Reconcile the cluster's subnets.") \
    X(AZURESUBNETS_NSG_MANAGED, "aro.azuresubnets.nsg.managed", "true", \
      "Reset the network security groups of the cluster's subnets.") \
    X(AZURESUBNETS_ENDPOINT_MANAGED, "aro.azuresubnets.serviceendpoint.managed", "true", \
      "Add the service endpoints that the cluster needs to its subnets.") \
    X(BANNER_ENABLED, "aro.banner.enabled", "false", "Show the support banner in the console.") \
    X(CHECKER_ENABLED, "aro.checker.enabled", "true", "Run the cluster checks.") \
    X(DNSMASQ_ENABLED, "aro.dnsmasq.enabled", "true", \
      "Keep the MachineConfigs by which machines know the cluster's names.") \
    X(RESTARTDNSMASQ_ENABLED, "aro.restartdnsmasq.enabled", "false", \
      "Restart dnsmasq on a machine when a network interface of it comes or goes.") \
    X(ETCHOSTS_ENABLED, "aro.etchosts.enabled", "true", \
      "Care for the cluster's own names in the hosts files of machines, during upgrades.") \
    X(ETCHOSTS_MANAGED, "aro.etchosts.managed", "true", \
      "true writes the names into the hosts files, false takes them away.") \
    X(FORCERECONCILIATION, "aro.forcereconciliation", "false", \
      "Let controllers whose changes restart machines make them outside of an upgrade, too.") \
    X(GENEVALOGGING_ENABLED, "aro.genevalogging.enabled", "true", "Run the log shippers.") \
    X(GENEVALOGGING_PROFILE, "aro.genevalogging.otel.profile", "minimal-logs", \
      "Which logs are shipped: minimal-logs, reduced-logs or max-logs.") \
    X(GENEVALOGGING_MASTER_PROFILE, "aro.genevalogging.otel.master.profile", "", \
      "The profile on masters, instead of the common one.") \
    X(GENEVALOGGING_WORKER_PROFILE, "aro.genevalogging.otel.worker.profile", "", \
      "The profile on workers, instead of the common one.") \
    X(GENEVALOGGING_OTEL_PULLSPEC, "aro.genevalogging.otel.pullSpec", "", \
      "Image of the telemetry exporter.") \
    X(GENEVALOGGING_FLUENTBIT_PULLSPEC, "aro.genevalogging.fluentbit.pullSpec", "", \
      "Image of fluent bit, with the mdsd back end.") \
    X(GENEVALOGGING_MDSD_PULLSPEC, "aro.genevalogging.mdsd.pullSpec", "", \
      "Image of mdsd, with the mdsd back end.") \
    X(ENVIRONMENT, "aro.environment", "", "Environment name that the mdsd back end reports.") \
    X(MACHINE_ENABLED, "aro.machine.enabled", "true", "Validate the cluster's machines.") \
    X(MACHINESET_ENABLED, "aro.machineset.enabled", "true", "Keep at least two workers.") \
    X(MACHINEHEALTHCHECK_ENABLED, "aro.machinehealthcheck.enabled", "true", \
      "Reconcile the machine health check.") \
    X(MACHINEHEALTHCHECK_MANAGED, "aro.machinehealthcheck.managed", "true", \
      "true installs the machine health check, false removes it.") \
    X(PULLSECRET_ENABLED, "aro.pullsecret.enabled", "true", "Reconcile the global pull secret.") \
    X(PULLSECRET_MANAGED, "aro.pullsecret.managed", "true", \
      "Repair the pull secret, beside reporting the keys in it.") \
    X(RBAC_ENABLED, "aro.rbac.enabled", "true", "Keep the roles of the support engineers.")

enum operator_flag {
#define X(id, key, stamped, doc) FLAG_##id,
    OPERATOR_FLAGS(X)
#undef X
        FLAG_COUNT,
    FLAG_NONE /* of a controller that no flag turns off */
};

struct flag_info {
    const char *key, *stamped, *doc;
};
const struct flag_info *flag_info(enum operator_flag flag); /* constant; NULL for FLAG_NONE */

/* Flags of controllers that this version does not have. The resource provider stamps them all the same, and a newer
 * operator finds them. */
extern const struct flag_info other_flags[];
extern const size_t other_flags_len;

/* The map that a new cluster is given; owned by the caller. */
json *operatorflags_give_defaults(void);

#endif
