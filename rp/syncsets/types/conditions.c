#include "rp/syncsets/types/conditions.h"

#include "pkg/base/clock.h"
#include "pkg/base/strv.h"

static json *find_at(const json *list, const char *type, size_t *ret_at)
{
    for (size_t i = 0; i < json_len(list); i++) {
        json *c = json_at(list, i);
        if (!str_eq(json_path_str(c, "type"), type))
            continue;
        *ret_at = i;
        return c;
    }
    return NULL;
}

const json *api_condition_find(const json *status, const char *type)
{
    size_t at;
    return find_at(json_get(status, "conditions"), type, &at);
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
    json *list = json_get(status, "conditions");
    if (!list)
        json_put(status, "conditions", list = json_new_array());
    json *made =
        json_make("{'type':%s,'status':%s,'reason':%s,'message':%s,'lastTransitionTime':%s}", type,
                  word, reason, message, now);
    size_t at;
    const json *old = find_at(list, type, &at);
    const char *since = json_path_str(old, "lastTransitionTime");
    if (since && str_eq(json_path_str(old, "status"), word))
        json_put(made, "lastTransitionTime", json_new_str(since));
    if (old)
        json_replace_at(list, at, made);
    else
        json_append(list, made);
}
