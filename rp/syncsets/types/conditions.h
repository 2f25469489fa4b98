/*
 * conditions.h - the conditions of a status: {"conditions":[{"type","status","reason","message","lastTransitionTime"}]}.
 * Threads: one at a time.
 * Source: Kubernetes API conventions.
 */
#ifndef RP_SYNCSETS_TYPES_CONDITIONS_H
#define RP_SYNCSETS_TYPES_CONDITIONS_H

#include "pkg/base/json.h"

/* Adds or replaces the one of that type; its time moves only with its status (a word: True, False or Unknown). */
void api_condition_put(json *status, const char *type, const char *word, const char *reason,
                       const char *message, int64_t now_ns);
/* Borrowed; NULL: there is none. */
const json *api_condition_find(const json *status, const char *type);
/* Its status is that word; false when there is none. */
bool api_condition_is(const json *status, const char *type, const char *word);
/* Since when, in nanoseconds of wall time; 0: there is none, or it does not say. */
int64_t api_condition_since_ns(const json *status, const char *type);

#endif
