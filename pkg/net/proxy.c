#include "pkg/net/proxy.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

struct proxy_rules {
    char *http, *https;     /* NULL: none */
    struct strv exceptions; /* words of NO_PROXY, lower case */
};

/* An address as 16 bytes; IPv4 as IPv4-mapped. */
static bool parse_ip(const char *text, unsigned char ret[16])
{
    static const unsigned char mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };
    memcpy(ret, mapped, sizeof(mapped));
    return inet_pton(AF_INET, text, ret + 12) == 1 || inet_pton(AF_INET6, text, ret) == 1;
}

static bool in_block(const char *block, const char *ip_text)
{
    const char *slash = strchr(block, '/');
    cleanup_free char *base_text = xstrndup(block, (size_t)(slash - block));
    unsigned char base[16], ip[16];
    if (!parse_ip(base_text, base) || !parse_ip(ip_text, ip))
        return false;
    bool is_v6 = strchr(base_text, ':') != NULL;
    long long bits;
    if (is_v6 != (strchr(ip_text, ':') != NULL) ||
        !str_to_int(slash + 1, 0, is_v6 ? 128 : 32, &bits))
        return false;
    bits += is_v6 ? 0 : 96;
    size_t whole = (size_t)bits / 8;
    unsigned char rest = (unsigned char)(0xff00 >> (bits % 8));
    return memcmp(base, ip, whole) == 0 &&
           (bits % 8 == 0 || (base[whole] & rest) == (ip[whole] & rest));
}

static bool is_loopback(const char *host)
{
    return strcmp(host, "localhost") == 0 || strcmp(host, "::1") == 0 ||
           in_block("127.0.0.0/8", host);
}

static bool same_ip(const char *word, const char *host)
{
    unsigned char a[16], b[16];
    return parse_ip(word, a) && parse_ip(host, b) && memcmp(a, b, sizeof(a)) == 0;
}

static bool in_domain(const char *word, const char *host)
{
    if (*word == '*')
        word++;
    if (*word != '.' && strcmp(word, host) == 0)
        return true;
    size_t len = strlen(word), host_len = strlen(host);
    if (len == 0 || host_len <= len || strcmp(host + host_len - len, word) != 0)
        return false;
    return *word == '.' || host[host_len - len - 1] == '.';
}

/* Splits a trailing ":port" off; not the last group of a bare IPv6 address. */
static bool cut_port(char *word, uint16_t port)
{
    char *bracket = strchr(word, ']');
    char *colon = strrchr(word, ':');
    bool bare_v6 = colon && !bracket && strchr(word, ':') != colon;
    if (colon && !bare_v6 && colon > bracket) {
        long long n;
        if (!str_to_int(colon + 1, 1, 65535, &n) || n != port)
            return false;
        *colon = '\0';
    }
    if (*word == '[' && bracket) {
        *bracket = '\0';
        memmove(word, word + 1, strlen(word));
    }
    return true;
}

static bool exception_fits(const char *exception, const char *host, uint16_t port)
{
    if (strcmp(exception, "*") == 0)
        return true;
    if (strchr(exception, '/'))
        return in_block(exception, host);
    cleanup_free char *word = xstrdup(exception);
    return cut_port(word, port) && (same_ip(word, host) || in_domain(word, host));
}

static bool is_excepted(const struct proxy_rules *p, const char *host, uint16_t port)
{
    for (size_t i = 0; i < p->exceptions.len; i++) {
        if (exception_fits(p->exceptions.v[i], host, port))
            return true;
    }
    return false;
}

const char *proxy_find(const struct proxy_rules *p, const struct url *u, const char *dial_ip)
{
    const char *proxy = strcmp(u->scheme, "https") == 0 ? p->https : p->http;
    if (!proxy || is_loopback(u->host) || is_excepted(p, u->host, u->port) ||
        (dial_ip && is_excepted(p, dial_ip, u->port)))
        return NULL;
    return proxy;
}

int proxy_give_url(const char *text, char **ret, struct error **err)
{
    static const struct {
        const char *given, *used;
    } schemes[] = {
        { "http://", "http://" },       { "https://", "https://" }, { "socks5://", "socks5h://" },
        { "socks5h://", "socks5h://" }, { "", "http://" },
    };
    for (size_t i = 0; i < ARRAY_LEN(schemes); i++) {
        if (!str_starts(text, schemes[i].given))
            continue;
        const char *rest = text + strlen(schemes[i].given);
        if (!*rest || strstr(rest, "://") || rest[strcspn(rest, " \t\r\n")])
            break;
        *ret = xasprintf("%s%s", schemes[i].used, rest);
        return 0;
    }
    return error_set(err, ERR_INVALID, "a proxy must be http://, https:// or socks5://host[:port]");
}

static const char *get_either(const struct env *env, const char *upper, const char *lower)
{
    const char *value = env_get_or(env, upper, NULL);
    return value ? value : env_get_or(env, lower, NULL);
}

static int read_proxy(const struct env *env, const char *upper, const char *lower, char **ret,
                      struct error **err)
{
    const char *text = get_either(env, upper, lower);
    if (text && proxy_give_url(text, ret, err) < 0)
        return error_wrap(err, "%s", upper);
    return 0;
}

int proxy_rules_new(const struct env *env, struct proxy_rules **ret, struct error **err)
{
    cleanup_proxy_rules struct proxy_rules *p = xnew(struct proxy_rules);
    if (read_proxy(env, "HTTPS_PROXY", "https_proxy", &p->https, err) < 0 ||
        (!env_get(env, "REQUEST_METHOD") &&
         read_proxy(env, "HTTP_PROXY", "http_proxy", &p->http, err) < 0))
        return -1;
    const char *exceptions = get_either(env, "NO_PROXY", "no_proxy");
    if (exceptions) {
        cleanup_free char *lower = str_give_lower(exceptions);
        strv_split(&p->exceptions, lower, ", \t", false);
    }
    *ret = take(p);
    return 0;
}

void proxy_rules_free(struct proxy_rules *p)
{
    if (!p)
        return;
    free(p->http);
    free(p->https);
    strv_release(&p->exceptions);
    free(p);
}
