/* Templates as people write them: JSON with comments, names without quotes, lines in texts, a comma too many. */
#include "hack/devcloud/azure/jsonc.h"

#include <ctype.h>
#include <string.h>

#include "pkg/base/buf.h"

/* Behind the text's closing quote; line ends inside become escapes. */
static const char *copy_text(const char *at, const char *end, struct buf *out)
{
    buf_addc(out, *at++);
    while (at < end && *at != '"') {
        bool escape = *at == '\\' && at + 1 < end;
        if (*at == '\n')
            buf_adds(out, "\\n");
        else if (*at == '\t')
            buf_adds(out, "\\t");
        else if (*at != '\r')
            buf_add(out, at, escape ? 2 : 1);
        at += escape ? 2 : 1;
    }
    buf_addc(out, '"');
    return at < end ? at + 1 : end;
}

static bool is_comment(const char *at, const char *end)
{
    return at + 1 < end && at[0] == '/' && (at[1] == '/' || at[1] == '*');
}

static const char *skip_comment(const char *at, const char *end)
{
    bool line = at[1] == '/';
    for (at += 2; at < end; at++) {
        if (line && *at == '\n')
            return at;
        if (!line && at + 1 < end && at[0] == '*' && at[1] == '/')
            return at + 2;
    }
    return end;
}

/* A word is a name if a colon follows, else true, false or null. */
static const char *copy_word(const char *at, const char *end, struct buf *out)
{
    const char *begin = at;
    while (at < end && (isalnum((unsigned char)*at) || *at == '_' || *at == '$'))
        at++;
    const char *next = at;
    while (next < end && isspace((unsigned char)*next))
        next++;
    bool name = next < end && *next == ':';
    if (name)
        buf_addc(out, '"');
    buf_add(out, begin, (size_t)(at - begin));
    if (name)
        buf_addc(out, '"');
    return at;
}

static void close_list(struct buf *out, char c)
{
    if (out->len > 0 && out->data[out->len - 1] == ',')
        out->data[--out->len] = '\0';
    buf_addc(out, c);
}

char *jsonc_give_strict(const char *text, size_t len)
{
    struct buf out = BUF_INIT(BUF_UNBOUNDED);
    const char *at = text, *end = text + len;
    buf_adds(&out, "");
    while (at < end) {
        if (*at == '"')
            at = copy_text(at, end, &out);
        else if (is_comment(at, end))
            at = skip_comment(at, end);
        else if (isalpha((unsigned char)*at) || *at == '_' || *at == '$')
            at = copy_word(at, end, &out);
        else if (*at == '}' || *at == ']')
            close_list(&out, *at++);
        else if (isdigit((unsigned char)*at)) /* with its exponent: no word */
            do
                buf_addc(&out, *at++);
            while (at < end && (isalnum((unsigned char)*at) || strchr("+-.", *at)));
        else if (isspace((unsigned char)*at))
            at++;
        else
            buf_addc(&out, *at++);
    }
    return buf_give(&out);
}
