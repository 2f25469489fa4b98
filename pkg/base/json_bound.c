/* What the tree of a text would take, by a scan that builds none. */
#include "pkg/base/json.h"
#include "pkg/base/json_scan.h"
#include "pkg/base/mem.h"

/* Bytes on the heap for each token, beside those of the text itself. Measured with json-c 0.16 and glibc 2.36 on 64 bits: an
 * object begins with a table of 16 members; a member costs its key, and its share of the larger tables that follow; an item
 * costs a pointer, which is in the value's. */
static const size_t costs[] = {
    [SCAN_OBJECT_BEGIN] = 800, [SCAN_ARRAY_BEGIN] = 160, [SCAN_KEY] = 112,  [SCAN_STR] = 88,
    [SCAN_NUMBER] = 88,        [SCAN_TRUE] = 72,         [SCAN_FALSE] = 72, [SCAN_NULL] = 16,
};

/* Whether the scan has ended, be it with an error. */
static bool add_next(struct json_scan *s, size_t *bytes)
{
    enum scan_token token = json_scan_next(s, NULL);
    if (token == SCAN_END || token == SCAN_ERROR)
        return true;
    if (token < ARRAY_LEN(costs))
        *bytes += costs[token];
    if (token == SCAN_KEY || token == SCAN_STR || token == SCAN_NUMBER)
        *bytes += s->len;
    return false;
}

int json_check_room(const char *text, size_t len, size_t max_bytes, struct error **err)
{
    struct json_scan s;
    size_t bytes = 0;
    json_scan_init(&s, text, len);
    while (!add_next(&s, &bytes))
        if (bytes > max_bytes)
            return error_set(err, ERR_TOO_LARGE,
                             "JSON text: the values up to byte %zu of %zu take more than %zu bytes "
                             "of memory: send fewer of them",
                             (size_t)(s.pos - s.begin), len, max_bytes);
    return 0;
}
