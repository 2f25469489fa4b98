/* backend_thread.h - the backend on a thread of its own, beside the frontend. */
#ifndef CMD_ARO_RP_BACKEND_THREAD_H
#define CMD_ARO_RP_BACKEND_THREAD_H

#include "rp/backend/backend.h"

struct backend_thread;

/* Takes documents until stop is set, then drains; at_once, when set, has it hand over what it works on. A backend that
 * cannot run sets stop. cfg is copied, what it names is borrowed until backend_thread_end. */
int backend_thread_start(const struct backend_config *cfg, struct stop *stop, struct stop *at_once,
                         struct backend_thread **ret, struct error **err);
/* Waits until it has drained: stop is set. Frees. -1: it could not run. NULL is fine. */
int backend_thread_end(struct backend_thread *t, struct error **err);

#endif
