/* settings.h - the limits and intervals of the backend, as rp/env has them. */
#ifndef RP_BACKEND_SETTINGS_H
#define RP_BACKEND_SETTINGS_H

#include <stdint.h>

struct rp_env;

struct backend_settings {
    int64_t workers;         /* documents at work, of both kinds */
    int64_t child_after;     /* dequeues; after more a cluster gets a process of its own */
    int64_t tick_ms;         /* an idle backend looks again */
    int64_t heartbeat_ms;    /* between renewals of a lease */
    int64_t trust_ms;        /* how long a renewal is believed in */
    int64_t retry_ms;        /* after a renewal or last write that failed */
    int64_t child_grace_ms;  /* from asking a process to end to killing it */
    int64_t delete_delay_ms; /* how long a deletion is to be seen */
    int64_t queue_length_ms; /* between measurements */
    int64_t reseal_ms; /* between looks for secrets under old keys, of all backends together */
    int64_t reseal_pause_ms; /* after a document and after a page of that */
};

struct backend_settings backend_settings_of(const struct rp_env *env);

#endif
