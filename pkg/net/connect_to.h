/*
 * connect_to.h - ARO_CONNECT_TO=FILE: where TCP goes for a host, while URL, Host header, SNI and verification
 * keep the name. For private networks without a resolver of their own, and for development.
 *
 * The file holds one rule a line, two words:
 *
 *     # names of one cluster
 *     api.example.test:6443       127.64.0.5:6443
 *     *.apps.example.test:443     127.64.0.6:443      # any name below, at any depth, not itself
 *     [fd00::1]:443               [::1]:8443
 *
 * The first rule that fits counts; names compare without case; both ports are mandatory; the second word is an
 * IP address; '#' begins a comment. The file is read again when it has changed; a change that cannot be read
 * leaves the former rules in force.
 */
#ifndef PKG_NET_CONNECT_TO_H
#define PKG_NET_CONNECT_TO_H

#include <stdint.h>

#include "pkg/base/error.h"

struct connect_to;

/* ERR_INVALID names file and line of the first bad rule. */
int connect_to_load(const char *path, struct connect_to **ret, struct error **err);
void connect_to_free(struct connect_to *c);
size_t connect_to_len(struct connect_to *c); /* rules */
/* "ip:port" or "[ip6]:port", owned by the caller; NULL: no rule. Threads: safe from any. host is lower case,
 * without brackets; c may be NULL. */
char *connect_to_give(struct connect_to *c, const char *host, uint16_t port);

/* Takes "ip", "[ip6]" or "ip:port" ("ip6" alone, too) apart; *ret_port is left alone when absent. False when it
 * is none of them. *ret_ip is owned by the caller, without brackets. */
bool address_parse(const char *text, char **ret_ip, uint16_t *ret_port);

DEFINE_RELEASE(struct connect_to *, connect_to_free)
#define cleanup_connect_to CLEANUP_WITH(connect_to_free_slot)

#endif
