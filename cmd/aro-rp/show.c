#include "cmd/aro-rp/show.h"

#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/database/fields.h"
#include "pkg/database/openshiftclusters.h"

#define INDENT 2

static bool is_sealed(const char *member)
{
    for (const char *const *pattern = fields_sealed; *pattern; pattern++)
        if (str_matches_nocase(*pattern, member))
            return true;
    return false;
}

static int show_sealed(const struct opctx *ctx, struct database *db, const char *sealed, FILE *out,
                       struct error **err)
{
    cleanup_secret struct secret *plain = NULL;
    size_t len;
    if (database_open_sealed(ctx, db, sealed, &plain, err) < 0)
        return -1;
    const char *text = secret_reveal(plain, &len);
    (void)fwrite(text, 1, len, out);
    return 0;
}

static int show_member(const struct opctx *ctx, struct database *db, const json *tree,
                       const char *member, FILE *out, struct error **err)
{
    cleanup_free char *path = xasprintf("openShiftCluster.%s", member);
    const json *value = json_path(tree, path);
    const char *text = json_str(value);
    if (!value)
        return error_set(err, ERR_NOT_FOUND, "the cluster has no %s", member);
    if (text && is_sealed(member))
        return show_sealed(ctx, db, text, out, err);
    cleanup_free char *other = text ? NULL : json_give_text(value);
    fprintf(out, "%s\n", text ? text : other);
    return 0;
}

int show_cluster(const struct opctx *ctx, struct database *db, const char *key, const char *member,
                 FILE *out, struct error **err)
{
    cleanup_free char *lower = str_give_lower(key);
    cleanup_document struct document d = { 0 };
    if (openshiftclusters_get(ctx, db, lower, &d, err) < 0)
        return error_wrap(err, "reading the cluster %s", key);
    if (member)
        return show_member(ctx, db, d.tree, member, out, err);
    cleanup_buf struct buf b = BUF_INIT(BUF_UNBOUNDED);
    json_write_indented(&b, d.tree, INDENT);
    fprintf(out, "%s\n", buf_str(&b));
    return 0;
}
