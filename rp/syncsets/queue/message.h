/*
 * message.h - what goes over the broker, as JSON: hints of work and events of commits.
 *
 * An event says what changed, and no more: {"type":"clusters","op":"MODIFIED","namespace":"a","name":"b","uid":"...",
 * "resourceVersion":"123","prev":"119","generation":4,"labels":{...}}, in at most BUS_EVENT_MAX bytes. prev is the revision of
 * the change before it of that type. Labels that do not fit are left out, and "labelsOmitted":true says so.
 * Threads: pure.
 */
#ifndef RP_SYNCSETS_QUEUE_MESSAGE_H
#define RP_SYNCSETS_QUEUE_MESSAGE_H

#include "pkg/base/buf.h"
#include "rp/syncsets/queue/queue.h"
#include "rp/syncsets/store/store.h"

#define BUS_EVENT_MAX 4096

char *bus_hint_give(const struct sets_hint *h); /* owned by the caller */
int bus_hint_parse(const char *text, size_t len, struct sets_hint *ret, struct error **err);

/* out: empty, at least BUS_EVENT_MAX. */
void bus_event_write(struct buf *out, const struct sets_event *e);
char *bus_event_key(const struct sets_event *e); /* its routing key; owned by the caller */

struct sets_bus_event {
    int64_t revision, prev, generation;
    char *type, *op, *nspace, *name, *uid; /* nspace "" for global types */
    char *labels;                          /* a JSON object; NULL: they were left out */
};
/* ERR_INVALID. */
int bus_event_parse(const char *text, size_t len, struct sets_bus_event *ret, struct error **err);
void sets_bus_event_release(struct sets_bus_event *e);
#define cleanup_bus_event CLEANUP_WITH(sets_bus_event_release)

#endif
