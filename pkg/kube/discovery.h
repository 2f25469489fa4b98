/*
 * discovery.h - which kinds a server has: aggregated discovery where it is spoken, per-version
 * lists otherwise; lazy, cached for 10 minutes; one broken group never blocks the others. Threads:
 * safe from any.
 */
#ifndef PKG_KUBE_DISCOVERY_H
#define PKG_KUBE_DISCOVERY_H

#include "pkg/kube/client.h"

struct discovery;
struct discovery *discovery_new(struct kube_client *client, const struct clock *clock);
void discovery_free(struct discovery *d);
/* apiVersion + kind to a gvr (borrowed until discovery_free). ERR_NOT_FOUND with code "NoMatch"
 * when the server has no such kind now. */
int discovery_find(struct discovery *d, const struct opctx *ctx, const char *api_version,
                   const char *kind, const struct gvr **ret, struct error **err);
/* "configmaps", "deployments.apps", "deploy" -> candidates, preferred versions first; an array of
 * {group, version, resource, kind, namespaced, verbs} objects. */
int discovery_resolve(struct discovery *d, const struct opctx *ctx, const char *resource,
                      json **ret, struct error **err);
/* Whether group/version is served; answers from fresh knowledge. */
int discovery_has_version(struct discovery *d, const struct opctx *ctx, const char *group,
                          const char *version, bool *ret, struct error **err);

/* Drops all knowledge: for who met a 404 on a kind that was found here (a definition was replaced).
 * Rows that were given out stay. */
void discovery_forget(struct discovery *d);
size_t discovery_footprint(struct discovery *d); /* bytes of memory, estimated */

DEFINE_RELEASE(struct discovery *, discovery_free)
#define cleanup_discovery CLEANUP_WITH(discovery_free_slot)

#endif
