#include "pkg/crypt/ssl_error.h"

#include <openssl/err.h>

int ssl_error(struct error **err, enum err_kind kind, const char *what)
{
    unsigned long code = ERR_peek_last_error();
    const char *reason = code ? ERR_reason_error_string(code) : NULL;
    ERR_clear_error();
    return reason ? error_set(err, kind, "%s: %s", what, reason) : error_set(err, kind, "%s", what);
}
