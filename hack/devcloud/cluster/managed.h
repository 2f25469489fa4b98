/*
 * managed.h - who owns which field of an object: metadata.managedFields, and server-side apply.
 *
 * Both calls take objects of one version, with metadata, and keep metadata.managedFields of the
 * result. Threads: pure.
 * Source: KEP-555; k8s.io/apiserver fieldmanager; structured-merge-diff merge.Updater.
 */
#ifndef HACK_DEVCLOUD_CLUSTER_MANAGED_H
#define HACK_DEVCLOUD_CLUSTER_MANAGED_H

#include "hack/devcloud/cluster/schema.h"

struct managed_op {
    const struct schema *schema;
    const char *manager;     /* never NULL */
    const char *api_version; /* "apps/v1" */
    const char *subresource; /* NULL: none, or the server does not note it */
    int64_t wall_ns;
    bool force;        /* apply only */
    const json *blank; /* apply only: what an empty object of the kind looks like; may be NULL */
};

/* An object that nobody owns a field of stays so until somebody applies. */
/* obj is what a create, update or patch turned live into; live NULL: a create, then blank is what an
 * empty object looks like. managedFields that the request changed (or emptied) count. */
void managed_update(const struct managed_op *op, const json *live, const json *blank, json *obj);

/*
 * Lays config over live (for a create: the blank object with its name). ERR_CONFLICT with reason
 * "Conflict" and the causes when other managers own what would change; ERR_INVALID for keyed lists
 * with bad keys.
 */
int managed_apply(const struct managed_op *op, const json *live, const json *config, json **ret,
                  struct error **err);

/* The manager's name that a request without fieldManager gets: its user agent up to the slash. */
char *managed_give_default_manager(const char *user_agent);

#endif
