/*
 * dnsmasq.h - a cluster's own names on its machines: a DNS server on each that knows api, api-int, *.apps and what the gateway
 * stands for, and asks the network's servers for all else, so that the customer's DNS need not know the cluster.
 *
 * As Ignition configuration of version 3.2.0, which machines of OpenShift 4.6 and later take. Threads: pure.
 * Source: Azure/ARO-RP, pkg/operator/controllers/dnsmasq; dnsmasq(8); openshift/machine-config-operator, docs/MachineConfig.md.
 */
#ifndef OPERATOR_DEPLOY_DNSMASQ_H
#define OPERATOR_DEPLOY_DNSMASQ_H

#include "pkg/base/json.h"

#define DNSMASQ_SUFFIX "-aro-dns" /* of its MachineConfigs' names */

struct dnsmasq_names {                       /* all borrowed */
    const char *domain;                      /* "demo.example.com" */
    const char *api_int_ip, *ingress_ip;     /* IPv4 */
    const json *gateway_domains;             /* an array of host names; NULL or empty: no gateway */
    const char *gateway_private_endpoint_ip; /* only of use with a gateway */
    bool
        restarts; /* dnsmasq begins anew whenever a network interface of the machine comes or goes */
};

/* Errors: ERR_INVALID "invalid FIELD: ...": an address that is none, or a name that would say more to dnsmasq than a name. */
int dnsmasq_names_check(const struct dnsmasq_names *names, struct error **err);

/*
 * dnsmasq_give_config - files and units, {"ignition": {"version"}, "storage": {"files"}, "systemd": {"units"}}; the caller's.
 *
 * Errors  those of dnsmasq_names_check.
 */
int dnsmasq_give_config(const struct dnsmasq_names *names, json **ret, struct error **err);

/* The same as MachineConfig 99-ROLE-aro-dns, for the machines of that role ("master", "worker", or a pool of the customer's). */
int dnsmasq_give_machineconfig(const struct dnsmasq_names *names, const char *role, json **ret,
                               struct error **err);

#endif
