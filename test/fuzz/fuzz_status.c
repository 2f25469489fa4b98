/* The first two bytes choose the HTTP status, the rest is the body of a reply: whatever it is, the error is whole. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pkg/base/encoding.h"
#include "pkg/kube/status.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool truth)
{
    if (!truth)
        abort();
}

static void check(const struct error *e)
{
    must(e && error_get_code(e) && *error_get_code(e));
    must(error_get_retry_after(e) >= -1);
    cleanup_json json *body = NULL;
    must(json_parse_object(error_get_body(e), strlen(error_get_body(e)), &body, NULL) == 0);
    (void)status_has_cause(e, "ResourceVersionTooLarge");
    (void)status_is_too_large_rv(e);
    (void)status_is_retriable(e);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    struct http_response r = { .status = 300 + (data[0] << 8 | data[1]) % 400 };
    buf_init(&r.body, BUF_UNBOUNDED);
    buf_add(&r.body, data + 2, size - 2);
    cleanup_error struct error *reply = NULL, *inside = NULL;
    must(status_set_error_from_response(&r, data[0] & 1 ? "POST" : "GET", 0, &reply) == -1);
    check(reply);
    if (status_check_body((const char *)data + 2, size - 2, &inside) < 0)
        check(inside);
    else
        must(!inside);
    http_response_release(&r);
    return 0;
}
