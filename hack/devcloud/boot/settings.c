#include "hack/devcloud/boot/settings.h"

#include "pkg/base/strv.h"

bool settings_is_due(const json *settings, const char *stage, int64_t age_ms)
{
    int64_t delay_ms = 0;
    const json *value = json_get(json_get(settings, "delay_ms"), stage);
    if (!value || !json_int(value, &delay_ms))
        return true;
    return delay_ms >= 0 && age_ms >= delay_ms;
}

bool settings_pretends(const json *settings, bool dflt)
{
    return json_bool(json_get(settings, "pretend"), dflt);
}

const char *settings_condition(const json *settings, const char *operator, const char * type)
{
    return json_str(json_get(json_get(json_get(settings, "conditions"), operator), type));
}

const char *settings_failure(const json *settings, const char *machine)
{
    for (struct json_iter it = json_each(json_get(settings, "failed_machines")); json_next(&it);)
        if (str_matches_nocase(it.key, machine))
            return json_str(it.value);
    return NULL;
}

json *settings_give(const json *clusters, const char *infra)
{
    const json *own = json_get(clusters, infra);
    return json_give_copy(own ? own : json_get(clusters, "*"));
}
