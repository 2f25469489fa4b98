/*
 * clustersync.h - the status of a ClusterSync, made from how the sets stand.
 * Threads: pure.
 * Source: openshift/hive, ClusterSyncStatus.
 */
#ifndef RP_SYNCSETS_CONTROLLERS_CLUSTERSYNC_H
#define RP_SYNCSETS_CONTROLLERS_CLUSTERSYNC_H

#include "rp/syncsets/controllers/workload.h"

#define MESSAGE_MAX 4096

struct clustersync {
    const struct workload *w;
    const char *controller; /* who works on it */
    bool is_paused;
    bool
        is_tried; /* something was sent, or would have been if there was need; else only Paused changes */
    bool is_rendered; /* what the sets contain is known */
    /* Told by the edit: whether all sets had success once before; when they had, if it wrote that now, else 0. */
    bool was_complete;
    int64_t complete_s;
};
/* sets_status_edit; arg: a struct clustersync. What has not changed keeps its times; when nothing has, nothing changes. */
void clustersync_edit(json *status, const json *object, void *arg);

#endif
