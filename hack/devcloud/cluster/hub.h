/* hub.h - the inside of watches and of what keeps their time; see watch.h. Private. */
#ifndef HACK_DEVCLOUD_CLUSTER_HUB_H
#define HACK_DEVCLOUD_CLUSTER_HUB_H

#include "hack/devcloud/cluster/read.h"
#include "hack/devcloud/cluster/watch.h"

/* Streaming lists are on by default since. */
#define CLUSTER_MINOR_WATCH_LIST 32

struct watch {
    struct listener listener;
    struct op op;
    struct api_request rq;
    struct kinds *kinds;
    struct selection selection;
    struct watch_sink *sink;
    int64_t since;
    bool streams_list, bookmarks, columns_sent;
    bool over; /* under the state's lock */

    /* Under the hub's lock. */
    int64_t end_ns, bookmark_ns;
    struct watch *prev, *next;
    bool linked;
};

void hub_add(struct hub *h, struct watch *w);
void hub_remove(struct hub *h, struct watch *w);

/* With the hub's lock held. */
void watch_bookmark(struct watch *w, bool ends_initial);
void watch_end(struct watch *w);
/* Does what is due and returns when to look again. */
int64_t watch_tick(struct watch *w, int64_t now_ns);

#endif
