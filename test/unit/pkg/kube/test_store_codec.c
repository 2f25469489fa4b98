#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/kube/store_codec.h"
#include "test/unit/support/pkg/kube/objects.h"
#include "test/unit/support/test.h"

enum { SAMPLES = 100 };

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525 + 1013904223;
    return *seed >> 8;
}

/* A ConfigMap with that many random letters. */
static char *give_text(uint32_t seed, size_t len)
{
    cleanup_free char *value = xmalloc(len + 1);
    for (size_t i = 0; i < len; i++)
        value[i] = (char)('a' + next_random(&seed) % 26);
    value[len] = '\0';
    cleanup_free char *name = xasprintf("config-%u", seed % 10000);
    return objects_give_text("openshift-config", name, "123456", NULL, value);
}

struct fixture {
    struct codec *codec;
    struct packer *packer;
};

static void setup(struct fixture *f, size_t text_len)
{
    char *texts[SAMPLES];
    struct codec_sample samples[SAMPLES];
    for (uint32_t i = 0; i < SAMPLES; i++) {
        texts[i] = give_text(i, text_len);
        samples[i] = (struct codec_sample){ texts[i], strlen(texts[i]) };
    }
    f->codec = codec_new(samples, SAMPLES);
    f->packer = packer_new();
    for (size_t i = 0; i < SAMPLES; i++)
        free(texts[i]);
}

static void teardown(struct fixture *f)
{
    codec_unref(f->codec);
    packer_free(f->packer);
}

/* Packs and unpacks; returns the packed length. */
static size_t there_and_back(struct fixture *f, const char *text, size_t len)
{
    const char *packed;
    size_t packed_len = packer_pack(f->packer, f->codec, text, len, &packed);
    if (!packed_len)
        return 0;
    cleanup_free char *exact = xmemdup(packed, packed_len);
    cleanup_free char *back = xmalloc(len + 1);
    assert_true(codec_unpack(f->codec, exact, packed_len, back, len));
    assert_memory_equal(text, back, len);
    return packed_len;
}

static void objects(void **state)
{
    (void)state;
    struct fixture f;
    setup(&f, 1000);
    size_t packed = 0, all = 0;

    for (uint32_t i = 0; i < 200; i++) {
        cleanup_free char *text = give_text(1000 + i, i * 10);
        all += strlen(text);
        packed += there_and_back(&f, text, strlen(text));
    }

    assert_true(packed > 0);
    assert_true(packed < all * 3 / 4); /* letters have 4.7 bits */
    teardown(&f);
}

static void structure(void **state)
{
    (void)state;
    struct fixture f;
    setup(&f, 10);
    cleanup_free char *text = give_text(5000, 10);

    size_t packed = there_and_back(&f, text, strlen(text));

    assert_true(packed > 0);
    assert_true(packed < strlen(text) / 2); /* what objects share costs little */
    teardown(&f);
}

static void useless(void **state)
{
    (void)state;
    struct fixture f;
    setup(&f, 100);
    char noise[2000];
    uint32_t seed = 1;
    for (size_t i = 0; i < sizeof(noise); i++)
        noise[i] = (char)next_random(&seed);

    assert_int_equal(0, there_and_back(&f, noise, sizeof(noise)));
    assert_int_equal(0, there_and_back(&f, "x", 1));
    assert_int_equal(0, there_and_back(&f, "", 0));
    teardown(&f);
}

static void large(void **state)
{
    (void)state;
    struct fixture f;
    setup(&f, 100);
    for (size_t len = 60000; len < 400000; len += 67000) {
        cleanup_free char *text = give_text(7, len);
        assert_true(there_and_back(&f, text, strlen(text)) > 0);
    }
    cleanup_free char *small = give_text(8, 100);
    assert_true(there_and_back(&f, small, strlen(small)) > 0);
    assert_true(packer_bytes(f.packer) < 300000); /* the memory of a large object was given back */
    teardown(&f);
}

static void few_samples(void **state)
{
    (void)state;
    cleanup_free char *text = give_text(1, 300);
    struct codec_sample one = { text, strlen(text) };
    struct fixture f = { .codec = codec_new(&one, 1), .packer = packer_new() };

    assert_true(there_and_back(&f, text, strlen(text)) > 0);
    teardown(&f);
    f = (struct fixture){ .codec = codec_new(NULL, 0), .packer = packer_new() };
    (void)there_and_back(&f, text, strlen(text));
    teardown(&f);
}

static void damaged(void **state)
{
    (void)state;
    struct fixture f;
    setup(&f, 500);
    cleanup_free char *text = give_text(42, 500);
    size_t len = strlen(text);
    const char *packed;
    size_t packed_len = packer_pack(f.packer, f.codec, text, len, &packed);
    cleanup_free char *back = xmalloc(len);
    uint32_t seed = 9;

    /* Whatever the bytes are, nothing is read or written beyond them. */
    for (int i = 0; i < 3000; i++) {
        cleanup_free char *copy = xmemdup(packed, packed_len);
        size_t cut = next_random(&seed) % packed_len;
        copy[next_random(&seed) % packed_len] ^= (char)(1 + next_random(&seed) % 255);
        (void)codec_unpack(f.codec, copy, packed_len, back, len);
        cleanup_free char *shorter = xmemdup(packed, cut);
        assert_false(codec_unpack(f.codec, shorter, cut, back, len));
    }
    assert_false(codec_unpack(f.codec, packed, packed_len, back, len - 1));
    teardown(&f);
}

static void shared(void **state)
{
    (void)state;
    struct fixture f;
    setup(&f, 100);

    struct codec *again = codec_ref(f.codec);
    assert_ptr_equal(f.codec, again);
    assert_true(codec_bytes(again) > 10000);
    codec_unref(again);
    assert_null(codec_ref(NULL));
    codec_unref(NULL);
    packer_free(NULL);
    teardown(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("objects come back as they were, and are smaller", objects),
        CASE("what objects share costs little", structure),
        CASE("what does not get smaller is refused", useless),
        CASE("large objects are packed, and their memory given back", large),
        CASE("few samples are enough", few_samples),
        CASE("damaged data is refused or harmless", damaged),
        CASE("references keep a codec alive", shared),
    };
    return RUN_CASES("store_codec", tests);
}
