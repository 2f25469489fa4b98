#include "pkg/base/log.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <string.h>

#include "pkg/base/buf.h"
#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

#define LINE_BYTES 1024 /* of most lines; longer ones grow */
#define CHAIN_FEW 32
#define LOG_VALUE_MAX_BYTES (16 * 1024) /* a value beyond is cut: peers write into error texts */

static const char *const level_names[] = {
    [LOG_ERROR] = "error", [LOG_WARNING] = "warning", [LOG_INFO] = "info",
    [LOG_DEBUG] = "debug", [LOG_TRACE] = "trace",
};

#define FD_WAIT_MS 5000

static void fd_write(struct log_sink *sink, const char *line, size_t len)
{
    struct log_fd_sink *s = container_of(sink, struct log_fd_sink, base);
    while (len > 0) {
        ssize_t n = write(s->fd, line, len);
        if (n >= 0) {
            line += n;
            len -= (size_t)n;
            atomic_store(&s->stuck, false);
        } else if (errno == EAGAIN) {
            /* Standard error is often shared with a process that made it non-blocking. */
            struct pollfd p = { .fd = s->fd, .events = POLLOUT };
            if (poll(&p, 1, atomic_load(&s->stuck) ? 0 : s->wait_ms) == 0) {
                atomic_store(&s->stuck, true);
                return;
            }
        } else if (errno != EINTR) {
            return; /* nowhere left to report it */
        }
    }
}

void log_fd_sink_init(struct log_fd_sink *s, int fd, enum log_level level, enum log_format format,
                      const struct clock *clock)
{
    *s = (struct log_fd_sink){
        .base = { .write = fd_write, .level = level, .format = format, .clock = clock },
        .fd = fd,
        .wait_ms = FD_WAIT_MS,
    };
    atomic_init(&s->stuck, false);
}

struct log log_root(struct log_sink *sink)
{
    return (struct log){ .sink = sink };
}

struct log log_with(const struct log *parent, const char *key, const char *value)
{
    return (struct log){
        .sink = parent ? parent->sink : NULL, .parent = parent, .key = key, .value = value
    };
}

bool log_enabled(const struct log *log, enum log_level level)
{
    return log && log->sink && level <= log->sink->level;
}

/* The value's length in a line; a cut never splits a character. */
static size_t shown_length(const char *value)
{
    size_t len = strlen(value);
    if (len <= LOG_VALUE_MAX_BYTES)
        return len;
    len = LOG_VALUE_MAX_BYTES;
    while (len > 0 && ((unsigned char)value[len] & 0xc0) == 0x80)
        len--;
    return len;
}

/* Bytes of the character at s that may stand as they are; 0: escape one byte. */
static size_t plain_character(const char *s, size_t len)
{
    unsigned char c = (unsigned char)*s;
    if (c < 0x80)
        return c >= 0x20 && c != 0x7f && c != '"' && c != '\\';
    if (c == 0xc2 && len > 1 && (unsigned char)s[1] < 0xa0)
        return 0; /* U+0080 to U+009F: terminals obey them */
    for (size_t n = 2; n <= 4 && n <= len; n++) {
        if (utf8_is_valid(s, n))
            return n;
    }
    return 0;
}

static void add_escaped_byte(struct buf *b, unsigned char c, bool json)
{
    switch (c) {
    case '"':
        buf_add(b, "\\\"", 2);
        break;
    case '\\':
        buf_add(b, "\\\\", 2);
        break;
    case '\n':
        buf_adds(b, "\\n");
        break;
    case '\r':
        buf_adds(b, "\\r");
        break;
    case '\t':
        buf_adds(b, "\\t");
        break;
    default:
        /* JSON has no form for a byte that is not text: the replacement character. */
        if (json && c >= 0x80)
            buf_adds(b, "\\ufffd");
        else
            buf_addf(b, json ? "\\u%04x" : "\\x%02x", c);
    }
}

/* How many bytes from s on stand as they are and need no second look: nearly all there are. */
static size_t plain_run(const char *s, size_t len)
{
    static const bool plain[256] = {
        [' '] = true,
        ['!'] = true,
        ['#' ... '['] = true,
        [']' ... '~'] = true,
    };
    size_t n = 0;
    while (n < len && plain[(unsigned char)s[n]])
        n++;
    return n;
}

static void add_quoted(struct buf *b, const char *value, bool json)
{
    size_t len = shown_length(value);
    buf_addc(b, '"');
    for (size_t i = 0; i < len;) {
        size_t n = plain_run(value + i, len - i);
        if (n == 0)
            n = plain_character(value + i, len - i);
        if (n > 0)
            buf_add(b, value + i, n);
        else
            add_escaped_byte(b, (unsigned char)value[i], json);
        i += n > 0 ? n : 1;
    }
    if (value[len])
        buf_adds(b, "...");
    buf_addc(b, '"');
}

/* The length of a value that needs no quotes; 0: it does. */
static size_t bare_length(const char *value)
{
    static const bool bare[256] = {
        ['A' ... 'Z'] = true, ['a' ... 'z'] = true, ['0' ... '9'] = true, ['('] = true,
        [')'] = true,         ['['] = true,         [']'] = true,         ['{'] = true,
        ['}'] = true,         ['-'] = true,         ['.'] = true,         ['_'] = true,
        ['/'] = true,         ['@'] = true,         ['^'] = true,         ['+'] = true,
        [':'] = true,         [','] = true,         [';'] = true,         ['*'] = true,
        ['%'] = true,         ['~'] = true,
    };
    size_t n = 0;
    while (bare[(unsigned char)value[n]])
        n++;
    return n > 0 && n <= LOG_VALUE_MAX_BYTES && !value[n] ? n : 0;
}

/* Keys are compared with many others for each line, and seldom begin alike. */
static bool is_same_key(const char *a, const char *b)
{
    return a[0] == b[0] && strcmp(a, b) == 0;
}

/* A field must not pass for one of the line's own, nor break out of its place. */
static void add_key(struct buf *b, const char *key)
{
    static const bool plain[256] = {
        ['!'] = true,
        ['#' ... '<'] = true,
        ['>' ... '['] = true,
        [']' ... '~'] = true,
    };
    static const char *const own[] = { "time", "level", "msg" };
    for (size_t i = 0; i < ARRAY_LEN(own); i++) {
        if (is_same_key(key, own[i]))
            buf_adds(b, "fields.");
    }
    size_t len = 0;
    while (plain[(unsigned char)key[len]])
        len++;
    buf_add(b, key, len);
    for (key += len; *key; key++)
        buf_addc(b, plain[(unsigned char)*key] ? *key : '_');
}

static void add_field(struct buf *b, const char *key, const char *value, enum log_format format)
{
    if (format == LOG_JSON) {
        buf_adds(b, ",\"");
        add_key(b, key);
        buf_adds(b, "\":");
        add_quoted(b, value, true);
        return;
    }
    buf_addc(b, ' ');
    add_key(b, key);
    buf_addc(b, '=');
    size_t bare = bare_length(value);
    if (bare > 0)
        buf_add(b, value, bare);
    else
        add_quoted(b, value, false);
}

static bool is_overridden(const struct log *field, const struct log *leaf)
{
    for (const struct log *l = leaf; l != field; l = l->parent) {
        if (l->value && l->key && is_same_key(l->key, field->key))
            return true;
    }
    return false;
}

/* The oldest first; of equal keys only the newest. */
static void add_fields(struct buf *b, const struct log *leaf)
{
    size_t n = 0;
    for (const struct log *l = leaf; l; l = l->parent)
        n++;
    const struct log *few[CHAIN_FEW];
    const struct log **chain = n <= CHAIN_FEW ? few : xcalloc(n, sizeof(struct log *));
    size_t at = n;
    for (const struct log *l = leaf; l; l = l->parent)
        chain[--at] = l;
    for (size_t i = 0; i < n; i++) {
        if (chain[i]->key && chain[i]->value && !is_overridden(chain[i], leaf))
            add_field(b, chain[i]->key, chain[i]->value, leaf->sink->format);
    }
    if (chain != few)
        free(chain);
}

void log_at(const struct log *log, enum log_level level, const char *fmt, ...)
{
    if (!log_enabled(log, level))
        return;

    va_list ap;
    va_start(ap, fmt);
    cleanup_buf struct buf msg = BUF_INIT(BUF_UNBOUNDED);
    buf_vaddf(&msg, fmt, ap);
    va_end(ap);
    char now[TIME_TEXT_MAX];
    time_rfc3339(clock_wall_ns(log->sink->clock), now);

    bool json = log->sink->format == LOG_JSON;
    cleanup_buf struct buf b = BUF_INIT(BUF_UNBOUNDED);
    buf_reserve(&b, LINE_BYTES);
    buf_adds(&b, json ? "{\"time\":\"" : "time=\"");
    buf_adds(&b, now);
    buf_adds(&b, json ? "\",\"level\":\"" : "\" level=");
    buf_adds(&b, level_names[level]);
    buf_adds(&b, json ? "\",\"msg\":" : " msg=");
    add_quoted(&b, buf_str(&msg), json);
    add_fields(&b, log);
    buf_adds(&b, json ? "}\n" : "\n");
    log->sink->write(log->sink, b.data, b.len);
}

bool log_level_parse(const char *text, enum log_level *ret)
{
    for (size_t i = 0; i < ARRAY_LEN(level_names); i++) {
        if (str_eq_nocase(text, level_names[i])) {
            *ret = (enum log_level)i;
            return true;
        }
    }
    if (!str_eq_nocase(text, "warn"))
        return false;
    *ret = LOG_WARNING;
    return true;
}

bool log_format_parse(const char *text, enum log_format *ret)
{
    bool json = str_eq_nocase(text, "json");
    if (!json && !str_eq_nocase(text, "text"))
        return false;
    *ret = json ? LOG_JSON : LOG_TEXT;
    return true;
}
