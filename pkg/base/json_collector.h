/*
 * json_collector.h - JSON values, one after the other, out of bytes that arrive in pieces of any size.
 *
 * A value that lies within one piece is handed over where it is; only one that is cut is copied, so
 * that never more than one is held. Threads: one at a time.
 */
#ifndef PKG_BASE_JSON_COLLECTOR_H
#define PKG_BASE_JSON_COLLECTOR_H

#include "pkg/base/buf.h"
#include "pkg/base/json_scan.h"

struct json_collector {
    struct json_split split;
    struct buf carry;
    bool handed_over; /* what carry holds */
};
/* max: bytes of one value that is cut. */
void json_collector_init(struct json_collector *c, size_t max);
void json_collector_release(struct json_collector *c);
void json_collector_reset(struct json_collector *c);
/*
 * Takes bytes from [*data, end). When a value is complete, *ret_text and *ret_len are its bytes (valid
 * until the next call or the end of the piece) and 1 is returned; 0: everything was taken and more is
 * needed; -1: ERR_TOO_LARGE.
 */
int json_collector_feed(struct json_collector *c, const char **data, const char *end,
                        const char **ret_text, size_t *ret_len, struct error **err);

#endif
