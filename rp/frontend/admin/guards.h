/*
 * guards.h - what support engineers may touch inside a cluster: the platform's own objects, never secrets, and nothing of the
 * customer's. Errors are for clients (cloud_error.h). Threads: pure.
 * Source: Azure/ARO-RP, pkg/frontend/validate.go and pkg/util/namespace.
 */
#ifndef RP_FRONTEND_ADMIN_GUARDS_H
#define RP_FRONTEND_ADMIN_GUARDS_H

#include <stdbool.h>

#include "pkg/base/error.h"
#include "pkg/kube/gvr.h"

struct guarded {
    const struct gvr *gvr;
    const char *nspace, *name; /* "": none */
    bool writes;               /* then a name is needed */
    bool unrestricted;         /* the namespaces of customers, too */
};
int guard_object(const struct guarded *g, struct error **err);
/* What the words of a query tell before the cluster is asked which kind they mean; guard_object still has to follow. */
int guard_words(const char *kind, const char *nspace, bool unrestricted, struct error **err);
/* The logs of one container. */
int guard_logs(const char *nspace, const char *pod, const char *container, struct error **err);
/* The name of a virtual machine, which is that of its node. */
int guard_vm_name(const char *name, struct error **err);

#endif
