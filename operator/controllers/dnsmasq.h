/* dnsmasq.h - what the three controllers of dnsmasq keep: its MachineConfig, from the Cluster resource. */
#ifndef OPERATOR_CONTROLLERS_DNSMASQ_H
#define OPERATOR_CONTROLLERS_DNSMASQ_H

#include "operator/deploy/dnsmasq.h"
#include "operator/poolconfigs.h"

/* What the Cluster says; everything is borrowed from it. Not checked. */
struct dnsmasq_names dnsmasq_names_of(const json *cluster);

/* 99-POOL-aro-dns, as operator/deploy/dnsmasq.h says; ERR_INVALID "invalid FIELD: ..." for what is wrong in the Cluster's spec. */
extern const struct poolconfig dnsmasq_poolconfig;

#endif
