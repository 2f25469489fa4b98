/* url.h - URLs taken apart and put together. No network. Threads: pure. */
#ifndef PKG_NET_URL_H
#define PKG_NET_URL_H

#include <stdint.h>

#include "pkg/base/buf.h"
#include "pkg/base/error.h"

struct url {             /* all owned; never NULL except query */
    char *scheme, *host; /* lower case; host without brackets */
    uint16_t port;       /* the scheme's default when absent (https 443, http 80, socks5 1080) */
    bool port_given;
    char *path;  /* raw, begins with / */
    char *query; /* raw, without '?'; NULL when absent */
};
int url_parse(const char *text, struct url *ret,
              struct error **err); /* userinfo is refused; fragment dropped */
void url_release(struct url *u);
static inline void url_release_slot(struct url *u)
{
    url_release(u);
}
#define cleanup_url CLEANUP_WITH(url_release_slot)

/* Appends "?name=value" or "&name=value", escaped; value NULL: nothing. */
void url_add_query(struct buf *url, const char *name, const char *value);
/* First value of a raw query's parameter (name decoded before comparing), decoded, owned; NULL when
 * absent. */
char *query_give(const char *raw_query, const char *name);
/* The name of the next parameter of a raw query, decoded, owned, and *at moves behind it; one that does not decode is passed over.
 * NULL: there is none. */
char *query_give_name(const char **at);
/* False when a parameter does not decode, which query_give passes over; then the first such one's name,
 * owned, decoded if it can be. NULL has none. */
bool query_is_sound(const char *raw_query, char **ret_broken);
bool url_same_origin(const struct url *a, const struct url *b);

#endif
