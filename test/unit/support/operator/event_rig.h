/*
 * event_rig.h - an event recorder whose API server takes everything, so that a test can look at the Events that were
 * recorded: those of one test, in their order.
 */
#ifndef TEST_UNIT_SUPPORT_OPERATOR_EVENT_RIG_H
#define TEST_UNIT_SUPPORT_OPERATOR_EVENT_RIG_H

#include "pkg/kube/events.h"
#include "test/unit/support/pkg/kube/kube_fixture.h"

#define EVENT_RIG_MAX 8

struct event_rig {
    struct kube_fixture kube;
    struct event_recorder *recorder; /* for services.events */
};
void event_rig_init(struct event_rig *r, size_t expected);
/* Waits until all are written and checks their number; afterwards event_rig_has. */
void event_rig_flush(struct event_rig *r);
/* Whether the i-th Event has that type, reason and message, and is about the Cluster. */
bool event_rig_has(struct event_rig *r, size_t i, const char *type, const char *reason,
                   const char *message);
void event_rig_release(struct event_rig *r);

#endif
