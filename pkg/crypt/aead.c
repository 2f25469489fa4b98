#include "pkg/crypt/aead.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "pkg/base/encoding.h"
#include "pkg/base/flight.h"
#include "pkg/base/mem.h"
#include "pkg/base/thread.h"

/* Versions in use are few; a vault that lists more is not ours. */
#define KEYS_MAX 1000
/* A vault that says nothing for so long is away. */
#define LISTING_MS 30000

static const struct {
    const char *name;
    size_t key_len;
    int (*open)(const struct secret *key, const unsigned char *blob, size_t len,
                struct secret **ret, struct error **err);
} formats[AEAD_FORMATS] = {
    [AEAD_V2] = { "AES-256-CBC with HMAC-SHA-512", AEAD_V2_KEY_LEN, aead_v2_open },
    [AEAD_LEGACY] = { "XChaCha20-Poly1305", AEAD_LEGACY_KEY_LEN, aead_legacy_open },
};

/* The versions at one time, in the order in which they open; shared by the threads that use them. */
struct ring {
    atomic_uint refs;
    struct aead_keys keys;
    size_t v2_len; /* of them at the front */
};

struct aead {
    struct aead_config cfg;
    pthread_mutex_t mu; /* guards what follows */
    struct flight listing;
    struct ring *ring;
    int64_t listed_ns; /* when the last listing for an unknown key ended */
};

/* ---- versions ---- */

int aead_keys_add(struct aead_keys *keys, enum aead_format format, struct secret *value,
                  int64_t created_s, bool disabled, struct error **err)
{
    cleanup_secret struct secret *owned = value;
    size_t text_len, len;
    const char *text = secret_reveal(owned, &text_len);
    cleanup_free char *raw = NULL;
    if (keys->len == KEYS_MAX)
        return error_set(err, ERR_TOO_LARGE, "more than %d versions of keys", KEYS_MAX);
    if (base64_parse(text, text_len, &raw, &len, NULL) < 0)
        return error_set(err, ERR_INVALID, "a key for %s is not base64", formats[format].name);
    struct secret *key = secret_new(raw, len);
    secret_wipe(raw, len);
    if (len != formats[format].key_len) {
        secret_unref(key);
        return error_set(err, ERR_INVALID, "a key for %s has %zu bytes; it must have %zu",
                         formats[format].name, len, formats[format].key_len);
    }
    if (keys->len == keys->cap) {
        keys->cap = keys->cap ? keys->cap * 2 : 8;
        keys->v = xreallocarray(keys->v, keys->cap, sizeof(*keys->v));
    }
    keys->v[keys->len++] = (struct aead_key){ format, key, created_s, disabled };
    return 0;
}

void aead_keys_release(struct aead_keys *keys)
{
    for (size_t i = 0; i < keys->len; i++)
        secret_unref(keys->v[i].key);
    free(keys->v);
    *keys = (struct aead_keys){ 0 };
}

static int by_use(const void *a, const void *b)
{
    const struct aead_key *x = a, *y = b;
    if (x->format != y->format)
        return x->format < y->format ? -1 : 1;
    return (x->created_s < y->created_s) - (x->created_s > y->created_s);
}

static void ring_unref(struct ring *r)
{
    if (!r || atomic_fetch_sub(&r->refs, 1) != 1)
        return;
    aead_keys_release(&r->keys);
    free(r);
}
DEFINE_RELEASE(struct ring *, ring_unref)
#define cleanup_ring CLEANUP_WITH(ring_unref_slot)

/* Consumes keys. */
static int ring_new(struct aead_keys *keys, struct ring **ret, struct error **err)
{
    cleanup_ring struct ring *r = xnew(struct ring);
    atomic_init(&r->refs, 1);
    r->keys = *keys;
    *keys = (struct aead_keys){ 0 };
    size_t kept = 0;
    for (size_t i = 0; i < r->keys.len; i++)
        if (r->keys.v[i].disabled)
            secret_unref(r->keys.v[i].key);
        else
            r->keys.v[kept++] = r->keys.v[i];
    r->keys.len = kept;
    if (kept)
        qsort(r->keys.v, kept, sizeof(*r->keys.v), by_use);
    while (r->v2_len < kept && r->keys.v[r->v2_len].format == AEAD_V2)
        r->v2_len++;
    if (!r->v2_len)
        return error_set(err, ERR_INVALID, "no enabled version of a key for %s to seal with",
                         formats[AEAD_V2].name);
    *ret = take(r);
    return 0;
}

/* ---- the sealer ---- */

static int list_keys(struct aead *a, const struct opctx *ctx, struct ring **ret, struct error **err)
{
    struct aead_keys keys = { 0 };
    int rcode = a->cfg.source->list(a->cfg.source, ctx, &keys, err);
    if (rcode == 0)
        rcode = ring_new(&keys, ret, err);
    aead_keys_release(&keys);
    return rcode < 0 ? error_wrap(err, "listing the versions of the encryption keys") : 0;
}

int aead_new(const struct aead_config *cfg, const struct opctx *ctx, struct aead **ret,
             struct error **err)
{
    cleanup_aead struct aead *a = xnew(struct aead);
    a->cfg = *cfg;
    mutex_init(&a->mu);
    a->listed_ns = clock_mono_ns(ctx->clock);
    if (list_keys(a, ctx, &a->ring, err) < 0)
        return -1;
    *ret = take(a);
    return 0;
}

void aead_free(struct aead *a)
{
    if (!a)
        return;
    ring_unref(a->ring);
    (void)pthread_mutex_destroy(&a->mu);
    free(a);
}

static struct ring *ring_ref(struct ring *r)
{
    atomic_fetch_add(&r->refs, 1);
    return r;
}

static struct ring *give_ring(struct aead *a)
{
    (void)pthread_mutex_lock(&a->mu);
    struct ring *r = ring_ref(a->ring);
    (void)pthread_mutex_unlock(&a->mu);
    return r;
}

/* In flight, with the lock held on entry and return: a listing that fails leaves the versions as they are. */
static int lead(struct aead *a, const struct opctx *ctx, struct error **err)
{
    struct opctx brief = opctx_with_timeout_ms(ctx, LISTING_MS);
    struct ring *listed = NULL;
    (void)pthread_mutex_unlock(&a->mu);
    int rcode = list_keys(a, &brief, &listed, err);
    (void)pthread_mutex_lock(&a->mu);
    if (rcode == 0) {
        ring_unref(a->ring);
        a->ring = listed;
    }
    flight_end(&a->listing);
    return rcode;
}

static bool is_due(const struct aead *a, const struct opctx *ctx)
{
    return clock_mono_ns(ctx->clock) - a->listed_ns >= AEAD_RELOAD_MS * NS_PER_MS;
}

/* A newer ring than the one that was of no use, or NULL: what cannot be opened is then corrupt for now. Whoever waited for
 * another thread's listing takes its result. -1: the context ended, which says nothing of the versions. */
static int give_newer_ring(struct aead *a, const struct opctx *ctx, const struct ring *used,
                           struct ring **ret, struct error **err)
{
    int rcode = 0;
    (void)pthread_mutex_lock(&a->mu);
    while (rcode == 0 && a->ring == used && is_due(a, ctx)) {
        if (!flight_begin(&a->listing)) {
            rcode = flight_wait(&a->listing, &a->mu, ctx, err);
            continue;
        }
        (void)lead(a, ctx, NULL);
        rcode = opctx_check(ctx, err);
        if (rcode == 0)
            a->listed_ns = clock_mono_ns(ctx->clock);
    }
    *ret = rcode == 0 && a->ring != used ? ring_ref(a->ring) : NULL;
    (void)pthread_mutex_unlock(&a->mu);
    return rcode;
}

static const struct secret *sealing_key(const struct aead *a, const struct ring *r, int64_t now_s)
{
    for (size_t i = 0; i < r->v2_len; i++)
        if (r->keys.v[i].created_s <= now_s - a->cfg.distribute_s)
            return r->keys.v[i].key;
    return r->keys.v[r->v2_len - 1].key; /* all are young: the oldest is best known */
}

static const struct secret *sealing_key_now(const struct aead *a, const struct ring *r,
                                            const struct opctx *ctx)
{
    return sealing_key(a, r, clock_wall_ns(ctx->clock) / NS_PER_S);
}

int aead_seal(struct aead *a, const struct opctx *ctx, const struct secret *plain, char **ret,
              struct error **err)
{
    cleanup_ring struct ring *r = give_ring(a);
    uint64_t iv[2] = { ctx->rng->next(ctx->rng), ctx->rng->next(ctx->rng) };
    cleanup_free unsigned char *blob = NULL;
    size_t len;
    if (aead_v2_seal(sealing_key_now(a, r, ctx), (const unsigned char *)iv, plain, &blob, &len,
                     err) < 0)
        return -1;
    *ret = base64_give(blob, len);
    return 0;
}

static int open_with(const struct ring *r, const unsigned char *blob, size_t len,
                     struct secret **ret, struct error **err)
{
    for (size_t i = 0; i < r->keys.len; i++) {
        const struct aead_key *k = &r->keys.v[i];
        if (formats[k->format].open(k->key, blob, len, ret, err) == 0) {
            error_clear(err);
            return 0;
        }
    }
    return -1;
}

int aead_open(struct aead *a, const struct opctx *ctx, const char *sealed, struct secret **ret,
              struct error **err)
{
    size_t len = strlen(sealed);
    cleanup_free char *blob = NULL;
    if (len > AEAD_TEXT_MAX || base64_parse(sealed, len, &blob, &len, NULL) < 0) {
        (void)error_set(err, ERR_INVALID, "the sealed text is not base64 of a size that we write");
        error_code(err, AEAD_ERR_CORRUPT);
        return -1;
    }
    cleanup_error struct error *why = NULL;
    cleanup_ring struct ring *r = give_ring(a);
    if (open_with(r, (const unsigned char *)blob, len, ret, &why) == 0)
        return 0;
    cleanup_ring struct ring *newer = NULL;
    if (give_newer_ring(a, ctx, r, &newer, err) < 0)
        return -1;
    if (newer && open_with(newer, (const unsigned char *)blob, len, ret, &why) == 0)
        return 0;
    return error_move(err, &why);
}

bool aead_is_current(struct aead *a, const struct opctx *ctx, const char *sealed)
{
    size_t len = strlen(sealed);
    cleanup_free char *blob = NULL;
    cleanup_secret struct secret *plain = NULL;
    cleanup_ring struct ring *r = give_ring(a);
    return len <= AEAD_TEXT_MAX && base64_parse(sealed, len, &blob, &len, NULL) == 0 &&
           aead_v2_open(sealing_key_now(a, r, ctx), (const unsigned char *)blob, len, &plain,
                        NULL) == 0;
}

int aead_refresh(struct aead *a, const struct opctx *ctx, struct error **err)
{
    int rcode = 0;
    bool leads = false;
    (void)pthread_mutex_lock(&a->mu);
    while (rcode == 0 && !(leads = flight_begin(&a->listing)))
        rcode = flight_wait(&a->listing, &a->mu, ctx, err);
    if (leads)
        rcode = lead(a, ctx, err);
    (void)pthread_mutex_unlock(&a->mu);
    return rcode;
}
