#include "pkg/net/dial_rules.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

#define BITS_MAX 128

/* Every address as 16 bytes; IPv4 as ::ffff:a.b.c.d. */
struct range {
    unsigned char bytes[16];
    unsigned bits;
};
struct dial_rules {
    struct range *allowed;
    size_t len;
};

static const char *const refused[] = {
    "0.0.0.0/8",                            /* "this host": dials loopback */
    "127.0.0.0/8",        "169.254.0.0/16", /* instance metadata is 169.254.169.254 */
    "168.63.129.16/32",   "224.0.0.0/4",    "255.255.255.255/32", "::/128", "::1/128",
    "fe80::/10",          "fec0::/10",      "fd00:ec2::254/128", /* instance metadata elsewhere */
    "100.100.100.200/32", "ff00::/8",
};

static const unsigned char mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };
static const unsigned char nat64[12] = { 0, 0x64, 0xff, 0x9b };

static bool parse_range(const char *text, struct range *ret)
{
    const char *slash = strchr(text, '/');
    cleanup_free char *address = slash ? xstrndup(text, (size_t)(slash - text)) : xstrdup(text);
    long long bits;
    bool v4 = inet_pton(AF_INET, address, ret->bytes + sizeof(mapped)) == 1;
    if (!v4 && inet_pton(AF_INET6, address, ret->bytes) != 1)
        return false;
    int max = v4 ? 32 : BITS_MAX;
    if (!slash)
        bits = max;
    else if (!str_to_int(slash + 1, 0, max, &bits))
        return false;
    if (v4)
        memcpy(ret->bytes, mapped, sizeof(mapped));
    ret->bits = (unsigned)bits + (v4 ? BITS_MAX - 32 : 0);
    return true;
}

static bool holds(const struct range *r, const unsigned char address[16])
{
    size_t whole = r->bits / 8;
    unsigned rest = r->bits % 8;
    unsigned mask = rest ? 0xffU << (8 - rest) & 0xffU : 0;
    return memcmp(r->bytes, address, whole) == 0 &&
           (rest == 0 || (r->bytes[whole] & mask) == (address[whole] & mask));
}

int dial_rules_new(const char *allowed, struct dial_rules **ret, struct error **err)
{
    cleanup_strv struct strv texts = STRV_INIT;
    strv_split(&texts, allowed ? allowed : "", ", ", false);
    cleanup_dial_rules struct dial_rules *r = xnew(struct dial_rules);
    r->allowed = xcalloc(texts.len + 1, sizeof(*r->allowed));
    for (; r->len < texts.len; r->len++)
        if (!parse_range(texts.v[r->len], &r->allowed[r->len]))
            return error_set(err, ERR_INVALID, "'%s' is no range of addresses like 10.0.0.0/8",
                             texts.v[r->len]);
    *ret = take(r);
    return 0;
}

void dial_rules_free(struct dial_rules *r)
{
    if (!r)
        return;
    free(r->allowed);
    free(r);
}

static bool to_bytes(const struct sockaddr *address, unsigned char bytes[16])
{
    if (address->sa_family == AF_INET) {
        const struct sockaddr_in *in = (const void *)address;
        memcpy(bytes, mapped, sizeof(mapped));
        memcpy(bytes + sizeof(mapped), &in->sin_addr, 4);
        return true;
    }
    if (address->sa_family != AF_INET6)
        return false;
    memcpy(bytes, &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr, 16);
    if (memcmp(bytes, nat64, sizeof(nat64)) == 0)
        memcpy(bytes, mapped, sizeof(mapped));
    return true;
}

bool dial_rules_allow(const struct dial_rules *r, const struct sockaddr *address)
{
    unsigned char bytes[16];
    if (!r)
        return true;
    if (!to_bytes(address, bytes))
        return false;
    for (size_t i = 0; i < r->len; i++)
        if (holds(&r->allowed[i], bytes))
            return true;
    for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
        struct range range;
        if (parse_range(refused[i], &range) && holds(&range, bytes))
            return false;
    }
    return true;
}
