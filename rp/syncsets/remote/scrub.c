#include "rp/syncsets/remote/scrub.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "pkg/base/buf.h"
#include "pkg/base/mem.h"

/*
 * Shapes: 'h' a hexadecimal digit, 'd' a decimal one, 'D' one or more of them, 'X' one or more hexadecimal ones; anything
 * else stands for itself. A shape counts only where no letter or digit touches it. The first that fits wins.
 */
static const struct {
    const char *shape, *stand_in;
} volatile_parts[] = {
    { "hhhhhhhh-hhhh-hhhh-hhhh-hhhhhhhhhhhh", "<id>" },
    { "dddd-dd-ddTdd:dd:dd.DZ", "<time>" },
    { "dddd-dd-ddTdd:dd:ddZ", "<time>" },
    { "dddd-dd-ddTdd:dd:dd.D+dd:dd", "<time>" },
    { "dddd-dd-ddTdd:dd:dd+dd:dd", "<time>" },
    { "dddd-dd-dd dd:dd:dd", "<time>" },
    { "0xX", "<address>" },
    { "D.D.D.D:D->", "<address>->" }, /* the port of this end */
    { "]:D->", "]->" },
    { "D.Dms", "<duration>" },
    { "D ms", "<duration>" },
    { "Dms", "<duration>" },
    { "D milliseconds", "<duration>" },
    { "D.Ds", "<duration>" },
    { "DmD.Ds", "<duration>" },
    { "port D", "port <n>" },
};

static size_t run_of(const char *text, int (*is)(int))
{
    size_t n = 0;
    while (is((unsigned char)text[n]))
        n++;
    return n;
}

/* Bytes of text that have the shape; 0: it has not. */
static size_t fits(const char *text, const char *shape)
{
    size_t at = 0;
    for (; *shape; shape++) {
        size_t n = 1;
        if (*shape == 'D')
            n = run_of(text + at, isdigit);
        else if (*shape == 'X')
            n = run_of(text + at, isxdigit);
        else if (*shape == 'd')
            n = isdigit((unsigned char)text[at]) != 0;
        else if (*shape == 'h')
            n = isxdigit((unsigned char)text[at]) != 0;
        else
            n = text[at] == *shape;
        if (n == 0)
            return 0;
        at += n;
    }
    return at;
}

/* A request id of a cloud or gateway: what follows the words. */
static size_t request_id(const char *text)
{
    static const char *const words[] = { "request id: ", "request-id: ", "requestid: ",
                                         "request id ",  "audit-id: ",   "audit id: " };
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (strncasecmp(text, words[i], strlen(words[i])) == 0)
            return strlen(words[i]);
    return 0;
}

static bool touches(const char *from, const char *at)
{
    return at > from && isalnum((unsigned char)at[-1]);
}

/* Adds what stands for the text at `at`; how much of it that covers, 0: nothing stands for it. */
static size_t add_stand_in(struct buf *b, const char *from, const char *at)
{
    size_t words = request_id(at);
    if (words > 0) {
        buf_add(b, at, words);
        buf_adds(b, "<id>");
        return words + strcspn(at + words, " ,;\"'\r\n)]}");
    }
    for (size_t i = 0; i < ARRAY_LEN(volatile_parts); i++) {
        size_t n = fits(at, volatile_parts[i].shape);
        bool open = n > 0 && isalnum((unsigned char)at[n]) && isalnum((unsigned char)at[n - 1]);
        if (n == 0 || open)
            continue;
        if (touches(from, at) && isalnum((unsigned char)*at))
            continue;
        buf_adds(b, volatile_parts[i].stand_in);
        return n;
    }
    return 0;
}

static size_t add_break(struct buf *b, const char *at)
{
    size_t n = strspn(at, "\r\n\t ");
    bool breaks = memchr(at, '\n', n) != NULL;
    buf_adds(b, breaks && at[n] ? "; " : breaks ? "" : " ");
    return n;
}

/* Cut before a character that does not fit whole. */
static void cut(char *text)
{
    static const char more[] = "...";
    size_t len = strlen(text);
    if (len <= SCRUB_MAX)
        return;
    size_t at = SCRUB_MAX - (sizeof(more) - 1);
    while (at > 0 && ((unsigned char)text[at] & 0xc0) == 0x80)
        at--;
    memcpy(text + at, more, sizeof(more));
}

char *sets_give_scrubbed(const char *text)
{
    cleanup_buf struct buf b = BUF_INIT(BUF_UNBOUNDED);
    for (const char *at = text; *at;) {
        size_t n = add_stand_in(&b, text, at);
        if (n == 0 && strchr("\r\n\t ", *at))
            n = add_break(&b, at);
        if (n == 0) {
            buf_addc(&b, *at);
            n = 1;
        }
        at += n;
    }
    buf_adds(&b, "");
    char *made = buf_give(&b);
    cut(made);
    return made;
}
