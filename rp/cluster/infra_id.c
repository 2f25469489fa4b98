#include "rp/cluster/infra_id.h"

#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/cluster/cluster.h"

#define PREFIX_MAX 21
#define INFRA_CHARS 5
#define SUFFIX_CHARS_V1 5
#define SUFFIX_CHARS_V2 10
/* No vowels, so no words; the first one without what is mistaken for another, as Kubernetes makes its names. */
#define INFRA_ALPHABET "bcdfghjklmnpqrstvwxz2456789"
#define SUFFIX_ALPHABET "bcdfghjklmnpqrstvwxyz0123456789"

static char *give_random(const struct opctx *ctx, const char *alphabet, size_t len)
{
    char *text = xcalloc(len + 1, 1);
    for (size_t i = 0; i < len; i++)
        text[i] = alphabet[rng_below(ctx->rng, strlen(alphabet))];
    return text;
}

static bool is_kept(char ch)
{
    return (ch >= 'a' && ch <= 'z') || (ch >= '0' && ch <= '9');
}

char *infra_id_give_prefix(const char *cluster_name)
{
    cleanup_free char *lower = str_give_lower(cluster_name);
    cleanup_free char *out = xcalloc(PREFIX_MAX + 1, 1);
    size_t len = 0;
    for (const char *p = lower; *p && len < PREFIX_MAX; p++)
        if (is_kept(*p))
            out[len++] = *p;
        else if (len > 0 && out[len - 1] != '-')
            out[len++] = '-';
    while (len > 0 && out[len - 1] == '-')
        len--;
    return len > 0 ? xstrndup(out, len) : xstrdup("aro");
}

int cluster_ensure_infra_id(void *arg, const struct opctx *ctx, struct error **err)
{
    struct cluster *c = arg;
    if (*cluster_text_or_empty(c, "infraId"))
        return 0;
    const char *name = json_path_str(c->doc, "openShiftCluster.name");
    cleanup_free char *prefix = infra_id_give_prefix(name ? name : "");
    cleanup_free char *chance = give_random(ctx, INFRA_ALPHABET, INFRA_CHARS);
    cleanup_free char *id = xasprintf("%s-%s", prefix, chance);
    return cluster_set_text(c, ctx, "infraId", id, err);
}

/* Both at once: one is made from the other. */
static int put_suffix(json *tree, void *arg, struct error **err)
{
    const char *suffix = arg;
    cleanup_free char *registry = xasprintf("imageregistry%s", suffix);
    if (json_set_str(tree, PROPERTIES "storageSuffix", suffix, err) < 0)
        return -1;
    return json_set_str(tree, PROPERTIES "imageRegistryStorageAccountName", registry, err);
}

static int ensure_registry_account(struct cluster *c, const struct opctx *ctx, struct error **err)
{
    if (*cluster_text_or_empty(c, "imageRegistryStorageAccountName"))
        return 0;
    cleanup_free char *suffix = xstrdup(cluster_text(c, "storageSuffix"));
    return cluster_patch(c, ctx, put_suffix, suffix, err);
}

int cluster_ensure_storage_suffix(void *arg, const struct opctx *ctx, struct error **err)
{
    struct cluster *c = arg;
    if (*cluster_text_or_empty(c, "storageSuffix"))
        return ensure_registry_account(c, ctx, err);
    size_t len = cluster_layout(c) == LAYOUT_V1 ? SUFFIX_CHARS_V1 : SUFFIX_CHARS_V2;
    cleanup_free char *suffix = give_random(ctx, SUFFIX_ALPHABET, len);
    return cluster_patch(c, ctx, put_suffix, suffix, err);
}
