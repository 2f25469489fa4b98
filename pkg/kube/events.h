/*
 * events.h - Kubernetes Events without ever blocking: queue of 1,000, spam filter, aggregation,
 * counting. As events.k8s.io/v1 with series where the server has it, as v1 with counts otherwise.
 */
#ifndef PKG_KUBE_EVENTS_H
#define PKG_KUBE_EVENTS_H

#include "pkg/kube/client.h"

struct event_recorder;
enum event_api { EVENT_API_ASK, EVENT_API_CORE, EVENT_API_SERIES };
struct event_recorder_config {
    enum event_api api; /* ASK: what the server has, asked before the first event */
    struct kube_client *client;
    const char *component; /* source.component */
    const char *host;      /* source.host; may be NULL */
    const struct clock *clock;
    const struct rng *rng;
    const struct log *log;
};
/* The strings are copied. The client must not refuse writes (before_write) that only leaders may do,
 * or the last events of a former leader are lost. */
int event_recorder_new(const struct event_recorder_config *cfg, struct event_recorder **ret,
                       struct error **err);
/* type: "Normal" or "Warning". involved is an object with apiVersion, kind, metadata (borrowed; uid
 * and resourceVersion if known). Without a namespace the event goes to "default". A message is cut at
 * 1,024 bytes. Any thread. */
void event_record(struct event_recorder *r, const json *involved, const char *type,
                  const char *reason, const char *fmt, ...) PRINTF_LIKE(5, 6);
/* Writes what is queued, as far as that time goes, joins, frees. Accepts NULL. */
void event_recorder_stop(struct event_recorder *r, int64_t flush_ms);

#endif
