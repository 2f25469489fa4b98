/*
 * ignition.h - configurations for Ignition, which sets machines up at their first start. Private to this folder.
 *
 * Version 2.2.0 for layout V1, 3.2.0 for V2. Contents are data URLs.
 * Threads: pure.
 * Source: coreos/ignition, configuration specifications 2.2.0 and 3.2.0.
 */
#ifndef RP_CLUSTER_INSTALLER_IGNITION_H
#define RP_CLUSTER_INSTALLER_IGNITION_H

#include "pkg/base/json.h"
#include "rp/cluster/installer/installer.h"

/* What Azure takes as customData, before base64. */
#define CUSTOM_DATA_MAX 65535

json *ignition_new(enum installer_layout layout);
/* path is absolute; a later file takes the place of an earlier one with the same path. */
void ignition_add_file(json *config, const char *path, int mode, const char *data, size_t len);
void ignition_add_unit(json *config, const char *name, bool enabled, const char *contents);
void ignition_add_user(json *config, const char *name, const char *ssh_key);

/* Files and units of another configuration, in the place of those with the same path or name. */
void ignition_add_all(json *config, const json *more);

/* A configuration that says: take the rest from url, whose server ca_pem vouches for. */
json *ignition_give_pointer(enum installer_layout layout, const char *url, const char *ca_pem);

#endif
