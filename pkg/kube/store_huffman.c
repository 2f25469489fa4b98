#include "pkg/kube/store_huffman.h"

#include <string.h>

#define SYMBOLS 256

struct node {
    uint64_t count;
    int parent; /* -1: none yet */
};

/* The two lightest nodes without a parent. There are few nodes, and codes are made rarely. */
static void find_lightest(const struct node *nodes, int n, int ret[2])
{
    ret[0] = ret[1] = -1;
    for (int i = 0; i < n; i++) {
        if (nodes[i].parent >= 0)
            continue;
        if (ret[0] < 0 || nodes[i].count < nodes[ret[0]].count) {
            ret[1] = ret[0];
            ret[0] = i;
        } else if (ret[1] < 0 || nodes[i].count < nodes[ret[1]].count) {
            ret[1] = i;
        }
    }
}

/* Lengths by Huffman's construction; returns the longest. */
static unsigned measure(const uint32_t counts[SYMBOLS], uint8_t len[SYMBOLS])
{
    struct node nodes[2 * SYMBOLS - 1];
    int n = SYMBOLS;
    for (int i = 0; i < SYMBOLS; i++)
        nodes[i] = (struct node){ .count = counts[i], .parent = -1 };
    for (; n < 2 * SYMBOLS - 1; n++) {
        int two[2];
        find_lightest(nodes, n, two);
        nodes[n] =
            (struct node){ .count = nodes[two[0]].count + nodes[two[1]].count, .parent = -1 };
        nodes[two[0]].parent = nodes[two[1]].parent = n;
    }

    unsigned longest = 0;
    for (int i = 0; i < SYMBOLS; i++) {
        unsigned depth = 0;
        for (int at = i; nodes[at].parent >= 0; at = nodes[at].parent)
            depth++;
        len[i] = (uint8_t)depth;
        if (depth > longest)
            longest = depth;
    }
    return longest;
}

static uint16_t reversed(unsigned code, unsigned len)
{
    unsigned r = 0;
    for (unsigned i = 0; i < len; i++)
        r |= (code >> i & 1) << (len - 1 - i);
    return (uint16_t)r;
}

/* Canonical codes of the lengths, and the table to read them. */
static void assign(struct huffman *h)
{
    unsigned code = 0;
    for (unsigned len = 1; len <= HUFFMAN_BITS; len++) {
        for (unsigned symbol = 0; symbol < SYMBOLS; symbol++) {
            if (h->len[symbol] != len)
                continue;
            h->code[symbol] = reversed(code++, len);
            for (unsigned i = h->code[symbol]; i < 1 << HUFFMAN_BITS; i += 1u << len)
                h->decode[i] = (uint16_t)(symbol | len << 8);
        }
        code <<= 1;
    }
}

void huffman_init(struct huffman *h, const uint32_t counts[256])
{
    uint32_t scaled[SYMBOLS];
    for (int i = 0; i < SYMBOLS; i++)
        scaled[i] = counts[i] < UINT32_MAX ? counts[i] + 1 : counts[i];
    /* Flatter counts give shorter longest codes; equal ones end at 8 bits. */
    while (measure(scaled, h->len) > HUFFMAN_BITS) {
        for (int i = 0; i < SYMBOLS; i++)
            scaled[i] = scaled[i] / 2 + 1;
    }
    assign(h);
}

size_t huffman_bound(size_t n)
{
    return n / 8 * HUFFMAN_BITS + HUFFMAN_BITS + 8; /* stores are of 8 bytes */
}

/* Little-endian on every machine, so that the first bit stays the lowest. */
static inline uint64_t load(const uint8_t *p)
{
    uint64_t v;
    memcpy(&v, p, sizeof(v));
    return __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? v : __builtin_bswap64(v);
}

static inline void store(uint8_t *p, uint64_t v)
{
    if (__BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__)
        v = __builtin_bswap64(v);
    memcpy(p, &v, sizeof(v));
}

size_t huffman_encode(const struct huffman *h, const uint8_t *src, size_t n, uint8_t *dst)
{
    const uint8_t *end = src + n;
    uint8_t *out = dst;
    uint64_t bits = 0;
    unsigned used = 0;
    while (src < end) {
        /* At most 7 bits are left over, and five codes are at most 55. */
        const uint8_t *stop = end - src > 5 ? src + 5 : end;
        for (; src < stop; src++) {
            bits |= (uint64_t)h->code[*src] << used;
            used += h->len[*src];
        }
        store(out, bits);
        out += used / 8;
        bits >>= used & ~7u;
        used &= 7;
    }
    return (size_t)(out - dst) + (used > 0);
}

/* The bits that are left near the end, where no 8 bytes may be read; zeroes behind them. */
static uint64_t load_tail(const uint8_t *src, size_t src_len, size_t at)
{
    uint8_t last[8] = { 0 };
    if (at < src_len)
        memcpy(last, src + at, src_len - at < 8 ? src_len - at : 8);
    return load(last);
}

bool huffman_decode(const struct huffman *h, const uint8_t *src, size_t src_len, uint8_t *dst,
                    size_t n)
{
    uint8_t *end = dst + n;
    size_t bit = 0;
    while (dst < end) {
        size_t at = bit / 8;
        uint64_t bits =
            (src_len >= 8 && at <= src_len - 8) ? load(src + at) : load_tail(src, src_len, at);
        bits >>= bit % 8;
        uint8_t *stop = end - dst > 5 ? dst + 5 : end;
        for (; dst < stop; dst++) {
            unsigned entry = h->decode[bits & ((1 << HUFFMAN_BITS) - 1)];
            *dst = (uint8_t)entry;
            bits >>= entry >> 8;
            bit += entry >> 8;
        }
    }
    return bit <= src_len * 8;
}
