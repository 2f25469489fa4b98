/* console.h - a step: the console shows Azure's brand. Source: OpenShift API, console operator. */
#ifndef RP_CLUSTER_CONSOLE_H
#define RP_CLUSTER_CONSOLE_H

#include "rp/cluster/cluster.h"

/* updateConsoleBranding */
int cluster_update_console_branding(void *arg, const struct opctx *ctx, struct error **err);

#endif
