/*
 * place.h - the folder of a development cloud: private, taken by one process at a time, empty of what an earlier one kept.
 *
 * Who has it, and whether that one is ready, is known by locks on the file "lock" in it, which end with their holder however
 * that ends; so there is nothing to clean up after a crash, and the number of a process is never another one's.
 */
#ifndef HACK_DEVCLOUD_UP_PLACE_H
#define HACK_DEVCLOUD_UP_PLACE_H

#include <stdbool.h>
#include <sys/types.h>

#include "pkg/base/error.h"

/* What a cloud in the background says, below its folder. */
#define PLACE_LOG "log/devcloud.log"

struct place {
    char *dir; /* absolute */
    int lock;  /* held; -1: none */
};

/* Makes the folder when absent, takes it and removes what the last cloud there kept but for its logs. ERR_EXISTS: a cloud
 * runs there. ERR_INVALID: it holds something else. *ret is released in any case. */
int place_take(const char *dir, struct place *ret, struct error **err);
void place_release(struct place *p);
char *place_give_path(const struct place *p, const char *name);
int place_write(const struct place *p, const char *name, const char *text, unsigned mode,
                struct error **err);
int place_make_dir(const struct place *p, const char *name, struct error **err);

/* From then on place_is_ready, until the holder ends. */
int place_set_ready(const struct place *p, struct error **err);

/* For other processes than the holder, who would lose the lock by them. The process that has the folder; 0: none. */
pid_t place_holder(const char *dir);
bool place_is_ready(const char *dir);
/* The error that there is none: ERR_NOT_FOUND; it names the log that one in the background left. */
int place_refuse_nobody(const char *dir, struct error **err);
/* Asks it to end and waits for that; ERR_NOT_FOUND: there is none, ERR_TIMEOUT. */
int place_end_holder(const char *dir, int timeout_ms, struct error **err);

static inline void place_release_slot(struct place *p)
{
    place_release(p);
}
#define cleanup_place CLEANUP_WITH(place_release_slot)

#endif
