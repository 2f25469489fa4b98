/*
 * child.h - an operation in a process of its own.
 *
 * For a cluster whose operation has ended several backends, or may have. The parent keeps the lease and writes the outcome;
 * the child runs the steps only:
 *
 *   descriptor 0   from the parent: 'r' the lease was renewed, 'h' hand the operation over; its end: the parent is gone
 *   descriptor 3   to the parent: how it ended (report.h)
 *   SIGTERM        of the parent: the lease is lost; SIGKILL follows after child_grace_ms
 *
 * A child that hears of no renewal for trust_ms stops by itself, so a frozen parent's work ends before somebody else's
 * begins. Signals of others (a whole control group is told to end) do not reach the work: the parent decides.
 */
#ifndef RP_BACKEND_CHILD_H
#define RP_BACKEND_CHILD_H

#include "rp/backend/heartbeat.h"
#include "rp/backend/operation.h"

/* In the parent. watch is asked several times a second. OPERATION_CRASHED: it ended without a report. */
enum operation_end child_run(const struct backend_config *cfg, const struct heartbeat *beat,
                             const char *key, const char *token,
                             const struct operation_watch *watch, struct error **err);

/* Whether descriptor 3 is a pipe. Asked before anything is opened: the report of a child that somebody started by hand would
 * go into whatever file got that number, such as the database. */
bool backend_child_is_called(void);
/* In the child: main calls it with the key and the lease that follow the arguments of backend_config.child, before it
 * starts any thread. Returns the exit code; does not return when nobody waits for it any more. */
int backend_child_main(const struct backend_config *cfg, const char *key, const char *token);

#endif
