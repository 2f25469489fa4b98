/*
 * events_correlate.h - what becomes of an event: dropped as spam, folded into one for many similar,
 * counted up, or written as it is. Private to pkg/kube.
 *
 * Threads: one at a time.
 * Source: client-go tools/record (EventCorrelator).
 */
#ifndef PKG_KUBE_EVENTS_CORRELATE_H
#define PKG_KUBE_EVENTS_CORRELATE_H

#include "pkg/kube/events_series.h"
#include "pkg/kube/gvr.h"

#define EVENT_MESSAGE_MAX 1024 /* bytes */

struct event_correlator;

struct event_correlator_config {
    const char *component, *host; /* host may be "" */
    const struct clock *clock;
    const struct rng *rng;
};

/* One event as it was recorded. Strings are owned; but the last four may be "". */
struct event_input {
    char *type, *reason, *message, *kind, *name;
    char *api_version, *nspace, *uid, *resource_version;
    int64_t wall_ns;
};
void event_input_free(struct event_input *in); /* accepts NULL */
/* At most EVENT_MESSAGE_MAX bytes, never half a character. */
void event_message_cut(char *text);

/* What to write. All is owned. */
struct event_plan {
    const struct gvr *gvr; /* of the API that both bodies are of */
    char *nspace, *name;
    json *event; /* to be created, or when the patched one is gone; NULL: then not */
    json *patch; /* strategic merge patch of what was written before; NULL: create */
    char *key;   /* under which it is counted; NULL: nowhere */
};
void event_plan_release(struct event_plan *p);

struct event_correlator *event_correlator_new(const struct event_correlator_config *cfg);
void event_correlator_free(struct event_correlator *c);
/* Whether events are planned as events.k8s.io/v1 from now on; at first they are not. A change forgets
 * what was counted. */
void event_correlator_use_series(struct event_correlator *c, bool yes);
enum event_fate {
    EVENT_WRITE,
    EVENT_SPAM,   /* nothing to write */
    EVENT_COUNTED /* nothing to write now: event_correlator_take_due */
};
enum event_fate event_correlator_plan(struct event_correlator *c, const struct event_input *in,
                                      struct event_plan *ret);
/* Counts of series that are to be written: when (monotonic, CLOCK_NEVER: none waits), and the next one
 * (all: whether due or not). false: none. */
int64_t event_correlator_due_ns(const struct event_correlator *c);
bool event_correlator_take_due(struct event_correlator *c, bool all, struct event_plan *ret);
/* The plan was carried out: the next identical event patches that one. */
void event_correlator_keep(struct event_correlator *c, const struct event_plan *p);

static inline void event_plan_release_slot(struct event_plan *p)
{
    event_plan_release(p);
}
#define cleanup_event_plan CLEANUP_WITH(event_plan_release_slot)

#endif
