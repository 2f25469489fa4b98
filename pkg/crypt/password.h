/*
 * password.h - hashes of passwords that other programs check.
 * Threads: pure, any thread.
 */
#ifndef PKG_CRYPT_PASSWORD_H
#define PKG_CRYPT_PASSWORD_H

#include <stdbool.h>

#include "pkg/base/error.h"

/* bcrypt: "$2a$10$..." for a cost of 10, which takes about 70 ms. At most 72 bytes count, so longer passwords are
 * ERR_INVALID. cost: 4 to 31. */
int bcrypt_give_hash(const char *password, unsigned cost, char **ret, struct error **err);
bool bcrypt_matches(const char *password, const char *hash);

#endif
