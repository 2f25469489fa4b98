/* Lists: whole, or in pages when the state asks for them. */
#include <string.h>

#include "hack/devcloud/azure/sim.h"
#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/net/url.h"

/* A page ends with a link to the next, which clients follow as it is: the same question, from another place on. */
static json *give_link(const struct sim_call *c, size_t from)
{
    cleanup_strv struct strv parts = STRV_INIT;
    strv_split(&parts, sim_query(c) ? sim_query(c) : "", "&", false);
    cleanup_free char *path = percent_give_keeping(c->path, "/");
    cleanup_buf struct buf url = BUF_INIT(BUF_UNBOUNDED);
    buf_addf(&url, "https://%s%s?", sim_host(c), path);
    for (size_t i = 0; i < parts.len; i++) {
        cleanup_free char *token = query_give(parts.v[i], "$skiptoken");
        if (!token)
            buf_addf(&url, "%s&", parts.v[i]);
    }
    buf_addf(&url, "$skiptoken=%zu", from);
    return json_new_str(buf_str(&url));
}

void sim_reply_list(struct sim_call *c, json *values)
{
    cleanup_json json *all = values;
    int64_t size = json_path_int(c->sim->state, "page_size", 0);
    cleanup_free char *token = query_give(sim_query(c), "$skiptoken");
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
