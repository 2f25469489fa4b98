#include "hack/devcloud/cluster/patch_strategic.h"

#include "pkg/kube/strategic.h"

static const void *at_key(const struct strategic_schema *s, const void *node, const char *key)
{
    (void)s;
    return node ? schema_at_key(node, key) : NULL;
}

static const void *item_of(const struct strategic_schema *s, const void *list)
{
    (void)s;
    return ((const struct schema *)list)->items;
}

static struct strategic_way way_of(const struct strategic_schema *s, const void *node)
{
    const struct schema *of = node;
    (void)s;
    if (!of)
        return (struct strategic_way){ 0 };
    return (struct strategic_way){ .merges = of->merges,
                                   .merge_key = of->merge_key,
                                   .retains_keys = of->retains_keys };
}

int patch_strategic_give(const struct schema *schema, const json *live, const json *patch,
                         json **ret, struct error **err)
{
    static const struct strategic_schema ways = { at_key, item_of, way_of };
    return strategic_apply(&ways, schema, live, patch, ret, err);
}
