/* refuse.h - errors for clients: ERR_INVALID with code and target. Threads: pure. */
#ifndef PKG_API_REFUSE_H
#define PKG_API_REFUSE_H

#include "pkg/base/error.h"

#define CODE_INVALID_PARAMETER "InvalidParameter"
#define CODE_INVALID_REQUEST_CONTENT "InvalidRequestContent"
#define CODE_PROPERTY_CHANGE "PropertyChangeNotAllowed"

/* Always -1. target "" or NULL: none. */
int api_refuse(struct error **err, const char *code, const char *target, const char *fmt, ...)
    PRINTF_LIKE(4, 5);
/* The usual: InvalidParameter. */
#define api_refuse_value(err, target, ...) \
    api_refuse((err), CODE_INVALID_PARAMETER, (target), __VA_ARGS__)

static inline int api_minus_one_(int always)
{
    (void)always;
    return -1;
}
#define api_refuse(...) api_minus_one_(api_refuse(__VA_ARGS__))

#endif
