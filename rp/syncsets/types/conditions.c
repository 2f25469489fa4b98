#include "rp/syncsets/types/conditions.h"

#include "pkg/base/clock.h"
#include "pkg/base/strv.h"

const json *api_condition_find(const json *status, const char *type)
{
    const json *list = json_get(status, "conditions");
    for (size_t i = 0; i < json_len(list); i++)
        if (str_eq(json_path_str(json_at(list, i), "type"), type))
            return json_at(list, i);
    return NULL;
}

bool api_condition_is(const json *status, const char *type, const char *word)
{
    const json *c = api_condition_find(status, type);
    return c && str_eq(json_path_str(c, "status"), word);
}

int64_t api_condition_since_ns(const json *status, const char *type)
{
    const char *text = json_path_str(api_condition_find(status, type), "lastTransitionTime");
    int64_t ns;
    return text && time_parse_rfc3339(text, &ns) ? ns : 0;
}

void api_condition_put(json *status, const char *type, const char *word, const char *reason,
                       const char *message, int64_t now_ns)
{
    char now[TIME_TEXT_MAX];
    time_rfc3339(now_ns, now);
    if (!json_get(status, "conditions"))
        json_put(status, "conditions", json_new_array());
    json *made =
        json_make("{'type':%s,'status':%s,'reason':%s,'message':%s,'lastTransitionTime':%s}", type,
                  word, reason, message, now);
    const json *old = api_condition_find(status, type);
    const char *since = json_path_str(old, "lastTransitionTime");
    if (since && str_eq(json_path_str(old, "status"), word))
        json_put(made, "lastTransitionTime", json_new_str(since));
    json_put_keyed(json_get(status, "conditions"), "type", made);
}
