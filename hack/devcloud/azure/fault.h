/*
 * fault.h - what goes wrong on purpose, as tests ask for it (azure.h). The simulator's lock is held, but for fault_finish.
 *
 * A request meets at most one fault: the first of the list that matches and whose time it is.
 */
#ifndef HACK_DEVCLOUD_AZURE_FAULT_H
#define HACK_DEVCLOUD_AZURE_FAULT_H

#include "hack/devcloud/azure/sim.h"

struct fault_run {
    json *fault; /* a copy; NULL: none */
    char *key;   /* of the resource whose past is shown meanwhile; NULL: none */
    json *present;
};
void fault_release(struct fault_run *r);
static inline void fault_release_slot(struct fault_run *r)
{
    fault_release(r);
}
#define cleanup_fault CLEANUP_WITH(fault_release_slot)

/* ERR_INVALID: what was asked for is no list of faults, or nothing would come of a part of it. */
int fault_check(const json *list, struct error **err);
/* From now on these, which fault_check has passed; consumed. What was written so far is forgotten. */
void fault_set(struct azure_sim *sim, json *list);
/* inside: whether the simulator asks itself, as deployments do. */
void fault_begin(struct azure_sim *sim, const char *method, const char *host, const char *path,
                 bool inside, struct fault_run *ret);
/* Before anything else; -1: for ever. */
int64_t fault_delay_ms(const struct fault_run *r);
/* true: the fault has answered, and nothing else happens. */
bool fault_answer(const struct fault_run *r, struct http_call *http);
/* The same for what the simulator asks itself, before (late: after) it has taken effect. */
bool fault_answer_inside(const struct fault_run *r, bool late, struct sim_answer *ret);
/* Around what the simulator does; operation: the one that was begun ("": none). */
void fault_enter(struct azure_sim *sim, struct fault_run *r, const char *method, const char *path);
void fault_leave(struct azure_sim *sim, struct fault_run *r, const char *operation);
/* What the answer becomes after all. */
void fault_finish(const struct fault_run *r, struct http_call *http);

#endif
