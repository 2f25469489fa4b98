/*
 * dial_rules.h - which addresses a client may dial when others choose the host: not this machine, its link, nor the
 * services of the cloud that give credentials to whoever asks. What is looked at is the address that TCP goes to, after
 * names were resolved, so that a name which resolves to something else the second time gains nothing. Through a proxy that
 * is the proxy's address.
 * Threads: immutable once made; any.
 * Source: IANA special-purpose address registries (RFC 6890); Azure's wire server 168.63.129.16.
 */
#ifndef PKG_NET_DIAL_RULES_H
#define PKG_NET_DIAL_RULES_H

#include <stdbool.h>

#include "pkg/base/cleanup.h"
#include "pkg/base/error.h"

struct dial_rules;
struct sockaddr; /* <sys/socket.h>, whose names would be in the way of those who include this */

/* allowed: ranges that may be dialled all the same, "127.0.0.0/8,fd00::/64", separated by commas; NULL or "": none.
 * ERR_INVALID names the one that is no range. */
int dial_rules_new(const char *allowed, struct dial_rules **ret, struct error **err);
void dial_rules_free(struct dial_rules *r);
/* IPv4 in IPv6 (::ffff:127.0.0.1, 64:ff9b::7f00:1) is judged as IPv4; what is neither is refused. NULL rules: everything
 * may be dialled. */
bool dial_rules_allow(const struct dial_rules *r, const struct sockaddr *address);

DEFINE_RELEASE(struct dial_rules *, dial_rules_free)
#define cleanup_dial_rules CLEANUP_WITH(dial_rules_free_slot)

#endif
