/*
 * settings.h - how clusters of the simulated Azure behave, in its state under "clusters": an object for an infrastructure name,
 * and "*" for all that have none of their own.
 *
 *   {"pretend": true,                     pods of the operator only look Running
 *    "delay_ms": {STAGE: N},              how long after the API server's start; -1: never
 *    "conditions": {OPERATOR: {"Available": "False", "Degraded": "True", ...}},   what that ClusterOperator reports instead
 *    "failed_machines": {MACHINE: CODE}}  machines of that name (with *) end in phase Failed with that code
 *
 * Stages: "bootstrap" (the ConfigMap that tells of the end of the bootstrap), "machines", "operators" (all but the next two),
 * "ingress", "console". Threads: pure.
 */
#ifndef HACK_DEVCLOUD_BOOT_SETTINGS_H
#define HACK_DEVCLOUD_BOOT_SETTINGS_H

#include "pkg/base/json.h"

/* The stage's time has come, age_ms after the start. settings may be NULL. */
bool settings_is_due(const json *settings, const char *stage, int64_t age_ms);
bool settings_pretends(const json *settings, bool dflt);
/* The status of a condition that is reported instead; NULL: none. Borrowed. */
const char *settings_condition(const json *settings, const char *operator, const char * type);
/* The code that a machine fails with; NULL: it does not. Borrowed. */
const char *settings_failure(const json *settings, const char *machine);
/* What of a state's "clusters" is for that name, a copy; NULL: nothing. */
json *settings_give(const json *clusters, const char *infra);

#endif
