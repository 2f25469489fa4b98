#include "hack/devcloud/cluster/wire.h"

#include <string.h>

static void put_varint(struct buf *b, uint64_t v)
{
    for (; v >= 0x80; v >>= 7)
        buf_addc(b, (char)(v | 0x80));
    buf_addc(b, (char)v);
}

void wire_put_int(struct buf *b, unsigned number, uint64_t v)
{
    put_varint(b, (uint64_t)number << 3 | WIRE_VARINT);
    put_varint(b, v);
}

void wire_put_bytes(struct buf *b, unsigned number, const void *data, size_t len)
{
    put_varint(b, (uint64_t)number << 3 | WIRE_BYTES);
    put_varint(b, len);
    buf_add(b, data, len);
}

void wire_put_text(struct buf *b, unsigned number, const char *text)
{
    wire_put_bytes(b, number, text, strlen(text));
}

struct wire_reader wire_read(const char *data, size_t len)
{
    const unsigned char *at = (const unsigned char *)data;
    return (struct wire_reader){ .at = at, .end = at + len };
}

static int fail(struct error **err)
{
    return error_set(err, ERR_INVALID, "broken protobuf");
}

static int get_varint(struct wire_reader *r, uint64_t *ret, struct error **err)
{
    uint64_t v = 0;
    for (unsigned shift = 0; r->at < r->end && shift < 64; shift += 7) {
        unsigned char c = *r->at++;
        v |= (uint64_t)(c & 0x7f) << shift;
        if (!(c & 0x80)) {
            *ret = v;
            return 0;
        }
    }
    return fail(err);
}

static int get_fixed(struct wire_reader *r, size_t size, uint64_t *ret, struct error **err)
{
    if ((size_t)(r->end - r->at) < size)
        return fail(err);
    *ret = 0;
    for (size_t i = 0; i < size; i++)
        *ret |= (uint64_t)r->at[i] << (8 * i);
    r->at += size;
    return 0;
}

static int get_bytes(struct wire_reader *r, struct wire_field *ret, struct error **err)
{
    uint64_t len;
    if (get_varint(r, &len, err) < 0)
        return -1;
    if (len > (uint64_t)(r->end - r->at))
        return fail(err);
    ret->data = (const char *)r->at;
    ret->len = (size_t)len;
    r->at += len;
    return 0;
}

static int get_value(struct wire_reader *r, struct wire_field *ret, struct error **err)
{
    switch (ret->type) {
    case WIRE_VARINT:
        return get_varint(r, &ret->v, err);
    case WIRE_FIXED64:
        return get_fixed(r, 8, &ret->v, err);
    case WIRE_FIXED32:
        return get_fixed(r, 4, &ret->v, err);
    case WIRE_BYTES:
        return get_bytes(r, ret, err);
    default: /* groups, which nothing uses */
        return fail(err);
    }
}

int wire_next(struct wire_reader *r, struct wire_field *ret, struct error **err)
{
    uint64_t key;
    if (r->at == r->end)
        return 0;
    if (get_varint(r, &key, err) < 0)
        return -1;
    *ret = (struct wire_field){ .number = (unsigned)(key >> 3), .type = (enum wire_type)(key & 7) };
    return get_value(r, ret, err) < 0 ? -1 : 1;
}
