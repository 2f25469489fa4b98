/*
 * keyring.h - named 256-bit keys that seal texts with AES-256-GCM. The first one seals; all of them open, by the name
 * that is kept beside what was sealed. So a key is replaced by putting a new one before it, sealing again what the old
 * one sealed, and then leaving the old one out.
 *
 * A sealed text is base64 of nonce (12), ciphertext, tag (16). The associated data binds it to its place: moved
 * elsewhere it does not open.
 * Threads: a keyring is immutable; every call is safe from any thread.
 * Source: NIST SP 800-38D.
 */
#ifndef PKG_CRYPT_KEYRING_H
#define PKG_CRYPT_KEYRING_H

#include "pkg/base/clock.h"
#include "pkg/base/error.h"
#include "pkg/base/secret.h"

#define KEYRING_KEY_LEN 32
#define KEYRING_MAC_LEN 32
#define KEYRING_PLAIN_MAX ((size_t)2 << 20)

struct keyring;

/* "id:base64,id:base64": ids of letters, digits, '-', '_' and '.', keys of 32 bytes. ERR_INVALID never repeats a key. */
int keyring_parse(const char *text, struct keyring **ret, struct error **err);
void keyring_free(struct keyring *k);
DEFINE_RELEASE(struct keyring *, keyring_free)
#define cleanup_keyring CLEANUP_WITH(keyring_free_slot)

const char *keyring_current(const struct keyring *k); /* id of the key that seals; borrowed */
bool keyring_has(const struct keyring *k, const char *id);

/* By the current key. aad: a text. *ret is owned by the caller. ERR_TOO_LARGE. */
int keyring_seal(const struct keyring *k, const struct rng *rng, const struct secret *plain,
                 const char *aad, char **ret, struct error **err);
/* ERR_NOT_FOUND: there is no key of that id; ERR_INVALID: it does not open. */
int keyring_open(const struct keyring *k, const char *id, const char *sealed, const char *aad,
                 struct secret **ret, struct error **err);
/* A keyed digest, by a key derived from that of id (NULL: the current). purpose keeps digests of different uses
 * apart. False: no such key. */
bool keyring_mac(const struct keyring *k, const char *id, const char *purpose, const void *data,
                 size_t len, unsigned char out[KEYRING_MAC_LEN]);

#endif
