/*
 * env.h - the process environment as a dependency, and settings read from it.
 */
#ifndef PKG_BASE_ENV_H
#define PKG_BASE_ENV_H

#include <stdbool.h>
#include <stdint.h>

#include "pkg/base/error.h"

struct env {
    const char *(*get)(const struct env *env, const char *name); /* borrowed; NULL when unset */
};
const struct env *env_process(void);
/* NULL when unset. */
const char *env_get(const struct env *env, const char *name);
/* dflt also when empty. */
const char *env_get_or(const struct env *env, const char *name, const char *dflt);

/*
 * Settings: every interval of a product stands in one table with its default, unit in the name, variable and
 * documentation. Values are milliseconds unless the name says otherwise.
 */
struct setting {
    const char *name;     /* e.g. "lease_duration_ms" */
    const char *env_name; /* e.g. "ARO_LEASE_DURATION_MS" */
    int64_t dflt, min, max;
    const char *doc;
};
/* Fills values[i] from the environment or defaults; all bad values are reported together (ERR_INVALID). */
int settings_load(const struct setting *table, size_t n, const struct env *env, int64_t *values,
                  struct error **err);

#endif
