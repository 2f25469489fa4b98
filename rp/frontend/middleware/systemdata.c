#include <string.h>

#include "rp/frontend/chain.h"

static int systemdata(struct request *req, struct error **err)
{
    const char *text = http_call_header(req->call, "x-ms-arm-resource-system-data");
    cleanup_error struct error *bad = NULL;

    (void)err;
    if (!text || !*text)
        return 0;
    if (json_parse_object(text, strlen(text), &req->system_data, &bad) < 0)
        log_warning(req->log, "x-ms-arm-resource-system-data: %s", error_text(bad));
    return 0;
}

const struct middleware middleware_systemdata = { .name = "SystemData", .before = systemdata };
