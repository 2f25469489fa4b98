/* record.h - making records; see state.h. Private to the state. */
#ifndef HACK_DEVCLOUD_CLUSTER_RECORD_H
#define HACK_DEVCLOUD_CLUSTER_RECORD_H

#include "hack/devcloud/cluster/state.h"

/* From an object with metadata.name; sets its resourceVersion, leaves apiVersion and kind out. */
struct record *record_new(const char *collection, json *obj, int64_t revision, int64_t created);

#endif
