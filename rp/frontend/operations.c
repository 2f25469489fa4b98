#include "rp/frontend/handlers.h"
#include "rp/frontend/reply.h"

/* ARM asks several services with any api-version: it is not looked at. */
int handle_operations_list(struct request *req, struct error **err)
{
    (void)err;
    cleanup_json json *list = api_operations_list();
    reply_json(req, 200, list);
    return 0;
}
