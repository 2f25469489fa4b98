/* fake_env.h - an environment that holds what the test set, and nothing else. */
#ifndef TEST_UNIT_SUPPORT_FAKE_ENV_H
#define TEST_UNIT_SUPPORT_FAKE_ENV_H

#include "pkg/base/env.h"
#include "pkg/base/map.h"

struct fake_env {
    struct env base;
    struct map *values;
};

void fake_env_init(struct fake_env *e);
void fake_env_release(struct fake_env *e);
void fake_env_set(struct fake_env *e, const char *name,
                  const char *value); /* copies; NULL unsets */

#endif
