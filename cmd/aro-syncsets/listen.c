#include "cmd/aro-syncsets/listen.h"

#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

int listen_parse(const char *setting, const char *text, char **ret_host, uint16_t *ret_port,
                 struct error **err)
{
    const char *colon = strrchr(text, ':');
    long long port;
    if (!colon || !str_to_int(colon + 1, 0, UINT16_MAX, &port))
        return error_set(err, ERR_INVALID, "%s: '%s' is not like 127.0.0.1:7070 or :7070", setting,
                         text);
    *ret_port = (uint16_t)port;
    size_t len = (size_t)(colon - text);
    if (len > 2 && text[0] == '[' && text[len - 1] == ']')
        *ret_host = xstrndup(text + 1, len - 2);
    else
        *ret_host = len ? xstrndup(text, len) : NULL;
    return 0;
}
