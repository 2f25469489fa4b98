/*
 * gate.h - whether anything may be sent to a cluster.
 * Threads: pure.
 */
#ifndef RP_SYNCSETS_CONTROLLERS_GATE_H
#define RP_SYNCSETS_CONTROLLERS_GATE_H

#include "pkg/base/json.h"

enum gate {
    GATE_OPEN,
    GATE_PAUSED, /* by an annotation */
    GATE_CLOSED  /* not installed, no usable kubeconfig, not known to be reachable */
};
enum gate gate_of(const json *cluster);
bool gate_is_fake(const json *cluster); /* all succeeds there without a request */
/* When its deletion was asked for, in seconds; 0: it was not. */
int64_t gate_deletion_s(const json *cluster);

#endif
