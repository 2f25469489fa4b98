/* view.h - what the parts of a cluster see in one tick. All borrowed for it. */
#ifndef HACK_DEVCLOUD_BOOT_VIEW_H
#define HACK_DEVCLOUD_BOOT_VIEW_H

#include "hack/devcloud/boot/apply.h"
#include "hack/devcloud/boot/bootstrap.h"
#include "hack/devcloud/boot/cloud.h"

struct config_server;

struct view {
    struct applier api;
    struct cloud *cloud;
    const struct bootstrap *boot;
    struct config_server *configs; /* from which machines boot; NULL: they come up by themselves */
    const char *group_id;
    const json *settings; /* may be NULL */
    int64_t age_ms;       /* since the API server's start */
    bool has_workers;     /* of machines_sync: some worker runs */
};

#endif
