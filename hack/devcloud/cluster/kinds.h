/*
 * kinds.h - the resources that a cluster serves: built-in ones and those of its
 * CustomResourceDefinitions. A set of kinds is immutable and counted; when a definition changes, the
 * cluster makes a new one. Threads: any.
 */
#ifndef HACK_DEVCLOUD_CLUSTER_KINDS_H
#define HACK_DEVCLOUD_CLUSTER_KINDS_H

#include <stdatomic.h>

#include "hack/devcloud/cluster/catalog.h"

struct column { /* of a Table */
    const char *name, *type, *format, *description, *path;
    int priority;
};

struct resource {
    const char *group, *version, *plural, *singular, *kind, *list_kind;
    bool namespaced;
    /* Words separated by spaces. */
    const char *short_names, *categories, *verbs, *subresources;
    const char *fields;     /* that field selectors know beside name and namespace */
    const char *collection; /* of the state: shared by all versions */
    const struct schema *schema;
    const char *document; /* openAPIV3Schema of a custom one, as JSON; NULL: none */
    bool custom;          /* of a CustomResourceDefinition */
    bool counts_generation;
    bool needs_version;           /* an update without resourceVersion is refused */
    bool returns_deleted;         /* a deletion is answered with the object */
    const struct column *columns; /* custom ones */
    size_t columns_len;
    const char *scale_spec, *scale_status, *scale_selector; /* JSON paths without leading dot */
    const char *warning; /* of a deprecated version; NULL: none */
};

/* The resources of one definition, with all that they point to; counted. */
struct crd_kinds {
    atomic_uint refs;
    char *name; /* of the definition */
    struct schemas *set;
    struct resource *v; /* served versions */
    size_t len;
};
struct crd_kinds *crd_kinds_ref(struct crd_kinds *k);
void crd_kinds_unref(struct crd_kinds *k);
DEFINE_RELEASE(struct crd_kinds *, crd_kinds_unref)
#define cleanup_crd_kinds CLEANUP_WITH(crd_kinds_unref_slot)

struct kinds;
/* minor is that of Kubernetes 1.N; crds are borrowed (and counted). */
struct kinds *kinds_new(const struct catalog *catalog, int minor, struct crd_kinds *const *crds,
                        size_t crds_len);
struct kinds *kinds_ref(struct kinds *k);
void kinds_unref(struct kinds *k);
DEFINE_RELEASE(struct kinds *, kinds_unref)
#define cleanup_kinds CLEANUP_WITH(kinds_unref_slot)

size_t kinds_len(const struct kinds *k);
/* Built-in ones first, versions of one resource from the preferred one on. */
const struct resource *kinds_at(const struct kinds *k, size_t i);
/* version NULL: the preferred one. NULL when there is none. */
const struct resource *kinds_find(const struct kinds *k, const char *group, const char *version,
                                  const char *plural);
const struct resource *kinds_find_kind(const struct kinds *k, const char *group,
                                       const char *version, const char *kind);
bool resource_has_subresource(const struct resource *r, const char *name);
bool resource_has_verb(const struct resource *r, const char *verb);
char *resource_give_api_version(const struct resource *r); /* "v1", "apps/v1" */
/* Versions as Kubernetes orders them: v2, v1, v1beta1, v1alpha2, other. < 0: a is preferred. */
int version_compare(const char *a, const char *b);

#endif
