#include "pkg/api/refuse.h"

#include <stdarg.h>

#include "pkg/base/mem.h"

int(api_refuse)(struct error **err, const char *code, const char *target, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    cleanup_free char *text = xvasprintf(fmt, ap);
    va_end(ap);
    (void)error_set(err, ERR_INVALID, "%s", text);
    error_code(err, code);
    if (target && *target)
        error_target(err, target);
    return -1;
}
