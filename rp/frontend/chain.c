#include "rp/frontend/chain.h"

#include "rp/frontend/reply.h"

const struct middleware *const frontend_chain[] = {
    &middleware_lowercase, &middleware_cleanpath,  &middleware_route,        &middleware_log,
    &middleware_audit,     &middleware_metrics,    &middleware_headers,      &middleware_validate,
    &middleware_body,      &middleware_systemdata, &middleware_authenticate, &middleware_miss,
    &middleware_query,     &middleware_apiversion, &middleware_maintenance,  &middleware_mockmsi,
};
const size_t frontend_chain_len = ARRAY_LEN(frontend_chain);

void chain_run(struct request *req, const struct middleware *const *chain, size_t len)
{
    cleanup_error struct error *err = NULL;
    size_t passed = 0;
    int result = 0;

    while (passed < len && result == 0) {
        if (chain[passed]->before)
            result = chain[passed]->before(req, &err);
        if (result == 0)
            passed++;
    }
    if (result == 0)
        result = req->route->handle(req, &err);
    /* Here, further in than the log: a failure of ours is a reply like any other. */
    if (result < 0)
        reply_error(req, err);
    while (passed > 0)
        if (chain[--passed]->after)
            chain[passed]->after(req);
}
