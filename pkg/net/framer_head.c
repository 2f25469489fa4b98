#include "pkg/net/framer_head.h"

#include <string.h>
#include <strings.h>

#include "pkg/base/mem.h"

struct line {
    const char *p;
    size_t len; /* without CRLF */
};

static int refuse(struct framer_head_error *bad, int status, const char *reason)
{
    *bad = (struct framer_head_error){ status, reason };
    return -1;
}

/* tchar of RFC 9110, 5.6.2. */
static bool is_token(const char *p, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)p[i];
        bool alnum = (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z');
        if (!alnum && (c == '\0' || !strchr("!#$%&'*+-.^_`|~", c)))
            return false;
    }
    return len > 0;
}

/* The next line; -1 unless it ends in CRLF and holds no control but a tab. */
static int next_line(const char **at, const char *end, struct line *ret,
                     struct framer_head_error *bad)
{
    const char *p = *at;
    while (p < end && ((unsigned char)*p >= ' ' || *p == '\t') && *p != 0x7f)
        p++;
    if (end - p < 2 || p[0] != '\r' || p[1] != '\n')
        return refuse(bad, 400, "control byte or bare line end in the header");
    *ret = (struct line){ *at, (size_t)(p - *at) };
    *at = p + 2;
    return 0;
}

/* "http://host:1/a?b" is asked like "/a?b" (RFC 9112, 3.2.2). */
static char *give_target(const char *p, size_t len)
{
    const char *scheme_end = *p == '/' ? NULL : memmem(p, len, "://", 3);
    if (!scheme_end)
        return xstrndup(p, len);
    const char *end = p + len, *q = scheme_end + 3;
    while (q < end && *q != '/' && *q != '?')
        q++;
    if (q < end && *q == '/')
        return xstrndup(q, (size_t)(end - q));
    return xasprintf("/%.*s", (int)(end - q), q);
}

static bool is_absolute(const char *p, size_t len)
{
    return (len > 7 && strncasecmp(p, "http://", 7) == 0) ||
           (len > 8 && strncasecmp(p, "https://", 8) == 0);
}

static int parse_request_line(struct line line, struct framer_request *ret,
                              struct framer_head_error *bad)
{
    const char *end = line.p + line.len;
    const char *target = memchr(line.p, ' ', line.len);
    if (!target || !is_token(line.p, (size_t)(target - line.p)))
        return refuse(bad, 400, "malformed request line");
    ret->method = xstrndup(line.p, (size_t)(target - line.p));
    target++;

    const char *target_end = target;
    while (target_end<end && * target_end> ' ' && *target_end < 0x7f)
        target_end++;
    size_t target_len = (size_t)(target_end - target);
    if (target_len > FRAMER_TARGET_MAX)
        return refuse(bad, 414, "request target too long");
    if (target_len == 0 || end - target_end != 9 || memcmp(target_end, " HTTP/", 6) != 0)
        return refuse(bad, 400, "malformed request line");

    const char *version = target_end + 6;
    if (memcmp(version, "1.0", 3) != 0 && memcmp(version, "1.1", 3) != 0)
        return refuse(bad, 505, "HTTP version not supported");
    ret->version = version[2] == '0' ? 10 : 11;

    bool asterisk = target_len == 1 && *target == '*';
    bool authority = strcmp(ret->method, "CONNECT") == 0;
    if (*target != '/' && !asterisk && !authority && !is_absolute(target, target_len))
        return refuse(bad, 400, "malformed request target");
    if (memchr(target, '#', target_len))
        return refuse(bad, 400, "fragment in the request target");
    ret->target = give_target(target, target_len);
    return 0;
}

static int parse_field(struct line line, struct http_headers *ret, struct framer_head_error *bad)
{
    if (line.p[0] == ' ' || line.p[0] == '\t')
        return refuse(bad, 400, "folded header line");
    const char *colon = memchr(line.p, ':', line.len);
    if (!colon || !is_token(line.p, (size_t)(colon - line.p)))
        return refuse(bad, 400, "malformed header name");
    if (ret->len == FRAMER_HEADERS_MAX)
        return refuse(bad, 431, "too many header fields");

    const char *value = colon + 1, *end = line.p + line.len;
    while (value < end && (*value == ' ' || *value == '\t'))
        value++;
    while (end > value && (end[-1] == ' ' || end[-1] == '\t'))
        end--;
    cleanup_free char *name_text = xstrndup(line.p, (size_t)(colon - line.p));
    cleanup_free char *value_text = xstrndup(value, (size_t)(end - value));
    http_headers_add(ret, name_text, value_text);
    return 0;
}

int framer_head_parse(const char *data, size_t len, struct framer_request *ret,
                      struct framer_head_error *ret_bad)
{
    const char *at = data, *end = data + len;
    struct line line;

    if (next_line(&at, end, &line, ret_bad) < 0 || parse_request_line(line, ret, ret_bad) < 0)
        return -1;
    while (at < end) {
        if (next_line(&at, end, &line, ret_bad) < 0)
            return -1;
        if (line.len == 0)
            return at == end ? 0 : refuse(ret_bad, 400, "malformed header");
        if (parse_field(line, &ret->headers, ret_bad) < 0)
            return -1;
    }
    return refuse(ret_bad, 400, "malformed header");
}
