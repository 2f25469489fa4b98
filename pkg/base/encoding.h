/* encoding.h - base64, base64url, hex, percent and UTF forms. Results are owned by the caller. */
#ifndef PKG_BASE_ENCODING_H
#define PKG_BASE_ENCODING_H

#include <stdbool.h>
#include <stddef.h>

#include "pkg/base/error.h"

char *base64_give(const void *data, size_t len);    /* padded */
char *base64url_give(const void *data, size_t len); /* unpadded */
/* Accept padded and unpadded; whitespace is refused except one trailing newline. */
int base64_parse(const char *text, size_t len, char **ret, size_t *ret_len, struct error **err);
int base64url_parse(const char *text, size_t len, char **ret, size_t *ret_len, struct error **err);
char *hex_give(const void *data, size_t len); /* lower case */

/* Everything but unreserved characters (RFC 3986) becomes %XX. */
char *percent_give(const char *text);
/* As percent_give but keeps bytes listed in keep (for paths: "/"). */
char *percent_give_keeping(const char *text, const char *keep);
bool percent_parse(const char *text, char **ret); /* false on a broken escape or %00 */

bool utf8_is_valid(const char *s, size_t len);
/* Removes a UTF-8 byte order mark, converts UTF-16 (by its byte order mark); other input is copied. */
int utf_give_utf8(const char *data, size_t len, char **ret, size_t *ret_len, struct error **err);

#endif
