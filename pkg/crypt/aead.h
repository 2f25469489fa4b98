/*
 * aead.h - sealing of secrets at rest: text in, base64 text out, under keys that rotate.
 *
 * Two formats, told apart by nothing but which key opens them (a blob names neither format nor key):
 *   AEAD_V2      AES-256-CBC, then HMAC-SHA-512 over IV and ciphertext, cut to 32 bytes. Key: 64 bytes, the first
 *                half for AES, the second for the MAC. Blob: IV (16), ciphertext, tag (32). Everything is sealed so.
 *   AEAD_LEGACY  XChaCha20-Poly1305. Key: 32 bytes. Blob: nonce (24), ciphertext, tag (16). Only opened.
 * The base64 form is the standard, padded one.
 *
 * Rotation: a new version of the v2 key appears in the vault and processes learn of it at different times. So a version
 * seals only when it is distribute_s old (unless there is no older one), and a text that no known key opens makes
 * aead_open ask the source for new versions, AEAD_RELOAD_MS after the last time at the earliest and for 30 s at most.
 *
 * Source: Azure/ARO-RP, pkg/util/encryption. Threads: every call on a struct aead is safe from any thread.
 */
#ifndef PKG_CRYPT_AEAD_H
#define PKG_CRYPT_AEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pkg/base/opctx.h"
#include "pkg/base/secret.h"

#define AEAD_V2_KEY_LEN 64
#define AEAD_LEGACY_KEY_LEN 32
#define AEAD_RELOAD_MS 30000
/* Of a sealed text and of what is sealed. */
#define AEAD_TEXT_MAX ((size_t)4 << 20)
#define AEAD_PLAIN_MAX ((size_t)2 << 20)
/* error_get_code of a text that no key opens; kind ERR_INVALID, which concerns this one document only. */
#define AEAD_ERR_CORRUPT "Corrupt"

enum aead_format { AEAD_V2, AEAD_LEGACY, AEAD_FORMATS };

/* One version of a key. */
struct aead_key {
    enum aead_format format;
    struct secret *key; /* raw bytes, not base64; owned by the list */
    int64_t created_s;  /* Unix time; newer versions are tried first */
    bool disabled;      /* neither opens nor seals */
};
struct aead_keys {
    struct aead_key *v;
    size_t len, cap;
};
/* value is consumed: base64 as the vault holds it. ERR_INVALID when that is no key of this format. */
int aead_keys_add(struct aead_keys *keys, enum aead_format format, struct secret *value,
                  int64_t created_s, bool disabled, struct error **err);
void aead_keys_release(struct aead_keys *keys);

/* Where versions come from. list gives all versions of both formats; it may block, is never called by two threads at
 * once, and ret comes empty. */
struct aead_source {
    int (*list)(struct aead_source *source, const struct opctx *ctx, struct aead_keys *ret,
                struct error **err);
};

struct aead;
struct aead_config {
    struct aead_source *source; /* borrowed for the life */
    int64_t distribute_s;       /* age from which a version seals; 0: at once */
};
/* Lists the versions; ERR_INVALID when no enabled v2 version is among them. */
int aead_new(const struct aead_config *cfg, const struct opctx *ctx, struct aead **ret,
             struct error **err);
void aead_free(struct aead *a);
DEFINE_RELEASE(struct aead *, aead_free)
#define cleanup_aead CLEANUP_WITH(aead_free_slot)

/* ctx gives time, chance and the wait for a reload. ret: base64, owned by the caller. */
int aead_seal(struct aead *a, const struct opctx *ctx, const struct secret *plain, char **ret,
              struct error **err);
/* Every v2 version, newest first, then every legacy one. The error is that of the last key tried, or ERR_CANCELLED,
 * ERR_TIMEOUT when the context ended before new versions were known. */
int aead_open(struct aead *a, const struct opctx *ctx, const char *sealed, struct secret **ret,
              struct error **err);

/* Sealed by the version that seals now; false also for what cannot be opened. */
bool aead_is_current(struct aead *a, const struct opctx *ctx, const char *sealed);
/* Lists the versions now, however long ago that was, for 30 s at most; a failure leaves those that are known. */
int aead_refresh(struct aead *a, const struct opctx *ctx, struct error **err);

/* The formats themselves: a raw key and a raw blob. */
int aead_v2_seal(const struct secret *key, const unsigned char iv[16], const struct secret *plain,
                 unsigned char **ret_blob, size_t *ret_len, struct error **err);
int aead_v2_open(const struct secret *key, const unsigned char *blob, size_t len,
                 struct secret **ret, struct error **err);
int aead_legacy_open(const struct secret *key, const unsigned char *blob, size_t len,
                     struct secret **ret, struct error **err);

#endif
