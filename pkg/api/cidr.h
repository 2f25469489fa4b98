/* cidr.h - ranges of IPv4 addresses: "10.128.0.0/14". Threads: pure. */
#ifndef PKG_API_CIDR_H
#define PKG_API_CIDR_H

#include <stdbool.h>
#include <stdint.h>

struct cidr {
    uint32_t address; /* as written, with host bits; host byte order */
    unsigned bits;    /* 0 to 32 */
};

enum cidr_form { CIDR_BAD, CIDR_IPV4, CIDR_IPV6 };

/* *ret is written for CIDR_IPV4 only. */
enum cidr_form cidr_parse(const char *text, struct cidr *ret);
uint32_t cidr_network(const struct cidr *c); /* without host bits */
bool cidr_overlaps(const struct cidr *a, const struct cidr *b);
#define CIDR_TEXT_MAX 19
void cidr_text(const struct cidr *c, char out[CIDR_TEXT_MAX]); /* of the network */

/* An address alone. */
enum cidr_form ip_parse(const char *text);

#endif
