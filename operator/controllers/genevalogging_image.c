/* Where the shippers' images come from. */
#include "operator/controllers/genevalogging_backends.h"
#include "pkg/base/mem.h"

/* The first clusters were given the registry's name alone; it was always one of the public cloud. */
#define REGISTRY_SUFFIX ".azurecr.io"

static bool is_set(const char *text)
{
    return text && *text;
}

int genevalogging_give_image(const json *cluster, enum operator_flag pull_spec, const char *image,
                             char **ret, struct error **err)
{
    const char *whole = flag_text(cluster, pull_spec, NULL);
    const char *domain = json_path_str(cluster, "spec.acrDomain");
    const char *name = json_path_str(cluster, "spec.acrName");
    if (is_set(whole))
        *ret = xstrdup(whole);
    else if (is_set(domain))
        *ret = xasprintf("%s/%s", domain, image);
    else if (is_set(name))
        *ret = xasprintf("%s" REGISTRY_SUFFIX "/%s", name, image);
    else
        return error_set(err, ERR_INVALID,
                         "spec.acrDomain: missing or empty, and flag %s names no image",
                         flag_info(pull_spec)->key);
    return 0;
}
