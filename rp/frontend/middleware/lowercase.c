#include <string.h>

#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/frontend/chain.h"

/* Decoded, unless that would change where segments end or bring in bytes that no name has. */
static char *give_decoded(const char *raw)
{
    char *decoded = NULL;
    if (!percent_parse(raw, &decoded))
        return xstrdup(raw);
    size_t slashes = 0, raw_slashes = 0;
    bool odd = !utf8_is_valid(decoded, strlen(decoded));
    for (const char *p = decoded; *p; p++) {
        slashes += *p == '/';
        odd |= (unsigned char)*p < ' ' || *p == 0x7f;
    }
    for (const char *p = raw; *p; p++)
        raw_slashes += *p == '/';
    if (!odd && slashes == raw_slashes)
        return decoded;
    free(decoded);
    return xstrdup(raw);
}

/* Keys and comparisons are in lower case; the client's letters are kept for what it reads again. */
static int lowercase(struct request *req, struct error **err)
{
    (void)err;
    req->original_path = give_decoded(http_call_path(req->call));
    req->path = str_give_lower(req->original_path);
    return 0;
}

const struct middleware middleware_lowercase = { .name = "Lowercase", .before = lowercase };
