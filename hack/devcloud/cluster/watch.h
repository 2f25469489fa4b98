/*
 * watch.h - streams of changes: from a resourceVersion on, with bookmarks, time limits, 410, initial
 * events (streaming lists). A watch is opened by a request and then given its sink. Threads: any.
 */
#ifndef HACK_DEVCLOUD_CLUSTER_WATCH_H
#define HACK_DEVCLOUD_CLUSTER_WATCH_H

#include "hack/devcloud/cluster/cluster_impl.h"

/* Where the lines go. Neither call may block or call the watch; -1: the client is gone. */
struct watch_sink {
    int (*write)(struct watch_sink *sink, const char *data, size_t len);
    void (*end)(struct watch_sink *sink); /* the stream is over; more calls may follow */
    const void *owner;                    /* whose end is its end, too; NULL: nobody's */
};
/* What may wait for a slow reader; beyond it the stream is over, and the client begins again. */
#define WATCH_QUEUED_MAX ((size_t)64 << 20)

/* The reply's watch, not running yet. Errors as a list's. */
int watch_open(const struct op *op, struct watch **ret, struct error **err);
/* Replays what the request asks for and goes on with what happens. */
void watch_start(struct watch *w, struct watch_sink *sink);
/* No call of the sink runs or will run afterwards. */
void watch_free(struct watch *w);

/* All watches of a cluster; ends those whose time is over, sends bookmarks. */
struct hub *hub_new(struct cluster *c);
void hub_free(struct hub *h);
/* What is due by now; returns when to look again, CLOCK_NEVER: nothing is pending. */
int64_t hub_tick(struct hub *h, int64_t now_ns);
/* Ends the watches whose sinks have this owner (the server stops). */
void hub_end_of(struct hub *h, const void *owner);
/* A thread that calls hub_tick in time. */
int hub_start(struct hub *h, struct error **err);

#endif
