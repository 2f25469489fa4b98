/* operators.h - what the operators of a release report of themselves. Threads: one at a time for a cluster. */
#ifndef HACK_DEVCLOUD_BOOT_OPERATORS_H
#define HACK_DEVCLOUD_BOOT_OPERATORS_H

#include "hack/devcloud/boot/view.h"

/*
 * operators_sync - writes each status that differs: the given one when its stage is due (settings.h), one of an installation
 * that goes on before. What a setting says about a condition comes last. An observedGeneration follows the object.
 *
 * objects  {apiVersion, kind, metadata {name, namespace}, status}, an array
 */
int operators_sync(struct view *v, const json *objects, int64_t wall_ns, struct error **err);

/* Conditions that were True or False already keep their time; conditions of before that are not named stay. Consumes want. */
json *operators_give_timed(json *want, const json *before, const char *now);

#endif
