#include "test/unit/hack/devcloud/azure/blob_rig.h"

#define PAST "Mon, 01 Jun 2020 00:00:00 GMT"
#define FUTURE "Thu, 01 Jan 2200 00:00:00 GMT"

static void check_conditions(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    blob_rig_open(&r);
    blob_rig_container(&r, "/aro");
    static const struct {
        const char *method, *path, *header; /* %s: the etag */
        int status;
        const char *code;
    } rows[] = {
        { "GET", "/aro/x", "If-Match: %s", 200, NULL },
        { "GET", "/aro/x", "If-Match: *", 200, NULL },
        { "GET", "/aro/x", "If-Match: \"0x0\"", 412, "ConditionNotMet" },
        { "GET", "/aro/x", "If-None-Match: %s", 304, "ConditionNotMet" },
        { "GET", "/aro/x", "If-None-Match: \"0x0\"", 200, NULL },
        { "GET", "/aro/x", "If-None-Match: *", 400, "UnsatisfiableCondition" },
        { "GET", "/aro/x", "If-Modified-Since: " FUTURE, 304, "ConditionNotMet" },
        { "GET", "/aro/x", "If-Modified-Since: " PAST, 200, NULL },
        { "GET", "/aro/x", "If-Unmodified-Since: " PAST, 412, "ConditionNotMet" },
        { "GET", "/aro/x", "If-Unmodified-Since: " FUTURE, 200, NULL },
        { "PUT", "/aro/x", "If-None-Match: *", 409, "BlobAlreadyExists" },
        { "PUT", "/aro/x", "If-None-Match: %s", 412, "ConditionNotMet" },
        { "PUT", "/aro/x", "If-Match: \"0x0\"", 412, "ConditionNotMet" },
        { "PUT", "/aro/new", "If-Match: *", 412, "ConditionNotMet" },
        { "PUT", "/aro/new", "If-None-Match: *", 201, NULL },
        { "PUT", "/aro/x", "If-Match: %s", 201, NULL },
        { "DELETE", "/aro/x", "If-Unmodified-Since: " PAST, 412, "ConditionNotMet" },
        { "DELETE", "/aro/x", "If-Match: %s", 202, NULL },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        cleanup_response struct http_response resp = { 0 };
        blob_rig_put(&r, "/aro/x", "text");
        blob_rig_call(&r, "HEAD", "/aro/x", NULL, NULL, NULL, &resp);
        const char *etag = http_headers_get(&resp.headers, "ETag");
        const char *cut = strstr(rows[i].header, "%s");
        cleanup_free char *condition =
            cut ? xasprintf("%.*s%s", (int)(cut - rows[i].header), rows[i].header, etag)
                : xstrdup(rows[i].header);
        bool put = strcmp(rows[i].method, "PUT") == 0;
        cleanup_free char *headers =
            xasprintf("%s%s", condition, put ? "\nx-ms-blob-type: BlockBlob" : "");
        int status =
            blob_rig_call(&r, rows[i].method, rows[i].path, NULL, headers, put ? "x" : NULL, &resp);
        if (status != rows[i].status)
            fail_msg("row %zu: %d", i, status);
        if (rows[i].code)
            blob_rig_code(&resp, rows[i].status, rows[i].code);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("conditions hold or are told not to", check_conditions),
    };
    return RUN_CASES("blob_condition", tests);
}
