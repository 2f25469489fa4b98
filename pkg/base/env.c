#include "pkg/base/env.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

static const char *process_get(const struct env *env, const char *name)
{
    (void)env;
    return getenv(name); /* NOLINT(concurrency-mt-unsafe): this program never calls setenv */
}

const struct env *env_process(void)
{
    static const struct env process = { .get = process_get };
    return &process;
}

const char *env_get(const struct env *env, const char *name)
{
    return env->get(env, name);
}

const char *env_get_or(const struct env *env, const char *name, const char *dflt)
{
    const char *value = env_get(env, name);
    return value && *value ? value : dflt;
}

int settings_load(const struct setting *table, size_t n, const struct env *env, int64_t *values,
                  struct error **err)
{
    cleanup_free int64_t *loaded = xcalloc(n, sizeof(*loaded));
    cleanup_error struct error *bad = NULL;
    for (size_t i = 0; i < n; i++) {
        const struct setting *s = &table[i];
        const char *text = s->env_name ? env_get_or(env, s->env_name, NULL) : NULL;
        long long value = s->dflt;
        if (text && !str_to_int(text, s->min, s->max, &value)) {
            cleanup_error struct error *one = NULL;
            (void)error_set(&one, ERR_INVALID, "%s: '%s' is not a whole number from %lld to %lld",
                            s->env_name, text, (long long)s->min, (long long)s->max);
            error_join(&bad, &one);
        }
        loaded[i] = value;
    }
    if (bad)
        return error_move(err, &bad);
    if (n > 0)
        memcpy(values, loaded, n * sizeof(*loaded));
    return 0;
}
