/*
 * proxy.h - which proxy a URL is reached through: HTTPS_PROXY, HTTP_PROXY and NO_PROXY (upper case first, then
 * lower case), read once.
 *
 * NO_PROXY is a list with commas or blanks: "*" (everything), an IP address, a CIDR block, a domain ("a.b": itself
 * and all below; ".a.b" or "*.a.b": only below), each with an optional ":port". localhost and loopback addresses
 * are never reached through a proxy of the environment. HTTP_PROXY is ignored where REQUEST_METHOD is set: a CGI
 * request could set it through its "Proxy" header.
 */
#ifndef PKG_NET_PROXY_H
#define PKG_NET_PROXY_H

#include "pkg/base/env.h"
#include "pkg/net/url.h"

struct proxy_rules;

/* ERR_INVALID: a proxy that is none of http, https, socks5 (its text is not repeated: it may hold a password). */
int proxy_rules_new(const struct env *env, struct proxy_rules **ret, struct error **err);
void proxy_rules_free(struct proxy_rules *p);
/* The proxy, borrowed; NULL: none. dial_ip is where TCP would go instead of the URL's host, NULL when not
 * overridden: NO_PROXY may name either. Threads: pure. */
const char *proxy_find(const struct proxy_rules *p, const struct url *u, const char *dial_ip);
/* http, https or socks5 with a host, or (for the environment's sake) without a scheme, which means http. The
 * result is owned by the caller and has a scheme; socks5 leaves the name to the proxy. */
int proxy_give_url(const char *text, char **ret, struct error **err);

DEFINE_RELEASE(struct proxy_rules *, proxy_rules_free)
#define cleanup_proxy_rules CLEANUP_WITH(proxy_rules_free_slot)

#endif
