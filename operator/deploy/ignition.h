/*
 * ignition.h - MachineConfigs: files and one unit of machines, as Ignition configuration of version 3.2.0, which machines of OpenShift
 * 4.6 and later take. Threads: pure.
 * Source: coreos/ignition, docs/configuration-v3_2.md; openshift/machine-config-operator, docs/MachineConfig.md.
 */
#ifndef OPERATOR_DEPLOY_IGNITION_H
#define OPERATOR_DEPLOY_IGNITION_H

#include "pkg/base/json.h"

/* A file of root's; mode as chmod takes it. The caller's. */
json *ignition_give_file(const char *path, int mode, const char *text, size_t len);
/* One that runs, 0744, from below staticresources/. ERR_INTERNAL: it is not part of this build. */
int ignition_give_script(const char *path, const char *embedded, json **ret, struct error **err);
/* {"ignition": {"version"}, "storage": {"files"}, "systemd": {"units"}} with one unit, enabled, from below staticresources/. The
 * caller's; files, an array, is borrowed. */
int ignition_give_config(const json *files, const char *unit, const char *embedded, json **ret,
                         struct error **err);
/* The MachineConfig for machines of that role; takes config. */
json *ignition_take_machineconfig(const char *name, const char *role, json *config);

#endif
