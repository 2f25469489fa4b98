#include "hack/devcloud/cluster/media.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

bool media_is(const char *content_type, const char *want)
{
    size_t len = content_type ? strcspn(content_type, "; \t") : 0;
    return len == strlen(want) && strncasecmp(content_type, want, len) == 0;
}

/* Parameters of one alternative: "as", "g", "v". */
struct parameters {
    char *as, *group, *version;
};

static void parameters_release(struct parameters *p)
{
    free(p->as);
    free(p->group);
    free(p->version);
}

static void read_parameters(const struct strv *parts, struct parameters *p)
{
    for (size_t i = 1; i < parts->len; i++) {
        cleanup_free char *part = str_give_trimmed(parts->v[i]);
        char **slot = str_starts(part, "as=")  ? &p->as
                      : str_starts(part, "g=") ? &p->group
                      : str_starts(part, "v=") ? &p->version
                                               : NULL;
        if (slot && !*slot)
            *slot = xstrdup(strchr(part, '=') + 1);
    }
}

static bool choose_shape(const struct parameters *p, unsigned can, struct media *ret)
{
    bool stable = str_eq(p->version, "v1") || str_eq(p->version, "v1beta1");
    ret->shape = SHAPE_OBJECT;
    if (p->as && str_eq(p->group, "meta.k8s.io") && stable && (can & MEDIA_OBJECTS)) {
        if (str_eq(p->as, "Table"))
            ret->shape = SHAPE_TABLE;
        else if (str_starts(p->as, "PartialObjectMetadata"))
            ret->shape = SHAPE_PARTIAL;
    } else if (str_eq(p->as, "APIGroupDiscoveryList") && (can & MEDIA_DISCOVERY)) {
        if (str_eq(p->version, "v2") || str_eq(p->version, "v2beta1"))
            ret->shape = SHAPE_GROUPS;
    }
    (void)snprintf(ret->version, sizeof(ret->version), "%s", p->version ? p->version : "");
    return !p->as || ret->shape != SHAPE_OBJECT;
}

static bool choose(const char *alternative, unsigned can, struct media *ret)
{
    cleanup_strv struct strv parts = STRV_INIT;
    strv_split(&parts, alternative, ";", false);
    if (!parts.len)
        return false;
    cleanup_free char *type = str_give_trimmed(parts.v[0]);
    if (str_eq(type, "application/yaml"))
        ret->yaml = true;
    else if (!str_eq(type, "application/json") && !str_eq(type, "*/*") &&
             !str_eq(type, "application/*"))
        return false;
    struct parameters p = { NULL, NULL, NULL };
    read_parameters(&parts, &p);
    bool can_do = choose_shape(&p, can, ret);
    parameters_release(&p);
    return can_do;
}

bool media_parse(const char *accept, unsigned can, struct media *ret)
{
    cleanup_strv struct strv alternatives = STRV_INIT;
    *ret = (struct media){ .shape = SHAPE_OBJECT };
    if (!accept || !*accept)
        return true;
    strv_split(&alternatives, accept, ",", false);
    for (size_t i = 0; i < alternatives.len; i++) {
        *ret = (struct media){ .shape = SHAPE_OBJECT };
        if (choose(alternatives.v[i], can, ret))
            return true;
    }
    return false;
}
