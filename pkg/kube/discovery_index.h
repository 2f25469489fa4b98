/*
 * discovery_index.h - groups, versions and resources of a server, read from either form of
 * discovery. Private to pkg/kube. Threads: one at a time.
 */
#ifndef PKG_KUBE_DISCOVERY_INDEX_H
#define PKG_KUBE_DISCOVERY_INDEX_H

#include <stdint.h>

#include "pkg/base/json.h"
#include "pkg/base/strv.h"

struct api_resource {
    char *name; /* plural */
    char *singular, *kind;
    bool namespaced;
    struct strv verbs, short_names, subresources;
};
struct api_version {
    char *version;
    bool loaded; /* its resources are known */
    bool stale;  /* announced, but its server does not answer */
    int64_t loaded_ns;
    struct api_resource *v;
    size_t len, cap;
};
struct api_group {
    char *name;            /* "" = core */
    struct api_version *v; /* the preferred one first */
    size_t len, cap;
};
struct api_index {
    struct api_group *v;
    size_t len, cap;
};
void api_index_release(struct api_index *x);

struct api_version *api_index_find(const struct api_index *x, const char *group,
                                   const char *version);
/* Made when absent (behind those that are there). */
struct api_version *api_index_add(struct api_index *x, const char *group, const char *version);
void api_index_remove(struct api_index *x, const char *group, const char *version);
/* Forgets the resources of a version. */
void api_version_clear(struct api_version *v);

/* Each reads what it understands of a document and leaves out the rest; unknown fields, nulls and
 * wrong types do no harm. */
void api_index_read_aggregated(struct api_index *x, const json *list); /* APIGroupDiscoveryList */
void api_index_read_groups(struct api_index *x, const json *list);     /* APIGroupList */
void api_index_read_core(struct api_index *x, const json *versions);   /* APIVersions */
void api_version_read(struct api_version *v, const json *list);        /* APIResourceList */

#endif
