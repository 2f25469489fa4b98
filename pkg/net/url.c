#include "pkg/net/url.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

static const struct {
    const char *scheme;
    uint16_t port;
} default_ports[] = {
    { "https", 443 }, { "http", 80 }, { "socks5", 1080 }, { "wss", 443 }, { "ws", 80 },
};

static uint16_t default_port(const char *scheme)
{
    for (size_t i = 0; i < ARRAY_LEN(default_ports); i++) {
        if (strcmp(default_ports[i].scheme, scheme) == 0)
            return default_ports[i].port;
    }
    return 0;
}

void url_release(struct url *u)
{
    free(u->scheme);
    free(u->host);
    free(u->path);
    free(u->query);
    *u = (struct url){ 0 };
}

/* Blanks and control bytes would end the request line or start another header; bytes above 0x7e have to be
 * escaped by whoever made the URL. */
static bool has_only_url_bytes(const char *text)
{
    for (const unsigned char *p = (const unsigned char *)text; *p; p++) {
        if (*p <= ' ' || *p >= 0x7f || *p == '\\')
            return false;
    }
    return true;
}

static bool is_host_name(const char *host)
{
    if (!*host)
        return false;
    for (const char *p = host; *p; p++) {
        if (!strchr("abcdefghijklmnopqrstuvwxyz0123456789-._~", *p))
            return false;
    }
    return true;
}

static bool parse_bracketed(const char *authority, size_t len, struct url *u, const char **ret_rest)
{
    const char *end = memchr(authority, ']', len);
    if (!end)
        return false;
    cleanup_free char *address = xstrndup(authority + 1, (size_t)(end - authority) - 1);
    struct in6_addr ignored;
    if (inet_pton(AF_INET6, address, &ignored) != 1)
        return false;
    u->host = str_give_lower(address);
    *ret_rest = end + 1;
    return true;
}

static bool parse_authority(const char *authority, size_t len, struct url *u)
{
    const char *rest, *end = authority + len;
    if (len > 0 && authority[0] == '[') {
        if (!parse_bracketed(authority, len, u, &rest))
            return false;
    } else {
        rest = memchr(authority, ':', len);
        if (!rest)
            rest = end;
        cleanup_free char *host = xstrndup(authority, (size_t)(rest - authority));
        u->host = str_give_lower(host);
        if (!is_host_name(u->host))
            return false;
    }

    u->port = default_port(u->scheme);
    if (rest == end)
        return true;
    cleanup_free char *port = xstrndup(rest + 1, (size_t)(end - rest) - 1);
    long long n;
    if (*rest != ':' || !str_to_int(port, 1, 65535, &n))
        return false;
    u->port = (uint16_t)n;
    u->port_given = true;
    return true;
}

static void parse_path_and_query(const char *text, struct url *u)
{
    size_t len = strcspn(text, "#");
    const char *question = memchr(text, '?', len);
    size_t path_len = question ? (size_t)(question - text) : len;
    u->path = path_len > 0 ? xstrndup(text, path_len) : xstrdup("/");
    if (question)
        u->query = xstrndup(question + 1, len - path_len - 1);
}

/* The text stays out of the message: a query may hold a signature, an authority a password. */
int url_parse(const char *text, struct url *ret, struct error **err)
{
    cleanup_url struct url u = { 0 };
    const char *colon = strstr(text, "://");
    if (!colon || !has_only_url_bytes(text))
        return error_set(err, ERR_INVALID, "not an absolute URL, or with bytes that need escaping");

    cleanup_free char *scheme = xstrndup(text, (size_t)(colon - text));
    u.scheme = str_give_lower(scheme);
    if (default_port(u.scheme) == 0)
        return error_set(err, ERR_INVALID, "unknown URL scheme");

    const char *authority = colon + 3;
    size_t len = strcspn(authority, "/?#");
    if (memchr(authority, '@', len))
        return error_set(err, ERR_INVALID, "a URL must not hold user name or password");
    if (!parse_authority(authority, len, &u))
        return error_set(err, ERR_INVALID, "the URL's host or port is invalid");
    parse_path_and_query(authority + len, &u);

    *ret = u;
    u = (struct url){ 0 };
    return 0;
}

void url_add_query(struct buf *url, const char *name, const char *value)
{
    if (!value)
        return;
    cleanup_free char *escaped_name = percent_give(name);
    cleanup_free char *escaped_value = percent_give(value);
    const char *text = buf_str(url);
    const char *question = strchr(text, '?');
    if (!question)
        buf_addc(url, '?');
    else if (question[1] && !str_ends(text, "&"))
        buf_addc(url, '&');
    buf_addf(url, "%s=%s", escaped_name, escaped_value);
}

/* Form decoding: '+' is a blank. NULL when broken. */
static char *give_decoded(const char *text, size_t len)
{
    cleanup_free char *copy = xstrndup(text, len);
    for (char *p = copy; *p; p++) {
        if (*p == '+')
            *p = ' ';
    }
    char *decoded;
    return percent_parse(copy, &decoded) ? decoded : NULL;
}

char *query_give(const char *raw_query, const char *name)
{
    for (const char *p = raw_query; p && *p;) {
        size_t len = strcspn(p, "&");
        const char *equals = memchr(p, '=', len);
        size_t name_len = equals ? (size_t)(equals - p) : len;
        cleanup_free char *found = give_decoded(p, name_len);
        if (found && strcmp(found, name) == 0) {
            char *value = equals ? give_decoded(equals + 1, len - name_len - 1) : xstrdup("");
            if (value)
                return value; /* a broken one is passed over */
        }
        p += len + (p[len] == '&');
    }
    return NULL;
}

char *query_give_name(const char **at)
{
    while (*at && **at) {
        const char *p = *at;
        size_t len = strcspn(p, "&");
        *at = p + len + (p[len] == '&');
        char *name = len ? give_decoded(p, strcspn(p, "&=")) : NULL;
        if (name)
            return name;
    }
    return NULL;
}

bool query_is_sound(const char *raw_query, char **ret_broken)
{
    for (const char *p = raw_query; p && *p;) {
        size_t len = strcspn(p, "&"), name_len = strcspn(p, "&=");
        cleanup_free char *decoded = give_decoded(p, len);
        if (!decoded) {
            char *name = give_decoded(p, name_len);
            *ret_broken = name ? name : xstrndup(p, name_len);
            return false;
        }
        p += len + (p[len] == '&');
    }
    return true;
}

bool url_same_origin(const struct url *a, const struct url *b)
{
    return strcmp(a->scheme, b->scheme) == 0 && strcmp(a->host, b->host) == 0 && a->port == b->port;
}
