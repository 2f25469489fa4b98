/* objects.h - Kubernetes objects for tests. */
#ifndef TEST_UNIT_SUPPORT_PKG_KUBE_OBJECTS_H
#define TEST_UNIT_SUPPORT_PKG_KUBE_OBJECTS_H

#include "pkg/kube/object_impl.h"

/* A ConfigMap with one value; uid may be NULL ("u-NAME"). Owned by the caller. */
char *objects_give_text(const char *nspace, const char *name, const char *version, const char *uid,
                        const char *value);
/* The same as a draft of PROJECT_FULL that passed its check; released by draft_release. */
void objects_init_draft(struct draft *d, const char *nspace, const char *name, const char *version,
                        const char *uid, const char *value);

#endif
