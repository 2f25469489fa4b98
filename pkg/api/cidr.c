#include "pkg/api/cidr.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "pkg/base/strv.h"

enum cidr_form ip_parse(const char *text)
{
    struct in6_addr v6;
    struct in_addr v4;
    if (!text)
        return CIDR_BAD;
    if (inet_pton(AF_INET, text, &v4) == 1)
        return CIDR_IPV4;
    return inet_pton(AF_INET6, text, &v6) == 1 ? CIDR_IPV6 : CIDR_BAD;
}

enum cidr_form cidr_parse(const char *text, struct cidr *ret)
{
    char address[INET6_ADDRSTRLEN];
    struct in_addr v4;
    long long bits = 0;
    const char *slash = text ? strchr(text, '/') : NULL;
    size_t len = slash ? (size_t)(slash - text) : 0;
    if (!slash || len >= sizeof(address))
        return CIDR_BAD;
    memcpy(address, text, len);
    address[len] = '\0';
    enum cidr_form form = ip_parse(address);
    if (form == CIDR_BAD || strspn(slash + 1, "0123456789") != strlen(slash + 1) ||
        !str_to_int(slash + 1, 0, form == CIDR_IPV4 ? 32 : 128, &bits))
        return CIDR_BAD;
    if (form == CIDR_IPV4 && inet_pton(AF_INET, address, &v4) == 1)
        *ret = (struct cidr){ .address = ntohl(v4.s_addr), .bits = (unsigned)bits };
    return form;
}

static uint32_t mask_of(unsigned bits)
{
    return bits ? UINT32_MAX << (32 - bits) : 0;
}

uint32_t cidr_network(const struct cidr *c)
{
    return c->address & mask_of(c->bits);
}

static bool holds(const struct cidr *c, uint32_t address)
{
    return (address & mask_of(c->bits)) == cidr_network(c);
}

bool cidr_overlaps(const struct cidr *a, const struct cidr *b)
{
    return holds(a, cidr_network(b)) || holds(b, cidr_network(a));
}

void cidr_text(const struct cidr *c, char out[CIDR_TEXT_MAX])
{
    uint32_t n = cidr_network(c);
    (void)snprintf(out, CIDR_TEXT_MAX, "%u.%u.%u.%u/%u", n >> 24, (n >> 16) & 255, (n >> 8) & 255,
                   n & 255, c->bits);
}
