#include "test/unit/support/fake_env.h"

#include <stdlib.h>

#include "pkg/base/mem.h"

static const char *fake_get(const struct env *env, const char *name)
{
    return map_get(((const struct fake_env *)(const void *)env)->values, name);
}

void fake_env_init(struct fake_env *e)
{
    *e = (struct fake_env){ .base = { .get = fake_get }, .values = map_new(free) };
}

void fake_env_release(struct fake_env *e)
{
    map_free(e->values);
    e->values = NULL;
}

void fake_env_set(struct fake_env *e, const char *name, const char *value)
{
    if (value)
        map_set(e->values, name, xstrdup(value));
    else
        map_del(e->values, name);
}
