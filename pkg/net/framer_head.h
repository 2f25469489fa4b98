/* framer_head.h - checks and splits the head of a request. Part of framer.c. Threads: pure. */
#ifndef PKG_NET_FRAMER_HEAD_H
#define PKG_NET_FRAMER_HEAD_H

#include "pkg/net/framer.h"

struct framer_head_error {
    int status;
    const char *reason; /* static */
};

/* data is a whole head with its empty line. Fills method, target, version and headers of ret (which
 * may be half filled on -1; framer_request_release copes). */
int framer_head_parse(const char *data, size_t len, struct framer_request *ret,
                      struct framer_head_error *ret_bad);

#endif
