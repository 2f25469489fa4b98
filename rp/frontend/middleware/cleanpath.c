#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/frontend/chain.h"

/* Without doubled slashes and dot segments; a slash at the end stays. */
static char *give_clean(const char *path)
{
    cleanup_strv struct strv parts = STRV_INIT;
    struct buf out = BUF_INIT(BUF_UNBOUNDED);

    strv_split(&parts, path, "/", false);
    cleanup_free size_t *ends = xcalloc(parts.len + 1, sizeof(*ends));
    size_t depth = 0;
    for (size_t i = 0; i < parts.len; i++) {
        if (str_eq(parts.v[i], "."))
            continue;
        if (str_eq(parts.v[i], "..")) {
            depth -= depth > 0;
            out.len = ends[depth];
            continue;
        }
        buf_addf(&out, "/%s", parts.v[i]);
        ends[++depth] = out.len;
    }
    if (out.len == 0 || str_ends(path, "/"))
        buf_addc(&out, '/');
    out.data[out.len] = '\0';
    return buf_give(&out);
}

/* As nearly all come. A segment that begins with a dot need not be one to take out: that is looked at closely. */
static bool is_clean(const char *path)
{
    return *path == '/' && !strstr(path, "//") && !strstr(path, "/.");
}

static void clean(char **path)
{
    if (is_clean(*path))
        return;
    char *cleaned = give_clean(*path);
    free(*path);
    *path = cleaned;
}

static int cleanpath(struct request *req, struct error **err)
{
    (void)err;
    clean(&req->path);
    clean(&req->original_path);
    return 0;
}

const struct middleware middleware_cleanpath = { .name = "CleanPath", .before = cleanpath };
