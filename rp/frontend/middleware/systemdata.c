#include <string.h>

#include "pkg/api/model.h"
#include "pkg/base/clock.h"
#include "pkg/base/strv.h"
#include "rp/frontend/chain.h"

static bool is_time(const char *text)
{
    int64_t ignored;
    return time_parse_rfc3339(text, &ignored);
}

static bool is_caller_type(const char *text)
{
    return api_enum_has(&enum_created_by_type, text, V_ALL);
}

static const struct {
    const char *name;
    bool (*is_valid)(const char *text); /* NULL: any text */
} members[] = {
    { "createdBy", NULL },
    { "createdByType", is_caller_type },
    { "createdAt", is_time },
    { "lastModifiedBy", NULL },
    { "lastModifiedByType", is_caller_type },
    { "lastModifiedAt", is_time },
};

/* Clients read the members as such, of a whole list at once: one that is not what it should be would
 * hide every other cluster. An empty one is none. */
static void drop_malformed(struct request *req)
{
    for (size_t i = 0; i < ARRAY_LEN(members); i++) {
        const json *value = json_get(req->system_data, members[i].name);
        const char *text = json_str(value);
        bool is_text = text && strlen(text) == json_str_len(value);
        if (!value || (is_text && (!*text || !members[i].is_valid || members[i].is_valid(text))))
            continue;
        log_warning(req->log, "x-ms-arm-resource-system-data: %s: malformed", members[i].name);
        (void)json_del(req->system_data, members[i].name);
    }
}

static int systemdata(struct request *req, struct error **err)
{
    const char *text = http_call_header(req->call, "x-ms-arm-resource-system-data");
    cleanup_error struct error *bad = NULL;

    (void)err;
    if (!text || !*text)
        return 0;
    if (json_parse_object(text, strlen(text), &req->system_data, &bad) < 0)
        log_warning(req->log, "x-ms-arm-resource-system-data: %s", error_text(bad));
    drop_malformed(req);
    return 0;
}

const struct middleware middleware_systemdata = { .name = "SystemData", .before = systemdata };
