#include "rp/cluster/log_tail.h"

#include <string.h>

#include "pkg/base/buf.h"
#include "pkg/base/log.h"
#include "pkg/base/mem.h"

#define LINE_MAX_BYTES 512

/* Where the last lines begin. */
static const char *find_tail(const char *text, size_t len)
{
    const char *at = text + len;
    for (int lines = 0; at > text; at--)
        if (at[-1] == '\n' && at != text + len && ++lines == LOG_TAIL_LINES)
            break;
    return at;
}

/* Without what stands behind a question mark in a URL. Owned. */
static char *give_readable(const char *line, size_t len)
{
    cleanup_buf struct buf b = BUF_INIT(LINE_MAX_BYTES + 1);
    bool in_url = false, in_query = false;
    for (size_t i = 0; i < len && b.len < LINE_MAX_BYTES; i++) {
        unsigned char ch = (unsigned char)line[i];
        bool ends = ch <= ' ' || ch == '"' || ch == '\'';
        if (len - i > 3 && memcmp(line + i, "://", 3) == 0)
            in_url = true;
        if (ends)
            in_url = in_query = false;
        if (in_query)
            continue;
        in_query = in_url && ch == '?';
        if (ch >= ' ' && ch < 0x7f)
            buf_addc(&b, (char)ch);
    }
    return xstrdup(buf_str(&b));
}

void log_tail_write(const struct opctx *ctx, const char *what, const char *text, size_t len)
{
    const char *end = text + len;
    for (const char *at = find_tail(text, len); at < end;) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        size_t line_len = (size_t)((newline ? newline : end) - at);
        cleanup_free char *line = give_readable(at, line_len);
        if (*line)
            log_info(ctx->log, "after the failure: %s: %s", what, line);
        at += line_len + 1;
    }
}
