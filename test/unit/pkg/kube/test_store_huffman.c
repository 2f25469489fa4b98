#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/kube/store_huffman.h"
#include "test/unit/support/test.h"

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525 + 1013904223;
    return *seed >> 8;
}

/* Through both directions, in memory of just the size that the header promises. */
static size_t there_and_back(const struct huffman *h, const uint8_t *text, size_t n)
{
    cleanup_free uint8_t *room = xmalloc(huffman_bound(n));
    size_t len = huffman_encode(h, text, n, room);
    assert_true(len <= huffman_bound(n));
    cleanup_free uint8_t *exact = xmalloc(len ? len : 1);
    memcpy(exact, room, len);
    cleanup_free uint8_t *back = xmalloc(n ? n : 1);

    assert_true(huffman_decode(h, exact, len, back, n));

    assert_memory_equal(text, back, n);
    if (len)
        assert_false(huffman_decode(h, exact, len - 1, back, n));
    return len;
}

static struct counts_case {
    const char *name;
    uint32_t counts[256];
} cases[] = {
    { "equal counts", { 0 } },
    { "one byte only", { ['a'] = 1000000 } },
    { "letters",
      { ['a'] = 800, ['b'] = 200, ['c'] = 300, ['e'] = 1200, [' '] = 1700, ['"'] = 90 } },
    { "counts that double, whose codes would be long", { 1,      1,       2,       4,      8,
                                                         16,     32,      64,      128,    256,
                                                         512,    1024,    2048,    4096,   8192,
                                                         16384,  32768,   65536,   131072, 262144,
                                                         524288, 1048576, 2097152, 4194304 } },
    { "counts at their limit", { UINT32_MAX, UINT32_MAX, UINT32_MAX, 5 } },
};

static void check(void **state)
{
    const struct counts_case *c = *state;
    struct huffman h;
    uint8_t text[1000];
    uint32_t seed = 7;
    huffman_init(&h, c->counts);
    uint64_t kraft = 0;
    for (int i = 0; i < 256; i++) {
        assert_in_range(h.len[i], 1, HUFFMAN_BITS);
        kraft += UINT64_C(1) << (HUFFMAN_BITS - h.len[i]);
    }
    assert_int_equal(1 << HUFFMAN_BITS, kraft); /* no code is unused, none is shared */

    for (size_t n = 0; n < 40; n++) {
        for (size_t i = 0; i < n; i++)
            text[i] = (uint8_t)next_random(&seed);
        (void)there_and_back(&h, text, n);
    }
    for (size_t i = 0; i < sizeof(text); i++)
        text[i] = (uint8_t)next_random(&seed);
    (void)there_and_back(&h, text, sizeof(text));
}

static void shorter(void **state)
{
    (void)state;
    struct huffman h;
    uint32_t counts[256] = { 0 };
    uint8_t text[1024];
    uint32_t seed = 3;
    for (size_t i = 0; i < sizeof(text); i++) {
        text[i] = (uint8_t) "0123456789abcdef"[next_random(&seed) % 16];
        counts[text[i]]++;
    }
    huffman_init(&h, counts);

    size_t len = there_and_back(&h, text, sizeof(text));

    assert_true(len < sizeof(text) * 60 / 100); /* 4 bits a digit would be half */
}

static void rare_bytes(void **state)
{
    (void)state;
    struct huffman h;
    const uint32_t counts[256] = { ['a'] = 100000, ['b'] = 50000 };
    const uint8_t text[] = "aab\x00\xff zzz";
    huffman_init(&h, counts);

    (void)there_and_back(&h, text, sizeof(text));
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases) + 2] = {
        CASE("frequent bytes have short codes", shorter),
        CASE("bytes that were never counted have codes, too", rare_bytes),
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[i + 2] = (struct CMUnitTest)CASE_OF(cases[i].name, check, &cases[i]);
    return RUN_CASES("store_huffman", tests);
}
