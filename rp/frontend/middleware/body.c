#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/frontend/chain.h"
#include "rp/frontend/cloud_error.h"

/* Of a body's tree. What is sensible in a body of 1 MiB takes less; tiny objects alone would take 300 times their text. */
#define ROOM_MAX ((size_t)64 << 20)

static bool is_json(const char *media_type)
{
    cleanup_free char *first = xstrndup(media_type, strcspn(media_type, ";"));
    cleanup_free char *trimmed = str_give_trimmed(first);
    return str_eq_nocase(trimmed, "application/json");
}

static int body(struct request *req, struct error **err)
{
    static const char *const methods[] = { "PATCH", "POST", "PUT" };
    bool has_body = false;
    for (size_t i = 0; i < ARRAY_LEN(methods); i++)
        has_body |= str_eq(http_call_method(req->call), methods[i]);
    if (!has_body)
        return 0;

    size_t len;
    const char *text = http_call_body(req->call, &len);
    if (http_call_body_is_cut(req->call) || json_check_room(text, len, ROOM_MAX, NULL) < 0)
        return cloud_error(err, "InvalidResource", NULL, "The resource definition is invalid.");
    const char *type = http_call_header(req->call, "Content-Type");
    if ((!type && len == 0) || (type && is_json(type)))
        return 0;
    return cloud_error(err, "UnsupportedMediaType", NULL,
                       "The content media type '%s' is not supported. Only 'application/json' is "
                       "supported.",
                       type ? type : "");
}

const struct middleware middleware_body = { .name = "Body", .before = body };
