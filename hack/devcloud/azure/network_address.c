#include <arpa/inet.h>
#include <string.h>

#include "hack/devcloud/azure/network.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

bool network_prefix_parse(const char *text, struct network_prefix *ret)
{
    const char *slash = strchr(text, '/');
    cleanup_free char *address = slash ? xstrndup(text, (size_t)(slash - text)) : NULL;
    struct in_addr parsed;
    long long bits;
    if (!address || inet_pton(AF_INET, address, &parsed) != 1 ||
        !str_to_int(slash + 1, 0, 32, &bits))
        return false;
    uint32_t hosts = bits == 32 ? 0 : UINT32_MAX >> bits;
    uint32_t first = ntohl(parsed.s_addr);
    if (first & hosts)
        return false;
    *ret = (struct network_prefix){ first, first | hosts };
    return true;
}

bool network_prefix_contains(struct network_prefix outer, struct network_prefix inner)
{
    return outer.first <= inner.first && inner.last <= outer.last;
}

bool network_prefix_overlaps(struct network_prefix a, struct network_prefix b)
{
    return a.first <= b.last && b.first <= a.last;
}
