#include <string.h>

#include "pkg/base/json_chars.h"
#include "pkg/base/yaml.h"
#include "pkg/base/yaml_impl.h"

/* Readers look for a key's colon within 1024 characters; longer keys need the explicit form. */
#define PLAIN_KEY_MAX 256

static void add_spaces(struct buf *b, size_t n)
{
    for (; n; n--)
        buf_addc(b, ' ');
}

/* Escapes what is not printable; bytes that are no UTF-8 become U+FFFD. */
static void write_quoted(struct buf *b, const char *s, size_t len)
{
    const char *end = s + len;
    buf_addc(b, '"');
    while (s < end) {
        size_t n = chars_utf8_len(s, end);
        uint32_t cp = n ? chars_get_utf8(s, n) : 0xFFFD;
        if (cp == '"' || cp == '\\')
            buf_addf(b, "\\%c", (char)cp);
        else if (cp == '\n')
            buf_adds(b, "\\n");
        else if (cp == '\t')
            buf_adds(b, "\\t");
        else if (cp == '\r')
            buf_adds(b, "\\r");
        else if (!yaml_is_printable(cp))
            buf_addf(b, "\\u%04X", (unsigned)cp);
        else if (n)
            buf_add(b, s, n);
        else
            buf_adds(b, "\xEF\xBF\xBD");
        s += n ? n : 1;
    }
    buf_addc(b, '"');
}

/* Several lines that can stand in a block as they are. */
static bool fits_literal(const char *s, size_t len)
{
    const char *end = s + len;
    if (!memchr(s, '\n', len) || *s == ' ' || *s == '\n' || *s == '\t')
        return false;
    for (size_t n; s < end; s += n) {
        n = chars_utf8_len(s, end);
        if (!n)
            return false;
        uint32_t cp = chars_get_utf8(s, n);
        if (cp != '\n' && cp != '\t' && !yaml_is_printable(cp))
            return false;
    }
    return true;
}

/* Without the last line end, which the caller writes. */
static void write_literal(struct buf *b, const char *s, size_t len, size_t indent)
{
    const char *end = s + len;
    bool one = end[-1] == '\n', more = one && len > 1 && end[-2] == '\n';
    buf_adds(b, more ? "|+" : one ? "|" : "|-");
    if (one)
        end--;
    for (const char *line = s; line <= end;) {
        const char *stop = memchr(line, '\n', (size_t)(end - line));
        if (!stop)
            stop = end;
        buf_addc(b, '\n');
        if (stop > line) {
            add_spaces(b, indent);
            buf_add(b, line, (size_t)(stop - line));
        }
        line = stop + 1;
    }
}

static void write_scalar(struct buf *b, const json *j, size_t indent)
{
    const char *s = json_str(j);
    size_t len = json_str_len(j);
    if (json_is_array(j))
        buf_adds(b, "[]");
    else if (json_is_object(j))
        buf_adds(b, "{}");
    else if (!s)
        json_write(b, j);
    else if (!yaml_needs_quotes(s, len))
        buf_add(b, s, len);
    else if (fits_literal(s, len))
        write_literal(b, s, len, indent);
    else
        write_quoted(b, s, len);
}

static void write_map(struct buf *b, const json *j, size_t indent, bool inlined);

/* inlined: the first line's indentation stands already, behind a dash. */
static void write_list(struct buf *b, const json *j, size_t indent, bool inlined)
{
    for (size_t i = 0; i < json_len(j); i++) {
        const json *item = json_at(j, i);
        if (i || !inlined)
            add_spaces(b, indent);
        buf_adds(b, "- ");
        if (json_is_object(item) && json_len(item)) {
            write_map(b, item, indent + 2, true);
        } else if (json_is_array(item) && json_len(item)) {
            write_list(b, item, indent + 2, true);
        } else {
            write_scalar(b, item, indent + 2);
            buf_addc(b, '\n');
        }
    }
}

/* True when the key takes the explicit form: its colon begins a line. */
static bool write_key(struct buf *b, const char *key, size_t indent)
{
    size_t len = strlen(key);
    bool explicit = len > PLAIN_KEY_MAX;
    if (explicit)
        buf_adds(b, "? ");
    if (yaml_needs_quotes(key, len))
        write_quoted(b, key, len);
    else
        buf_add(b, key, len);
    if (explicit) {
        buf_addc(b, '\n');
        add_spaces(b, indent);
    }
    buf_addc(b, ':');
    return explicit;
}

static void write_map(struct buf *b, const json *j, size_t indent, bool inlined)
{
    for (struct json_iter it = json_each(j); json_next(&it); inlined = false) {
        if (!inlined)
            add_spaces(b, indent);
        bool explicit = write_key(b, it.key, indent);
        if (json_is_object(it.value) && json_len(it.value)) {
            buf_addc(b, '\n');
            write_map(b, it.value, indent + 2, false);
        } else if (json_is_array(it.value) && json_len(it.value)) {
            buf_addc(b, '\n');
            write_list(b, it.value, explicit ? indent + 2 : indent, false);
        } else {
            buf_addc(b, ' ');
            write_scalar(b, it.value, indent + 2);
            buf_addc(b, '\n');
        }
    }
}

char *yaml_give_text(const json *j)
{
    cleanup_buf struct buf b = BUF_INIT(BUF_UNBOUNDED);
    if (json_is_object(j) && json_len(j)) {
        write_map(&b, j, 0, false);
    } else if (json_is_array(j) && json_len(j)) {
        write_list(&b, j, 0, false);
    } else {
        write_scalar(&b, j, 2);
        buf_addc(&b, '\n');
    }
    return buf_give(&b);
}
