/* libxcrypt does it: the C library of every Debian system brings it, and OpenSSL has no bcrypt. */
#include "pkg/crypt/password.h"

#include <crypt.h>
#include <errno.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/secret.h"
#include "pkg/base/strv.h"

#define BCRYPT_BYTES_MAX 72

int bcrypt_give_hash(const char *password, unsigned cost, char **ret, struct error **err)
{
    char setting[CRYPT_GENSALT_OUTPUT_SIZE];
    if (strlen(password) > BCRYPT_BYTES_MAX)
        return error_set(err, ERR_INVALID, "a password of more than %d bytes cannot be hashed",
                         BCRYPT_BYTES_MAX);
    if (!crypt_gensalt_rn("$2a$", cost, NULL, 0, setting, sizeof(setting)))
        return error_set_errno(err, errno, "making a salt for a cost of %u", cost);
    struct crypt_data *data = xnew(struct crypt_data);
    const char *hash = crypt_rn(password, setting, data, sizeof(*data));
    int saved = errno;
    if (hash)
        *ret = xstrdup(hash);
    secret_wipe(data, sizeof(*data));
    free(data);
    return hash ? 0 : error_set_errno(err, saved, "hashing a password");
}

bool bcrypt_matches(const char *password, const char *hash)
{
    if (!str_starts(hash, "$2"))
        return false;
    struct crypt_data *data = xnew(struct crypt_data);
    bool matches = str_eq(crypt_rn(password, hash, data, sizeof(*data)), hash);
    secret_wipe(data, sizeof(*data));
    free(data);
    return matches;
}
