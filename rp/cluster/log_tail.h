/*
 * log_tail.h - the last lines that a machine printed, into the log of the service.
 *
 * Machines print URLs that they fetch their configuration from: queries of URLs, with the signatures in them, are cut out, and so is
 * what is no printable ASCII. Threads: any.
 */
#ifndef RP_CLUSTER_LOG_TAIL_H
#define RP_CLUSTER_LOG_TAIL_H

#include "pkg/base/opctx.h"

#define LOG_TAIL_LINES 50 /* of each text, its last */

/* what: "console of NAME", in front of each line. */
void log_tail_write(const struct opctx *ctx, const char *what, const char *text, size_t len);

#endif
