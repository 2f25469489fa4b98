/* ssl_error.h - OpenSSL's error queue as an error of ours. */
#ifndef PKG_CRYPT_SSL_ERROR_H
#define PKG_CRYPT_SSL_ERROR_H

#include "pkg/base/error.h"

/* Sets err to "what: reason" and empties OpenSSL's queue of this thread. Returns -1. */
int ssl_error(struct error **err, enum err_kind kind, const char *what);

#endif
