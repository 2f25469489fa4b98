#include "rp/syncsets/types/names.h"

#include <arpa/inet.h>
#include <stddef.h>
#include <string.h>

#include "pkg/base/mem.h"

static bool is_lower(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool is_alnum(char c)
{
    return is_lower(c) || (c >= 'A' && c <= 'Z');
}

/* Letters and digits at both ends, `inner` too between them. */
static bool is_framed(const char *s, size_t len, bool (*edge)(char), const char *inner)
{
    if (len == 0 || !edge(s[0]) || !edge(s[len - 1]))
        return false;
    for (size_t i = 0; i < len; i++)
        if (!edge(s[i]) && !strchr(inner, s[i]))
            return false;
    return true;
}

static bool is_label(const char *s, size_t len)
{
    return len <= LABEL_MAX_LEN && is_framed(s, len, is_lower, "-");
}

static bool is_subdomain(const char *s, size_t len)
{
    if (len == 0 || len > NAME_MAX_LEN)
        return false;
    const char *end = s + len;
    for (const char *at = s; at <= end;) {
        const char *dot = memchr(at, '.', (size_t)(end - at));
        size_t part = (size_t)((dot ? dot : end) - at);
        if (!is_framed(at, part, is_lower, "-"))
            return false;
        if (!dot)
            return true;
        at = dot + 1;
    }
    return false;
}

const char *name_flaw_subdomain(const char *s)
{
    return is_subdomain(s, strlen(s))
               ? NULL
               : "must be a DNS-1123 subdomain: at most 253 lower case letters, digits, "
                 "'-' and '.', each part beginning and ending with a letter or digit";
}

const char *name_flaw_segment(const char *s)
{
    if (!*s)
        return "must not be empty";
    if (strcmp(s, ".") == 0 || strcmp(s, "..") == 0)
        return "must not be '.' or '..'";
    if (strlen(s) > NAME_MAX_LEN)
        return "must have at most 253 bytes";
    return strpbrk(s, "/%") ? "must hold neither '/' nor '%'" : NULL;
}

const char *name_flaw_version(const char *s)
{
    const char *slash = strchr(s, '/');
    if (!slash)
        return name_flaw_segment(s);
    cleanup_free char *group = xstrndup(s, (size_t)(slash - s));
    const char *flaw = name_flaw_segment(group);
    return flaw ? flaw : name_flaw_segment(slash + 1);
}

const char *name_flaw_kind(const char *s)
{
    return strlen(s) > LABEL_MAX_LEN ? "must have at most 63 bytes" : NULL;
}

const char *name_flaw_label(const char *s)
{
    return is_label(s, strlen(s))
               ? NULL
               : "must be a DNS-1123 label: at most 63 lower case letters, digits and '-', "
                 "beginning and ending with a letter or digit";
}

static bool is_qualified_part(const char *s)
{
    size_t len = strlen(s);
    return len <= LABEL_MAX_LEN && is_framed(s, len, is_alnum, "-_.");
}

const char *name_flaw_label_key(const char *s)
{
    const char *slash = strchr(s, '/');
    if (slash && !is_subdomain(s, (size_t)(slash - s)))
        return "must have a DNS-1123 subdomain before its '/'";
    if (!is_qualified_part(slash ? slash + 1 : s))
        return "must be at most 63 letters, digits, '-', '_' and '.', beginning and ending with a "
               "letter or digit, "
               "with an optional DNS prefix and '/' before it";
    return NULL;
}

const char *name_flaw_label_value(const char *s)
{
    if (*s == '\0' || is_qualified_part(s))
        return NULL;
    return "must be empty or at most 63 letters, digits, '-', '_' and '.', beginning and ending "
           "with a letter or digit";
}

bool name_is_ip(const char *s)
{
    struct in6_addr room;
    return inet_pton(AF_INET, s, &room) == 1 || inet_pton(AF_INET6, s, &room) == 1;
}
