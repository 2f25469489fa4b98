/*
 * installer_payload.h - what standin_installer.sh copies, from the graph of the built-in installer.
 */
#ifndef TEST_UNIT_SUPPORT_RP_CLUSTER_INSTALLER_PAYLOAD_H
#define TEST_UNIT_SUPPORT_RP_CLUSTER_INSTALLER_PAYLOAD_H

#include "pkg/base/json.h"
#include "rp/cluster/installer/workdir.h"

/* Into the folder payload of dir, which is made. */
int installer_payload_write(const struct workdir *dir, const json *graph, struct error **err);

#endif
