#include "rp/cluster/installer/installer.h"

#include <stdlib.h>

void installer_free(struct installer *i)
{
    if (!i)
        return;
    i->ops->free(i->arg);
    free(i);
}

int installer_generate(const struct installer *i, const struct opctx *ctx,
                       const struct installer_inputs *in, json **ret_graph, struct error **err)
{
    if (opctx_check(ctx, err) < 0)
        return -1;
    return i->ops->generate(i->arg, ctx, in, ret_graph, err);
}

int installer_find_image(const struct installer *i, const struct opctx *ctx, const char *id,
                         struct machine_image *ret, struct error **err)
{
    if (opctx_check(ctx, err) < 0)
        return -1;
    return i->ops->find_image(i->arg, ctx, id, ret, err);
}
