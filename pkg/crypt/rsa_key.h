/*
 * rsa_key.h - RSA keys in the forms that SSH and service accounts keep them in.
 * Threads: pure, any thread.
 */
#ifndef PKG_CRYPT_RSA_KEY_H
#define PKG_CRYPT_RSA_KEY_H

#include "pkg/base/error.h"
#include "pkg/base/secret.h"

/* A new key of 2048 bits: PKCS#1 DER (RFC 8017, RSAPrivateKey). It takes a third of a second. */
int rsa_make(struct secret **ret_der, struct error **err);
/* "-----BEGIN RSA PRIVATE KEY-----". ERR_INVALID: not such a key. */
int rsa_give_pem(const struct secret *der, struct secret **ret_pem, struct error **err);
/* "-----BEGIN PUBLIC KEY-----". */
int rsa_give_public_pem(const struct secret *der, char **ret_pem, struct error **err);
/* "ssh-rsa BASE64", without a comment (RFC 4253, section 6.6). */
int rsa_give_ssh_public(const struct secret *der, char **ret, struct error **err);

/* That text is a line of an authorized_keys file without options: TYPE BASE64 [COMMENT], where the type stands inside the key,
 * too. ERR_INVALID otherwise. */
int ssh_public_check(const char *text, struct error **err);

#endif
