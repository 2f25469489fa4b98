/* Lists: whole, or in pages when the state asks for them. */
#include <string.h>

#include "hack/devcloud/azure/sim.h"
#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/net/url.h"

/* A page ends with a link to the next, which clients follow as it is. */
static json *give_link(const struct sim_call *c, size_t from)
{
    cleanup_free char *path = percent_give_keeping(c->path, "/");
    cleanup_free char *url = xasprintf("https://%s%s?api-version=%s&$skiptoken=%zu", sim_host(c),
                                       path, c->api_version, from);
    return json_new_str(url);
}

void sim_reply_list(struct sim_call *c, json *values)
{
    cleanup_json json *all = values;
    int64_t size = json_path_int(c->sim->state, "page_size", 0);
    cleanup_free char *token = query_give(http_call_query(c->http), "$skiptoken");
    long long from = 0;
    if (token && !str_to_int(token, 0, (long long)json_len(all), &from)) {
        sim_reply_error(c, 400, "InvalidSkipToken", "The skip token is invalid.");
        return;
    }
    size_t begin = (size_t)from, len = json_len(all);
    size_t end = size > 0 && begin + (size_t)size < len ? begin + (size_t)size : len;
    cleanup_json json *body = json_make("{'value':[]}");
    for (size_t i = begin; i < end; i++)
        json_append(json_get(body, "value"), json_ref(json_at(all, i)));
    if (end < len)
        json_put(body, "nextLink", give_link(c, end));
    sim_reply(c, 200, body);
}
