#include "pkg/kube/store_codec.h"

#include <lz4.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/kube/store_huffman.h"

/* LZ4 looks back 64 KB; what is left of that is for the object itself. */
#define DICTIONARY_BYTES ((size_t)48 << 10)
/* How fast LZ4 gives up where it finds nothing. The code does better there. */
#define ACCELERATION 8
/* A packed object is a length (7 bits a byte, the last one below 128) and the coded LZ4 block. */
#define LENGTH_MAX_BYTES 5
#define STACK_BYTES ((size_t)8 << 10)
#define KEPT_BYTES ((size_t)128 << 10) /* what a packer keeps between objects */

struct codec {
    atomic_uint refs;
    struct huffman code;
    LZ4_stream_t primed; /* has read the dictionary; copied for each object */
    size_t dictionary_len;
    char dictionary[];
};

struct packer {
    LZ4_stream_t stream;
    char *block;    /* LZ4 */
    uint8_t *coded; /* the result */
    size_t cap;     /* text length for which both suffice */
};

/* ---- training ---- */

/* Samples from both ends and the middle, as they come: every step-th until the room is used. */
static size_t fill_dictionary(struct codec *c, const struct codec_sample *samples, size_t n)
{
    size_t total = 0, used = 0, step;
    for (size_t i = 0; i < n; i++)
        total += samples[i].len;
    step = total / DICTIONARY_BYTES + 1;
    if (step < 2)
        step = 2; /* the others are for the code */
    for (size_t i = 0; i < n && used < DICTIONARY_BYTES; i += step) {
        size_t room = DICTIONARY_BYTES - used;
        size_t len = samples[i].len < room ? samples[i].len : room;
        memcpy(c->dictionary + used, samples[i].text, len);
        used += len;
    }
    c->dictionary_len = used;
    return step;
}

static size_t compress(struct packer *p, const struct codec *c, const char *text, size_t len)
{
    memcpy(&p->stream, &c->primed, sizeof(p->stream));
    int n = LZ4_compress_fast_continue(&p->stream, text, p->block, (int)len,
                                       LZ4_compressBound((int)len), ACCELERATION);
    return n > 0 ? (size_t)n : 0;
}

static void reserve(struct packer *p, size_t len)
{
    if (p->cap >= len && p->cap <= KEPT_BYTES)
        return;
    size_t cap = len > KEPT_BYTES / 4 ? len : KEPT_BYTES / 4;
    size_t bound = (size_t)LZ4_compressBound((int)cap);
    free(p->block);
    free(p->coded);
    p->block = xmalloc(bound);
    p->coded = xmalloc(LENGTH_MAX_BYTES + huffman_bound(bound));
    p->cap = cap;
}

/* The code is made for what LZ4 leaves of texts that are not in the dictionary. */
static void learn_code(struct codec *c, const struct codec_sample *samples, size_t n, size_t step)
{
    uint32_t counts[256] = { 0 };
    struct packer *p = packer_new();
    for (size_t i = 0; i < n; i++) {
        if (i % step == 0 || samples[i].len > INT32_MAX / 2)
            continue;
        reserve(p, samples[i].len);
        size_t len = compress(p, c, samples[i].text, samples[i].len);
        for (size_t k = 0; k < len; k++)
            counts[(uint8_t)p->block[k]]++;
    }
    huffman_init(&c->code, counts);
    packer_free(p);
}

struct codec *codec_new(const struct codec_sample *samples, size_t n)
{
    struct codec *c = xcalloc(1, sizeof(*c) + DICTIONARY_BYTES);
    atomic_init(&c->refs, 1);
    size_t step = fill_dictionary(c, samples, n);
    c = xrealloc(c, sizeof(*c) + c->dictionary_len + 1);
    (void)LZ4_initStream(&c->primed, sizeof(c->primed));
    (void)LZ4_loadDict(&c->primed, c->dictionary, (int)c->dictionary_len);
    learn_code(c, samples, n, step);
    return c;
}

struct codec *codec_ref(struct codec *c)
{
    if (c)
        atomic_fetch_add_explicit(&c->refs, 1, memory_order_relaxed);
    return c;
}

void codec_unref(struct codec *c)
{
    if (c && atomic_fetch_sub_explicit(&c->refs, 1, memory_order_acq_rel) == 1)
        free(c);
}

size_t codec_bytes(const struct codec *c)
{
    return sizeof(*c) + c->dictionary_len;
}

/* ---- packing ---- */

struct packer *packer_new(void)
{
    return xnew(struct packer);
}

void packer_free(struct packer *p)
{
    if (!p)
        return;
    free(p->block);
    free(p->coded);
    free(p);
}

size_t packer_bytes(const struct packer *p)
{
    return sizeof(*p) + 3 * p->cap;
}

static size_t put_length(uint8_t *dst, size_t len)
{
    size_t n = 0;
    for (; len >= 128; len >>= 7)
        dst[n++] = (uint8_t)(len | 128);
    dst[n++] = (uint8_t)len;
    return n;
}

static size_t get_length(const uint8_t *src, size_t src_len, size_t *ret)
{
    size_t len = 0;
    for (size_t n = 0; n < src_len && n < LENGTH_MAX_BYTES; n++) {
        len |= (size_t)(src[n] & 127) << (7 * n);
        if (src[n] < 128) {
            *ret = len;
            return n + 1;
        }
    }
    return 0;
}

size_t packer_pack(struct packer *p, const struct codec *c, const char *text, size_t len,
                   const char **ret)
{
    if (len > INT32_MAX / 2)
        return 0;
    reserve(p, len);
    size_t block_len = compress(p, c, text, len);
    if (!block_len)
        return 0;
    size_t head = put_length(p->coded, block_len);
    size_t packed =
        head + huffman_encode(&c->code, (const uint8_t *)p->block, block_len, p->coded + head);
    *ret = (const char *)p->coded;
    return packed < len - len / 8 ? packed : 0;
}

/* ---- unpacking ---- */

bool codec_unpack(const struct codec *c, const char *data, size_t data_len, char *text, size_t len)
{
    const uint8_t *src = (const uint8_t *)data;
    uint8_t on_stack[STACK_BYTES];
    size_t block_len = 0;
    size_t head = get_length(src, data_len, &block_len);
    if (!head || len > INT32_MAX / 2 || block_len > (size_t)LZ4_compressBound((int)len))
        return false;

    cleanup_free uint8_t *on_heap = block_len > sizeof(on_stack) ? xmalloc(block_len) : NULL;
    uint8_t *block = on_heap ? on_heap : on_stack;
    if (!huffman_decode(&c->code, src + head, data_len - head, block, block_len))
        return false;
    int n = LZ4_decompress_safe_usingDict((const char *)block, text, (int)block_len, (int)len,
                                          c->dictionary, (int)c->dictionary_len);
    return n >= 0 && (size_t)n == len;
}
