/*
 * wire.h - the wire format of protocol buffers, as far as Kubernetes uses it: varints and
 * length-delimited fields; fixed-size fields are read and skipped. Threads: pure.
 * Source: protobuf.dev/programming-guides/encoding.
 */
#ifndef HACK_DEVCLOUD_CLUSTER_WIRE_H
#define HACK_DEVCLOUD_CLUSTER_WIRE_H

#include <stdint.h>

#include "pkg/base/buf.h"

enum wire_type { WIRE_VARINT = 0, WIRE_FIXED64 = 1, WIRE_BYTES = 2, WIRE_FIXED32 = 5 };

void wire_put_int(struct buf *b, unsigned number, uint64_t v);
void wire_put_bytes(struct buf *b, unsigned number, const void *data, size_t len);
void wire_put_text(struct buf *b, unsigned number, const char *text);

struct wire_reader { /* what is left; borrowed */
    const unsigned char *at, *end;
};
struct wire_field {
    unsigned number;
    enum wire_type type;
    uint64_t v;       /* varint, fixed */
    const char *data; /* bytes; borrowed */
    size_t len;
};
struct wire_reader wire_read(const char *data, size_t len);
/* 1: *ret is the next field; 0: the end; -1: ERR_INVALID, broken bytes. */
int wire_next(struct wire_reader *r, struct wire_field *ret, struct error **err);

#endif
