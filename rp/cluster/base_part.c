#include "rp/cluster/base_part.h"

#include "pkg/base/strv.h"
#include "rp/cluster/template.h"
#include "rp/cluster/template_values.h"

int base_part_give(const struct cluster *c, const struct strv *storage_subnets, const char *type,
                   const char *name, json **ret, struct error **err)
{
    /* Roles are no part of what is asked for here: nobody has to be looked up for them. */
    const struct template_base base = { storage_subnets, "", NULL };
    cleanup_json json *values = template_give_base_values(c, &base);
    cleanup_json json *template = NULL;
    if (template_make(TEMPLATE_V2_BASE, values, &template, err) < 0)
        return -1;
    const json *resources = json_get(template, "resources");
    for (size_t i = 0; i < json_len(resources); i++) {
        json *resource = json_at(resources, i);
        if (!str_eq(json_path_str(resource, "type"), type) ||
            !str_eq(json_path_str(resource, "name"), name))
            continue;
        *ret = json_ref(resource);
        return 0;
    }
    return error_set(err, ERR_INTERNAL, "the base template has no %s %s for this cluster", type,
                     name);
}
