/*
 * store_huffman.h - a fixed Huffman code over bytes, made once from a sample. Private to pkg/kube.
 *
 * Codes have at most 11 bits, so that both directions are one table lookup a byte. Every byte has a
 * code, also those that the sample lacks. Threads: a code is constant after huffman_init.
 */
#ifndef PKG_KUBE_STORE_HUFFMAN_H
#define PKG_KUBE_STORE_HUFFMAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HUFFMAN_BITS 11

struct huffman {
    uint16_t code[256]; /* first bit lowest */
    uint8_t len[256];
    uint16_t decode[1 << HUFFMAN_BITS]; /* byte, and the length of its code << 8 */
};

void huffman_init(struct huffman *h, const uint32_t counts[256]);
/* Bytes that huffman_encode needs at dst for n bytes: a little more than it uses. */
size_t huffman_bound(size_t n);
size_t huffman_encode(const struct huffman *h, const uint8_t *src, size_t n, uint8_t *dst);
/* Exactly n bytes. False when src ends before. */
bool huffman_decode(const struct huffman *h, const uint8_t *src, size_t src_len, uint8_t *dst,
                    size_t n);

#endif
